"""Which claims an activity served: chosen when it is recorded, shown on both sides."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from alliances import clock
from demands.models import Claim
from rotation.enums import ActivityState
from rotation.models import Activity, Participation
from rotation.selectors import activities


def claims_for(activity: Activity) -> QuerySet[Claim]:
    """Claims that ``activity`` can have served: they stand, on demands of its alliance, by units that take part, made by
    today and not accepted before the activity took place. With what a line of the form says."""
    day = activity.held_on or min(activity.planned_on, clock.today())
    taking_part = Participation.objects.filter(activity=activity).values("member")
    rows = (
        Claim.objects.standing()
        .filter(alliance=activity.alliance_id, member__in=taking_part)
        .filter(Q(accepted_on=None) | Q(accepted_on__gte=day))
    )
    return rows.select_related("demand__category", "member__unit").order_by("claimed_on", "pk")


def label(claim: Claim) -> str:
    """Number, kind and unit; never the resident's words."""
    return f"{claim.demand.number} {claim.demand.category}（{claim.member.unit.name}）"


def claim_panel(user: Any, claim: Claim) -> dict[str, Any]:
    """The activities that served ``claim``, as far as ``user`` may see them, for the claim's page."""
    rows = Activity.objects.visible_to(user).filter(claims=claim).exclude(state=ActivityState.CANCELLED)
    return {"activities": [(row, activities.path_of(row)) for row in rows.order_by("held_on", "pk")]}
