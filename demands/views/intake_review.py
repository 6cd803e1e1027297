"""The queue of demands to review, one after the other: the words, what resembles them, and the decision."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from alliances import clock
from alliances.views.base import alliance_or_404, require
from demands import policies
from demands.enums import DemandState
from demands.forms.intake_deeds import DeclineForm, mergeable
from demands.models import Demand
from demands.selectors import places, story
from demands.services import intake


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The oldest demand that waits; ``?after=`` goes on behind one that is left for later."""
    alliance = alliance_or_404(request)
    require(policies.can_review_demand(request.user, alliance), "只有社区书记和工作人员可以受理需求。")
    waiting = Demand.objects.filter(alliance=alliance, state=DemandState.SUBMITTED)
    after = request.GET.get("after", "")
    skipped = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
    demand = story.full().filter(pk__in=waiting.filter(pk__gt=skipped).values("pk")).order_by("pk").first()
    left = waiting.count()
    context = {
        "alliance": alliance,
        "demand": demand,
        "left": left,
        "is_end": demand is None and left,
        "here": reverse("demands:review"),
        "crumbs": [{"label": "需求清单", "url": places.of_demands()}],
    }
    if demand is not None:
        alike = intake.similar(demand.alliance, demand.content, besides=demand)
        can_merge = {row.pk for row in mergeable(alike)}
        context |= {
            "alike": [{"demand": row, "can_merge": row.pk in can_merge} for row in alike],
            "decline": DeclineForm(),
            "is_late": bool(demand.review_by and demand.review_by < clock.today()),
        }
    return render(request, "demands/intake_review.html", context)
