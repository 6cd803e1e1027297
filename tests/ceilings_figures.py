"""What the lists behind a quarter's figures cost, in queries: (who looks, address, how many)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from tests.routes_figures import of_town


def at(name: str, query: str = "") -> Callable[[Any], str]:
    return lambda town: reverse(name) + query


def of(name: str) -> Callable[[Any], str]:
    return lambda town: reverse(f"alliances:{name}", args=[of_town(town.alliance).pk])


PAGES: dict[str, tuple[str, Callable[[Any], str], int]] = {
    "duty months": ("secretary", at("rotation:duties", "?period=2026"), 9),
    "duty months for a liaison": ("liaison0", at("rotation:duties", "?period=2026-1&state=late"), 9),
    "attendance": ("secretary", at("rotation:replies"), 6),
    "attendance for a liaison": ("liaison0", at("rotation:replies"), 5),
    "participations": ("secretary", at("rotation:participations"), 6),
    "feedback and comments": ("secretary", at("evaluations:feedback-months", "?period=2026"), 11),
    "commitments": ("secretary", at("alliances:commitments"), 6),
    "commitments for a liaison": ("liaison0", at("alliances:commitments"), 5),
    "a commitment": ("secretary", of("commitment"), 6),
    "confirming a commitment": ("secretary", of("commitment-fulfil"), 5),
    "leaving a commitment out": ("secretary", of("commitment-waive"), 5),
    "writing a commitment down": (
        "secretary",
        lambda town: reverse("alliances:commitment-new", args=[town.members[0].pk]),
        6,
    ),
}
