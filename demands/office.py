"""The demand loop's columns of the offices' table: what came in this month, what waits for a unit, what is late."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import Count, IntegerField, Value
from django.urls import reverse

from alliances import clock
from alliances.calendars import Month
from alliances.models import Alliance
from alliances.registry import OfficeCell
from demands.enums import CLAIM_WORKING, DEMAND_READABLE, DemandState
from demands.models import Claim, Demand

TITLES = ("本月新增需求", "待认领", "逾期项目")


def cells(alliances: list[Alliance], year: int, month: int) -> dict[int, list[OfficeCell]]:
    """For every alliance: demands raised in the month, those that no unit has taken yet, claims past their deadline;
    each leads to its rows. One query, which reads nothing that is closed but this month's."""
    asked = Month(year, month)
    raised = Demand.objects.filter(
        alliance__in=alliances,
        raised_on__gte=asked.start,
        raised_on__lte=asked.end,
        state__in=DEMAND_READABLE,
    )
    waiting = Demand.objects.filter(alliance__in=alliances, state=DemandState.OPEN)
    late = Claim.objects.filter(state__in=CLAIM_WORKING, alliance__in=alliances, due_on__lt=clock.today())
    parts = [
        rows.order_by()
        .values_list("alliance")
        .annotate(which=Value(which, output_field=IntegerField()), n=Count("pk"))
        for which, rows in enumerate((raised, waiting, late))
    ]
    counts: list[dict[int, int]] = [{}, {}, {}]
    for pk, which, n in parts[0].union(*parts[1:], all=True):
        counts[which][pk] = n
    period = {"since": asked.start.isoformat(), "until": asked.end.isoformat()}
    return {
        alliance.pk: [
            _cell(counts[0].get(alliance.pk, 0), "", "demands:demands", {"alliance": alliance.code, **period}),
            _cell(counts[1].get(alliance.pk, 0), "", "demands:demands", {"alliance": alliance.code, "state": "open"}),
            _cell(counts[2].get(alliance.pk, 0), "late", "demands:claims", {"alliance": alliance.code, "late": "1"}),
        ]
        for alliance in alliances
    }  # fmt: skip


def _cell(number: int, tone: str, page: str, query: dict[str, str]) -> OfficeCell:
    """Without a tone: the table's head sums up words, not numbers. ``tone`` marks what is late by its words only."""
    if not number:
        return OfficeCell("")
    words = f"{number} 件已逾期" if tone else f"{number} 件"
    return OfficeCell(words, "", f"{reverse(page)}?{urlencode(query)}")
