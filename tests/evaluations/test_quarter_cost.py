"""What the quarter costs as communities grow: drafting is linear, a worker's memory flat, the street's page nearly so.

Time is this process's on SQLite, which works in it; elsewhere it is the clock's. ``python -m bench quarter_reports`` has the full sizes.
"""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest

from alliances.enums import Level
from bench import quarter_reports, world
from bench import quarter_world as towns
from evaluations.services import drafting
from tests.evaluations import quarter_paper

pytestmark = [pytest.mark.alone, pytest.mark.django_db]
FEW, MANY = 4, 24
# Half as much again as the bench's limits: two dozen drafts are over in a few seconds, and the machine has other things to do.
SLACK = 1.5


@pytest.fixture
def county(db: None) -> Any:
    return world._place(None, 1, Level.COUNTY, "示范县")


def test_drafting_many_communities_costs_as_many_times_one(county: Any) -> None:
    found = quarter_reports.measure_drafting(county, MANY, rounds=5)
    assert found.times_one <= quarter_reports.MOST_TIMES_ONE * SLACK, found


def test_drafting_many_communities_takes_no_more_memory(county: Any) -> None:
    def peak(number: int) -> int:
        """Bytes at the highest while so many are drafted."""
        place = towns.street(county, number, f"{number}街道")[0]
        towns.lives(towns.communities(place, number))
        drafting.plan_due(towns.SEEN_AT)
        tracemalloc.start()
        try:
            made = drafting.draft_waiting(towns.SEEN_AT, within=drafting.timedelta(minutes=5))
            found = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert len(made) == number
        return found

    with quarter_reports.clock.at(towns.SEEN_AT):
        peak(FEW)  # caches fill
        few, many = peak(FEW + 1), peak(MANY)
    # Twenty documents that are kept would be ten times as much; what a test's transaction remembers is some of this.
    assert many - few <= 2_000_000, (few, many)


def test_the_streets_page_is_hardly_dearer_with_many_communities(county: Any) -> None:
    users = quarter_reports.streets(county, quarter_paper.document(), (1, 20, 100))
    found = quarter_reports.pages(users)
    alone = found[1][0]
    for number, (milliseconds, queries, _) in found.items():
        assert queries <= quarter_reports.MOST_QUERIES
        assert milliseconds <= quarter_reports.MOST_GROWTH * alone, (number, found)
