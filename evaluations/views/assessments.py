"""An alliance's quarters: how far each report is, and what comes next. Units are led to their own results."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from alliances import clock
from alliances.calendars import ONE_DAY, Quarter
from alliances.enums import Role
from alliances.models import Alliance
from alliances.policies import can_oversee_alliance, can_run_alliance
from alliances.selectors import directory
from alliances.views.base import alliance_or_404
from evaluations import paths
from evaluations.enums import AssessmentState
from evaluations.models import Assessment
from evaluations.selectors import assessments as reads
from evaluations.services import drafting
from rotation.selectors.deadlines import Office

MOST_SHOWN = 40  # ten years of quarters
TONES = {
    AssessmentState.DRAFT: "wait",
    AssessmentState.FILED: "wait",
    AssessmentState.RECEIVED: "done",
    AssessmentState.RETURNED: "late",
    AssessmentState.SUPERSEDED: "off",
}
WORDS = {AssessmentState.DRAFT: "待报送", AssessmentState.FILED: "已报送，待接收"}


def state_of(assessment: Assessment) -> tuple[str, str]:
    """An assessment's state in words and its tone, also that it is owed."""
    state = AssessmentState(assessment.state)
    if state == AssessmentState.DRAFT:
        if assessment.computed_at is None:
            return "正在起草", "wait"
        if assessment.is_late:
            return "逾期未报", "late"
    return WORDS.get(state, state.label), TONES[state]


@login_required
@require_safe
def assessments(request: HttpRequest) -> HttpResponse:
    """The chosen alliance's quarters, newest first. While a draft is being made the table asks for itself again."""
    user: Any = request.user
    if user.holds(Role.OFFICE) and directory.chosen_alliance(request) is None:
        return redirect(paths.QUARTER_OFFICE)
    alliance = alliance_or_404(request)
    reads_all, own = can_oversee_alliance(user, alliance), directory.own_members(user, alliance)
    if not reads_all and not own:
        raise Http404("季度考核由社区、会长和上级查看；各单位看本单位的结果。")
    rows = _rows(user, alliance) if reads_all else []
    context = {
        "alliance": alliance,
        "rows": rows,
        "drafting": _drafting(alliance, rows),
        "reads_all": reads_all,
        "own": own,
        "year": clock.today().year,
    }
    if request.headers.get("HX-Request"):
        return render(request, "evaluations/_assessments_rows.html", context)
    return render(request, "evaluations/assessments.html", context | _ahead(user, alliance))


def _rows(user: Any, alliance: Alliance) -> list[dict[str, Any]]:
    """One row a quarter: its newest revision that the user may read, and the number that still stands beside a correction."""
    found: dict[tuple[int, int], list[Assessment]] = {}
    versions = Assessment.objects.visible_to(user).filter(alliance=alliance).light()
    for row in versions.order_by("-year", "-quarter", "-revision")[:MOST_SHOWN]:
        found.setdefault((row.year, row.quarter), []).append(row)
    heads = [rows[0] for rows in found.values()]
    means = reads.means_of(row.pk for row in heads)
    shown = []
    for rows in found.values():
        head = rows[0]
        word, tone = state_of(head)
        mean, rated = means[head.pk]
        shown.append(
            {
                "assessment": head,
                "label": head.period.label,
                "word": word,
                "tone": tone,
                "mean": mean,
                "rated": rated,
                "former": rows[1] if head.state == AssessmentState.DRAFT and len(rows) > 1 else None,
            }
        )
    return shown


def _drafting(alliance: Alliance, rows: list[dict[str, Any]]) -> reads.Progress | None:
    """How far the drafts of the street's communities are, while this alliance's own is being made."""
    waiting = [row["assessment"] for row in rows if row["assessment"].computed_at is None]
    if not waiting:
        return None
    beside = Alliance.objects.filter(organisation__parent=alliance.organisation.parent_id)
    return reads.progress(waiting[0].period, beside)


def _ahead(user: Any, alliance: Alliance) -> dict[str, Any]:
    """When the running quarter's report will be drafted, and by when it is to be filed."""
    if not can_run_alliance(user, alliance):
        return {"ahead": None}
    quarter = Quarter.of(clock.today())
    due = drafting.due_on(quarter, Office(alliance.organisation))
    return {"ahead": {"label": quarter.label, "drafted_on": quarter.end + ONE_DAY, "due_on": due}}
