"""The scheme of the assessment: the points of each sum and how far the secretary may adjust, per organisation and year."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance, Organisation
from alliances.views.base import require, saved, visible_or_404
from evaluations import paths, policies
from evaluations.assessing import PART_TITLES, PARTS, SUM_TITLES, Scheme
from evaluations.enums import AssessmentState
from evaluations.forms.assessments import SchemeForm
from evaluations.models import Assessment, AssessmentScheme
from evaluations.selectors import schemes
from evaluations.services import schemes as service

SHOWN_REPORTS = 8


def _place(request: HttpRequest, code: str) -> Organisation:
    """The organisation of ``code``: of an alliance that the reader belongs to, for offices any in their subtree."""
    user: Any = request.user
    if user.holds(Role.OFFICE):
        return visible_or_404(Organisation.objects.select_related("parent"), user, code=code)
    rows = Alliance.objects.select_related("organisation__parent")
    return visible_or_404(rows, user, organisation__code=code).organisation


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scheme(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """Everybody of the alliance reads; the secretary, and an office its own, change what comes."""
    place = _place(request, code)
    if not 2000 <= year <= 2100:
        raise Http404("年度不对。")
    row = schemes.row_for(place, year)
    holds = schemes.pure(row) if row else Scheme()
    may_edit = policies.can_edit_scheme(request.user, place)
    form = None
    if request.method == "POST":
        require(may_edit, "只有社区书记和本级办公室可以修改考核方案。")
        form = SchemeForm(request.POST, scheme=holds)
        if saved(form, lambda: service.save(place, year, **form.values, actor=request.user)):
            messages.success(request, f"{place.name}{year}年考核方案已保存，草稿下次计算时按新方案。")
            return redirect(paths.scheme(code, year))
    elif may_edit and year >= clock.today().year:
        form = SchemeForm(scheme=holds)
    context = {
        "place": place,
        "year": year,
        "form": form,
        "scheme": holds,
        "parts": _parts(holds),
        "origin": _origin(row, place, year),
        "is_past": year < clock.today().year,
        "reports": _reports(request, place, year),
        "years": [
            {"year": number, "url": paths.scheme(code, number)}
            for number in (year - 1, year, year + 1)
            if 2000 <= number <= 2100
        ],
        "crumbs": [{"label": "季度考核", "url": paths.ASSESSMENTS}],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "evaluations/assessment_scheme.html", context, status=status)


def _parts(holds: Scheme) -> list[dict[str, Any]]:
    return [
        {
            "title": PART_TITLES[part],
            "full": holds.part_weight(part),
            "sums": [(SUM_TITLES[key], holds.weights[key]) for key in keys],
        }
        for part, keys in PARTS.items()
    ]


def _origin(row: AssessmentScheme | None, place: Organisation, year: int) -> str:
    """Where the scheme in force comes from, in words."""
    if row is None:
        return "这是默认方案，本级和上级都没有另定。"
    if row.organisation_id == place.pk:
        return "本级方案。" if row.year == year else f"沿用本级{row.year}年的方案。"
    own = "" if row.year == year else f"{row.year}年"
    return f"沿用{row.organisation.name}{own}的方案，本级没有另定。"


def _reports(request: HttpRequest, place: Organisation, year: int) -> list[Assessment]:
    """The reader's filed reports of the year, which keep the scheme they were filed with."""
    rows = Assessment.objects.visible_to(request.user).filter(alliance__organisation=place, year=year)
    filed = rows.exclude(state__in=[AssessmentState.DRAFT, AssessmentState.SUPERSEDED])
    return list(filed.light().order_by("quarter")[:SHOWN_REPORTS])
