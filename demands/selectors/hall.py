"""The open hall (领办大厅): which demands a unit may claim here, in which words, and who has claimed them already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from alliances import clock
from alliances.enums import Level, Role
from alliances.models import Alliance, Member
from demands import policies
from demands.enums import ClaimPart, ClaimState, DemandState, OfferState, ResourceState
from demands.models import Claim, Demand, Offer, Resource
from demands.querysets import Reach, reach_of
from demands.selectors import contacts

CLAIMABLE = (DemandState.OPEN, DemandState.CLAIMED)
# From so many days on a card says how long its demand has waited.
WAITED_LONG = 7

STANDING = Prefetch(
    "claims", Claim.objects.standing().select_related("member__unit").order_by("claimed_at", "pk"), "standing"
)


@dataclass(frozen=True)
class Asked:
    """The filters of an address. ``joining``: demands that have their lead, which other units may join."""

    joining: bool = False
    group: str = ""
    urgency: str = ""
    place: str = ""
    fits: bool = False

    @property
    def narrows(self) -> bool:
        return bool(self.group or self.urgency or self.place)

    def params(self) -> dict[str, str]:
        found = {"group": self.group, "urgency": self.urgency, "place": self.place}
        if self.joining:
            found["show"] = "joint"
        if self.fits:
            found["fit"] = "1"
        return {key: value for key, value in found.items() if value}

    def keeps(self, demand: Demand) -> bool:
        """The same as ``narrowed``, for a row in hand."""
        codes = {demand.alliance.organisation.code, demand.station.code if demand.station else ""}
        return (
            (not self.group or demand.category.group == self.group)
            and (not self.urgency or demand.urgency == self.urgency)
            and (not self.place or self.place in codes)
        )


def in_hall(user: Any, alliance: Alliance | None) -> QuerySet[Demand]:
    """Demands that stand in the hall of ``alliance``: its own and those shared to an office above it; without an alliance
    (an office that has not chosen one) those shared to a hall above or below the office."""
    rows = Demand.objects.visible_to(user).filter(state__in=CLAIMABLE, hall_opened_at__isnull=False)
    if alliance is not None:
        shared = Q(shared_to__path__in=alliance.organisation.paths_above)
        return rows.filter(Q(alliance=alliance) | shared)
    return rows.filter(shared_to__isnull=False)


def narrowed(rows: QuerySet[Demand], asked: Asked) -> QuerySet[Demand]:
    rows = rows.filter(state=DemandState.CLAIMED if asked.joining else DemandState.OPEN)
    if asked.group:
        rows = rows.filter(category__group=asked.group)
    if asked.urgency:
        rows = rows.filter(urgency=asked.urgency)
    if asked.place:
        rows = rows.filter(Q(alliance__organisation__code=asked.place) | Q(station__code=asked.place))
    return rows


def as_cards(rows: QuerySet[Demand]) -> QuerySet[Demand]:
    """With everything a card shows but who claimed: that is ``STANDING``."""
    return rows.select_related("category", "station", "shared_to", "alliance__organisation")


@dataclass
class Facets:
    """What the hall holds, for the filters and the headline; one query. Names are read as ``(value, label)``."""

    waiting: int = 0
    joinable: int = 0
    groups: list[str] = field(default_factory=list)
    places: list[tuple[str, str]] = field(default_factory=list)


def facets(rows: QuerySet[Demand], alliance: Alliance | None) -> Facets:
    """Places are the stations of the own alliance and the communities of shared demands."""
    found = Facets()
    groups: set[str] = set()
    places: dict[str, str] = {}
    counted = (
        rows.order_by()
        .values_list(
            "state",
            "category__group",
            "alliance",
            "alliance__organisation__code",
            "alliance__organisation__name",
            "station__code",
            "station__name",
        )
        .annotate(n=Count("pk"))
    )
    for state, group, home, code, community, station, name, number in counted:
        if state == DemandState.OPEN:
            found.waiting += number
        else:
            found.joinable += number
        groups.add(group)
        if alliance is not None and home == alliance.pk and station:
            places[station] = name
        elif alliance is None or home != alliance.pk:
            places[code] = community
    found.groups = sorted(groups)
    found.places = sorted(places.items())
    return found


# --- words ----------------------------------------------------------------------------------------------------------


def is_near(reach: Reach, demand: Demand) -> bool:
    """Whether the reader belongs to the demand's own alliance; others read only the words put for others."""
    place = demand.alliance.organisation_id
    return (
        demand.alliance_id in reach.alliances or place in reach.places or place in reach.around_stations
    ) or demand.station_id in reach.stations


