"""Ballots cast at the very same moment, on PostgreSQL: one each, none lost, none after closing."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import connection

from alliances import clock
from alliances.errors import OfficeError
from evaluations import integrity
from evaluations.errors import AlreadyVoted, CodeUsed, RoundOver
from evaluations.models import Ballot, PaperBatch, ResidentCode, Round, UnitMark
from evaluations.services import ballots, codes, paper, rounds
from evaluations.services.paper import Sheet
from tests import cast as cast_module
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring
from tests.evaluations.scoring import chair, mark, scores
from tests.races import together

pytestmark = [pytest.mark.race, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
CROWD = 20


@pytest.fixture
def crowd(transactional_db: None, frozen: Frozen) -> Cast:
    """The cast, committed, so that other connections see it."""
    return cast_module.build()


@pytest.fixture
def round(crowd: Cast, frozen: Frozen) -> Round:
    frozen.to("2026-03-20T18:00")
    return scoring.open_round(crowd)


def won(outcomes: list[Any], refusal: type[OfficeError] = OfficeError) -> list[Any]:
    """What succeeded; anything that failed must have failed with ``refusal``."""
    unexpected = [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, refusal)]
    assert not unexpected, unexpected
    return [o for o in outcomes if not isinstance(o, Exception)]


def votes(**by: Any) -> int:
    return Ballot.objects.filter(subject="activity", **by).count()


def test_one_code_casts_one_ballot(crowd: Cast, round: Round, race_rounds: int) -> None:
    for done, code in enumerate(codes.print_slips(round, race_rounds, actor=crowd.staff), start=1):
        outcomes = together(
            [partial(ballots.cast_by_code, code, scores(50 + n), form_key=f"f{n}") for n in range(CROWD)]
        )
        assert len(won(outcomes, CodeUsed)) == 1
        assert votes() == done
    assert integrity.ballots() == []


def test_the_same_form_gets_the_same_answer_from_all(crowd: Cast, round: Round, race_rounds: int) -> None:
    for done, code in enumerate(codes.print_slips(round, race_rounds, actor=crowd.staff), start=1):
        cast_it = partial(ballots.cast_by_code, code, scores(77), chair(66), form_key="one-form")
        assert won(together([cast_it] * CROWD)) == [round] * CROWD
        assert votes() == done


def test_a_unit_votes_once(crowd: Cast, round: Round, race_rounds: int) -> None:
    for _ in range(race_rounds):
        rows = [mark(round, "县实验小学") for _ in range(CROWD)]
        outcomes = together(
            [
                partial(ballots.cast_unit, row, scores(50 + n), chair(50), actor=crowd.other_liaison)
                for n, row in enumerate(rows)
            ]
        )
        assert len(won(outcomes, AlreadyVoted)) == 1
        assert Ballot.objects.filter(subject="chair").count() == votes() == 1
        Ballot.objects.all().delete()
        UnitMark.objects.update(voted_on=None, via="", has_scored_chair=False)


def test_a_unit_in_two_rounds_scores_the_chair_once(crowd: Cast, round: Round, race_rounds: int) -> None:
    second = scoring.open_round(crowd, title="第二场")
    for _ in range(race_rounds):
        deeds = [
            partial(
                ballots.cast_unit, mark(r, "县实验小学"), scores(90), chair(90), actor=crowd.other_liaison
            )
            for r in (round, second)
        ]
        assert len(won(together(deeds))) == 2
        assert (votes(), Ballot.objects.filter(subject="chair").count()) == (2, 1)
        assert UnitMark.objects.filter(has_scored_chair=True).count() == 1
        assert integrity.ballots() == []
        Ballot.objects.all().delete()
        UnitMark.objects.update(voted_on=None, via="", has_scored_chair=False)


def test_units_at_once_are_all_counted_although_each_rewrites_the_others(
    crowd: Cast, round: Round, race_rounds: int
) -> None:
    people = {"县实验小学": crowd.other_liaison, "县交警队": crowd.both_liaison}
    for _ in range(race_rounds):
        deeds = [
            partial(ballots.cast_unit, mark(round, name), scores(90), chair(90), actor=user)
            for name, user in people.items()
        ]
        deeds.append(
            partial(
                ballots.record_unit,
                mark(round, "县财政局"),
                scores(80),
                chair(80),
                voter_name="李",
                via="paper",
                actor=crowd.staff,
            )
        )
        assert len(won(together(deeds))) == 3
        assert votes() == 3
        assert integrity.ballots() == []
        Ballot.objects.all().delete()
        UnitMark.objects.update(
            voted_on=None, via="", has_scored_chair=False, voter_name="", recorded_by=None
        )


def test_twin_without_the_hold_loses_ballots_of_units(
    crowd: Cast, round: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without taking the round's row, two that rewrite all units' ballots overwrite or double each other's."""
    monkeypatch.setattr(ballots, "hold", lambda round, *states: None)
    people = {"县实验小学": crowd.other_liaison, "县交警队": crowd.both_liaison}
    ballots.record_unit(
        mark(round, "县财政局"), scores(80), chair(80), voter_name="李", via="paper", actor=crowd.staff
    )
    broken = 0
    for _ in range(30):
        deeds = [
            partial(ballots.cast_unit, mark(round, name), scores(90), chair(90), actor=user)
            for name, user in people.items()
        ]
        together(deeds)
        broken += bool(integrity.ballots())
        Ballot.objects.all().delete()
        UnitMark.objects.update(
            voted_on=None, via="", has_scored_chair=False, voter_name="", recorded_by=None
        )
        ballots.record_unit(
            mark(round, "县财政局"), scores(80), chair(80), voter_name="李", via="paper", actor=crowd.staff
        )
        if broken:
            break
    assert broken


