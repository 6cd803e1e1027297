"""Residents' paper ballots typed in by staff: a pile a page, and the next one after it, until the round is settled."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from alliances.views.base import act, require, saved
from evaluations import policies
from evaluations.enums import CodeOrigin, RoundState
from evaluations.forms.paper import ROWS, CountsForm, SheetsForm
from evaluations.lifecycles import ROUND
from evaluations.models import PaperBatch, ResidentCode, Round
from evaluations.selectors import rounds as selector
from evaluations.services import paper as service
from evaluations.views import form_keys
from evaluations.views.rounds import crumbs, round_or_404

REFUSAL = "只有社区书记和工作人员可以录入纸质评议票。"


def _round(request: HttpRequest, pk: int) -> Round:
    round = round_or_404(request, pk)
    require(policies.can_enter_paper(request.user, round), REFUSAL)
    return round


def _elsewhere(request: HttpRequest, round: Round) -> HttpResponse | None:
    """To the round's page with a sentence, when no paper can be entered now."""
    if round.state in selector.RUNNING:
        return None
    words = "评议还没有开放，开放后再录入纸质票。"
    if round.state == RoundState.SETTLED:
        words = "评议已出结果，不再录入纸质票。"
    messages.info(request, words)
    return redirect("evaluations:round", pk=round.pk)


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Type a pile and save; the page comes back empty for the next one."""
    round = _round(request, pk)
    if elsewhere := _elsewhere(request, round):
        return elsewhere
    piles = _piles(round)
    form = SheetsForm(
        request.POST if request.method == "POST" else None,
        round=round,
        rows=_rows(request),
        handed_out=_handed_out(round, piles),
    )
    if request.method == "POST" and saved(form, lambda: _enter(request, round, form)):
        url = reverse("evaluations:paper", args=[round.pk])
        return redirect(f"{url}?rows={len(form.lines)}")
    return _show(request, round, piles, form, status=422 if form.is_bound else 200)


def _rows(request: HttpRequest) -> int:
    wanted = (request.POST if request.method == "POST" else request.GET).get("rows", "")
    return int(wanted) if wanted in {str(number) for number in ROWS} else ROWS[0]


def _piles(round: Round) -> dict[str, int]:
    """What was typed so far, added up."""
    fields = ("handed_out", "entered", "void")
    sums = PaperBatch.objects.filter(round=round).aggregate(**{name: Sum(name, default=0) for name in fields})
    return {**sums, "kept": sums["entered"] - sums["void"]}


def _handed_out(round: Round, piles: dict[str, int]) -> int:
    """What was said before, or as many as were printed with a code."""
    printed = ResidentCode.objects.filter(round=round, origin=CodeOrigin.PAPER, is_void=False)
    return piles["handed_out"] or printed.count()


def _enter(request: HttpRequest, round: Round, form: SheetsForm) -> None:
    batch = service.enter(
        round,
        form.sheets,
        handed_out=form.cleaned_data["handed_out"],
        void=form.cleaned_data["void"],
        in_all=True,
        form_key=form_keys.posted(request),
        actor=request.user,
    )
    twice = batch.void - form.cleaned_data["void"]
    words = f"已录入 {batch.entered} 张，其中有评分 {batch.entered - batch.void} 张、作废 {batch.void} 张。"
    if twice > 0:
        words += f"有 {twice} 张的评议码已经用过，计入作废。"
    messages.success(request, words)


def _show(
    request: HttpRequest,
    round: Round,
    piles: dict[str, int],
    form: SheetsForm,
    *,
    counting: CountsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    content = {
        "round": round,
        "form": form,
        "form_key": form_keys.for_page(request),
        "rows": len(form.lines),
        "row_choices": ROWS,
        "piles": piles,
        "counting": counting or _counts_form(piles),
        "may_settle": any(move.name == "settle_early" for move in ROUND.open_to(request.user, round)),
        "crumbs": crumbs(round),
    }
    return render(request, "evaluations/paper.html", content, status=status)


def _counts_form(piles: dict[str, int], data: Any = None) -> CountsForm:
    form = CountsForm(data, initial={"handed_out": piles["handed_out"], "void": piles["void"]}, prefix="all")
    form.fields["void"].label = "共作废"
    return form


@login_required
@require_POST
def counts(request: HttpRequest, pk: int) -> HttpResponse:
    """Set right what was said about numbers; no ballot changes."""
    round = _round(request, pk)
    if elsewhere := _elsewhere(request, round):
        return elsewhere
    piles = _piles(round)
    counting = _counts_form(piles, request.POST)
    if saved(counting, lambda: service.correct_counts(round, **counting.cleaned_data, actor=request.user)):
        messages.success(request, "张数已更正。")
        return redirect("evaluations:paper", pk=round.pk)
    form = SheetsForm(round=round, rows=ROWS[0], handed_out=_handed_out(round, piles))
    return _show(request, round, piles, form, counting=counting, status=422)


@login_required
@require_POST
def start_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back all paper ballots of the round, to type them anew."""
    round = _round(request, pk)
    return act(
        request,
        lambda: service.start_over(round, actor=request.user),
        done="已清空录入的纸质票，请重新录入。",
        back=reverse("evaluations:paper", args=[round.pk]),
    )
