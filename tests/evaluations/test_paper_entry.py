"""Residents' paper ballots in batches: 发放, 收回, 有效, 作废."""

from __future__ import annotations

import pytest

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import LogEntry
from evaluations import integrity
from evaluations.errors import RoundNotOpen, RoundOver
from evaluations.models import Ballot, PaperBatch, ResidentCode, Round
from evaluations.selectors import results
from evaluations.selectors import rounds as selector
from evaluations.services import ballots, codes, paper, rounds
from evaluations.services.paper import Sheet
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring
from tests.evaluations.scoring import ACTIVITY, chair, scores


@pytest.fixture
def round(cast: Cast, frozen: Frozen) -> Round:
    frozen.to("2026-03-20T18:00")
    return scoring.open_round(cast)


def test_a_batch_is_counted_and_scored(cast: Cast, round: Round) -> None:
    pile = [Sheet(scores(80), chair(80)), Sheet(scores(90)), Sheet(dict.fromkeys(ACTIVITY))]
    batch = paper.enter(round, pile, handed_out=10, void=2, actor=cast.staff)
    assert (batch.handed_out, batch.entered, batch.void, batch.entered_by) == (10, 5, 2, cast.staff)
    assert Ballot.objects.filter(subject="activity", group="residents", source="paper").count() == 3
    assert Ballot.objects.filter(subject="chair").count() == 1
    figures = results.activity_figures(round)
    # Three units asked and ten sheets handed out; one sheet knew nothing.
    assert figures["counts"] == {"handed_out": 13, "returned": 5, "valid": 2, "abstained": 1, "void": 2}
    entry = LogEntry.objects.get(action="evaluations.paper.enter")
    assert entry.data == {"handed_out": 10, "entered": 5, "void": 2}


def test_the_same_form_posted_again_makes_one_batch(cast: Cast, round: Round) -> None:
    pile = [Sheet(scores(80))]
    batches = {
        paper.enter(round, pile, handed_out=5, form_key="a-form", actor=cast.staff).pk for _ in range(20)
    }
    assert len(batches) == 1
    assert Ballot.objects.count() == 1
    paper.enter(round, pile, handed_out=5, form_key="another", actor=cast.staff)
    assert Ballot.objects.count() == 2


def test_a_sheet_whose_code_has_voted_on_a_phone_is_void(cast: Cast, round: Round) -> None:
    voted, fresh = codes.print_slips(round, 2, origin="paper", actor=cast.staff)
    ballots.cast_by_code(voted, scores(60))
    pile = [Sheet(scores(80), code=voted), Sheet(scores(90), code=fresh), Sheet(scores(95), code=fresh)]
    batch = paper.enter(round, pile, handed_out=3, actor=cast.staff)
    assert (batch.entered, batch.void) == (3, 2)
    rows = selector.ballot_rows([round.pk], "activity")["residents"]
    assert sorted(sum(row.values()) for row in rows) == [60, 90]
    assert ResidentCode.objects.filter(used_as="paper").count() == 1
    counts = selector.counts(round)
    # Two printed, three said to be handed out; one voted on the phone and three sheets came back.
    assert (counts.residents_handed_out, counts.residents_returned, counts.void) == (3, 4, 2)


@pytest.mark.parametrize(
    ("sheets", "handed_out", "void", "sentence"),
    [
        ([], 5, 0, "一次可录入"),
        ([Sheet(scores(80))], 5, -1, "一次可录入"),
        ([Sheet(scores(80))], 1, 1, "比发放的 1 张还多"),
        ([Sheet(scores(80)), Sheet({"theme": 3})], 5, 0, "第 2 张：请给活动"),
        ([Sheet(scores(80), {"style": 30})], 5, 0, "第 1 张：请给轮值主席"),
        ([Sheet(scores(80), code="ABCDE-23456-FGHJK")], 5, 0, "第 1 张：评议码不对"),
    ],
)
def test_a_batch_is_taken_whole_or_not_at_all(
    cast: Cast, round: Round, sheets: list[Sheet], handed_out: int, void: int, sentence: str
) -> None:
    with pytest.raises(OfficeError, match=sentence):
        paper.enter(round, sheets, handed_out=handed_out, void=void, actor=cast.staff)
    assert not Ballot.objects.exists()
    assert not PaperBatch.objects.exists()


@pytest.mark.parametrize("who", ["liaison", "president", "station", "street", "foreign_secretary"])
def test_only_the_community_enters_paper(cast: Cast, round: Round, who: str) -> None:
    with pytest.raises(NotAllowed):
        paper.enter(round, [Sheet(scores(80))], handed_out=1, actor=getattr(cast, who))


