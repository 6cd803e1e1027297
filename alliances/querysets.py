"""Scope lives at the queryset: every manager of a row with an ``alliance`` answers ``visible_to(user)``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.enums import MEMBER_ROLES, Role

if TYPE_CHECKING:
    from alliances.models import Appointment


def appointments_of(user: Any) -> list[Appointment]:
    """The appointments that stand today of a user's person; none for anonymous people."""
    return user.current_appointments if getattr(user, "is_authenticated", False) else []


class OrganisationQuerySet(models.QuerySet):
    def under(self, organisation: Any) -> OrganisationQuerySet:
        """``organisation`` itself and everything below it: one prefix test on the materialised path."""
        return self.filter(path__startswith=organisation.path)

    def visible_to(self, user: Any) -> OrganisationQuerySet:
        scope = Q()
        for appointment in appointments_of(user):
            if appointment.role in MEMBER_ROLES:
                scope |= Q(path__startswith=appointment.member.alliance.organisation.path)
            elif appointment.role == Role.STATION:
                scope |= Q(path__startswith=appointment.organisation.parent.path)
            elif appointment.role != Role.AUDITOR:
                scope |= Q(path__startswith=appointment.organisation.path)
        return self.filter(scope) if scope else self.none()


class AllianceQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> AllianceQuerySet:
        """Alliances whose business ``user`` may see; administrators and auditors see none."""
        places: set[int | None] = set()
        own: set[int] = set()
        scope = Q()
        for appointment in appointments_of(user):
            if appointment.role in MEMBER_ROLES:
                own.add(appointment.member.alliance_id)
            elif appointment.role == Role.OFFICE:
                scope |= Q(organisation__path__startswith=appointment.organisation.path)
            elif appointment.role == Role.STATION:
                places.add(appointment.organisation.parent_id)
            elif appointment.role in (Role.SECRETARY, Role.STAFF, Role.PRESIDENT):
                places.add(appointment.organisation_id)
        if places:
            scope |= Q(organisation_id__in=places)
        if own:
            scope |= Q(pk__in=own)
        return self.filter(scope) if scope else self.none()


class AllianceScopedQuerySet(models.QuerySet):
    """Rows that belong to an alliance, reached through ``alliance_path`` (a lookup from the row)."""

    alliance_path = "alliance"

    def visible_to(self, user: Any) -> AllianceScopedQuerySet:
        alliances = self.model._meta.apps.get_model("alliances", "Alliance")
        return self.filter(**{f"{self.alliance_path}__in": alliances.objects.visible_to(user)})


class MemberQuerySet(AllianceScopedQuerySet):
    def current(self, day: date | None = None) -> MemberQuerySet:
        """Members that had joined and not left on ``day`` (today by default)."""
        day = day or clock.today()
        return self.filter(Q(joined_on__isnull=True) | Q(joined_on__lte=day)).filter(
            Q(left_on__isnull=True) | Q(left_on__gt=day)
        )


class AppointmentQuerySet(models.QuerySet):
    def current(self, day: date | None = None) -> AppointmentQuerySet:
        day = day or clock.today()
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))

    def visible_to(self, user: Any) -> AppointmentQuerySet:
        organisations = self.model._meta.apps.get_model("alliances", "Organisation")
        visible = organisations.objects.visible_to(user)
        return self.filter(Q(organisation__in=visible) | Q(member__alliance__organisation__in=visible))


class LogEntryQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> LogEntryQuerySet:
        """Auditors read the log of their subtree, entries without an alliance only at the root."""
        scope = Q()
        for appointment in appointments_of(user):
            if appointment.role == Role.AUDITOR:
                scope |= Q(alliance__organisation__path__startswith=appointment.organisation.path)
                if appointment.organisation.parent_id is None:
                    scope |= Q(alliance__isnull=True)
        return self.filter(scope) if scope else self.none()


class BulletinQuerySet(AllianceScopedQuerySet):
    def visible_to(self, user: Any) -> BulletinQuerySet:
        """Own alliances' entries, those that alliances above share with their subtree, and public ones.

        An entry taken down is seen by nobody.
        """
        alliances = self.model._meta.apps.get_model("alliances", "Alliance")
        own = alliances.objects.visible_to(user)
        above: set[str] = set()
        for path in own.values_list("organisation__path", flat=True):
            parts = path.rstrip("/").split("/")
            above.update("/".join(parts[: n + 1]) + "/" for n in range(len(parts)))
        scope = Q(alliance__in=own) | Q(visibility="public")
        scope |= Q(visibility="subtree", alliance__organisation__path__in=above)
        return self.filter(scope, withdrawn_at=None)


class CommitmentQuerySet(AllianceScopedQuerySet):
    def visible_to(self, user: Any) -> CommitmentQuerySet:
        """Those of the alliances one runs or oversees, and of one's own units; not what others have promised."""
        scope = Q()
        for appointment in appointments_of(user):
            if appointment.role in MEMBER_ROLES:
                scope |= Q(member_id=appointment.member_id)
            elif appointment.role == Role.OFFICE:
                scope |= Q(alliance__organisation__path__startswith=appointment.organisation.path)
            elif appointment.role in (Role.SECRETARY, Role.STAFF, Role.PRESIDENT):
                scope |= Q(alliance__organisation_id=appointment.organisation_id)
        return self.filter(scope) if scope else self.none()
