"""Every move of every lifecycle, from every state, by everybody: what may happen happens once, nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from alliances.errors import OfficeError
from alliances.lifecycle import Lifecycle, Move, NotAllowed, TooLate
from alliances.management.commands.describe_states import describe
from alliances.models import Commitment, LogEntry, User
from alliances.registry import registries
from demands.models import Booking, CallBack, Claim, Demand, Extension, Offer, Resource
from evaluations.models import Assessment, AwardList, Candidate, Feedback, Round, TwoWay, YearSummary
from rotation.models import Activity, Meeting, Reply, Swap, Task
from rotation.services import slips
from tests.cast import NOW, Cast
from tests.factories import demands as lists

ROOT = Path(__file__).resolve().parent.parent
CLOCK = frozenset({"the clock"})
OFFICE = frozenset({"secretary", "staff"})
SECRETARY = frozenset({"secretary"})
STREET = frozenset({"street"})
# The swap is March's 县图书馆 with April's 县实验小学.
ASKER = frozenset({"liaison", "leader"})
BOTH_SIDES = ASKER | {"other_liaison"}
# March's seminar and activity: its lead unit, and everybody on duty.
LEAD = frozenset({"liaison"})
CHAIRS = LEAD | {"second_liaison", "third_liaison"}
# A demand of 清风小区服务站 that 县图书馆 serves with its own room.
UNIT = frozenset({"liaison"}) | OFFICE
STATION = frozenset({"station"}) | OFFICE

# Who may make which move; a move that is missing here fails.
WHO: dict[str, frozenset[str]] = {
    "alliances.commitment.fulfil": OFFICE,
    "alliances.commitment.waive": SECRETARY,
    "alliances.commitment.reopen": SECRETARY,
    "demands.resource.pause": UNIT,
    "demands.resource.resume": UNIT,
    "demands.resource.withdraw": UNIT,
    "demands.booking.confirm": UNIT,
    "demands.booking.decline": UNIT,
    "demands.booking.use": UNIT,
    "demands.booking.cancel": UNIT | {"other_liaison"},
    "demands.booking.cancel_by_resident": CLOCK,
    "demands.demand.open": OFFICE,
    "demands.demand.decline": OFFICE,
    "demands.demand.merge": OFFICE,
    "demands.demand.withdraw": OFFICE | {"other_liaison"},
    "demands.demand.withdraw_by_author": CLOCK,
    "demands.demand.claim": CLOCK,
    "demands.demand.release": CLOCK,
    "demands.demand.serve": CLOCK,
    "demands.demand.resume": CLOCK,
    "demands.demand.close": CLOCK,
    "demands.demand.reopen": CLOCK,
    "demands.demand.give_up": OFFICE,
    "demands.demand.take_up": OFFICE,
    "demands.offer.take": CLOCK,
    "demands.offer.decline": UNIT,
    "demands.offer.lapse": CLOCK,
    "demands.claim.start": UNIT,
    "demands.claim.deliver": UNIT,
    "demands.claim.accept": STATION,
    "demands.claim.return": STATION,
    "demands.claim.hand_back": UNIT,
    "demands.claim.reopen": CLOCK,
    "demands.extension.grant": OFFICE,
    "demands.extension.refuse": OFFICE,
    "demands.call_back.answer": STATION,
    "demands.call_back.answer_by_link": CLOCK,
    "demands.call_back.miss": STATION,
    "rotation.plan.submit": OFFICE,
    "rotation.plan.take_back": OFFICE,
    "rotation.plan.pass": SECRETARY,
    "rotation.plan.close": CLOCK,
    "rotation.swap.agree": CLOCK,
    "rotation.swap.refuse": BOTH_SIDES,
    "rotation.swap.cancel": ASKER | OFFICE,
    "rotation.swap.file": SECRETARY,
    "rotation.slip.acknowledge": CLOCK,
    "rotation.slip.lapse": CLOCK,
    "rotation.slip.withdraw": CLOCK,
    "rotation.meeting.notice": LEAD | OFFICE,
    "rotation.meeting.hold": CHAIRS | OFFICE,
    "rotation.meeting.minute": CHAIRS | OFFICE,
    "rotation.meeting.cancel": LEAD | OFFICE,
    "rotation.task.finish": frozenset({"other_liaison"}) | OFFICE,
    "rotation.task.drop": OFFICE,
    "rotation.activity.hold": CHAIRS | OFFICE,
    "rotation.activity.record": CHAIRS | OFFICE,
    "rotation.activity.cancel": CHAIRS | OFFICE,
    "evaluations.round.open": CLOCK,
    "evaluations.round.open_early": OFFICE,
    "evaluations.round.close": CLOCK,
    "evaluations.round.settle": CLOCK,
    "evaluations.round.settle_early": OFFICE,
    "evaluations.feedback.publish": frozenset({"president"}),
    "evaluations.feedback.supersede": CLOCK,
    "evaluations.assessment.file": SECRETARY,
    "evaluations.assessment.receive": STREET,
    "evaluations.assessment.return": STREET,
    "evaluations.assessment.supersede": CLOCK,
    "evaluations.two_way.open": SECRETARY,
    "evaluations.two_way.close": CLOCK,
    "evaluations.two_way.close_early": SECRETARY,
    "evaluations.two_way.publish": SECRETARY,
    "evaluations.year_summary.publish": SECRETARY,
    "evaluations.year_summary.supersede": CLOCK,
    "evaluations.award_list.publish": SECRETARY,
    "evaluations.award_list.supersede": CLOCK,
    "evaluations.candidate.award": SECRETARY,
    "evaluations.candidate.decline": SECRETARY,
}


def a_commitment(cast: Cast) -> Commitment:
    return Commitment.objects.create(
        alliance=cast.alliance,
        member=cast.members["县图书馆"],
        text="全年开放阅览室不少于12次",
        due_on=NOW.date(),
        fulfilled_on=NOW.date(),
        evidence="已开放3次",
        reason="职能调整",
    )


def a_swap(cast: Cast) -> Swap:
    return Swap.objects.create(
        alliance=cast.alliance,
        plan=cast.plan,
        kind="swap",
        duty=cast.duties[3],
        other_duty=cast.duties[4],
        asker=cast.members["县图书馆"],
        other=cast.members["县实验小学"],
        reason="三月布展",
    )


def a_meeting(cast: Cast) -> Meeting:
    """March's seminar with everything filled in, so that any of its states is a possible one."""
    filled = {
        "alliance": cast.alliance,
        "kind": "seminar",
        "convenor": cast.members["县图书馆"],
        "title": "2026年3月研讨会",
        "starts_at": NOW,
        "noticed_at": NOW,
        "held_on": NOW.date(),
        "year": 2026,
        "serial": 1,
        "paper": {},
    }
    # The month's slip, where a test has issued it, has brought a planned one.
    meeting, _ = Meeting.objects.update_or_create(duty=cast.duties[3], defaults=filled)
    Reply.objects.create(meeting=meeting, member=cast.members["县实验小学"], has_attended=True)
    return meeting


