"""Schemes of the assessment: inherited down the tree, changed by those in charge, frozen with what was filed."""

from __future__ import annotations

from typing import Any

import pytest

from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import LogEntry, Organisation
from evaluations.assessing import DEFAULT_WEIGHTS, Scheme
from evaluations.models import AssessmentScheme
from evaluations.selectors.schemes import scheme_for, schemes_for
from evaluations.services import assessments, drafting, schemes
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import reports

NO_COMMITMENTS = {**DEFAULT_WEIGHTS, "fulfilled": 0, "on_time": 25}


def row(place: Organisation, year: int, highest: int) -> AssessmentScheme:
    return AssessmentScheme.objects.create(
        organisation=place, year=year, weights=dict(DEFAULT_WEIGHTS), lowest=-10, highest=highest
    )


def test_the_nearest_scheme_holds_and_within_it_the_newest_year(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    def highest(year: int = 2026) -> int:
        return scheme_for(cast.community, year).highest

    assert scheme_for(cast.community, 2026) == Scheme()
    row(cast.county_place, 2026, 1)
    assert highest() == 1
    row(cast.street_place, 2024, 2)
    assert highest() == 2
    row(cast.other_street_place, 2026, 9)
    assert highest() == 2
    row(cast.community, 2025, 3)
    row(cast.community, 2027, 4)
    assert (highest(), highest(2027), highest(2024)) == (3, 4, 2)
    with django_assert_num_queries(1):
        found = schemes_for([cast.alliance, cast.foreign_alliance], 2026)
    assert {pk: scheme.highest for pk, scheme in found.items()} == {
        cast.alliance.pk: 3,
        cast.foreign_alliance.pk: 9,
    }


def test_a_scheme_is_kept_and_counted_with(cast: Cast, frozen: Frozen) -> None:
    reports.quarter(cast)
    draft = reports.drafted(cast, frozen)
    schemes.save(cast.community, 2026, weights=NO_COMMITMENTS, lowest=-5, highest=5, actor=cast.secretary)
    drafting.compute(draft)
    parts = reports.line(draft, "县图书馆").parts
    assert [part["full"] for part in parts] == [40, 25, 35, 0]
    assert parts[3]["missing"] == "本方案不计"
    assert LogEntry.objects.filter(action="evaluations.scheme.save", alliance=cast.alliance).count() == 1


def test_a_filed_report_keeps_the_scheme_it_was_filed_with(cast: Cast, frozen: Frozen) -> None:
    reports.quarter(cast)
    filed = reports.filed(cast, frozen)
    schemes.save(cast.community, 2026, weights=NO_COMMITMENTS, lowest=0, highest=0, actor=cast.secretary)
    stored = reports.of(cast).figures["assessment"]["scheme"]
    assert stored == {"weights": dict(DEFAULT_WEIGHTS), "lowest": -10, "highest": 5}
    second = assessments.revise(filed, reason="更正", actor=cast.secretary)
    second = assessments.file(second, actor=cast.secretary)
    assert second.figures["assessment"]["scheme"]["highest"] == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weights": {**DEFAULT_WEIGHTS, "months": 11}}, "合计应为 100 分，现在是 101 分"),
        ({"weights": {**DEFAULT_WEIGHTS, "months": -10, "meetings": 35}}, "不小于 0"),
        ({"weights": {"results": 100}}, "不全"),
        ({"lowest": 1}, "加减分范围"),
        ({"highest": 101}, "加减分范围"),
        ({"year": 2025}, "往年"),
    ],
)
def test_a_scheme_that_is_none_is_refused_in_words(cast: Cast, change: dict[str, Any], words: str) -> None:
    values: dict[str, Any] = {"weights": dict(DEFAULT_WEIGHTS), "lowest": -10, "highest": 5, "year": 2026}
    values |= change
    with pytest.raises(OfficeError, match=words):
        schemes.save(cast.community, values.pop("year"), **values, actor=cast.secretary)
    assert not AssessmentScheme.objects.exists()


@pytest.mark.parametrize("who", ["staff", "president", "street", "county", "foreign_secretary", "liaison"])
def test_a_communitys_scheme_is_its_secretarys(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        schemes.save(
            cast.community, 2026, weights=NO_COMMITMENTS, lowest=0, highest=0, actor=getattr(cast, who)
        )


def test_an_office_makes_the_scheme_of_its_own_place(cast: Cast) -> None:
    schemes.save(cast.street_place, 2026, weights=NO_COMMITMENTS, lowest=0, highest=0, actor=cast.street)
    assert scheme_for(cast.community, 2026).weights == NO_COMMITMENTS
    with pytest.raises(NotAllowed):
        schemes.save(cast.county_place, 2026, weights=NO_COMMITMENTS, lowest=0, highest=0, actor=cast.street)
