"""The open hall, offers, taking a demand: what the pages cost, in queries: (who looks, address, how many)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse


def _at(name: str, key: str, query: str = "") -> Callable[[Any], str]:
    return lambda town: reverse(f"demands:{name}", args=[town.loop[key].pk]) + query


def _hall(query: str = "") -> Callable[[Any], str]:
    return lambda town: reverse("demands:hall") + query


def _offer(town: Any) -> str:
    return reverse("demands:offer", args=[town.loop["hall_open"].offers.order_by("pk")[0].pk])


PAGES: dict[str, tuple[str, Callable[[Any], str], int]] = {
    "hall": ("secretary", _hall(), 8),
    "hall for a liaison": ("liaison0", _hall(), 12),
    "hall for an office": ("office", _hall(), 7),
    "hall, what may be joined": ("liaison0", _hall("?show=joint"), 8),
    "what suits a unit": ("liaison0", lambda town: reverse("demands:suitable"), 7),
    "claiming": ("liaison0", _at("claim-take", "hall_open"), 11),
    "recording a claim": ("secretary", _at("claim-take", "hall_open"), 11),
    "offering": ("secretary", _at("offers", "hall_open"), 12),
    "answering an offer": ("liaison0", _offer, 6),
}
FORMS: set[str] = set()  # forms and files, which list nothing
