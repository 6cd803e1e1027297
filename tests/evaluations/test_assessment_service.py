"""The report in people's hands: words, adjustments, filing, what the offices answer, corrections, reminders."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import Appointment, LogEntry, Message, ReminderLine
from evaluations.models import Assessment, AssessmentLine
from evaluations.selectors import assessments as reads
from evaluations.selectors import quarter_office
from evaluations.services import assessments, drafting, pressing
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import reports
from tests.evaluations.reports import NEXT_STEPS, PROBLEMS, Q1


@pytest.fixture
def draft(cast: Cast, frozen: Frozen) -> Assessment:
    """Drafted in the night of 1 April; it is the 2nd, ten o'clock."""
    reports.quarter(cast)
    found = reports.drafted(cast, frozen)
    frozen.to(reports.FILED_AT)
    return found


@pytest.fixture
def filed(cast: Cast, frozen: Frozen) -> Assessment:
    reports.quarter(cast)
    return reports.filed(cast, frozen)


def told(kind: str) -> list[tuple[str, str]]:
    rows = Message.objects.filter(kind=f"evaluations.assessment.{kind}", channel="inbox").order_by("pk")
    return list(rows.values_list("recipient__name", "subject"))


# --- words and adjustments ----------------------------------------------------------------------------------------


def test_words_are_kept_and_shown_in_the_document(cast: Cast, draft: Assessment) -> None:
    assessments.write(draft, problems=f" {PROBLEMS} ", next_steps=NEXT_STEPS, actor=cast.staff)
    report = reads.document(reports.of(cast))["report"]
    assert (report["problems"], report["next_steps"]) == (PROBLEMS, NEXT_STEPS)
    assert (report["number"], report["filed_on"]) == ("", "")
    assert LogEntry.objects.filter(action="evaluations.assessment.write").count() == 1


@pytest.mark.parametrize("who", ["president", "liaison", "street", "county", "foreign_secretary"])
def test_words_are_the_communitys(cast: Cast, draft: Assessment, who: str) -> None:
    with pytest.raises(NotAllowed):
        assessments.write(draft, problems="x", next_steps="x", actor=getattr(cast, who))


def test_words_have_an_end(cast: Cast, draft: Assessment) -> None:
    with pytest.raises(OfficeError, match="3000"):
        assessments.write(draft, problems="长" * 3001, next_steps="", actor=cast.secretary)


def test_an_adjustment_with_its_reason_moves_the_score(cast: Cast, draft: Assessment) -> None:
    line = reports.line(draft, "县图书馆")
    assessments.adjust(line, adjustment="4.0", reason="承办全县现场会", actor=cast.secretary)
    again = reports.line(draft, "县图书馆")
    assert (again.raw, again.score, again.grade) == (Decimal("86.7"), Decimal("90.7"), "优秀")
    row = next(r for r in reads.document(draft)["assessment"]["lines"] if r["unit"] == "县图书馆")
    assert (row["adjustment"], row["applied"], row["reason"]) == ("4.0", "4.0", "承办全县现场会")
    entry = LogEntry.objects.get(action="evaluations.assessment.adjust")
    assert entry.data == {"member": line.member_id, "from": "0.0", "to": "4.0"}


def test_an_adjustment_is_taken_back_by_nought(cast: Cast, draft: Assessment) -> None:
    line = reports.line(draft, "县图书馆")
    assessments.adjust(line, adjustment="4", reason="承办全县现场会", actor=cast.secretary)
    assessments.adjust(line, adjustment="0", reason="还是写了几个字", actor=cast.secretary)
    again = reports.line(draft, "县图书馆")
    assert (again.adjustment, again.reason, again.adjusted_by, again.score) == (0, "", None, Decimal("86.7"))


@pytest.mark.parametrize("value", ["5.1", "-10.1", "0.25", "许多", "", "NaN", "1e9"])
def test_an_adjustment_out_of_bounds_is_refused_in_words(cast: Cast, draft: Assessment, value: str) -> None:
    with pytest.raises(OfficeError, match="-10 到 \\+5"):
        assessments.adjust(
            reports.line(draft, "县图书馆"), adjustment=value, reason="有", actor=cast.secretary
        )


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_an_adjustment_without_a_reason_is_refused(cast: Cast, draft: Assessment, reason: str) -> None:
    with pytest.raises(OfficeError, match="理由"):
        assessments.adjust(
            reports.line(draft, "县图书馆"), adjustment="1", reason=reason, actor=cast.secretary
        )


