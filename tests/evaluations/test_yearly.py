"""The sums of a year, worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations import yearly
from evaluations.yearly import UnitYear

SCORES = st.one_of(st.none(), st.integers(0, 1000).map(lambda n: Decimal(n).scaleb(-1)))
COUNTS = st.fixed_dictionaries({key: st.integers(0, 40) for key in yearly.MARK_WORDS})


def scored(*values: str | None) -> tuple[Decimal | None, ...]:
    return tuple(None if value is None else Decimal(value) for value in values)


def facts(**more: object) -> UnitYear:
    """A unit of which everything speaks well."""
    return UnitYear(
        **{
            "scores": scored("92.0", "94.0", None, None),
            "reports": 2,
            "months_chaired": (5,),
            "claims_due": 10,
            "claims_on_time": 9,
            "claims_accepted": 10,
            "answers": 10,
            "satisfied": 10,
            "commitments_due": 2,
            "commitments_fulfilled": 2,
            "item_scores": scored("90.0"),
            **more,
        }
    )


@pytest.mark.parametrize(
    ("scores", "mean"),
    [
        (("90.0", "80.0", None, None), "85.0"),
        (("90.1", "80.0", "70.0", None), "80.0"),  # 80.03
        (("90.1", "80.2", None, None), "85.2"),  # 85.15, half-up
        (("90.0", None, None, None), None),
        ((None,) * 4, None),
    ],
)
def test_year_mean_needs_two_quarters(scores: tuple[str | None, ...], mean: str | None) -> None:
    assert yearly.year_mean(scored(*scores)) == (None if mean is None else Decimal(mean))


def test_year_grade_without_a_mean_is_no_data() -> None:
    assert (yearly.year_grade(None), yearly.stars(None)) == ("数据不足", "数据不足")
    assert (yearly.year_grade(Decimal("90.0")), yearly.year_grade(Decimal("79.9"))) == ("优秀", "一般")


@pytest.mark.parametrize(
    ("mean", "band"),
    [("95.0", "五星级"), ("94.9", "四星级"), ("85.0", "四星级"), ("84.9", "三星级"), ("74.9", "二星级"), ("64.9", "一星级"), ("59.9", "无星")],
)  # fmt: skip
def test_star_bands_are_those_of_the_source(mean: str, band: str) -> None:
    assert yearly.stars(Decimal(mean)) == band


def test_item_of_sixteen_sheets() -> None:
    """9 × 100 + 4 × 80 + 1 × 60 over fourteen who knew it: 91.4; two did not know it."""
    result = yearly.of_item({"good": 9, "rather_good": 4, "fair": 1, "poor": 0, "unknown": 2})
    assert (str(result.score), result.grade, result.n, result.abstained) == ("91.4", "优秀", 14, 2)
    assert result.half is not None


def test_item_known_to_nine_has_no_score() -> None:
    result = yearly.of_item({"good": 9, "rather_good": 0, "fair": 0, "poor": 0, "unknown": 7})
    assert (result.score, result.n) == (None, 0)
    assert "有效票数不足" in result.grade


def test_item_with_counts_that_are_none_is_refused() -> None:
    for counts in ({"good": 1}, dict.fromkeys(yearly.MARK_WORDS, -1)):
        with pytest.raises(ValueError, match="every mark"):
            yearly.of_item(counts)


def test_community_needs_three_units() -> None:
    weights = {"a": 60, "b": 40}
    two = [{"a": 60, "b": 40}, {"a": 30, "b": 20}]
    assert yearly.of_community(weights, two).score is None
    assert str(yearly.of_community(weights, [*two, {"a": None, "b": None}]).score) == "None"
    result = yearly.of_community(weights, [*two, {"a": 60, "b": None}])
    assert (str(result.score), result.n) == ("83.3", 3)


@given(st.lists(SCORES, min_size=4, max_size=4))
def test_year_mean_lies_between_its_quarters(scores: list[Decimal | None]) -> None:
    mean, known = yearly.year_mean(scores), [one for one in scores if one is not None]
    assert (mean is None) == (len(known) < 2)
    if mean is not None:
        assert min(known) <= mean <= max(known)


@given(COUNTS)
def test_item_score_is_the_mean_of_its_marks(counts: dict[str, int]) -> None:
    result = yearly.of_item(counts)
    known = sum(counts[key] for key in yearly.MARKS)
    assert result.abstained == counts["unknown"]
    if known < 10:
        assert result.score is None
    else:
        total = sum(points * counts[key] for key, (_, points) in yearly.MARKS.items())
        assert abs(Decimal(total) / known - result.score) <= Decimal("0.05")


# --- awards ---------------------------------------------------------------------------------------------------------


def test_everything_met_is_proposed_with_its_figures() -> None:
    basis = yearly.proposals(facts())
    assert set(basis) == {"advanced", "service"}
    assert basis["advanced"] == [
        "有记录的6项指标均达到推荐线。",
        "年度平均93.0分（第1、2季度），优秀。",
        "担任轮值主席1个月（5月）。",
        "认领项目按时完成率90.0%（9/10）。",
        "回访满意率100.0%（10/10）。",
        "承诺事项兑现率100.0%（2/2）。",
        "一事一评平均90.0分（1项）。",
    ]
    assert basis["service"][0] == "全年到期认领项目中验收通过10项。"


@pytest.mark.parametrize(
    "missed",
    [
        {"scores": scored("80.0", "80.0", None, None)},
        {"claims_on_time": 8},
        {"satisfied": 8},
        {"commitments_fulfilled": 1},
        {"item_scores": scored("89.9")},
    ],
)
def test_one_fact_missed_is_not_proposed(missed: dict[str, object]) -> None:
    assert "advanced" not in yearly.proposals(facts(**missed))


def test_what_the_record_does_not_say_counts_neither_way() -> None:
    """Three facts are enough; two are not, however good."""
    silent = facts(scores=(None,) * 4, reports=0, commitments_due=0, commitments_fulfilled=0, item_scores=())
    basis = yearly.proposals(silent)["advanced"]
    assert "四个季度均无报送的考核评议报告，无年度平均分。" in basis
    assert "全年无到期承诺事项。" in basis
    assert "advanced" not in yearly.proposals(
        facts(
            scores=(None,) * 4, months_chaired=(), commitments_due=0, commitments_fulfilled=0, item_scores=()
        )
    )


def test_five_stars_need_a_mean_in_the_band() -> None:
    assert "star" in yearly.proposals(facts(scores=scored("95.0", "95.0", None, None)))
    assert "star" not in yearly.proposals(facts(scores=scored("95.0", "94.8", None, None)))  # 94.9
    assert "star" not in yearly.proposals(facts(scores=scored("99.0", None, None, None)))


def test_nobody_is_proposed_of_an_empty_record() -> None:
    assert yearly.proposals(UnitYear()) == {}


def test_service_star_needs_five_services() -> None:
    assert "service" not in yearly.proposals(facts(claims_accepted=4))
