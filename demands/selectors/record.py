"""What became of the four lists in a quarter, for the assessment and its report.

Rows are dated as the rates date them: demands by the day they were raised, offers by the day an answer was due, claims by the
day of claiming or their deadline, visits and answers by their own day. An alliance's counts are of its demands whoever serves; a
member's are of its claims wherever served. Everything is counted through ``lists``, so that a number and the list that its address
opens cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from alliances.calendars import Quarter
from alliances.models import Alliance
from demands import enums
from demands.enums import SATISFIED, SATISFIED_STRICTLY, ResourceState, Satisfaction
from demands.models import Claim, Offer
from demands.selectors import gaps, lists, rates
from demands.selectors.lists import Question
from demands.selectors.rates import Rates

Params = dict[str, str]


@dataclass(frozen=True)
class Tally:
    """``count`` rows of the list ``page`` (demands, claims, acceptances, answers, offers, resources), which ``params`` ask for."""

    key: str
    label: str
    count: int
    page: str
    params: Params


@dataclass(frozen=True)
class Share:
    """``part`` of ``whole``, as the trend shows it."""

    part: int
    whole: int

    @property
    def percent(self) -> Decimal | None:
        """Half-up to one decimal; None when nothing is due."""
        if not self.whole:
            return None
        return (Decimal(100) * self.part / self.whole).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Point:
    """The three rates of one quarter."""

    quarter: Quarter
    response: Share
    resolved: Share
    satisfied: Share


@dataclass(frozen=True)
class MemberRecord:
    """One member's counts. ``due`` claims by their deadline, ``on_time`` delivered in time and accepted by the quarter's end,
    ``done`` accepted by then; ``claimed`` and ``delivered`` by those days."""

    offered: int = 0
    replied: int = 0
    claimed: int = 0
    delivered: int = 0
    due: int = 0
    done: int = 0
    on_time: int = 0
    answers: int = 0
    satisfied: int = 0
    strictly: int = 0
    volunteers: int = 0
    last_seen: date | None = None


@dataclass(frozen=True)
class QuarterRecord:
    """``tables``: name (resources, demands, groups, sources, urgency, claims, acceptances, answers) → its counts in a steady
    order. ``totals``: the lists' whole counts by key. ``volunteers`` of the claims delivered in the quarter."""

    quarter: Quarter
    rates: Rates
    totals: Mapping[str, Tally]
    tables: Mapping[str, tuple[Tally, ...]]
    volunteers: int
    trend: tuple[Point, ...]
    members: Mapping[int, MemberRecord] = field(default_factory=dict)

    def of(self, member: int) -> MemberRecord:
        return self.members.get(member, MemberRecord())


def for_quarter(alliance: Alliance, quarter: Quarter, *, trend: int = 4) -> QuarterRecord:
    """Everything on the lists of ``alliance`` in ``quarter``; twenty-five queries at most, however long the lists are.
    ``trend``: how many quarters the trend goes back, this one included."""
    asked = Question(alliances=(alliance,), since=quarter.start, until=quarter.end)
    delivered = lists.claims(asked.with_(by="delivered", state=lists.STANDING))
    return QuarterRecord(
        quarter=quarter,
        rates=rates.rates_of(asked),
        totals=_totals(asked),
        tables=_tables(asked),
        volunteers=delivered.order_by().aggregate(n=Sum("volunteers"))["n"] or 0,
        trend=_trend(alliance, quarter, trend),
        members=_members(alliance, quarter),
    )


# --- the lists ----------------------------------------------------------------------------------------------------


