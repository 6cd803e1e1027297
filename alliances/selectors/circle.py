"""The circle's feed: what a person, or anybody, may read."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from alliances.enums import Visibility
from alliances.models import Alliance, Attachment, Bulletin


def feed(user: Any, alliance: Alliance | None = None, kind: str = "") -> QuerySet[Bulletin]:
    """Entries that ``user`` may read, newest first, attachments fetched. With ``alliance``: its own and those that
    alliances above share with it."""
    rows = Bulletin.objects.visible_to(user)
    if alliance is not None:
        above = alliance.organisation.paths_above
        rows = rows.filter(alliance=alliance) | rows.filter(
            alliance__organisation__path__in=above, visibility__in=[Visibility.SUBTREE, Visibility.PUBLIC]
        )
    if kind:
        rows = rows.filter(kind=kind)
    return (
        rows.select_related("alliance", "published_by__person")
        .prefetch_related("attachments")
        .order_by("-pk")
    )


def latest(user: Any, alliance: Alliance | None, n: int) -> list[Bulletin]:
    """The ``n`` newest entries that ``user`` may read, for lines that show no more than title, kind and day."""
    return list(feed(user, alliance).select_related(None).prefetch_related(None)[:n])


def public_feed(alliance: Alliance | None = None) -> QuerySet[Bulletin]:
    """What anybody may read without an account. It never names people; who published it is not fetched."""
    rows = Bulletin.objects.filter(visibility=Visibility.PUBLIC, withdrawn_at=None)
    if alliance is not None:
        rows = rows.filter(alliance=alliance)
    return rows.select_related("alliance").prefetch_related("attachments").order_by("-pk")


def attachment_for(user: Any, pk: int) -> Attachment | None:
    """The attachment if ``user`` (also an anonymous one) may read its entry, else None."""
    return (
        Attachment.objects.filter(pk=pk, bulletin__in=Bulletin.objects.visible_to(user))
        .select_related("bulletin__alliance")
        .first()
    )
