"""The year of a unit (seeds 003, 004): its mean, what the representatives' marks say, what speaks for an award. Pure.

Star bands are those of 津西党组发[2016]25号 (百分制: 五星 ≥95, 四星 85—94, 三星 75—84, 二星 65—74, 一星 60—64, 无星 <60). Marks are
the four words of 一事一评 beside 不了解, in the fifths in which ballots are scored: 好 100, 较好 80, 一般 60, 差 40. Everything here
proposes; people decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from evaluations import arithmetic
from evaluations.arithmetic import FULL, RESIDENTS, UNITS, Ballot, Group, Result, Weights, rounded

BANDS = (
    (Decimal(95), "五星级"),
    (Decimal(85), "四星级"),
    (Decimal(75), "三星级"),
    (Decimal(65), "二星级"),
    (Decimal(60), "一星级"),
    (Decimal(0), "无星"),
)
QUARTERS = 4
LEAST_QUARTERS = 2
NO_DATA = "数据不足"

# Mark → (word, points of 100); what was not known is not counted.
MARKS = {"good": ("好", 100), "rather_good": ("较好", 80), "fair": ("一般", 60), "poor": ("差", 40)}
UNKNOWN = "unknown"
MARK_WORDS = {**{key: word for key, (word, _) in MARKS.items()}, UNKNOWN: "不了解"}

# Units score the community: as a group of units is used in a round. Representatives: as a group of residents is.
COMMUNITY_GROUPS = (Group(UNITS, Fraction(1), 3),)
REPRESENTATIVES = (Group(RESIDENTS, Fraction(1), 10),)
ITEM = "item"

# What speaks for 先进党组织 and 党建服务明星.
GOOD_MEAN, GOOD_MARK, GOOD_RATE = Decimal(90), Decimal(90), Decimal(90)  # 优秀, as grades go
LEAST_MET = 3
STAR_SERVICES = 5

ADVANCED, STAR, SERVICE = "advanced", "star", "service"
AWARDS = {ADVANCED: "先进党组织", STAR: "五星级党组织", SERVICE: "党建服务明星"}


def year_mean(scores: Sequence[Decimal | None]) -> Decimal | None:
    """The mean of the quarters that were scored; None when fewer than two were."""
    known = [Fraction(score) for score in scores if score is not None]
    return rounded(arithmetic.mean(known)) if len(known) >= LEAST_QUARTERS else None


def year_grade(mean: Decimal | None) -> str:
    return NO_DATA if mean is None else arithmetic.grade(mean)


def stars(mean: Decimal | None) -> str:
    """The band of a printed year mean; 数据不足 for none."""
    return NO_DATA if mean is None else next(name for least, name in BANDS if mean >= least)


def rate(part: int, whole: int) -> Decimal | None:
    """Percent half-up to 0.1; None of nothing."""
    return rounded(Fraction(part * FULL, whole)) if whole else None


def rate_words(part: int, whole: int) -> str:
    return f"{rate(part, whole)}%（{part}/{whole}）" if whole else ""


# --- the two-way evaluation -----------------------------------------------------------------------------------------


def of_community(weights: Weights, ballots: Sequence[Ballot]) -> Result:
    """What the units say of the community; below three ballots no score."""
    return arithmetic.evaluate(weights, {UNITS: ballots}, COMMUNITY_GROUPS)


def of_item(counts: Mapping[str, int]) -> Result:
    """What the representatives' marks say of one item; below ten that know it no score. ``abstained`` counts 不了解.

    Raises ValueError for counts that are none.
    """
    if counts.keys() != MARK_WORDS.keys() or any(n < 0 for n in counts.values()):
        raise ValueError("an item has a count for every mark")
    ballots: list[Ballot] = [{ITEM: None}] * counts[UNKNOWN]
    for key, (_, points) in MARKS.items():
        ballots += [{ITEM: points}] * counts[key]
    return arithmetic.evaluate({ITEM: FULL}, {RESIDENTS: ballots}, REPRESENTATIVES)


def mean_of_items(scores: Sequence[Decimal | None]) -> Decimal | None:
    """A unit's items together: the mean of those that have a score."""
    known = [Fraction(score) for score in scores if score is not None]
    return rounded(arithmetic.mean(known)) if known else None


