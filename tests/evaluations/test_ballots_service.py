"""Casting: units by their liaison, residents by a one-time code; each refusal in its own words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import LogEntry
from evaluations.errors import AlreadyVoted, CodeUnknown, CodeUsed, CodeVoid, RoundNotOpen, RoundOver
from evaluations.models import Ballot, ResidentCode, Round
from evaluations.selectors import rounds as selector
from evaluations.services import ballots, codes, rounds
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring
from tests.evaluations.scoring import chair, mark, scores


@pytest.fixture
def round(cast: Cast, frozen: Frozen) -> Round:
    """March's round, open since the evening of its activity."""
    frozen.to("2026-03-20T18:00")
    return scoring.open_round(cast)


def totals(round: Round, subject: str, group: str) -> list[int]:
    rows = selector.ballot_rows([round.pk], subject)[group]
    return sorted(sum(v or 0 for v in row.values()) for row in rows)


# --- units ------------------------------------------------------------------------------------------------------------


def test_a_unit_votes_once(cast: Cast, round: Round) -> None:
    row = mark(round, "县实验小学")
    ballots.cast_unit(row, scores(91), chair(80), actor=cast.other_liaison)
    row = mark(round, "县实验小学")
    assert (row.voted_on, row.via, row.has_scored_chair) == (clock.today(), "screen", True)
    with pytest.raises(AlreadyVoted, match="县实验小学已经评过"):
        ballots.cast_unit(row, scores(10), chair(10), actor=cast.other_liaison)
    assert totals(round, "activity", "units") == [91]
    assert totals(round, "chair", "units") == [80]


def test_the_same_form_of_a_unit_posted_again_gets_the_same_answer(cast: Cast, round: Round) -> None:
    answers = {
        ballots.cast_unit(
            mark(round, "县实验小学"), scores(91), chair(80), form_key="f1", actor=cast.other_liaison
        ).voted_on
        for _ in range(50)
    }
    assert answers == {clock.today()}
    assert Ballot.objects.count() == 2  # the activity and the chair
    with pytest.raises(AlreadyVoted):
        ballots.cast_unit(
            mark(round, "县实验小学"), scores(91), chair(80), form_key="f2", actor=cast.other_liaison
        )


def test_a_stale_mark_cannot_vote_twice(cast: Cast, round: Round) -> None:
    first, second = mark(round, "县实验小学"), mark(round, "县实验小学")
    ballots.cast_unit(first, scores(91), chair(80), actor=cast.other_liaison)
    with pytest.raises(AlreadyVoted, match="刚刚"):
        ballots.cast_unit(second, scores(91), chair(80), actor=cast.other_liaison)
    assert Ballot.objects.count() == 2


@pytest.mark.parametrize(
    "who",
    ["liaison", "both_liaison", "leader", "secretary", "staff", "president", "street", "foreign_liaison"],
)
def test_only_its_own_liaison_votes_for_a_unit(cast: Cast, round: Round, who: str) -> None:
    with pytest.raises(NotAllowed):
        ballots.cast_unit(mark(round, "县实验小学"), scores(91), chair(80), actor=getattr(cast, who))
    assert not Ballot.objects.exists()


def test_staff_record_a_paper_ballot_for_a_named_person(cast: Cast, round: Round) -> None:
    row = mark(round, "县财政局")
    with pytest.raises(NotAllowed):
        ballots.record_unit(row, scores(70), chair(70), voter_name="李", via="paper", actor=cast.liaison)
    for wrong in ({"voter_name": " ", "via": "paper"}, {"voter_name": "李", "via": "screen"}):
        with pytest.raises(OfficeError):
            ballots.record_unit(row, scores(70), chair(70), actor=cast.staff, **wrong)
    ballots.record_unit(row, scores(70), chair(70), voter_name="李科长", via="phone", actor=cast.staff)
    row = mark(round, "县财政局")
    assert (row.via, row.voter_name, row.recorded_by) == ("phone", "李科长", cast.staff)
    entry = LogEntry.objects.get(action="evaluations.ballot.record")
    assert (entry.actor, entry.data) == (cast.staff, {"member": row.member_id, "via": "phone"})
    assert totals(round, "activity", "units") == [70]


def test_the_same_paper_ballot_sent_twice_at_once_is_logged_once(cast: Cast, round: Round) -> None:
    for page in (mark(round, "县财政局"), mark(round, "县财政局")):
        ballots.record_unit(
            page, scores(70), chair(70), voter_name="李", via="paper", form_key="a" * 20, actor=cast.staff
        )
    assert totals(round, "activity", "units") == [70]
    assert LogEntry.objects.filter(action="evaluations.ballot.record").count() == 1


