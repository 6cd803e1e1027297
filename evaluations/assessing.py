"""The quarterly assessment of a member unit (design, domain: "Quarterly assessment of a member"): pure, no Django.

100 points, for reference only, in four parts made of six sums::

    履职 40     mean of the quarter's chair and activity results             only if on duty and scored
    参与 25     meetings attended ÷ invited × 15 + months with a part ÷ 3 × 10
    清单 25     claims on time ÷ due × 15 + satisfied ÷ answered × 10
    承诺 10     commitments fulfilled ÷ due

What cannot be said of a unit does not count for or against it: a sum without a denominator gives its weight to the
other sum of its part, a part without any gives its weight to the other parts in proportion. With fewer than two parts
there is no score: 数据不足. The secretary may adjust by −10…+5 with a reason, within 0..100.

Inside, figures are exact fractions; outside ``Decimal``, half-up to 0.1. The printed points of the parts, the printed
adjustment and nothing else add up to the printed score, because somebody will add them up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from evaluations.arithmetic import FULL, GRADES, mean, rounded

DUTY, PARTICIPATION, LISTS, COMMITMENTS = "duty", "participation", "lists", "commitments"
RESULTS, MEETINGS, MONTHS, ON_TIME, SATISFIED, FULFILLED = (
    "results",
    "meetings",
    "months",
    "on_time",
    "satisfied",
    "fulfilled",
)
# Part → its sums, in the order of the paper.
PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        DUTY: (RESULTS,),
        PARTICIPATION: (MEETINGS, MONTHS),
        LISTS: (ON_TIME, SATISFIED),
        COMMITMENTS: (FULFILLED,),
    }
)
PART_TITLES = MappingProxyType({DUTY: "履职", PARTICIPATION: "参与", LISTS: "清单", COMMITMENTS: "承诺"})
SUM_TITLES = MappingProxyType(
    {
        RESULTS: "轮值主席和活动评议得分",
        MEETINGS: "参会率",
        MONTHS: "参加活动月数",
        ON_TIME: "认领按期完成率",
        SATISFIED: "回访满意率",
        FULFILLED: "承诺兑现率",
    }
)
DEFAULT_WEIGHTS: Mapping[str, int] = MappingProxyType(
    {RESULTS: 40, MEETINGS: 15, MONTHS: 10, ON_TIME: 15, SATISFIED: 10, FULFILLED: 10}
)
LOWEST_ADJUSTMENT, HIGHEST_ADJUSTMENT = -10, 5
LEAST_PARTS = 2
QUARTER_MONTHS = 3
NO_DATA = "数据不足"
# Why a part has no data, as the report prints it.
NOT_ON_DUTY, STILL_RUNNING, NOT_SCORED = "本季度未轮值", "评议未结束", "有效票数不足"
NOT_IN_SCHEME = "本方案不计"
NOTHING_DUE, NO_COMMITMENT, NOTHING_ASKED = "本季度无到期认领和回访", "本季度无到期承诺", "本季度无应参加事项"


@dataclass(frozen=True)
class MemberFacts:
    """What a quarter knows of one member; counts only, so that anyone can count again. Checked: ValueError.

    ``chair_results`` and ``activity_results`` are the scores 0..100 of its duty months of the quarter, as printed, and
    empty for a member that was not on duty;
    ``on_duty``: it was chair in one of them; ``rounds_running``: rounds of them that are not settled yet.
    ``months_as_member``: months of the quarter in which it was a member (3; less for one that joined or left).
    ``answers`` are call-backs answered about its claims, 不了解 left out; ``satisfied`` those 基本满意 and above.
    """

    chair_results: tuple[Decimal, ...] = ()
    activity_results: tuple[Decimal, ...] = ()
    meetings_invited: int = 0
    meetings_attended: int = 0
    months_taking_part: int = 0
    claims_due: int = 0
    claims_on_time: int = 0
    answers: int = 0
    satisfied: int = 0
    commitments_due: int = 0
    commitments_fulfilled: int = 0
    on_duty: bool = False
    rounds_running: int = 0
    months_as_member: int = QUARTER_MONTHS

    def __post_init__(self) -> None:
        for part, whole in (
            (self.meetings_attended, self.meetings_invited),
            (self.months_taking_part, self.months_as_member),
            (self.claims_on_time, self.claims_due),
            (self.satisfied, self.answers),
            (self.commitments_fulfilled, self.commitments_due),
        ):
            if not 0 <= part <= whole:
                raise ValueError(f"{part} of {whole} is no count")
        if not 0 <= self.months_as_member <= QUARTER_MONTHS or self.rounds_running < 0:
            raise ValueError("a quarter has three months, and no round is counted below nought")
        if any(not 0 <= score <= FULL for score in (*self.chair_results, *self.activity_results)):
            raise ValueError("a result lies within 0..100")


@dataclass(frozen=True)
class Scheme:
    """What an alliance's year counts: points per sum, 100 together, and how far the secretary may adjust.

    A sum of 0 points is not assessed. Raises ValueError for weights that are none.
    """

    weights: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    lowest: int = LOWEST_ADJUSTMENT
    highest: int = HIGHEST_ADJUSTMENT

    def __post_init__(self) -> None:
        if self.weights.keys() != DEFAULT_WEIGHTS.keys():
            raise ValueError("a scheme weighs every sum and no other")
        if any(isinstance(w, bool) or not isinstance(w, int) or w < 0 for w in self.weights.values()):
            raise ValueError("weights are whole points, none below 0")
        if sum(self.weights.values()) != FULL:
            raise ValueError(f"weights sum to {sum(self.weights.values())}, not {FULL}")
        if not -FULL <= self.lowest <= 0 <= self.highest <= FULL:
            raise ValueError("an adjustment may be nothing")

    def part_weight(self, part: str) -> int:
        return sum(self.weights[key] for key in PARTS[part])


@dataclass(frozen=True)
class SumResult:
    """One sum: ``numerator`` of ``denominator`` (for results: their total and how many), ``rate`` in percent.

    ``weight`` is its points of 100 after all sharing out; both None without a denominator or weight.
    """

    key: str
    numerator: Decimal
    denominator: int
    rate: Decimal | None
    weight: Decimal | None


@dataclass(frozen=True)
class PartResult:
    """One part: nominal ``full`` points; ``weight`` after sharing out; ``points`` reached; ``missing`` says why not."""

    key: str
    full: int
    weight: Decimal | None
    points: Decimal | None
    missing: str
    sums: tuple[SumResult, ...]

    @property
    def title(self) -> str:
        return PART_TITLES[self.key]


@dataclass(frozen=True)
class Outcome:
    """``score`` is ``raw`` and ``adjustment``, held within 0..100; both None for 数据不足, which ``grade`` then says.

    ``applied`` is what the adjustment came to after that limit: raw + applied = score.
    """

    parts: tuple[PartResult, ...]
    raw: Decimal | None
    adjustment: Decimal
    applied: Decimal
    score: Decimal | None
    grade: str

    @property
    def is_rated(self) -> bool:
        return self.score is not None


def grade(score: Decimal | None) -> str:
    """The grade of a printed score; 数据不足 for none."""
    if score is None:
        return NO_DATA
    return next(name for least, name in GRADES if score >= least)


def check_adjustment(value: Decimal, scheme: Scheme) -> None:
    """Raise ValueError unless ``value`` is in tenths and within the scheme's bounds."""
    if not value.is_finite() or not scheme.lowest <= value <= scheme.highest:
        raise ValueError(f"an adjustment lies within {scheme.lowest}..{scheme.highest}")
    if value != value.quantize(Decimal("0.1")):
        raise ValueError("an adjustment has at most one decimal")


