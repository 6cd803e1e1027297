"""What is asked: the alliance's rubrics of a year, activity and chair on one page, each with a form of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from alliances import clock
from alliances.models import Alliance
from alliances.views.base import alliance_or_404, require, saved
from evaluations import policies
from evaluations.enums import RubricSubject
from evaluations.forms.rubrics import RubricForm
from evaluations.models import Rubric
from evaluations.selectors import rubrics as selector
from evaluations.services import rubrics as service
from evaluations.services.rubrics import MOST_ITEMS
from evaluations.views.rounds import crumbs

SHOWN_ROUNDS = 5


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rubric(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """Everybody of the alliance reads; secretary and staff change what coming rounds will ask."""
    alliance = alliance_or_404(request, code)
    if not 2000 <= year <= 2100:
        raise Http404("年度不对。")
    may_edit = policies.can_edit_rubric(request.user, alliance)
    posted: RubricForm | None = None
    if request.method == "POST":
        require(may_edit, "只有社区书记和工作人员可以修改评议表。")
        if not service.may_still_change(year):
            messages.error(request, "往年的评议表不再修改。")
            return redirect("evaluations:rubric", code=code, year=year)
        posted = _posted(request, alliance, year)
        if saved(posted, lambda: _save(alliance, year, posted, request.user)):
            messages.success(request, f"{year}年{RubricSubject(posted.subject).label}评议表已保存。")
            return redirect("evaluations:rubric", code=code, year=year)
    return _show(request, alliance, year, posted, may_edit and service.may_still_change(year))


def _posted(request: HttpRequest, alliance: Alliance, year: int) -> RubricForm:
    subject = request.POST.get("subject", "")
    if subject not in RubricSubject.values:
        subject = RubricSubject.ACTIVITY.value
    return RubricForm(request.POST, subject=subject, items=selector.items_for(alliance, year, subject))


def _save(alliance: Alliance, year: int, form: RubricForm | None, user: Any) -> None:
    assert form is not None
    service.save(alliance, year, form.subject, form.cleaned_data["items"], actor=user)


def _show(
    request: HttpRequest, alliance: Alliance, year: int, posted: RubricForm | None, edits: bool
) -> HttpResponse:
    own = dict(
        Rubric.objects.filter(alliance=alliance, year__lte=year)
        .order_by("year")
        .values_list("subject", "year")
    )
    opened = list(selector.opened_in(alliance, year).only("pk", "activity__title")[: SHOWN_ROUNDS + 1])
    content = {
        "alliance": alliance,
        "year": year,
        "this_year": clock.today().year,
        "edits": edits,
        "parts": [_part(alliance, year, subject, posted, own) for subject in RubricSubject],
        "opened": opened[:SHOWN_ROUNDS],
        "more_opened": len(opened) > SHOWN_ROUNDS,
        "most": MOST_ITEMS,
        "years": [
            {"year": number, "url": reverse("evaluations:rubric", args=[alliance.code, number])}
            for number in (year - 1, year, year + 1)
            if 2000 <= number <= 2100
        ],
        "crumbs": crumbs(),
    }
    return render(request, "evaluations/rubric.html", content, status=200 if posted is None else 422)


def _part(
    alliance: Alliance, year: int, subject: RubricSubject, posted: RubricForm | None, own: dict[str, int]
) -> dict[str, Any]:
    is_posted = posted is not None and posted.subject == subject
    items = selector.items_for(alliance, year, subject)
    origin = own.get(subject)
    return {
        "subject": subject.value,
        "label": subject.label,
        "items": items,
        "form": posted if is_posted else RubricForm(subject=subject, items=items),
        "origin": "默认评议表" if origin is None else "" if origin == year else f"沿用{origin}年评议表",
    }
