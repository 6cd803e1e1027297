"""Numbers of papers: one after the other, none lost, none twice."""

from __future__ import annotations

from django.db import transaction

from alliances.models import NumberSeries
from alliances.services import numbering
from tests.cast import Cast

KIND = "test.paper"


def test_numbers_follow_each_other(cast: Cast) -> None:
    assert [numbering.take(cast.community, KIND, 2026) for _ in range(5)] == [1, 2, 3, 4, 5]


def test_series_are_apart_by_office_kind_and_year(cast: Cast) -> None:
    assert numbering.take(cast.community, KIND, 2026) == 1
    assert numbering.take(cast.foreign_community, KIND, 2026) == 1
    assert numbering.take(cast.community, "test.other", 2026) == 1
    assert numbering.take(cast.community, KIND, 2027) == 1
    assert numbering.take(cast.community, KIND, 2026) == 2


def test_paper_that_is_undone_gives_its_number_back(cast: Cast) -> None:
    numbering.take(cast.community, KIND, 2026)
    with transaction.atomic():
        assert numbering.take(cast.community, KIND, 2026) == 2
        transaction.set_rollback(True)
    assert numbering.take(cast.community, KIND, 2026) == 2
    assert NumberSeries.objects.get(kind=KIND).last == 2
