"""Venues that residents may book: what is open, a booking, and the booking's own page by its code."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from alliances import clock, limits
from alliances.errors import OfficeError
from alliances.views.base import saved
from demands.enums import BookingState
from demands.forms.residents import BookingForm
from demands.models import Booking, IntakePoint, Resource
from demands.selectors import doors, open_venues, places
from demands.services import bookings, codes
from demands.services.bookings import Booked, Slot
from demands.views import form_keys
from demands.views.residents_public import (
    FROM_ADDRESS,
    OLD_PAGE,
    CodeUnknown,
    about,
    answered,
    note_new,
    open_point,
    refusal_of_new,
)

SENTENCES = {
    BookingState.ASKED: "等提供场地的单位确认，请过一两天再来看。",
    BookingState.CONFIRMED: "已经约好，请按时到。来不了的，请提前取消，好让给别人。",
    BookingState.USED: "已经使用。",
    BookingState.DECLINED: "这次没有约成。",
    BookingState.CANCELLED: "已经取消。",
}


@require_safe
def venues(request: HttpRequest, code: str) -> HttpResponse:
    """What can be booked, and when."""

    def show() -> HttpResponse:
        point = open_point(code)
        content = about(point) | {"rows": open_venues.listed(point.alliance)}
        return render(request, "demands/public/venues.html", content)

    return answered(request, show)


@sensitive_post_parameters()
@sensitive_variables("booked", "made", "form")
@require_http_methods(["GET", "HEAD", "POST"])
def venue(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Book one venue. The same form twice is one booking with one code."""

    def show() -> HttpResponse:
        point = open_point(code)
        resource = open_venues.of(point.alliance).select_related("member__unit").filter(pk=pk).first()
        if resource is None:
            raise Http404("没有这个场地，或者现在不能预约。")
        open_days = open_venues.days(resource)
        offered: dict[str, Any] = {
            "days": [(day.day, day.words) for day in open_days],
            "times": open_venues.times(open_days),
        }
        page = about(point) | {"venue": resource, "days": open_days}
        if request.method != "POST":
            return _form(request, point, page, BookingForm(**offered))
        form = BookingForm(request.POST, **offered)
        key = form_keys.posted(request)
        is_again = bool(key) and bookings.find(codes.of_form(key)) is not None
        if form.is_trapped:
            FROM_ADDRESS.note(limits.address(request))
        if not is_again and (words := refusal_of_new(request, point)):
            form.add_error(None, words)
            return _form(request, point, page, form, status=429)
        if not key:
            form.add_error(None, OLD_PAGE)
        made: list[Booked] = []
        if not saved(form, lambda: made.append(_book(resource, form, key))):
            return _form(request, point, page, form, status=422)
        if not is_again:
            note_new(request, point)
        return _booked(request, page, made[0])

    return answered(request, show)


def _book(resource: Resource, form: BookingForm, key: str) -> Booked:
    values = form.cleaned_data
    start, end = (datetime.combine(values["day"], values[at], clock.ZONE) for at in ("starts", "ends"))
    slot = Slot(start, end, values["purpose"], values["heads"])
    return bookings.ask_for_resident(
        resource,
        slot,
        name=values["name"],
        phone=values["phone"],
        form_key=key,
        has_consented=values["consent"],
    )


def _form(
    request: HttpRequest, point: IntakePoint, page: dict[str, Any], form: BookingForm, *, status: int = 200
) -> HttpResponse:
    content = page | {
        "form": form,
        "form_key": form_keys.for_page(request),
        "privacy": doors.booking_privacy(point.alliance, page["venue"]),
        "full": [day for day in page["days"] if day.full],
    }
    return render(request, "demands/public/venue.html", content, status=status)


def _booked(request: HttpRequest, page: dict[str, Any], booked: Booked) -> HttpResponse:
    path = places.of_resident_booking(booked.code)
    content = page | {
        "code": booked.code,
        "booking": booked.booking,
        "path": path,
        "link": settings.SITE_URL.rstrip("/") + path,
    }
    return render(request, "demands/public/booked.html", content)


# --- by code -------------------------------------------------------------------------------------------------------


@sensitive_variables("code")
@require_http_methods(["GET", "HEAD", "POST"])
def booking(request: HttpRequest, code: str) -> HttpResponse:
    """What became of a booking; a POST cancels it, or deletes the resident's data and with them the code."""

    def show() -> HttpResponse:
        row = _found(code)
        if request.method != "POST":
            return _state(request, row)
        if request.POST.get("deed") == "delete":
            bookings.delete_my_data(row)
            return render(
                request, "demands/public/deleted.html", {"alliance": row.alliance, "is_booking": True}
            )
        try:
            bookings.cancel_by_resident(row)
        except OfficeError as problem:
            return _state(request, _found(code), problem=problem.message, status=409)
        return redirect(places.of_resident_booking(code))

    return answered(request, show)


def _found(code: str) -> Booking:
    row = bookings.find(code[:100])
    if row is None:
        raise CodeUnknown
    return Booking.objects.select_related("resource__member__unit", "alliance__organisation").get(pk=row.pk)


def _state(request: HttpRequest, row: Booking, *, problem: str = "", status: int = 200) -> HttpResponse:
    stands = row.state in (BookingState.ASKED, BookingState.CONFIRMED)
    content = {
        "alliance": row.alliance,
        "booking": row,
        "sentence": SENTENCES[BookingState(row.state)],
        "can_cancel": stands and row.ends_at > clock.now(),
        "problem": problem,
    }
    return render(request, "demands/public/booking.html", content, status=status)
