"""What the demand loop lays on a person's desk. Every part is one query, so that the whole desk stays cheap."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Aggregate, CharField, Count, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance, Organisation
from alliances.policies import can_lead_alliance, can_run_alliance
from alliances.registry import DeskLine
from demands.enums import (
    CLAIM_WORKING,
    BookingState,
    CallBackState,
    ClaimState,
    DemandState,
    ExtensionState,
    OfferState,
)
from demands.models import Booking, CallBack, Claim, Demand, Extension, Offer
from demands.selectors import contacts, fitting, lists, places
from demands.selectors.call_backs import NOT_FOLLOWED

# A unit sees so many of its own rows; the rest is behind the list.
MOST = 8


def lines(user: Any, alliance: Alliance | None) -> list[DeskLine]:
    """Everything of the demand loop that is the user's to do, or waits for others."""
    found: list[DeskLine] = []
    members = [a.member for a in user.current_appointments if a.role == Role.LIAISON and a.member]
    if members:
        keys = [member.pk for member in members]
        found += _offers(keys) + _claims(keys) + _bookings(keys)
    stations = [a.organisation_id for a in user.current_appointments if a.role == Role.STATION]
    if stations:
        found += _station(stations)
    if alliance is not None and can_run_alliance(user, alliance):
        found += _office(alliance, leads=can_lead_alliance(user, alliance))
    offices = [a.organisation for a in user.current_appointments if a.role == Role.OFFICE and a.organisation]
    if offices:
        found += _handed_up(offices)
    return found


def suitable(user: Any, limit: int = 3) -> list[fitting.Suitable]:
    """Open demands that suit the user's units: a fragment of its own beside the desk, because matching reads much."""
    members = [a.member for a in user.current_appointments if a.role == Role.LIAISON and a.member]
    found: dict[int, fitting.Suitable] = {}
    for member in members[:3]:
        for row in fitting.demands_for(member, limit):
            found.setdefault(row.demand.pk, row)
    return list(found.values())[:limit]


def _words(due: date | None) -> tuple[str, str, bool]:
    """State, tone and whether it is late."""
    if due is None:
        return "", "", False
    day = f"{due.month}月{due.day}日"
    late = due < clock.today()
    return (f"{day}已过期", "late", True) if late else (f"{day}前", "wait", False)


def _line(title: str, url: str, action: str, due: date | None, *, detail: str = "", urgency: int) -> DeskLine:
    state, tone, late = _words(due)
    return DeskLine(title, url, action, detail, state, tone, urgency=urgency - 5 if late else urgency)


# --- a unit's own ---------------------------------------------------------------------------------------------------


def _offers(members: list[int]) -> list[DeskLine]:
    rows = Offer.objects.filter(member__in=members, state=OfferState.OFFERED)
    return [
        _line(
            f"回复派单：{offer.demand.category}",
            places.of_demand(offer.demand),
            "查看并回复",
            offer.reply_by,
            detail=f"{offer.demand.number} · {offer.member.unit.name}",
            urgency=11,
        )
        for offer in rows.select_related("demand__category", "member__unit").order_by("reply_by", "pk")[:MOST]
    ]


def _claims(members: list[int]) -> list[DeskLine]:
    rows = Claim.objects.filter(member__in=members, state__in=CLAIM_WORKING).select_related(
        "demand__category", "member__unit"
    )
    return [
        _line(
            f"整改：{claim.demand.category}"
            if claim.state == ClaimState.RETURNED
            else f"办理：{claim.demand.category}",
            places.of_claim(claim),
            "填进展或报完成",
            claim.due_on,
            detail=f"{claim.demand.number} · {claim.member.unit.name}",
            urgency=12 if claim.state == ClaimState.RETURNED else 16,
        )
        for claim in rows.order_by("due_on", "pk")[:MOST]
    ]


def _bookings(members: list[int]) -> list[DeskLine]:
    rows = Booking.objects.filter(
        resource__member__in=members, state=BookingState.ASKED, ends_at__gt=clock.now()
    )
    found = []
    for booking in rows.select_related("resource").order_by("starts_at", "pk")[:MOST]:
        day = clock.local(booking.starts_at)
        found.append(
            DeskLine(
                f"答复预约：{booking.resource.name}",
                places.of_booking(booking),
                "查看并答复",
                f"{day.month}月{day.day}日 {day:%H:%M} · {booking.purpose}",
                urgency=14,
            )
        )
    return found


