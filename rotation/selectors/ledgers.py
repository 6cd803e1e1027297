"""The slip ledger (提醒单台账): what was due this month, acknowledged, nudged, escalated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from alliances.models import Alliance
from rotation.enums import PlanState, SlipState
from rotation.models import Duty, Receipt, Slip

FILTERS = {
    "all": "全部",
    "due": "本月应发",
    "acknowledged": "已签收",
    "nudged": "已催办",
    "escalated": "已报书记",
}

_RECEIPTS = Prefetch("receipts", queryset=Receipt.objects.select_related("member__unit").order_by("order"))


@dataclass(frozen=True)
class Counts:
    """Figures of one month for the alliances in view; ``due`` counts duties, the others their standing slips."""

    due: int
    issued: int
    acknowledged: int
    nudged: int
    escalated: int
    unacknowledged: int


def slips_of(user: Any, alliance: Alliance | None = None) -> QuerySet[Slip]:
    """Slips that ``user`` may see, newest first, with what a row of the ledger shows."""
    rows = Slip.objects.visible_to(user)
    if alliance is not None:
        rows = rows.filter(alliance=alliance)
    return (
        rows.select_related("duty__plan", "alliance")
        .defer("paper", "deadlines")
        .prefetch_related(_RECEIPTS)
        .order_by("-pk")
    )


def filtered(rows: QuerySet[Slip], name: str, year: int, month: int) -> QuerySet[Slip]:
    """The rows behind one of the ledger's figures."""
    if name == "all":
        return rows
    rows = rows.filter(duty__plan__year=year, duty__month=month).exclude(state=SlipState.WITHDRAWN)
    if name == "acknowledged":
        return rows.filter(state=SlipState.ACKNOWLEDGED)
    if name == "nudged":
        return rows.filter(nudged_at__isnull=False)
    if name == "escalated":
        return rows.filter(escalated_at__isnull=False)
    return rows


def counts(alliances: list[Alliance], year: int, month: int) -> Counts:
    """The ledger's head for ``year``-``month`` over ``alliances``."""
    duties = Duty.objects.filter(
        alliance__in=alliances,
        plan__year=year,
        month=month,
        plan__state__in=[PlanState.PASSED, PlanState.CLOSED],
    )
    standing = Slip.objects.filter(alliance__in=alliances, duty__plan__year=year, duty__month=month).exclude(
        state=SlipState.WITHDRAWN
    )
    figures = standing.aggregate(
        issued=Count("pk"),
        acknowledged=Count("pk", filter=Q(state=SlipState.ACKNOWLEDGED)),
        nudged=Count("pk", filter=Q(nudged_at__isnull=False)),
        escalated=Count("pk", filter=Q(escalated_at__isnull=False)),
        unacknowledged=Count("pk", filter=Q(state=SlipState.UNACKNOWLEDGED)),
    )
    return Counts(due=duties.count(), **figures)


def standing_slip(duty: Duty) -> Slip | None:
    return (
        Slip.objects.filter(duty=duty)
        .exclude(state=SlipState.WITHDRAWN)
        .select_related("duty__plan", "alliance")
        .prefetch_related(_RECEIPTS)
        .first()
    )


def waiting_for(members: list[int]) -> QuerySet[Receipt]:
    """Receipts that the liaisons of ``members`` still have to sign, oldest first."""
    return (
        Receipt.objects.filter(member_id__in=members, signed_at=None, slip__state=SlipState.ISSUED)
        .select_related("slip__duty__plan", "slip__alliance", "member__unit")
        .order_by("slip_id")
    )
