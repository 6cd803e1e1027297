"""A round's life by the clock."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Message, ReminderLine
from alliances.services import sweeps
from evaluations.models import Feedback, Round, UnitMark
from evaluations.selectors import results
from evaluations.selectors import rounds as selector
from evaluations.services import ballots, codes, rounds, rubrics
from rotation.models import Activity, Participation
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring
from tests.evaluations.scoring import GUESTS, HELD_ON


def the(activity: Activity) -> Round:
    return Round.objects.select_related("activity", "duty__plan", "alliance__organisation").get(
        activity=activity
    )


def test_a_round_is_prepared_before_the_activity_and_opens_when_it_is_held(
    cast: Cast, frozen: Frozen
) -> None:
    activity = scoring.held(cast, state="planned", on=date(2026, 3, 20))
    frozen.to("2026-03-05T09:00")
    assert rounds.run(clock.now()) == []  # more than two weeks ahead
    frozen.to("2026-03-06T09:00")
    assert rounds.run(clock.now()) == ["准备“春季义诊进小区”评议"]
    assert the(activity).state == "prepared"
    frozen.to("2026-03-20T18:00")
    assert rounds.run(clock.now()) == []  # nobody has said yet that it was held
    Activity.objects.filter(pk=activity.pk).update(state="held", held_on=date(2026, 3, 20))
    assert rounds.run(clock.now()) == ["开放“春季义诊进小区”评议"]
    round = the(activity)
    assert (round.state, round.opens_on, round.closes_on) == ("open", date(2026, 3, 20), date(2026, 3, 25))
    assert round.opened_at == clock.now()
    assert rounds.run(clock.now()) == []


@pytest.mark.parametrize(
    ("recorded", "closes"),
    [
        ("2026-03-21", "2026-03-25"),  # four days are left
        ("2026-03-23", "2026-03-25"),
        ("2026-03-24", "2026-03-29"),  # one would be left: five from then on
        ("2026-04-10", "2026-04-15"),
    ],
)
def test_a_round_opened_late_leaves_time_to_vote(
    cast: Cast, frozen: Frozen, recorded: str, closes: str
) -> None:
    frozen.to(f"{recorded}T10:00")
    round = scoring.open_round(cast)
    assert round.closes_on == date.fromisoformat(closes)


def test_an_activity_recorded_long_after_is_history(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-04-20T10:00")
    scoring.held(cast)
    assert rounds.run(clock.now()) == []
    assert not Round.objects.exists()


def test_a_cancelled_activity_is_not_scored(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-18T10:00")
    activity = scoring.held(cast, state="planned")
    round = rounds.prepare(activity)
    Activity.objects.filter(pk=activity.pk).update(state="cancelled")
    frozen.to("2026-03-21T10:00")
    rounds.run(clock.now())
    assert the(activity).state == "prepared"
    with pytest.raises(OfficeError, match="取消"):
        codes.print_slips(the(activity), 10, actor=cast.staff)
    with pytest.raises(OfficeError, match="取消"):
        rounds.open_early(the(activity), actor=cast.staff)
    assert list(selector.of_duty(round.duty)) == []


def test_participating_units_are_asked_and_chair_units_are_not(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-20T18:00")
    round = scoring.open_round(cast)
    assert {m.member.unit.name for m in selector.marks_of(round)} == set(GUESTS)
    told = Message.objects.filter(kind="evaluations.round.opened", channel="inbox")
    assert {message.recipient.name for message in told} == {"陶老师", "孙警官", "县财政局联络员"}
    assert (
        told.get(recipient=cast.other_liaison.person).path
        == f"/rounds/ballots/{scoring.mark(round, GUESTS[0]).pk}/"
    )


def test_a_chair_entered_as_a_guest_gets_no_ballot(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-20T18:00")
    activity = scoring.held(cast)
    Participation.objects.filter(activity=activity, is_chair=True).update(is_chair=False)
    rounds.run(clock.now())
    assert {m.member.unit.name for m in selector.marks_of(the(activity))} == set(GUESTS)


def test_units_that_come_late_are_asked_and_those_that_leave_are_not(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-20T18:00")
    round = scoring.open_round(cast)
    Participation.objects.create(activity=round.activity, member=cast.members["县供电公司"])
    Participation.objects.filter(activity=round.activity, member__unit__name="县财政局").delete()
    ballots.cast_unit(
        scoring.mark(round, "县实验小学"), scoring.scores(90), scoring.chair(90), actor=cast.other_liaison
    )
    Participation.objects.filter(activity=round.activity, member__unit__name="县实验小学").delete()
    assert rounds.run(clock.now()) == ["“春季义诊进小区”增加评议单位 1 家"]
    # The one that has voted stays: its ballot cannot be found to be taken back.
    assert {m.member.unit.name for m in selector.marks_of(round)} == {"县实验小学", "县交警队", "县供电公司"}


def test_a_round_keeps_the_rubric_it_opened_with(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-20T18:00")
    rubrics.save(cast.alliance, 2026, "activity", [{"title": "总评", "weight": 100}], actor=cast.staff)
    round = scoring.open_round(cast)
    rubrics.save(cast.alliance, 2026, "activity", [{"title": "印象", "weight": 100}], actor=cast.staff)
    assert [item["title"] for item in the(round.activity).activity_items] == ["总评"]
    other = scoring.open_round(cast, title="第二场")
    assert [item["title"] for item in other.activity_items] == ["印象"]


def test_rounds_of_a_month_share_the_rubric_of_the_chair(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-20T18:00")
    first = scoring.open_round(cast)
    rubrics.save(cast.alliance, 2026, "chair", [{"title": "总评", "weight": 100}], actor=cast.staff)
    second = scoring.open_round(cast, title="第二场")
    assert second.chair_items == first.chair_items


def test_outside_the_rotation_no_chair_is_asked_about(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-20T18:00")
    activity = Activity.objects.create(
        alliance=cast.alliance, kind="visit", title="走访", state="held", planned_on=HELD_ON, held_on=HELD_ON
    )
    Participation.objects.create(activity=activity, member=cast.members["县图书馆"])
    rounds.run(clock.now())
    round = the(activity)
    assert (round.asks_chair, round.chair_items) == (False, [])
    row = scoring.mark(round, "县图书馆")
    assert not selector.asks_chair(row)
    ballots.cast_unit(row, scoring.scores(88), actor=cast.liaison)
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    assert the(activity).state == "settled"
    assert not Feedback.objects.exists()


def test_an_activity_moved_to_another_month_takes_its_round_along(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-18T10:00")
    activity = scoring.held(cast, state="planned")
    rounds.prepare(activity)
    frozen.to("2026-04-10T18:00")
    day = date(2026, 4, 10)
    Activity.objects.filter(pk=activity.pk).update(
        duty=cast.duties[4], state="held", planned_on=day, held_on=day
    )
    rounds.run(clock.now())
    assert the(activity).duty == cast.duties[4]
    assert {m.member.unit.name for m in selector.marks_of(the(activity))} == {"县交警队", "县财政局"}


def test_staff_open_the_round_at_the_venue(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-19T10:00")
    activity = scoring.held(cast, state="planned")
    rounds.prepare(activity)
    with pytest.raises(OfficeError, match="活动当天"):
        rounds.open_early(the(activity), actor=cast.staff)
    frozen.to("2026-03-20T10:00")
    with pytest.raises(NotAllowed):
        rounds.open_early(the(activity), actor=cast.liaison)
    rounds.open_early(the(activity), actor=cast.staff)
    assert (the(activity).state, the(activity).closes_on) == ("open", date(2026, 3, 25))
    Activity.objects.filter(pk=activity.pk).update(state="held", held_on=HELD_ON)
    assert rounds.run(clock.now()) == []


def test_without_paper_a_round_is_settled_as_soon_as_it_closes(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-20T18:00")
    round = scoring.open_round(cast)
    scoring.residents_vote(cast, round, *[80] * 5, *[90] * 5)
    frozen.to("2026-03-25T23:59")
    assert rounds.run(clock.now()) == []
    frozen.to("2026-03-26T00:01")
    assert rounds.run(clock.now()) == ["“春季义诊进小区”评议截止", "“春季义诊进小区”评议出结果"]
    round = the(round.activity)
    assert (round.state, round.settled_at) == ("settled", clock.now())
    assert round.figures["activity"]["score"] == "85.0"
    assert round.figures["counts"] == {
        "handed_out": 13,
        "returned": 10,
        "valid": 10,
        "abstained": 0,
        "void": 0,
    }
    assert round.figures == results.activity_figures(round)


def test_paper_ballots_get_the_next_working_day(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-20T18:00")
    round = scoring.open_round(cast)
    codes.print_slips(round, 20, origin="paper", actor=cast.staff)
    frozen.to("2026-03-26T09:00")
    assert rounds.run(clock.now()) == ["“春季义诊进小区”评议截止"]
    assert the(round.activity).paper_until == date(2026, 3, 26)
    frozen.to("2026-03-27T09:00")
    assert rounds.run(clock.now()) == ["“春季义诊进小区”评议出结果"]


def test_staff_settle_when_the_paper_is_in(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-20T18:00")
    round = scoring.open_round(cast)
    scoring.units_vote(cast, round, 90, 84, 87)
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    with pytest.raises(NotAllowed):
        rounds.settle(the(round.activity), actor=cast.liaison)
    settled = rounds.settle(the(round.activity), actor=cast.staff)
    assert settled.figures["activity"]["score"] == "87.0"
    with pytest.raises(OfficeError):
        rounds.settle(the(round.activity), actor=cast.staff)


def test_a_clock_that_stood_still_costs_only_time(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-20T18:00")
    round = scoring.open_round(cast)
    frozen.to("2026-04-03T09:00")
    rounds.run(clock.now())
    assert the(round.activity).state == "settled"


def test_reminders_go_once_a_working_day_before_closing_to_those_who_have_not_voted(
    cast: Cast, frozen: Frozen
) -> None:
    frozen.to("2026-03-20T18:00")
    round = scoring.open_round(cast)
    ballots.cast_unit(
        scoring.mark(round, "县交警队"), scoring.scores(90), scoring.chair(90), actor=cast.both_liaison
    )
    frozen.to("2026-03-23T10:00")
    rounds.remind(clock.now())
    assert not ReminderLine.objects.exists()
    frozen.to("2026-03-24T08:00")
    rounds.remind(clock.now())
    assert not ReminderLine.objects.exists()  # before working hours
    frozen.to("2026-03-24T10:00")
    rounds.remind(clock.now())
    rounds.remind(clock.now())
    lines = ReminderLine.objects.filter(kind="evaluations.round.remind")
    assert {line.recipient.name for line in lines} == {"陶老师", "县财政局联络员"}
    assert lines.count() == 2
    assert lines[0].text == "请于3月25日前评议“春季义诊进小区”"
    assert rounds.vote_still_due(scoring.mark(round, "县实验小学").pk)
    assert not rounds.vote_still_due(scoring.mark(round, "县交警队").pk)


def test_the_sweeps_of_a_whole_month_run_without_error(cast: Cast, frozen: Frozen) -> None:
    scoring.held(cast)
    moment = clock.now()
    while moment < clock.now() + timedelta(days=40):
        outcomes = sweeps.run_all(moment)
        assert not [outcome.error for outcome in outcomes if outcome.error]
        moment += timedelta(hours=11)
    assert Round.objects.get().state == "settled"
    assert Feedback.objects.get().escalated_at is not None
    assert UnitMark.objects.filter(voted_on__isnull=False).count() == 0
