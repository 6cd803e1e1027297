"""Fifty posts of one form at the very same moment, through the pages, on PostgreSQL; twins without the guards fail."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from alliances import clock
from evaluations import integrity
from evaluations.models import Ballot, ResidentCode, Round
from evaluations.services import ballots, codes
from tests import cast as cast_module
from tests.cast import Cast
from tests.conftest import Frozen, client_of
from tests.evaluations import scoring
from tests.evaluations.ballot_forms import answers, code_url, opened, unit_url, venue_url
from tests.races import together

pytestmark = [pytest.mark.race, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
CROWD = 50


@pytest.fixture
def crowd(transactional_db: None, frozen: Frozen) -> Cast:
    cache.clear()
    return cast_module.build()


@pytest.fixture
def round(crowd: Cast, frozen: Frozen) -> Round:
    frozen.to("2026-03-20T18:00")
    return scoring.open_round(crowd)


def post(client: Client, url: str, form: dict[str, str]) -> tuple[int, str]:
    answer = client.post(url, form)
    return answer.status_code, answer.headers.get("Location", "")


def twins(client: Client, url: str, form: dict[str, str]) -> list[Any]:
    """One browser's form sent fifty times at once, each over a connection of its own."""
    many = [Client() for _ in range(CROWD)]
    for twin in many:
        twin.cookies = client.cookies
    return together([partial(post, twin, url, form) for twin in many])


def test_fifty_posts_of_a_residents_form(crowd: Cast, round: Round, race_rounds: int) -> None:
    for done, code in enumerate(codes.print_slips(round, race_rounds, actor=crowd.staff), start=1):
        phone = Client()
        form = opened(phone, code_url(code)) | answers("54321", "1234")
        assert set(twins(phone, code_url(code), form)) == {(302, "/b/thanks/")}
        assert Ballot.objects.count() == 2 * done
    assert integrity.ballots() == []


def test_fifty_posts_of_a_units_form(crowd: Cast, round: Round) -> None:
    liaison, url = client_of(crowd.other_liaison), unit_url(round, "县实验小学")
    form = opened(liaison, url) | answers("54321", "1234")
    assert set(twins(liaison, url, form)) == {(302, url)}
    assert Ballot.objects.count() == 2
    assert integrity.ballots() == []


def test_fifty_forms_of_one_code_make_one_ballot(crowd: Cast, round: Round) -> None:
    """Fifty people with a copy of one slip: one has voted, the others are told so."""
    (code,) = codes.print_slips(round, 1, actor=crowd.staff)
    phones = [Client() for _ in range(CROWD)]
    forms = [opened(phone, code_url(code)) | answers("54321", "1234") for phone in phones]
    deeds = [partial(post, phone, code_url(code), form) for phone, form in zip(phones, forms, strict=True)]
    outcomes = together(deeds)
    assert sorted(outcomes) == [(302, "/b/thanks/")] + [(409, "")] * (CROWD - 1)
    assert Ballot.objects.count() == 2


def test_fifty_taps_at_the_venue_draw_one_code(crowd: Cast, round: Round) -> None:
    phone = Client()
    form = opened(phone, venue_url(round))
    outcomes = set(twins(phone, venue_url(round), form))
    assert len(outcomes) == 1
    ((status, ballot),) = outcomes
    assert status == 302
    assert ResidentCode.objects.count() == 1
    assert phone.get(ballot).status_code == 200


def test_twin_without_the_conditional_update_doubles_ballots(
    crowd: Cast, round: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking first and writing then: everybody who looked before the first wrote has voted."""

    def looked_then_used(row: ResidentCode, source: str, form_hash: str = "") -> bool:
        ResidentCode.objects.filter(pk=row.pk).update(
            used_at=clock.now(), used_as=source, form_hash=form_hash
        )
        return row.used_at is None

    monkeypatch.setattr(ballots, "use_up", looked_then_used)
    (code,) = codes.print_slips(round, 1, actor=crowd.staff)
    phone = Client()
    form = opened(phone, code_url(code)) | answers("54321", "1234")
    twins(phone, code_url(code), form)
    assert Ballot.objects.count() > 2


def test_twin_that_forgets_forms_gives_different_answers(
    crowd: Cast, round: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballots, "_same_form", lambda row, form_hash: False)
    (code,) = codes.print_slips(round, 1, actor=crowd.staff)
    phone = Client()
    form = opened(phone, code_url(code)) | answers("54321", "1234")
    assert {status for status, _ in twins(phone, code_url(code), form)} == {302, 409}
