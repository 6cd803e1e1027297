"""Numbers of demands: one series an alliance and year."""

from __future__ import annotations

from datetime import date
from typing import Any

from alliances.models import Alliance
from alliances.services import numbering

SERIES = "demands.demand"


def next_number(alliance: Alliance, day: date) -> dict[str, Any]:
    """``year``, ``serial`` and ``number`` (同心需〔2026〕12号) of the next demand raised on ``day``.

    Call it inside the demand's own transaction, so that a demand undone gives its number back.
    """
    serial = numbering.take(alliance.organisation, SERIES, day.year)
    number = f"{alliance.number_prefix}需〔{day.year}〕{serial}号"
    return {"year": day.year, "serial": serial, "number": number}
