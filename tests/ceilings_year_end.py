"""What the pages of the year's end cost, in queries: (who looks, address, how many)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from tests.routes_year_end import OPEN, PREPARED, PUBLISHED


def of(name: str, year: int, **more: Any) -> Callable[[Any], str]:
    def address(town: Any) -> str:
        arguments = {key: value(town) for key, value in more.items()}
        return reverse(f"evaluations:{name}", kwargs={"code": town.alliance.code, "year": year, **arguments})

    return address


def first(town: Any) -> int:
    return town.members[0].pk


PAGES: dict[str, tuple[str, Callable[[Any], str], int]] = {
    "year's end": ("secretary", of("year-end-summary", OPEN), 8),
    "year's end published": ("secretary", of("year-end-summary", PREPARED), 8),
    "year's end for a liaison": ("liaison0", of("year-end-summary", PREPARED), 6),
    "year's end for an office": ("office", of("year-end-summary", PREPARED), 7),
    "years' ends of the communities": ("office", lambda town: reverse("evaluations:year-end-office"), 9),
    "two-way evaluation running": ("secretary", of("two-way", OPEN), 8),
    "two-way evaluation prepared": ("secretary", of("two-way", PREPARED), 10),
    "two-way evaluation published": ("secretary", of("two-way", PUBLISHED), 6),
    "two-way evaluation for a liaison": ("liaison0", of("two-way", OPEN), 7),
    "marks of items": ("secretary", of("two-way-items", OPEN), 7),
    "unit's ballot about the community": ("liaison0", of("two-way-ballot", OPEN, member=first), 7),
    "recording a ballot about the community": ("secretary", of("two-way-record", OPEN, member=first), 8),
    "awards in draft": ("secretary", of("awards", OPEN), 7),
    "awards published": ("secretary", of("awards", PREPARED), 7),
    "proposing a candidate": ("secretary", of("award-add", OPEN), 8),
}
# Redirects and files.
FORMS = {
    "evaluations:awards-paper",
    "evaluations:two-way-paper",
    "evaluations:two-way-sheet",
    "evaluations:year-end",
    "evaluations:year-end-paper",
}
