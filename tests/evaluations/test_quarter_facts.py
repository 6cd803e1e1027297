"""A quarter's facts on the small county: what counts by which day, what still runs, and what is offered for words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from alliances import clock
from alliances.calendars import Quarter
from alliances.models import Member
from evaluations.models import Round
from evaluations.selectors import quarter
from evaluations.selectors.quarter import QuarterFacts
from evaluations.services import rounds
from rotation.models import Activity, Slip
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring
from tests.factories import demands as lists

FIRST, SECOND = Quarter(2026, 1), Quarter(2026, 2)


def facts(cast: Cast, of: Quarter = FIRST) -> QuarterFacts:
    return quarter.facts(cast.alliance, of)


def line(found: QuarterFacts, unit: str) -> quarter.MemberLine:
    return next(one for one in found.members if one.unit == unit)


def scored(cast: Cast, frozen: Frozen, day: str = "2026-03-20", **activity: Any) -> Round:
    """A round of March with three units' and eleven residents' ballots, still open."""
    frozen.to(f"{day}T18:00")
    round = scoring.open_round(cast, on=date.fromisoformat(day), **activity)
    scoring.units_vote(cast, round, 90, 90, 90)
    scoring.residents_vote(cast, round, *[80] * 11)
    return round


def settled(round: Round, frozen: Frozen, day: str) -> None:
    """The clock closes the round and writes its figures."""
    frozen.to(f"{day}T09:00")
    for _ in range(3):
        rounds.run(clock.now())
    round.refresh_from_db()
    assert round.state == "settled"


def test_a_round_that_runs_says_so_and_gives_no_result(cast: Cast, frozen: Frozen) -> None:
    scored(cast, frozen)
    found = facts(cast)
    assert found.figure("score.chair.3").value == "评议未结束"
    assert [(row.subject, row.state, row.result) for row in found.results] == [
        ("activity", "open", None),
        ("chair", "open", None),
    ]
    chair = line(found, "县图书馆").facts
    assert (chair.on_duty, chair.rounds_running, chair.chair_results, chair.activity_results) == (
        True,
        1,
        (),
        (),
    )
    assert not line(found, "县实验小学").facts.on_duty


def test_a_settled_round_counts_for_every_unit_on_duty(cast: Cast, frozen: Frozen) -> None:
    round = scored(cast, frozen)
    settled(round, frozen, "2026-04-07")
    found = facts(cast)
    assert found.figure("score.chair.3").value.startswith("84.0分（良好，有效14票")
    for unit in ("县图书馆", "县文体广电局", "县人民医院"):
        own = line(found, unit).facts
        assert (own.chair_results, own.activity_results) == ((Decimal("84.0"),), (Decimal("84.0"),))
    assert line(found, "县财政局").facts.on_duty  # of January, without any round
    assert line(found, "县财政局").facts.chair_results == ()
    assert line(found, "县实验小学").figures["duty"].value == "本季度未轮值"


def test_a_result_belongs_to_its_duty_month_and_the_activity_to_its_day(cast: Cast, frozen: Frozen) -> None:
    round = scored(cast, frozen, "2026-04-02")
    settled(round, frozen, "2026-04-20")
    first, second = facts(cast), facts(cast, SECOND)
    assert (first.figure("activities").numerator, second.figure("activities").numerator) == (0, 1)
    assert (first.figure("rounds").numerator, second.figure("rounds").numerator) == (1, 0)
    assert line(first, "县图书馆").facts.chair_results == (Decimal("84.0"),)
    assert line(first, "县图书馆").facts.months_taking_part == 0
    assert line(second, "县图书馆").facts.months_taking_part == 1
    assert not line(second, "县图书馆").facts.on_duty


def test_a_called_off_activity_has_no_round(cast: Cast, frozen: Frozen) -> None:
    round = scored(cast, frozen)
    Activity.objects.filter(pk=round.activity_id).update(state="cancelled", cancel_reason="大风")
    found = facts(cast)
    assert (found.results, found.figure("rounds").numerator, found.activities) == ([], 0, [])
    assert line(found, "县图书馆").facts.rounds_running == 0


def test_members_count_only_while_they_belong(cast: Cast, frozen: Frozen) -> None:
    scoring.held(cast, on=date(2026, 1, 20), guests=("县财政局",))
    scoring.held(cast, on=date(2026, 3, 20), guests=("县财政局", "县实验小学"))
    Member.objects.filter(pk=cast.members["县财政局"].pk).update(left_on=date(2026, 2, 1))
    Member.objects.filter(pk=cast.members["县实验小学"].pk).update(joined_on=date(2026, 3, 1))
    Member.objects.filter(pk=cast.members["县农商银行"].pk).update(left_on=date(2025, 12, 31))
    found = facts(cast)
    left, joined = line(found, "县财政局").facts, line(found, "县实验小学").facts
    assert (left.months_taking_part, left.months_as_member) == (1, 1)
    assert (joined.months_taking_part, joined.months_as_member) == (1, 1)
    assert "县农商银行" not in [one.unit for one in found.members]
    assert found.figure("members").numerator == len(cast.members) - 2


def test_a_members_claims_count_wherever_they_are_served(cast: Cast) -> None:
    """县交警队 serves a demand of the other community through its membership here."""
    police = cast.members["县交警队"]
    days = {
        "claimed_on": date(2026, 1, 5),
        "due_on": date(2026, 2, 10),
        "delivered_on": date(2026, 2, 10),
        "accepted_on": date(2026, 3, 31),
        "state": "accepted",
    }
    lists.claim(lists.demand(cast.foreign_alliance, cast.foreign_station_place), police, **days)
    found = facts(cast)
    own = line(found, "县交警队").facts
    assert (own.claims_on_time, own.claims_due) == (1, 1)
    assert found.figure("rates.resolved").denominator == 0  # it is no demand of this alliance
    assert found.figure("rates.resolved").value == "本季度无到期项目"
    away = quarter.facts(cast.foreign_alliance, FIRST)
    assert away.figure("rates.on_time").numerator == 1
    assert line(away, "县交警队").facts.claims_due == 0


def test_offered_dormant_units_are_those_without_any_part_for_sixty_days(cast: Cast, frozen: Frozen) -> None:
    """Signed slips of January and February, an activity in March, a claim: each is a part."""
    scoring.held(cast, guests=("县实验小学",))
    lists.claim(lists.demand(cast.alliance), cast.members["县司法局"], claimed_on=date(2026, 3, 3))
    Member.objects.filter(pk=cast.members["县消防队"].pk).update(joined_on=date(2026, 3, 1))
    frozen.to("2026-04-01T08:00")
    quiet = {one.text for one in facts(cast).offered["dormant"]}
    assert "县财政局：2026年1月4日以后没有参加共建活动" in quiet
    assert "县住建局：还没有参加过共建活动" in quiet
    for unit in ("县交警队", "县图书馆", "县实验小学", "县司法局", "县消防队"):
        assert not [text for text in quiet if text.startswith(unit)], unit


def test_offered_steps_are_late_or_still_owed(cast: Cast, march: Slip, frozen: Frozen) -> None:
    frozen.to("2026-04-01T08:00")
    late = [one.text for one in facts(cast).offered["overdue"]]
    assert late[0] == "3月签收提醒单：应于3月4日前完成，尚未完成"
    assert [text.split("：")[0] for text in late[1:]] == [
        "3月发出研讨会通知单",
        "3月召开研讨会",
        "3月举办活动",
    ]
    scoring.held(cast, on=date(2026, 3, 30))
    assert "3月举办活动：应于3月25日前完成，3月30日完成" in [
        one.text for one in facts(cast).offered["overdue"]
    ]


def test_offered_repeated_activities_reach_into_the_year_before(cast: Cast) -> None:
    scoring.held(cast, title="春季义诊", on=date(2025, 12, 30))
    scoring.held(cast, title="社区春季义诊", on=date(2026, 3, 20))
    scoring.held(cast, title="读书分享会", on=date(2026, 3, 21))
    assert [one.text for one in facts(cast).offered["repeated"]] == [
        "3月20日“社区春季义诊”与2025年12月30日“春季义诊”相近"
    ]


def test_an_empty_quarter_says_so_and_divides_by_nothing(cast: Cast) -> None:
    found = quarter.facts(cast.foreign_alliance, Quarter(2027, 3))
    assert {one.value for one in found.figures() if one.kind == quarter.RATE} == {
        "本季度无会议",
        "本季度无派单",
        "本季度无到期项目",
        "本季度无回访",
        "本季度无到期承诺",
        "本季度无提醒单",
        "本季度无此时限",
    }
    assert (found.months, found.activities, found.results) == ([], [], [])
