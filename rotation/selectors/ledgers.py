"""The slip ledger (提醒单台账): what was due this month, acknowledged, nudged, escalated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet

from alliances import clock
from alliances.calendars import Month
from alliances.models import Alliance
from rotation.enums import PlanState, SlipState
from rotation.models import Duty, Receipt, Slip

FILTERS = {
    "all": "全部",
    "due": "本月应发",
    "waiting": "待签收",
    "acknowledged": "已签收",
    "nudged": "已催办",
    "escalated": "已报书记",
    "unacknowledged": "到期未签收",
}
MONTHS_OFFERED = 24

_RECEIPTS = Prefetch("receipts", queryset=Receipt.objects.select_related("member__unit").order_by("order"))


@dataclass(frozen=True)
class Counts:
    """Figures of one month for the alliances in view; ``due`` counts duties, the others their standing slips."""

    due: int
    issued: int
    acknowledged: int
    nudged: int
    escalated: int
    unacknowledged: int

    @property
    def unissued(self) -> int:
        return max(self.due - self.issued, 0)


@dataclass(frozen=True)
class Question:
    """What the ledger was asked for. ``listed`` None means all months, which only goes with the state "all"; ``since`` lists
    the months from there to ``listed``."""

    alliances: Sequence[Alliance]
    state: str
    month: Month
    listed: Month | None
    since: Month | None = None

    @classmethod
    def read(cls, params: Mapping[str, Any], alliances: Sequence[Alliance]) -> Question:
        """From a query string: ``month`` (2026-03), ``since`` (the first of several months that end with it), ``state``,
        ``alliance`` (a code); wrong values count as none."""
        state = params.get("state") or "all"
        state = state if state in FILTERS else "all"
        chosen = month_of(params.get("month"))
        month = chosen or Month.of(clock.today())
        code = params.get("alliance")
        narrowed = [alliance for alliance in alliances if alliance.code == code]
        since = month_of(params.get("since"))
        if since is not None and (chosen is None or not chosen.plus(-MONTHS_OFFERED) < since < chosen):
            since = None
        return cls(narrowed or alliances, state, month, chosen or (month if state != "all" else None), since)

    @property
    def months(self) -> list[Month]:
        """The months listed, the first one first; none for all."""
        if self.listed is None:
            return []
        months = [self.listed]
        while self.since is not None and months[0] > self.since:
            months.insert(0, months[0].prev())
        return months

    @property
    def month_value(self) -> str:
        return f"{self.month.year}-{self.month.month:02d}"


def month_of(text: str | None) -> Month | None:
    """2026-03 as a month; anything else is None."""
    year, _, month = (text or "").partition("-")
    if not (year.isascii() and year.isdecimal() and month.isascii() and month.isdecimal()):
        return None
    if len(year) != 4 or len(month) > 2 or not 1 <= int(month) <= 12 or int(year) < 2000:
        return None
    return Month(int(year), int(month))


def months_offered(month: Month) -> list[Month]:
    """Months of the chooser, newest first: the last two years and ``month`` itself."""
    this = Month.of(clock.today())
    months = {this.plus(-back) for back in range(MONTHS_OFFERED)} | {month}
    return sorted(months, reverse=True)


def duties_in(alliances: Sequence[Alliance], month: Month) -> list[int]:
    """Ids of the duties of ``month`` in passed and closed plans: at most one an alliance, all by index."""
    rows = Duty.objects.filter(
        plan__alliance__in=alliances,
        plan__year=month.year,
        plan__state__in=[PlanState.PASSED, PlanState.CLOSED],
        month=month.month,
    )
    return list(rows.order_by().values_list("pk", flat=True))


def slips_of(alliances: Sequence[Alliance]) -> QuerySet[Slip]:
    """Slips of ``alliances``, newest first, with what a row of the ledger shows.

    One alliance is read by its index. Several are read from the newest slip backwards: the sum keeps the database
    from fetching and sorting all slips of all alliances for one page.
    """
    rows = Slip.objects.select_related("duty__plan", "alliance__organisation")
    if len(alliances) == 1:
        rows = rows.filter(alliance=alliances[0])
    else:
        rows = rows.alias(place=F("alliance_id") + 0).filter(place__in=[a.pk for a in alliances])
    return rows.defer("paper", "paper_hash", "deadlines").prefetch_related(_RECEIPTS).order_by("-pk")


def rows_of(question: Question, duties: list[int] | None = None) -> QuerySet[Slip]:
    """The slips asked for. ``duties`` are those of the listed month, if the caller has read them already."""
    if question.listed is None:
        return slips_of(question.alliances)
    if duties is None:
        duties = [duty for month in question.months for duty in duties_in(question.alliances, month)]
    rows = (
        Slip.objects.filter(duty__in=duties)
        .select_related("duty__plan", "alliance__organisation")
        .defer("paper", "paper_hash", "deadlines")
        .prefetch_related(_RECEIPTS)
        .order_by("-pk")
    )
    if question.state != "all":
        rows = rows.exclude(state=SlipState.WITHDRAWN)
    return rows.filter(_CONDITIONS[question.state])


_CONDITIONS = {
    "all": Q(),
    "due": Q(),
    "waiting": Q(state=SlipState.ISSUED),
    "acknowledged": Q(state=SlipState.ACKNOWLEDGED),
    "nudged": Q(nudged_at__isnull=False),
    "escalated": Q(escalated_at__isnull=False),
    "unacknowledged": Q(state=SlipState.UNACKNOWLEDGED),
}


def counts(duties: list[int]) -> Counts:
    """The ledger's head for the duties of one month (see ``duties_in``)."""
    figures = (
        Slip.objects.filter(duty__in=duties)
        .exclude(state=SlipState.WITHDRAWN)
        .aggregate(
            issued=Count("pk"),
            **{
                name: Count("pk", filter=_CONDITIONS[name])
                for name in ("acknowledged", "nudged", "escalated", "unacknowledged")
            },
        )
    )
    return Counts(due=len(duties), **figures)


def state_words(slip: Slip, today: date) -> tuple[str, str]:
    """The state as people say it, and its tone (done, wait, late, off)."""
    if slip.state == SlipState.WITHDRAWN:
        return "已收回", "off"
    if slip.state == SlipState.ACKNOWLEDGED:
        return "已签收", "done"
    if slip.state == SlipState.UNACKNOWLEDGED:
        return "到期未签收", "late"
    if slip.escalated_at:
        return "待签收，已报书记", "late"
    if slip.nudged_at:
        return "待签收，已催办", "late"
    if slip.acknowledge_by and slip.acknowledge_by < today:
        return "待签收，已过期限", "late"
    return "待签收", "wait"


def standing_slip(duty: Duty) -> Slip | None:
    return standing_slips(Slip.objects.filter(duty=duty)).first()


def standing_slips(rows: QuerySet[Slip]) -> QuerySet[Slip]:
    """Of ``rows`` those that were not taken back, with duty and receipts."""
    rows = rows.exclude(state=SlipState.WITHDRAWN).select_related("duty__plan", "alliance")
    return rows.prefetch_related(_RECEIPTS)


def waiting_for(members: list[int]) -> QuerySet[Receipt]:
    """Receipts that the liaisons of ``members`` still have to sign, oldest first."""
    return (
        Receipt.objects.filter(member_id__in=members, signed_at=None, slip__state=SlipState.ISSUED)
        .select_related("slip__duty__plan", "slip__alliance", "member__unit")
        .order_by("slip_id")
    )
