"""Who may: small named rules, each answering both "may this user?" and "who may?" from the same words.

A ``Rule`` names roles; the scope says which appointment counts for which object. Visibility (404) is the queryset's
business, see ``querysets``; a rule decides between yes and 403. Recipients of a reminder are ``rule.holders(obj)``, so
nobody is written to who could not act.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q

from alliances.enums import MEMBER_ROLES, SUBTREE_ROLES, Role
from alliances.models import Alliance, Appointment, Organisation, Person
from alliances.querysets import appointments_of


def _alliance_of(obj: Any) -> Alliance:
    return obj if isinstance(obj, Alliance) else obj.alliance


def _no_members(obj: Any) -> Iterable[int]:
    return ()


class Rule:
    """Roles that may do something to an object, and which appointment of that role counts.

    ``place(obj)`` is the organisation that secretaries, staff, presidents must be appointed to and offices stand at
    or above. ``members(obj)`` are the ids of the members whose liaisons and leaders count. ``|`` joins two rules.
    """

    def __init__(
        self,
        *roles: str,
        place: Callable[[Any], Organisation] | None = None,
        members: Callable[[Any], Iterable[int]] = _no_members,
    ) -> None:
        self.roles = frozenset(roles)
        self.place = place or (lambda obj: _alliance_of(obj).organisation)
        self.members = members
        self.parts: tuple[Rule, ...] = (self,)

    def __or__(self, other: Rule) -> Rule:
        joined = Rule(*self.roles, *other.roles)
        joined.parts = self.parts + other.parts
        return joined

    def __call__(self, user: Any, obj: Any) -> bool:
        return any(part.capacity_alone(user, obj) for part in self.parts)

    def capacity(self, user: Any, obj: Any) -> str:
        """The role in which ``user`` may act on ``obj``; empty when not allowed."""
        for part in self.parts:
            if role := part.capacity_alone(user, obj):
                return role
        return ""

    def capacity_alone(self, user: Any, obj: Any) -> str:
        appointments = [a for a in appointments_of(user) if a.role in self.roles]
        if not appointments:
            return ""
        members = frozenset(self.members(obj)) if self.roles & MEMBER_ROLES else frozenset()
        for appointment in appointments:
            if appointment.role in MEMBER_ROLES:
                if appointment.member_id in members:
                    return appointment.role
            elif appointment.role in SUBTREE_ROLES:
                if appointment.organisation and self.place(obj).is_under(appointment.organisation):
                    return appointment.role
            elif appointment.organisation_id == self.place(obj).pk:
                return appointment.role
        return ""

    def holders(self, obj: Any) -> list[Person]:
        """Everyone who may, today, in order of appointment and without doubles."""
        people: dict[int, Person] = {}
        for part in self.parts:
            scope = part.scope_alone(obj)
            rows = Appointment.objects.current().filter(scope).select_related("person__user") if scope else ()
            for appointment in rows:
                people.setdefault(appointment.person_id, appointment.person)
        return list(people.values())

    def scope_alone(self, obj: Any) -> Q:
        """Which appointments count for ``obj``, as a filter."""
        scope = Q()
        if roles := self.roles & MEMBER_ROLES:
            scope |= Q(role__in=roles, member_id__in=list(self.members(obj)))
        if roles := self.roles - MEMBER_ROLES - SUBTREE_ROLES:
            scope |= Q(role__in=roles, organisation=self.place(obj))
        if roles := self.roles & SUBTREE_ROLES:
            scope |= Q(role__in=roles, organisation__path__in=self.place(obj).paths_above)
        return scope


class OwnOffice(Rule):
    """An office acting for exactly the organisation it stands at, not for everything below it."""

    def __init__(self, place: Callable[[Any], Organisation] | None = None) -> None:
        super().__init__(Role.OFFICE, place=place)

    def capacity_alone(self, user: Any, obj: Any) -> str:
        place = self.place(obj)
        own = (a for a in appointments_of(user) if a.role == Role.OFFICE and a.organisation_id == place.pk)
        return Role.OFFICE if any(own) else ""

    def scope_alone(self, obj: Any) -> Q:
        return Q(role=Role.OFFICE, organisation=self.place(obj))


NOBODY = Rule()

# The two who run an alliance, and the secretary alone (design, domain: "Who may").
can_run_alliance = Rule(Role.SECRETARY, Role.STAFF)
can_lead_alliance = Rule(Role.SECRETARY)
can_oversee_alliance = Rule(Role.SECRETARY, Role.STAFF, Role.PRESIDENT, Role.OFFICE)
can_publish_bulletin = Rule(Role.SECRETARY, Role.STAFF, Role.PRESIDENT) | OwnOffice()
can_administer = Rule(Role.ADMINISTRATOR, place=lambda organisation: organisation)
can_keep_promise = Rule(Role.LIAISON, members=lambda commitment: (commitment.member_id,))
can_audit = Rule(Role.AUDITOR, place=lambda organisation: organisation)
can_correct_days = Rule(Role.OFFICE, Role.SECRETARY, place=lambda organisation: organisation)


def reads_unit_records(user: Any, alliance: Alliance) -> bool:
    """Whether ``user`` reads what units did and promised in ``alliance``: all of it where one oversees it, else the own
    unit's (the lists narrow to that)."""
    own = any(a.member is not None and a.member.alliance_id == alliance.pk for a in appointments_of(user))
    return own or can_oversee_alliance(user, alliance)


def may_manage_account(user: Any, person: Person) -> bool:
    """Whether ``user`` may invite ``person`` or give a new password: administrators for everybody whose posts stand below
    them, secretaries and staff for the people of their own alliance.

    All of the person's posts count, else a community could take over the account of an office by listing its holder as
    its own: elsewhere the person may be a unit's liaison or leader, nothing more. An account that exists is kept by the
    community where the person has served longest, so that listing another's liaison does not open the account.
    """
    theirs = list(
        Appointment.objects.current()
        .filter(person=person)
        .select_related("organisation__parent", "member__alliance__organisation")
        .order_by("pk")
    )
    mine = appointments_of(user)
    heads = [a.organisation for a in mine if a.role == Role.ADMINISTRATOR and a.organisation]
    if any(all(_place_of(post).is_under(head) for post in theirs) for head in heads):
        return True
    places = {a.organisation_id for a in mine if a.role in (Role.SECRETARY, Role.STAFF)}
    if not places or any(post.role in SUBTREE_ROLES | {Role.SECRETARY} for post in theirs):
        return False
    near = [post for post in theirs if _community_of(post).pk in places]
    far = [post for post in theirs if post not in near]
    if not near or any(post.role not in MEMBER_ROLES for post in far):
        return False
    return not hasattr(person, "user") or all(near[0].pk < post.pk for post in far)


def _place_of(post: Appointment) -> Organisation:
    if post.member is not None:
        return post.member.alliance.organisation
    assert post.organisation is not None  # a constraint: the post is at the one or the other
    return post.organisation


def _community_of(post: Appointment) -> Organisation:
    place = _place_of(post)
    return place.parent if post.role == Role.STATION and place.parent else place


def is_administrator(user: Any) -> bool:
    return any(a.role == Role.ADMINISTRATOR for a in appointments_of(user))


def is_auditor(user: Any) -> bool:
    return any(a.role == Role.AUDITOR for a in appointments_of(user))