def assess(facts: MemberFacts, scheme: Scheme | None = None, adjustment: Decimal = Decimal(0)) -> Outcome:
    """The assessment of one member. Raises ValueError for an adjustment out of bounds.

    An adjustment stands beside 数据不足 without effect: there is nothing to adjust, but a later draft may have.
    """
    scheme = scheme or Scheme()
    check_adjustment(adjustment, scheme)
    counted = _counted(facts)
    rates = {
        key: top / bottom for key, (top, bottom) in counted.items() if bottom and scheme.weights[key] > 0
    }
    known = {part: [key for key in keys if key in rates] for part, keys in PARTS.items()}
    with_data = [part for part in PARTS if known[part]]
    shares: dict[str, Fraction] = {}  # points of 100 per sum
    points: dict[str, Fraction] = {}  # points reached per part
    if len(with_data) >= LEAST_PARTS:
        whole = sum(scheme.part_weight(part) for part in with_data)
        for part in with_data:
            inside = sum(scheme.weights[key] for key in known[part])
            for key in known[part]:
                of_part = Fraction(scheme.weights[key], inside) * scheme.part_weight(part)
                shares[key] = of_part * FULL / whole
            points[part] = sum((shares[key] * rates[key] for key in known[part]), Fraction(0))
    raw = rounded(sum(points.values(), Fraction(0))) if points else None
    score = None if raw is None else min(Decimal(FULL), max(Decimal(0), raw + adjustment))
    return Outcome(
        parts=_parts(facts, scheme, counted, rates, shares, points),
        raw=raw,
        adjustment=adjustment,
        applied=Decimal(0) if raw is None or score is None else score - raw,
        score=score,
        grade=grade(score),
    )


