"""What happened to a meeting and to what it decided, oldest first, in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from alliances import clock
from alliances.enums import Role, Via
from alliances.models import LogEntry
from alliances.selectors import history
from rotation.models import Meeting, Task

WARNINGS = {"rotation.meeting.nudge", "rotation.meeting.escalate", "rotation.meeting.cancel"}


@dataclass(frozen=True)
class Line:
    """One line of the meeting's story."""

    at: datetime
    what: str
    who: str
    is_warning: bool


def story(meeting: Meeting, tasks: list[Task]) -> list[Line]:
    """Replies are left out: their table says who answered when, and how."""
    texts = {task.pk: task.text for task in tasks}
    scope = Q(object_type=meeting._meta.label_lower, object_id=meeting.pk)
    if texts:
        scope |= Q(object_type=Task._meta.label_lower, object_id__in=list(texts))
    entries = LogEntry.objects.filter(scope).exclude(action="rotation.task.give")
    return [
        Line(clock.local(entry.at), _what(entry, texts), _who(entry), entry.action in WARNINGS)
        for entry in entries.select_related("actor__person").order_by("pk")
    ]


def _what(entry: LogEntry, texts: dict[int, str]) -> str:
    sentence = history.sentence(entry)
    if entry.object_type == Task._meta.label_lower:
        return f"{sentence.removeprefix('议定事项：')}：{texts.get(entry.object_id, '')}"
    via = entry.data.get("via")
    return f"{sentence}（{Via(via).label}）" if via in (Via.PAPER, Via.PHONE) else sentence


def _who(entry: LogEntry) -> str:
    if entry.actor is None:
        return "系统按时办理"
    role = Role(entry.capacity).label if entry.capacity in Role.values else ""
    return f"{entry.actor.person.name} {role}".strip()
