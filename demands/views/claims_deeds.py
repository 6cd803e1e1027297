"""What is done with a claim: begun, noted, delivered, handed back, given more time; the office for units that said it on
paper or by telephone, the secretary for a sensitive contact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from alliances.enums import Via
from alliances.views.base import act, require, saved, visible_or_404
from demands import policies
from demands.enums import CLAIM_WORKING, ExtensionState
from demands.forms.claims import AnswerForm, DeliverForm, ExtendForm, HandBackForm, NoteForm, OfUnitForm
from demands.models import Claim, Extension
from demands.selectors import claim_story
from demands.services import claims, notes, privacy
from demands.views.claims import MAY_NOT, crumbs, found_or_404, show, url_of

ASK = require_http_methods(["GET", "HEAD", "POST"])


def _worked_on(request: HttpRequest, pk: int) -> tuple[Claim, bool]:
    """The claim if the reader may work on it, and whether for a unit that is not the reader's own."""
    claim = found_or_404(request, pk)
    require(policies.can_work_on_claim(request.user, claim), MAY_NOT)
    return claim, not claim_story.acts_for_unit(request.user, claim)


@login_required
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    claim, _ = _worked_on(request, pk)
    via = request.POST.get("via", Via.SCREEN.value)
    return act(
        request,
        lambda: claims.start(claim, via=via, actor=request.user),
        done="已登记开始办理。",
        back=url_of(claim),
    )


@login_required
@require_POST
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """A line on how it goes, with pictures if there are any; the first one also says that work has begun."""
    claim, on_behalf = _worked_on(request, pk)
    form = NoteForm(request.POST, request.FILES, on_behalf=on_behalf)

    def deed() -> None:
        words = form.cleaned_data["text"]
        written = notes.add(claim, words, via=form.via(), actor=request.user)
        if not written.photos.exists():  # the same form sent twice has brought its pictures already
            for _, content in form.cleaned_data["photos"]:
                notes.add_photo(written, content, actor=request.user)

    if saved(form, deed):
        messages.success(request, "进展已保存。")
        return redirect(url_of(claim))
    claim = found_or_404(request, pk)  # the refused deed has touched the object in hand
    if claim.state in CLAIM_WORKING:
        return show(request, pk, note=form, status=422)
    return _say_why(request, form, claim)


def _say_why(request: HttpRequest, form: Any, claim: Claim) -> HttpResponse:
    """Where a form has no place any more, because somebody was faster: its sentences above the page."""
    for sentences in form.errors.values():
        for sentence in sentences:
            messages.error(request, sentence)
    return redirect(url_of(claim))


def _deed_page(
    request: HttpRequest,
    pk: int,
    form_of: Callable[..., OfUnitForm],
    deed: Callable[[Claim, Any], Any],
    *,
    template: str,
    done: str,
) -> HttpResponse:
    """A page with one form about a claim that is being worked on."""
    claim, on_behalf = _worked_on(request, pk)
    if claim.state not in CLAIM_WORKING:
        messages.info(request, f"认领项目现在是“{claim.get_state_display()}”，不用再办这一步。")
        return redirect(url_of(claim))
    form = form_of(request.POST if request.method == "POST" else None, claim=claim, on_behalf=on_behalf)
    if request.method == "POST" and saved(form, lambda: deed(claim, form)):
        messages.success(request, done)
        return redirect(url_of(claim))
    if form.is_bound:
        claim = found_or_404(request, pk)
        if claim.state not in CLAIM_WORKING:
            return _say_why(request, form, claim)
    context = {
        "claim": claim,
        "form": form,
        "unit": claim.member.unit.name,
        "on_behalf": on_behalf,
        "crumbs": crumbs(claim, below=True),
    }
    return render(request, template, context, status=422 if form.is_bound else 200)


@login_required
@ASK
def deliver(request: HttpRequest, pk: int) -> HttpResponse:
    return _deed_page(
        request,
        pk,
        DeliverForm,
        lambda claim, form: claims.deliver(claim, **form.parts(), actor=request.user),
        template="demands/claims_deliver.html",
        done="已报完成，等待验收。",
    )


@login_required
@ASK
def hand_back(request: HttpRequest, pk: int) -> HttpResponse:
    return _deed_page(
        request,
        pk,
        lambda data, *, claim, on_behalf: HandBackForm(data, on_behalf=on_behalf),
        lambda claim, form: claims.hand_back(
            claim, form.cleaned_data["reason"], via=form.via(), actor=request.user
        ),
        template="demands/claims_hand_back.html",
        done="已退回认领，社区会另作安排。",
    )


@login_required
@ASK
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    return _deed_page(
        request,
        pk,
        ExtendForm,
        lambda claim, form: claims.ask_extension(
            claim,
            form.cleaned_data["until"],
            form.cleaned_data["reason"],
            via=form.via(),
            actor=request.user,
        ),
        template="demands/claims_extend.html",
        done="已申请延期，社区答复前仍按原时限办理。",
    )


@login_required
@ASK
def extension(request: HttpRequest, pk: int) -> HttpResponse:
    """The office's yes or no to a later deadline."""
    row = visible_or_404(Extension.objects.select_related("asked_by__person"), request.user, pk=pk)
    claim = found_or_404(request, row.claim_id)
    row.claim = claim
    require(policies.can_answer_extension(request.user, row), "只有社区书记和工作人员可以答复延期申请。")
    if row.state != ExtensionState.ASKED:
        messages.info(request, f"这次延期申请已经答复：{row.get_state_display()}。")
        return redirect(url_of(claim))
    form = AnswerForm(request.POST if request.method == "POST" else None, extension=row)

    def deed() -> None:
        answer = form.cleaned_data["answer"]
        if form.cleaned_data["verdict"] == AnswerForm.GRANT:
            claims.grant_extension(row, answer, actor=request.user)
        else:
            claims.refuse_extension(row, answer, actor=request.user)

    if request.method == "POST" and saved(form, deed):
        messages.success(request, "已答复，认领单位会收到消息。")
        return redirect(url_of(claim))
    context = {
        "claim": claim,
        "extension": row,
        "unit": claim.member.unit.name,
        "days": (row.until_on - row.from_on).days,
        "form": form,
        "crumbs": crumbs(claim, below=True),
    }
    return render(request, "demands/claims_extension.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def release_contact(request: HttpRequest, pk: int) -> HttpResponse:
    claim = found_or_404(request, pk)
    require(policies.can_release_contact(request.user, claim), "只有社区书记可以放行敏感需求的联系方式。")
    return act(
        request,
        lambda: privacy.release(claim, actor=request.user),
        done=f"{claim.member.unit.name}现在可以查看需求人的联系方式。",
        back=url_of(claim),
    )
