"""Residents' codes: printing slips and paper ballots, voiding them, the poster for the venue.

A code in plain text exists in the answer to one POST and on the paper printed from it; the database keeps a hash.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alliances.views.base import act, require, saved
from evaluations import paths, policies
from evaluations.enums import CodeOrigin
from evaluations.forms.codes import PrintForm, VoidForm
from evaluations.models import ResidentCode, Round
from evaluations.selectors import papers
from evaluations.services import codes as service
from evaluations.views.rounds import crumbs, round_or_404
from rotation.documents import paper_response

REFUSAL = "只有社区书记和工作人员可以打印、作废评议码。"


def _round(request: HttpRequest, pk: int) -> Round:
    round = round_or_404(request, pk)
    require(policies.can_print_codes(request.user, round), REFUSAL)
    return round


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def codes(request: HttpRequest, pk: int) -> HttpResponse:
    """How many codes there are; a POST makes new ones and answers with their paper, this once."""
    round = _round(request, pk)
    form = PrintForm(request.POST if request.method == "POST" else None)
    made: list[str] = []
    if request.method == "POST" and saved(form, lambda: made.extend(_make(round, form, request.user))):
        origin = form.cleaned_data["origin"]
        write = papers.ballot_sheets if origin == CodeOrigin.PAPER else papers.code_slips
        return paper_response(write(round, made, site=settings.SITE_URL), form.cleaned_data["fmt"])
    return _show(request, round, printing=form, status=422 if form.is_bound else 200)


def _make(round: Round, form: PrintForm, user: Any) -> list[str]:
    values = form.cleaned_data
    return service.print_slips(round, values["count"], origin=values["origin"], actor=user)


@login_required
@require_POST
@sensitive_post_parameters("code")
def void(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one code, or every unused one of a kind."""
    round = _round(request, pk)
    form = VoidForm(request.POST)
    if not saved(form, lambda: _void(round, form, request.user)):
        return _show(request, round, voiding=form, status=422)
    return act(request, lambda: None, done=form.done, back=reverse("evaluations:codes", args=[round.pk]))


def _void(round: Round, form: VoidForm, user: Any) -> None:
    origin = form.cleaned_data["origin"]
    if origin == "one":
        service.void_one(round, form.cleaned_data["code"], actor=user)
        form.done = "这张评议码已作废。"
    else:
        count = service.void_unused(round, origin=origin, actor=user)
        form.done = (
            f"已作废没有用过的{CodeOrigin(origin).label} {count} 张。" if count else "没有要作废的评议码。"
        )


def _show(
    request: HttpRequest,
    round: Round,
    *,
    printing: PrintForm | None = None,
    voiding: VoidForm | None = None,
    status: int = 200,
) -> HttpResponse:
    content = {
        "round": round,
        "may_print": round.gives_codes,
        "kinds": _kinds(round),
        "printing": printing or PrintForm(),
        "voiding": voiding or VoidForm(),
        "crumbs": crumbs(round),
    }
    return render(request, "evaluations/codes.html", content, status=status)


def _kinds(round: Round) -> list[dict[str, Any]]:
    """How many codes of each kind were given out, used and taken back; one query."""
    rows = {
        row["origin"]: row
        for row in ResidentCode.objects.filter(round=round)
        .order_by()
        .values("origin")
        .annotate(
            given=Count("pk", filter=Q(is_void=False)),
            used=Count("pk", filter=Q(used_at__isnull=False)),
            void=Count("pk", filter=Q(is_void=True)),
        )
    }
    none = {"given": 0, "used": 0, "void": 0}
    return [{"label": origin.label, **rows.get(origin.value, none)} for origin in CodeOrigin]


# --- at the venue -------------------------------------------------------------------------------------------------


@login_required
@require_safe
def venue(request: HttpRequest, pk: int) -> HttpResponse:
    """The poster on the screen: shown by a projector as it is, or printed."""
    round = _round(request, pk)
    if not round.gives_codes:
        return redirect("evaluations:round", pk=round.pk)
    content = {
        "round": round,
        "paper": papers.venue_poster(round, site=settings.SITE_URL),
        "link": settings.SITE_URL + paths.venue(round.venue_token),
        "crumbs": crumbs(round),
    }
    return render(request, "evaluations/venue.html", content)


@login_required
@require_safe
def venue_paper(request: HttpRequest, pk: int, fmt: str) -> HttpResponse:
    return paper_response(papers.venue_poster(_round(request, pk), site=settings.SITE_URL), fmt)
