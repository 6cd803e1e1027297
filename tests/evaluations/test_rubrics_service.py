"""Rubrics: defaults, the alliance's own, refusals."""

from __future__ import annotations

from typing import Any

import pytest

from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import LogEntry
from evaluations import arithmetic
from evaluations.models import Rubric
from evaluations.selectors.rubrics import DEFAULTS, items_for, weights_of
from evaluations.services import rubrics
from tests.cast import Cast

HALVES = [{"title": "组织有序", "weight": 50}, {"title": "群众满意", "weight": 50}]


@pytest.mark.parametrize("subject", DEFAULTS)
def test_defaults_are_rubrics(subject: str) -> None:
    arithmetic.check_weights(weights_of(DEFAULTS[subject]))


def test_an_own_rubric_holds_from_its_year_on(cast: Cast) -> None:
    rubrics.save(cast.alliance, 2026, "activity", HALVES, actor=cast.staff)
    assert items_for(cast.alliance, 2025, "activity") == DEFAULTS["activity"]
    for year in (2026, 2027):
        own = items_for(cast.alliance, year, "activity")
        assert [(item["title"], item["weight"]) for item in own] == [("组织有序", 50), ("群众满意", 50)]
    assert items_for(cast.alliance, 2026, "chair") == DEFAULTS["chair"]
    assert items_for(cast.foreign_alliance, 2026, "activity") == DEFAULTS["activity"]


def test_saving_again_keeps_the_keys_of_items_that_stay(cast: Cast) -> None:
    first = rubrics.save(cast.alliance, 2026, "activity", HALVES, actor=cast.secretary)
    kept = first.items[0]
    items = [{**kept, "title": "组织筹划", "weight": 40}, {"title": "节俭", "weight": 60}]
    second = rubrics.save(cast.alliance, 2026, "activity", items, actor=cast.secretary)
    assert second.pk == first.pk
    assert second.items[0] == {"key": kept["key"], "title": "组织筹划", "weight": 40}
    assert second.items[1]["key"] != kept["key"]
    entries = LogEntry.objects.filter(action="evaluations.rubric.save")
    assert [entry.data["weights"] for entry in entries.order_by("pk")] == [[50, 50], [40, 60]]


@pytest.mark.parametrize(
    ("items", "sentence"),
    [
        ([], "1 至 10 项"),
        ([{"title": f"第{n}项", "weight": 9} for n in range(11)], "1 至 10 项"),
        ([{"title": "一", "weight": 60}, {"title": "二", "weight": 50}], "现在是 110 分"),
        ([{"title": "一", "weight": 99.5}, {"title": "二", "weight": 1}], "整数"),
        ([{"title": "一", "weight": 0}, {"title": "二", "weight": 100}], "整数"),
        ([{"title": " ", "weight": 100}], "要有名称"),
        ([{"title": "一", "weight": 50}, {"title": "一", "weight": 50}], "名称相同"),
    ],
)
def test_what_is_no_rubric_is_refused_with_a_sentence(
    cast: Cast, items: list[dict[str, Any]], sentence: str
) -> None:
    with pytest.raises(OfficeError, match=sentence):
        rubrics.save(cast.alliance, 2026, "activity", items, actor=cast.staff)
    assert not Rubric.objects.exists()


@pytest.mark.parametrize(
    "who", ["liaison", "president", "leader", "street", "foreign_secretary", "administrator"]
)
def test_only_the_community_changes_its_rubric(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        rubrics.save(cast.alliance, 2026, "activity", HALVES, actor=getattr(cast, who))
