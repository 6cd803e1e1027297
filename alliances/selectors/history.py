"""The log as people read it: each entry with its registered sentence."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from alliances.models import LogEntry
from alliances.registry import registries


def sentence(entry: LogEntry) -> str:
    code = registries.log_codes.get(entry.action)
    return code.sentence if code else entry.action


def of_object(obj: Any) -> QuerySet[LogEntry]:
    """What happened to ``obj``, newest first, with the actors' names to show."""
    return LogEntry.objects.filter(object_type=obj._meta.label_lower, object_id=obj.pk).select_related(
        "actor__person"
    )
