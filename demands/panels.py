"""The demand loop's part of a member's page: what the unit has taken on and what it can give."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, FilteredRelation, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from alliances import clock
from alliances.models import Member
from demands.enums import CLAIM_UNDELIVERED, CLAIM_WORKING, ClaimState, ResourceKind, ResourceState
from demands.models import Claim

# More stand on the unit's menu.
MOST = 8
_RESOURCES = "unit__memberships__resources"
_OFFERED = (ResourceState.LISTED, ResourceState.PAUSED)


def member_panel(user: Any, member: Member) -> dict[str, Any]:
    """Claims in hand and done of this membership, resources of the unit wherever it registered them. One query, because
    the page asks every app: one row a resource, each with the same counts."""
    rows = list(
        Member.objects.filter(pk=member.pk)
        .annotate(
            offered=FilteredRelation(_RESOURCES, condition=Q(**{f"{_RESOURCES}__state__in": _OFFERED})),
            in_hand=_count(Q(state__in=CLAIM_WORKING)),
            delivered=_count(Q(state=ClaimState.DELIVERED)),
            done=_count(Q(state=ClaimState.ACCEPTED)),
            overdue=_count(Q(state__in=CLAIM_UNDELIVERED, due_on__lt=clock.today())),
        )
        .values_list(
            "in_hand",
            "delivered",
            "done",
            "overdue",
            "offered__pk",
            "offered__name",
            "offered__kind",
            "offered__state",
            named=True,
        )
        .order_by("offered__pk")
    )
    resources = [
        {
            "pk": row.offered__pk,
            "name": row.offered__name,
            "kind": ResourceKind(row.offered__kind).label,
            "is_paused": row.offered__state == ResourceState.PAUSED,
        }
        for row in rows
        if row.offered__pk
    ]
    first = rows[0]
    return {
        "in_hand": first.in_hand,
        "delivered": first.delivered,
        "done": first.done,
        "overdue": first.overdue,
        "resources": resources[:MOST],
        "more": max(0, len(resources) - MOST),
    }


def _count(condition: Q) -> Coalesce:
    """How many claims of the member meet ``condition``, as a column."""
    rows = Claim.objects.filter(condition, member=OuterRef("pk")).order_by()
    counted = rows.values("member").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))
