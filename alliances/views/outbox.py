"""What the alliance has sent: sent, waiting, failed, send again."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from alliances.enums import MessageState
from alliances.models import Message
from alliances.policies import can_run_alliance
from alliances.selectors import directory, inbox, paging
from alliances.services import outbox as service
from alliances.views.base import act, next_url, require, visible_or_404

ONLY = "消息发送由社区书记和工作人员查看。"
FILTERS = (
    ("", "全部"),
    (MessageState.SENT, "已发送"),
    (MessageState.WAITING, "待发送"),
    (MessageState.FAILED, "发送失败"),
)
TONES = {MessageState.SENT: "done", MessageState.FAILED: "late"}


@login_required
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Newest first, filtered by ``state``. The numbers are a fragment of their own (``counts=1``): they count all rows."""
    alliance = directory.chosen_alliance(request)
    require(alliance and can_run_alliance(request.user, alliance), ONLY)
    state = request.GET.get("state", "")
    state = state if state in dict(FILTERS) else ""
    if request.GET.get("counts") == "1":
        context = {"counters": _counters(inbox.outbox_counts(alliance), state)}
        return render(request, "alliances/_outbox_counts.html", context)
    rows = inbox.outbox_of(alliance)
    if state == MessageState.WAITING:
        rows = rows.filter(state__in=[MessageState.WAITING, MessageState.SENDING])
    elif state:
        rows = rows.filter(state=state)
    page = paging.page(rows, request.GET)
    context = {
        "page": page,
        "rows": [(message, TONES.get(MessageState(message.state), "wait")) for message in page.rows],
        "state": state,
        "filters": FILTERS,
        "counts_url": f"?state={state}&counts=1",
        "with_counts": request.GET.get("numbers") == "1",
        "counters": _counters(inbox.outbox_counts(alliance), state)
        if request.GET.get("numbers") == "1"
        else [],
    }
    return render(request, "alliances/outbox.html", context)


def _counters(counts: dict[str, int], current: str) -> list[dict[str, object]]:
    waiting = counts[MessageState.WAITING] + counts[MessageState.SENDING]
    numbers = {"": sum(counts.values()), **counts, MessageState.WAITING: waiting}
    return [
        {
            "label": label,
            "number": numbers[state],
            "url": f"?state={state}",
            "current": state == current,
            "late": state == MessageState.FAILED and numbers[state] > 0,
        }
        for state, label in FILTERS
    ]


@login_required
@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    message = visible_or_404(Message.objects.select_related("alliance__organisation"), request.user, pk=pk)
    require(can_run_alliance(request.user, message.alliance), ONLY)
    back = next_url(request, reverse("alliances:outbox"))
    return act(
        request,
        lambda: service.send_again(message, actor=request.user),
        done="已放回待发送，稍后自动发出。",
        back=back,
    )
