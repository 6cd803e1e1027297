"""Who sees which rows of the four lists (design, "Across communities" and "Who may")."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from alliances.enums import MEMBER_ROLES, Role
from alliances.querysets import AllianceScopedQuerySet, appointments_of
from demands.enums import CLAIM_STANDING, DEMAND_READABLE


@dataclass
class Reach:
    """What a user's appointments of today reach: places run, stations, offices' paths, members and halls above them."""

    places: set[int] = field(default_factory=set)  # organisations of secretaries, staff, presidents
    desks: set[int] = field(
        default_factory=set
    )  # the same without presidents: who handles residents' contacts
    stations: set[int] = field(default_factory=set)
    around_stations: set[int | None] = field(default_factory=set)  # the communities of those stations
    offices: set[str] = field(default_factory=set)  # paths
    members: set[int] = field(default_factory=set)
    liaisons: set[int] = field(default_factory=set)  # members whose liaison the user is
    alliances: set[int] = field(default_factory=set)  # of those members
    halls: set[str] = field(default_factory=set)  # paths of the members' alliances and everything above


def reach_of(user: Any) -> Reach:
    reach = Reach()
    for appointment in appointments_of(user):
        if appointment.role in MEMBER_ROLES:
            member = appointment.member
            assert member is not None  # a constraint: these roles are held at a member
            reach.members.add(member.pk)
            reach.alliances.add(member.alliance_id)
            reach.halls.update(member.alliance.organisation.paths_above)
            if appointment.role == Role.LIAISON:
                reach.liaisons.add(member.pk)
        elif appointment.organisation is None:
            continue
        elif appointment.role == Role.STATION:
            reach.stations.add(appointment.organisation.pk)
            reach.around_stations.add(appointment.organisation.parent_id)
        elif appointment.role == Role.OFFICE:
            reach.offices.add(appointment.organisation.path)
        elif appointment.role in (Role.SECRETARY, Role.STAFF, Role.PRESIDENT):
            reach.places.add(appointment.organisation.pk)
            if appointment.role != Role.PRESIDENT:
                reach.desks.add(appointment.organisation.pk)
    return reach


def _under(lookup: str, paths: set[str]) -> Q:
    scope = Q()
    for path in sorted(paths):
        scope |= Q(**{f"{lookup}__startswith": path})
    return scope


def _readable(reach: Reach, path: str) -> Q | None:
    """Which rows of alliances that one sees one may read, by the lookup that leads to the demand; None: all of them.

    Says what ``DemandQuerySet.visible_to`` says, without the tree: in a list of many alliances the tree's prefixes would
    keep the database from reading the newest rows only.
    """
    if reach.places and not (reach.stations or reach.offices or reach.members):
        return None
    scope = Q(**{f"{path}state__in": DEMAND_READABLE})
    if reach.places:
        scope |= Q(**{f"{path}alliance__organisation_id__in": reach.places})
    if reach.stations:
        scope |= Q(**{f"{path}station_id__in": reach.stations})
    if reach.members:
        scope |= Q(**{f"{path}member_id__in": reach.members})
    return scope


class ResourceQuerySet(AllianceScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Resources of the units that sit in an alliance the user sees, wherever they were registered."""
        registry = self.model._meta.apps
        alliances = registry.get_model("alliances", "Alliance").objects.visible_to(user)
        units = registry.get_model("alliances", "Member").objects.filter(alliance__in=alliances)
        return self.filter(Q(alliance__in=alliances) | Q(member__unit__in=units.values("unit")))


