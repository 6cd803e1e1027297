"""What the pages of activities, the month and the circle cost, in queries: (who looks, address, how many)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from tests import routes_activities, routes_circle
from tests.routes_activities import PLANNED, RECORDED


def of(name: str, title: str) -> Callable[[Any], str]:
    return lambda town: reverse(f"rotation:{name}", args=[routes_activities.of_town(town.alliance, title).pk])


def _month(town: Any) -> str:
    return reverse("rotation:month", args=[town.alliance.code, 2026, 3])


def _entry(town: Any) -> str:
    return reverse("alliances:circle-entry", args=[routes_circle.of_town(town.alliance).pk])


PAGES: dict[str, tuple[str, Callable[[Any], str], int]] = {
    "month": ("secretary", _month, 12),
    "month for a liaison": ("liaison0", _month, 12),
    "month for an office": ("office", _month, 13),
    "activities": ("secretary", lambda town: reverse("rotation:activities"), 7),
    "activities for a liaison": ("liaison0", lambda town: reverse("rotation:activities"), 7),
    "planned activity": ("secretary", of("activity", PLANNED), 10),
    "planned activity for a liaison": ("liaison0", of("activity", PLANNED), 10),
    "recorded activity": ("liaison0", of("activity", RECORDED), 10),
    "planning an activity": ("secretary", lambda town: reverse("rotation:activity-new"), 5),
    "changing an activity": ("secretary", of("activity-edit", PLANNED), 8),
    "recording a unit": ("secretary", of("activity-unit", PLANNED), 9),
    "recording an activity": ("secretary", of("activity-record", PLANNED), 10),
    "circle": ("secretary", lambda town: reverse("alliances:circle"), 7),
    "circle for a liaison": ("liaison0", lambda town: reverse("alliances:circle"), 7),
    "circle for an office": ("office", lambda town: reverse("alliances:circle"), 9),
    "entry of the circle": ("secretary", _entry, 7),
    "publishing": ("secretary", lambda town: reverse("alliances:circle-new"), 4),
    "public page": (
        "liaison0",
        lambda town: reverse("alliances:circle-public", args=[town.alliance.code]),
        7,
    ),
}
