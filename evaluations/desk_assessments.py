"""What the quarterly assessment lays on a desk: a report to write and file, to receive, to acknowledge; an own result."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from alliances import clock
from alliances.enums import MEMBER_ROLES, Role
from alliances.models import Alliance
from alliances.registry import DeskLine
from alliances.selectors import directory
from evaluations import paths, policies
from evaluations.enums import AssessmentState
from evaluations.models import Assessment, AssessmentLine
from evaluations.models.assessment import STANDING

NEW_FOR = timedelta(days=14)
MOST_REPORTS = 5  # of one office; the rest in one line


def lines(user: Any, alliance: Alliance | None) -> list[DeskLine]:
    """A query for each of the three kinds of people that the user is."""
    found = _to_answer(user)
    if alliance is not None and policies.can_write_assessment(user, alliance):
        found += _to_file(user, alliance)
    if alliance is not None and user.holds(*MEMBER_ROLES):
        found += _own(user, alliance)
    return found


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


# --- the community ------------------------------------------------------------------------------------------------


def _to_file(user: Any, alliance: Alliance) -> list[DeskLine]:
    """Drafts that have been made, and returned reports without a revision yet."""
    open_ones = Q(state=AssessmentState.DRAFT, computed_at__isnull=False) | Q(
        state=AssessmentState.RETURNED, replaced_by__isnull=True
    )
    rows = Assessment.objects.filter(open_ones, alliance=alliance).light().order_by("pk")
    leads = policies.can_lead_assessment(user, alliance)
    return [
        _returned(row) if row.state == AssessmentState.RETURNED else _draft(row, leads=leads) for row in rows
    ]


def _returned(row: Assessment) -> DeskLine:
    return DeskLine(
        title=f"{row.period.label}考核评议报告被退回",
        url=paths.assessment(row.pk),
        action="去修改",
        detail=f"退回原因：{row.return_reason}",
        state="已退回",
        tone="late",
        urgency=5,
    )


def _draft(row: Assessment, *, leads: bool) -> DeskLine:
    is_written = bool(row.problems.strip() and row.next_steps.strip())
    what = "报送" if is_written and leads else "撰写"
    kind = "更正报告" if row.revision > 1 else "考核评议报告"
    return DeskLine(
        title=f"{what}{row.period.label}{kind}",
        url=paths.assessment(row.pk),
        action="去报送" if is_written and leads else "去写",
        detail="文字已写好，核对后报送" if is_written else "数据已算好，请写五、六两部分",
        state=f"{_day(row.due_on)}已过期" if row.is_late else f"{_day(row.due_on)}前报送",
        tone="late" if row.is_late else "wait",
        urgency=5 if row.is_late else 12,
    )


# --- the offices --------------------------------------------------------------------------------------------------


def _to_answer(user: Any) -> list[DeskLine]:
    """Filed reports that wait for this office; copies that nobody has acknowledged."""
    places = [a.organisation_id for a in user.current_appointments if a.role == Role.OFFICE]
    if not places:
        return []
    to_receive = Q(state=AssessmentState.FILED, alliance__organisation__parent__in=places)
    copies = Q(state__in=STANDING, acknowledged_at=None, alliance__organisation__parent__parent__in=places)
    rows = Assessment.objects.filter(to_receive | copies).light().select_related("alliance__organisation")
    received: list[Assessment] = []
    copied: list[Assessment] = []
    for row in rows.order_by("filed_at", "pk"):
        is_own = row.alliance.organisation.parent_id in places
        (received if is_own and row.state == AssessmentState.FILED else copied).append(row)
    return _reports(received, "接收", urgency=10) + _reports(copied, "知悉", urgency=30)


def _reports(rows: list[Assessment], verb: str, *, urgency: int) -> list[DeskLine]:
    found = [
        DeskLine(
            title=f"{verb}{row.alliance.organisation.name}{row.period.label}考核评议报告",
            url=paths.assessment(row.pk),
            action="去审阅" if verb == "接收" else "去查看",
            detail=row.number,
            state=f"{_day(clock.local(row.filed_at).date())}报送" if row.filed_at else "",
            tone="wait",
            urgency=urgency,
        )
        for row in rows[:MOST_REPORTS]
    ]
    if len(rows) > MOST_REPORTS:
        found.append(
            DeskLine(
                title=f"共 {len(rows)} 份考核评议报告待{verb}，还有 {len(rows) - MOST_REPORTS} 份",
                url=paths.QUARTER_OFFICE,
                action="查看",
                urgency=urgency,
            )
        )
    return found


# --- a unit -------------------------------------------------------------------------------------------------------


def _own(user: Any, alliance: Alliance) -> list[DeskLine]:
    """The own result of a report that was received in the last days."""
    members = directory.own_members(user, alliance)
    rows = AssessmentLine.objects.filter(
        member__in=members,
        assessment__state=AssessmentState.RECEIVED,
        assessment__received_at__gte=clock.now() - NEW_FOR,
    )
    rows = rows.select_related("assessment", "member__unit").defer("assessment__figures")
    return [
        DeskLine(
            title=f"{line.member.unit.name}{line.assessment.period.label}考核评议结果",
            url=f"{paths.own_results()}?line={line.pk}",
            action="查看",
            detail=f"{line.score} 分，{line.grade}" if line.score is not None else line.grade,
            state="新结果",
            urgency=55,
        )
        for line in rows.order_by("pk")
    ]
