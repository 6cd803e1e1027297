"""Changing a rubric. Rounds that have opened keep their own copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Alliance, User
from alliances.services import audit
from evaluations import policies
from evaluations.enums import RubricSubject
from evaluations.models import Rubric
from evaluations.selectors.rubrics import Items

MOST_ITEMS = 10
TITLE_LENGTH = 20


def may_still_change(year: int) -> bool:
    """Past years stand: later years without a rubric of their own go on from them."""
    return year >= clock.today().year


def save(
    alliance: Alliance, year: int, subject: str, items: Sequence[dict[str, Any]], *, actor: User
) -> Rubric:
    """Keep ``items`` ({"title", "weight"} and, for those that were there before, "key") as the rubric of the year.

    Whole weights from 1 on that sum to 100, one to ten items, no two of one title. Raises OfficeError.
    """
    if not policies.can_edit_rubric(actor, alliance):
        raise NotAllowed("只有社区书记和工作人员可以修改评议表。")
    if subject not in RubricSubject.values:
        raise OfficeError("请选择活动评议表或轮值主席评议表。")
    if not may_still_change(year):
        raise OfficeError("往年的评议表不再修改。")
    checked = checked_items(items)
    with transaction.atomic():
        rubric, _ = Rubric.objects.update_or_create(
            alliance=alliance, year=year, subject=subject, defaults={"items": checked}
        )
        audit.record(
            "evaluations.rubric.save",
            rubric,
            actor=actor,
            data={"year": year, "subject": str(subject), "weights": [item["weight"] for item in checked]},
        )
    return rubric


def checked_items(items: Sequence[dict[str, Any]]) -> Items:
    """``items`` as a rubric keeps them, each with a key. Raises OfficeError saying what is wrong."""
    if not 1 <= len(items) <= MOST_ITEMS:
        raise OfficeError(f"评议项目应有 1 至 {MOST_ITEMS} 项。")
    taken = {str(item["key"]) for item in items if item.get("key")}
    checked: Items = []
    for item in items:
        title = str(item.get("title", "")).strip()
        weight = item.get("weight")
        if not title or len(title) > TITLE_LENGTH:
            raise OfficeError(f"每一项都要有名称，不超过 {TITLE_LENGTH} 个字。")
        if isinstance(weight, bool) or not isinstance(weight, int) or weight < 1:
            raise OfficeError(f"“{title}”的分值应是不小于 1 的整数。")
        key = str(item.get("key") or _new_key(taken))
        taken.add(key)
        checked.append({"key": key, "title": title, "weight": weight})
    if len({item["title"] for item in checked}) != len(checked):
        raise OfficeError("有两项名称相同，请改成不同的名称。")
    if len({item["key"] for item in checked}) != len(checked):
        raise OfficeError("评议项目重复，请刷新后重新填写。")
    total = sum(item["weight"] for item in checked)
    if total != 100:
        raise OfficeError(f"各项分值合计应为 100 分，现在是 {total} 分。")
    return checked


def _new_key(taken: set[str]) -> str:
    number = 1
    while f"item{number}" in taken:
        number += 1
    return f"item{number}"
