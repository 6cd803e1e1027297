"""Which rubric holds for an alliance and a year (design, domain: "Scores")."""

from __future__ import annotations

from typing import Any

from alliances.models import Alliance
from evaluations.enums import RubricSubject
from evaluations.models import Rubric

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


def weights_of(items: Items) -> dict[str, int]:
    """Item key → weight, as ``arithmetic`` wants them."""
    return {item["key"]: item["weight"] for item in items}
