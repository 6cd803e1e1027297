"""What the pages of meetings cost, in queries: (who looks, address, how many)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse


def of(name: str, state: str) -> Callable[[Any], str]:
    return lambda town: reverse(f"rotation:{name}", args=[town.meetings[state].pk])


def _reply(town: Any) -> str:
    meeting = town.meetings["noticed"]
    return reverse("rotation:meeting-reply-record", args=[meeting.pk, meeting.replies.first().pk])


def _task(name: str) -> Callable[[Any], str]:
    def address(town: Any) -> str:
        meeting = town.meetings["minuted"]
        return reverse(f"rotation:{name}", args=[meeting.pk, meeting.tasks.first().pk])

    return address


PAGES: dict[str, tuple[str, Callable[[Any], str], int]] = {
    "meetings": ("secretary", lambda town: reverse("rotation:meetings"), 5),
    "meetings for a liaison": ("liaison0", lambda town: reverse("rotation:meetings"), 5),
    "a new meeting": ("secretary", lambda town: reverse("rotation:meeting-new"), 4),
    "planned meeting": ("liaison0", of("meeting", "planned"), 9),
    "noticed meeting": ("secretary", of("meeting", "noticed"), 9),
    "noticed meeting for a liaison": ("liaison0", of("meeting", "noticed"), 8),
    "held meeting": ("secretary", of("meeting", "held"), 8),
    "minuted meeting": ("secretary", of("meeting", "minuted"), 9),
    "minuted meeting for a liaison": ("liaison0", of("meeting", "minuted"), 9),
    "writing a notice": ("liaison0", of("meeting-write", "planned"), 12),
    "calling a meeting off": ("secretary", of("meeting-cancel", "noticed"), 5),
    "replying": ("liaison0", of("meeting-reply", "noticed"), 9),
    "recording a reply": ("secretary", _reply, 9),
    "roll call": ("secretary", of("meeting-hold", "noticed"), 6),
    "writing minutes": ("secretary", of("meeting-minutes", "held"), 8),
    "reporting a task": ("secretary", _task("task-done"), 6),
    "dropping a task": ("secretary", _task("task-drop"), 6),
}
