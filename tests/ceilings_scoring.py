"""What the pages of the office's side of scoring cost, in queries: (who looks, address, how many)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse


def of(name: str, key: str) -> Callable[[Any], str]:
    return lambda town: reverse(f"evaluations:{name}", args=[town.scoring[key].pk])


def _mark(name: str) -> Callable[[Any], str]:
    return lambda town: reverse(
        f"evaluations:{name}", args=[town.scoring["running"].unit_marks.get(member=town.members[0]).pk]
    )


PAGES: dict[str, tuple[str, Callable[[Any], str], int]] = {
    "rubric": ("secretary", lambda town: reverse("evaluations:rubric", args=[town.alliance.code, 2026]), 9),
    "rounds": ("secretary", lambda town: reverse("evaluations:rounds"), 6),
    "running round": ("secretary", of("round", "running"), 10),
    "running round for a liaison": ("liaison0", of("round", "running"), 7),
    "settled round": ("secretary", of("round", "settled"), 7),
    "unit's ballot": ("liaison0", _mark("unit-ballot"), 5),
    "recording a unit's ballot": ("secretary", _mark("unit-ballot-record"), 6),
    "codes": ("secretary", of("codes", "running"), 6),
    "venue": ("secretary", of("venue", "running"), 5),
    "paper ballots": ("secretary", of("paper", "running"), 6),
    "feedback": ("secretary", of("feedback", "duty"), 9),
    "feedback for a liaison": ("liaison0", of("feedback", "duty"), 8),
    "comment": ("secretary", of("comment", "duty"), 11),
    "comment for a liaison": ("liaison0", of("comment", "duty"), 7),
}
