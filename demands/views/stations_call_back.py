"""One call-back: what the resident said, nobody answered, a link for WeChat, what is done about an unsatisfied answer."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.views.base import require, saved, visible_or_404
from demands import policies
from demands.enums import CallBackMethod, CallBackState, ClaimState, Satisfaction
from demands.forms.stations import AnswerForm, FollowUpForm
from demands.models import CallBack
from demands.selectors import call_backs as reads
from demands.selectors import places
from demands.services import callbacks
from demands.services.callbacks import Answer
from demands.services.privacy import RevealReason
from demands.views.stations_call_backs import row_of

MAY_NOT = "只有站点和社区可以登记回访。"


def _found(request: HttpRequest, pk: int) -> CallBack:
    row = visible_or_404(reads.full(CallBack.objects.all()), request.user, pk=pk)
    require(policies.can_call_back(request.user, row), MAY_NOT)
    return row


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def call_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, and what the resident said."""
    row = _found(request, pk)
    if request.method != "POST":
        return _show(request, row)
    form = AnswerForm(request.POST, methods=_methods(row))

    def deed() -> None:
        callbacks.answer(row, Answer(**form.cleaned_data), actor=request.user)

    if saved(form, deed):
        messages.success(request, _done(row))
        return redirect(f"{places.of_call_backs()}?state=due")
    return _came_back(request, pk, "answer", form)


def _done(row: CallBack) -> str:
    if row.reopened_claim:
        return "已登记不满意，项目已退回单位重新办理（每个项目只退回一次），单位会收到消息。"
    if row.satisfaction == Satisfaction.BAD:
        return "已登记不满意。这个项目此前已重新办理过一次，不再退回，请按跟进措施落实。"
    return f"回访已登记：{row.get_satisfaction_display()}。"


@login_required
@require_POST
def miss(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody answered; the third time it ends as 联系不上."""
    row = _found(request, pk)
    counted = request.POST.get("attempts", "")
    try:
        if not (counted.isascii() and counted.isdecimal() and len(counted) < 4):
            raise OfficeError("页面放得太久了，请再点一次“没打通”。")
        callbacks.miss(row, attempts=int(counted), actor=request.user)
    except OfficeError as problem:
        messages.error(request, problem.message)
        return redirect(places.of_call_back(row))
    if row.state == CallBackState.UNREACHABLE:
        messages.success(request, f"{callbacks.MOST_TRIES}次没有接通，已记为联系不上；以后联系上了仍可登记。")
    else:
        messages.success(request, f"已记下第 {row.attempts} 次没接通，换个时间再打。")
    return redirect(f"{places.of_call_backs()}?state=due")


@login_required
@require_POST
@never_cache
@sensitive_variables("code", "link", "text")
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """A link by which the resident answers alone, shown once: to be copied into WeChat."""
    row = _found(request, pk)
    try:
        code = callbacks.link(row, actor=request.user)
    except NotAllowed as problem:
        raise PermissionDenied(problem.message) from problem
    except OfficeError as problem:
        messages.error(request, problem.message)
        return redirect(places.of_call_back(row))
    link = f"{settings.SITE_URL}{places.of_answer(code)}"
    demand = row.acceptance.claim.demand
    # Neither what was asked for nor by whom: the text is pasted into a chat.
    text = (
        f"您好，我是{policies.station_of(demand).name}。您反映的事项（{demand.number}）已办理，"
        f"办得怎么样，请点开链接选一下，不用登录：\n{link}\n链接只用一次，请勿转发。"
    )
    context = {**row_of(row), "link": link, "text": text, "crumbs": _crumbs(row)}
    return render(request, "demands/stations_call_back_link.html", context)


@login_required
@require_POST
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Who does what about an unsatisfied answer, where nobody has said it yet."""
    row = _found(request, pk)
    form = FollowUpForm(request.POST)
    if saved(form, lambda: callbacks.follow_up(row, form.cleaned_data["follow_up"], actor=request.user)):
        messages.success(request, "跟进措施已记下。")
        return redirect(places.of_call_back(row))
    return _came_back(request, pk, "follow_up", form)


# --- what the page shows ------------------------------------------------------------------------------------------


def _methods(row: CallBack) -> list[str]:
    """How this one can be asked: nobody's call-back is the station's own look, without a phone there is no calling."""
    if row.author is None:
        return [CallBackMethod.ON_SITE]
    calling = [CallBackMethod.PHONE] if row.author.phone else []
    return [*calling, CallBackMethod.VISIT, CallBackMethod.WECHAT, CallBackMethod.ON_SITE]


def _asks_follow_up(row: CallBack) -> bool:
    unhappy = row.satisfaction == Satisfaction.BAD or row.reopened_claim
    return unhappy and not row.follow_up and row.imported_at is None


def _show(request: HttpRequest, row: CallBack, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page; ``forms`` are those that came back with an error (``answer``, ``follow_up``)."""
    claim = row.acceptance.claim
    is_open = row.state != CallBackState.ANSWERED
    context = {
        **row_of(row),
        "visit": row.acceptance,
        "form": (forms.get("answer") or AnswerForm(methods=_methods(row))) if is_open else None,
        "follow": (forms.get("follow_up") or FollowUpForm()) if _asks_follow_up(row) else None,
        # Only what stands accepted can be sent back, once in its life.
        "would_reopen": claim.state == ClaimState.ACCEPTED and claim.reopened_at is None,
        "may_miss": row.state == CallBackState.DUE and row.author is not None,
        "may_link": is_open and row.author is not None,
        "reason": RevealReason.CALL_BACK.value,
        "crumbs": _crumbs(row)[:1],
    }
    return render(request, "demands/stations_call_back.html", context, status=status)


def _came_back(request: HttpRequest, pk: int, name: str, form: Any) -> HttpResponse:
    """The page with the refused form; where it has no place any more, because somebody was faster, its sentences."""
    row = _found(request, pk)  # the refused deed has touched the object in hand
    has_place = row.state != CallBackState.ANSWERED if name == "answer" else _asks_follow_up(row)
    if has_place:
        return _show(request, row, status=422, **{name: form})
    for sentences in form.errors.values():
        for sentence in sentences:
            messages.error(request, sentence)
    return redirect(places.of_call_back(row))


def _crumbs(row: CallBack) -> list[dict[str, str]]:
    return [
        {"label": "回访名单", "url": f"{places.of_call_backs()}?state=due"},
        {"label": row.acceptance.claim.demand.number, "url": places.of_call_back(row)},
    ]