def test_where_there_is_no_score_nothing_can_be_adjusted(cast: Cast, draft: Assessment) -> None:
    with pytest.raises(OfficeError, match="数据不足"):
        assessments.adjust(
            reports.line(draft, "县实验小学"), adjustment="1", reason="有", actor=cast.secretary
        )


@pytest.mark.parametrize("who", ["staff", "president", "street", "liaison"])
def test_adjusting_is_the_secretarys(cast: Cast, draft: Assessment, who: str) -> None:
    with pytest.raises(NotAllowed):
        assessments.adjust(
            reports.line(draft, "县图书馆"), adjustment="1", reason="有", actor=getattr(cast, who)
        )


# --- filing -------------------------------------------------------------------------------------------------------


def test_filing_freezes_numbers_and_sends(cast: Cast, draft: Assessment) -> None:
    assessments.write(draft, problems=PROBLEMS, next_steps=NEXT_STEPS, actor=cast.secretary)
    filed = assessments.file(draft, actor=cast.secretary)
    assert (filed.state, filed.number, filed.filed_by, filed.filed_at) == (
        "filed",
        "同心党建联报〔2026〕1号",
        cast.secretary,
        clock.now(),
    )
    assert not filed.is_late
    assert told("filed") == [
        ("城关街道党建办", "主送：同心社区党建联盟2026年第一季度专项考核评议报告（同心党建联报〔2026〕1号）"),
        ("县委组织部", "抄送：同心社区党建联盟2026年第一季度专项考核评议报告（同心党建联报〔2026〕1号）"),
    ]
    stored = reports.of(cast)
    text = json.dumps(stored.figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == stored.figures_hash
    assert stored.figures["report"] == {
        "number": "同心党建联报〔2026〕1号",
        "revision": 1,
        "replaces": "",
        "reason": "",
        "filed_on": "2026-04-02",
        "signer": "程莉",
        "to": "城关街道",
        "copy_to": ["示范县"],
        "problems": PROBLEMS,
        "next_steps": NEXT_STEPS,
    }


def test_filing_takes_the_facts_of_its_moment(cast: Cast, draft: Assessment) -> None:
    assessments.write(draft, problems=PROBLEMS, next_steps=NEXT_STEPS, actor=cast.secretary)
    reports.in_time(cast, "县实验小学")
    filed = assessments.file(draft, actor=cast.secretary)
    rows = {row["unit"]: row["score"] for row in filed.figures["assessment"]["lines"]}
    assert rows["县实验小学"] == "86.7"
    assert filed.figures["assessment"]["mean"] == "86.7"
    assert filed.figures["assessment"]["rated"] == 2


@pytest.mark.parametrize("words", [("", NEXT_STEPS), (PROBLEMS, ""), ("  ", "  ")])
def test_a_report_waits_for_a_persons_words(cast: Cast, draft: Assessment, words: tuple[str, str]) -> None:
    assessments.write(draft, problems=words[0], next_steps=words[1], actor=cast.secretary)
    with pytest.raises(OfficeError, match="存在问题"):
        assessments.file(draft, actor=cast.secretary)
    assert reports.of(cast).state == "draft"
    assert not told("filed")


@pytest.mark.parametrize("who", ["staff", "president", "street", "county", "foreign_secretary", "liaison"])
def test_filing_is_the_secretarys(cast: Cast, draft: Assessment, who: str) -> None:
    with pytest.raises(NotAllowed):
        assessments.file(draft, actor=getattr(cast, who))


def test_filing_twice_files_once(cast: Cast, filed: Assessment) -> None:
    with pytest.raises(TooLate):
        assessments.file(filed, actor=cast.secretary)
    assert len(told("filed")) == 2
    assert LogEntry.objects.filter(action="evaluations.assessment.file").count() == 1


def test_what_was_filed_takes_no_more_words_or_points(cast: Cast, filed: Assessment) -> None:
    with pytest.raises(TooLate):
        assessments.write(filed, problems="改", next_steps="改", actor=cast.secretary)
    with pytest.raises(TooLate):
        assessments.adjust(reports.line(filed, "县图书馆"), adjustment="1", reason="有", actor=cast.secretary)


def test_a_change_of_the_sources_shows_as_a_hint_and_changes_nothing(cast: Cast, filed: Assessment) -> None:
    assert reads.changes(filed) == []
    before = reads.document(reports.of(cast))
    reports.in_time(cast, "县实验小学")
    found = reads.changes(reports.of(cast))
    assert reads.document(reports.of(cast)) == before
    assert any(change.was != change.now for change in found)
    assert any("县实验小学" in change.what for change in found)


# --- the offices --------------------------------------------------------------------------------------------------


def test_the_street_receives_and_every_unit_reads_its_own_line(cast: Cast, filed: Assessment) -> None:
    assessments.receive(filed, actor=cast.street)
    assert (filed.state, filed.received_by, filed.received_at) == ("received", cast.street, clock.now())
    assert {name for name, _ in told("received")} == {"程莉", "周小雨"}
    results = Message.objects.filter(kind="evaluations.assessment.result", channel="inbox")
    library = results.get(recipient=cast.liaison.person)
    assert library.body == ("县图书馆2026年第一季度考核评议：86.7 分，良好；联盟平均 86.7 分。仅供参考。")
    assert results.get(recipient=cast.other_liaison.person).body == (
        "县实验小学2026年第一季度考核评议：数据不足。仅供参考。"
    )


def test_the_street_returns_with_a_reason(cast: Cast, filed: Assessment) -> None:
    assessments.send_back(filed, reason=" 存在问题写得太简单 ", actor=cast.street)
    assert (filed.state, filed.return_reason, filed.returned_by) == (
        "returned",
        "存在问题写得太简单",
        cast.street,
    )
    assert {name for name, _ in told("returned")} == {"程莉", "周小雨"}
    assert not told("result")
    with pytest.raises(TooLate):
        assessments.receive(filed, actor=cast.street)


@pytest.mark.parametrize("reason", ["", "   ", "长" * 301])
def test_returning_needs_a_reason(cast: Cast, filed: Assessment, reason: str) -> None:
    with pytest.raises(OfficeError, match="退回原因"):
        assessments.send_back(filed, reason=reason, actor=cast.street)


@pytest.mark.parametrize("who", ["other_street", "county", "secretary", "foreign_secretary", "administrator"])
def test_only_the_office_it_went_to_answers(cast: Cast, filed: Assessment, who: str) -> None:
    with pytest.raises(NotAllowed):
        assessments.receive(filed, actor=getattr(cast, who))
    with pytest.raises(NotAllowed):
        assessments.send_back(filed, reason="有", actor=getattr(cast, who))


def test_the_county_acknowledges_once(cast: Cast, filed: Assessment) -> None:
    assessments.acknowledge(filed, actor=cast.county)
    assert (filed.acknowledged_by, reports.of(cast).acknowledged_at) == (cast.county, clock.now())
    assert reports.of(cast).state == "filed"
    with pytest.raises(TooLate):
        assessments.acknowledge(filed, actor=cast.county)
    with pytest.raises(NotAllowed):
        assessments.acknowledge(filed, actor=cast.street)


def test_a_draft_cannot_be_acknowledged(cast: Cast, draft: Assessment) -> None:
    with pytest.raises(TooLate):
        assessments.acknowledge(draft, actor=cast.county)


def test_a_returned_report_is_not_acknowledged_from_an_old_page(cast: Cast, filed: Assessment) -> None:
    assessments.send_back(filed, reason="太简单", actor=cast.street)
    with pytest.raises(TooLate, match="退回"):
        assessments.acknowledge(filed, actor=cast.county)
    assert reports.of(cast).acknowledged_at is None


def test_a_community_at_the_root_files_to_nobody(cast: Cast, frozen: Frozen) -> None:
    cast.community.parent = None
    cast.community.save(update_fields=["parent"])
    filed = reports.filed(cast, frozen)
    assert filed.figures["report"]["to"] == ""
    assert not told("filed")


# --- corrections --------------------------------------------------------------------------------------------------


def test_a_returned_report_comes_back_as_revision_two(cast: Cast, filed: Assessment, frozen: Frozen) -> None:
    assessments.send_back(filed, reason="存在问题写得太简单", actor=cast.street)
    frozen.to("2026-04-07T09:00")
    second = assessments.revise(filed, actor=cast.secretary)
    assert (second.revision, second.replaces, second.reason) == (2, filed, "存在问题写得太简单")
    assert (second.problems, second.next_steps) == (PROBLEMS, NEXT_STEPS)
    assert second.due_on.isoformat() == "2026-04-14"
    assessments.write(second, problems="分三点写清楚。", next_steps=NEXT_STEPS, actor=cast.secretary)
    second = assessments.file(second, actor=cast.secretary)
    assert second.number == "同心党建联报〔2026〕2号"
    assert second.figures["report"]["replaces"] == "同心党建联报〔2026〕1号"
    assert reports.of(cast).state == "superseded"
    assert told("filed")[2][1].endswith("（同心党建联报〔2026〕2号），代替同心党建联报〔2026〕1号")
    assessments.receive(second, actor=cast.street)
    assert reads.standing(cast.alliance, Q1) == second


def test_a_received_report_stands_until_its_correction_is_filed(cast: Cast, filed: Assessment) -> None:
    library = reports.line(filed, "县图书馆")
    assessments.receive(filed, actor=cast.street)
    second = assessments.revise(filed, reason="漏计一项认领", actor=cast.secretary)
    assert reads.standing(cast.alliance, Q1) == filed
    assert library.score == reports.line(second, "县图书馆").score
    assessments.file(second, actor=cast.secretary)
    assert reads.standing(cast.alliance, Q1) == second


def test_adjustments_go_on_into_the_revision(cast: Cast, draft: Assessment) -> None:
    assessments.adjust(
        reports.line(draft, "县图书馆"), adjustment="-3.5", reason="迟交小结", actor=cast.secretary
    )
    assessments.write(draft, problems=PROBLEMS, next_steps=NEXT_STEPS, actor=cast.secretary)
    filed = assessments.file(draft, actor=cast.secretary)
    second = assessments.revise(filed, reason="更正", actor=cast.secretary)
    line = reports.line(second, "县图书馆")
    assert (line.adjustment, line.reason, line.score, line.adjusted_by) == (
        Decimal("-3.5"),
        "迟交小结",
        Decimal("83.2"),
        cast.secretary,
    )


def test_one_correction_at_a_time(cast: Cast, filed: Assessment) -> None:
    assessments.revise(filed, reason="更正", actor=cast.secretary)
    with pytest.raises(OfficeError, match="已经有人在写"):
        assessments.revise(filed, reason="更正", actor=cast.secretary)
    assert Assessment.objects.filter(alliance=cast.alliance).count() == 2


def test_a_correction_needs_a_reason_and_the_secretary(cast: Cast, filed: Assessment) -> None:
    with pytest.raises(OfficeError, match="更正原因"):
        assessments.revise(filed, actor=cast.secretary)
    with pytest.raises(NotAllowed):
        assessments.revise(filed, reason="更正", actor=cast.staff)


def test_a_draft_is_not_corrected(cast: Cast, draft: Assessment) -> None:
    with pytest.raises(OfficeError, match="已经报送"):
        assessments.revise(draft, reason="更正", actor=cast.secretary)


# --- who sees -----------------------------------------------------------------------------------------------------

READERS = {"secretary", "staff", "president", "street", "county"}


def reading(cast: Cast, rows: Any) -> set[str]:
    return {name for name, user in cast.users.items() if rows.visible_to(cast.fresh(user)).exists()}


def test_a_draft_is_the_communitys_own(cast: Cast, draft: Assessment) -> None:
    rows = Assessment.objects.filter(pk=draft.pk)
    assert reading(cast, rows) == {"secretary", "staff", "president"}
    assert reading(cast, AssessmentLine.objects.filter(assessment=draft)) == {
        "secretary",
        "staff",
        "president",
    }


def test_offices_read_what_is_filed_and_units_their_own_line(cast: Cast, filed: Assessment) -> None:
    assert reading(cast, Assessment.objects.filter(pk=filed.pk)) == READERS
    lines = AssessmentLine.objects.filter(assessment=filed)
    assert reading(cast, lines.filter(member=cast.members["县图书馆"])) == READERS | {"liaison", "leader"}
    assert reading(cast, lines.filter(member=cast.members["县实验小学"])) == READERS | {"other_liaison"}
    own = reads.own_results(cast.fresh(cast.liaison), [cast.members["县图书馆"], cast.members["县实验小学"]])
    assert [(one.line.member.unit.name, one.mean, one.rated) for one in own] == [("县图书馆", "86.7", 1)]


def test_a_returned_result_is_no_result(cast: Cast, filed: Assessment) -> None:
    assessments.send_back(filed, reason="有误", actor=cast.street)
    lines = AssessmentLine.objects.filter(assessment=filed, member=cast.members["县图书馆"])
    assert reading(cast, lines) == READERS


# --- the offices' table ---------------------------------------------------------------------------------------------


def test_the_table_says_who_has_filed_and_who_is_late(
    cast: Cast, filed: Assessment, frozen: Frozen, django_assert_num_queries: Any
) -> None:
    def words() -> list[tuple[str, str, bool, str | None]]:
        found = quarter_office.communities(cast.county_place, Q1)
        return [(row.word, row.tone, row.is_late, row.brief.get("mean")) for row in found]

    assert words() == [("已报送", "wait", False, "86.7"), ("未报送", "wait", False, None)]
    frozen.to("2026-04-09T09:00")
    assert words() == [("已报送", "wait", False, "86.7"), ("逾期未报", "late", True, None)]
    assessments.send_back(filed, reason="有误", actor=cast.street)
    assert words()[0] == ("已退回", "late", False, None)
    second = assessments.revise(filed, actor=cast.secretary)
    assert words()[0] == ("已退回", "late", False, None)
    second = assessments.file(second, actor=cast.secretary)
    assessments.receive(second, actor=cast.street)
    with django_assert_num_queries(1):
        assert words()[0] == ("已接收", "done", False, "86.7")


# --- the clock ------------------------------------------------------------------------------------------------------


def test_reminded_before_nudged_after_and_silent_once_filed(
    cast: Cast, draft: Assessment, frozen: Frozen
) -> None:
    def said() -> list[str]:
        rows = ReminderLine.objects.filter(object_id=draft.pk, kind__startswith="evaluations.assessment.")
        return list(rows.exclude(kind=drafting.DRAFTED).order_by("pk").values_list("text", flat=True))

    pressing.follow_up(frozen.to("2026-04-03T09:00"))
    assert said() == []
    for _ in range(2):
        pressing.follow_up(frozen.to("2026-04-07T09:00"))
    assert said() == ["请于4月8日前报送2026年第一季度考核评议报告"]
    for day in ("08", "09", "10"):
        pressing.follow_up(frozen.to(f"2026-04-{day}T09:00"))
    assert said()[1:] == ["催办：2026年第一季度考核评议报告已过报送期限，请尽快报送"]
    assert pressing.still_due(draft.pk)
    assessments.write(draft, problems=PROBLEMS, next_steps=NEXT_STEPS, actor=cast.secretary)
    filed = assessments.file(draft, actor=cast.secretary)
    assert filed.is_late
    assert not pressing.still_due(draft.pk)


def test_nobody_is_pressed_at_night_or_on_a_holiday(cast: Cast, draft: Assessment, frozen: Frozen) -> None:
    for moment in ("2026-04-09T03:00", "2026-04-11T10:00"):
        assert pressing.follow_up(frozen.to(moment)) == []


def test_an_office_urges_once_a_day(cast: Cast, draft: Assessment, frozen: Frozen) -> None:
    assert pressing.urge(cast.alliance, Q1, actor=cast.street)
    assert not pressing.urge(cast.alliance, Q1, actor=cast.street)
    frozen.forward(days=1)
    assert pressing.urge(cast.alliance, Q1, actor=cast.county)
    assert told("urge") == [("程莉", "催报：2026年第一季度考核评议报告")] * 2
    with pytest.raises(NotAllowed):
        pressing.urge(cast.alliance, Q1, actor=cast.other_street)


def test_who_has_filed_is_not_urged(cast: Cast, filed: Assessment) -> None:
    with pytest.raises(OfficeError, match="不需要催报"):
        pressing.urge(cast.alliance, Q1, actor=cast.street)


def test_without_an_office_account_a_report_is_filed_all_the_same(cast: Cast, frozen: Frozen) -> None:
    Appointment.objects.filter(organisation=cast.street_place).delete()
    assert reports.filed(cast, frozen).state == "filed"
