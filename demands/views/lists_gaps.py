"""供需缺口: what was asked for in the last year and nobody offers; what is offered and nobody used."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from alliances import clock
from alliances.selectors import directory
from demands.selectors.gaps import GAPS_SINCE, MOST_DEMANDS, MOST_RESOURCES, gaps_of
from demands.views.lists import readable_alliances

SHOWN = 200  # unused resources on the page; how many there are is said beside


@login_required
@require_safe
def gaps(request: HttpRequest) -> HttpResponse:
    """Of one alliance: the one in the address (``?alliance=``), the chosen one, else the first."""
    alliances = readable_alliances(request)
    code = request.GET.get("alliance")
    asked = next((a for a in alliances if a.code == code), None)
    alliance = asked or directory.chosen_alliance(request) or alliances[0]
    found = gaps_of(alliance, most_idle=SHOWN)
    base = {"since": (clock.today() - GAPS_SINCE).isoformat()}
    if len(alliances) > 1:
        base["alliance"] = alliance.code
    context = {
        "alliance": alliance,
        "alliances": alliances if len(alliances) > 1 else [],
        "missing": [
            (gap, f"{reverse('demands:demands')}?{urlencode({**base, 'group': f'{gap.major}/{gap.minor}'})}")
            for gap in found.missing
        ],
        "idle": found.idle,
        "idle_total": found.idle_total,
        "bound": (MOST_DEMANDS, MOST_RESOURCES) if found.is_bounded else None,
    }
    return render(request, "demands/gaps.html", context)
