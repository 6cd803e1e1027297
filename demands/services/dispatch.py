"""下单到单位: a demand is offered to chosen units with a reply date; what nobody takes goes to the open hall."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from alliances import clock
from alliances.enums import Role, Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import Appointment, Member, User
from alliances.services import audit, sweeps
from demands import policies
from demands.enums import DemandState, OfferState, ResourceState
from demands.lifecycles import OFFER
from demands.models import Demand, Offer, Resource
from demands.selectors import places
from demands.selectors.deadlines import Office
from demands.services.acting import hold, liaisons, own_or_recorded, tell, text

MOST_OFFERS = 10
OFFERABLE = (DemandState.OPEN, DemandState.CLAIMED)
# A demand opened without offers waits so long for them, then goes to the hall by itself.
OFFERS_MAY_FOLLOW = timedelta(days=1)


def may_serve(member: Member, demand: Demand) -> bool:
    """Whether the unit sits in the demand's alliance, or below the office in whose hall it is shared. ``member`` with its
    alliance and organisation, ``demand`` with ``shared_to``."""
    if member.alliance_id == demand.alliance_id:
        return True
    return demand.shared_to is not None and member.alliance.organisation.is_under(demand.shared_to)


def is_current(member: Member) -> bool:
    return Member.objects.current().filter(pk=member.pk).exists()


def offer(
    demand: Demand,
    members: Sequence[Member],
    *,
    note: str = "",
    reply_by: date | None = None,
    resource: Resource | None = None,
    actor: User,
) -> list[Offer]:
    """Offer the demand to ``members`` and write to their liaisons; a unit that has an open offer keeps it.

    ``reply_by`` is three working days from now unless given. Raises OfficeError, NotAllowed.
    """
    if not policies.can_offer_demand(actor, demand):
        raise NotAllowed("只有社区书记和工作人员可以派单。")
    if not members:
        raise OfficeError("请选择派单的单位。")
    if len(members) > MOST_OFFERS:
        raise OfficeError(f"一次最多派给{MOST_OFFERS}家单位。")
    note = text(note, 200)
    today = clock.today()
    with transaction.atomic():
        demand = hold(demand)
        if demand.state not in OFFERABLE:
            raise OfficeError(f"需求现在是“{demand.get_state_display()}”，不能派单。")
        reply_by = reply_by or Office(demand.alliance.organisation).reply_by(today)
        if reply_by < today:
            raise OfficeError("回复期限不能早于今天。")
        known = {row.member_id: row for row in Offer.objects.filter(demand=demand, state=OfferState.OFFERED)}
        standing = set(demand.claims.standing().values_list("member_id", flat=True))
        return [
            known.get(member.pk) or _offer_one(demand, member, note, reply_by, resource, standing, actor)
            for member in dict.fromkeys(members)
        ]


def _offer_one(
    demand: Demand,
    member: Member,
    note: str,
    reply_by: date,
    resource: Resource | None,
    standing: set[int],
    actor: User,
) -> Offer:
    if not (may_serve(member, demand) and is_current(member)):
        raise OfficeError(f"{member.unit.name}不是本联盟现有成员，需求也没有共享到它所在的大厅。")
    if member.pk in standing:
        raise OfficeError(f"{member.unit.name}已经认领这项需求。")
    fitting = resource if resource and resource.member.unit_id == member.unit_id else None
    if fitting and fitting.state != ResourceState.LISTED:
        raise OfficeError(f"“{fitting.name}”现在不提供。")
    row = Offer.objects.create(
        demand=demand, member=member, note=note, reply_by=reply_by, resource=fitting, offered_by=actor
    )
    audit.record(
        "demands.offer.make",
        row,
        actor=actor,
        alliance=demand.alliance,
        after=row.state,
        data={"demand": demand.pk, "member": member.pk},
    )
    tell(
        liaisons(member),
        row,
        "demands.offer.new",
        f"新派单：{demand.number}（{demand.category}）",
        f"{demand.alliance.organisation.name}请{member.unit.name}承接一项需求，"
        f"请于{reply_by.month}月{reply_by.day}日前回复能否承接。",
        places.of_demand(demand),
    )
    return row


def decline(
    offer: Offer, reason: str, *, via: str = Via.SCREEN, on: date | None = None, actor: User
) -> Offer:
    """The unit says no, and why; the office may write down what it said by phone. After the last answer the hall opens."""
    reason = text(reason, 200, missing="请写明不能承接的原因。")
    with transaction.atomic():
        hold(offer.demand)
        fields = _answered(offer, via, on, actor)
        OFFER.apply(offer, "decline", actor=actor, fields={**fields, "decline_reason": reason})
        open_hall_if_settled(offer.demand)
    return offer


def _answered(offer: Offer, via: str, on: date | None, actor: User) -> dict[str, Any]:
    today = clock.today()
    answered_on = on or today
    if not clock.local(offer.offered_at).date() <= answered_on <= today:
        raise OfficeError("回复日期应在派单之后、今天以前。")
    if not policies.can_answer_offer(actor, offer):
        raise NotAllowed("只有本单位联络员可以回复派单。")
    return {
        "answered_on": answered_on,
        "answered_by": actor,
        "answer_via": own_or_recorded(policies.can_answer_offer, actor, offer, via),
    }


def take(offer: Offer, claim: Any, *, via: str, actor: User) -> None:
    """Part of claiming: the unit's open offer is answered by its claim."""
    fields = {
        "claim": claim,
        "answered_on": clock.today(),
        "answered_by": actor,
        "answer_via": via,
    }
    OFFER.apply(offer, "take", actor=actor, fields=fields, data={"claim": claim.pk})


