"""The three rates of an alliance or member, each with numerator, denominator and the rows behind both (design, scores).

A cohort is taken by the denominator's date: offers by the day an answer was due, claims by their deadline, call-backs by
the day of the answer. An alliance's rates count everything on its demands whoever serves; a member's count all its
claims wherever served.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, Sum

from alliances.models import Alliance
from demands.enums import CLAIM_STANDING, SATISFIED, SATISFIED_STRICTLY
from demands.selectors import lists
from demands.selectors.lists import Question


@dataclass(frozen=True)
class Rate:
    """``part`` of ``whole``; ``rows`` and ``all_rows`` are the parameters of the list ``page`` that shows them. ``is_aside``: not
    one of the three, shown beside them for comparison."""

    title: str
    part: int
    whole: int
    page: str
    rows: dict[str, str]
    all_rows: dict[str, str]
    empty: str
    is_aside: bool = False

    @property
    def percent(self) -> Decimal | None:
        """Half-up to one decimal; None when nothing is due."""
        if not self.whole:
            return None
        return (Decimal(100) * self.part / self.whole).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)

    @property
    def words(self) -> str:
        """97.8%（269/275）, or the sentence that nothing was due."""
        return f"{self.percent}%（{self.part}/{self.whole}）" if self.whole else self.empty


@dataclass(frozen=True)
class Rates:
    """响应率, 解决率 (and of the same claims those on time), 满意率 and the stricter share without 基本满意."""

    response: Rate
    resolved: Rate
    on_time: Rate
    satisfied: Rate
    strictly: Rate

    def __iter__(self) -> Iterator[Rate]:
        return iter((self.response, self.resolved, self.on_time, self.satisfied, self.strictly))


def rates(
    *,
    alliances: list[Alliance] | None = None,
    member: int | None = None,
    since: date,
    until: date,
) -> Rates:
    """The rates of ``alliances``, of a member, or of both (that member's share), from ``since`` to ``until`` inclusive."""
    question = Question(
        alliances=tuple(alliances) if alliances is not None else None, member=member, since=since, until=until
    )
    return rates_of(question)


def rates_of(question: Question) -> Rates:
    """The same for a page's question: its alliances, place, member and period. Three queries."""
    base = _plain(question)
    counts = _counts(base, "")
    return _of(base, counts.get(None, _Counts()))


def by_alliance(question: Question) -> tuple[Rates, dict[int, Rates]]:
    """All of the question together, and each of its alliances by primary key (those with anything due or answered).
    Three queries for any number of alliances."""
    base = _plain(question)
    counts = _counts(base, "alliance")
    return _of(base, _sum(counts)), {pk: _of(base, one) for pk, one in counts.items() if pk is not None}


def by_station(question: Question) -> tuple[Rates, dict[int | None, Rates]]:
    """All of the question together, and each station by primary key, None what belongs to no station. Three queries."""
    base = _plain(question)
    counts = _counts(base, "station")
    parts = {pk: _of(base.with_(station="none") if pk is None else base, one) for pk, one in counts.items()}
    return _of(base, _sum(counts)), parts


def _plain(question: Question) -> Question:
    """Whose and when, without the filters of a list's rows."""
    return Question(
        alliances=question.alliances,
        place=question.place,
        station=question.station,
        member=question.member,
        since=question.since,
        until=question.until,
    )


@dataclass
class _Counts:
    """Numerators and denominators of one alliance, station, or all."""

    offered: int = 0
    replied: int = 0
    due: int = 0
    done: int = 0
    on_time: int = 0
    answered: int = 0
    satisfied: int = 0
    strict: int = 0


# The lookups of what the counts can be grouped by: of offers, of claims, of call-backs.
_GROUPS = {
    "alliance": ("demand__alliance", "alliance", "acceptance__claim__alliance"),
    "station": ("demand__station", "demand__station", "acceptance__claim__demand__station"),
}


def _counts(base: Question, group: str) -> dict[int | None, _Counts]:
    """The counts by what ``group`` names; without one all under None."""
    of_offers, of_claims, of_answers = _GROUPS.get(group, ("", "", ""))
    due = base.with_(by="due", state=lists.STANDING)
    found: dict[int | None, _Counts] = {}
    for rows, path, sums in (
        (lists.offers(base), of_offers, {"offered": Q(), "replied": lists.OFFER_IN_TIME}),
        (
            lists.claims(due),
            of_claims,
            {
                "due": Q(),
                "done": lists.claim_condition(lists.DONE_BY, base.last_day),
                "on_time": lists.claim_condition(lists.ON_TIME, base.last_day),
            },
        ),
        (
            lists.answers(base),
            of_answers,
            {
                "answered": Q(),
                "satisfied": Q(satisfaction__in=SATISFIED),
                "strict": Q(satisfaction__in=SATISFIED_STRICTLY),
            },
        ),
    ):
        counted = {name: Count("pk", filter=condition or None) for name, condition in sums.items()}
        plain = rows.select_related(None).order_by()
        lines = plain.values(path).annotate(**counted) if path else [plain.aggregate(**counted)]
        for line in lines:
            one = found.setdefault(line.get(path) if path else None, _Counts())
            for name in sums:
                setattr(one, name, line[name])
    return found


def _sum(counts: dict[int | None, _Counts]) -> _Counts:
    return _Counts(
        **{item.name: sum(getattr(one, item.name) for one in counts.values()) for item in fields(_Counts)}
    )


def _of(base: Question, n: _Counts) -> Rates:
    due = base.with_(by="due", state=lists.STANDING)
    asked = base.with_(state=lists.ANSWERED)
    no_offer, no_claim, no_answer = "本期无派单", "本期无到期项目", "本期无回访"

    def rate(
        title: str,
        part: int,
        whole: int,
        page: str,
        rows: Question,
        all_rows: Question,
        empty: str,
        is_aside: bool = False,
    ) -> Rate:
        return Rate(title, part, whole, page, rows.params(), all_rows.params(), empty, is_aside)

    return Rates(
        rate("响应率", n.replied, n.offered, "offers", base.with_(state=lists.ANSWERED_IN_TIME), base, no_offer),
        rate("解决率", n.done, n.due, "claims", due.with_(state=lists.DONE_BY), due, no_claim),
        rate("按时率", n.on_time, n.due, "claims", due.with_(state=lists.ON_TIME), due, no_claim, True),
        rate("满意率", n.satisfied, n.answered, "answers", base.with_(state=lists.SATISFIED_ONLY), asked, no_answer),
        rate("满意率（不含基本满意）", n.strict, n.answered, "answers", base.with_(state=lists.STRICTLY), asked, no_answer, True),
    )  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """The lists in numbers: demands by state, claims by state, volunteers, days from claim to delivery."""

    demands: dict[str, int]
    claims: dict[str, int]
    overdue: int
    volunteers: int
    days: Decimal | None

    @property
    def demands_total(self) -> int:
        return sum(self.demands.values())

    @property
    def claims_total(self) -> int:
        return sum(self.claims.values())


def figures(question: Question) -> Figures:
    """What the lists' heads and the reports say of a place and period; three queries."""
    demands = lists.demands(question.with_(state="")).order_by().values_list("state").annotate(n=Count("pk"))
    rows = lists.claims(question.with_(state="")).order_by()
    claims = rows.values_list("state").annotate(n=Count("pk"))
    taken = ExpressionWrapper(F("delivered_on") - F("claimed_on"), output_field=DurationField())
    more = rows.filter(state__in=CLAIM_STANDING).aggregate(
        overdue=Count("pk", filter=lists.claim_condition(lists.OVERDUE, question.last_day)),
        volunteers=Sum("volunteers"),
        days=Avg(taken, filter=Q(delivered_on__isnull=False)),
    )
    days = more["days"]
    return Figures(
        demands=dict(demands),
        claims=dict(claims),
        overdue=more["overdue"],
        volunteers=more["volunteers"] or 0,
        days=None
        if days is None
        else Decimal(str(days.total_seconds() / 86400)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP),
    )
