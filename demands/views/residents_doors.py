"""The office's doors for residents: a QR for the community and for each station, opened, closed, printed as a poster."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from alliances.models import Alliance
from alliances.views.base import act, alliance_or_404, require
from demands import policies
from demands.models import IntakePoint
from demands.selectors import doors as selector
from demands.services import intake
from demands.views.paper_files import paper_response

REFUSAL = "只有社区书记和工作人员可以管理点单二维码。"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def doors(request: HttpRequest) -> HttpResponse:
    """Every place that can have a QR; a POST opens or closes one."""
    alliance = alliance_or_404(request)
    require(policies.can_take_in(request.user, alliance), REFUSAL)
    rows = selector.doors_of(alliance)
    if request.method == "POST":
        return _change(request, alliance, rows)
    content = {
        "alliance": alliance,
        "rows": [
            {"door": row, "link": row.point and selector.link(row.point, site=settings.SITE_URL)}
            for row in rows
        ],
    }
    return render(request, "demands/residents_doors.html", content)


def _change(request: HttpRequest, alliance: Alliance, rows: list[selector.Door]) -> HttpResponse:
    door = next((row for row in rows if str(row.place.pk) == request.POST.get("place")), None)
    if door is None:
        raise Http404("没有这个小区服务站。")
    back = reverse("demands:doors")
    name = door.place.name
    if request.POST.get("deed") == "close":
        point = door.point
        return act(
            request,
            lambda: point and intake.close_door(point, actor=request.user),
            done=f"{name}的二维码已停用，墙上的海报请取下。",
            back=back,
        )
    return act(
        request,
        lambda: intake.open_door(door.place, alliance, actor=request.user),
        done=f"{name}的二维码已启用，请打印海报张贴。",
        back=back,
    )


def _point(request: HttpRequest, pk: int) -> IntakePoint:
    """An open door of an alliance that the user sees and runs."""
    mine = Alliance.objects.visible_to(request.user)
    rows = IntakePoint.objects.select_related("alliance__organisation", "organisation")
    point = rows.filter(pk=pk, alliance__in=mine).first()
    if point is None:
        raise Http404("没有这个二维码。")
    require(policies.can_take_in(request.user, point.alliance), REFUSAL)
    if point.closed_at is not None:
        raise Http404("这个二维码已停用，请打印新的海报。")
    return point


@login_required
@require_safe
def door(request: HttpRequest, pk: int) -> HttpResponse:
    """The poster on the screen."""
    point = _point(request, pk)
    content = {
        "point": point,
        "paper": selector.poster(point, site=settings.SITE_URL),
        "link": selector.link(point, site=settings.SITE_URL),
        "crumbs": [{"label": "居民点单二维码", "url": reverse("demands:doors")}],
    }
    return render(request, "demands/residents_poster.html", content)


@login_required
@require_safe
def poster(request: HttpRequest, pk: int, fmt: str) -> HttpResponse:
    return paper_response(selector.poster(_point(request, pk), site=settings.SITE_URL), fmt)