# --- a station's ----------------------------------------------------------------------------------------------------


def _station(stations: list[int | None]) -> list[DeskLine]:
    rows = Claim.objects.filter(demand__station__in=stations, state=ClaimState.DELIVERED)
    found = [
        DeskLine(
            f"验收：{claim.demand.category}",
            places.of_claim(claim),
            "去验收",
            f"{claim.demand.number} · {claim.member.unit.name}",
            urgency=13,
        )
        for claim in rows.select_related("demand__category", "member__unit").order_by("delivered_on", "pk")[
            :MOST
        ]
    ]
    asked = CallBack.objects.filter(acceptance__claim__demand__station__in=stations, state=CallBackState.DUE)
    waiting = asked.order_by("due_on", "pk").values_list("due_on", flat=True)
    dates = list(waiting[: MOST * 10])
    if dates:
        many = f"{len(dates)}{'+' if len(dates) == MOST * 10 else ''}"
        found.append(
            _line(f"{many} 件等回访", places.of_call_backs("state=due"), "打开回访名单", dates[0], urgency=15)
        )
    return found


# --- the community's ------------------------------------------------------------------------------------------------


class _Joined(Aggregate):
    """The texts of a group in one, a line each, in no order: a few rows beside the numbers of the same query."""

    function = "GROUP_CONCAT"
    output_field = CharField()

    def __init__(self, text: Any, **extra: Any) -> None:
        super().__init__(text, Value("\n"), **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="STRING_AGG", **extra)


def _releases(joined: str | None) -> list[DeskLine]:
    """A line for each claim whose unit waits for a contact; ``joined`` has a line "key|number" for each."""
    rows = [line.partition("|") for line in (joined or "").splitlines()]
    return [
        DeskLine(
            f"放行联系方式：{number}",
            places.of_claim(key),
            "核对并放行",
            "涉及敏感信息，认领单位等着联系需求人",
            urgency=11,
        )
        for key, number in sorted((int(key), number) for key, _, number in rows)[:MOST]
    ]


def _counts(alliance: Alliance, today: date) -> list[dict[str, Any]]:
    """What there is of demands, claims, offers and call-backs, as one query of four. Only states with something to do are
    read: closed rows, by far the most, cost the desk nothing."""
    asked = Extension.objects.filter(claim=OuterRef("pk"), state=ExtensionState.ASKED)
    release = Concat(Cast("pk", CharField()), Value("|"), "demand__number")
    due = Q(state=CallBackState.DUE)
    parts = (
        (
            Demand.objects.filter(alliance=alliance, state__in=(DemandState.SUBMITTED, DemandState.OPEN)),
            {
                "submitted": Q(state=DemandState.SUBMITTED),
                "late": Q(state=DemandState.SUBMITTED, review_by__lt=today),
                "unclaimed": Q(state=DemandState.OPEN),
            },
        ),
        (
            Claim.objects.filter(alliance=alliance, state__in=(*CLAIM_WORKING, ClaimState.DELIVERED)),
            {
                "asked": Exists(asked),
                "overdue": Q(state__in=CLAIM_WORKING, due_on__lt=today),
                "delivered": Q(state=ClaimState.DELIVERED),
                "own": Q(state=ClaimState.DELIVERED, demand__station=None),
            },
        ),
        (
            Offer.objects.filter(demand__alliance=alliance, state=OfferState.OFFERED),
            {"waiting": Q(state=OfferState.OFFERED), "late": Q(reply_by__lt=today)},
        ),
        (
            CallBack.objects.filter(due | NOT_FOLLOWED, acceptance__claim__alliance=alliance),
            {
                "late": due & Q(due_on__lt=today),
                "unhappy": NOT_FOLLOWED,
                "own": due & Q(acceptance__claim__demand__station=None),
            },
        ),
    )
    most = max(len(named) for _, named in parts)
    queries = []
    for part, (rows, named) in enumerate(parts):
        # A union has the same columns throughout: as many numbers as the part with the most, and a text.
        numbers = [Count("pk", filter=which) for which in named.values()]
        numbers += [Count("pk", filter=Q(pk=None))] * (most - len(named))
        is_claims = rows.model is Claim
        text = _Joined(release, filter=contacts.needs_release()) if is_claims else Value("", CharField())
        columns = {f"n{index}": number for index, number in enumerate(numbers)}
        queries.append(rows.order_by().values(of=Value(part)).annotate(**columns, joined=text))
    found = {row["of"]: row for row in queries[0].union(*queries[1:], all=True)}
    return [
        {
            **{name: found[part][f"n{index}"] for index, name in enumerate(named)},
            "text": found[part]["joined"],
        }
        for part, (_, named) in enumerate(parts)
    ]


