"""Files of a report: made from its document, which filing has frozen. A POST, because each leaves a row in the log."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from alliances.documents import Paper
from evaluations.enums import AssessmentState
from evaluations.exports.workbook import workbook_paper
from evaluations.models import Assessment
from evaluations.selectors import assessments as reads
from evaluations.selectors.papers_quarter import report_paper
from evaluations.selectors.papers_quarter_letters import president_summary, unit_letter
from evaluations.services import downloads
from evaluations.views.assessment_report import found
from rotation.documents import paper_response

OFFERED = {"report": ("docx", "pdf"), "summary": ("docx", "pdf"), "data": ("xlsx",)}


@login_required
@require_POST
def paper(request: HttpRequest, pk: int, kind: str, fmt: str) -> HttpResponse:
    """The report (``head=red`` with the red head), the president's page, or the data workbook."""
    assessment = found(request, pk)
    if fmt not in OFFERED[kind]:
        raise Http404("没有这种格式。")
    document = _document(assessment)
    if kind == "report":
        made = report_paper(document, style="red" if request.POST.get("head") == "red" else "plain")
    elif kind == "summary":
        made = president_summary(document)
    else:
        made = workbook_paper(document, site=settings.SITE_URL)
    return _sent(request, assessment, made, kind, fmt)


@login_required
@require_POST
def letter(request: HttpRequest, pk: int, member: str, fmt: str) -> HttpResponse:
    """One unit's result letter, for the community to hand on. Of a draft there is none: what it says may still change."""
    assessment = found(request, pk)
    if assessment.state == AssessmentState.DRAFT:
        raise Http404("报送以后才有结果告知书。")
    document = _document(assessment)
    try:
        made = unit_letter(document, int(member))
    except KeyError:
        raise Http404("报告里没有这家单位。") from None
    return _sent(request, assessment, made, "letter", fmt, member=int(member))


def _document(assessment: Assessment) -> reads.Document:
    if assessment.computed_at is None:
        raise Http404("报告还在起草。")
    return reads.document(assessment)


def _sent(
    request: HttpRequest,
    assessment: Assessment,
    made: Paper,
    kind: str,
    fmt: str,
    *,
    member: int | None = None,
) -> HttpResponse:
    response = paper_response(made, fmt, offered=(fmt,))
    downloads.note(assessment, kind=kind, suffix=fmt, actor=request.user, member=member)  # type: ignore[arg-type]  # logged in
    return response