def words_for(user: Any, demands: Sequence[Demand]) -> dict[int, str]:
    """Primary key → the need in the words ``user`` may read in the hall, never with its author's name or phone: slips of
    paper are typed as they were written. One query."""
    reach = reach_of(user)
    authors = contacts.authors_of(demands)
    return {
        demand.pk: contacts.veil(
            demand.content if is_near(reach, demand) else contacts.words_outside(demand),
            authors.get(demand.pk, ()),
        )
        for demand in demands
    }


def share_label(demand: Demand) -> str:
    """街道共享 or 县共享: the hall that a demand of another alliance comes from."""
    if demand.shared_to is None:
        return ""
    return {Level.STREET: "街道共享", Level.COUNTY: "县共享", Level.CITY: "市共享"}[
        Level(demand.shared_to.level)
    ]


def waited(demand: Demand) -> int:
    """Days since the demand was raised, 0 while they need not be mentioned."""
    days = (clock.today() - demand.raised_on).days
    return days if days >= WAITED_LONG and demand.state == DemandState.OPEN else 0


# --- who may claim --------------------------------------------------------------------------------------------------


def own_members(user: Any, demand: Demand) -> list[Member]:
    """The user's units that may claim ``demand``, in the order of ``policies.members_acting``; no query."""
    mine = {a.member.pk: a.member for a in user.current_appointments if a.role == Role.LIAISON and a.member}
    return [mine[pk] for pk in policies.members_acting(user, demand)]


def units_that_may(demand: Demand) -> list[Member]:
    """Everybody who may serve ``demand``: current members of its alliance, then of those below the office that shares
    it; without those that have claimed it. One query."""
    scope = Q(alliance=demand.alliance_id)
    if demand.shared_to is not None:
        scope |= Q(alliance__organisation__path__startswith=demand.shared_to.path)
    standing = Claim.objects.standing().filter(demand=demand).values("member")
    rows = Member.objects.current().filter(scope).exclude(pk__in=standing)
    return in_order(rows.select_related("unit", "alliance__organisation"), demand)


def in_order(members: Iterable[Member], demand: Demand) -> list[Member]:
    """The demand's own alliance as its roster has it, then community by community."""
    return sorted(
        members, key=lambda m: (m.alliance_id != demand.alliance_id, m.alliance.organisation.path, m.pk)
    )


def resources_of(members: Iterable[Member]) -> list[Resource]:
    """What the units of ``members`` offer today."""
    units = {member.unit_id for member in members}
    rows = Resource.objects.filter(member__unit__in=units, state=ResourceState.LISTED)
    return list(rows.select_related("member__unit").order_by("pk"))


@dataclass
class OnDemand:
    """Claims and offers on one demand as the reader may see them, and what they leave open to whom."""

    claims: list[Claim]
    offers: list[Offer]

    @property
    def standing(self) -> list[Claim]:
        return [claim for claim in self.claims if claim.stands]

    @property
    def lead(self) -> Claim | None:
        return next((claim for claim in self.standing if claim.part == ClaimPart.LEAD), None)

    @property
    def next_part(self) -> str:
        """The first leads, later ones join."""
        return ClaimPart.JOINT if self.lead else ClaimPart.LEAD

    def open_offer(self, member: Member) -> Offer | None:
        for offer in self.offers:
            if offer.member_id == member.pk and offer.state == OfferState.OFFERED:
                return offer
        return None

    def free(self, demand: Demand, members: Iterable[Member]) -> list[Member]:
        """Those of ``members`` that may claim now: not standing already, and asked or in an open hall."""
        if demand.state not in CLAIMABLE:
            return []
        busy = {claim.member_id for claim in self.standing}
        return [m for m in members if m.pk not in busy and (demand.hall_opened_at or self.open_offer(m))]


def on_demand(user: Any, demand: Demand) -> OnDemand:
    """Two queries."""
    claims = Claim.objects.visible_to(user).filter(demand=demand).select_related("member__unit")
    handed_back_last = {ClaimState.HANDED_BACK: 1}
    return OnDemand(
        sorted(
            claims,
            key=lambda c: (handed_back_last.get(ClaimState(c.state), 0), c.part != ClaimPart.LEAD, c.pk),
        ),
        offers_on(user, demand),
    )


def offers_on(user: Any, demand: Demand) -> list[Offer]:
    """The newest first."""
    rows = Offer.objects.visible_to(user).filter(demand=demand)
    return list(rows.select_related("member__unit", "demand__alliance__organisation").order_by("-pk"))
