"""Small things of the frame: choosing an alliance, big type, where to complain, the demo's clock."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from alliances import clock
from alliances.context import BIG_TYPE_COOKIE
from alliances.errors import OfficeError
from alliances.models import Alliance
from alliances.policies import is_administrator
from alliances.selectors import directory
from alliances.services import audit, demo_clock
from alliances.views.base import go_next, require, visible_or_404

YEAR = 365 * 24 * 3600
MOST_TOLD = 6


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Work in another of one's alliances, or look into one below the own office."""
    alliance = visible_or_404(Alliance.objects, request.user, code=request.POST.get("alliance", ""))
    request.session[directory.CHOSEN] = alliance.pk
    return go_next(request, reverse("alliances:desk"))


@require_POST
def big_type(request: HttpRequest) -> HttpResponse:
    """Large letters on this device, for a year."""
    response = go_next(request, "/")
    if request.POST.get("big") == "1":
        response.set_cookie(
            BIG_TYPE_COOKIE,
            "1",
            max_age=YEAR,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    else:
        response.delete_cookie(BIG_TYPE_COOKIE)
    return response


@require_safe
def complaint(request: HttpRequest) -> HttpResponse:
    """Where to complain. Names and telephones are shown to people of the alliance only."""
    context: dict[str, Any] = {"contacts": [], "street": None}
    if request.user.is_authenticated:
        alliance = directory.chosen_alliance(request)
        if alliance is not None:
            context = directory.complaints_of(alliance)
    return render(request, "alliances/complaint.html", context)


@login_required
@require_POST
def move_clock(request: HttpRequest) -> HttpResponse:
    """The demo's calendar goes on to the next working morning or month; every sweep follows it."""
    if not settings.DEMO:
        raise Http404
    require(is_administrator(request.user), "演示时钟由演示环境的系统管理员移动。")
    step = request.POST.get("step", "")
    try:
        done = demo_clock.advance(step)
    except OfficeError as problem:
        messages.error(request, problem.message)
        return go_next(request, reverse("alliances:desk"))
    audit.record("alliances.demo.advance", None, actor=request.user, data={"step": step, "done": len(done)})
    told = "；".join(done[:MOST_TOLD]) + ("……" if len(done) > MOST_TOLD else "")
    words = f"其间办了 {len(done)} 件：{told}。" if done else "其间没有到期的事项。"
    messages.success(request, f"演示日期已移到{_today()}。{words}")
    return go_next(request, reverse("alliances:desk"))


def _today() -> str:
    today = clock.today()
    return f"{today.year}年{today.month}月{today.day}日"
