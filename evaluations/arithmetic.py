"""Scores from ballots (design, domain: "Scores"; seed 000): pure sums, no Django.

A rubric's items weigh 100 points together. A ballot gives each item 0..weight points or ``None`` (不了解), which is
not counted: the item's weight goes to the others of that ballot. Ballots are averaged within a group; groups are
joined by their weights; a group below its minimum is not used and its weight goes to the others.

Inside, figures are exact fractions, so that neither the order of ballots nor a third of a point can tip a rounding;
outside, they are ``Decimal`` rounded half-up to one place, as an accountant would.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

FULL = 100
Z = Fraction(196, 100)  # normal quantile of a 95 % interval
DIGITS = 40  # of the square root; the result keeps one place

Weights = Mapping[str, int]
Ballot = Mapping[str, int | None]


@dataclass(frozen=True)
class Group:
    """How much a group of voters weighs, and how many counted ballots it needs to be used."""

    key: str
    weight: Fraction
    minimum: int


UNITS, RESIDENTS = "units", "residents"
GROUPS = (Group(UNITS, Fraction(40, 100), 3), Group(RESIDENTS, Fraction(60, 100), 10))

GRADES = ((Decimal(90), "优秀"), (Decimal(80), "良好"), (Decimal(60), "一般"), (Decimal(0), "差"))
TOO_FEW = "有效票数不足，不评等次"
# What a screen asks instead of points: fifths of an item's weight, so that the words agree with the grades above.
LEVELS = ((5, "很好"), (4, "较好"), (3, "一般"), (2, "较差"), (1, "很差"))

UNITS_ABOVE_RESIDENTS = 10  # points that make a warning
EQUAL_BALLOTS = 3  # so many equal ballots, and no other, make a warning
BURST_CODES, BURST_WITHIN = 10, timedelta(seconds=60)


@dataclass(frozen=True)
class GroupResult:
    """One group: ``n`` counted ballots; ``mean`` and ``weight`` (its share of the score in percent) only if used."""

    n: int
    is_used: bool
    mean: Decimal | None
    weight: Decimal | None


@dataclass(frozen=True)
class ItemResult:
    """One item in percent of its points, joined over the groups like the score; None when too few knew it."""

    key: str
    n: int
    rate: Decimal | None


@dataclass(frozen=True)
class Result:
    """``score`` and interval in points 0..100 to 0.1; all None when no group reached its minimum.

    ``n`` counts the ballots the score rests on; ``half`` is half the interval's width, ``low`` and ``high`` its
    ends within 0..100. ``abstained`` counts ballots of nothing but 不了解, which are in no ``n``.
    """

    score: Decimal | None
    grade: str
    n: int
    half: Decimal | None
    low: Decimal | None
    high: Decimal | None
    abstained: int
    groups: dict[str, GroupResult]
    items: list[ItemResult]


def rounded(value: Fraction) -> Decimal:
    """``value`` half-up to 0.1, exactly: 84.95 gives 85.0."""
    tenths = (value * 10).numerator * 2 + (value * 10).denominator
    return Decimal(tenths // (2 * (value * 10).denominator)).scaleb(-1)


def level_points(level: int, weight: int) -> int:
    """Whole points, half-up, of one of ``LEVELS`` for an item of ``weight``: 较好 of 15 gives 12."""
    return (2 * level * weight + len(LEVELS)) // (2 * len(LEVELS))


def check_weights(weights: Weights) -> None:
    """Raise ValueError unless weights are positive whole points that sum to 100."""
    if not weights or any(isinstance(w, bool) or not isinstance(w, int) or w < 1 for w in weights.values()):
        raise ValueError("weights are positive whole points")
    if sum(weights.values()) != FULL:
        raise ValueError(f"weights sum to {sum(weights.values())}, not {FULL}")


def check_ballot(weights: Weights, ballot: Ballot) -> None:
    """Raise ValueError unless the ballot answers every item, and each with 0..weight whole points or None."""
    if ballot.keys() != weights.keys():
        raise ValueError("a ballot answers every item of the rubric and no other")
    for key, points in ballot.items():
        if points is None:
            continue
        if isinstance(points, bool) or not isinstance(points, int) or not 0 <= points <= weights[key]:
            raise ValueError(f"{key}: points are whole, from 0 to {weights[key]}")


def ballot_score(weights: Weights, ballot: Ballot) -> Fraction | None:
    """The ballot's score 0..100 over the items it knows; None for 弃权 (it knows none)."""
    known = [key for key, points in ballot.items() if points is not None]
    if not known:
        return None
    return Fraction(sum(ballot[key] or 0 for key in known) * FULL, sum(weights[key] for key in known))


def mean(values: Sequence[Fraction]) -> Fraction:
    """Raises ZeroDivisionError for no values."""
    return sum(values, Fraction(0)) / len(values)


def variance(values: Sequence[Fraction]) -> Fraction:
    """Sample variance (divided by n - 1) of at least two values."""
    centre = mean(values)
    return sum(((value - centre) ** 2 for value in values), Fraction(0)) / (len(values) - 1)


