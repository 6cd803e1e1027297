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
    """``missing`` counts every demand of the year; ``idle``: the first of ``idle_total`` resources that nobody used;
    ``is_bounded``: older demands or resources were not compared."""

    missing: list[matching.CategoryGap]
    idle: list[Resource]
    idle_total: int
    is_bounded: bool


@dataclass(frozen=True)
class _Sides:
    """The rows of one alliance that are compared, as matching wants them; ``menus``: unit → its resources' keys."""

    year: QuerySet[Demand]
    needs: list[matching.Need]
    units: list[matching.Unit]
    menus: dict[int, list[int]]

    @classmethod
    def of(cls, alliance: Alliance) -> _Sides:
        year = Demand.objects.filter(alliance=alliance, raised_on__gte=clock.today() - GAPS_SINCE).exclude(
            state__in=[DemandState.MERGED, DemandState.WITHDRAWN, DemandState.DECLINED]
        )
        newest = year.order_by("-raised_on", "-pk").values_list(
            "pk", "category__group", "category__name", "content"
        )
        needs = [matching.Need(*row) for row in newest[:MOST_DEMANDS]]
        return cls(year, needs, *_offering(alliance))

    @property
    def is_bounded(self) -> bool:
        return len(self.needs) == MOST_DEMANDS or sum(map(len, self.menus.values())) == MOST_RESOURCES

    def compared(self) -> matching.Comparison:
        return matching.Comparison(self.needs, self.units)

    def missing(self, comparison: matching.Comparison) -> list[matching.CategoryGap]:
        """With all demands of the year, also those too old to be compared."""
        counted = _counted(self.year)
        gaps = []
        for gap in comparison.missing():
            asked, claimed = counted[gap.major, gap.minor]
            gaps.append(replace(gap, asked=asked, claimed=claimed))
        return sorted(gaps, key=lambda gap: (-gap.asked, gap.major, gap.minor))


def missing_of(alliance: Alliance) -> list[matching.CategoryGap]:
    """Of the last year: categories asked for without a listed resource, most asked first. Three queries, none of which
    grows with what the alliance's units do elsewhere."""
    sides = _Sides.of(alliance)
    return sides.missing(sides.compared())


def gaps_of(alliance: Alliance, *, most_idle: int = 200) -> Found:
    """``missing_of``, and the listed resources that nobody used, ``most_idle`` of them as rows. Six queries."""
    sides = _Sides.of(alliance)
    comparison = sides.compared()
    used = _used(list(sides.menus))
    # A unit whose every resource is used has nothing left to ask its deeds about.
    in_doubt = [unit for unit, keys in sides.menus.items() if not used.issuperset(keys)]
    idle = comparison.idle(used, _deeds(in_doubt))
    rows = Resource.objects.select_related("member__unit").in_bulk(idle[:most_idle])
    return Found(
        missing=sides.missing(comparison),
        idle=[rows[key] for key in idle[:most_idle] if key in rows],
        idle_total=len(idle),
        is_bounded=sides.is_bounded,
    )


def _offering(alliance: Alliance) -> tuple[list[matching.Unit], dict[int, list[int]]]:
    """Units of the alliance that have listed resources, with the newest of them; and these resources' keys by unit."""
    units = Member.objects.current().filter(alliance=alliance).order_by().values("unit")
    rows = Resource.objects.filter(member__unit__in=units, state=ResourceState.LISTED).order_by("-pk")
    names: dict[int, str] = {}
    menus: dict[int, list[int]] = defaultdict(list)
    offers: dict[int, list[matching.Resource]] = defaultdict(list)
    fields = ("member__unit", "member__unit__name", "pk", "name", "description")
    for unit, unit_name, key, *words in rows.values_list(*fields)[:MOST_RESOURCES]:
        names[unit] = unit_name
        menus[unit].append(key)
        offers[unit].append(matching.Resource(key, *words))
    return [matching.Unit(key, name, (), tuple(offers[key])) for key, name in names.items()], menus


def _used(units: list[int]) -> set[int]:
    """Resources of the units that were booked, or that a standing claim names. Two lists and not a question asked of each
    resource; the units are named, not their thousands of resources."""
    held = Booking.objects.filter(resource__member__unit__in=units, state__in=BOOKING_HOLDS).order_by()
    served = (
        Claim.objects.standing().filter(resource__isnull=False, resource__member__unit__in=units).order_by()
    )
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
