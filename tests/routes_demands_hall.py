"""The open hall, offers, taking a demand: an object for every route, and those of a town for the query ceilings."""

from __future__ import annotations

from typing import Any

from alliances.models import Alliance, Member, User
from tests.cast import Cast


def furnish(cast: Cast) -> dict[str, dict[str, Any]]:
    """Route → arguments; all objects belong to 同心社区."""
    return {}


def town(home: Alliance, members: list[Member], users: dict[str, User]) -> dict[str, Any]:
    """As many of everything as there are ``members``."""
    return {}
