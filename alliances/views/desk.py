"""The desk: what is mine to do, what waits for others, the month, the latest messages. Nothing else."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance
from alliances.policies import can_run_alliance
from alliances.registry import DeskLine, MonthView, registries
from alliances.selectors import circle, directory, inbox
from alliances.selectors.overview import overview
from alliances.views.base import alliance_or_404
from alliances.views.chain import drawn_month

LATEST = 3
MONTH = "/month/"  # the rotation's page; a lower app knows paths of a higher one as words only


@login_required
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Lines come from the apps, the most urgent first; offices see the month of their communities instead."""
    user, today = request.user, clock.today()
    alliance = directory.chosen_alliance(request)
    lines = _lines(user, alliance)
    is_office = user.holds(Role.OFFICE)
    if is_office and alliance is not None and not can_run_alliance(user, alliance):
        alliance = None  # the table shows the month of every community
    context = {
        "today": today,
        "mine": [line for line in lines if not line.waiting_for_others],
        "others": [line for line in lines if line.waiting_for_others],
        "overview": overview(user, today.year, today.month) if is_office else None,
        "is_office": is_office,
        "has_post": bool(user.current_appointments),
        "alliance": alliance,
        "month_url": MONTH,
        "fragments": [part for part in registries.desk_fragments if part.shows(user)],
    }
    return render(request, "alliances/desk.html", context)


@login_required
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """The latest messages and the circle's latest, beside the desk's lines and loaded after them."""
    alliance = directory.chosen_alliance(request)
    context = {
        "latest": list(inbox.messages_for(request.user).order_by("-pk")[:LATEST]),
        "entries": circle.latest(request.user, alliance, LATEST) if alliance else [],
    }
    return render(request, "alliances/_desk_news.html", context)


@login_required
@require_safe
def month(request: HttpRequest) -> HttpResponse:
    """The month's chain beside the desk's lines: loaded after them, so that what is to be done is there at once."""
    today = clock.today()
    alliance = alliance_or_404(request)
    chairs, steps = drawn_month(MonthView(request.user, alliance, today.year, today.month))
    context = {
        "today": today,
        "chairs": chairs,
        "steps": steps,
        "month_url": f"{MONTH}{alliance.code}/{today.year}/{today.month}/",
    }
    return render(request, "alliances/_desk_month.html", context)


def _lines(user: Any, alliance: Alliance | None) -> list[DeskLine]:
    found = [line for card in registries.desk_cards for line in card.lines(user, alliance)]
    return sorted(found, key=lambda line: line.urgency)
