"""Contacts and accounts as administrators and communities look for them."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from alliances.enums import PLACE_ROLES, Role
from alliances.models import Alliance, Appointment, Organisation, Person

_PLACES = ("organisation__parent", "member__unit", "member__alliance__organisation")


def administered_by(user: Any) -> QuerySet[Organisation]:
    """Organisations below which ``user`` keeps the accounts, in the tree's order."""
    scope = Q()
    for appointment in user.current_appointments:
        if appointment.role == Role.ADMINISTRATOR:
            scope |= Q(path__startswith=appointment.organisation.path)
    rows = Organisation.objects.select_related("alliance").order_by("path")
    return rows.filter(scope) if scope else rows.none()


def people_of(user: Any) -> QuerySet[Person]:
    """Everybody with a post, now or once, below the organisations ``user`` administers; at the root also people without
    any. With account and standing posts (``posts``)."""
    heads = [a.organisation for a in user.current_appointments if a.role == Role.ADMINISTRATOR]
    if not heads:
        return Person.objects.none()
    scope = Q()
    for head in heads:
        scope |= Q(organisation__path__startswith=head.path)
        scope |= Q(member__alliance__organisation__path__startswith=head.path)
    held = Appointment.objects.filter(person=OuterRef("pk"))
    rows = Person.objects.filter(Exists(held.filter(scope)))
    if any(head.parent_id is None for head in heads):
        rows = Person.objects.filter(Exists(held.filter(scope)) | ~Exists(held))
    posts = Appointment.objects.current().select_related(*_PLACES).order_by("pk")
    return rows.select_related("user").prefetch_related(
        Prefetch("appointments", queryset=posts, to_attr="posts")
    )


def posts_of(alliance: Alliance) -> list[Appointment]:
    """Standing posts of the community and of the stations below it, secretary first, by place."""
    order = [Role.SECRETARY, Role.STAFF, Role.PRESIDENT, Role.STATION]
    rows = (
        Appointment.objects.current()
        .filter(role__in=PLACE_ROLES, organisation__in=places_of(alliance))
        .select_related("person__user", "organisation")
    )
    return sorted(rows, key=lambda post: (order.index(Role(post.role)), post.organisation.path, post.pk))


def places_of(alliance: Alliance) -> QuerySet[Organisation]:
    """The community itself and its stations."""
    here = Q(pk=alliance.organisation_id) | Q(parent=alliance.organisation_id, level="station")
    return Organisation.objects.filter(here).select_related("alliance").order_by("path")