class BookingQuerySet(AllianceScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """The giving unit's, the asking unit's, and those of the alliance that asks or gives."""
        alliances = self.model._meta.apps.get_model("alliances", "Alliance").objects.visible_to(user)
        own = reach_of(user).members
        return self.filter(
            Q(alliance__in=alliances)
            | Q(resource__alliance__in=alliances)
            | Q(resource__member__in=own)
            | Q(member__in=own)
        )


class DemandQuerySet(AllianceScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Own alliance: those who run it see all, units and stations what has been reviewed (a station all of its own,
        a unit all it asked for itself). Offices see what has been reviewed below them. Units also see what is shared to
        a hall above their alliance, and what they claimed. Authors are rows of their own, see ``AuthorQuerySet``.
        """
        reach = reach_of(user)
        scope = Q()
        if reach.places:
            scope |= Q(alliance__organisation_id__in=reach.places)
        if reach.stations:
            scope |= Q(station_id__in=reach.stations)
        reviewed = Q()
        if reach.around_stations:
            reviewed |= Q(alliance__organisation_id__in=reach.around_stations)
        if reach.offices:
            reviewed |= _under("alliance__organisation__path", reach.offices)
        if reach.members:
            reviewed |= Q(alliance_id__in=reach.alliances) | Q(shared_to__path__in=reach.halls)
            scope |= Q(pk__in=self._of_own_claims(reach)) | Q(member_id__in=reach.members)
        if reviewed:
            scope |= reviewed & Q(state__in=DEMAND_READABLE)
        return self.filter(scope) if scope else self.none()

    def within(self, user: Any) -> Self:
        """``visible_to`` for a list that the caller has narrowed to alliances the user sees."""
        reach = reach_of(user)
        scope = _readable(reach, "")
        if scope is None:
            return self
        if reach.members:
            scope |= Q(pk__in=self._of_own_claims(reach))
        return self.filter(scope)

    def in_hall_of(self, user: Any) -> Self:
        """Shared demands of other alliances that the user's units may claim."""
        reach = reach_of(user)
        return self.filter(shared_to__path__in=reach.halls, state__in=DEMAND_READABLE).exclude(
            alliance_id__in=reach.alliances
        )

    def _of_own_claims(self, reach: Reach) -> models.QuerySet:
        claims = self.model._meta.apps.get_model("demands", "Claim").objects
        return claims.filter(member_id__in=reach.members).values("demand_id")


class AuthorQuerySet(AllianceScopedQuerySet):
    """Residents' identities: the row itself is the secret, so whoever may not see a contact finds no row."""

    alliance_path = "demand__alliance"

    def visible_to(self, user: Any) -> Self:
        """Secretary and staff of the demand's alliance, its station (also of what it was merged into), and the liaison of a claim that stands and has not
        been accepted, unless the demand is sensitive and the secretary has not released the contact to that claim.
        """
        reach = reach_of(user)
        scope = Q()
        if reach.desks:
            scope |= Q(demand__alliance__organisation_id__in=reach.desks)
        if reach.stations:
            scope |= Q(demand__station_id__in=reach.stations)
            # The station calls back everybody who asked, also through a demand merged into its own.
            scope |= Q(demand__merged_into__station_id__in=reach.stations)
        if reach.liaisons:
            claims = self.model._meta.apps.get_model("demands", "Claim").objects.filter(
                Q(demand=OuterRef("demand")) | Q(demand=OuterRef("demand__merged_into")),
                member_id__in=reach.liaisons,
                state__in=[state for state in CLAIM_STANDING if state != "accepted"],
            )
            open_kind = Q(demand__is_sensitive=False) & (
                Q(demand__merged_into=None) | Q(demand__merged_into__is_sensitive=False)
            )
            scope |= open_kind & Q(Exists(claims))
            scope |= Q(Exists(claims.filter(contact_released_at__isnull=False)))
        return self.filter(scope) if scope else self.none()


class OfDemandQuerySet(AllianceScopedQuerySet):
    """Rows that hang on a demand and are seen with it."""

    alliance_path = "demand__alliance"
    demand_path = "demand"

    def visible_to(self, user: Any) -> Self:
        demands = self.model._meta.apps.get_model("demands", "Demand").objects.visible_to(user)
        return self.filter(**{f"{self.demand_path}__in": demands})


class OfferQuerySet(OfDemandQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Offers of the alliances one runs or oversees, and of one's own units; not what others were asked."""
        reach = reach_of(user)
        scope = Q(member_id__in=reach.members)
        if reach.places:
            scope |= Q(demand__alliance__organisation_id__in=reach.places)
        if reach.offices:
            scope |= _under("demand__alliance__organisation__path", reach.offices)
        return self.filter(scope)


class ClaimQuerySet(AllianceScopedQuerySet):
    """A claim's alliance is its demand's; ``member`` may sit in another one."""

    def standing(self) -> Self:
        return self.filter(state__in=CLAIM_STANDING)

    def visible_to(self, user: Any) -> Self:
        """With the demand; and, for those who run the claiming unit's alliance, as that unit's record."""
        reach = reach_of(user)
        demands = self.model._meta.apps.get_model("demands", "Demand").objects.visible_to(user)
        scope = Q(demand__in=demands) | Q(member_id__in=reach.members)
        if reach.places:
            scope |= Q(member__alliance__organisation_id__in=reach.places)
        return self.filter(scope)

    def within(self, user: Any) -> Self:
        """``visible_to`` for a list that the caller has narrowed to alliances the user sees."""
        reach = reach_of(user)
        scope = _readable(reach, "demand__")
        return self if scope is None else self.filter(scope | _of_own_demands(reach, "") | _NONE)


# True of no row. Said beside a condition on the demand, it makes it a condition on both tables: else SQLite begins with
# a pass over all demands of the county (a Bloom filter) to show the newest fifty claims.
_NONE = Q(pk__lt=0)


def _of_own_demands(reach: Reach, path: str) -> Q:
    """Claims of one's own units, and others' on the same demands, by the lookup that leads to the claim."""
    if not reach.members:
        return Q()
    claims = apps.get_model("demands", "Claim").objects.filter(member_id__in=reach.members)
    return Q(**{f"{path}demand__in": claims.values("demand_id")})


class OfClaimQuerySet(AllianceScopedQuerySet):
    """Rows that hang on a claim and are seen with it."""

    alliance_path = "claim__alliance"
    claim_path = "claim"

    def visible_to(self, user: Any) -> Self:
        claims = self.model._meta.apps.get_model("demands", "Claim").objects.visible_to(user)
        return self.filter(**{f"{self.claim_path}__in": claims})

    def within(self, user: Any) -> Self:
        """``visible_to`` for a list that the caller has narrowed to alliances the user sees."""
        reach = reach_of(user)
        scope = _readable(reach, f"{self.claim_path}__demand__")
        if scope is None:
            return self
        return self.filter(scope | _of_own_demands(reach, f"{self.claim_path}__") | _NONE)


class CallBackQuerySet(OfClaimQuerySet):
    alliance_path = "acceptance__claim__alliance"
    claim_path = "acceptance__claim"


class PhotoQuerySet(OfClaimQuerySet):
    alliance_path = "note__claim__alliance"
    claim_path = "note__claim"

    def visible_to(self, user: Any) -> Self:
        """With the claim; of a sensitive demand only to its own community and the unit that serves it."""
        reach = reach_of(user)
        home = Q(note__claim__demand__is_sensitive=False) | Q(note__claim__member_id__in=reach.members)
        home |= Q(note__claim__alliance_id__in=reach.alliances)
        home |= Q(note__claim__demand__station_id__in=reach.stations)
        places = reach.places | {place for place in reach.around_stations if place}
        home |= Q(note__claim__alliance__organisation_id__in=places)
        return super().visible_to(user).filter(home)