# --- what speaks for an award ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnitYear:
    """What the record of a year says of one unit. ``scores``: of the four quarters, None where no report stands or the
    unit had 数据不足. ``item_scores``: of its items in 一事一评. Claims are those due in the year, accepted by its end."""

    scores: tuple[Decimal | None, ...] = (None,) * QUARTERS
    reports: int = 0
    months_chaired: tuple[int, ...] = ()
    claims_due: int = 0
    claims_on_time: int = 0
    claims_accepted: int = 0
    answers: int = 0
    satisfied: int = 0
    commitments_due: int = 0
    commitments_fulfilled: int = 0
    item_scores: tuple[Decimal, ...] = ()


@dataclass(frozen=True)
class Criterion:
    """One fact in a sentence. ``is_met`` None: the record says nothing, which counts neither way."""

    key: str
    title: str
    words: str
    is_met: bool | None


def criteria(facts: UnitYear) -> list[Criterion]:
    return [_mean(facts), _chaired(facts), _on_time(facts), _satisfied(facts), _kept(facts), _items(facts)]


def _mean(facts: UnitYear) -> Criterion:
    mean = year_mean(facts.scores)
    if mean is not None:
        known = "、".join(str(n) for n, score in enumerate(facts.scores, 1) if score is not None)
        words = f"年度平均{mean}分（第{known}季度），{year_grade(mean)}"
        return Criterion("mean", "年度平均分", words, mean >= GOOD_MEAN)
    scored = sum(score is not None for score in facts.scores)
    if not facts.reports:
        words = "四个季度均无报送的考核评议报告，无年度平均分"
    else:
        words = f"有考核得分的季度{scored}个，不足{LEAST_QUARTERS}个，无年度平均分"
    return Criterion("mean", "年度平均分", words, None)


def _chaired(facts: UnitYear) -> Criterion:
    months = facts.months_chaired
    if not months:
        return Criterion("chaired", "担任轮值主席", "全年未轮值", None)
    words = f"担任轮值主席{len(months)}个月（{'、'.join(f'{month}月' for month in months)}）"
    return Criterion("chaired", "担任轮值主席", words, True)


def _rated(key: str, title: str, part: int, whole: int, empty: str, least: Decimal) -> Criterion:
    percent = rate(part, whole)
    if percent is None:
        return Criterion(key, title, empty, None)
    return Criterion(key, title, f"{title}{rate_words(part, whole)}", percent >= least)


def _on_time(facts: UnitYear) -> Criterion:
    part, whole = facts.claims_on_time, facts.claims_due
    return _rated("on_time", "认领项目按时完成率", part, whole, "全年无到期认领项目", GOOD_RATE)


def _satisfied(facts: UnitYear) -> Criterion:
    return _rated("satisfied", "回访满意率", facts.satisfied, facts.answers, "全年无回访", GOOD_RATE)


def _kept(facts: UnitYear) -> Criterion:
    part, whole = facts.commitments_fulfilled, facts.commitments_due
    return _rated("commitments", "承诺事项兑现率", part, whole, "全年无到期承诺事项", Decimal(FULL))


def _items(facts: UnitYear) -> Criterion:
    mean = mean_of_items(facts.item_scores)
    if mean is None:
        return Criterion("items", "一事一评", "没有一事一评得分", None)
    return Criterion(
        "items", "一事一评", f"一事一评平均{mean}分（{len(facts.item_scores)}项）", mean >= GOOD_MARK
    )


def proposals(facts: UnitYear) -> dict[str, list[str]]:
    """Award → its basis in sentences, for every award that the facts speak for.

    先进党组织: at least three facts met and none missed. 五星级党组织: a year mean in the band. 党建服务明星: five services
    accepted, in time and to the residents' satisfaction.
    """
    found = {one.key: one for one in criteria(facts)}
    sentences = [f"{one.words}。" for one in found.values()]
    met = sum(one.is_met is True for one in found.values())
    missed = any(one.is_met is False for one in found.values())
    proposed: dict[str, list[str]] = {}
    if met >= LEAST_MET and not missed:
        proposed[ADVANCED] = [f"有记录的{met}项指标均达到推荐线。", *sentences]
    mean = year_mean(facts.scores)
    if stars(mean) == BANDS[0][1]:
        proposed[STAR] = [f"年度平均{mean}分，达到五星级分数线（{BANDS[0][0]}分）。", *sentences]
    served = found["on_time"].is_met is True and found["satisfied"].is_met is True
    if facts.claims_accepted >= STAR_SERVICES and served:
        proposed[SERVICE] = [
            f"全年到期认领项目中验收通过{facts.claims_accepted}项。",
            f"{found['on_time'].words}。",
            f"{found['satisfied'].words}。",
        ]
    return proposed
