"""A resident's order at a door's QR: one light page without account or script, two fields that must be filled in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from alliances import limits
from alliances.views.base import saved
from demands.forms.residents import OrderForm
from demands.models import IntakePoint
from demands.selectors import categories, doors, open_venues, places
from demands.services import categories as category_service
from demands.services import codes, intake, tracking
from demands.services.intake import Asked, TakenIn
from demands.views import form_keys
from demands.views.residents_public import (
    FROM_ADDRESS,
    OLD_PAGE,
    about,
    answered,
    note_new,
    open_point,
    refusal_of_new,
)


@sensitive_post_parameters()
@sensitive_variables("taken", "form")
@require_http_methods(["GET", "HEAD", "POST"])
def order(request: HttpRequest, code: str) -> HttpResponse:
    """The order. What it is answered with tells the tracking code, this once; the same form again gets the same."""

    def show() -> HttpResponse:
        point = open_point(code)
        if request.method != "POST":
            return _form(request, point, OrderForm(pairs=categories.pairs()))
        form = OrderForm(request.POST, pairs=categories.pairs())
        key = form_keys.posted(request)
        is_again = bool(key) and tracking.find(codes.of_form(key)) is not None
        if form.is_trapped:
            FROM_ADDRESS.note(limits.address(request))
        if not is_again and (words := refusal_of_new(request, point)):
            form.add_error(None, words)
            return _form(request, point, form, status=429)
        if not key:
            form.add_error(None, OLD_PAGE)
        made: list[TakenIn] = []
        if not saved(form, lambda: made.append(_order(point, form, key))):
            return _form(request, point, form, status=422)
        if not is_again:
            note_new(request, point)
        return _taken(request, point, made[0], form)

    return answered(request, show)


def _order(point: IntakePoint, form: OrderForm, key: str) -> TakenIn:
    values = form.cleaned_data
    category = category_service.ensure(*values["category"], actor=None)
    asked = Asked(
        category=category,
        content=values["content"],
        name=values["name"],
        phone=values["phone"],
        has_consented=values["consent"] and bool(values["name"] or values["phone"]),
    )
    return intake.order(point, asked, form_key=key)


def _form(request: HttpRequest, point: IntakePoint, form: OrderForm, *, status: int = 200) -> HttpResponse:
    content = about(point) | {
        "form": form,
        "form_key": form_keys.for_page(request),
        "privacy": doors.privacy_sentence(point.alliance),
        "has_venues": open_venues.of(point.alliance).exists(),
    }
    return render(request, "demands/public/order.html", content, status=status)


def _taken(request: HttpRequest, point: IntakePoint, taken: TakenIn, form: OrderForm) -> HttpResponse:
    """The code and how to keep it. Nothing of what was typed is shown again."""
    path = places.of_progress(taken.code)
    content: dict[str, Any] = about(point) | {
        "demand": taken.demand,
        "code": taken.code,
        "path": path,
        "link": settings.SITE_URL.rstrip("/") + path,
        "first_words_hold": taken.demand.content != form.cleaned_data["content"].strip(),
    }
    return render(request, "demands/public/ordered.html", content)
