"""What residents reach without an account: orders, progress by code, answers by link, venues; and the office's doors to it (QR codes, posters): what the pages cost, in queries: (who looks, address, how many)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse


def _at_door(name: str) -> Callable[[Any], str]:
    return lambda town: reverse(f"demands:{name}", args=[town.loop["residents_point"].code])


def _by_code(name: str, key: str) -> Callable[[Any], str]:
    return lambda town: reverse(f"demands:{name}", args=[town.loop[key]])


def _venue(town: Any) -> str:
    point, room = town.loop["residents_point"], town.loop["residents_room"]
    return reverse("demands:resident-venue", args=[point.code, room.pk])


# Whoever looks: nobody is known at the addresses of residents.
PAGES: dict[str, tuple[str, Callable[[Any], str], int]] = {
    "doors": ("secretary", lambda town: reverse("demands:doors"), 6),
    "poster": ("secretary", lambda town: reverse("demands:door", args=[town.loop["residents_point"].pk]), 7),
    "resident's order": ("secretary", _at_door("resident-order"), 4),
    "venues for residents": ("secretary", _at_door("resident-venues"), 3),
    "resident's booking of a venue": ("secretary", _venue, 5),
    "progress by code": ("secretary", _by_code("resident-progress", "residents_code"), 4),
    "call-back by link": ("secretary", _by_code("resident-answer", "residents_link"), 1),
    "booking by code": ("secretary", _by_code("resident-booking", "residents_booking"), 2),
}
FORMS: set[str] = {  # forms and files, which list nothing
    "demands:door-poster",
    "demands:resident-code",
    "demands:resident-thanks",
}
