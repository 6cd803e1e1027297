"""A resource's page with a venue's week, its states, and a unit's menu."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from alliances import clock
from alliances.models import Member, User
from alliances.selectors import directory
from alliances.views.base import act, require, visible_or_404
from demands import policies
from demands.enums import ResourceKind, ResourceState
from demands.lifecycles import RESOURCE
from demands.models import Resource
from demands.selectors import venues
from demands.services import resources
from demands.services.bookings import AHEAD
from demands.views.resources_book import askers_of

TONES = {ResourceState.LISTED: "done", ResourceState.PAUSED: "wait", ResourceState.WITHDRAWN: "off"}
MAY_NOT_KEEP = "只有本单位联络员和社区可以修改资源。"
LIST = "/demands/resources/"
BACK = timedelta(weeks=4)


def found_or_404(request: HttpRequest, pk: int) -> Resource:
    rows = Resource.objects.select_related("member__unit", "member__alliance", "alliance__organisation")
    # A unit may sit in several alliances that the reader sees.
    return visible_or_404(rows, request.user, pk=pk)


def crumbs_of(resource: Resource | None = None) -> list[dict[str, str]]:
    found = [{"label": "资源清单", "url": LIST}]
    if resource is not None:
        found.append({"label": resource.name, "url": reverse("demands:resource", args=[resource.pk])})
    return found


@login_required
@require_safe
def resource(request: HttpRequest, pk: int) -> HttpResponse:
    found = found_or_404(request, pk)
    user = request.user
    may_keep = policies.can_keep_resource(user, found)
    is_venue = found.is_bookable and found.state != ResourceState.WITHDRAWN
    first = _first(request)
    days = venues.days_of(found, first, 7, user) if is_venue else []
    context = {
        "resource": found,
        "tone": TONES[ResourceState(found.state)],
        "is_venue": is_venue,
        "days": days,
        "has_hours": any(day.hours for day in days),
        "residents": any(row.for_residents for day in days for row in day.hours),
        "first": first,
        "last": first + timedelta(days=6),
        "weeks": _weeks(first),
        "earliest": clock.today() + timedelta(days=found.notice_days),
        "may_keep": may_keep and found.state != ResourceState.WITHDRAWN,
        "moves": [move.name for move in RESOURCE.open_to(user, found)],
        "may_book": found.is_bookable
        and found.state == ResourceState.LISTED
        and bool(askers_of(user, found)),
        "crumbs": crumbs_of(),
    }
    return render(request, "demands/resource.html", context)


def _first(request: HttpRequest) -> date:
    """The day of ``?from=``, within what can be looked at: four weeks back and as far as one can book; else today."""
    today = clock.today()
    try:
        asked = date.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        return today
    return asked if today - BACK <= asked <= today + AHEAD else today


def _weeks(first: date) -> list[dict[str, Any]]:
    """Links to the weeks around ``first``."""
    today = clock.today()
    found = []
    for label, start in (
        ("前七天", first - timedelta(weeks=1)),
        ("今天起", today),
        ("后七天", first + timedelta(weeks=1)),
    ):
        if today - BACK <= start <= today + AHEAD:
            found.append({"label": label, "url": f"?from={start.isoformat()}", "current": start == first})
    return found


# --- its states ----------------------------------------------------------------------------------------------------


def _deed(request: HttpRequest, pk: int, deed: Callable[..., Resource], done: str) -> HttpResponse:
    found = found_or_404(request, pk)
    require(policies.can_keep_resource(request.user, found), MAY_NOT_KEEP)
    actor: User = request.user
    return act(
        request,
        lambda: deed(found, actor=actor),
        done=done,
        back=reverse("demands:resource", args=[found.pk]),
    )


@login_required
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    return _deed(request, pk, resources.pause, "已暂停，暂时不再接受预约；已有的预约不受影响。")


@login_required
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    return _deed(request, pk, resources.resume, "已恢复提供。")


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    return _deed(request, pk, resources.withdraw, "已撤下，不再出现在清单里；以前的记录都在。")


# --- a unit's menu -------------------------------------------------------------------------------------------------


@login_required
@require_safe
def menu(request: HttpRequest, pk: int) -> HttpResponse:
    """What a unit can give, by kind, on one page of a phone."""
    rows = Member.objects.select_related("unit", "alliance__organisation")
    member = visible_or_404(rows, request.user, pk=pk)
    listed = list(
        Resource.objects.visible_to(request.user)
        .filter(member__unit=member.unit)
        .exclude(state=ResourceState.WITHDRAWN)
        .select_related("member__unit", "alliance")
        .order_by("pk")
    )
    may_list = member.left_on is None and policies.can_list_resource_for(request.user, member)
    context = {
        "member": member,
        "groups": [
            (kind, [_entry(row, member) for row in listed if row.kind == kind.value])
            for kind in ResourceKind
            if any(row.kind == kind.value for row in listed)
        ],
        "count": len(listed),
        "may_list": may_list,
        "is_own": any(m.pk == member.pk for m in venues.units_of(request.user)),
        "reads_bookings": venues.reads_bookings(request.user, directory.chosen_alliance(request)),
        "crumbs": [
            {"label": "成员单位", "url": reverse("alliances:members")},
            {"label": member.unit.name, "url": reverse("alliances:member", args=[member.pk])},
        ],
    }
    return render(request, "demands/resources_menu.html", context)


def _entry(row: Resource, member: Member) -> dict[str, Any]:
    facts = [row.quantity, row.available_when, row.audience]
    return {
        "resource": row,
        "facts": " · ".join(filter(None, facts)),
        "tone": TONES[ResourceState(row.state)],
        "elsewhere": row.alliance.name if row.alliance_id != member.alliance_id else "",
        "can_book": row.is_bookable and row.state == ResourceState.LISTED,
    }
