"""The Month page: the whole chain of one month, what is next and who holds it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from alliances import clock
from alliances.calendars import Month
from alliances.enums import Role
from alliances.models import Alliance
from alliances.registry import MonthView
from alliances.selectors import directory
from alliances.views.base import alliance_or_404
from alliances.views.chain import drawn_month
from rotation import policies
from rotation.enums import PlanState
from rotation.models import Duty
from rotation.selectors import month as months

FIRST_YEAR, LAST_YEAR = 2000, 2100


@login_required
@require_safe
def this_month(request: HttpRequest) -> HttpResponse:
    """The running month of the chosen alliance; offices choose a community first."""
    if request.user.holds(Role.OFFICE) and directory.chosen_alliance(request) is None:
        return redirect("alliances:office")
    alliance = alliance_or_404(request)
    now = Month.of(clock.today())
    return redirect("rotation:month", alliance.code, now.year, now.month)


@login_required
@require_safe
def month(request: HttpRequest, code: str, year: int, month: int) -> HttpResponse:
    """One month of one alliance, whether anybody is on duty or not."""
    if not 1 <= month <= 12 or not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404("没有这个月份。")
    own = (alliance for alliance in directory.own_alliances(request) if alliance.code == code)
    alliance = next(own, None) or alliance_or_404(request, code)
    view = MonthView(request.user, alliance, year, month)
    chairs, steps = drawn_month(view)
    duty = months.duty_of(view)
    shown, now = Month(year, month), Month.of(clock.today())
    context = {
        "alliance": alliance,
        "month": shown,
        "is_now": shown == now,
        "is_past": shown < now,
        "chairs": chairs,
        "duty": duty,
        "units": [chair.member.unit.name for chair in duty.chairs.all()] if duty else [],
        "steps": steps,
        "next_step": next((step for step in steps if step.is_next), None),
        "all_done": bool(steps) and all(step.step.state == "done" for step in steps),
        "earlier": _link(alliance, shown.prev()),
        "later": _link(alliance, shown.next()),
        "current": _link(alliance, now),
        "help": _help(request.user, duty) if duty and steps else [],
    }
    return render(request, "rotation/month.html", context)


def _link(alliance: Alliance, month: Month) -> dict[str, Any]:
    return {"month": month, "url": reverse("rotation:month", args=[alliance.code, month.year, month.month])}


def _help(user: Any, duty: Duty) -> list[dict[str, str]]:
    """Where to turn when the month does not go as planned."""
    found = []
    is_open = duty.plan.state == PlanState.PASSED and duty.ends_on >= clock.today()
    if is_open and policies.can_ask_swap(user, duty):
        found.append({"label": "申请调换、代理或顺延", "url": reverse("rotation:swap-new", args=[duty.pk])})
    found.append(
        {
            "label": "全年安排表",
            "url": reverse("rotation:year", args=[duty.alliance.code, duty.plan.year]),
        }
    )
    found.append({"label": "请社区协助、电话", "url": reverse("alliances:complaint")})
    return found
