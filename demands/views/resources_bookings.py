"""Bookings of venues: their list, one booking, its answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from alliances import clock
from alliances.enums import Role
from alliances.errors import OfficeError
from alliances.selectors import directory, history, paging
from alliances.views.base import act, require, saved, visible_or_404
from demands import policies
from demands.enums import BookingState
from demands.forms.resources import ConfirmForm, DeclineForm
from demands.lifecycles import BOOKING
from demands.models import Booking, Claim
from demands.selectors import places, venues
from demands.services import bookings
from demands.services.bookings import reveal_asker

MAY_NOT_ANSWER = "只有提供场地的单位联络员和社区可以答复预约。"
STATES = [
    (BookingState.ASKED.value, "待确认"),
    (venues.COMING, "已确认，还没到"),
    *((state.value, state.label) for state in BookingState if state != BookingState.ASKED),
]


# --- the list ------------------------------------------------------------------------------------------------------


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    user = request.user
    is_office = user.holds(*venues.OFFICE_ROLES)
    units = venues.units_of(user)
    require(is_office or units, "场地预约供成员单位和社区查看。")
    alliance = directory.chosen_alliance(request) if is_office else None
    if alliance is None and not units:
        return redirect("alliances:office")
    everything = venues.bookings_for(user, alliance)
    asked = {name: request.GET.get(name, "") for name in ("state", "side", "resource")}
    rows = venues.narrowed(everything, user, **asked)
    if request.GET.get("total") == "1":
        return render(request, "alliances/_total.html", {"total": rows.count()})
    page = paging.page(rows, request.GET)
    query = request.GET.copy()
    query["total"] = "1"
    context = {
        "alliance": alliance,
        "unit": units[0] if units and alliance is None else None,
        "asked": asked,
        "is_filtered": any(asked.values()),
        "counters": _counters(venues.counts(everything), asked["state"]),
        "page": page,
        "rows": [_row(row, user) for row in page.rows],
        "states": STATES,
        "sides": list(venues.SIDES.items()) if units else [],
        "total_url": f"?{query.urlencode()}",
    }
    return render(request, "demands/resources_bookings.html", context)


def _counters(counts: dict[str, int], current: str) -> list[dict[str, Any]]:
    found = [("asked", "待确认", counts["asked"]), (venues.COMING, "已确认，还没到", counts["coming"])]
    return [
        {"label": label, "number": number, "url": f"?state={state}", "current": state == current}
        for state, label, number in found
    ]


def _row(booking: Booking, user: Any) -> dict[str, Any]:
    may_answer = policies.can_answer_booking(user, booking)
    ahead = booking.ends_at > clock.now()
    return {
        "booking": booking,
        "who": venues.who_asks(booking),
        "residents": venues.is_residents(booking),
        "purpose": booking.purpose if may_answer or not venues.is_residents(booking) else "",
        "tone": venues.TONES[BookingState(booking.state)],
        "to_answer": may_answer and booking.state == BookingState.ASKED and ahead,
    }


# --- one booking ---------------------------------------------------------------------------------------------------


def _found_or_404(request: HttpRequest, pk: int) -> Booking:
    rows = Booking.objects.select_related(
        "resource__member__unit",
        "resource__alliance__organisation",
        "member__unit",
        "alliance__organisation",
        "claim__demand",
        "answered_by__person",
    ).defer(*venues.PRIVATE)
    return visible_or_404(rows, request.user, pk=pk)


@login_required
@require_safe
def booking(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _found_or_404(request, pk))


def _show(
    request: HttpRequest,
    booking: Booking,
    *,
    status: int = 200,
    asker: tuple[str, str] | None = None,
    **forms: Form,
) -> HttpResponse:
    """The page; ``asker`` is a resident's contact just revealed, ``forms`` those that came back with an error."""
    user, now = request.user, clock.now()
    may_answer = policies.can_answer_booking(user, booking)
    residents = venues.is_residents(booking)
    open_ = {move.name for move in BOOKING.open_to(user, booking)}
    is_over, has_begun = booking.ends_at <= now, booking.starts_at <= now
    sees_words = may_answer or not residents
    day = clock.local(booking.starts_at).date()
    context = {
        "booking": booking,
        "resource": booking.resource,
        "who": venues.who_asks(booking),
        "residents": residents,
        "masked": venues.masked_asker(booking) if residents and may_answer else "",
        "asker": asker,
        "sees_words": sees_words,
        "tone": venues.TONES[BookingState(booking.state)],
        "day": day,
        "weekday": venues.WEEKDAYS[day.weekday()],
        "starts": clock.local(booking.starts_at).time(),
        "ends": clock.local(booking.ends_at).time(),
        "claim_url": _claim_url(booking, user),
        "may_confirm": "confirm" in open_ and not is_over,
        "may_decline": "decline" in open_ and not (is_over and booking.state == BookingState.CONFIRMED),
        "may_use": "use" in open_ and has_begun,
        "may_cancel": "cancel" in open_ and not is_over and (not may_answer or _asks(user, booking)),
        "confirm": forms.get("confirm") or ConfirmForm(auto_id="id_confirm_%s"),
        "decline": forms.get("decline") or DeclineForm(auto_id="id_decline_%s"),
        "others": venues.days_of(booking.resource, day, 1, user)[0] if may_answer else None,
        "is_refused": bool(forms.get("decline")),
        "story": _story(booking),
        "crumbs": [{"label": "场地预约", "url": reverse("demands:bookings")}],
    }
    return render(request, "demands/resources_booking.html", context, status=status)


