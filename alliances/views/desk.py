"""The desk: what is mine to do, what waits for others, the month, the latest messages. Nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance
from alliances.policies import can_run_alliance
from alliances.registry import ChainStep, DeskLine, registries
from alliances.selectors import directory, inbox
from alliances.selectors.overview import overview

LATEST = 3
_CLASSES = {"ahead": "none"}
_WORDS = {"done": "已完成", "now": "正在进行", "late": "已过期", "ahead": "还没到"}


@dataclass(frozen=True)
class Step:
    """One step of the chain as the page draws it."""

    step: ChainStep
    mark: str
    css: str
    word: str
    when: str
    tone: str


@login_required
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Lines come from the apps, the most urgent first; offices see the month of their communities instead."""
    user, today = request.user, clock.today()
    alliance = directory.chosen_alliance(request)
    lines = _lines(user, alliance)
    is_office = user.holds(Role.OFFICE)
    if is_office and alliance is not None and not can_run_alliance(user, alliance):
        alliance = None  # the table shows the month of every community
    chairs, steps = _month(user, alliance, today)
    context = {
        "today": today,
        "mine": [line for line in lines if not line.waiting_for_others],
        "others": [line for line in lines if line.waiting_for_others],
        "chairs": chairs,
        "steps": steps,
        "latest": list(inbox.messages_for(user).order_by("-pk")[:LATEST]),
        "overview": overview(user, today.year, today.month) if is_office else None,
        "is_office": is_office,
        "has_post": bool(user.current_appointments),
        "alliance": alliance,
    }
    return render(request, "alliances/desk.html", context)


def _lines(user: Any, alliance: Alliance | None) -> list[DeskLine]:
    found = [line for card in registries.desk_cards for line in card.lines(user, alliance)]
    return sorted(found, key=lambda line: line.urgency)


def _month(user: Any, alliance: Alliance | None, today: date) -> tuple[str, list[Step]]:
    """Chair units in words and the month's steps, numbered through."""
    if alliance is None:
        return "", []
    parts = [part.part(user, alliance, today.year, today.month) for part in registries.month_steps]
    steps = [step for part in parts for step in part.steps]
    chairs = next((part.chairs for part in parts if part.chairs), "")
    return chairs, [_step(step, number, today) for number, step in enumerate(steps, 1)]


def _step(step: ChainStep, number: int, today: date) -> Step:
    when, tone = "", ""
    if step.due and step.state in ("now", "late"):
        when, tone = _due_words((date.fromisoformat(step.due) - today).days)
    mark = {"done": "✓", "late": "!"}.get(step.state, str(number))
    return Step(step, mark, _CLASSES.get(step.state, step.state), _WORDS[step.state], when, tone)


def _due_words(days: int) -> tuple[str, str]:
    if days < 0:
        return f"已过期 {-days} 天", "late"
    near = {0: "今天到期", 1: "明天到期"}
    return near.get(days, f"还有 {days} 天"), "wait"
