"""Resources, venues and their bookings: what the pages cost, in queries: (who looks, address, how many)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse


def _of(name: str, key: str) -> Callable[[Any], str]:
    return lambda town: reverse(f"demands:{name}", args=[town.loop[f"resources:{key}"].pk])


PAGES: dict[str, tuple[str, Callable[[Any], str], int]] = {
    "venue for the office": ("secretary", _of("resource", "venue"), 8),
    "venue for its liaison": ("liaison0", _of("resource", "venue"), 8),
    "listing a resource": ("liaison0", lambda town: reverse("demands:resource-new"), 5),
    "opening hours": ("liaison0", _of("resource-hours", "venue"), 6),
    "booking a venue": ("liaison0", _of("resource-book", "venue"), 8),
    "menu of a unit": ("liaison0", _of("menu", "member"), 6),
    "bookings": ("secretary", lambda town: reverse("demands:bookings"), 6),
    "bookings of a unit": ("liaison0", lambda town: reverse("demands:bookings"), 6),
    "booking": ("secretary", _of("booking", "booking"), 8),
    "booking for its liaison": ("liaison0", _of("booking", "booking"), 8),
}
FORMS: set[str] = {"demands:resource-edit"}  # forms and files, which list nothing