def _asks(user: Any, booking: Booking) -> bool:
    """Whether ``user`` stands on the asking side; the giving one declines with a reason instead of cancelling."""
    if booking.member_id is not None:
        return any(member.pk == booking.member_id for member in venues.units_of(user))
    return not venues.is_residents(booking) and policies.can_take_in(user, booking.alliance)


def _claim_url(booking: Booking, user: Any) -> str:
    """The claim that the booking serves, for whoever sees it."""
    if booking.claim is None or not Claim.objects.visible_to(user).filter(pk=booking.claim_id).exists():
        return ""
    return places.of_claim(booking.claim)


WARNINGS = {"demands.booking.decline", "demands.booking.cancel", "demands.booking.cancel_by_resident"}


def _story(booking: Booking) -> list[dict[str, Any]]:
    """What happened, oldest first, as ``rotation/_slip_story.html`` shows it."""
    found = []
    for entry in reversed(history.of_object(booking)):
        who = venues.RESIDENT if venues.is_residents(booking) else "系统按时办理"
        if entry.actor is not None:
            role = Role(entry.capacity).label if entry.capacity in Role.values else ""
            who = f"{entry.actor.person.name} {role}".strip()
        found.append(
            {
                "at": clock.local(entry.at),
                "what": history.sentence(entry).removeprefix("场地预约："),
                "who": who,
                "is_warning": entry.action in WARNINGS,
            }
        )
    return found


# --- answers -------------------------------------------------------------------------------------------------------


def _came_back(request: HttpRequest, pk: int, name: str, form: Form, has_place: bool) -> HttpResponse:
    """The page with a refused form of it; where the form has no place any more, its sentences above the page."""
    booking = _found_or_404(request, pk)
    if has_place:
        return _show(request, booking, status=422, **{name: form})
    for sentences in form.errors.values():
        for sentence in sentences:
            messages.error(request, sentence)
    return redirect(places.of_booking(booking))


@login_required
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found_or_404(request, pk)
    require(policies.can_answer_booking(request.user, found), MAY_NOT_ANSWER)
    form = ConfirmForm(request.POST, auto_id="id_confirm_%s")
    has_place = found.state == BookingState.ASKED
    if saved(form, lambda: bookings.confirm(found, form.cleaned_data["answer"], actor=request.user)):
        messages.success(request, "已确认，预约方会收到消息；居民凭预约码查看。")
        return redirect(places.of_booking(found))
    return _came_back(request, pk, "confirm", form, has_place)


@login_required
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found_or_404(request, pk)
    require(policies.can_answer_booking(request.user, found), MAY_NOT_ANSWER)
    form = DeclineForm(request.POST, auto_id="id_decline_%s")
    has_place = found.state in (BookingState.ASKED, BookingState.CONFIRMED)
    if saved(form, lambda: bookings.decline(found, form.cleaned_data["answer"], actor=request.user)):
        messages.success(request, "已答复不同意，预约方会看到原因；这个时段又可以约了。")
        return redirect(places.of_booking(found))
    return _came_back(request, pk, "decline", form, has_place)


@login_required
@require_POST
def use(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found_or_404(request, pk)
    require(policies.can_answer_booking(request.user, found), MAY_NOT_ANSWER)
    back = places.of_booking(found)
    return act(request, lambda: bookings.use(found, actor=request.user), done="已登记使用。", back=back)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found_or_404(request, pk)
    require(
        policies.can_cancel_booking(request.user, found), "只有预约方、提供场地的单位和社区可以取消预约。"
    )
    back = places.of_booking(found)
    done = "预约已取消，这个时段又可以约了。"
    return act(request, lambda: bookings.cancel(found, actor=request.user), done=done, back=back)


@login_required
@require_POST
@never_cache
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """A resident's name and phone on this one page, with a row of the log."""
    found = _found_or_404(request, pk)
    require(policies.can_answer_booking(request.user, found), MAY_NOT_ANSWER)
    try:
        asker = reveal_asker(found, actor=request.user)
    except OfficeError as problem:
        messages.error(request, problem.message)
        return redirect(places.of_booking(found))
    return _show(request, found, asker=asker)