def test_paper_is_taken_from_opening_until_settled(cast: Cast, round: Round, frozen: Frozen) -> None:
    prepared = rounds.prepare(scoring.held(cast, title="第二场", state="planned"))
    with pytest.raises(RoundNotOpen):
        paper.enter(prepared, [Sheet(scores(80))], handed_out=1, actor=cast.staff)
    paper.enter(round, [Sheet(scores(80))], handed_out=20, actor=cast.staff)
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    keys = set(Ballot.objects.values_list("key", flat=True))
    paper.enter(round, [Sheet(scores(90))] * 9, handed_out=9, actor=cast.staff)
    assert not keys & set(Ballot.objects.values_list("key", flat=True))  # mixed with those from before
    frozen.to("2026-03-27T09:00")
    rounds.run(clock.now())
    round.refresh_from_db()
    assert round.figures["activity"]["score"] == "89.0"  # (80 + 9 x 90) / 10
    with pytest.raises(RoundOver):
        paper.enter(round, [Sheet(scores(90))], handed_out=1, actor=cast.staff)


def test_piles_of_one_activity_are_handed_out_once(cast: Cast, round: Round) -> None:
    """Staff say how many sheets they gave out in all; what has not come back is counted once."""
    for total in (40, 40, 30):
        paper.enter(round, [Sheet(scores(80))] * 8, handed_out=total, void=1, in_all=True, actor=cast.staff)
    assert list(PaperBatch.objects.values_list("handed_out", "entered")) == [(9, 9), (9, 9), (12, 9)]
    counts = selector.counts(round)
    assert (counts.residents_handed_out, counts.residents_returned, counts.void) == (30, 27, 3)
    with pytest.raises(OfficeError, match="收回 28 张，比发放的 27 张还多"):
        paper.enter(round, [Sheet(scores(80))], handed_out=27, in_all=True, actor=cast.staff)
    with pytest.raises(OfficeError, match="最多发放 5000 张"):
        paper.enter(round, [Sheet(scores(80))], handed_out=10**12, in_all=True, actor=cast.staff)
    assert sum(PaperBatch.objects.values_list("handed_out", flat=True)) == 30


def test_counts_are_set_right_and_ballots_stay(cast: Cast, round: Round, frozen: Frozen) -> None:
    paper.enter(round, [Sheet(scores(80))] * 2, handed_out=9, void=1, actor=cast.staff)
    paper.enter(round, [Sheet(scores(90))], handed_out=5, void=2, actor=cast.staff)
    for handed_out, void, piles in (
        (20, 5, [(3, 3, 1), (17, 5, 4)]),
        (20, 0, [(2, 2, 0), (18, 1, 0)]),
        (3, 0, [(2, 2, 0), (1, 1, 0)]),
    ):
        paper.correct_counts(round, handed_out=handed_out, void=void, actor=cast.staff)
        assert list(PaperBatch.objects.values_list("handed_out", "entered", "void")) == piles
    assert Ballot.objects.count() == 3
    for handed_out, void in ((2, 0), (3, 1), (3, -1), (10**12, 0)):
        with pytest.raises(OfficeError):
            paper.correct_counts(round, handed_out=handed_out, void=void, actor=cast.staff)
    with pytest.raises(NotAllowed):
        paper.correct_counts(round, handed_out=9, void=0, actor=cast.president)
    frozen.to("2026-04-10T09:00")
    rounds.run(clock.now())
    rounds.run(clock.now())
    with pytest.raises(RoundOver):
        paper.correct_counts(round, handed_out=9, void=0, actor=cast.staff)


def test_starting_over_takes_back_paper_alone(cast: Cast, round: Round) -> None:
    with pytest.raises(OfficeError, match="还没有录入"):
        paper.start_over(round, actor=cast.staff)
    scoring.units_vote(cast, round, 90, 84, 87)
    scoring.residents_vote(cast, round, 70)
    (code,) = codes.print_slips(round, 1, origin="paper", actor=cast.staff)
    paper.enter(round, [Sheet(scores(80), chair(80), code)], handed_out=9, void=1, actor=cast.staff)
    with pytest.raises(NotAllowed):
        paper.start_over(round, actor=cast.liaison)
    assert paper.start_over(round, actor=cast.staff) == 2
    rows = selector.ballot_rows([round.pk], "activity")
    assert (len(rows["units"]), len(rows["residents"])) == (3, 1)
    counts = selector.counts(round)
    assert (counts.residents_returned, counts.void) == (1, 0)
    assert not [line for check in integrity.CHECKS for line in check.find()]
    paper.enter(round, [Sheet(scores(80), code=code)], handed_out=9, actor=cast.staff)
    assert LogEntry.objects.get(action="evaluations.paper.clear").data == {"entered": 2}
