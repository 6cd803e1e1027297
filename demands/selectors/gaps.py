"""供需缺口 of one alliance: what was asked for and nobody offers, what is offered and nobody used.

Words are compared, so the work is bounded: the newest demands of the last year, the newest listed resources of the alliance's
units and the newest claims of those units. The page says so.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from alliances import clock
from alliances.models import Alliance, Member
from demands import matching
from demands.enums import BOOKING_HOLDS, DemandState, ResourceState
from demands.models import Booking, Claim, Demand, Resource

GAPS_SINCE = timedelta(days=365)
MOST_DEMANDS = 1000
MOST_RESOURCES = 2000
MOST_CLAIMS = 2000


@dataclass(frozen=True)
class Found:
    """``missing`` counts every demand of the year; ``is_bounded``: older demands or resources were not compared."""

    missing: list[matching.CategoryGap]
    idle: list[Resource]
    is_bounded: bool


def gaps_of(alliance: Alliance) -> Found:
    """Of the last year: categories asked for without a listed resource, and listed resources that nobody used. Six
    queries."""
    year = Demand.objects.filter(alliance=alliance, raised_on__gte=clock.today() - GAPS_SINCE).exclude(
        state__in=[DemandState.MERGED, DemandState.WITHDRAWN, DemandState.DECLINED]
    )
    newest = year.order_by("-raised_on", "-pk").values_list(
        "pk", "category__group", "category__name", "content"
    )[:MOST_DEMANDS]
    needs = [matching.Need(*row) for row in newest]
    members = Member.objects.current().filter(alliance=alliance).order_by("pk")
    names = dict(members.values_list("unit", "unit__name"))
    resources = _listed(list(names))
    found = matching.gaps(
        needs,
        _units(names, resources),
        used=_used(list(resources)),
        deeds=_deeds(list(names)),
    )
    counted = _counted(year)
    missing = [_whole(gap, counted) for gap in found.missing]
    return Found(
        missing=sorted(missing, key=lambda gap: (-gap.asked, gap.major, gap.minor)),
        idle=[resources[key] for key in found.idle if isinstance(key, int)],
        is_bounded=len(needs) == MOST_DEMANDS or len(resources) == MOST_RESOURCES,
    )


def _listed(units: list[int]) -> dict[int, Resource]:
    rows = Resource.objects.filter(member__unit__in=units, state=ResourceState.LISTED)
    newest = rows.select_related("member__unit").order_by("-pk")[:MOST_RESOURCES]
    return {row.pk: row for row in newest}


def _units(names: dict[int, str], resources: dict[int, Resource]) -> list[matching.Unit]:
    menus: dict[int, list[matching.Resource]] = defaultdict(list)
    for row in resources.values():
        menus[row.member.unit_id].append(matching.Resource(row.pk, row.name, row.description))
    return [matching.Unit(key, name, (), tuple(menus[key])) for key, name in names.items()]


def _used(resources: list[int]) -> set[int]:
    """Booked, or named by a standing claim. Two lists and not a question asked of each resource."""
    held = Booking.objects.filter(resource__in=resources, state__in=BOOKING_HOLDS).order_by()
    served = Claim.objects.standing().filter(resource__in=resources).order_by()
    return {pk for (pk,) in held.values_list("resource").union(served.values_list("resource"))}


def _deeds(units: list[int]) -> list[matching.Deed]:
    """Standing claims of the units, wherever they serve; no word of them is shown."""
    rows = Claim.objects.standing().filter(member__unit__in=units).order_by("-claimed_on", "-pk")
    fields = (
        "member__unit",
        "demand",
        "demand__category__group",
        "demand__category__name",
        "demand__content",
        "measures",
    )
    return [matching.Deed(*row) for row in rows.values_list(*fields)[:MOST_CLAIMS]]


def _counted(year: QuerySet[Demand]) -> dict[tuple[str, str], tuple[int, int]]:
    """Of each category how many demands, and how many of them some unit has claimed."""
    claimed = Exists(Claim.objects.standing().filter(demand=OuterRef("pk")))
    rows = year.order_by().values_list("category__group", "category__name")
    counted = rows.annotate(asked=Count("pk"), claimed=Count("pk", filter=Q(claimed)))
    return {(group, name): (asked, taken) for group, name, asked, taken in counted}


def _whole(
    gap: matching.CategoryGap, counted: dict[tuple[str, str], tuple[int, int]]
) -> matching.CategoryGap:
    """With all demands of the year, also those too old to be compared."""
    asked, claimed = counted[gap.major, gap.minor]
    return replace(gap, asked=asked, claimed=claimed)
