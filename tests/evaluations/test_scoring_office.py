"""Scoring in the offices' table: one word for each community's month."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from alliances import clock
from alliances.models import User
from evaluations import office
from evaluations.models import Feedback
from evaluations.services import feedbacks, rounds
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring

ClientFor = Callable[[User | None], Client]


def words(cast: Cast) -> tuple[str, str]:
    found = office.cells([cast.alliance, cast.foreign_alliance], 2026, 3)
    home, foreign = found[cast.alliance.pk], found[cast.foreign_alliance.pk]
    assert [cell.word for cell in foreign] == ["未评议"]
    return home[0].word, home[0].tone


def test_the_months_word_follows_scoring_and_feedback(
    cast: Cast, frozen: Frozen, client_for: ClientFor
) -> None:
    assert words(cast) == ("未评议", "off")
    frozen.to("2026-03-20T18:00")
    round = rounds.prepare(scoring.held(cast))
    assert words(cast) == ("未评议", "off")
    rounds.run(clock.now())
    assert words(cast) == ("评议中", "wait")
    frozen.to("2026-03-27T09:00")
    for _ in range(2):
        rounds.run(clock.now())
    assert words(cast) == ("待反馈", "wait")
    frozen.to("2026-03-31T09:00")
    assert words(cast) == ("反馈过期", "late")
    draft = Feedback.objects.select_related("alliance__organisation", "duty__plan").get()
    feedbacks.write(draft, good="好", mend="", actor=cast.president)
    published = feedbacks.publish(draft, actor=cast.president)
    assert words(cast) == ("已通报", "done")
    feedbacks.correct(published, reason="漏写", actor=cast.president)
    assert words(cast) == ("已通报", "done")
    page = client_for(cast.street).get("/office/").content.decode()
    assert f'href="/feedback/{round.duty_id}/"' in page
    assert client_for(cast.street).get(f"/feedback/{round.duty_id}/").status_code == 200


@pytest.mark.parametrize("count", [1, 2])
def test_any_number_of_communities_costs_two_queries(
    cast: Cast, count: int, django_assert_num_queries: Callable
) -> None:
    with django_assert_num_queries(2):
        office.cells([cast.alliance, cast.foreign_alliance][:count], 2026, 3)
