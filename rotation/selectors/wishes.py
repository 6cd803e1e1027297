"""Who has said what of a year, in the order of the roster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import FilteredRelation, Q

from alliances.models import Alliance, Member
from rotation.models import Wish


@dataclass
class WishRow:
    """A member and its wish; ``cells`` are twelve words: 意向, 不便 or empty."""

    member: Member
    wish: Wish | None

    @property
    def cells(self) -> list[dict[str, Any]]:
        wish = self.wish
        return [
            {
                "month": month,
                "word": "意向"
                if wish and month in wish.preferred
                else "不便"
                if wish and month in wish.blackout
                else "",
            }
            for month in range(1, 13)
        ]

    @property
    def is_obedient(self) -> bool:
        """A form without any month: 服从安排."""
        wish = self.wish
        return bool(wish and not wish.preferred and not wish.blackout and not wish.excused_reason)


def wish_rows(alliance: Alliance, year: int) -> list[WishRow]:
    """Every current member with its wish of ``year``: one query."""
    members = (
        Member.objects.current()
        .filter(alliance=alliance)
        .annotate(wish=FilteredRelation("wishes", condition=Q(wishes__year=year)))
        .select_related("unit", "wish")
        .order_by("pk")
    )
    return [WishRow(member, getattr(member, "wish", None)) for member in members]
