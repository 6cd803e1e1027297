"""Rules of an alliance or an office, and its corrections of the working-day calendar."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from alliances import clock
from alliances.calendars import WorkingDays
from alliances.enums import Role
from alliances.forms.settings import AllianceForm, DayForm, SettingsForm
from alliances.models import Alliance, DayCorrection, Organisation
from alliances.policies import can_correct_days, can_run_alliance
from alliances.selectors import directory
from alliances.selectors.settings import LABELS, inherited_settings, settings_for, working_days
from alliances.services import organisations
from alliances.views.base import act, require, saved

ASK = require_http_methods(["GET", "HEAD", "POST"])


def _place(request: HttpRequest) -> tuple[Organisation, Alliance | None]:
    """Whose rules the screen shows: the office's own, else the community's. 403 for everybody else."""
    user = request.user
    for appointment in user.current_appointments:
        if appointment.role == Role.OFFICE:
            return appointment.organisation, None
    alliance = directory.chosen_alliance(request)
    if alliance is None or not can_run_alliance(user, alliance):
        raise PermissionDenied("设置由社区书记和上级办公室查看。")
    return alliance.organisation, alliance


@login_required
@ASK
def settings(request: HttpRequest) -> HttpResponse:
    """Deadlines and limits, each empty one taken from above; staff look only."""
    place, alliance = _place(request)
    may_change = can_correct_days(request.user, place)
    if request.method == "POST":
        require(may_change, "设置由社区书记修改。")
    bound = request.POST if request.method == "POST" else None
    rules = SettingsForm(bound, own=place.settings, inherited=inherited_settings(place))
    names = AllianceForm(bound, alliance=alliance) if alliance else None
    if bound is not None and rules.is_valid() and (names is None or names.is_valid()):

        def write() -> None:
            organisations.change_settings(place, rules.values, actor=request.user)
            if alliance and names:
                organisations.change_alliance(alliance, **names.cleaned_data, actor=request.user)

        if saved(rules, write):
            messages.success(request, "设置已保存。已经开始的时限不变，以后的按新设置计算。")
            return redirect("alliances:settings")
    in_force = settings_for(place)
    context = {
        "place": place,
        "alliance": alliance,
        "rules": rules,
        "names": names,
        "may_change": may_change,
        "facts": [(label, getattr(in_force, key), key in place.settings) for key, label in LABELS.items()],
    }
    return render(request, "alliances/settings.html", context)


# --- working days ------------------------------------------------------------------------------------------------


@login_required
@ASK
def days(request: HttpRequest) -> HttpResponse:
    """Corrections here and above, what each changes, and a form for another."""
    place, _ = _place(request)
    may_change = can_correct_days(request.user, place)
    form = DayForm(request.POST or None)
    if request.method == "POST":
        require(may_change, "工作日由社区书记或上级办公室调整。")
        if saved(
            form,
            lambda: organisations.correct_day(place, **form.cleaned_data, actor=request.user),
        ):
            messages.success(request, _told(place, form.cleaned_data["day"]))
            return redirect("alliances:days")
    state = WorkingDays()
    rows = DayCorrection.objects.filter(organisation__path__in=place.paths_above).select_related(
        "organisation"
    )
    year = clock.today().year
    context = {
        "place": place,
        "form": form,
        "may_change": may_change,
        "rows": [_row(row, state, place) for row in rows.order_by("-day", "organisation__path")],
        "unannounced": [y for y in (year, year + 1) if not state.announced(y)],
        "months": _months(place),
    }
    return render(request, "alliances/days.html", context)


def _row(row: DayCorrection, state: WorkingDays, place: Organisation) -> dict[str, Any]:
    planned = state.is_working(row.day)
    return {
        "row": row,
        "own": row.organisation_id == place.pk,
        "effect": "与国家安排相同，没有变化"
        if planned == row.is_working
        else f"国家安排{'上班' if planned else '放假'}，这里改为{'上班' if row.is_working else '放假'}",
    }


def _told(place: Organisation, day: date) -> str:
    """What a correction means for the slip of its month, in words."""
    first = working_days(place).first_of_month(day.year, day.month)
    return (
        f"已保存。{day.month}月第一个工作日是{first.month}月{first.day}日；"
        "已经开始的时限不变，尚未开始的按新日历计算。"
    )


def _months(place: Organisation) -> list[dict[str, Any]]:
    """First working days of this month and the next two: when slips go out."""
    calendar, today = working_days(place), clock.today()
    found = []
    for ahead in range(3):
        year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        found.append({"month": month + 1, "first": calendar.first_of_month(year, month + 1)})
    return found


@login_required
@require_POST
def remove_day(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a correction of one's own back."""
    place, _ = _place(request)
    row = get_object_or_404(DayCorrection.objects.select_related("organisation"), pk=pk, organisation=place)
    require(can_correct_days(request.user, row.organisation), "工作日由社区书记或上级办公室调整。")
    return act(
        request,
        lambda: organisations.remove_correction(row, actor=request.user),
        done="已撤销这一天的调整。",
        back=reverse("alliances:days"),
    )
