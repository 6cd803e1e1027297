"""The Year page: the annual table as the office knows it, from the first draft to the archive."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance
from alliances.selectors import directory
from alliances.views.base import alliance_or_404, require, saved
from rotation import policies
from rotation.enums import PlanState
from rotation.forms.year import StartForm
from rotation.lifecycles import PLAN
from rotation.models import Plan
from rotation.selectors import year as years
from rotation.services import plans


@login_required
@require_safe
def this_year(request: HttpRequest) -> HttpResponse:
    """The table people mean by "this year": the running one, else the newest there is to see."""
    if request.user.holds(Role.OFFICE) and directory.chosen_alliance(request) is None:
        return redirect("alliances:office")
    alliance = alliance_or_404(request)
    now = clock.today().year
    found = list(years.plans_of(request.user, alliance.code))
    running = next((p for p in found if p.year == now and p.state != PlanState.CLOSED), None)
    plan = running or (found[0] if found else None)
    if plan or policies.can_edit_plan(request.user, alliance):
        return redirect("rotation:year", alliance.code, plan.year if plan else now)
    own = directory.own_members(request.user, alliance)
    content = {"alliance": alliance, "year": now, "own_members": own}
    return render(request, "rotation/year_waiting.html", content)


@login_required
@require_safe
def year(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """One year's table. Those who edit it get an empty page to start from where there is none; others 404."""
    found = list(years.plans_of(request.user, code))
    plan = next((plan for plan in found if plan.year == year), None)
    if plan is not None:
        return render(request, "rotation/year.html", page(request, plan, found))
    alliance = found[0].alliance if found else alliance_or_404(request, code)
    if not policies.can_edit_plan(request.user, alliance) or not 2000 <= year <= 2100:
        raise Http404("没有这一年的安排表。")
    return render(request, "rotation/year_start.html", _start(alliance, year, found, StartForm(None)))


def _start(alliance: Alliance, year: int, found: list[Plan], form: StartForm) -> dict[str, Any]:
    today = clock.today()
    form.fields["start_month"].initial = today.month if year == today.year else 1
    return {
        "alliance": alliance,
        "year": year,
        "years": _tabs(alliance, found, year, may_start=True),
        "form": form,
        "is_past": year < today.year,
    }


def page(request: HttpRequest, plan: Plan, found: list[Plan] | None = None) -> dict[str, Any]:
    """Template context of the Year page, also of its fragment (then without the tabs of other years)."""
    user = request.user
    content = years.board(plan, user)
    content["moves"] = {
        move.name
        for move in PLAN.moves
        if not move.system and plan.state in move.sources and move.who(user, plan)
    }
    if found is not None:
        content["years"] = _tabs(plan.alliance, found, plan.year, may_start=content["runs_alliance"])
    content["own_members"] = [
        a.member
        for a in user.current_appointments
        if a.role == Role.LIAISON and a.member.alliance_id == plan.alliance_id
    ]
    return content


def _tabs(alliance: Alliance, found: list[Plan], chosen: int, *, may_start: bool) -> list[dict[str, Any]]:
    """Years to go to: those with a table, and for those who may start one this year and the next."""
    now = clock.today().year
    known = {plan.year: plan.get_state_display() for plan in found}
    numbers = set(known) | ({now, now + 1} if may_start else set()) | {chosen}
    return [
        {
            "year": number,
            "url": reverse("rotation:year", args=[alliance.code, number]),
            "words": known.get(number, "未起草"),
            "current": number == chosen,
        }
        for number in sorted(numbers, reverse=True)
    ]


@login_required
@require_POST
def open_year(request: HttpRequest, code: str, year: int) -> HttpResponse:
    alliance = alliance_or_404(request, code)
    require(policies.can_edit_plan(request.user, alliance), "只有社区书记和工作人员可以起草安排表。")
    form = StartForm(request.POST)

    def start() -> None:
        plans.open_plan(alliance, year, start_month=form.cleaned_data["start_month"], actor=request.user)

    if saved(form, start):
        return redirect("rotation:year", code, year)
    found = list(years.plans_of(request.user, code))
    return render(request, "rotation/year_start.html", _start(alliance, year, found, form), status=422)