def effective_weights(counts: Mapping[str, int], groups: Iterable[Group] = GROUPS) -> dict[str, Fraction]:
    """Weights of the groups that reach their minimum, the others' weight shared out in proportion; they sum to 1.

    Empty when none reaches it.
    """
    used = [group for group in groups if counts.get(group.key, 0) >= max(1, group.minimum)]
    total = sum((group.weight for group in used), Fraction(0))
    return {group.key: group.weight / total for group in used}


def grade(score: Decimal | None) -> str:
    """The grade of a printed (rounded) score; the sentence for none."""
    if score is None:
        return TOO_FEW
    return next(name for least, name in GRADES if score >= least)


def evaluate(
    weights: Weights, ballots: Mapping[str, Sequence[Ballot]], groups: Sequence[Group] = GROUPS
) -> Result:
    """The result of one rubric. ``ballots``: group key → its valid ballots, in any order.

    Raises ValueError for weights or ballots that are none.
    """
    check_weights(weights)
    scores: dict[str, list[Fraction]] = {}
    abstained = 0
    for group in groups:
        scores[group.key] = []
        for ballot in ballots.get(group.key, ()):
            check_ballot(weights, ballot)
            of_ballot = ballot_score(weights, ballot)
            if of_ballot is None:
                abstained += 1
            else:
                scores[group.key].append(of_ballot)
    shares = effective_weights({key: len(values) for key, values in scores.items()}, groups)
    half = _half_width(shares, scores)
    exact = _joined(shares, scores)
    score = None if exact is None else rounded(exact)
    low = high = None
    if exact is not None and half is not None:
        low, high = rounded(max(Fraction(0), exact - half)), rounded(min(Fraction(FULL), exact + half))
    return Result(
        score=score,
        grade=grade(score),
        n=sum(len(scores[key]) for key in shares),
        half=None if half is None else rounded(half),
        low=low,
        high=high,
        abstained=abstained,
        groups={
            group.key: GroupResult(
                n=len(scores[group.key]),
                is_used=group.key in shares,
                mean=rounded(mean(scores[group.key])) if group.key in shares else None,
                weight=rounded(shares[group.key] * FULL) if group.key in shares else None,
            )
            for group in groups
        },
        items=[_item(key, weight, ballots, groups) for key, weight in weights.items()],
    )


def _joined(shares: Mapping[str, Fraction], values: Mapping[str, Sequence[Fraction]]) -> Fraction | None:
    if not shares:
        return None
    return sum((share * mean(values[key]) for key, share in shares.items()), Fraction(0))


def _half_width(shares: Mapping[str, Fraction], values: Mapping[str, Sequence[Fraction]]) -> Fraction | None:
    """1.96·√Σ(w²s²/n) over the groups used; None with fewer than two ballots in one of them."""
    if not shares or any(len(values[key]) < 2 for key in shares):
        return None
    total = sum(
        (share**2 * variance(values[key]) / len(values[key]) for key, share in shares.items()), Fraction(0)
    )
    with localcontext() as context:
        context.prec = DIGITS
        root = (Decimal(total.numerator) / Decimal(total.denominator)).sqrt()
    return Z * Fraction(root)


def _item(
    key: str, weight: int, ballots: Mapping[str, Sequence[Ballot]], groups: Sequence[Group]
) -> ItemResult:
    """Joined like the score, over the ballots that know the item; minimums hold here too."""
    rates: dict[str, list[Fraction]] = {}
    for group in groups:
        points = [ballot[key] for ballot in ballots.get(group.key, ())]
        rates[group.key] = [Fraction(value * FULL, weight) for value in points if value is not None]
    shares = effective_weights({name: len(values) for name, values in rates.items()}, groups)
    exact = _joined(shares, rates)
    return ItemResult(
        key=key,
        n=sum(len(rates[name]) for name in shares),
        rate=None if exact is None else rounded(exact),
    )


# --- what the secretary should look at ---------------------------------------------------------------------------


def warnings(weights: Weights, ballots: Mapping[str, Sequence[Ballot]]) -> list[str]:
    """Sentences for the secretary alone: units far above residents, a group whose ballots are all equal."""
    result = evaluate(weights, ballots)
    found = []
    units, residents = result.groups[UNITS], result.groups[RESIDENTS]
    if units.mean is not None and residents.mean is not None:
        exact = [
            mean([s for b in ballots.get(key, ()) if (s := ballot_score(weights, b)) is not None])
            for key in (UNITS, RESIDENTS)
        ]
        if exact[0] - exact[1] >= UNITS_ABOVE_RESIDENTS:
            found.append(
                f"单位评分（{units.mean}）比群众评分（{residents.mean}）高 {UNITS_ABOVE_RESIDENTS} 分以上"
            )
    for key, name in ((UNITS, "单位"), (RESIDENTS, "群众")):
        counted = [
            tuple(sorted(b.items())) for b in ballots.get(key, ()) if ballot_score(weights, b) is not None
        ]
        if len(counted) >= EQUAL_BALLOTS and len(set(counted)) == 1:
            found.append(f"{name}的 {len(counted)} 张票打分完全相同")
    return found


def most_within(times: Iterable[datetime], span: timedelta = BURST_WITHIN) -> int:
    """The largest number of ``times`` that lie within ``span`` of each other."""
    ordered = sorted(times)
    most = start = 0
    for index, moment in enumerate(ordered):
        while moment - ordered[start] > span:
            start += 1
        most = max(most, index - start + 1)
    return most
