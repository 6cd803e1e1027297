"""Does it run? In words for administrators, in one line for probes."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from alliances import clock
from alliances.policies import is_administrator
from alliances.selectors import heartbeats
from alliances.views.base import require


@login_required
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    require(is_administrator(request.user), "运行状态由系统管理员查看。")
    beats = heartbeats.heartbeats()
    context = {
        "beats": beats,
        "troubles": sum(1 for beat in beats if beat.tone == "late"),
        "queue": heartbeats.queue(),
        "last_tick": heartbeats.ago(heartbeats.last_tick()),
        "machine_time": clock.local(clock.machine_time()),
    }
    return render(request, "alliances/status.html", context)


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 "ok" while the database answers and the clock ticks, 503 with the reason otherwise; nothing about anybody."""
    try:
        last = heartbeats.last_tick()
    except DatabaseError:
        return _line("数据库连不上。", 503)
    if last is None:
        return _line("starting", 200)
    if clock.machine_time() - last > heartbeats.SILENT_AFTER:
        return _line(f"后台任务停了：最后一次运行在{heartbeats.ago(last)}。", 503)
    return _line("ok", 200)


def _line(words: str, status: int) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
