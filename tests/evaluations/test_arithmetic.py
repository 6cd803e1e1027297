"""Scores: properties, twelve examples worked by hand, and an independent recomputation in floating point."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evaluations import arithmetic
from evaluations.arithmetic import GROUPS, RESIDENTS, TOO_FEW, UNITS, evaluate, rounded

ACTIVITY = {"theme": 20, "planning": 20, "cooperation": 20, "attendance": 15, "effect": 25}
CHAIR = {"notice": 25, "seminar": 25, "liaison": 25, "style": 25}
NOTHING_KNOWN = dict.fromkeys(ACTIVITY)


def ballot(score: int, weights: dict[str, int] = ACTIVITY) -> dict[str, int | None]:
    """A ballot of exactly ``score`` points, filled from the first item on."""
    filled: dict[str, int | None] = {}
    for key, weight in weights.items():
        filled[key] = min(score, weight)
        score -= min(score, weight)
    assert score == 0
    return filled


def ballots(*scores: int) -> list[dict[str, int | None]]:
    return [ballot(score) for score in scores]


def figures(units: list, residents: list) -> arithmetic.Result:
    return evaluate(ACTIVITY, {UNITS: units, RESIDENTS: residents})


# --- twelve examples worked by hand ------------------------------------------------------------------------------------


def test_example_1_every_item_known() -> None:
    # 18 + 17 + 16 + 12 + 20 = 83 of 100
    paper = dict(zip(ACTIVITY, (18, 17, 16, 12, 20), strict=True))
    assert arithmetic.ballot_score(ACTIVITY, paper) == 83


def test_example_2_one_item_unknown() -> None:
    # without 服务实效 (25): 18 + 17 + 16 + 12 = 63 of 75; 63 / 75 = 84 %
    paper = dict(zip(ACTIVITY, (18, 17, 16, 12, None), strict=True))
    assert arithmetic.ballot_score(ACTIVITY, paper) == 84


def test_example_3_three_items_unknown() -> None:
    # known: 主题契合 15 of 20 and 群众参与 10 of 15; 25 of 35 = 71.428... %
    paper = dict(zip(ACTIVITY, (15, None, None, 10, None), strict=True))
    score = arithmetic.ballot_score(ACTIVITY, paper)
    assert score == Fraction(500, 7)
    assert rounded(score) == Decimal("71.4")


def test_example_4_half_is_rounded_up() -> None:
    # 13 residents 72 and 7 residents 73: (936 + 511) / 20 = 72.35, which binary arithmetic rounds to 72.3
    result = figures([], ballots(*[72] * 13, *[73] * 7))
    assert result.score == Decimal("72.4")
    assert round(1447 / 20, 1) == 72.3


def test_example_5_both_groups() -> None:
    # units 90, 84, 87: mean 87, s2 = (9 + 9 + 0) / 2 = 9
    # residents 5 x 80, 5 x 90: mean 85, s2 = 10 x 25 / 9 = 27.777...
    # score 0.4 x 87 + 0.6 x 85 = 34.8 + 51 = 85.8
    # half width 1.96 x sqrt(0.16 x 9 / 3 + 0.36 x 27.777 / 10) = 1.96 x sqrt(0.48 + 1.00) = 1.96 x 1.21655 = 2.3844
    result = figures(ballots(90, 84, 87), ballots(*[80] * 5, *[90] * 5))
    assert (result.score, result.grade, result.n) == (Decimal("85.8"), "良好", 13)
    assert (result.half, result.low, result.high) == (Decimal("2.4"), Decimal("83.4"), Decimal("88.2"))
    assert (result.groups[UNITS].mean, result.groups[RESIDENTS].mean) == (Decimal("87.0"), Decimal("85.0"))
    assert (result.groups[UNITS].weight, result.groups[RESIDENTS].weight) == (
        Decimal("40.0"),
        Decimal("60.0"),
    )


def test_example_6_too_few_residents() -> None:
    # nine residents are not used: the units' 87 is the score; 1.96 x sqrt(9 / 3) = 1.96 x 1.73205 = 3.3948
    result = figures(ballots(90, 84, 87), ballots(*[20] * 9))
    assert (result.score, result.grade, result.n, result.half) == (Decimal("87.0"), "良好", 3, Decimal("3.4"))
    assert result.groups[RESIDENTS] == arithmetic.GroupResult(n=9, is_used=False, mean=None, weight=None)
    assert result.groups[UNITS].weight == Decimal("100.0")


def test_example_7_too_few_units() -> None:
    # two units are not used: 85; 1.96 x sqrt(27.777 / 10) = 1.96 x 1.66667 = 3.2667
    result = figures(ballots(100, 100), ballots(*[80] * 5, *[90] * 5))
    assert (result.score, result.n, result.half) == (Decimal("85.0"), 10, Decimal("3.3"))
    assert result.groups[UNITS].mean is None


def test_example_8_too_few_of_both() -> None:
    result = figures(ballots(90, 90), ballots(*[90] * 9))
    assert (result.score, result.grade, result.n) == (None, TOO_FEW, 0)
    assert (result.half, result.low, result.high) == (None, None, None)
    assert all(group.mean is None for group in result.groups.values())
    assert all(item.rate is None for item in result.items)


def test_example_9_abstentions_count_for_no_minimum() -> None:
    # of three units one knows nothing: two are left, which are not used
    result = figures([*ballots(100, 100), NOTHING_KNOWN], ballots(*[80] * 5, *[90] * 5))
    assert (result.score, result.n, result.abstained) == (Decimal("85.0"), 10, 1)
    assert result.groups[UNITS].n == 2


@pytest.mark.parametrize(
    ("scores", "printed", "grade"),
    [
        ([90] * 19 + [89], "90.0", "优秀"),  # 1799 / 20 = 89.95, printed 90.0
        ([90] * 15 + [89], "89.9", "良好"),  # 1439 / 16 = 89.9375
        ([80, 80, 80], "80.0", "良好"),
        ([79, 80, 80], "79.7", "一般"),  # 239 / 3 = 79.666...
        ([60, 60, 60], "60.0", "一般"),
        ([59, 60, 60], "59.7", "差"),
    ],
)
def test_example_10_the_printed_score_has_the_grade(scores: list[int], printed: str, grade: str) -> None:
    result = figures(ballots(*scores), [])
    assert (result.score, result.grade) == (Decimal(printed), grade)


def test_example_11_items() -> None:
    # 主题契合: two of three units know it, too few; ten residents: 5 x 20 and 5 x 15 of 20 = (500 + 375) / 10 = 87.5 %
    units = [{**ballot(90), "theme": None}, *ballots(90, 90)]
    residents = [{**ballot(90), "theme": 20}] * 5 + [{**ballot(90), "theme": 15}] * 5
    item = figures(units, residents).items[0]
    assert item == arithmetic.ItemResult(key="theme", n=10, rate=Decimal("87.5"))


def test_example_12_an_interval_ends_at_100() -> None:
    # units 100, 100, 94: mean 98, s2 = (4 + 4 + 16) / 2 = 12; 1.96 x sqrt(12 / 3) = 3.92; 98 + 3.92 > 100
    result = figures(ballots(100, 100, 94), [])
    assert (result.score, result.half) == (Decimal("98.0"), Decimal("3.9"))
    assert (result.low, result.high) == (Decimal("94.1"), Decimal("100.0"))


# --- properties -------------------------------------------------------------------------------------------------------


@st.composite
def rubrics(draw: st.DrawFn) -> dict[str, int]:
    cuts = sorted(draw(st.sets(st.integers(1, 99), max_size=9)))
    return {f"i{n}": high - low for n, (low, high) in enumerate(zip([0, *cuts], [*cuts, 100], strict=True))}


def filled(weights: dict[str, int]) -> st.SearchStrategy[dict[str, int | None]]:
    return st.fixed_dictionaries({key: st.none() | st.integers(0, w) for key, w in weights.items()})


@st.composite
def votes(draw: st.DrawFn) -> tuple[dict[str, int], dict[str, list[dict[str, int | None]]]]:
    weights = draw(rubrics())
    one = filled(weights)
    return weights, {
        UNITS: draw(st.lists(one, max_size=7)),
        RESIDENTS: draw(st.lists(one, max_size=14)),
    }


@given(rubrics())
def test_property_rubric_weights_sum_to_100(weights: dict[str, int]) -> None:
    arithmetic.check_weights(weights)


@given(st.integers(0, 40), st.integers(0, 40))
def test_property_effective_weights_sum_to_1_or_none_is_used(units: int, residents: int) -> None:
    shares = arithmetic.effective_weights({UNITS: units, RESIDENTS: residents})
    assert sum(shares.values()) == (1 if units >= 3 or residents >= 10 else 0)
    assert (UNITS in shares, RESIDENTS in shares) == (units >= 3, residents >= 10)


@given(votes())
@settings(max_examples=60, deadline=None)
def test_property_bounds(vote: tuple) -> None:
    result = evaluate(*vote)
    shown = [result.score, result.low, result.high, *(g.mean for g in result.groups.values())]
    shown += [item.rate for item in result.items]
    assert all(0 <= value <= 100 for value in shown if value is not None)
    if result.low is not None:
        assert result.low <= result.score <= result.high
        assert result.half >= 0
    assert (result.score is None) == (result.grade == TOO_FEW)


@given(votes(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_property_order_does_not_matter(vote: tuple, order: random.Random) -> None:
    weights, cast = vote
    shuffled = {key: order.sample(rows, len(rows)) for key, rows in cast.items()}
    assert evaluate(weights, shuffled) == evaluate(weights, cast)


@given(votes())
@settings(max_examples=60, deadline=None)
def test_property_a_group_under_its_minimum_changes_nothing_but_its_count(vote: tuple) -> None:
    weights, cast = vote
    result = evaluate(weights, cast)
    for group in GROUPS:
        if not result.groups[group.key].is_used:
            without = evaluate(weights, {**cast, group.key: []})
            assert (without.score, without.n, without.half) == (result.score, result.n, result.half)


@given(votes())
@settings(max_examples=60, deadline=None)
def test_property_abstentions_change_nothing_but_their_count(vote: tuple) -> None:
    weights, cast = vote
    nothing = dict.fromkeys(weights)
    more = {key: [*rows, nothing, nothing] for key, rows in cast.items()}
    before, after = evaluate(weights, cast), evaluate(weights, more)
    assert after.abstained == before.abstained + 4
    assert (after.score, after.n, after.half, after.groups, after.items) == (
        before.score,
        before.n,
        before.half,
        before.groups,
        before.items,
    )


@given(rubrics(), st.data())
@settings(max_examples=80, deadline=None)
def test_property_an_unknown_item_leaves_its_weight_to_the_others(
    weights: dict[str, int], data: st.DataObject
) -> None:
    """A ballot scores as in a rubric that has only the items it knows."""
    paper = data.draw(filled(weights))
    known = {key: weight for key, weight in weights.items() if paper[key] is not None}
    score = arithmetic.ballot_score(weights, paper)
    if not known:
        assert score is None
    else:
        assert score == arithmetic.ballot_score(known, {key: paper[key] for key in known})
        assert 0 <= score <= 100


def exact(weights: dict, cast: dict) -> tuple[Fraction | None, dict[str, Fraction], dict[str, int]]:
    scores = {
        key: [s for b in rows if (s := arithmetic.ballot_score(weights, b)) is not None]
        for key, rows in cast.items()
    }
    counts = {key: len(values) for key, values in scores.items()}
    shares = arithmetic.effective_weights(counts)
    if not shares:
        return None, shares, counts
    return sum(shares[key] * arithmetic.mean(scores[key]) for key in shares), shares, counts


@given(votes(), st.sampled_from([UNITS, RESIDENTS]), st.data())
@settings(max_examples=120, deadline=None)
def test_property_one_ballot_moves_the_result_by_at_most_its_weight(
    vote: tuple, key: str, data: st.DataObject
) -> None:
    """Added or taken back, except the one that brings its group to the minimum."""
    weights, cast = vote
    before, shares, counts = exact(weights, cast)
    more = {**cast, key: [*cast[key], data.draw(filled(weights))]}
    after, shares_after, counts_after = exact(weights, more)
    minimum = next(group.minimum for group in GROUPS if group.key == key)
    assume(counts_after[key] != minimum or counts[key] == minimum)
    if before is None:
        assert after is None
        return
    assert shares_after == shares
    assert abs(after - before) <= shares.get(key, 0) * Fraction(100, counts_after[key] or 1)


@given(votes())
@settings(max_examples=150, deadline=None)
def test_results_equal_an_independent_recomputation(vote: tuple) -> None:
    """NumPy, masked arrays, floating point: nothing shared but the rule."""
    weights, cast = vote
    result = evaluate(weights, cast)
    vector = numpy.array(list(weights.values()), dtype=float)
    means, variances, counts = {}, {}, {}
    for key, rows in cast.items():
        table = numpy.array(
            [[numpy.nan if row[k] is None else row[k] for k in weights] for row in rows], dtype=float
        )
        table = table.reshape(len(rows), len(vector))
        known = ~numpy.isnan(table)
        table, known = table[known.any(axis=1)], known[known.any(axis=1)]
        values = 100 * numpy.nansum(table, axis=1) / (known * vector).sum(axis=1)
        counts[key] = len(values)
        if len(values) > 1:
            means[key], variances[key] = values.mean(), values.var(ddof=1)
    used = {
        key: weight for key, weight, least in ((UNITS, 0.4, 3), (RESIDENTS, 0.6, 10)) if counts[key] >= least
    }
    if not used:
        assert result.score is None
        return
    share = {key: weight / sum(used.values()) for key, weight in used.items()}
    score = sum(share[key] * means[key] for key in share)
    half = 1.96 * numpy.sqrt(sum(share[key] ** 2 * variances[key] / counts[key] for key in share))
    assert abs(float(result.score) - score) <= 0.05 + 1e-9
    assert abs(float(result.half) - half) <= 0.05 + 1e-9
    assert result.n == sum(counts[key] for key in share)


@given(st.fractions(0, 100))
def test_rounding_is_to_the_nearest_tenth_and_halves_go_up(value: Fraction) -> None:
    printed = Fraction(rounded(value))
    assert -Fraction(1, 20) < printed - value <= Fraction(1, 20)
    assert (printed * 10).denominator == 1


# --- refusals and warnings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "weights", [{}, {"a": 99}, {"a": 50, "b": 51}, {"a": 0, "b": 100}, {"a": True, "b": 99}]
)
def test_a_rubric_that_does_not_sum_to_100_is_refused(weights: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        evaluate(weights, {})


@pytest.mark.parametrize(
    "change", [{"theme": 21}, {"theme": -1}, {"theme": 1.5}, {"theme": True}, {"theme": "20"}, {"other": 5}]
)
def test_a_ballot_that_is_none_is_refused(change: dict) -> None:
    with pytest.raises(ValueError):
        evaluate(ACTIVITY, {UNITS: [{**ballot(80), **change}]})


def test_a_ballot_with_an_item_left_out_is_refused() -> None:
    with pytest.raises(ValueError, match="every item"):
        evaluate(ACTIVITY, {UNITS: [{"theme": 20}]})


def test_units_far_above_residents_are_a_warning() -> None:
    residents = ballots(*[80] * 5, *[82] * 5)  # mean 81
    assert arithmetic.warnings(ACTIVITY, {UNITS: ballots(90, 91, 92), RESIDENTS: residents}) == [
        "单位评分（91.0）比群众评分（81.0）高 10 分以上"
    ]
    assert arithmetic.warnings(ACTIVITY, {UNITS: ballots(90, 91, 91), RESIDENTS: residents}) == []


def test_equal_ballots_are_a_warning() -> None:
    assert arithmetic.warnings(ACTIVITY, {UNITS: ballots(90, 90, 90)}) == ["单位的 3 张票打分完全相同"]
    assert arithmetic.warnings(ACTIVITY, {UNITS: ballots(90, 90)}) == []
    assert arithmetic.warnings(ACTIVITY, {UNITS: ballots(90, 90, 91)}) == []


def test_most_codes_within_a_minute() -> None:
    start = datetime(2026, 3, 20, 10)
    times = [start + timedelta(seconds=20 * n) for n in range(10)]
    assert arithmetic.most_within(times) == 4  # 0, 20, 40, 60 s
    assert arithmetic.most_within([start] * 12 + times[5:]) == 12
    assert arithmetic.most_within([]) == 0
