"""The 年度轮值主席安排表 as a paper: on the screen for printing, and as Word, Excel, PDF."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from rotation.documents import paper_response
from rotation.selectors import year as years
from rotation.selectors.papers import plan_paper
from rotation.views.year_edit import crumbs


@login_required
@require_safe
def sheet(request: HttpRequest, code: str, year: int) -> HttpResponse:
    plan = get_object_or_404(years.plans_of(request.user, code), year=year)
    content = {"plan": plan, "paper": plan_paper(plan), "crumbs": crumbs(plan)}
    return render(request, "rotation/year_paper.html", content)


@login_required
@require_safe
def download(request: HttpRequest, code: str, year: int, fmt: str) -> HttpResponse:
    plan = get_object_or_404(years.plans_of(request.user, code), year=year)
    return paper_response(plan_paper(plan), fmt, offered=("docx", "xlsx", "pdf"))