def test_paper_of_units_is_taken_after_closing_until_settled(
    cast: Cast, round: Round, frozen: Frozen
) -> None:
    ballots.record_unit(
        mark(round, "县财政局"), scores(70), chair(70), voter_name="李", via="paper", actor=cast.staff
    )
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    with pytest.raises(RoundOver):
        ballots.cast_unit(mark(round, "县实验小学"), scores(9), chair(9), actor=cast.other_liaison)
    ballots.record_unit(
        mark(round, "县实验小学"), scores(80), chair(80), voter_name="陶", via="paper", actor=cast.staff
    )
    frozen.to("2026-03-27T09:00")
    rounds.run(clock.now())
    with pytest.raises(RoundOver):
        ballots.record_unit(
            mark(round, "县交警队"), scores(80), chair(80), voter_name="孙", via="paper", actor=cast.staff
        )
    assert totals(round, "activity", "units") == [70, 80]


def test_no_vote_is_taken_after_the_last_day_though_no_tick_has_closed_the_round(
    cast: Cast, round: Round, frozen: Frozen
) -> None:
    """But what came on paper is still written down, as after any closing."""
    (code,) = codes.print_slips(round, 1, actor=cast.staff)
    frozen.to(f"{round.closes_on}T23:59")
    ballots.cast_unit(mark(round, "县实验小学"), scores(91), chair(80), actor=cast.other_liaison)
    frozen.to(f"{round.closes_on + timedelta(days=1)}T00:00")
    assert round.state == "open" and not round.takes_votes and not round.gives_codes
    unit = mark(round, "县交警队")
    late = (
        lambda: ballots.cast_unit(unit, scores(1), chair(1), actor=cast.both_liaison),
        lambda: ballots.cast_by_code(code, scores(1), chair(1)),
        lambda: codes.draw_at_venue(round, "b1"),
        lambda: codes.print_slips(round, 1, actor=cast.staff),
    )
    for deed in late:
        with pytest.raises(RoundOver):
            deed()
    assert not selector.waiting_marks([member.pk for member in cast.members.values()])
    ballots.record_unit(unit, scores(70), chair(70), voter_name="孙", via="paper", actor=cast.staff)
    assert totals(round, "activity", "units") == [70, 91]


def test_a_unit_scores_the_chair_once_a_month(cast: Cast, round: Round) -> None:
    second = scoring.open_round(cast, title="第二场", guests=("县实验小学", "县邮政局"))
    row = mark(round, "县实验小学")
    with pytest.raises(OfficeError, match="轮值主席"):
        ballots.cast_unit(row, scores(90), actor=cast.other_liaison)
    ballots.cast_unit(row, scores(90), chair(90), actor=cast.other_liaison)
    again = mark(second, "县实验小学")
    assert not selector.asks_chair(again)
    ballots.cast_unit(again, scores(60), chair(10), actor=cast.other_liaison)
    assert totals(second, "activity", "units") == [60]
    assert totals(second, "chair", "units") == []
    assert not mark(second, "县实验小学").has_scored_chair


def test_a_code_drawn_before_the_chair_was_scored_elsewhere_asks_no_more(cast: Cast, round: Round) -> None:
    second = scoring.open_round(cast, title="第二场")
    early = codes.draw_at_venue(second, "a-browser")
    assert codes.find(early).asks_chair
    ballots.cast_by_code(codes.draw_at_venue(round, "a-browser"), scores(50), chair(50))
    assert codes.draw_at_venue(second, "a-browser") == early
    assert not codes.find(early).asks_chair


def test_in_another_month_a_unit_scores_the_chair_again(cast: Cast, round: Round, frozen: Frozen) -> None:
    ballots.cast_unit(mark(round, "县交警队"), scores(90), chair(90), actor=cast.both_liaison)
    frozen.to("2026-04-20T18:00")
    april = scoring.open_round(cast, duty=cast.duties[4], guests=("县交警队",), on=clock.today())
    assert selector.asks_chair(mark(april, "县交警队"))


