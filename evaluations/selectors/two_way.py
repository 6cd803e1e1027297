"""Reading the two-way evaluation (双向评议): its rubric, its items, how far it is, its figures.

Figures, as publishing stores them::

    {"community": {"score", "grade", "n", "half", "low", "high", "abstained", "items": [{"key", "title", "weight", "n", "rate"}]},
     "counts": {"asked", "voted"},
     "sheets": {"handed_out", "returned", "met_on"} or None,
     "units": [{"member", "unit", "score", "items": [{"text", "outcome", "counts": {mark: n} or None, "valid", "score",
                "grade", "n", "half", "low", "high"}]}]}

Nothing here asks whether it is published: screens show only stored figures.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from alliances import clock
from alliances.enums import CommitmentState
from alliances.models import Alliance, Commitment, Member
from alliances.selectors import commitments
from alliances.selectors.periods import Period
from demands.selectors import year_record
from evaluations import yearly
from evaluations.arithmetic import Result
from evaluations.enums import TwoWayState
from evaluations.models import TwoWay, TwoWayBallot, TwoWayItem, TwoWayMark
from evaluations.selectors.rubrics import Items, weights_of

Figures = dict[str, Any]

# Seed 003: 围绕共驻共建工作开展情况双向评议; the community is asked what the units are promised in the 双向协议书.
DEFAULT_ITEMS: Items = [
    {"key": "organising", "title": "组织协调", "weight": 25},
    {"key": "needs", "title": "需求对接", "weight": 25},
    {"key": "support", "title": "服务单位", "weight": 25},
    {"key": "openness", "title": "公开反馈", "weight": 25},
]
PROJECTS = "领办服务项目{n}个"


def full() -> QuerySet[TwoWay]:
    return TwoWay.objects.select_related("alliance__organisation__parent", "published_by__person")


def items_for(alliance: Alliance, year: int) -> Items:
    """The rubric of the alliance's newest earlier evaluation, else the default."""
    rows = TwoWay.objects.filter(alliance=alliance, year__lt=year).order_by("-year")
    items = rows.values_list("items", flat=True).first()
    return [dict(item) for item in (items or DEFAULT_ITEMS)]


def marks_of(two_way: TwoWay) -> QuerySet[TwoWayMark]:
    rows = TwoWayMark.objects.filter(two_way=two_way)
    return rows.select_related("member__unit", "two_way__alliance__organisation").order_by("pk")


def waiting_marks(members: Iterable[int]) -> QuerySet[TwoWayMark]:
    """What ``members`` have still to score."""
    rows = TwoWayMark.objects.filter(member__in=list(members), voted_on=None, two_way__state=TwoWayState.OPEN)
    rows = rows.filter(two_way__closes_on__gte=clock.today())
    return rows.select_related("two_way__alliance__organisation", "member__unit").order_by("pk")


def items_of(two_way: TwoWay) -> list[TwoWayItem]:
    """What the representatives mark, unit by unit."""
    rows = TwoWayItem.objects.filter(two_way=two_way).select_related("member__unit")
    return list(rows.order_by("order", "pk"))


def to_mark(alliance: Alliance, year: int) -> list[TwoWayItem]:
    """The items that an evaluation would open with today, unsaved: every unit's commitments due in the year and, where
    it led any, its service projects that were accepted. Five queries."""
    owed: dict[int, list[Commitment]] = {}
    rows = commitments.Question(Period(year), commitments.COUNTED).rows(alliance).order_by("due_on", "pk")
    for one in rows:
        owed.setdefault(one.member_id, []).append(one)
    served = year_record.members(alliance, year)
    found: list[TwoWayItem] = []
    for member in Member.objects.filter(alliance=alliance).select_related("unit").order_by("pk"):
        for commitment in owed.get(member.pk, ()):
            found.append(
                TwoWayItem(
                    member=member, commitment=commitment, text=commitment.text, outcome=_outcome(commitment)
                )
            )
        led = served.get(member.pk, year_record.MemberYear())
        if led.done:
            outcome = f"到期{led.due}个，验收通过{led.done}个"
            if led.answers:
                outcome += f"，回访满意率{yearly.rate_words(led.satisfied, led.answers)}"
            found.append(TwoWayItem(member=member, text=PROJECTS.format(n=led.done), outcome=outcome))
    for order, item in enumerate(found):
        item.order = order
    return found


def _outcome(commitment: Commitment) -> str:
    if commitment.state == CommitmentState.FULFILLED and commitment.fulfilled_on:
        day = commitment.fulfilled_on
        return f"{day.month}月{day.day}日兑现：{commitment.evidence}"
    return "尚未登记兑现"


def counts_of(item: TwoWayItem) -> dict[str, int] | None:
    """The marks of an item; None until they are entered."""
    if item.good is None:
        return None
    return {key: getattr(item, key) or 0 for key in yearly.MARK_WORDS}


# --- figures --------------------------------------------------------------------------------------------------------


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _plain(result: Result) -> dict[str, Any]:
    return {
        "score": _text(result.score),
        "grade": result.grade,
        "n": result.n,
        "half": _text(result.half),
        "low": _text(result.low),
        "high": _text(result.high),
        "abstained": result.abstained,
    }


def figures(two_way: TwoWay) -> Figures:
    """Recomputed from ballots and counts; what publishing stores. Four queries."""
    ballots = list(TwoWayBallot.objects.filter(two_way=two_way).values_list("scores", flat=True))
    result = yearly.of_community(weights_of(two_way.items), ballots)
    titles = {item["key"]: item for item in two_way.items}
    asked = TwoWayMark.objects.filter(two_way=two_way).aggregate(
        asked=Count("pk"), voted=Count("pk", filter=Q(voted_on__isnull=False))
    )
    sheets = None
    if two_way.handed_out is not None:
        sheets = {
            "handed_out": two_way.handed_out,
            "returned": two_way.returned or 0,
            "met_on": two_way.met_on.isoformat() if two_way.met_on else "",
        }
    return {
        "community": {
            **_plain(result),
            "items": [
                {
                    "key": one.key,
                    "title": titles[one.key]["title"],
                    "weight": titles[one.key]["weight"],
                    "n": one.n,
                    "rate": _text(one.rate),
                }
                for one in result.items
            ],
        },
        "counts": asked,
        "sheets": sheets,
        "units": _units(items_of(two_way)),
    }


def _units(items: Iterable[TwoWayItem]) -> list[dict[str, Any]]:
    units: dict[int, dict[str, Any]] = {}
    for item in items:
        unit = units.setdefault(
            item.member_id, {"member": item.member_id, "unit": item.member.unit.name, "items": []}
        )
        unit["items"].append(item_figures(item))
    for unit in units.values():
        scores = [None if one["score"] is None else Decimal(one["score"]) for one in unit["items"]]
        unit["score"] = _text(yearly.mean_of_items(scores))
    return list(units.values())


def item_figures(item: TwoWayItem) -> dict[str, Any]:
    counts = counts_of(item)
    result = _plain(yearly.of_item(counts or dict.fromkeys(yearly.MARK_WORDS, 0)))
    return {
        "text": item.text,
        "outcome": item.outcome,
        "counts": counts,
        "valid": sum(counts.values()) if counts else 0,
        **result,
    }


def community_words(figures: Figures) -> str:
    """``92.3分（优秀，有效8票，±2.4）``, or why there is none."""
    one = figures["community"]
    if one["score"] is None:
        return str(one["grade"])
    half = f"，±{one['half']}" if one["half"] is not None else ""
    return f"{one['score']}分（{one['grade']}，有效{one['n']}票{half}）"
