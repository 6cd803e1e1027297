"""Asking for a venue: what is taken that day, what is free, and one form."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance, Member
from alliances.views.base import require, saved, visible_or_404
from demands.enums import CLAIM_WORKING, ClaimState, ResourceState
from demands.forms.resources import BookForm
from demands.models import Booking, Claim, OpeningHour, Resource
from demands.selectors import venues
from demands.services import bookings
from demands.services.bookings import AHEAD

# A first proposal is no longer than this.
HOURS = 2
BOOKABLE_FOR = (*CLAIM_WORKING, ClaimState.DELIVERED)


def askers_of(user: Any, resource: Resource) -> dict[str, Member | Alliance]:
    """For whom ``user`` may ask for the venue: own units and own communities in which its unit sits."""
    posts = user.current_appointments
    units = [a.member for a in posts if a.role == Role.LIAISON and a.member]
    places = [
        a.organisation.alliance
        for a in posts
        if a.role in (Role.SECRETARY, Role.STAFF) and hasattr(a.organisation, "alliance")
    ]
    if not units and not places:
        return {}
    rows = Member.objects.current().filter(unit=resource.member.unit_id)
    near = set(rows.values_list("alliance", flat=True))
    found: dict[str, Member | Alliance] = {
        f"unit-{m.pk}": m for m in dict.fromkeys(units) if m.alliance_id in near
    }
    return found | {f"office-{a.pk}": a for a in dict.fromkeys(places) if a.pk in near}


def _name(asker: Member | Alliance, several: bool) -> str:
    if isinstance(asker, Alliance):
        return f"社区（{asker.name}）"
    return f"{asker.unit.name}（{asker.alliance.name}）" if several else asker.unit.name


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """``?claim=`` books for what a unit has taken on; ``?day=`` begins with a day."""
    rows = Resource.objects.select_related("member__unit", "alliance__organisation")
    resource = visible_or_404(rows, request.user, pk=pk)
    claim = _claim_or_404(request)
    askers = askers_of(request.user, resource)
    if claim is not None:
        askers = {key: asker for key, asker in askers.items() if asker == claim.member}
    require(askers, "场地由所在联盟的单位联络员和社区预约；居民请扫码预约居民开放时段。")
    if resource.state != ResourceState.LISTED or not resource.is_bookable:
        messages.info(request, f"“{resource.name}”现在不能预约。")
        return redirect("demands:resource", resource.pk)
    several = len(askers) > 1
    names = [(key, _name(asker, several)) for key, asker in askers.items()]
    if request.method != "POST":
        hours = venues.hours_of(resource)
        chosen = venues.days_of(resource, _day(request, resource, hours), 1, request.user, hours)[0]
        form = BookForm(askers=names, initial=_proposal(chosen, claim))
        return _page(request, resource, form, chosen, claim)
    form = BookForm(request.POST, askers=names)
    today = clock.today()
    typed = form.shown_day(today)
    typed = typed if today <= typed <= today + AHEAD else today

    def day() -> venues.Day:
        """As it is now: after a refusal somebody else's booking is in it."""
        return venues.days_of(resource, typed, 1, request.user)[0]

    if "look" in request.POST:  # only another day's bookings are asked for: nothing is judged yet
        form.errors.clear()
        return _page(request, resource, form, day(), claim)
    made: list[Booking] = []

    def deed() -> None:
        asker, slot, actor = askers[form.asker()], form.slot(), request.user
        if isinstance(asker, Alliance):
            made.append(bookings.ask_for_office(resource, asker, slot, actor=actor))
        else:
            made.append(bookings.ask_for_unit(resource, asker, slot, claim=claim, actor=actor))

    if not saved(form, deed):
        return _page(request, resource, form, day(), claim, status=422)
    messages.success(request, f"已向{resource.member.unit.name}提出预约，答复后会收到消息。")
    return redirect("demands:booking", made[0].pk)


def _claim_or_404(request: HttpRequest) -> Claim | None:
    text = request.GET.get("claim", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Http404("没有这一项。")
    rows = Claim.objects.filter(state__in=BOOKABLE_FOR).select_related(
        "member__unit", "member__alliance", "demand__category", "alliance__organisation"
    )
    return visible_or_404(rows, request.user, pk=int(text))


def _day(request: HttpRequest, resource: Resource, hours: list[OpeningHour]) -> date:
    """``?day=`` where it can still be asked for, else the first open day."""
    today = clock.today()
    try:
        asked = date.fromisoformat(request.GET.get("day", ""))
        if today <= asked <= today + AHEAD:
            return asked
    except ValueError:
        pass
    return venues.first_open_day(resource, hours) or today + timedelta(days=max(1, resource.notice_days))


def _proposal(chosen: venues.Day, claim: Claim | None) -> dict[str, Any]:
    """The first stretch of the day that is free, at most two hours of it; for a claim its number."""
    initial: dict[str, Any] = {"day": chosen.day}
    times = next(
        (
            (part.starts, chosen.free_until(n))
            for n, part in enumerate(chosen.stretches)
            if part.free and datetime.combine(chosen.day, part.starts, tzinfo=clock.ZONE) > clock.now()
        ),
        None,
    )
    if times is not None:
        most = datetime.combine(chosen.day, times[0]) + timedelta(hours=HOURS)
        initial |= {"starts": times[0], "ends": min(datetime.combine(chosen.day, times[1]), most).time()}
    if claim is not None:
        initial["purpose"] = f"办理{claim.demand.number}（{claim.demand.category.name}）"
    return initial


def _page(
    request: HttpRequest,
    resource: Resource,
    form: BookForm,
    day: venues.Day,
    claim: Claim | None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "resource": resource,
        "form": form,
        "claim": claim,
        "asks_asker": "asker" in form.fields,
        "day": day,
        "earliest": clock.today() + timedelta(days=resource.notice_days),
        "crumbs": [
            {"label": "资源清单", "url": "/demands/resources/"},
            {"label": resource.name, "url": reverse("demands:resource", args=[resource.pk])},
        ],
    }
    return render(request, "demands/resource_book.html", context, status=status)
