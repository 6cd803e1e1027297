"""Taking in: the staff's and stations' form for a pile of slips, and a unit's own demand."""

from __future__ import annotations

import secrets
from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from alliances import clock
from alliances.enums import Level, Role
from alliances.models import Alliance, Member, Organisation
from alliances.views.base import alliance_or_404, require, saved
from demands import policies
from demands.enums import DemandSource
from demands.forms.intake import AskForm, CategoryField, TakeInForm
from demands.forms.intake_deeds import mergeable
from demands.models import Demand
from demands.selectors import hall, places
from demands.services import categories, intake, review
from demands.services.intake import Asked, TakenIn
from demands.views import form_keys

MAY_NOT = "只有社区书记、工作人员和本站点负责人可以登记需求。"


def stations_of(alliance: Alliance) -> list[Organisation]:
    rows = Organisation.objects.filter(parent=alliance.organisation_id, level=Level.STATION)
    return list(rows.order_by("path"))


# --- a pile of slips --------------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Type one slip after the other. The answer to a saved slip is the next empty form, told once with the code."""
    alliance = alliance_or_404(request)
    is_run = policies.can_take_in(request.user, alliance)
    stations = stations_of(alliance)
    if not is_run:
        stations = [one for one in stations if policies.can_take_in_at_station(request.user, one)]
    require(is_run or stations, MAY_NOT)
    page = _Page(request, alliance, stations, is_run)
    if request.method != "POST":
        return page.show(page.form(initial=page.last_choices()))
    form = page.form(request.POST)
    if not form.is_valid():
        return page.show(form, status=422)
    alike, seen = page.alike(form), request.POST.get("seen", "").split(",")
    if any(str(row.pk) not in seen for row in alike):
        return page.show(form, alike=alike)
    done: list[TakenIn] = []
    into = page.chosen(alike)
    if not saved(form, lambda: done.append(page.write(form, into))):
        return page.show(form, alike=alike, status=422)
    if done[0].demand.content != form.cleaned_data["content"].strip():
        # The page of an earlier slip, gone back to and typed over: these words are a slip of their own.
        form.add_error(
            None, f"这张表单已登记为{done[0].demand.number}。要把现在的内容另登记一件，请再点一次保存。"
        )
        return page.show(form, alike=alike, status=422, is_fresh=True)
    return page.show(page.form(initial=form.kept()), done=done[0])


class _Page:
    """The page of one request: who types for which community, at which stations."""

    def __init__(
        self, request: HttpRequest, alliance: Alliance, stations: list[Organisation], is_run: bool
    ) -> None:
        self.request, self.alliance, self.stations, self.is_run = request, alliance, stations, is_run

    def form(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> TakeInForm:
        return TakeInForm(
            data,
            initial=initial,
            stations=self.stations,
            may_leave_station=self.is_run,
            label_suffix="",
        )

    def last_choices(self) -> dict[str, Any]:
        """What the same person chose for the last slip of today; a station's own source otherwise."""
        last = self._today().select_related("category").order_by("-pk").first()
        if last is None:
            return {} if self.is_run else {"source": DemandSource.STATION.value}
        return {
            "source": last.source,
            "station": str(last.station_id or ""),
            "raised_on": last.raised_on,
            "urgency": last.urgency,
            "category": CategoryField.value_of(last.category.group, last.category.name),
        }

    def _today(self) -> Any:
        morning = datetime.combine(clock.today(), time.min, tzinfo=clock.ZONE)
        rows = Demand.objects.filter(
            alliance=self.alliance, created_by=self.request.user.pk, created_at__gte=morning
        )
        return rows.exclude(source=DemandSource.UNIT)

    def alike(self, form: TakeInForm) -> list[Demand]:
        """Those that the person may see anyway; what this very form wrote a moment ago is none of them."""
        found = intake.similar(self.alliance, form.cleaned_data["content"])
        key = form_keys.posted(self.request)
        own = intake.of_form(self.alliance, key) if key else None
        rows = [row for row in found if own is None or row.pk != own.pk]
        if self.is_run or not rows:
            return rows
        seen = set(
            Demand.objects.visible_to(self.request.user)
            .filter(pk__in=[row.pk for row in rows])
            .values_list("pk", flat=True)
        )
        return [row for row in rows if row.pk in seen]

    def chosen(self, alike: list[Demand]) -> Demand | None:
        """The demand that the slip is to be merged into: one of those shown."""
        if not self.is_run:
            return None
        key = self.request.POST.get("into", "")
        return next((row for row in mergeable(alike) if str(row.pk) == key), None)

    def write(self, form: TakeInForm, into: Demand | None) -> TakenIn:
        category = categories.ensure(
            *CategoryField.pair_of(form.cleaned_data["category"]), actor=self.request.user
        )
        asked = Asked(category=category, **form.parts())
        key, actor = form_keys.posted(self.request), self.request.user
        if into is not None:
            return review.take_in_merged(self.alliance, asked, into, form_key=key, actor=actor)
        return intake.take_in(self.alliance, asked, form_key=key, actor=actor)

    def show(
        self,
        form: TakeInForm,
        *,
        done: TakenIn | None = None,
        alike: list[Demand] | None = None,
        is_fresh: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        """``done``: what has just been written; the form is then the next one, with a key of its own."""
        can_merge = {row.pk for row in mergeable(alike or [])} if self.is_run else set()
        words = hall.words_for(self.request.user, alike) if alike else {}
        begins_anew = done is not None or is_fresh
        begun = bool(form.is_bound or (form.initial.get("source") and form.initial.get("category")))
        form.fields["content" if begun else "source"].widget.attrs["autofocus"] = not (alike or form.errors)
        context = {
            "alliance": self.alliance,
            "form": form,
            "is_run": self.is_run,
            "done": done,
            "count": self._today().count() if done else 0,
            "alike": [
                {"demand": row, "words": words[row.pk], "can_merge": row.pk in can_merge}
                for row in alike or []
            ],
            "seen": ",".join(str(row.pk) for row in alike or []),
            "chosen": self.request.POST.get("into", ""),
            "form_key": secrets.token_urlsafe(16) if begins_anew else form_keys.for_page(self.request),
            "crumbs": [{"label": "需求清单", "url": places.of_demands()}],
        }
        response = render(self.request, "demands/intake_new.html", context, status=status)
        response["Cache-Control"] = "no-store"  # codes, names and phones stay out of the browser's cache
        return response


# --- a unit's own demand ----------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The liaison asks for the own unit; who answers for several chooses which."""
    members = _own_members(request.user)
    require(members, "只有单位联络员可以提出本单位的需求。")
    form = AskForm(request.POST if request.method == "POST" else None, members=members)
    asked: list[Demand] = []

    def deed() -> None:
        values = form.cleaned_data
        category = categories.ensure(*CategoryField.pair_of(values["category"]), actor=request.user)
        words = Asked(
            category=category,
            content=values["content"],
            urgency=values["urgency"],
            expected_on=values["expected_on"],
        )
        asked.append(intake.ask_for_unit(form.member_chosen, words, actor=request.user))

    if request.method == "POST" and saved(form, deed):
        messages.success(request, f"已提交，编号{asked[0].number}，等社区受理。")
        return redirect("demands:demand", asked[0].pk)
    context = {"form": form, "members": members, "back": reverse("alliances:desk")}
    return render(request, "demands/intake_ask.html", context, status=422 if form.is_bound else 200)


def _own_members(user: Any) -> list[Member]:
    own = [a.member for a in user.current_appointments if a.role == Role.LIAISON and a.member]
    return [member for member in dict.fromkeys(own) if policies.can_ask_for_unit(user, member)]
