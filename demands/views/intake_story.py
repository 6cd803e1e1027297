"""A demand's page: its whole story in one column, from order to call-back, and what the reader may do."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from alliances import clock
from alliances.enums import Level
from alliances.models import Organisation
from alliances.views.base import visible_or_404
from demands import policies
from demands.enums import DEMAND_ENDED, DemandState
from demands.forms.intake_deeds import RevealForm
from demands.models import Demand
from demands.selectors import contacts, places, story
from demands.services.privacy import RevealReason
from demands.views import hall_part

TONES = {
    DemandState.SUBMITTED: "wait",
    DemandState.OPEN: "wait",
    DemandState.CLAIMED: "wait",
    DemandState.SERVED: "wait",
    DemandState.CLOSED: "done",
    DemandState.DECLINED: "off",
    DemandState.MERGED: "off",
    DemandState.WITHDRAWN: "off",
    DemandState.UNRESOLVED: "late",
}
HALLS = (Level.STREET, Level.COUNTY, Level.CITY)
SHAREABLE = (DemandState.OPEN, DemandState.CLAIMED)


def found_or_404(request: HttpRequest, pk: int) -> Demand:
    return visible_or_404(story.full(), request.user, pk=pk)


def halls_above(demand: Demand) -> list[Organisation]:
    """Offices whose halls the demand can be shared to, the nearest first; their rows came with the demand."""
    found, place = [], demand.alliance.organisation.parent
    while place is not None:
        if place.level in HALLS:
            found.append(place)
        place = place.parent
    return found


@login_required
@require_safe
def demand(request: HttpRequest, pk: int) -> HttpResponse:
    user, demand = request.user, found_or_404(request, pk)
    whole, asked_by = story.reads_whole(user, demand), story.people(user, demand)
    is_run = policies.can_review_demand(user, demand)
    authors = story.open_to_reader(asked_by)
    work = story.work_on(demand)
    reasons = {reason.value: reason.label for reason in RevealReason}
    lines = story.happened(user, demand, work, whole=whole, is_run=is_run, reasons=reasons)
    context = {
        "demand": demand,
        "tone": TONES[DemandState(demand.state)],
        "whole": whole,
        "is_run": is_run,
        "words": story.words(user, demand, asked_by),
        "answer": contacts.veil_for_reader(demand.reason, asked_by) if whole else "",
        "authors": authors,
        "has_contacts": any(author.name or author.phone for author in authors),
        "reveal": RevealForm(auto_id=False),
        "steps": [
            {"step": step, "mark": step.mark(number)}
            for number, step in enumerate(story.steps(demand, work), 1)
        ],
        "story": lines,
        "is_late": bool(
            demand.state == DemandState.SUBMITTED and demand.review_by and demand.review_by < clock.today()
        ),
        "reads_hand_up": bool(demand.hand_up_note) and (is_run or policies.can_share_demand(user, demand)),
        "deeds": _deeds(user, demand, is_run),
        "has_claims": demand.state not in (DemandState.SUBMITTED, DemandState.MERGED),
        "crumbs": [{"label": "需求清单", "url": places.of_demands()}],
        **hall_part.context(request, demand),
    }
    response = render(request, "demands/intake_story.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _deeds(user: Any, demand: Demand, is_run: bool) -> list[dict[str, str]]:
    """What can be done beside the work itself: a page each, or a button where nothing needs to be said (``post``)."""
    state, found = demand.state, []

    def add(name: str, label: str, *, post: bool = False, ask: str = "") -> None:
        url = reverse(f"demands:demand-{name}", args=[demand.pk])
        found.append({"label": label, "url": url, "post": "1" if post else "", "ask": ask})

    early = state in (DemandState.SUBMITTED, DemandState.OPEN)
    if is_run and state not in DEMAND_ENDED:
        add("change", "修改登记内容")
    if is_run and early:
        add("merge", "合并到另一件")
        add("decline", "不予受理")
    if state in SHAREABLE and policies.can_share_demand(user, demand):
        add("share", "修改共享" if demand.shared_to_id else "共享到上级大厅")
    if demand.shared_to_id and policies.can_share_demand(user, demand):
        ask = "取消共享后，其他联盟的单位看不到这项需求；已经认领的继续办理。"
        add("unshare", "取消共享", post=True, ask=ask)
    if (
        state in SHAREABLE
        and demand.alliance.organisation.parent_id
        and policies.can_hand_up_demand(user, demand)
    ):
        add("hand-up", "再次上报" if demand.handed_up_at else "上报街道")
    if is_run and state == DemandState.OPEN:
        add("give-up", "未能解决，结束")
    if early and policies.can_withdraw_demand(user, demand):
        add("withdraw", "撤回")
    if is_run and state in (DemandState.DECLINED, DemandState.UNRESOLVED) and demand.anonymised_at is None:
        add("take-up", "重新受理", post=True)
    return found
