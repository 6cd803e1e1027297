"""轮值月履职一览: the duty months of a quarter or a year, each with the days of its steps."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from alliances import clock
from alliances.enums import Role
from alliances.selectors import directory, periods
from alliances.views.base import alliance_or_404
from rotation.selectors.duty_months import STATES, STEPS, DutyRecord, Question, Step

HEADS = {"slip": "签收", "notice": "研讨会通知", "seminar": "研讨会", "activity": "活动"}


@login_required
@require_safe
def duties(request: HttpRequest) -> HttpResponse:
    """Filters ``period``, ``step``, ``state``; ``?total=1`` is the count alone."""
    if request.user.holds(Role.OFFICE) and directory.chosen_alliance(request) is None:
        return redirect("alliances:office")
    alliance = alliance_or_404(request)
    question = Question.read(request.GET)
    rows = question.rows(alliance)
    if request.GET.get("total") == "1":
        return render(request, "alliances/_total.html", {"total": len(rows)})
    context = {
        "alliance": alliance,
        "question": question,
        "rows": [_row(duty, clock.today()) for duty in rows],
        "heads": HEADS.values(),
        "periods": periods.offered(question.period),
        "steps": STEPS.items(),
        "states": STATES.items(),
        "is_filtered": bool(question.state),
        "all_url": all_url(request),
        "feedback_url": f"/feedback/?alliance={alliance.code}&period={question.period.value}",
        "crumbs": [{"label": "年度轮值", "url": reverse("rotation:this-year")}],
    }
    return render(request, "rotation/duties.html", context)


def all_url(request: HttpRequest) -> str:
    """The page without its filters, still of the alliance that the address names."""
    named = request.GET.get(directory.CHOSEN)
    return f"{request.path}?{urlencode({directory.CHOSEN: named})}" if named else request.path


def _row(duty: DutyRecord, today: date) -> dict[str, Any]:
    return {
        "duty": duty,
        "chairs": "、".join(name for _, name in duty.chairs),
        "cells": [(head, *cell(duty.steps.get(key), today)) for key, head in HEADS.items()],
    }


def cell(step: Step | None, today: date) -> tuple[str, str, str]:
    """When it was done, by when it was due, and a word where that needs one; all empty where nothing is known."""
    if step is None or (step.due is None and step.done is None):
        return "", "", ""
    done = f"{step.done.month}月{step.done.day}日" if step.done else "未完成"
    due = f"最迟{step.due.month}月{step.due.day}日" if step.due else ""
    return done, due, "超期" if step.is_late(today) else ""
