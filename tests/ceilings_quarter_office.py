"""What the offices' quarter costs, in queries, whatever the number of communities: (who looks, address, how many)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from alliances import clock
from alliances.models import Alliance
from evaluations.models import Assessment
from evaluations.selectors import quarter_office

QUARTER = "2025-4"
FILED_AT = datetime(2026, 1, 6, 10, tzinfo=clock.ZONE)


def at(query: str = "") -> Callable[[Any], str]:
    return lambda town: f"{reverse('evaluations:quarter-office')}?quarter={QUARTER}{query}"


def _street(town: Any) -> str:
    return at(f"&under={town.alliance.organisation.parent.code}")(town)


PAGES: dict[str, tuple[str, Callable[[Any], str], int]] = {
    "quarter of a county": ("office", at(), 8),
    "quarter of a street": ("office", _street, 9),
    "communities that have not filed": ("office", at("&state=unfiled"), 7),
    "digest of the quarter": ("office", lambda town: reverse("alliances:export", args=["quarter-digest"]), 5),
}
FORMS = {"evaluations:quarter-trend"}


def brief() -> dict[str, Any]:
    """A report in brief, as filing leaves it."""
    return {
        "counts": dict.fromkeys((key for key, _ in quarter_office.COUNTS), 8),
        "rates": {key: [8, 10] for key, _ in quarter_office.RATES},
        "mean": "88.6",
        "rated": 8,
        "trend": [number for n in (1, 2, 3, 4) for number in (2025, n, 8, 10, 8, 10, 8, 10)],
    }


def town_quarter(alliances: Sequence[Alliance]) -> None:
    """All ``alliances`` have filed the last quarter's report; the first community's draft is made by ``routes_assessments``."""
    Assessment.objects.bulk_create(
        Assessment(
            alliance=alliance,
            year=2025,
            quarter=4,
            state="filed",
            due_on=datetime(2026, 1, 9).date(),
            computed_at=FILED_AT,
            filed_at=FILED_AT,
            figures_hash=f"{index:064d}",
            number=f"报〔2026〕{index}号",
            brief=brief(),
        )
        for index, alliance in enumerate(alliances, 1)
    )