@pytest.mark.parametrize(
    ("activity", "about_chair", "sentence"),
    [
        ({**scores(90), "theme": 21}, chair(90), "请给活动的每一项打分"),
        ({**scores(90), "theme": -1}, chair(90), "请给活动的每一项打分"),
        ({"theme": 20}, chair(90), "请给活动的每一项打分"),
        ({**scores(90), "extra": 1}, chair(90), "请给活动的每一项打分"),
        (scores(90), {**chair(90), "style": 26}, "请给轮值主席的每一项打分"),
    ],
)
def test_an_incomplete_ballot_is_refused_and_nothing_is_used_up(
    cast: Cast, round: Round, activity: dict, about_chair: dict, sentence: str
) -> None:
    with pytest.raises(OfficeError, match=sentence):
        ballots.cast_unit(mark(round, "县实验小学"), activity, about_chair, actor=cast.other_liaison)
    (code,) = codes.print_slips(round, 1, actor=cast.staff)
    with pytest.raises(OfficeError, match=sentence):
        ballots.cast_by_code(code, activity, about_chair)
    assert mark(round, "县实验小学").voted_on is None
    assert not ResidentCode.objects.filter(used_at__isnull=False).exists()
    assert not Ballot.objects.exists()


# --- residents ----------------------------------------------------------------------------------------------------


def test_a_code_casts_one_ballot(cast: Cast, round: Round) -> None:
    (code,) = codes.print_slips(round, 1, actor=cast.staff)
    assert ballots.cast_by_code(code, scores(77), chair(66)) == round
    with pytest.raises(CodeUsed):
        ballots.cast_by_code(code, scores(10), chair(10))
    assert totals(round, "activity", "residents") == [77]
    assert totals(round, "chair", "residents") == [66]
    row = ResidentCode.objects.get()
    assert (row.used_at, row.used_as) == (clock.now(), "screen")


def test_fifty_identical_posts_make_one_ballot_and_fifty_same_answers(cast: Cast, round: Round) -> None:
    (code,) = codes.print_slips(round, 1, actor=cast.staff)
    answers = [ballots.cast_by_code(code, scores(77), chair(66), form_key="a-form") for _ in range(50)]
    assert answers == [round] * 50
    assert totals(round, "activity", "residents") == [77]


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1}", "{2}", "{3}"])
def test_a_code_is_known_however_it_is_typed(cast: Cast, round: Round, typed: str) -> None:
    (code,) = codes.print_slips(round, 1, actor=cast.staff)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    typed = typed.format(code, code.lower(), code.replace("-", " "), wide)
    assert ballots.cast_by_code(typed, scores(77)) == round


def test_a_resident_who_has_scored_the_chair_leaves_it_out(cast: Cast, round: Round) -> None:
    (code,) = codes.print_slips(round, 1, actor=cast.staff)
    ballots.cast_by_code(code, scores(77))
    assert totals(round, "activity", "residents") == [77]
    assert totals(round, "chair", "residents") == []


