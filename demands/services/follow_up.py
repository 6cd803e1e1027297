"""The clock of the loop: what is due is called to mind a working day before, nudged when late, told the secretary two
working days later (design: the clock). Everything goes into the person's one digest of the day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.db import models, transaction

from alliances import clock
from alliances.models import Organisation, Person
from alliances.policies import Rule, can_lead_alliance, can_run_alliance
from alliances.services import audit, digests, sweeps
from demands import policies
from demands.enums import CLAIM_WORKING, CallBackState, ClaimState, DemandState, OfferState
from demands.models import CallBack, Claim, Demand, Offer
from demands.selectors import places
from demands.selectors.deadlines import Office


class Offices:
    """Settings and calendars, read once each for a sweep."""

    def __init__(self) -> None:
        self._known: dict[int, Office] = {}

    def of(self, organisation: Organisation) -> Office:
        if organisation.pk not in self._known:
            self._known[organisation.pk] = Office(organisation)
        return self._known[organisation.pk]


def press(
    row: Any,
    *,
    what: str,
    kind: str,
    due: date,
    doers: Callable[[], Iterable[Person]],
    path: str,
    office: Office,
    stands: models.QuerySet,
) -> list[str]:
    """Remind, nudge or escalate ``row`` according to ``due``. ``kind`` is the prefix of the three reminders;
    ``stands`` tells, within the UPDATE that marks it, that the step is still open. One line a thing done."""
    today = clock.today()
    alliance = row.alliance

    def queue(suffix: str, people: Iterable[Person], text: str) -> None:
        digests.queue(
            people, kind=f"{kind}.{suffix}", object_id=row.pk, text=text, path=path, alliance=alliance
        )

    day = f"{due.month}月{due.day}日"
    if today <= due:
        if office.reminds_on(due) <= today:
            queue("remind", doers(), f"请于{day}前{what}")
        return []
    lines = []
    if row.nudged_at is None and _mark(row, "nudged_at", f"{kind}.nudge", stands):
        queue("nudge", doers(), f"催办：{what}（{day}到期）")
        lines.append(f"催办：{what}")
    if (
        row.escalated_at is None
        and today >= office.escalates_on(due)
        and _mark(row, "escalated_at", f"{kind}.escalate", stands)
    ):
        queue("escalate", can_lead_alliance.holders(alliance), f"报书记：{day}到期仍未{what}")
        lines.append(f"报书记：{what}")
    return lines


def _mark(row: Any, field: str, action: str, stands: models.QuerySet) -> bool:
    """Set a time once: the process whose UPDATE hits has done it, any other has not."""
    with transaction.atomic():
        hit = stands.filter(pk=row.pk, **{field: None}).update(**{field: clock.now()})
        if hit:
            audit.record(action, row, actor=None, alliance=row.alliance)
    return bool(hit)


# --- reviews -------------------------------------------------------------------------------------------------------


def _open_reviews() -> models.QuerySet:
    return Demand.objects.filter(state=DemandState.SUBMITTED, review_by__isnull=False)


def reviews(now: datetime) -> list[str]:
    """Sweep: submitted demands wait for the office's decision."""
    offices = Offices()

    def one(demand: Demand) -> list[str]:
        if not digests.in_working_hours(demand.alliance, now) or demand.review_by is None:
            return []
        return press(
            demand,
            what=f"受理需求{demand.number}",
            kind="demands.review",
            due=demand.review_by,
            doers=lambda: can_run_alliance.holders(demand),
            path=places.of_demand(demand),
            office=offices.of(demand.alliance.organisation),
            stands=_open_reviews(),
        )

    rows = _open_reviews().filter(escalated_at=None).select_related("alliance__organisation")
    return sweeps.each(rows.order_by("pk"), one)


def review_still_due(object_id: int) -> bool:
    return _open_reviews().filter(pk=object_id).exists()


# --- offers --------------------------------------------------------------------------------------------------------


def offers(now: datetime) -> list[str]:
    """Sweep: a unit is reminded a working day before its answer is due. Past that day the offer lapses by itself."""
    known = Offices()

    def one(offer: Offer) -> list[str]:
        alliance = offer.alliance
        if not digests.in_working_hours(alliance, now):
            return []
        today, due = clock.today(), offer.reply_by
        if known.of(alliance.organisation).reminds_on(due) <= today <= due and _before(
            offer.offered_at, today
        ):
            digests.queue(
                own(policies.can_answer_offer, offer, offer.member_id),
                kind="demands.offer.remind",
                object_id=offer.pk,
                text=f"请于{due.month}月{due.day}日前回复派单{offer.demand.number}",
                path=places.of_demand(offer.demand),
                alliance=alliance,
            )
        return []

    rows = Offer.objects.filter(state=OfferState.OFFERED).select_related("demand__alliance__organisation")
    return sweeps.each(rows.order_by("pk"), one)


