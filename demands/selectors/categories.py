"""The categories a form offers."""

from __future__ import annotations

from demands.enums import CATEGORIES
from demands.models import Category


def pairs() -> dict[str, list[str]]:
    """大类 → 小项: those offered from the start and those in use, without the retired ones, in a steady order."""
    offered = {group: list(names) for group, names in CATEGORIES.items()}
    for category in Category.objects.order_by("group", "pk"):
        names = offered.setdefault(category.group, [])
        if category.is_retired:
            if category.name in names:
                names.remove(category.name)
        elif category.name not in names:
            names.append(category.name)
    return {group: names for group, names in offered.items() if names}
