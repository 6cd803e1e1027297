"""Which rubric holds for an alliance and a year (design, domain: "Scores")."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from alliances.models import Alliance
from evaluations.enums import RoundState, RubricSubject
from evaluations.models import Round, Rubric
from rotation.enums import ActivityState

Items = list[dict[str, Any]]  # {"key": str, "title": str, "weight": int}

DEFAULTS: dict[str, Items] = {
    RubricSubject.ACTIVITY: [
        {"key": "theme", "title": "主题契合", "weight": 20},
        {"key": "planning", "title": "组织筹划", "weight": 20},
        {"key": "cooperation", "title": "资源协作", "weight": 20},
        {"key": "attendance", "title": "群众参与", "weight": 15},
        {"key": "effect", "title": "服务实效", "weight": 25},
    ],
    RubricSubject.CHAIR: [
        {"key": "notice", "title": "按时发通知", "weight": 25},
        {"key": "seminar", "title": "研讨会质量", "weight": 25},
        {"key": "liaison", "title": "联络协调", "weight": 25},
        {"key": "style", "title": "作风", "weight": 25},
    ],
}


def items_for(alliance: Alliance, year: int, subject: str) -> Items:
    """The alliance's own rubric of the year, else its newest of an earlier year, else the default."""
    rows = Rubric.objects.filter(alliance=alliance, subject=subject, year__lte=year).order_by("-year")
    items = rows.values_list("items", flat=True).first()
    return [dict(item) for item in (items or DEFAULTS[subject])]


def year_of(round: Round) -> int:
    """The year whose rubric a round asks: its duty's, else its activity's."""
    if round.duty is not None:
        return round.duty.plan.year
    return (round.activity.held_on or round.activity.planned_on).year


def rubrics_of(round: Round) -> list[tuple[str, Items]]:
    """(活动 or 轮值主席, items): the frozen ones of an open round, of one to come what it would open with today."""
    found = [
        (
            RubricSubject.ACTIVITY.label,
            round.activity_items or items_for(round.alliance, year_of(round), RubricSubject.ACTIVITY),
        )
    ]
    if round.duty is not None:
        items = round.chair_items or items_for(round.alliance, year_of(round), RubricSubject.CHAIR)
        found.append((RubricSubject.CHAIR.label, items))
    return found


def opened_in(alliance: Alliance, year: int) -> QuerySet[Round]:
    """Rounds of a year that have opened, and so keep the rubrics of their opening; newest first."""
    return (
        Round.objects.filter(alliance=alliance)
        .exclude(state=RoundState.PREPARED)
        .filter(Q(duty__plan__year=year) | Q(duty=None, opens_on__year=year))
        .exclude(activity__state=ActivityState.CANCELLED)
        .select_related("activity")
        .order_by("-pk")
    )


def weights_of(items: Items) -> dict[str, int]:
    """Item key → weight, as ``arithmetic`` wants them."""
    return {item["key"]: item["weight"] for item in items}