def a_task(cast: Cast) -> Task:
    return Task.objects.create(
        alliance=cast.alliance,
        meeting=a_meeting(cast),
        member=cast.members["县实验小学"],
        text="提供场地",
    )


def an_activity(cast: Cast) -> Activity:
    return Activity.objects.create(
        alliance=cast.alliance,
        duty=cast.duties[3],
        kind="volunteering",
        title="学雷锋志愿服务",
        planned_on=NOW.date(),
        held_on=NOW.date(),
        beneficiaries=30,
    )


def a_round(cast: Cast) -> Round:
    activity = an_activity(cast)
    return Round.objects.create(
        alliance=cast.alliance,
        activity=activity,
        duty=activity.duty,
        opens_on=activity.planned_on,
        closes_on=activity.planned_on,
        venue_token="token",
        figures={},
    )


def a_feedback(cast: Cast) -> Feedback:
    """Of a month whose round is settled."""
    a_round(cast)
    Round.objects.update(state="settled")
    return Feedback.objects.create(alliance=cast.alliance, duty=cast.duties[3], good="好", published_at=NOW)


def an_assessment(cast: Cast) -> Assessment:
    """Of the last quarter of 2025, with everything filled in that any of its states asks of it."""
    return Assessment.objects.create(
        alliance=cast.alliance,
        year=2025,
        quarter=4,
        due_on=NOW.date(),
        computed_at=NOW,
        figures_hash="0" * 64,
        problems="响应不够及时",
        next_steps="加强督促",
        filed_at=NOW,
        return_reason="写得太简单",
    )