def test_every_refusal_has_its_own_words(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2026-03-19T10:00")
    activity = scoring.held(cast, state="planned")
    prepared = rounds.prepare(activity)
    early, late, lost = codes.print_slips(prepared, 3, actor=cast.staff)
    other = rounds.prepare(scoring.held(cast, title="第二场", state="planned"))
    (foreign,) = codes.print_slips(other, 1, actor=cast.staff)
    sentences = {}

    def refusal(kind: type[OfficeError], code: str, round: Round | None = None) -> str:
        with pytest.raises(kind) as caught:
            ballots.cast_by_code(code, scores(50), chair(50), round=round)
        return sentences.setdefault(kind, caught.value.message)

    refusal(RoundNotOpen, early)
    frozen.to("2026-03-20T10:00")
    rounds.open_early(prepared, actor=cast.staff)
    ballots.cast_by_code(early, scores(50), chair(50), form_key="one")
    refusal(CodeUsed, early)
    guessed = refusal(CodeUnknown, "ABCDE-23456-FGHJK", prepared)
    assert refusal(CodeUnknown, foreign, prepared) == guessed  # a valid code elsewhere is told from nothing
    assert refusal(CodeUnknown, "", prepared) == guessed
    ResidentCode.objects.filter(code_hash=codes.hash_code(lost)).update(is_void=True)
    refusal(CodeVoid, lost)
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    refusal(RoundOver, late)
    refusal(CodeUsed, early)
    assert len(set(sentences.values())) == 5
    # The thanks page, opened again by its own form after closing.
    assert ballots.cast_by_code(early, scores(50), chair(50), form_key="one") == prepared


# --- codes ------------------------------------------------------------------------------------------------------------


def test_codes_are_long_and_without_look_alikes() -> None:
    many = {codes.new_code() for _ in range(500)}
    assert len(many) == 500
    letters = set("".join(many)) - {"-"}
    assert letters == set(codes.ALPHABET)
    assert not letters & set("01OILU")
    assert len(codes.ALPHABET) ** codes.LENGTH > 2**64


def test_plain_codes_are_nowhere_in_the_database(cast: Cast, round: Round) -> None:
    (code,) = codes.print_slips(round, 1, actor=cast.staff)
    stored = str(list(ResidentCode.objects.values())) + str(list(LogEntry.objects.values("data")))
    assert code not in stored
    assert code.replace("-", "") not in stored
    assert codes.hash_code(code) in stored


@pytest.mark.parametrize("who", ["liaison", "president", "other_liaison", "street", "foreign_secretary"])
def test_only_the_community_prints_and_voids_codes(cast: Cast, round: Round, who: str) -> None:
    with pytest.raises(NotAllowed):
        codes.print_slips(round, 1, actor=getattr(cast, who))
    with pytest.raises(NotAllowed):
        codes.void_unused(round, origin="slip", actor=getattr(cast, who))


def test_printing_has_limits(cast: Cast, round: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    for count in (0, codes.MOST_AT_ONCE + 1):
        with pytest.raises(OfficeError, match="一次可打印"):
            codes.print_slips(round, count, actor=cast.staff)
    monkeypatch.setattr(codes, "MOST_PER_ROUND", 10)
    codes.print_slips(round, 10, actor=cast.staff)
    with pytest.raises(OfficeError, match="最多发"):
        codes.print_slips(round, 1, actor=cast.staff)
    with pytest.raises(OfficeError, match="已经发完"):
        codes.draw_at_venue(round, "a-browser")


def test_lost_slips_are_made_void(cast: Cast, round: Round) -> None:
    used, lost = codes.print_slips(round, 2, actor=cast.staff)
    (paper,) = codes.print_slips(round, 1, origin="paper", actor=cast.staff)
    ballots.cast_by_code(used, scores(50))
    assert codes.void_unused(round, origin="slip", actor=cast.staff) == 1
    with pytest.raises(CodeVoid):
        ballots.cast_by_code(lost, scores(50))
    ballots.cast_by_code(paper, scores(50))
    assert selector.counts(round).residents_handed_out == 2


def test_a_browser_draws_one_code(cast: Cast, round: Round) -> None:
    code = codes.draw_at_venue(round, "a-browser")
    assert codes.draw_at_venue(round, "a-browser") == code  # tapped twice, or come back to
    assert set(code) <= {*codes.ALPHABET, "-"} and len(code) == len(codes.new_code())
    other = codes.draw_at_venue(round, "another-browser")
    second = scoring.open_round(cast, title="第二场")
    assert len({code, other, codes.draw_at_venue(second, "a-browser")}) == 3
    assert ResidentCode.objects.filter(origin="venue", round=round).count() == 2
    ballots.cast_by_code(code, scores(50), chair(50))
    ballots.cast_by_code(other, scores(60), chair(60))
    with pytest.raises(AlreadyVoted, match="这部手机"):
        codes.draw_at_venue(round, "a-browser")
    assert "a-browser" not in str(list(ResidentCode.objects.values()))


def test_a_browser_scores_the_chair_once_a_month(cast: Cast, round: Round, frozen: Frozen) -> None:
    ballots.cast_by_code(codes.draw_at_venue(round, "a-browser"), scores(50), chair(50))
    second = scoring.open_round(cast, title="第二场")
    code = codes.draw_at_venue(second, "a-browser")
    assert not codes.find(code).asks_chair
    ballots.cast_by_code(code, scores(60), chair(60))
    assert totals(second, "chair", "residents") == []
    frozen.to("2026-04-20T18:00")
    april = scoring.open_round(cast, duty=cast.duties[4], guests=("县交警队",), on=clock.today())
    assert codes.find(codes.draw_at_venue(april, "a-browser")).asks_chair


def test_the_venue_gives_codes_only_while_the_round_is_open(cast: Cast, round: Round, frozen: Frozen) -> None:
    prepared = rounds.prepare(scoring.held(cast, title="第二场", state="planned"))
    with pytest.raises(RoundNotOpen):
        codes.draw_at_venue(prepared, "a-browser")
    with pytest.raises(OfficeError, match="浏览器"):
        codes.draw_at_venue(round, "")
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    round.refresh_from_db()
    with pytest.raises(RoundOver):
        codes.draw_at_venue(round, "a-browser")
    with pytest.raises(RoundOver):
        codes.print_slips(round, 1, actor=cast.staff)