def _before(moment: datetime, day: date) -> bool:
    """Not on the day itself: the offer was a message of its own then."""
    return clock.local(moment).date() < day


def own(rule: Rule, obj: Any, member_id: int) -> list[Person]:
    """Of those who may, the unit's own people: the office that may write it down is not reminded for them."""
    return [
        person
        for person in rule.holders(obj)
        if person.appointments.filter(member_id=member_id, role="liaison").exists()
    ]


def offer_still_due(object_id: int) -> bool:
    return Offer.objects.filter(pk=object_id, state=OfferState.OFFERED).exists()


# --- claims --------------------------------------------------------------------------------------------------------


def _open_claims() -> models.QuerySet:
    return Claim.objects.filter(state__in=CLAIM_WORKING)


def claims(now: datetime) -> list[str]:
    """Sweep: claims near or past their deadline, but none that a list told of as it was."""
    offices = Offices()

    def one(claim: Claim) -> list[str]:
        if not digests.in_working_hours(claim.alliance, now):
            return []
        return press(
            claim,
            what=f"完成{claim.demand.number}（{claim.member.unit.name}）",
            kind="demands.claim",
            due=claim.due_on,
            doers=lambda: own(policies.can_work_on_claim, claim, claim.member_id),
            path=places.of_claim(claim),
            office=offices.of(claim.alliance.organisation),
            stands=_open_claims(),
        )

    rows = (
        _open_claims()
        .filter(escalated_at=None)
        .exclude(imported_at__isnull=False, reopened_at__isnull=True)
        .select_related("alliance__organisation", "demand", "member__unit")
    )
    return sweeps.each(rows.order_by("pk"), one)


def claim_still_due(object_id: int) -> bool:
    return _open_claims().filter(pk=object_id).exists()


# --- acceptance ----------------------------------------------------------------------------------------------------


def visits(now: datetime) -> list[str]:
    """Sweep: whoever accepts is told once, in the digest, that something was delivered."""

    def one(claim: Claim) -> list[str]:
        if not digests.in_working_hours(claim.alliance, now):
            return []
        people = policies.can_accept_claim.parts[0].holders(claim) if claim.demand.station_id else []
        digests.queue(
            people or can_run_alliance.holders(claim),
            kind="demands.visit.due",
            object_id=claim.pk,
            text=f"请验收{claim.demand.number}（{claim.member.unit.name}）",
            path=places.of_claim(claim),
            alliance=claim.alliance,
        )
        return []

    rows = (
        Claim.objects.filter(state=ClaimState.DELIVERED)
        .exclude(imported_at__isnull=False, reopened_at__isnull=True)
        .select_related("alliance__organisation", "demand__station", "member__unit")
    )
    return sweeps.each(rows.order_by("pk"), one)


def visit_still_due(object_id: int) -> bool:
    return Claim.objects.filter(pk=object_id, state=ClaimState.DELIVERED).exists()


# --- call-backs ----------------------------------------------------------------------------------------------------


def _open_call_backs() -> models.QuerySet:
    return CallBack.objects.filter(state=CallBackState.DUE, due_on__isnull=False)


def call_backs(now: datetime) -> list[str]:
    """Sweep: residents wait to be asked."""
    offices = Offices()

    def one(call_back: CallBack) -> list[str]:
        alliance = call_back.alliance
        if not digests.in_working_hours(alliance, now) or call_back.due_on is None:
            return []
        demand = call_back.acceptance.claim.demand
        return press(
            call_back,
            what=f"回访{demand.number}",
            kind="demands.call_back",
            due=call_back.due_on,
            doers=lambda: policies.can_call_back.holders(call_back),
            path=places.of_call_back(call_back),
            office=offices.of(alliance.organisation),
            stands=_open_call_backs(),
        )

    rows = _open_call_backs().filter(escalated_at=None)
    parts = ("acceptance__claim__alliance__organisation", "acceptance__claim__demand__station")
    return sweeps.each(rows.select_related(*parts).order_by("pk"), one)


def call_back_still_due(object_id: int) -> bool:
    return _open_call_backs().filter(pk=object_id).exists()