def a_two_way(cast: Cast) -> TwoWay:
    """Of 2025, with everything filled in that any of its states asks of it."""
    return TwoWay.objects.create(
        alliance=cast.alliance,
        year=2025,
        closes_on=NOW.date().replace(day=20),
        figures={},
        paper={},
        paper_hash="0" * 64,
        published_at=NOW,
    )


FROZEN = {"year": 2025, "paper": {}, "paper_hash": "0" * 64, "published_at": NOW}


def a_summary(cast: Cast) -> YearSummary:
    return YearSummary.objects.create(alliance=cast.alliance, **FROZEN)


def an_award_list(cast: Cast) -> AwardList:
    """With one candidate, who is decided on."""
    found = AwardList.objects.create(alliance=cast.alliance, kinds=[], **FROZEN)
    a_candidate(cast, found, state="awarded")
    return found


def a_candidate(cast: Cast, award_list: AwardList | None = None, state: str = "proposed") -> Candidate:
    return Candidate.objects.create(
        alliance=cast.alliance,
        award_list=award_list or AwardList.objects.create(alliance=cast.alliance, kinds=[], **FROZEN),
        kind="advanced",
        member=cast.members["县图书馆"],
        words="全年服务群众",
        reason="另有表彰",
        state=state,
    )


def a_resource(cast: Cast) -> Resource:
    return lists.venue(cast.members["县图书馆"])


def a_booking(cast: Cast) -> Booking:
    return lists.booking(a_resource(cast), member=cast.members["县实验小学"], answer="当天有活动")


def a_demand(cast: Cast) -> Demand:
    """Asked for by 县实验小学, with everything filled in that any of its states asks of it."""
    other = lists.demand(cast.alliance, cast.station_place)
    return lists.demand(
        cast.alliance,
        cast.station_place,
        member=cast.members["县实验小学"],
        reason="不属于联盟受理范围",
        unresolved_reason="no_unit",
        merged_into=other,
    )


def a_claim(cast: Cast) -> Claim:
    return lists.claim(
        lists.demand(cast.alliance, cast.station_place),
        cast.members["县图书馆"],
        delivered_on=NOW.date(),
        accepted_on=NOW.date(),
        handed_back_at=NOW,
        hand_back_reason="人员调整",
    )


def an_offer(cast: Cast) -> Offer:
    claim = a_claim(cast)
    return Offer.objects.create(
        demand=claim.demand,
        member=claim.member,
        claim=claim,
        reply_by=NOW.date(),
        answered_at=NOW,
        answered_on=NOW.date(),
        decline_reason="没有相应人员",
    )


def an_extension(cast: Cast) -> Extension:
    claim = a_claim(cast)
    return Extension.objects.create(
        claim=claim, from_on=claim.due_on, until_on=claim.due_on.replace(year=2027), reason="等材料"
    )


def a_call_back(cast: Cast) -> CallBack:
    visit = lists.acceptance(a_claim(cast))
    return CallBack.objects.create(
        acceptance=visit, satisfaction="good", method="phone", answered_on=NOW.date()
    )


# One object of each lifecycle, on which every guard says yes.
OBJECTS: dict[str, Callable[[Cast], Any]] = {
    "alliances.commitment": a_commitment,
    "demands.resource": a_resource,
    "demands.booking": a_booking,
    "demands.demand": a_demand,
    "demands.offer": an_offer,
    "demands.claim": a_claim,
    "demands.extension": an_extension,
    "demands.call_back": a_call_back,
    "rotation.plan": lambda cast: cast.plan,
    "rotation.swap": a_swap,
    "rotation.slip": lambda cast: slips.issue(cast.duties[3]),
    "rotation.meeting": a_meeting,
    "rotation.task": a_task,
    "rotation.activity": an_activity,
    "evaluations.round": a_round,
    "evaluations.feedback": a_feedback,
    "evaluations.assessment": an_assessment,
    "evaluations.two_way": a_two_way,
    "evaluations.year_summary": a_summary,
    "evaluations.award_list": an_award_list,
    "evaluations.candidate": a_candidate,
}


