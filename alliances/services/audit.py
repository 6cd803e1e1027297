"""The only writer of the log."""

from __future__ import annotations

from typing import Any

from alliances import clock
from alliances.models import Alliance, LogEntry
from alliances.registry import registries


def record(
    action: str,
    obj: Any,
    *,
    actor: Any,
    capacity: str = "",
    alliance: Alliance | None = None,
    before: str = "",
    after: str = "",
    data: dict[str, Any] | None = None,
) -> LogEntry:
    """Add one row. Call it inside the transaction of the change it tells of.

    ``actor`` is the user, None for the clock. ``data`` holds ids, dates and counts, never names or phones.
    Raises ``LookupError`` for an action whose sentence no app has registered: a log nobody can read is none.
    """
    if action not in registries.log_codes:
        raise LookupError(f"log code {action!r} has no sentence")
    if alliance is None and obj is not None:
        alliance = obj if isinstance(obj, Alliance) else getattr(obj, "alliance", None)
    if actor is not None and not capacity:
        capacity = _capacity(actor, alliance)
    return LogEntry.objects.create(
        at=clock.now(),
        actor=actor,
        capacity=capacity,
        alliance=alliance,
        action=action,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=obj.pk if obj is not None else None,
        before=before,
        after=after,
        data=data or {},
    )


def _capacity(actor: Any, alliance: Alliance | None) -> str:
    """The role that ties the actor to the alliance, else the first one held."""
    appointments = actor.current_appointments
    for appointment in appointments:
        place = appointment.member.alliance if appointment.member_id else None
        if alliance is not None and (
            (place and place.pk == alliance.pk)
            or (appointment.organisation_id and appointment.organisation_id == alliance.organisation_id)
        ):
            return appointment.role
    return appointments[0].role if appointments else ""
