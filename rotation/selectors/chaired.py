"""Who was chair in which months of a year, by the table that stands."""

from __future__ import annotations

from collections.abc import Mapping

from alliances.models import Alliance
from rotation.models import DutyChair
from rotation.selectors import tables


def months_of(alliance: Alliance, year: int) -> Mapping[int, tuple[int, ...]]:
    """Member id → the months in which it was chair, in order. One query."""
    rows = DutyChair.objects.filter(
        duty__alliance=alliance, duty__plan__year=year, duty__plan__state__in=tables.STANDING
    )
    found: dict[int, tuple[int, ...]] = {}
    for member, month in rows.order_by("duty__month", "pk").values_list("member_id", "duty__month"):
        found[member] = (*found.get(member, ()), month)
    return found