def _totals(asked: Question) -> dict[str, Tally]:
    def one(key: str, label: str, rows: QuerySet, page: str, question: Question) -> Tally:
        return Tally(key, label, rows.order_by().count(), page, question.params())

    always = Question(alliances=asked.alliances, state=ResourceState.LISTED)
    standing = asked.with_(state=lists.STANDING)
    delivered = standing.with_(by="delivered")
    late = asked.with_(by="due", state=lists.OVERDUE)
    found = (
        one("resources", "可提供的服务资源", lists.resources(always), "resources", always),
        one("demands", "本季度提出的群众需求", lists.demands(asked), "demands", asked),
        one("claims", "本季度认领项目", lists.claims(standing), "claims", standing),
        one("delivered", "本季度完成服务", lists.claims(delivered), "claims", delivered),
        one("overdue", "本季度到期仍未完成", lists.claims(late), "claims", late),
        one("acceptances", "本季度站点验收", lists.acceptances(asked), "acceptances", asked),
        one("answers", "本季度回访答复", lists.answers(asked), "answers", asked),
        one("offers", "本季度到期派单", lists.offers(asked), "offers", asked),
    )
    return {tally.key: tally for tally in found}


def _tables(asked: Question) -> dict[str, tuple[Tally, ...]]:
    always = Question(alliances=asked.alliances, state=ResourceState.LISTED)
    demands, claims = lists.demands(asked), lists.claims(asked)
    visits, answers = lists.acceptances(asked), lists.answers(asked)
    offers = lists.offers(asked)
    return {
        "resources": _by(
            lists.resources(always), "kind", enums.ResourceKind.choices, "resources", always, "kind"
        ),
        "demands": _by(demands, "state", enums.DemandState.choices, "demands", asked, "state"),
        "groups": _by_group(demands, asked),
        "sources": _by(demands, "source", enums.DemandSource.choices, "demands", asked, "source"),
        "urgency": _by(demands, "urgency", enums.Urgency.choices, "demands", asked, "urgency"),
        "offers": _by(offers, "state", enums.OfferState.choices, "offers", asked, "state"),
        "claims": _by(claims, "state", enums.ClaimState.choices, "claims", asked, "state"),
        "acceptances": _by(visits, "verdict", enums.Verdict.choices, "acceptances", asked, "verdict"),
        "answers": _by(answers, "satisfaction", _TOLD, "answers", asked, "state"),
    }


# The answers that count: all but 不了解.
_TOLD = [pair for pair in Satisfaction.choices if pair[0] != Satisfaction.UNKNOWN]


def _by(
    rows: QuerySet, column: str, words: list[tuple[str, str]], page: str, asked: Question, param: str
) -> tuple[Tally, ...]:
    """Counts by ``column``, every choice of ``words`` with its nought, in the order of the words."""
    plain = rows.select_related(None).prefetch_related(None).order_by()
    counts = dict(plain.values_list(column).annotate(n=Count("pk")))
    return tuple(
        Tally(value, label, counts.get(value, 0), page, asked.with_(**{param: value}).params())
        for value, label in words
    )


def _by_group(rows: QuerySet, asked: Question) -> tuple[Tally, ...]:
    """Demands by 大类, most asked first; only those asked for."""
    plain = rows.select_related(None).order_by()
    counts = plain.values_list("category__group").annotate(n=Count("pk"))
    return tuple(
        Tally(group, group, count, "demands", asked.with_(group=group).params())
        for group, count in sorted(counts, key=lambda pair: (-pair[1], pair[0]))
    )


# --- members ------------------------------------------------------------------------------------------------------


