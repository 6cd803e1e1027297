"""No table, log, message or order of rows joins a ballot's scores to whoever cast it."""

from __future__ import annotations

from collections import Counter

import pytest
from django.apps import apps
from django.db import connection, models

from alliances import clock
from alliances.models import LogEntry, Message
from evaluations.models import Ballot, ResidentCode, Round, UnitMark
from evaluations.services import ballots, codes, rounds
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring
from tests.evaluations.scoring import chair, mark, scores

TRIES = 40


@pytest.fixture
def round(cast: Cast, frozen: Frozen) -> Round:
    frozen.to("2026-03-20T18:00")
    return scoring.open_round(cast)


def test_a_ballot_refers_to_its_round_alone_and_nothing_refers_to_a_ballot() -> None:
    relations = [field for field in Ballot._meta.get_fields() if field.is_relation]
    assert [field.name for field in relations] == ["round"]
    pointing = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model is Ballot
    ]
    assert pointing == []


def test_a_ballot_has_no_time_and_no_number_that_counts_up() -> None:
    kinds = {field.name: type(field) for field in Ballot._meta.concrete_fields}
    assert set(kinds) == {"key", "round", "subject", "group", "source", "scores"}
    assert not [name for name, kind in kinds.items() if issubclass(kind, models.DateField | models.AutoField)]
    assert kinds["key"] is models.UUIDField


def test_no_row_anywhere_holds_the_key_of_a_ballot(cast: Cast, round: Round) -> None:
    scoring.units_vote(cast, round, 90, 84, 87)
    scoring.residents_vote(cast, round, 70, 71)
    keys = [str(key) for key in Ballot.objects.values_list("key", flat=True)]
    assert len(keys) == 10
    for model in apps.get_models():
        if model is not Ballot:
            everything = str(list(model._default_manager.values())).replace("-", "")
            assert not [key for key in keys if key.replace("-", "") in everything], model


def test_a_vote_writes_no_log_and_no_message(cast: Cast, round: Round) -> None:
    (code,) = codes.print_slips(round, 1, actor=cast.staff)
    logged, sent = LogEntry.objects.count(), Message.objects.count()
    ballots.cast_unit(mark(round, "县交警队"), scores(90), chair(90), actor=cast.both_liaison)
    ballots.cast_by_code(code, scores(80), chair(80))
    assert (LogEntry.objects.count(), Message.objects.count()) == (logged, sent)


def test_the_log_of_a_recorded_paper_ballot_holds_no_scores(cast: Cast, round: Round) -> None:
    ballots.record_unit(
        mark(round, "县财政局"), scores(37), chair(41), voter_name="李", via="paper", actor=cast.staff
    )
    entry = LogEntry.objects.get(action="evaluations.ballot.record")
    assert set(entry.data) == {"member", "via"}
    assert entry.object_type == "evaluations.round"


def test_a_mark_knows_the_day_and_nothing_finer() -> None:
    times = [f.name for f in UnitMark._meta.concrete_fields if isinstance(f, models.DateTimeField)]
    assert times == []


def test_units_ballots_look_the_same_from_screen_and_from_paper(cast: Cast, round: Round) -> None:
    scoring.units_vote(cast, round, 90, 84, 87)
    assert {row.via for row in UnitMark.objects.all()} == {"screen", "paper"}
    assert set(Ballot.objects.filter(group="units").values_list("source", flat=True)) == {""}


def test_having_been_asked_about_the_activity_only_marks_no_ballot(cast: Cast, round: Round) -> None:
    """One unit scores the chair elsewhere: its ballot must not be the one without a chair's part."""
    ballots.cast_unit(mark(round, "县实验小学"), scores(90), chair(90), actor=cast.other_liaison)
    second = scoring.open_round(cast, title="第二场")
    scoring.units_vote(cast, second, 61, 62, 63)
    rows = Ballot.objects.filter(round=second, group="units")
    shapes = Counter((row.subject, len(row.scores)) for row in rows)
    assert shapes == {("activity", 5): 3, ("chair", 4): 2}
    assert {field.name for field in Ballot._meta.concrete_fields}.isdisjoint({"sheet", "sibling", "parent"})


def stored_order(round: Round) -> list[int]:
    """Units' totals in the order in which the database keeps the rows."""
    place = "rowid" if connection.vendor == "sqlite" else "ctid"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT key FROM evaluations_ballot WHERE round_id = %s AND subject = 'activity' ORDER BY {place}",
            [round.pk],
        )
        keys = [str(row[0]).replace("-", "") for row in cursor.fetchall()]
    sums = {b.key.hex: sum(v or 0 for v in b.scores.values()) for b in Ballot.objects.filter(round=round)}
    return [sums[key] for key in keys]


def first_vote_is_stored_first(cast: Cast, round: Round) -> bool:
    scoring.units_vote(cast, round, 90, 84, 87)
    first = stored_order(round)[0] == 90
    Ballot.objects.all().delete()
    UnitMark.objects.update(voted_on=None, via="", has_scored_chair=False, voter_name="", recorded_by=None)
    return first


def test_the_order_of_units_ballots_says_nothing_while_the_round_is_open(cast: Cast, round: Round) -> None:
    """Three votes in one order, again and again: any of them may be stored first."""
    seen = Counter(first_vote_is_stored_first(cast, round) for _ in range(TRIES))
    assert 0 < seen[True] < TRIES * 0.8  # one in three; chance of a false alarm below 1e-6


def test_the_twin_without_the_shuffle_keeps_the_order_of_votes(
    cast: Cast, round: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    def append(round: Round, group: str | None = None, more: tuple[Ballot, ...] = ()) -> None:
        Ballot.objects.bulk_create(more)

    monkeypatch.setattr(ballots, "shuffle", append)
    assert all(first_vote_is_stored_first(cast, round) for _ in range(5))


def test_closing_gives_every_ballot_a_new_key_and_a_new_place(
    cast: Cast, round: Round, frozen: Frozen
) -> None:
    totals = list(range(50, 74))
    scoring.residents_vote(cast, round, *totals)
    before = set(Ballot.objects.values_list("key", flat=True))
    assert stored_order(round) == totals  # in the order of the codes' times, which name nobody
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    assert not before & set(Ballot.objects.values_list("key", flat=True))
    assert stored_order(round) != totals
    assert sorted(stored_order(round)) == totals


def test_codes_keep_times_and_no_person() -> None:
    relations = {f.name for f in ResidentCode._meta.get_fields() if f.is_relation and not f.auto_created}
    assert relations == {"round"}
