"""The open hall (领办大厅) as cards, and the few demands that suit a liaison's unit beside the desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alliances.enums import Role
from alliances.models import Alliance, Member
from alliances.selectors import directory, paging
from alliances.views.base import alliance_or_404, require
from demands import policies
from demands.desk import suitable as suiting
from demands.enums import Urgency
from demands.models import Demand
from demands.selectors import hall
from demands.selectors.fitting import Suitable
from demands.selectors.hall import Asked, Facets

SIZE = 20
# What suits goes first: a few above the others, more when only they are asked for.
FIRST, MOST = 3, 30
LONGEST = 160


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Cards of the chosen alliance's hall and the halls above it; for a liaison what suits the unit first."""
    user = request.user
    alliance = _alliance(request)
    rows = hall.in_hall(user, alliance)
    facets = hall.facets(rows, alliance)
    asked = _asked(request.GET, facets)
    units = _units(user)
    suits = [s for s in suiting(user, MOST) if asked.keeps(s.demand)] if units and not asked.joining else []
    first = suits if asked.fits else suits[:FIRST]
    page = paging.Page([], "", "")
    if not asked.fits:
        rest = hall.narrowed(rows, asked).exclude(pk__in=[s.demand.pk for s in first])
        page = paging.page(hall.as_cards(rest), request.GET, SIZE)
    is_first_page = "before" not in request.GET and "after" not in request.GET
    shown = first if asked.fits or is_first_page else []
    context = {
        "alliance": alliance,
        "asked": asked,
        "facets": facets,
        "urgencies": Urgency.choices,
        "units": "、".join(dict.fromkeys(unit.unit.name for unit in units)),
        "is_liaison": bool(units),
        "suits": len(suits),
        "cards": _cards(user, shown, page.rows),
        "page": page,
        "tabs": _tabs(asked, facets, is_liaison=bool(units)),
        "everything": f"?{urlencode({'show': 'joint'})}" if asked.joining else "?",
    }
    return render(request, "demands/hall.html", context)


@login_required
@require_safe
def suitable(request: HttpRequest) -> HttpResponse:
    """Up to three open demands that suit the reader's units: loaded beside the desk's lines, as matching reads much."""
    units = _units(request.user)
    require(units, "适合本单位的需求只供单位联络员查看。")
    return render(request, "demands/_desk_suitable.html", {"rows": suiting(request.user)})


def _alliance(request: HttpRequest) -> Alliance | None:
    """Offices may look without choosing a community: then they see what is shared."""
    chosen = directory.chosen_alliance(request)
    if chosen is None and request.user.holds(Role.OFFICE):
        return None
    return alliance_or_404(request) if chosen is None else chosen


def _units(user: Any) -> list[Member]:
    return [a.member for a in user.current_appointments if a.role == Role.LIAISON and a.member]


def _asked(params: QueryDict, facets: Facets) -> Asked:
    """What the address asks for and the hall has; the rest is not asked."""
    group, urgency, place = (params.get(name, "") for name in ("group", "urgency", "place"))
    return Asked(
        joining=params.get("show") == "joint",
        group=group if group in facets.groups else "",
        urgency=urgency if urgency in Urgency.values else "",
        place=place if place in dict(facets.places) else "",
        fits=params.get("fit") == "1" and params.get("show") != "joint",
    )


def _tabs(asked: Asked, facets: Facets, *, is_liaison: bool) -> list[dict[str, Any]]:
    """The three ways to look, each keeping the other filters."""
    kept = {key: value for key, value in asked.params().items() if key not in ("show", "fit")}
    found = [("等认领", {}, not asked.joining and not asked.fits, facets.waiting)]
    if is_liaison:
        found.append(("适合本单位", {"fit": "1"}, asked.fits, None))
    found.append(("可联合认领", {"show": "joint"}, asked.joining, facets.joinable))
    return [
        {"label": label, "url": f"?{urlencode({**kept, **query})}", "current": current, "number": number}
        for label, query, current, number in found
    ]


def _cards(user: Any, suits: Sequence[Suitable], rows: Sequence[Demand]) -> list[dict[str, Any]]:
    """The first card that can be claimed carries the page's primary button."""
    reasons = {row.demand.pk: row.reason for row in suits}
    demands = [*(row.demand for row in suits), *rows]
    prefetch_related_objects(demands, hall.STANDING)
    words = hall.words_for(user, demands)
    found = [_card(user, demand, words[demand.pk], reasons.get(demand.pk, "")) for demand in demands]
    for card in found:
        if card["can_claim"]:
            card["is_first"] = True
            break
    return found


def _card(user: Any, demand: Demand, words: str, reason: str) -> dict[str, Any]:
    own = {member.pk for member in hall.own_members(user, demand)}
    standing = demand.standing  # type: ignore[attr-defined]  # prefetched, see selectors.hall.STANDING
    mine = next((claim for claim in standing if claim.member_id in own), None)
    return {
        "demand": demand,
        "words": words if len(words) <= LONGEST else f"{words[:LONGEST]}……",
        "reason": reason,
        "share": hall.share_label(demand),
        "waited": hall.waited(demand),
        "urgency_tone": {Urgency.URGENT: "late", Urgency.SOON: "wait"}.get(Urgency(demand.urgency), ""),
        "standing": standing,
        "mine": mine,
        "can_claim": bool(own) and mine is None,
        "can_offer": policies.can_offer_demand(user, demand),
        "is_first": False,
    }
