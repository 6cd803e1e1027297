"""The year's end through its services: what freezes, what is refused, who may, what the log says."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.db import connection

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import Bulletin, LogEntry, Message
from evaluations.errors import AlreadyVoted
from evaluations.models import (
    TwoWay,
    TwoWayBallot,
    TwoWayItem,
    YearSummary,
)
from evaluations.selectors import papers, papers_year, year_end
from evaluations.selectors import two_way as reads
from evaluations.selectors.quarter_shapes import every
from evaluations.services import two_way, year_papers
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import reports, year
from tests.evaluations.year import YEAR, mark, on, scores, sound

pytestmark = pytest.mark.django_db


# --- the two-way evaluation -----------------------------------------------------------------------------------------


def test_opening_asks_every_unit_once_and_fixes_the_items(cast: Cast) -> None:
    one = year.opened(cast)
    assert one.marks.count() == len(cast.members)
    items = reads.items_of(one)
    assert [(item.member.unit.name, item.text, item.outcome) for item in items] == [
        ("县图书馆", "全年开放阅览室不少于12次", "11月20日兑现：已办结，有记录"),
        ("县图书馆", "举办读书会4场", "11月20日兑现：已办结，有记录"),
        ("县实验小学", "寒暑假开放操场", "尚未登记兑现"),
    ]
    asked = Message.objects.filter(kind="evaluations.two_way.asked", channel="inbox")
    assert asked.filter(recipient=cast.liaison.person).count() == 1
    with on(year.OPENED), pytest.raises(TooLate):
        two_way.open_two_way(one, actor=cast.secretary)
    with on(year.OPENED), pytest.raises(TooLate, match="已经开放"):
        two_way.prepare(cast.alliance, YEAR, closes_on=year.CLOSES, actor=cast.staff)


def test_led_service_projects_are_one_item_of_a_unit(cast: Cast) -> None:
    year.served(cast, "县图书馆", count=3)
    with on(year.OPENED):
        (item,) = reads.to_mark(cast.alliance, YEAR)
    assert (item.text, item.outcome) == (
        "领办服务项目3个",
        "到期3个，验收通过3个，回访满意率100.0%（3/3）",
    )


@pytest.mark.parametrize("day", [date(2025, 12, 1), date(2026, 3, 1), date(2025, 12, 25)])
def test_a_last_day_out_of_season_is_refused(cast: Cast, day: date) -> None:
    with on(year.OPENED), pytest.raises(OfficeError, match="截止日期"):
        two_way.prepare(cast.alliance, YEAR, closes_on=day, actor=cast.staff)
    assert not TwoWay.objects.exists()


def test_nobody_is_asked_for_an_instant_answer(cast: Cast) -> None:
    one = year.prepared(cast)
    with on("2026-01-08T09:00"), pytest.raises(OfficeError, match="至少留3天"):
        two_way.open_two_way(reads.full().get(pk=one.pk), actor=cast.secretary)


def test_a_unit_votes_once(cast: Cast) -> None:
    one = year.opened(cast)
    with on(year.VOTED):
        first = two_way.cast(mark(one, "县图书馆"), scores(90), form_key="a" * 20, actor=cast.liaison)
        again = two_way.cast(mark(one, "县图书馆"), scores(90), form_key="a" * 20, actor=cast.liaison)
        with pytest.raises(AlreadyVoted):
            two_way.cast(mark(one, "县图书馆"), scores(10), form_key="b" * 20, actor=cast.liaison)
    assert first == again
    assert [ballot.scores for ballot in TwoWayBallot.objects.all()] == [scores(90)]


def test_two_ballots_of_one_unit_from_stale_pages_count_once(cast: Cast) -> None:
    """Both pages were opened before either was sent: the conditional UPDATE decides."""
    one = year.opened(cast)
    pages = [mark(one, "县图书馆"), mark(one, "县图书馆")]
    with on(year.VOTED):
        two_way.cast(pages[0], scores(90), form_key="a" * 20, actor=cast.liaison)
        with pytest.raises(AlreadyVoted, match="刚刚"):
            two_way.record(pages[1], scores(10), voter_name="杨欣然", via="paper", actor=cast.staff)
    assert TwoWayBallot.objects.count() == 1
    assert sound() == []


def test_the_same_paper_ballot_sent_twice_at_once_is_logged_once(cast: Cast) -> None:
    one = year.opened(cast)
    pages = [mark(one, "县图书馆"), mark(one, "县图书馆")]
    with on(year.VOTED):
        for page in pages:
            two_way.record(
                page, scores(90), voter_name="杨欣然", via="paper", form_key="a" * 20, actor=cast.staff
            )
    assert TwoWayBallot.objects.count() == 1
    assert LogEntry.objects.filter(action="evaluations.two_way.record").count() == 1


def test_only_the_units_own_liaison_votes_and_only_staff_record(cast: Cast) -> None:
    one = year.opened(cast)
    with on(year.VOTED):
        for user in (cast.other_liaison, cast.leader, cast.secretary, cast.street, cast.foreign_liaison):
            with pytest.raises(NotAllowed):
                two_way.cast(mark(one, "县图书馆"), scores(90), actor=user)
        for user in (cast.liaison, cast.president, cast.street, cast.foreign_secretary):
            with pytest.raises(NotAllowed):
                two_way.record(mark(one, "县图书馆"), scores(90), voter_name="某", via="paper", actor=user)
        for how in ({"via": "screen"}, {"voter_name": "  "}):
            wanted: dict[str, Any] = {"voter_name": "某", "via": "paper", **how}
            with pytest.raises(OfficeError):
                two_way.record(mark(one, "县图书馆"), scores(90), **wanted, actor=cast.staff)
    assert not TwoWayBallot.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{}, {"organising": 25}, {**scores(90), "more": 1}, {**scores(90), "needs": 26}, {**scores(90), "needs": True}]
)  # fmt: skip
def test_a_ballot_that_is_none_is_refused(cast: Cast, wrong: dict[str, int]) -> None:
    one = year.opened(cast)
    with on(year.VOTED), pytest.raises(OfficeError, match="每一项"):
        two_way.cast(mark(one, "县图书馆"), wrong, actor=cast.liaison)
    assert mark(one, "县图书馆").voted_on is None


def test_a_ballot_joins_no_unit(cast: Cast) -> None:
    """No column but the evaluation leads from a ballot; keys and order are new after every vote; a vote is not logged."""
    one = year.opened(cast)
    assert {field.name for field in TwoWayBallot._meta.get_fields()} == {"key", "two_way", "scores"}
    year.vote(cast, one, liaison=90)
    before = set(TwoWayBallot.objects.values_list("key", flat=True))
    last = LogEntry.objects.order_by("-pk").values_list("pk", flat=True)[0]
    year.vote(cast, one, other_liaison=80)
    assert not before & set(TwoWayBallot.objects.values_list("key", flat=True))
    assert not LogEntry.objects.filter(pk__gt=last).exists()
    with on(year.VOTED):
        two_way.record(mark(one, "县财政局"), scores(40), voter_name="某", via="phone", actor=cast.staff)
    row = LogEntry.objects.filter(action="evaluations.two_way.record").get()
    assert row.data == {"member": cast.members["县财政局"].pk, "via": "phone"}


def test_ballots_are_written_in_random_order(cast: Cast) -> None:
    """By rowid: the order of insertion would tell whose ballot is whose."""
    one = year.opened(cast)
    orders = set()
    year.vote(cast, one, liaison=90, other_liaison=80, both_liaison=70, second_liaison=60)
    for _ in range(12):
        two_way.shuffle(one)
        with connection.cursor() as cursor:
            column = "rowid" if connection.vendor == "sqlite" else "ctid"
            cursor.execute(f"SELECT scores FROM evaluations_twowayballot ORDER BY {column}")
            orders.add(tuple(json.dumps(row[0], sort_keys=True) for row in cursor.fetchall()))
    assert len(orders) > 1


def test_marks_must_add_up_to_no_more_than_came_back(cast: Cast) -> None:
    one = year.opened(cast)
    with pytest.raises(OfficeError, match="比收回的 16 张还多"):
        year.entered(cast, one, {**year.MARKS, "good": 12})
    items = {item.pk: year.MARKS for item in reads.items_of(one)}
    with on(year.MET):
        for wrong in (
            {"handed_out": 10, "returned": 16},
            {"handed_out": 16, "returned": 0},
            {"met_on": date(2026, 1, 6)},
            {"met_on": date(2025, 12, 24)},
        ):
            values = {"met_on": date(2026, 1, 5), "handed_out": 20, "returned": 16, **wrong}
            with pytest.raises(OfficeError):
                two_way.enter_items(one, items, **values, actor=cast.staff)
        with pytest.raises(OfficeError, match="刷新"):
            two_way.enter_items(
                one, dict(list(items.items())[:1]), met_on=date(2026, 1, 5), handed_out=20, returned=16, actor=cast.staff
            )  # fmt: skip
        with pytest.raises(NotAllowed):
            two_way.enter_items(
                one, items, met_on=date(2026, 1, 5), handed_out=20, returned=16, actor=cast.liaison
            )
    assert not TwoWayItem.objects.filter(good__isnull=False).exists()


def test_the_clock_closes_and_publishing_freezes(cast: Cast) -> None:
    one = year.published(cast)
    assert one.state == "published"
    community = one.figures["community"]
    assert (community["score"], community["n"], one.figures["counts"]) == (
        "80.0",
        3,
        {"asked": 14, "voted": 3},
    )
    library = next(unit for unit in one.figures["units"] if unit["unit"] == "县图书馆")
    assert (library["score"], [item["score"] for item in library["items"]]) == ("91.4", ["91.4", "91.4"])
    assert papers.freeze_paper(one.paper)[1] == one.paper_hash
    bulletin = Bulletin.objects.get(source=f"evaluations.two_way:{one.pk}")
    assert "单位评社区：80.0分" in bulletin.body
    assert sound() == []
    with on(year.PUBLISHED):
        for deed in (
            lambda: two_way.publish(one, actor=cast.secretary),
            lambda: two_way.record(mark(one, "县财政局"), scores(1), voter_name="某", via="paper", actor=cast.staff),
            lambda: year.entered(cast, one),
        ):  # fmt: skip
            with pytest.raises(OfficeError):
                deed()


def test_below_the_minimum_nothing_is_told(cast: Cast) -> None:
    one = year.opened(cast)
    year.vote(cast, one, liaison=90, other_liaison=80)
    year.entered(cast, one, {"good": 9, "rather_good": 0, "fair": 0, "poor": 0, "unknown": 7})
    with on(year.PUBLISHED):
        two_way.close(one)
        two_way.publish(one, actor=cast.secretary)
    assert one.figures["community"]["score"] is None
    assert {item["rate"] for item in one.figures["community"]["items"]} == {None}
    assert {unit["score"] for unit in one.figures["units"]} == {None}


def test_the_sweep_closes_once_and_only_what_is_over(cast: Cast) -> None:
    one = year.opened(cast)
    with on("2026-01-09T23:59"):
        assert two_way.close_due(clock.now()) == []
    with on("2026-01-10T00:05"):
        assert len(two_way.close_due(clock.now())) == 1
        assert two_way.close_due(clock.now()) == []
    one.refresh_from_db()
    with on("2026-01-10T09:00"), pytest.raises(TooLate, match="不再收票"):
        two_way.cast(mark(one, "县图书馆"), scores(90), actor=cast.liaison)


def test_no_vote_is_taken_after_the_last_day_though_no_tick_has_closed_it(cast: Cast) -> None:
    one = year.opened(cast)
    members = [member.pk for member in cast.members.values()]
    with on("2026-01-09T23:59"):
        two_way.cast(mark(one, "县图书馆"), scores(90), actor=cast.liaison)
        assert reads.waiting_marks(members)
    with on("2026-01-10T00:00"):
        assert not reads.full().get(pk=one.pk).takes_votes and not reads.waiting_marks(members)
        late = mark(one, "县实验小学")
        with pytest.raises(TooLate, match="已经截止，不再收票"):
            two_way.cast(late, scores(10), actor=cast.other_liaison)
        two_way.record(late, scores(80), voter_name="陶", via="paper", actor=cast.staff)
    assert sorted(sum(v or 0 for v in row.scores.values()) for row in TwoWayBallot.objects.all()) == [80, 90]


def test_a_unit_that_changes_its_name_disturbs_no_published_result(cast: Cast) -> None:
    year.published(cast)
    type(cast.members["县图书馆"].unit).objects.filter(name="县图书馆").update(name="县图书馆（县文献中心）")
    assert sound() == []


def test_integrity_finds_what_was_tampered_with(cast: Cast) -> None:
    one = year.published(cast)
    TwoWayBallot.objects.filter(pk=TwoWayBallot.objects.values("pk")[:1]).delete()
    assert len(sound()) == 2  # a ballot too few, and figures that do not follow
    TwoWay.objects.filter(pk=one.pk).update(paper={**one.paper, "title": "另一份"})
    assert any("校验码" in line for line in sound())


# --- the yearly summary ---------------------------------------------------------------------------------------------


def two_reports(cast: Cast) -> None:
    year.report(
        cast,
        1,
        {"县图书馆": "90.1", "县实验小学": "80.0", "县交警队": None},
        [year.figure("members", 13), year.figure("meetings", 3), year.figure("rates.satisfied", 9, 10)],
    )
    year.report(
        cast,
        3,
        {"县图书馆": "80.2", "县实验小学": None},
        [year.figure("members", 14), year.figure("meetings", 2), year.figure("rates.satisfied", 1, 2)],
        state="received",
    )
    year.report(cast, 4, {"县图书馆": "10.0"}, [year.figure("meetings", 99)], state="returned")


def rows(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["key"]: row for section in document["sections"] for row in section["rows"]}


def test_summary_counts_only_reports_that_stand(cast: Cast) -> None:
    two_reports(cast)
    found = year_end.summary(cast.alliance, YEAR)
    assert [one["words"] for one in found["quarters"]] == ["已报送", "未报送", "已接收", "未报送"]
    known = rows(found)
    assert (known["meetings"]["cells"], known["meetings"]["total"]) == (["3", None, "2", None], "5")
    assert known["members"]["total"] == "14"  # what stands at the end is not added up
    satisfied = known["rates.satisfied"]
    assert satisfied["cells"] == ["90.0%（9/10）", None, "50.0%（1/2）", None]
    assert satisfied["total"] == "83.3%（10/12）"
    assert known["activities"]["total"] == "—"  # no report speaks of it
    assert [(line["unit"], line["mean"], line["grade"]) for line in found["members"]] == [
        ("县图书馆", "85.2", "良好"),
        ("县实验小学", None, "数据不足"),
        ("县交警队", None, "数据不足"),
    ]
    assert (found["mean"], found["rated"], found["reports"]) == ("85.2", 1, 2)


def test_every_row_of_the_summary_is_a_figure_of_a_real_report(cast: Cast, frozen: Frozen) -> None:
    """A key that no report has would print — for ever."""
    reports.quarter(cast)
    known = {one["key"] for one in every(reports.filed(cast, frozen).figures)}
    asked = {key for _, section in year_end.SECTIONS for key, _, _ in section}
    assert asked <= known


def test_a_year_without_reports_says_so_and_invents_nothing(cast: Cast) -> None:
    found = year_end.summary(cast.alliance, YEAR)
    assert {row["total"] for row in rows(found).values()} == {"—"}
    assert {cell for row in rows(found).values() for cell in row["cells"]} == {None}
    assert papers_year.missing_words(found) == "四个季度均未报送考核评议报告，本表没有数字可以汇总。"
    published = year_papers.publish_summary(cast.alliance, YEAR, actor=cast.secretary)
    assert "未报送" in json.dumps(published.paper, ensure_ascii=False)


def test_published_summary_stands_until_it_is_corrected(cast: Cast) -> None:
    two_reports(cast)
    first = year_papers.publish_summary(cast.alliance, YEAR, actor=cast.secretary)
    with pytest.raises(OfficeError, match="更正原因"):
        year_papers.publish_summary(cast.alliance, YEAR, actor=cast.secretary)
    with pytest.raises(OfficeError, match="没有要更正的"):
        year_papers.publish_summary(cast.alliance, YEAR, reason="再看看", actor=cast.secretary)
    frozen = (first.figures, first.paper_hash)
    year.report(cast, 2, {"县图书馆": "99.0"}, [year.figure("meetings", 1)])
    first.refresh_from_db()
    assert (first.figures, first.paper_hash) == frozen
    second = year_papers.publish_summary(cast.alliance, YEAR, reason="补报二季度", actor=cast.secretary)
    first.refresh_from_db()
    assert (first.state, second.state, second.revision, second.replaces) == (
        "superseded",
        "published",
        2,
        first,
    )
    assert "更正原因：补报二季度" in json.dumps(second.paper, ensure_ascii=False)
    assert sound() == []


def test_summary_is_the_secretarys_and_of_a_year_that_is_over(cast: Cast, frozen: Frozen) -> None:
    for user in (cast.staff, cast.president, cast.liaison, cast.street, cast.foreign_secretary):
        with pytest.raises(NotAllowed):
            year_papers.publish_summary(cast.alliance, YEAR, actor=user)
    with pytest.raises(OfficeError, match="还没有结束"):
        year_papers.publish_summary(cast.alliance, 2026, actor=cast.secretary)
    assert not YearSummary.objects.exists()
