"""The annual table until it is passed: drafted, moved, locked, discussed, frozen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import LogEntry, Member, Message
from alliances.services import membership, sweeps
from rotation.enums import PlanState, VersionOrigin, WishSource
from rotation.models import Duty, DutyChair, Plan, PlanVersion, Wish
from rotation.services import plans, wishes
from tests.cast import UNITS, Cast
from tests.conftest import Frozen


@pytest.fixture
def draft(cast: Cast) -> Plan:
    """An empty table of 2027."""
    return plans.open_plan(cast.alliance, 2027, actor=cast.secretary)


def duty(plan: Plan, month: int) -> Duty:
    return Duty.objects.select_related("plan__alliance__organisation").get(plan=plan, month=month)


def chairs(plan: Plan) -> dict[int, list[str]]:
    rows = DutyChair.objects.filter(duty__plan=plan).order_by("duty__month", "order")
    table: dict[int, list[str]] = {}
    for month, name in rows.values_list("duty__month", "member__unit__name"):
        table.setdefault(month, []).append(name)
    return table


def fill(plan: Plan, cast: Cast, *, without: int | None = None) -> None:
    """Every month one unit, by hand."""
    members: list[Member] = list(cast.members.values())
    for month in plan.months:
        if month != without:
            plans.set_chairs(duty(plan, month), [members[month]], actor=cast.staff)


# --- opening ------------------------------------------------------------------------------------------------------


def test_table_is_opened_with_its_months(cast: Cast, draft: Plan) -> None:
    rows = draft.duties.order_by("month")
    assert [(row.month, row.ends_on) for row in rows][1] == (2, date(2027, 2, 28))
    assert rows.count() == 12
    assert draft.state == PlanState.DRAFT


def test_table_may_start_in_any_month(cast: Cast) -> None:
    plan = plans.open_plan(cast.alliance, 2028, start_month=5, actor=cast.secretary)
    assert [d.month for d in plan.duties.order_by("month")] == list(range(5, 13))


def test_second_table_of_a_year_is_refused(cast: Cast, draft: Plan) -> None:
    with pytest.raises(OfficeError, match="已经有了"):
        plans.open_plan(cast.alliance, 2027, actor=cast.staff)
    assert Plan.objects.filter(year=2027).count() == 1


@pytest.mark.parametrize(("year", "month"), [(1999, 1), (2101, 1), (2027, 0), (2027, 13)])
def test_impossible_year_or_month_is_refused(year: int, month: int, cast: Cast) -> None:
    with pytest.raises(OfficeError):
        plans.open_plan(cast.alliance, year, start_month=month, actor=cast.secretary)


# --- the planner --------------------------------------------------------------------------------------------------


def test_planner_fills_the_year_within_the_rules(cast: Cast, draft: Plan) -> None:
    result = plans.run_planner(draft, actor=cast.secretary)
    table = chairs(draft)
    assert result.is_optimal
    assert sorted(table) == list(range(1, 13))
    for month, names in table.items():
        modes = {UNITS[name] for name in names}
        assert modes == ({"collective"} if len(names) > 1 else {"solo"}), month
    served = [name for names in table.values() for name in names]
    assert set(served) == set(UNITS)  # fourteen units, nobody twice before everybody once
    assert len(served) == len(set(served))
    assert all(d.reason for d in draft.duties.all())
    version = PlanVersion.objects.get(plan=draft)
    assert (version.number, version.origin) == (1, VersionOrigin.PLANNER)


def test_same_input_gives_the_same_table(cast: Cast, draft: Plan) -> None:
    plans.run_planner(draft, actor=cast.secretary)
    first = chairs(draft)
    plans.run_planner(draft, actor=cast.staff)
    assert chairs(draft) == first


def test_locked_months_and_blackouts_are_kept(cast: Cast, draft: Plan) -> None:
    school, water = cast.members["县实验小学"], cast.members["县供水公司"]
    wishes.submit(
        water, 2027, preferred=[11], blackout=list(range(1, 11)), source=WishSource.FORM, actor=None
    )
    plans.set_chairs(duty(draft, 6), [school], actor=cast.staff)
    plans.describe(duty(draft, 6), theme="童心向党", partners="", note="", actor=cast.staff)
    plans.set_locked(duty(draft, 6), True, actor=cast.staff)
    plans.run_planner(draft, actor=cast.staff)
    assert chairs(draft)[6] == ["县实验小学"]
    assert duty(draft, 6).theme == "童心向党"
    assert chairs(draft)[11] == ["县供水公司"]


def test_collision_is_said_in_words_and_changes_nothing(cast: Cast, draft: Plan) -> None:
    """Every unit of the alliance is unavailable in August."""
    fill(draft, cast)
    before, versions = chairs(draft), PlanVersion.objects.count()
    for member in cast.members.values():
        wishes.submit(member, 2027, preferred=[], blackout=[8], source=WishSource.FORM, actor=None)
    with pytest.raises(OfficeError, match="8月"):
        plans.run_planner(draft, actor=cast.secretary)
    assert chairs(draft) == before
    assert PlanVersion.objects.count() == versions


# --- by hand ------------------------------------------------------------------------------------------------------


def test_move_takes_a_unit_to_another_month(cast: Cast, draft: Plan) -> None:
    fill(draft, cast)
    before = chairs(draft)
    member = next(m for m in cast.members.values() if m.unit.name == before[5][0])
    plans.move(draft, member, source=5, target=7, actor=cast.staff)
    after = chairs(draft)
    assert 5 not in after
    assert after[7] == [*before[7], *before[5]]
    assert duty(draft, 7).mode == "collective"
    assert {m: after[m] for m in after if m not in (5, 7)} == {
        m: before[m] for m in before if m not in (5, 7)
    }


def test_exchange_swaps_two_months_and_their_themes(cast: Cast, draft: Plan) -> None:
    fill(draft, cast)
    before = chairs(draft)
    plans.describe(duty(draft, 5), theme="五月", partners="", note="", actor=cast.staff)
    plans.describe(duty(draft, 7), theme="七月", partners="", note="", actor=cast.staff)
    member = next(m for m in cast.members.values() if m.unit.name == before[5][0])
    plans.move(draft, member, source=5, target=7, exchange=True, actor=cast.staff)
    assert (chairs(draft)[5], chairs(draft)[7]) == (before[7], before[5])
    assert (duty(draft, 5).theme, duty(draft, 7).theme) == ("七月", "五月")


def test_moves_that_cannot_be_are_refused(cast: Cast, draft: Plan) -> None:
    fill(draft, cast)
    members = {m.unit.name: m for m in cast.members.values()}
    here = members[chairs(draft)[5][0]]
    plans.set_locked(duty(draft, 9), True, actor=cast.staff)
    before = chairs(draft)
    for source, target in ((5, 13), (0, 5), (6, 7), (5, 9)):
        with pytest.raises(OfficeError):
            plans.move(draft, here, source=source, target=target, actor=cast.staff)
    plans.move(draft, here, source=5, target=5, actor=cast.staff)
    assert chairs(draft) == before


def test_chairs_that_cannot_be_are_refused(cast: Cast, draft: Plan) -> None:
    members = list(cast.members.values())
    membership.leave(members[9], actor=cast.secretary)
    gone = Member.objects.select_related("unit").get(pk=members[9].pk)
    for wrong in (members[:4], [members[0], members[0]], [cast.foreign_members["县法院"]], [gone]):
        with pytest.raises(OfficeError):
            plans.set_chairs(duty(draft, 3), wrong, actor=cast.staff)
    assert chairs(draft) == {}


def test_empty_month_cannot_be_locked(cast: Cast, draft: Plan) -> None:
    with pytest.raises(OfficeError, match="不能锁定"):
        plans.set_locked(duty(draft, 3), True, actor=cast.staff)


# --- discussed and passed -----------------------------------------------------------------------------------------


def test_table_with_a_gap_is_not_discussed(cast: Cast, draft: Plan) -> None:
    fill(draft, cast, without=8)
    with pytest.raises(OfficeError, match="8月还没有轮值主席单位"):
        plans.submit(draft, actor=cast.secretary)
    assert PlanVersion.objects.filter(plan=draft).count() == 0


def test_draft_is_the_communitys_own_and_the_discussed_table_is_everybodys(cast: Cast, draft: Plan) -> None:
    def readers() -> set[str]:
        return {
            p for p, user in cast.users.items() if Plan.objects.visible_to(user).filter(pk=draft.pk).exists()
        }

    fill(draft, cast)
    assert readers() == {"secretary", "staff"}
    plans.submit(draft, actor=cast.staff)
    outside = {"administrator", "auditor", "other_street", "foreign_secretary", "foreign_liaison"}
    assert readers() == cast.users.keys() - outside
    plans.take_back(draft, actor=cast.staff)
    assert readers() == {"secretary", "staff"}


@pytest.fixture
def discussed(cast: Cast, draft: Plan) -> Plan:
    fill(draft, cast)
    plans.submit(draft, actor=cast.staff)
    return Plan.objects.get(pk=draft.pk)


def test_passing_names_meeting_and_day_and_tells_the_liaisons(cast: Cast, discussed: Plan) -> None:
    plans.pass_plan(discussed, meeting=" 年度联席会议 ", passed_on=date(2026, 3, 1), actor=cast.secretary)
    stored = Plan.objects.get(pk=discussed.pk)
    assert (stored.state, stored.passed_meeting, stored.passed_on) == (
        "passed",
        "年度联席会议",
        date(2026, 3, 1),
    )
    assert PlanVersion.objects.filter(plan=stored).latest("number").origin == VersionOrigin.PASSED
    told = set(Message.objects.filter(kind="rotation.plan.passed").values_list("recipient__name", flat=True))
    assert {"杨欣然", "何文", "邓医生", "陶老师", "孙警官"} <= told
    assert "程莉" not in told


def test_only_the_secretary_passes(cast: Cast, discussed: Plan) -> None:
    for part in sorted(cast.users.keys() - {"secretary"}):
        with pytest.raises(NotAllowed):
            plans.pass_plan(discussed, meeting="会", passed_on=date(2026, 3, 1), actor=cast.users[part])
    assert Plan.objects.get(pk=discussed.pk).state == PlanState.DISCUSSING


@pytest.mark.parametrize(("meeting", "day"), [("  ", date(2026, 3, 1)), ("会", date(2026, 3, 3))])
def test_passing_without_a_meeting_or_in_the_future_is_refused(
    meeting: str, day: date, cast: Cast, discussed: Plan
) -> None:
    with pytest.raises(OfficeError):
        plans.pass_plan(discussed, meeting=meeting, passed_on=day, actor=cast.secretary)
    assert Plan.objects.get(pk=discussed.pk).state == PlanState.DISCUSSING


EDITS: dict[str, Callable[[Cast, Plan, Duty], Any]] = {
    "planner": lambda cast, plan, row: plans.run_planner(plan, actor=cast.secretary),
    "chairs": lambda cast, plan, row: plans.set_chairs(row, [cast.members["县财政局"]], actor=cast.secretary),
    "lock": lambda cast, plan, row: plans.set_locked(row, True, actor=cast.secretary),
    "words": lambda cast, plan, row: plans.describe(
        row, theme="新", partners="", note="", actor=cast.secretary
    ),
    "version": lambda cast, plan, row: plans.save_version(plan, actor=cast.secretary),
    "move": lambda cast, plan, row: plans.move(
        plan, cast.members["县实验小学"], source=4, target=6, actor=cast.secretary
    ),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("state", [PlanState.PASSED, PlanState.CLOSED])
def test_passed_table_cannot_be_edited(edit: str, state: str, cast: Cast) -> None:
    """Nor by somebody whose page was opened when it still could."""
    stale_plan = Plan.objects.select_related("alliance__organisation").get(pk=cast.plan.pk)
    stale_duty = duty(stale_plan, 4)
    stale_plan.state = stale_duty.plan.state = PlanState.DISCUSSING
    Plan.objects.filter(pk=cast.plan.pk).update(state=state)
    before = (chairs(cast.plan), list(Duty.objects.order_by("pk").values()), LogEntry.objects.count())
    with pytest.raises(OfficeError, match="已经通过"):
        EDITS[edit](cast, stale_plan, stale_duty)
    assert (chairs(cast.plan), list(Duty.objects.order_by("pk").values()), LogEntry.objects.count()) == before
    assert not PlanVersion.objects.exists()


# --- the past -----------------------------------------------------------------------------------------------------


def past(cast: Cast) -> dict[int, dict[str, Any]]:
    one = {"mode": "solo", "theme": "学雷锋", "note": ""}
    return {
        3: {**one, "members": [cast.members["县财政局"]]},
        5: {**one, "members": [cast.members["县图书馆"], cast.members["县财政局"]], "mode": "collective"},
    }


def test_past_year_is_stored_once(cast: Cast) -> None:
    plan, results = plans.store_past(cast.alliance, 2024, past(cast), actor=None)
    assert (plan.state, results) == (PlanState.CLOSED, {3: "added", 5: "added"})
    assert chairs(plan) == {3: ["县财政局"], 5: ["县图书馆", "县财政局"]}
    _, again = plans.store_past(cast.alliance, 2024, past(cast), actor=None)
    assert again == {3: "unchanged", 5: "unchanged"}
    assert PlanVersion.objects.filter(plan=plan).count() == 1


def test_running_year_is_not_overwritten_by_an_import(cast: Cast) -> None:
    before = chairs(cast.plan)
    with pytest.raises(OfficeError, match="正在使用"):
        plans.store_past(cast.alliance, 2026, past(cast), actor=None)
    assert chairs(cast.plan) == before


def test_table_is_archived_a_quarter_after_its_year(cast: Cast, frozen: Frozen) -> None:
    for moment, state in (
        ("2026-12-31T10:00", "passed"),
        ("2027-03-31T10:00", "passed"),
        ("2027-04-01T10:00", "closed"),
    ):
        plans.close_past(frozen.to(moment))
        assert Plan.objects.get(pk=cast.plan.pk).state == state, moment
    assert plans.close_past(frozen.to("2027-04-02T10:00")) == []


def test_archiving_issues_nothing(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2027-05-10T10:00")
    plans.close_past(frozen.to("2027-05-10T10:00"))
    lines = [line for outcome in sweeps.run_all(frozen.to("2027-05-10T10:05")) for line in outcome.lines]
    assert not [line for line in lines if "发出" in line and "提" in line]


# --- wishes -------------------------------------------------------------------------------------------------------


def wish(cast: Cast, **changes: Any) -> tuple[Wish, bool]:
    values: dict[str, Any] = {
        "preferred": [5, 4],
        "blackout": [1],
        "source": WishSource.FORM,
        "actor": cast.liaison,
    }
    return wishes.submit(cast.members["县图书馆"], 2027, **{**values, **changes})


def test_wish_is_kept_once_and_replaced(cast: Cast) -> None:
    first, changed = wish(cast)
    assert (first.preferred, changed) == ([4, 5], True)
    assert wish(cast, preferred=[4, 5, 5])[1] is False
    second, changed = wish(cast, theme="全民阅读")
    assert (second.pk, changed) == (first.pk, True)
    assert LogEntry.objects.filter(action="rotation.wish.submit").count() == 2


@pytest.mark.parametrize("wrong", [{"preferred": [1]}, {"preferred": [13]}, {"blackout": [0]}])
def test_contradicting_wish_is_refused(wrong: dict[str, Any], cast: Cast) -> None:
    with pytest.raises(OfficeError):
        wish(cast, **wrong)
    assert not Wish.objects.exists()


def test_wish_for_a_passed_year_is_refused(cast: Cast) -> None:
    with pytest.raises(OfficeError, match="申请调换"):
        wishes.submit(
            cast.members["县图书馆"],
            2026,
            preferred=[],
            blackout=[],
            source=WishSource.FORM,
            actor=cast.liaison,
        )
