"""The offices' table of communities: this month or another, each figure leading to its page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alliances import clock
from alliances.calendars import Month
from alliances.enums import Role
from alliances.selectors.overview import overview
from alliances.views.base import require


@login_required
@require_safe
def office(request: HttpRequest) -> HttpResponse:
    """Communities below the own office in one month (``?month=2026-03``); wrong values mean this month."""
    require(request.user.holds(Role.OFFICE), "社区一览供街道、县区和市级办公室查看。")
    this = Month.of(clock.today())
    month = _month(request.GET.get("month", "")) or this
    found = overview(request.user, month.year, month.month, after=request.GET.get("after", ""))
    context = {
        "overview": found,
        "month": month,
        "month_label": month.label,
        "months": [(f"{m.year}-{m.month:02d}", m.label) for m in (month.prev(), month, month.next())],
        "month_value": f"{month.year}-{month.month:02d}",
        "is_this": month == this,
    }
    return render(request, "alliances/office.html", context)


def _month(text: str) -> Month | None:
    year, _, month = text.partition("-")
    if not (year.isascii() and year.isdigit() and month.isascii() and month.isdigit()):
        return None
    if len(year) > 4 or len(month) > 2:
        return None
    return Month(int(year), int(month)) if 2000 <= int(year) <= 2100 and 1 <= int(month) <= 12 else None