def cases() -> list[Any]:
    return [
        pytest.param(lifecycle, move, state, id=f"{lifecycle.name}.{move.name} from {state}")
        for lifecycle in registries.lifecycles
        for move in lifecycle.moves
        for state in lifecycle.states.values
    ]


def in_state(lifecycle: Lifecycle, cast: Cast, state: str) -> Any:
    obj = OBJECTS[lifecycle.name](cast)
    lifecycle.model._default_manager.filter(pk=obj.pk).update(**{lifecycle.state_field: state})
    return lifecycle.model._default_manager.get(pk=obj.pk)


def attempt(
    lifecycle: Lifecycle, move: Move, obj: Any, actor: User | None
) -> tuple[str, list[LogEntry], str]:
    """What came of it, the log rows it wrote and the state it left; undone afterwards."""
    outcome = "moved"
    with transaction.atomic():
        last = LogEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        fresh = lifecycle.model._default_manager.get(pk=obj.pk)
        try:
            lifecycle.apply(fresh, move.name, actor=actor)
        except NotAllowed:
            outcome = "not allowed"
        except TooLate:
            outcome = "too late"
        except OfficeError as problem:
            outcome = problem.message
        rows = list(LogEntry.objects.filter(pk__gt=last))
        state = getattr(lifecycle.model._default_manager.get(pk=obj.pk), lifecycle.state_field)
        transaction.set_rollback(True)
    return outcome, rows, state


@pytest.mark.parametrize(("lifecycle", "move", "state"), cases())
def test_move(lifecycle: Lifecycle, move: Move, state: str, cast: Cast) -> None:
    code = f"{lifecycle.name}.{move.name}"
    obj = in_state(lifecycle, cast, state)
    people: dict[str, User | None] = {**cast.users, "the clock": None}
    if move.system:
        # Part of somebody's other step, or the clock's: whoever made that step is the actor.
        people = {"the clock": None, "secretary": cast.secretary}
    for name, user in people.items():
        outcome, rows, after = attempt(lifecycle, move, obj, user)
        may = move.system or name in WHO[code]
        if may and state in move.sources:
            assert (outcome, after) == ("moved", move.target), name
            assert [(row.action, row.before, row.after, row.object_id) for row in rows] == [
                (code, state, move.target, obj.pk)
            ], name
            assert rows[0].at == NOW, name
            assert rows[0].actor == user, name
            assert bool(rows[0].capacity) == (user is not None), name
        else:
            assert outcome == ("too late" if may else "not allowed"), name
            assert (rows, after) == ([], state), name


@pytest.mark.parametrize(("lifecycle", "move", "state"), cases())
def test_button(lifecycle: Lifecycle, move: Move, state: str, cast: Cast) -> None:
    """A button is there for exactly those whose press would do something."""
    obj = in_state(lifecycle, cast, state)
    shown = {name for name, user in cast.users.items() if move in lifecycle.open_to(cast.fresh(user), obj)}
    expected = (
        WHO[f"{lifecycle.name}.{move.name}"] if state in move.sources and not move.system else frozenset()
    )
    assert shown == expected


def test_every_lifecycle_and_every_move_is_in_the_tables() -> None:
    moves = {
        f"{lifecycle.name}.{move.name}" for lifecycle in registries.lifecycles for move in lifecycle.moves
    }
    assert moves == set(WHO)
    assert {lifecycle.name for lifecycle in registries.lifecycles} == set(OBJECTS)
    system = {f"{c.name}.{m.name}" for c in registries.lifecycles for m in c.moves if m.system}
    assert system == {code for code, who in WHO.items() if who == CLOCK}


def test_every_state_can_be_reached() -> None:
    for lifecycle in registries.lifecycles:
        reached = {lifecycle.initial, *(move.target for move in lifecycle.moves)}
        assert reached == set(lifecycle.states.values), lifecycle.name


def test_reference_of_states_is_current() -> None:
    assert (ROOT / "docs" / "states.md").read_text(encoding="utf-8") == describe(), (
        "run manage.py describe_states"
    )
    call_command("describe_states", "--check", verbosity=0)
