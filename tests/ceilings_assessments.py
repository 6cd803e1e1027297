"""What the pages of the quarterly assessment cost, in queries: (who looks, address, how many)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse


def _report(key: str) -> Callable[[Any], str]:
    return lambda town: reverse("evaluations:assessment", args=[town.loop[key].pk])


PAGES: dict[str, tuple[str, Callable[[Any], str], int]] = {
    "quarters": ("secretary", lambda town: reverse("evaluations:assessments"), 8),
    "report in draft": ("secretary", _report("draft"), 8),
    "filed report": ("secretary", _report("report"), 6),
    "filed report for an office": ("office", _report("report"), 7),
    "own results": ("liaison0", lambda town: reverse("evaluations:assessment-own"), 7),
    "scheme": (
        "secretary",
        lambda town: reverse("evaluations:assessment-scheme", args=[town.alliance.organisation.code, 2026]),
        7,
    ),
}

# A file; and what reads the whole quarter anew, which the report's page loads after itself.
FORMS = {"evaluations:assessment-own-letter", "evaluations:assessment-changes"}
