"""Taking in, reviewing, sharing; a demand's whole story; units' own demands; contacts: what the pages cost, in queries: (who looks, address, how many)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse


def of(name: str, key: str) -> Callable[[Any], str]:
    return lambda town: reverse(f"demands:{name}", args=[town.loop[f"intake_{key}"].pk])


PAGES: dict[str, tuple[str, Callable[[Any], str], int]] = {
    "taking in": ("secretary", lambda town: reverse("demands:new"), 7),
    "asking for a unit": ("liaison0", lambda town: reverse("demands:ask"), 5),
    "demands to review": ("secretary", lambda town: reverse("demands:review"), 8),
    "demand": ("secretary", of("demand", "done"), 11),
    "demand for a liaison": ("liaison0", of("demand", "done"), 11),
    "demand for an office": ("office", of("demand", "done"), 12),
    "demand to review": ("secretary", of("demand", "waiting"), 11),
    "merging a demand": ("secretary", of("demand-merge", "waiting"), 8),
}
FORMS: set[str] = {  # forms and files, which list nothing
    "demands:author-reveal",
    "demands:demand-change",
    "demands:demand-decline",
    "demands:demand-give-up",
    "demands:demand-hand-up",
    "demands:demand-share",
    "demands:demand-withdraw",
}
