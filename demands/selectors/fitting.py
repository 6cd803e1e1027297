"""Matching with the house's rows: who fits a demand, which demands suit a unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from alliances.models import Member
from demands import matching
from demands.enums import (
    CLAIM_WORKING,
    ClaimState,
    DemandState,
    ResourceState,
    Verdict,
)
from demands.models import Acceptance, Claim, Demand, Resource

# What matching learns from: the latest claims of the deployment's subtree, not all of history.
LEARN_FROM = 2000


@dataclass(frozen=True)
class Fitting:
    """A unit for a demand: through which membership, with which of its resources, and why."""

    member: Member
    score: float
    resources: list[Resource]
    reason: str


@dataclass(frozen=True)
class Suitable:
    """A demand that suits a unit, and why."""

    demand: Demand
    reason: str


def units_for(demand: Demand, limit: int | None = 5) -> list[Fitting]:
    """Units that fit ``demand`` best: of its alliance, and where it is shared of every alliance below that office; those
    that claim it already are left out. ``limit`` None gives all of them; those for which nothing speaks come last and their
    reason says so. Four queries whatever the number of units."""
    members = list(_candidates(demand))
    by_unit: dict[int, Member] = {}
    # The membership in the demand's own alliance speaks for the unit, else its earliest one.
    for member in sorted(members, key=lambda m: (m.alliance_id != demand.alliance_id, m.pk)):
        if not member.has_claimed:  # annotated by _candidates
            by_unit.setdefault(member.unit_id, member)
    matcher, resources = _matcher(members, _root(demand))
    found = matcher.units_for(_need(demand), None)
    return [
        Fitting(
            by_unit[unit],
            suggestion.score,
            [resources[key] for key in suggestion.resources if isinstance(key, int)],
            suggestion.reason,
        )
        for suggestion in found
        if isinstance(unit := suggestion.unit, int) and unit in by_unit
    ][:limit]


def demands_for(member: Member, limit: int = 5) -> list[Suitable]:
    """Open demands that suit the unit: of its alliance's hall, and of the halls above it; only those for which one of its
    resources, its duties or its past deeds speaks. Words of others' demands are those that units may read."""
    rows = (
        Demand.objects.filter(
            Q(alliance=member.alliance_id, hall_opened_at__isnull=False)
            | Q(shared_to__path__in=member.alliance.organisation.paths_above),
            state=DemandState.OPEN,
        )
        .select_related("category", "station", "alliance__organisation", "shared_to")
        .order_by("-raised_on", "-pk")[:300]
    )
    demands = {demand.pk: demand for demand in rows}
    if not demands:
        return []
    matcher, _ = _matcher([member], member.alliance.organisation.path.split("/")[0] + "/")
    needs = [_need(demand, as_read_by=member) for demand in demands.values()]
    found = matcher.needs_for(member.unit_id, needs, limit)
    return [Suitable(demands[s.need], s.reason) for s in found if isinstance(s.need, int)]


# --- rows as matching wants them ------------------------------------------------------------------------------------


def _candidates(demand: Demand) -> QuerySet[Any]:
    scope = Q(alliance=demand.alliance_id)
    if demand.shared_to is not None:
        scope |= Q(alliance__organisation__path__startswith=demand.shared_to.path)
    standing = Claim.objects.standing().filter(demand=demand, member__unit=OuterRef("unit"))
    rows = Member.objects.current().filter(scope).annotate(has_claimed=Exists(standing))
    return rows.select_related("unit", "alliance__organisation")


def _root(demand: Demand) -> str:
    return demand.alliance.organisation.path.split("/")[0] + "/"


def _need(demand: Demand, *, as_read_by: Member | None = None) -> matching.Need:
    foreign = as_read_by is not None and as_read_by.alliance_id != demand.alliance_id
    text = demand.words_for_others if foreign else demand.content
    # Many units bear the community's name: that it is said in the demand speaks for none of them.
    if home := demand.alliance.organisation.name.removesuffix("社区"):
        text = text.replace(home, " ")
    return matching.Need(
        key=demand.pk,
        major=demand.category.group,
        minor=demand.category.name,
        text=text,
        path=demand.alliance.organisation.path,
        sensitive=demand.is_sensitive,
    )


def _units(members: Iterable[Member]) -> tuple[list[matching.Unit], dict[int, Resource]]:
    """One unit a row of ``units``, whatever memberships it has; with its listed resources and standing claims."""
    rows = list(members)
    keys = {member.unit_id for member in rows}
    listed = Resource.objects.filter(member__unit__in=keys, state=ResourceState.LISTED)
    resources = {row.pk: row for row in listed.select_related("member__unit").order_by("pk")}
    menus: dict[int, list[matching.Resource]] = defaultdict(list)
    for row in resources.values():
        menus[row.member.unit_id].append(
            matching.Resource(row.pk, row.name, row.description, row.get_kind_display())
        )
    load = dict(
        Claim.objects.filter(member__unit__in=keys, state__in=CLAIM_WORKING)
        .order_by()
        .values_list("member__unit")
        .annotate(n=Count("pk"))
    )
    names = {member.unit_id: member.unit.name for member in rows}
    places: dict[int, list[str]] = defaultdict(list)
    for member in rows:
        places[member.unit_id].append(member.alliance.organisation.path)
    units = [
        matching.Unit(key, names[key], tuple(places[key]), tuple(menus[key]), load.get(key, 0))
        for key in sorted(keys)
    ]
    return units, resources


def _matcher(members: Iterable[Member], root: str) -> tuple[matching.Matcher, dict[int, Resource]]:
    units, resources = _units(members)
    failed = Acceptance.objects.filter(claim=OuterRef("pk"), verdict=Verdict.FAILED)
    rows = (
        Claim.objects.filter(alliance__organisation__path__startswith=root)
        .annotate(has_failed=Exists(failed))
        .order_by("-claimed_on", "-pk")
        .values_list(
            "member__unit",
            "demand",
            "demand__category__group",
            "demand__category__name",
            "demand__content",
            "measures",
            "state",
            "demand__is_sensitive",
            "has_failed",
        )[:LEARN_FROM]
    )
    deeds = [
        matching.Deed(unit, need, major, minor, text, measures, _good(state, failed), sensitive)
        for unit, need, major, minor, text, measures, state, sensitive, failed in rows
    ]
    return matching.Matcher(units, deeds), resources


def _good(state: str, has_failed: bool) -> bool | None:
    if has_failed or state == ClaimState.HANDED_BACK:
        return False
    return True if state == ClaimState.ACCEPTED else None
