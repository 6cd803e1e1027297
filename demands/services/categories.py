"""Two-level categories: offered from the start, grown by what offices type and import."""

from __future__ import annotations

from typing import Any

from alliances.errors import OfficeError
from alliances.services import audit
from demands.enums import SENSITIVE_CATEGORIES
from demands.models import Category


def ensure(group: str, name: str, *, actor: Any) -> Category:
    """The category of this pair, written if it is new. Raises OfficeError for an empty or too long one."""
    group, name = group.strip(), name.strip()
    if not (group and name):
        raise OfficeError("需求类别要有大类和小项。")
    if max(len(group), len(name)) > 20:
        raise OfficeError("需求类别的大类、小项最多 20 字。")
    category, is_new = Category.objects.get_or_create(
        group=group, name=name, defaults={"is_sensitive": (group, name) in SENSITIVE_CATEGORIES}
    )
    if is_new:
        audit.record("demands.category.add", category, actor=actor)
    return category
