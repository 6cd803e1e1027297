"""A person's messages. Looking changes nothing; reading is said by a press of a button."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alliances.selectors import inbox as selectors
from alliances.selectors import paging
from alliances.services import outbox


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Newest first; ``unread=1`` shows the unread only."""
    rows = selectors.messages_for(request.user)
    unread_only = request.GET.get("unread") == "1"
    if unread_only:
        rows = rows.filter(read_at=None)
    if request.GET.get("total") == "1":
        return render(request, "alliances/_total.html", {"total": rows.count()})
    context = {
        "page": paging.page(rows, request.GET),
        "unread_only": unread_only,
        "total_url": "?unread=1&total=1" if unread_only else "?total=1",
    }
    return render(request, "alliances/inbox.html", context)


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    outbox.mark_all_read(request.user.person)
    messages.success(request, "已全部标为已读。")
    return redirect("alliances:inbox")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own message; a POST marks it read and goes on to what it is about."""
    found = get_object_or_404(selectors.messages_for(request.user), pk=pk)
    if request.method == "POST":
        outbox.mark_read(request.user.person, [found.pk])
        return redirect(found.path or "alliances:inbox")
    crumbs = [{"label": "我的消息", "url": reverse("alliances:inbox")}]
    return render(request, "alliances/message.html", {"message": found, "crumbs": crumbs})