def _office(alliance: Alliance, *, leads: bool) -> list[DeskLine]:
    today = clock.today()
    demands, claims, offers, call_backs = _counts(alliance, today)
    table = [
        (
            demands["submitted"],
            "件需求待受理",
            places.of_demands("state=submitted"),
            "去受理",
            demands["late"],
            10,
        ),
        (
            call_backs["unhappy"],
            "件不满意的回访没有写跟进",
            places.of_call_backs("follow=none"),
            "去跟进",
            1,
            9,
        ),
        (claims["asked"], "件延期申请待答复", places.of_claims("extension=asked"), "去答复", 0, 13),
        (
            claims["own"],
            "件待社区验收",
            places.of_claims("state=delivered&station=none"),
            "去验收",
            0,
            14,
        ),
        (
            call_backs["own"],
            "件等社区回访",
            places.of_call_backs("state=due&station=none"),
            "打开回访名单",
            0,
            16,
        ),
        (
            offers["late"],
            "件派单过期没有回复",
            places.of_offers(f"state=offered&until={today - timedelta(days=1)}"),
            "去看派单",
            1,
            12,
        ),
        (call_backs["late"], "件回访已过期", places.of_call_backs("late=1"), "打开回访名单", 1, 17),
    ]
    found = [
        DeskLine(
            f"{number} {what}",
            url,
            action,
            state="有过期" if late else "",
            tone="late" if late else "",
            urgency=urgency,
        )
        for number, what, url, action, late, urgency in table
        if number
    ]
    if leads:
        found += _releases(claims["text"])
    for number, what, url, tone in (
        (claims["overdue"], "件认领项目逾期", places.of_claims("late=1"), "late"),
        (
            claims["delivered"] - claims["own"],
            "件等站点验收",
            places.of_claims("state=delivered&station=any"),
            "wait",
        ),
        (offers["waiting"], "件派单等单位回复", places.of_offers("state=offered"), "wait"),
        (demands["unclaimed"], "件需求等单位认领", places.of_demands("state=open"), "wait"),
    ):
        if number:
            found.append(DeskLine(f"{number} {what}", url, "查看", tone=tone, waiting_for_others=True))
    return found


# --- an office's ----------------------------------------------------------------------------------------------------


def _handed_up(offices: list[Organisation]) -> list[DeskLine]:
    """What communities below have handed up, and nobody has shared or taken yet."""
    below = Q()
    for office in offices:
        below |= Q(alliance__organisation__path__startswith=office.path)
    number = Demand.objects.filter(lists.HANDED_UP_OPEN, below).count()
    if not number:
        return []
    url = places.of_demands(f"state={lists.HANDED_UP}")
    return [DeskLine(f"{number} 件社区上报的需求", url, "去看上报", urgency=12)]


# --- a change of liaison --------------------------------------------------------------------------------------------


def hand_over_tasks(member: Any) -> list[str]:
    """What a new liaison of ``member`` takes over from the demand loop."""
    offers = Offer.objects.filter(member=member, state=OfferState.OFFERED).select_related("demand")
    claims = Claim.objects.filter(member=member, state__in=CLAIM_WORKING).select_related("demand")
    return [f"回复派单{offer.demand.number}" for offer in offers.order_by("pk")] + [
        f"办理{claim.demand.number}" for claim in claims.order_by("due_on", "pk")
    ]