def test_no_ballot_comes_in_after_closing(crowd: Cast, frozen: Frozen, race_rounds: int) -> None:
    """Voters and the closing sweep at once: what was accepted is in the figures, what was not is told so."""
    frozen.to("2026-03-20T18:00")
    opened = [scoring.open_round(crowd, title=f"第{n}场") for n in range(race_rounds)]
    slips = [codes.print_slips(round, CROWD, actor=crowd.staff) for round in opened]
    frozen.to("2026-03-26T00:00")
    for round, plain in zip(opened, slips, strict=True):
        deeds: list[Any] = [partial(ballots.cast_by_code, code, scores(80)) for code in plain]
        deeds += [partial(rounds.run, clock.now())] * 2
        outcomes = together(deeds)
        accepted = len(won(outcomes[:CROWD], RoundOver))
        won(outcomes[CROWD:])
        rounds.run(clock.now())
        round.refresh_from_db()
        assert round.state == "settled"
        assert round.figures["counts"]["returned"] == accepted
    assert integrity.ballots() == integrity.figures() == []


def test_a_browser_draws_one_code(crowd: Cast, round: Round, race_rounds: int) -> None:
    for n in range(race_rounds):
        plain = won(together([partial(codes.draw_at_venue, round, f"browser-{n}")] * CROWD))
        assert (len(plain), len(set(plain))) == (CROWD, 1)
        assert ResidentCode.objects.count() == n + 1
        assert ResidentCode.objects.filter(code_hash=codes.hash_code(plain[0])).exists()


def test_one_form_of_paper_makes_one_batch(crowd: Cast, round: Round, race_rounds: int) -> None:
    for n in range(race_rounds):
        enter = partial(
            paper.enter, round, [Sheet(scores(80))] * 3, handed_out=3, form_key=f"f{n}", actor=crowd.staff
        )
        assert len({batch.pk for batch in won(together([enter] * CROWD))}) == 1
        assert PaperBatch.objects.count() == n + 1
        assert votes(source="paper") == 3 * (n + 1)


def test_many_sweeps_at_once_make_each_step_once(crowd: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-20T18:00")
    scoring.held(crowd)
    for day in ("2026-03-20T18:00", "2026-03-26T09:00", "2026-03-27T09:00"):
        frozen.to(day)
        won(together([partial(rounds.run, clock.now())] * 8))
    round = Round.objects.get()
    assert round.state == "settled"
    assert round.unit_marks.count() == 3
    assert round.duty.feedbacks.count() == 1


def test_the_writing_transaction_of_a_unit_says_nothing(crowd: Cast, round: Round) -> None:
    """Committed votes: every unit's ballot carries the transaction of the latest vote."""
    scoring.units_vote(crowd, round, 90, 84, 87)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM evaluations_ballot")
        assert cursor.fetchone() == (1,)
