"""A claim from promise to delivery: what the pages cost, in queries: (who looks, address, how many)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse


def of(name: str) -> Callable[[Any], str]:
    return lambda town: reverse(f"demands:claim-{name}", args=[town.loop["claims of a demand"][0].pk])


def _extension(town: Any) -> str:
    return reverse("demands:extension", args=[town.loop["claims extension"].pk])


PAGES: dict[str, tuple[str, Callable[[Any], str], int]] = {
    "claim": ("secretary", of("page"), 11),
    "claim for its liaison": ("liaison0", of("page"), 11),
    "claim for an office": ("office", of("page"), 12),
    "delivering a claim": ("liaison0", of("deliver"), 5),
    "handing a claim back": ("liaison0", of("hand-back"), 5),
    "asking for more time": ("liaison0", of("extend"), 5),
    "answering for more time": ("secretary", _extension, 6),
    "venues for a claim": ("liaison0", of("venues"), 7),
}
FORMS: set[str] = {"demands:note-photo"}  # forms and files, which list nothing
