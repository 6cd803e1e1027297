"""Drafts of the quarterly assessment: planned and made by sweeps, computed anew until filing, never twice."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from celery import Celery
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import LogEntry, ReminderLine
from alliances.services import sweeps
from evaluations import tasks
from evaluations.models import Assessment, AssessmentLine
from evaluations.selectors import assessments as reads
from evaluations.services import assessments, drafting, schemes
from rotation.models import Plan
from tests.cast import UNITS, Cast
from tests.conftest import Frozen
from tests.evaluations import reports
from tests.evaluations.reports import DRAFTED_AT, Q1


def sweep(moment: datetime) -> list[str]:
    return drafting.plan_due(moment) + drafting.draft_waiting(moment)


def test_nothing_is_drafted_before_the_quarter_is_over(cast: Cast, frozen: Frozen) -> None:
    assert sweep(frozen.to("2026-03-31T23:59")) == []
    assert not Assessment.objects.exists()


def test_the_first_night_drafts_one_report_per_alliance(cast: Cast, frozen: Frozen) -> None:
    reports.quarter(cast)
    told = sweep(frozen.to(DRAFTED_AT))
    assert told == [
        "2026年第一季度考核评议报告待起草 2 份",
        "同心社区党建联盟2026年第一季度考核评议报告已起草",
        "清河社区党建联盟2026年第一季度考核评议报告已起草",
    ]
    draft = reports.of(cast)
    # 1, 2, 3 April, then Qingming until Monday the 6th, 7 and 8 April.
    assert (draft.state, draft.due_on, draft.computed_at) == ("draft", date(2026, 4, 8), clock.now())
    assert draft.lines.count() == len(UNITS)
    assert reads.progress(Q1) == reads.Progress(total=2, done=2)
    assert LogEntry.objects.filter(action="evaluations.assessment.drafted").count() == 2


def test_a_second_sweep_changes_nothing(cast: Cast, frozen: Frozen) -> None:
    now = frozen.to(DRAFTED_AT)
    sweep(now)
    rows = list(Assessment.objects.order_by("pk").values())
    logged = LogEntry.objects.count()
    assert sweep(now) == []
    assert sweep(frozen.to("2026-04-01T23:59")) == []
    assert list(Assessment.objects.order_by("pk").values()) == rows
    assert LogEntry.objects.count() == logged


def test_an_outage_is_caught_up_with(cast: Cast, frozen: Frozen) -> None:
    told = sweep(frozen.to("2026-07-20T09:00"))
    assert told[0] == "2026年第二季度考核评议报告待起草 2 份"
    assert told[1] == "2026年第一季度考核评议报告待起草 2 份"
    assert {(row.year, row.quarter) for row in Assessment.objects.all()} == {(2026, 1), (2026, 2)}


def test_a_table_passed_after_the_quarter_owes_no_report_of_it(cast: Cast, frozen: Frozen) -> None:
    Plan.objects.filter(pk=cast.plan.pk).update(passed_at=datetime(2026, 4, 1, 0, 0, tzinfo=clock.ZONE))
    Plan.objects.filter(pk=cast.foreign_plan.pk).update(
        passed_at=datetime(2026, 3, 31, 23, 59, tzinfo=clock.ZONE)
    )
    assert drafting.due_alliances(Q1) == [cast.foreign_alliance]


def test_an_imported_past_year_owes_no_report(cast: Cast, frozen: Frozen) -> None:
    Plan.objects.update(state="closed", passed_at=None, passed_on=None)
    assert sweep(frozen.to(DRAFTED_AT)) == []


def test_the_drafts_lines_are_the_facts_of_the_quarter(cast: Cast, frozen: Frozen) -> None:
    """Worked by hand for three units, see ``reports.quarter``."""
    reports.quarter(cast)
    draft = reports.drafted(cast, frozen)
    # 县实验小学: came to 1 of 1 meeting, took part in 1 of 3 months; nothing else: one part, no score.
    school = reports.line(draft, "县实验小学")
    assert (school.score, school.grade) == (None, "数据不足")
    # 县图书馆: on duty but nobody scored; meeting 1/1 x 15 + month 1/3 x 10 = 18.333 of 25; claims 1/1 of 25: 43.333 / 50
    library = reports.line(draft, "县图书馆")
    assert (library.raw, library.score, library.grade) == (Decimal("86.7"), Decimal("86.7"), "良好")
    assert [part["missing"] for part in library.parts] == ["有效票数不足", "", "", "本季度无到期承诺"]


def test_drafts_are_computed_anew_every_day(cast: Cast, frozen: Frozen) -> None:
    reports.quarter(cast)
    draft = reports.drafted(cast, frozen)
    reports.in_time(cast, "县实验小学")
    assert drafting.draft_waiting(frozen.to("2026-04-01T20:00")) == []
    assert reports.line(draft, "县实验小学").score is None
    drafting.draft_waiting(frozen.to("2026-04-02T00:01"))
    # 18.333 of 25 and 25 of 25
    assert reports.line(draft, "县实验小学").score == Decimal("86.7")
    assert reports.of(cast).computed_at == clock.now()


def test_asking_computes_at_once(cast: Cast, frozen: Frozen) -> None:
    reports.quarter(cast)
    draft = reports.drafted(cast, frozen)
    reports.in_time(cast, "县实验小学")
    drafting.recompute(draft, actor=cast.staff)
    assert reports.line(draft, "县实验小学").score == Decimal("86.7")
    with pytest.raises(NotAllowed):
        drafting.recompute(draft, actor=cast.president)


def test_a_filed_report_is_not_computed_again(cast: Cast, frozen: Frozen) -> None:
    reports.quarter(cast)
    filed = reports.filed(cast, frozen)
    figures, rows = filed.figures, list(filed.lines.values())
    reports.in_time(cast, "县实验小学")
    assert all("同心社区" not in said for said in sweep(frozen.to("2026-04-03T09:00")))
    with pytest.raises(TooLate):
        drafting.compute(filed)
    assert (reports.of(cast).figures, list(filed.lines.values())) == (figures, rows)


def test_adjustments_survive_computing_and_a_member_that_is_none_goes(cast: Cast, frozen: Frozen) -> None:
    reports.quarter(cast)
    draft = reports.drafted(cast, frozen)
    library = reports.line(draft, "县图书馆")
    assessments.adjust(library, adjustment="2.5", reason="承办全县现场会", actor=cast.secretary)
    cast.members["县邮政局"].left_on = date(2025, 12, 1)
    cast.members["县邮政局"].save(update_fields=["left_on"])
    drafting.compute(draft)
    again = reports.line(draft, "县图书馆")
    assert (again.pk, again.score, again.reason) == (library.pk, Decimal("89.2"), "承办全县现场会")
    assert not draft.lines.filter(member=cast.members["县邮政局"]).exists()


def test_a_narrower_scheme_holds_back_an_adjustment(cast: Cast, frozen: Frozen) -> None:
    reports.quarter(cast)
    draft = reports.drafted(cast, frozen)
    assessments.adjust(
        reports.line(draft, "县图书馆"), adjustment="5", reason="承办全县现场会", actor=cast.secretary
    )
    weights = {"results": 40, "meetings": 15, "months": 10, "on_time": 15, "satisfied": 10, "fulfilled": 10}
    schemes.save(cast.community, 2026, weights=weights, lowest=0, highest=0, actor=cast.secretary)
    drafting.compute(draft)
    library = reports.line(draft, "县图书馆")
    assert (library.adjustment, library.reason, library.score) == (0, "", Decimal("86.7"))


def test_one_that_cannot_be_drafted_holds_up_no_other(cast: Cast, frozen: Frozen) -> None:
    now = frozen.to(DRAFTED_AT)
    drafting.plan_due(now)
    # A scheme that some earlier version left behind and that nobody can count with.
    reports.broken_scheme(cast.community)
    with pytest.raises(sweeps.Unfinished) as problem:
        drafting.draft_waiting(now)
    assert problem.value.lines == ["清河社区党建联盟2026年第一季度考核评议报告已起草"]
    assert reads.progress(Q1) == reads.Progress(total=2, done=1)
    assert not AssessmentLine.objects.filter(assessment__alliance=cast.alliance).exists()


def test_a_row_that_somebody_is_at_is_left_alone_until_its_lease_is_over(cast: Cast, frozen: Frozen) -> None:
    now = frozen.to(DRAFTED_AT)
    drafting.plan_due(now)
    Assessment.objects.update(leased_until=clock.machine_time() + timedelta(minutes=1))
    assert drafting.draft_waiting(now) == []
    assert reads.progress(Q1).done == 0
    Assessment.objects.update(leased_until=clock.machine_time() - timedelta(seconds=1))
    assert len(drafting.draft_waiting(now)) == 2
    assert set(Assessment.objects.values_list("leased_until", flat=True)) == {None}


def test_a_tick_stops_when_its_time_is_up_and_the_next_goes_on(cast: Cast, frozen: Frozen) -> None:
    now = frozen.to(DRAFTED_AT)
    drafting.plan_due(now)
    assert drafting.draft_waiting(now, within=timedelta(0)) == []
    assert not reads.progress(Q1).is_over
    drafting.draft_waiting(now)
    assert reads.progress(Q1).is_over


def test_a_draft_that_is_not_made_yet_cannot_be_computed_or_filed(cast: Cast, frozen: Frozen) -> None:
    drafting.plan_due(frozen.to(DRAFTED_AT))
    waiting = reports.of(cast)
    with pytest.raises(OfficeError, match="正在起草"):
        drafting.recompute(waiting, actor=cast.secretary)
    with pytest.raises(OfficeError, match="还在起草"):
        assessments.file(waiting, actor=cast.secretary)


def test_the_secretary_hears_of_the_draft(cast: Cast, frozen: Frozen) -> None:
    draft = reports.drafted(cast, frozen)
    line = ReminderLine.objects.get(kind=drafting.DRAFTED, object_id=draft.pk)
    assert line.recipient == cast.secretary.person
    assert line.text == "2026年第一季度考核评议报告已起草，请写好五、六部分，4月8日前报送"


@pytest.mark.parametrize(("alliances", "asked"), [(24, 0), (50, 2), (400, 8)])
def test_a_countys_drafts_are_shared_out_among_the_workers(cast: Cast, alliances: int, asked: int) -> None:
    """What is put into the broker's queue (kombu's own, in memory) are names of the task, nothing else."""
    broker = Celery("helpers", broker="memory://", set_as_current=False)
    with broker.connection_for_write() as line:
        queue = line.SimpleQueue("celery")
        queue.clear()
        drafting.call_helpers(alliances, app=broker)
        assert queue.qsize() == asked
        names = {queue.get_nowait().headers["task"] for _ in range(asked)}
        assert names == ({drafting.HELPER} if asked else set())


def test_a_helper_makes_what_waits(cast: Cast, frozen: Frozen) -> None:
    drafting.plan_due(frozen.to(DRAFTED_AT))
    tasks.draft_assessments()
    assert reads.progress(Q1).is_over


def test_without_a_broker_the_ticks_go_on_alone(cast: Cast) -> None:
    nobody = Celery("nobody", broker="redis://127.0.0.1:1/0", set_as_current=False)
    drafting.call_helpers(400, app=nobody)


def test_drafting_asks_a_number_of_questions_that_does_not_grow_with_the_members(
    cast: Cast, frozen: Frozen
) -> None:
    """The alliance of two units asks as often as that of fourteen."""
    drafting.plan_due(frozen.to(DRAFTED_AT))
    asked = {}
    for alliance in (cast.alliance, cast.foreign_alliance):
        row = reads.full().get(alliance=alliance)
        with CaptureQueriesContext(connection) as queries:
            drafting.compute(row)
        asked[alliance.members.count()] = len(queries)
    assert set(asked) == {2, len(UNITS)}
    assert asked[len(UNITS)] <= asked[2] + 2, asked
