"""A unit's ballots about the community at the very same moment, on PostgreSQL: one counts, none is lost, none after closing."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from alliances.errors import OfficeError
from evaluations import integrity_year
from evaluations.errors import AlreadyVoted
from evaluations.models import TwoWay, TwoWayBallot
from evaluations.services import two_way
from tests import cast as cast_module
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import year
from tests.evaluations.year import mark, scores
from tests.races import together

pytestmark = [pytest.mark.race, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def crowd(transactional_db: None, frozen: Frozen) -> Cast:
    return cast_module.build()


@pytest.fixture
def one(crowd: Cast, frozen: Frozen) -> TwoWay:
    found = year.opened(crowd)
    frozen.to(year.VOTED)
    return found


def won(outcomes: list[Any]) -> list[Any]:
    unexpected = [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, OfficeError)]
    assert not unexpected, unexpected
    return [o for o in outcomes if not isinstance(o, Exception)]


def test_two_ballots_of_one_unit_count_once(crowd: Cast, one: TwoWay) -> None:
    deeds = [
        partial(
            two_way.cast,
            mark(one, "县图书馆"),
            scores(50 + n),
            form_key=f"form-{n:016d}",
            actor=crowd.liaison,
        )
        for n in range(10)
    ]
    deeds += [
        partial(
            two_way.record, mark(one, "县图书馆"), scores(n), voter_name="某", via="paper", actor=crowd.staff
        )
        for n in range(10)
    ]
    outcomes = together(deeds)
    assert len(won(outcomes)) == 1
    assert sum(isinstance(o, AlreadyVoted) for o in outcomes) == 19
    assert TwoWayBallot.objects.count() == 1
    assert integrity_year.ballots() == []


def test_ballots_of_several_units_are_all_kept(crowd: Cast, one: TwoWay) -> None:
    names = [name for name in crowd.members if name != "县图书馆"]
    deeds = [
        partial(
            two_way.record, mark(one, name), scores(70 + n), voter_name="某", via="phone", actor=crowd.staff
        )
        for n, name in enumerate(names)
    ]
    assert len(won(together(deeds))) == len(names)
    assert TwoWayBallot.objects.count() == len(names)


def test_no_ballot_comes_in_after_closing(crowd: Cast, one: TwoWay) -> None:
    def close() -> TwoWay:
        return two_way.close(TwoWay.objects.select_related("alliance__organisation").get(pk=one.pk))

    vote = partial(two_way.cast, mark(one, "县图书馆"), scores(90), actor=crowd.liaison)
    together([close, vote])
    assert TwoWay.objects.get().state == "closed"
    assert integrity_year.ballots() == []
