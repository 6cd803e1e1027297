"""The quarterly assessment: examples worked by hand, properties, an independent recomputation in floating point."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evaluations import assessing
from evaluations.arithmetic import rounded
from evaluations.assessing import (
    COMMITMENTS,
    DEFAULT_WEIGHTS,
    DUTY,
    LISTS,
    NO_DATA,
    PARTICIPATION,
    PARTS,
    MemberFacts,
    Outcome,
    Scheme,
    apportioned,
    assess,
    grade,
    mean_score,
)

# On duty once, scored 90 and 80; came to 3 of 4 meetings, took part in 2 months; 4 of 5 claims in time; 9 of 10
# answers satisfied; 1 of 2 commitments.
FULL = MemberFacts(
    chair_results=(Decimal("90.0"),),
    activity_results=(Decimal("80.0"),),
    meetings_invited=4,
    meetings_attended=3,
    months_taking_part=2,
    claims_due=5,
    claims_on_time=4,
    answers=10,
    satisfied=9,
    commitments_due=2,
    commitments_fulfilled=1,
    on_duty=True,
)


def points(outcome: Outcome) -> dict[str, Decimal | None]:
    return {part.key: part.points for part in outcome.parts}


def weights(outcome: Outcome) -> dict[str, Decimal | None]:
    return {part.key: part.weight for part in outcome.parts}


def missing(outcome: Outcome) -> dict[str, str]:
    return {part.key: part.missing for part in outcome.parts if part.missing}


# --- worked by hand -----------------------------------------------------------------------------------------------


def test_every_part_has_data() -> None:
    # duty (90 + 80) / 2 = 85 % of 40 = 34; participation 3/4 x 15 + 2/3 x 10 = 11.25 + 6.666 = 17.916;
    # lists 4/5 x 15 + 9/10 x 10 = 12 + 9 = 21; commitments 1/2 x 10 = 5; together 77.916
    outcome = assess(FULL)
    assert (outcome.raw, outcome.score, outcome.grade) == (Decimal("77.9"), Decimal("77.9"), "一般")
    assert points(outcome) == {
        DUTY: Decimal("34.0"),
        PARTICIPATION: Decimal("17.9"),
        LISTS: Decimal("21.0"),
        COMMITMENTS: Decimal("5.0"),
    }
    assert weights(outcome) == {
        DUTY: Decimal("40.0"),
        PARTICIPATION: Decimal("25.0"),
        LISTS: Decimal("25.0"),
        COMMITMENTS: Decimal("10.0"),
    }
    assert missing(outcome) == {}


def test_not_on_duty_shares_its_forty_points_out() -> None:
    # 25 + 25 + 10 = 60 stand for 100: (17.916 + 21 + 5) / 60 = 43.916 / 60 = 73.19
    outcome = assess(replace(FULL, chair_results=(), activity_results=(), on_duty=False))
    assert outcome.score == Decimal("73.2")
    assert missing(outcome) == {DUTY: "本季度未轮值"}
    assert points(outcome)[DUTY] is weights(outcome)[DUTY] is None
    # 17.916 / 60 = 29.861, 21 / 60 = 35, 5 / 60 = 8.333: together 73.19; the tenth goes to 29.861
    assert [points(outcome)[key] for key in (PARTICIPATION, LISTS, COMMITMENTS)] == [
        Decimal("29.9"),
        Decimal("35.0"),
        Decimal("8.3"),
    ]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"on_duty": True, "rounds_running": 1}, "评议未结束"),
        ({"on_duty": True}, "有效票数不足"),
        ({"on_duty": False}, "本季度未轮值"),
    ],
)
def test_a_duty_without_results_says_why(facts: dict[str, Any], why: str) -> None:
    outcome = assess(replace(FULL, chair_results=(), activity_results=(), **facts))
    assert missing(outcome) == {DUTY: why}
    assert outcome.score == Decimal("73.2")


def test_without_answers_the_claims_stand_for_the_whole_list() -> None:
    # lists 4/5 of 25 = 20 instead of 21
    outcome = assess(replace(FULL, answers=0, satisfied=0))
    assert outcome.score == Decimal("76.9")
    assert points(outcome)[LISTS] == Decimal("20.0")
    sums = {one.key: one for part in outcome.parts for one in part.sums}
    assert (sums["on_time"].weight, sums["satisfied"].weight) == (Decimal("25.0"), None)


def test_without_claims_due_the_answers_stand_for_the_whole_list() -> None:
    # lists 9/10 of 25 = 22.5: 34 + 17.916 + 22.5 + 5 = 79.416
    assert assess(replace(FULL, claims_due=0, claims_on_time=0)).score == Decimal("79.4")


def test_nothing_due_and_nothing_answered_shares_the_list_out() -> None:
    # 34 + 17.916 + 5 = 56.916 of 75 = 75.888
    outcome = assess(replace(FULL, claims_due=0, claims_on_time=0, answers=0, satisfied=0))
    assert outcome.score == Decimal("75.9")
    assert missing(outcome) == {LISTS: "本季度无到期认领和回访"}


def test_not_invited_counts_its_months_alone() -> None:
    # participation 2/3 of 25 = 16.666: 34 + 16.666 + 21 + 5 = 76.666
    assert assess(replace(FULL, meetings_invited=0, meetings_attended=0)).score == Decimal("76.7")


def test_one_that_joined_in_march_can_take_part_in_one_month_only() -> None:
    # participation 11.25 + 1/1 x 10 = 21.25: 34 + 21.25 + 21 + 5 = 81.25
    outcome = assess(replace(FULL, months_as_member=1, months_taking_part=1))
    assert (outcome.score, outcome.grade) == (Decimal("81.3"), "良好")


def test_one_part_alone_is_no_data() -> None:
    outcome = assess(MemberFacts(months_taking_part=3))
    assert (outcome.score, outcome.raw, outcome.grade) == (None, None, NO_DATA)
    assert not outcome.is_rated
    assert set(points(outcome).values()) == {None}
    # The participation is known all the same, and printed.
    assert outcome.parts[1].sums[1].rate == Decimal("100.0")


def test_two_parts_are_enough() -> None:
    # participation 3/3 of 25, commitments 1/2 of 10: 30 / 35 = 85.71
    outcome = assess(MemberFacts(months_taking_part=3, commitments_due=2, commitments_fulfilled=1))
    assert (outcome.score, outcome.grade) == (Decimal("85.7"), "良好")


def test_all_reached_is_a_hundred_although_its_thirds_do_not_round_so() -> None:
    # 40, 25 and 10 of 75: 53.333, 33.333, 13.333, which rounded would add up to 99.9
    outcome = assess(
        MemberFacts(
            chair_results=(Decimal(100),),
            on_duty=True,
            months_taking_part=3,
            commitments_due=1,
            commitments_fulfilled=1,
        )
    )
    assert outcome.score == Decimal(100)
    assert sum(value for value in points(outcome).values() if value is not None) == Decimal(100)
    assert points(outcome) == weights(outcome)


def test_an_adjustment_moves_score_and_grade_and_stays_within_bounds() -> None:
    assert assess(FULL, adjustment=Decimal("2.1")).score == Decimal("80.0")
    assert assess(FULL, adjustment=Decimal("2.1")).grade == "良好"
    assert assess(FULL, adjustment=Decimal(-10)).score == Decimal("67.9")
    nothing = MemberFacts(commitments_due=1)
    assert assess(nothing, adjustment=Decimal(-10)).score == 0
    assert assess(nothing, adjustment=Decimal(-10)).applied == 0


@pytest.mark.parametrize("value", ["5.1", "-10.1", "0.05", "NaN", "Infinity"])
def test_an_adjustment_out_of_bounds_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        assess(FULL, adjustment=Decimal(value))


def test_an_adjustment_without_data_has_no_effect() -> None:
    outcome = assess(MemberFacts(months_taking_part=3), adjustment=Decimal(5))
    assert (outcome.score, outcome.applied, outcome.grade) == (None, 0, NO_DATA)


def test_a_scheme_of_ones_own() -> None:
    # No commitments, 10 points more for meetings: 34 + 3/4 x 25 + 6.666 + 21 = 80.416
    scheme = Scheme({**DEFAULT_WEIGHTS, "meetings": 25, "fulfilled": 0})
    outcome = assess(FULL, scheme)
    assert outcome.score == Decimal("80.4")
    assert [part.full for part in outcome.parts] == [40, 35, 25, 0]
    assert missing(outcome) == {COMMITMENTS: "本方案不计"}


@pytest.mark.parametrize(
    "weights_of",
    [
        {**DEFAULT_WEIGHTS, "meetings": 16},
        {**DEFAULT_WEIGHTS, "meetings": -5, "months": 30},
        {**DEFAULT_WEIGHTS, "meetings": True, "months": 24},
        {key: value for key, value in DEFAULT_WEIGHTS.items() if key != "fulfilled"},
        {**DEFAULT_WEIGHTS, "more": 0},
    ],
)
def test_a_scheme_that_is_none_is_refused(weights_of: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        Scheme(weights_of)


@pytest.mark.parametrize(("lowest", "highest"), [(1, 5), (-10, -1), (-101, 0), (0, 101)])
def test_bounds_of_an_adjustment_contain_nothing(lowest: int, highest: int) -> None:
    with pytest.raises(ValueError):
        Scheme(lowest=lowest, highest=highest)


@pytest.mark.parametrize(
    "wrong",
    [
        {"meetings_attended": 5},
        {"months_taking_part": 4},
        {"claims_on_time": 6},
        {"satisfied": 11},
        {"commitments_fulfilled": 3},
        {"answers": -1, "satisfied": -1},
        {"chair_results": (Decimal("100.1"),)},
        {"months_as_member": 4},
        {"rounds_running": -1},
    ],
)
def test_facts_that_are_none_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        replace(FULL, **wrong)


def test_grades_of_printed_scores() -> None:
    assert [grade(Decimal(text)) for text in ("90.0", "89.9", "80.0", "79.9", "60.0", "59.9", "0")] == [
        "优秀",
        "良好",
        "良好",
        "一般",
        "一般",
        "差",
        "差",
    ]
    assert grade(None) == NO_DATA


def test_the_mean_is_over_rated_members() -> None:
    assert mean_score([Decimal("90.0"), None, Decimal("85.1")]) == Decimal("87.6")
    assert mean_score([None]) is None


def test_parts_are_kept_as_json_without_floats() -> None:
    kept = assessing.parts_as_json(assess(FULL).parts)
    assert json.loads(json.dumps(kept), parse_float=pytest.fail) == kept
    assert kept[0] == {
        "key": "duty",
        "title": "履职",
        "full": 40,
        "weight": "40.0",
        "points": "34.0",
        "missing": "",
        "sums": [
            {
                "key": "results",
                "title": "轮值主席和活动评议得分",
                "numerator": "170.0",
                "denominator": 2,
                "rate": "85.0",
                "weight": "40.0",
            }
        ],
    }
    assert kept[1]["sums"][0]["numerator"] == "3"


# --- properties ---------------------------------------------------------------------------------------------------

tenths = st.integers(0, 1000).map(lambda n: Decimal(n).scaleb(-1))


@st.composite
def some_facts(draw: st.DrawFn) -> MemberFacts:
    def share(most: int) -> tuple[int, int]:
        whole = draw(st.integers(0, most))
        return draw(st.integers(0, whole)), whole

    attended, invited = share(9)
    took, months = share(3)
    on_time, due = share(40)
    satisfied, answers = share(40)
    fulfilled, promised = share(12)
    chair = draw(st.lists(tenths, max_size=3))
    activity = draw(st.lists(tenths, max_size=5))
    return MemberFacts(
        chair_results=tuple(chair),
        activity_results=tuple(activity),
        meetings_invited=invited,
        meetings_attended=attended,
        months_taking_part=took,
        months_as_member=months,
        claims_due=due,
        claims_on_time=on_time,
        answers=answers,
        satisfied=satisfied,
        commitments_due=promised,
        commitments_fulfilled=fulfilled,
        on_duty=bool(chair or activity),
    )


@st.composite
def some_scheme(draw: st.DrawFn) -> Scheme:
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=5, max_size=5)))
    pieces = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    return Scheme(dict(zip(DEFAULT_WEIGHTS, pieces, strict=True)))


def in_floats(facts: MemberFacts, scheme: Scheme) -> float | None:
    """The same sum written down a second time, straight from the design, without any of the code under test."""
    w = scheme.weights
    found: list[tuple[float, float]] = []  # (weight of the part, rate of the part)

    def part(*sums: tuple[int, float, int]) -> None:
        known = [(weight, top / bottom) for weight, top, bottom in sums if bottom and weight]
        if known:
            inside = sum(weight for weight, _ in known)
            rate = sum(weight * rate for weight, rate in known) / inside
            found.append((sum(weight for weight, _, _ in sums), rate))

    results = [float(score) for score in (*facts.chair_results, *facts.activity_results)]
    part((w["results"], sum(results) / 100, len(results)))
    part(
        (w["meetings"], facts.meetings_attended, facts.meetings_invited),
        (w["months"], facts.months_taking_part, facts.months_as_member),
    )
    part(
        (w["on_time"], facts.claims_on_time, facts.claims_due),
        (w["satisfied"], facts.satisfied, facts.answers),
    )
    part((w["fulfilled"], facts.commitments_fulfilled, facts.commitments_due))
    if len(found) < 2:
        return None
    return 100 * sum(weight * rate for weight, rate in found) / sum(weight for weight, _ in found)


@given(some_facts(), some_scheme())
def test_score_equals_an_independent_recomputation(facts: MemberFacts, scheme: Scheme) -> None:
    expected, outcome = in_floats(facts, scheme), assess(facts, scheme)
    if expected is None:
        assert outcome.score is None and outcome.grade == NO_DATA
    else:
        assert outcome.score is not None
        assert abs(float(outcome.score) - expected) <= 0.05 + 1e-9


@given(some_facts(), some_scheme(), st.integers(-100, 50))
def test_what_is_printed_adds_up(facts: MemberFacts, scheme: Scheme, tenth: int) -> None:
    outcome = assess(facts, scheme, Decimal(tenth).scaleb(-1))
    assume(outcome.is_rated)
    reached = [part.points for part in outcome.parts if part.points is not None]
    assert sum(reached) == outcome.raw
    assert outcome.raw + outcome.applied == outcome.score
    assert 0 <= outcome.score <= 100
    assert sum(part.weight for part in outcome.parts if part.weight is not None) == 100
    for part in outcome.parts:
        assert (part.points is None) == (part.weight is None) == bool(part.missing)
        if part.weight is not None:
            assert part.weight == sum(one.weight for one in part.sums if one.weight is not None)
        assert all(one.denominator or one.rate is None for one in part.sums)


@given(
    some_facts(),
    st.sampled_from(["meetings_attended", "claims_on_time", "satisfied", "commitments_fulfilled"]),
)
def test_doing_more_never_costs_points(facts: MemberFacts, what: str) -> None:
    try:
        better = replace(facts, **{what: getattr(facts, what) + 1})
    except ValueError:
        assume(False)
    before, after = assess(facts), assess(better)
    assert (before.score is None) == (after.score is None)
    assert before.score is None or after.score >= before.score


@given(some_facts())
def test_order_of_results_does_not_matter(facts: MemberFacts) -> None:
    turned = replace(
        facts,
        chair_results=tuple(reversed(facts.chair_results)),
        activity_results=tuple(reversed(facts.activity_results)),
    )
    assert assess(turned) == assess(facts)


@given(some_facts(), st.integers(0, 3))
def test_a_part_without_data_weighs_nothing_and_takes_nothing(facts: MemberFacts, which: int) -> None:
    """Emptying a part leaves the mean of the others, whatever stood in it."""
    emptied = {
        0: {"chair_results": (), "activity_results": (), "on_duty": False},
        1: {"meetings_invited": 0, "meetings_attended": 0, "months_as_member": 0, "months_taking_part": 0},
        2: {"claims_due": 0, "claims_on_time": 0, "answers": 0, "satisfied": 0},
        3: {"commitments_due": 0, "commitments_fulfilled": 0},
    }[which]
    without = assess(replace(facts, **emptied))
    part = without.parts[which]
    assert part.key == tuple(PARTS)[which]
    assert part.points is None and part.missing
    if without.is_rated:
        others = [other for other in without.parts if other.key != part.key]
        assert sum(other.weight for other in others if other.weight is not None) == 100


@given(st.dictionaries(st.text(max_size=3), st.fractions(0, 100), max_size=6))
def test_apportioned_tenths_add_up_and_stay_near(values: dict[str, Fraction]) -> None:
    shared = apportioned(values)
    assert sum(shared.values(), Decimal(0)) == rounded(sum(values.values(), Fraction(0)))
    assert all(abs(Fraction(shared[key]) - value) < Fraction(1, 10) for key, value in values.items())
