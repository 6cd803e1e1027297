"""Acceptance and call-back: what the pages cost, in queries: (who looks, address, how many)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse


def _one(name: str, key: str) -> Callable[[Any], str]:
    return lambda town: reverse(f"demands:{name}", args=[town.loop[key]])


def _list(town: Any) -> str:
    return reverse("demands:call-backs")


PAGES: dict[str, tuple[str, Callable[[Any], str], int]] = {
    "call-backs": ("secretary", _list, 7),
    "call-backs of a station": ("stations-station", _list, 6),
    "call-back": ("secretary", _one("call-back", "stations-call-back"), 5),
    "accepting a claim": ("stations-station", _one("claim-accept", "stations-claim"), 7),
    "sending a claim back": ("secretary", _one("claim-return", "stations-claim"), 5),
}
FORMS: set[str] = {"demands:visit-sheet"}  # forms and files, which list nothing