def mean_score(scores: Iterable[Decimal | None]) -> Decimal | None:
    """The alliance's mean over its rated members, to 0.1; None without any. Takes the printed scores."""
    found = [Fraction(score) for score in scores if score is not None]
    return rounded(mean(found)) if found else None


def _counted(facts: MemberFacts) -> dict[str, tuple[Fraction, int]]:
    """Sum → what was reached (in ones, results in hundredths of a score) and out of how many."""
    results = (*facts.chair_results, *facts.activity_results)
    return {
        RESULTS: (sum((Fraction(score) for score in results), Fraction(0)) / FULL, len(results)),
        MEETINGS: (Fraction(facts.meetings_attended), facts.meetings_invited),
        MONTHS: (Fraction(facts.months_taking_part), facts.months_as_member),
        ON_TIME: (Fraction(facts.claims_on_time), facts.claims_due),
        SATISFIED: (Fraction(facts.satisfied), facts.answers),
        FULFILLED: (Fraction(facts.commitments_fulfilled), facts.commitments_due),
    }


def _parts(
    facts: MemberFacts,
    scheme: Scheme,
    counted: Mapping[str, tuple[Fraction, int]],
    rates: Mapping[str, Fraction],
    shares: Mapping[str, Fraction],
    points: Mapping[str, Fraction],
) -> tuple[PartResult, ...]:
    printed_points = apportioned(points)
    printed_shares = apportioned(shares)
    found = []
    for part, keys in PARTS.items():
        sums = tuple(
            SumResult(
                key=key,
                numerator=rounded(counted[key][0] * FULL)
                if key == RESULTS
                else Decimal(int(counted[key][0])),
                denominator=counted[key][1],
                rate=rounded(rates[key] * FULL) if key in rates else None,
                weight=printed_shares.get(key),
            )
            for key in keys
        )
        weights = [one.weight for one in sums if one.weight is not None]
        found.append(
            PartResult(
                key=part,
                full=scheme.part_weight(part),
                weight=sum(weights, Decimal(0)) if weights else None,
                points=printed_points.get(part),
                missing="" if any(key in rates for key in keys) else _missing(part, facts, scheme),
                sums=sums,
            )
        )
    return tuple(found)


def _missing(part: str, facts: MemberFacts, scheme: Scheme) -> str:
    if not scheme.part_weight(part):
        return NOT_IN_SCHEME
    if part == DUTY:
        if facts.rounds_running:
            return STILL_RUNNING
        return NOT_SCORED if facts.on_duty else NOT_ON_DUTY
    return {PARTICIPATION: NOTHING_ASKED, LISTS: NOTHING_DUE, COMMITMENTS: NO_COMMITMENT}[part]


def apportioned(values: Mapping[str, Fraction]) -> dict[str, Decimal]:
    """``values`` in tenths that add up to their rounded total: each rounded down, then the largest remainders up."""
    tenths = {key: int(value * 10 // 1) for key, value in values.items()}
    total = int(rounded(sum(values.values(), Fraction(0))) * 10)
    by_remainder = sorted(values, key=lambda key: values[key] * 10 - tenths[key], reverse=True)
    for key in by_remainder[: total - sum(tenths.values())]:
        tenths[key] += 1
    return {key: Decimal(count).scaleb(-1) for key, count in tenths.items()}


# --- as rows keep it ----------------------------------------------------------------------------------------------


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def parts_as_json(parts: Sequence[PartResult]) -> list[dict[str, Any]]:
    """JSON-able parts with decimals as text: [{key, title, full, weight, points, missing, sums: [...]}]."""
    return [
        {
            "key": part.key,
            "title": part.title,
            "full": part.full,
            "weight": _text(part.weight),
            "points": _text(part.points),
            "missing": part.missing,
            "sums": [
                {
                    "key": one.key,
                    "title": SUM_TITLES[one.key],
                    "numerator": _text(one.numerator),
                    "denominator": one.denominator,
                    "rate": _text(one.rate),
                    "weight": _text(one.weight),
                }
                for one in part.sums
            ],
        }
        for part in parts
    ]