def _members(alliance: Alliance, quarter: Quarter) -> dict[int, MemberRecord]:
    """Counts of every member of ``alliance`` that has any, wherever it served. Seven queries."""
    asked = Question(since=quarter.start, until=quarter.end)
    standing = asked.with_(state=lists.STANDING)
    counted: dict[int, dict[str, Any]] = {}
    for rows, path, sums in (
        (lists.offers(asked), "member", {"offered": _n(), "replied": _n(lists.OFFER_IN_TIME)}),
        (lists.claims(standing), "member", {"claimed": _n()}),
        (
            lists.claims(standing.with_(by="delivered")),
            "member",
            {"delivered": _n(), "volunteers": Sum("volunteers")},
        ),
        (
            lists.claims(standing.with_(by="due")),
            "member",
            {
                "due": _n(),
                "done": _n(lists.claim_condition(lists.DONE_BY, quarter.end)),
                "on_time": _n(lists.claim_condition(lists.ON_TIME, quarter.end)),
            },
        ),
        (
            lists.answers(asked),
            "acceptance__claim__member",
            {
                "answers": _n(),
                "satisfied": _n(Q(satisfaction__in=SATISFIED)),
                "strictly": _n(Q(satisfaction__in=SATISFIED_STRICTLY)),
            },
        ),
    ):
        own = rows.select_related(None).filter(**{f"{path}__alliance": alliance}).order_by()
        for line in own.values(path).annotate(**sums):
            values = counted.setdefault(line.pop(path), {})
            values.update({name: number or 0 for name, number in line.items()})
    for member, day in last_seen(alliance, quarter.end).items():
        counted.setdefault(member, {})["last_seen"] = day
    return {member: MemberRecord(**values) for member, values in counted.items()}


def _n(condition: Q | None = None) -> Count:
    return Count("pk", filter=condition)


def last_seen(alliance: Alliance, until: date) -> dict[int, date]:
    """Member id → the last day up to ``until`` on which it claimed, delivered or answered an offer. Three queries."""
    found: dict[int, date] = {}
    own = (
        (Claim.objects.filter(claimed_on__lte=until), "claimed_on"),
        (Claim.objects.filter(delivered_on__lte=until), "delivered_on"),
        (Offer.objects.filter(answered_on__lte=until), "answered_on"),
    )
    for rows, column in own:
        lines = rows.filter(member__alliance=alliance).order_by().values_list("member").annotate(Max(column))
        for member, day in lines:
            found[member] = max(day, found.get(member, day))
    return found


# --- over time ----------------------------------------------------------------------------------------------------


def _trend(alliance: Alliance, quarter: Quarter, length: int) -> tuple[Point, ...]:
    """The three rates of ``length`` quarters, the oldest first, by the rates' own rules. Three queries."""
    quarters = [quarter]
    while len(quarters) < length:
        quarters.append(quarters[-1].prev())
    quarters.reverse()
    asked = Question(alliances=(alliance,), since=quarters[0].start, until=quarter.end)
    offers = _shares(lists.offers(asked), "reply_by", quarters, lambda one: lists.OFFER_IN_TIME)
    claims = _shares(
        lists.claims(asked.with_(by="due", state=lists.STANDING)),
        "due_on",
        quarters,
        lambda one: lists.claim_condition(lists.DONE_BY, one.end),
    )
    answers = _shares(
        lists.answers(asked), "answered_on", quarters, lambda one: Q(satisfaction__in=SATISFIED)
    )
    return tuple(Point(one, offers[i], claims[i], answers[i]) for i, one in enumerate(quarters))


def _shares(rows: QuerySet, day: str, quarters: list[Quarter], reached: Any) -> list[Share]:
    sums = {}
    for i, one in enumerate(quarters):
        inside = Q(**{f"{day}__range": (one.start, one.end)})
        sums[f"whole{i}"] = _n(inside)
        sums[f"part{i}"] = _n(inside & reached(one))
    found = rows.select_related(None).order_by().aggregate(**sums)
    return [Share(found[f"part{i}"], found[f"whole{i}"]) for i in range(len(quarters))]


# --- what nobody offers -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unmatched:
    """A category that was asked for in the last year and that no listed resource answers."""

    group: str
    name: str
    asked: int
    claimed: int
    params: Params


def unmatched(alliance: Alliance) -> list[Unmatched]:
    """Categories of the last year without a resource, most asked first (see ``gaps.missing_of``)."""
    return [
        Unmatched(gap.major, gap.minor, gap.asked, gap.claimed, Question(group=gap.major).params())
        for gap in gaps.missing_of(alliance)
    ]
