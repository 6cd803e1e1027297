"""A unit's own results: its line of the reports that stand, the alliance's mean beside it, nobody else's line."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from alliances.selectors import directory
from evaluations import paths
from evaluations.enums import AssessmentState
from evaluations.models import AssessmentLine
from evaluations.models.assessment import STANDING
from evaluations.selectors import assessment_page
from evaluations.selectors import assessments as reads
from evaluations.selectors.papers_quarter_letters import unit_letter
from evaluations.selectors.papers_quarter_words import adjustment_words
from rotation.documents import paper_response


@login_required
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """The newest result in full, or the one of ``?line=``; the others as a history."""
    members = _own(request)
    results = reads.own_results(request.user, members)
    chosen = _chosen(request, results)
    context: dict[str, Any] = {
        "members": members,
        "results": results,
        "chosen": chosen,
        "several": len(members) > 1,
    }
    if chosen is not None:
        context |= _shown(chosen)
    return render(request, "evaluations/assessment_own.html", context)


def _own(request: HttpRequest) -> list[Any]:
    """The units that the reader speaks for, in every alliance; 404 for everybody else."""
    members = directory.own_members(request.user)
    if not members:
        raise Http404("这里是成员单位查看本单位结果的地方。")
    return members


def _chosen(request: HttpRequest, results: list[reads.OwnResult]) -> reads.OwnResult | None:
    wanted = request.GET.get("line", "")
    if not wanted:
        return results[0] if results else None
    found = next((one for one in results if str(one.line.pk) == wanted), None)
    if found is None:
        raise Http404("没有这个季度的结果。")
    return found


def _shown(result: reads.OwnResult) -> dict[str, Any]:
    line = result.line
    document = line.assessment.figures
    found = next(one for one in document["assessment"]["lines"] if one["member"] == line.member_id)
    return {
        "line": found,
        "adjustment": adjustment_words(found),
        "parts": assessment_page.told_parts(found["parts"]),
        "figures": assessment_page.own_figures(document, line.member_id),
        "is_received": line.assessment.state == AssessmentState.RECEIVED,
        "docx": paths.own_letter(line.pk, "docx"),
        "pdf": paths.own_letter(line.pk, "pdf"),
    }


@login_required
@require_safe
def letter(request: HttpRequest, pk: int, fmt: str) -> HttpResponse:
    """The own result letter as Word or PDF."""
    members = _own(request)
    rows = AssessmentLine.objects.filter(member__in=members, assessment__state__in=STANDING)
    line = get_object_or_404(rows.select_related("assessment"), pk=pk)
    return paper_response(unit_letter(line.assessment.figures, line.member_id), fmt)