def take_back(offer: Offer, *, actor: User) -> None:
    """The office asked the wrong unit: an offer that nobody has answered yet is deleted, not lapsed, as the unit did not
    fail to answer; the unit hears so. After the last one the hall opens."""
    if not policies.can_offer_demand(actor, offer.demand):
        raise NotAllowed("只有社区书记和工作人员可以收回派单。")
    with transaction.atomic():
        demand = hold(offer.demand)
        row = Offer.objects.filter(pk=offer.pk, state=OfferState.OFFERED).select_related("member").first()
        if row is None:
            raise TooLate("这家单位刚刚回复了派单，请刷新后查看。")
        if row.reply_by < clock.today():
            raise TooLate("这家单位到期没有回复，派单即将转为“逾期未回复”，不用收回。")
        unit = liaisons(row.member)
        _delete(row, demand, actor)
        tell(
            unit,
            offer,
            "demands.offer.withdrawn",
            f"派单已收回：{demand.number}（{demand.category}）",
            f"{demand.alliance.organisation.name}已收回这项派单，不用再回复。",
            places.HALL,
        )
        open_hall_if_settled(demand)


def _delete(row: Offer, demand: Demand, actor: User | None) -> None:
    audit.record(
        "demands.offer.withdraw",
        row,
        actor=actor,
        alliance=demand.alliance,
        before=row.state,
        data={"demand": demand.pk, "member": row.member_id},
    )
    row.delete()


def withdraw_open(demand: Demand, *, actor: User | None) -> None:
    """The demand ended otherwise: units need not answer any more. Part of the move that ended it; where no unit failed to
    answer, such offers are deleted, and the log tells of them. Those past their reply date lapse: they were not answered."""
    for row in Offer.objects.filter(demand=demand, state=OfferState.OFFERED).select_related("member"):
        if row.reply_by < clock.today():
            OFFER.apply(row, "lapse", actor=None)
        else:
            _delete(row, demand, actor)


# --- the hall ------------------------------------------------------------------------------------------------------


def open_hall(demand: Demand, *, actor: User) -> Demand:
    """Every unit of the alliance may claim the demand from now on."""
    if not policies.can_offer_demand(actor, demand):
        raise NotAllowed("只有社区书记和工作人员可以开放领办。")
    with transaction.atomic():
        demand = hold(demand)
        if demand.state not in OFFERABLE:
            raise OfficeError(f"需求现在是“{demand.get_state_display()}”，不能开放领办。")
        _open_hall(demand, actor=actor)
    return demand


def open_hall_if_settled(demand: Demand) -> bool:
    """Open the hall when no offer waits for an answer any more and nobody has claimed. Call it while the demand is held."""
    waiting = Offer.objects.filter(demand=demand, state=OfferState.OFFERED).exists()
    if waiting or demand.claims.standing().exists():
        return False
    return _open_hall(demand, actor=None)


def _open_hall(demand: Demand, *, actor: User | None) -> bool:
    now = clock.now()
    hit = Demand.objects.filter(pk=demand.pk, hall_opened_at=None, state__in=OFFERABLE).update(
        hall_opened_at=now
    )
    if hit:
        audit.record("demands.demand.hall", demand, actor=actor)
        demand.hall_opened_at = now
    return bool(hit)


def sweep(now: datetime) -> list[str]:
    """Sweep: offers past their reply date lapse; then, and where offers never came, the hall opens."""
    today = clock.local(now).date()
    late = Offer.objects.filter(state=OfferState.OFFERED, reply_by__lt=today).select_related(
        "demand__alliance__organisation", "member__unit"
    )
    lines = sweeps.each(late.order_by("pk"), _lapse)
    settled = Q(offers__isnull=False) | Q(reviewed_at__lt=now - OFFERS_MAY_FOLLOW)
    closed = (
        Demand.objects.filter(settled, state=DemandState.OPEN, hall_opened_at=None)
        .exclude(offers__state=OfferState.OFFERED)
        .select_related("alliance")
        .distinct()
    )
    return lines + sweeps.each(closed.order_by("pk"), _to_hall)


def _lapse(offer: Offer) -> list[str]:
    with transaction.atomic():
        demand = hold(offer.demand)
        row = Offer.objects.filter(pk=offer.pk, state=OfferState.OFFERED).first()
        if row is None:
            return []  # answered a moment ago
        OFFER.apply(row, "lapse", actor=None)
        open_hall_if_settled(demand)
    return [f"{offer.demand.number}：{offer.member.unit.name}逾期未回复派单"]


def _to_hall(demand: Demand) -> list[str]:
    with transaction.atomic():
        if not open_hall_if_settled(hold(demand)):
            return []
    return [f"{demand.number}进入领办大厅"]


def tell_office(demand: Demand) -> None:
    """The office right above hears that a demand was handed up to it."""
    parent = demand.alliance.organisation.parent
    rows = Appointment.objects.current().filter(role=Role.OFFICE, organisation=parent)
    tell(
        [post.person for post in rows.select_related("person")],
        demand,
        "demands.demand.handed_up",
        f"{demand.alliance.organisation.name}上报一项需求：{demand.number}",
        f"类别：{demand.category}。可共享到本级大厅，请全域单位领办。",
        places.of_demand(demand),
        key=demand.handed_up_at.isoformat() if demand.handed_up_at else "",
    )
