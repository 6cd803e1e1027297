"""The four lists as pages, their rates and gaps: what the pages cost, in queries: (who looks, address, how many)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse


def at(name: str) -> Callable[[Any], str]:
    return lambda town: reverse(name)


PAGES: dict[str, tuple[str, Callable[[Any], str], int]] = {
    "list of demands": ("secretary", at("demands:demands"), 9),
    "list of demands for a liaison": ("liaison0", at("demands:demands"), 9),
    "list of demands of an office": ("office", at("demands:demands"), 9),
    "list of claims": ("secretary", at("demands:claims"), 10),
    "list of claims of an office": ("office", at("demands:claims"), 10),
    "list of acceptances": ("secretary", at("demands:acceptances"), 10),
    "list of resources": ("secretary", at("demands:resources"), 7),
    "list of offers": ("secretary", at("demands:offers-list"), 7),
    "list of answers": ("secretary", at("demands:answers-list"), 8),
    "rates": ("secretary", at("demands:rates"), 10),
    "rates of a unit": ("liaison0", at("demands:rates"), 12),
    "rates of an office": ("office", at("demands:rates"), 9),
    "gaps": ("secretary", at("demands:gaps"), 10),
    "tables in the making": ("secretary", at("alliances:export-jobs"), 5),
    "a table in the making": (
        "secretary",
        lambda town: reverse("alliances:export-job", args=[town.loop["lists_job"]]),
        5,
    ),
}
FORMS: set[str] = set()  # forms and files, which list nothing
