"""Acceptance: the station's verdict on what was delivered, the office's record of it, the sheet to take along."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from alliances import clock
from alliances.views.base import require, saved, visible_or_404
from demands import policies
from demands.enums import ClaimState, Verdict
from demands.forms.stations import VisitForm
from demands.models import Claim
from demands.selectors import places
from demands.selectors.papers_visit import visit_sheet
from demands.services import acceptance
from demands.views.paper_files import paper_response
from demands.views.stations_part import accepts_itself, visits_of

MAY_NOT = "只有需求所在站点可以验收，社区可以代录。"


def _claim(request: HttpRequest, pk: int) -> Claim:
    rows = Claim.objects.select_related(
        "demand__category",
        "demand__station",
        "demand__alliance__organisation",
        "alliance__organisation",
        "member__unit",
    )
    claim = visible_or_404(rows, request.user, pk=pk)
    require(policies.can_accept_claim(request.user, claim), MAY_NOT)
    return claim


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """合格; the button on the claim's page sends nothing, or a few words."""
    claim = _claim(request, pk)
    has_failed = any(visit.verdict == Verdict.FAILED for visit in visits_of(claim))
    return _visit(request, claim, "accept", asks="mended" if has_failed else "")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """退回整改, with what to mend."""
    return _visit(request, _claim(request, pk), "return", asks="to_mend")


def _visit(request: HttpRequest, claim: Claim, verdict: str, *, asks: str) -> HttpResponse:
    back = places.of_claim(claim)
    if claim.state != ClaimState.DELIVERED:
        messages.info(request, f"这个项目现在是“{claim.get_state_display()}”，没有要验收的。")
        return redirect(back)
    recorded = not accepts_itself(request.user, claim)
    data = None
    if request.method == "POST":
        data = request.POST.copy()
        if not recorded:  # the buttons on the claim's page send no date: it is today's visit
            data.setdefault("on", clock.today().isoformat())
    form = VisitForm(data, recorded=recorded, asks=asks)
    deed = acceptance.accept if verdict == "accept" else acceptance.send_back
    if data is not None and saved(form, lambda: deed(claim, **form.parts(), actor=request.user)):
        messages.success(request, _done(claim, verdict))
        return redirect(back)
    context = {
        "claim": claim,
        "back": back,
        "demand": claim.demand,
        "project": claim.title or str(claim.demand.category),  # never the words of a resident
        "place": policies.station_of(claim.demand),
        "form": form,
        "recorded": recorded,
        "is_return": verdict == "return",
        "crumbs": [{"label": f"认领项目 {claim.demand.number}", "url": back}],
    }
    return render(request, "demands/stations_visit.html", context, status=422 if data is not None else 200)


def _done(claim: Claim, verdict: str) -> str:
    if verdict == "return":
        return f"已退回整改，{claim.member.unit.name}会收到消息。"
    return "已验收合格，接下来请在期限内回访需求人。"


@login_required
@require_safe
def sheet(request: HttpRequest, pk: int, fmt: str) -> HttpResponse:
    """The 验收单 to print and take along."""
    claim = _claim(request, pk)
    return paper_response(visit_sheet(claim, visits_of(claim)), fmt)
