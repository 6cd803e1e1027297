"""Claims: a unit takes a demand, works on it, asks for more time, hands it back or delivers. The only writer of claims
apart from imports and the station's verdict.

Every change holds the demand's row first (``acting.hold``), so that of many units at once exactly one leads, and the
demand's state always follows what all its claims say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from alliances import clock
from alliances.enums import Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import Member, User
from alliances.services import audit, digests
from demands import policies
from demands.enums import CLAIM_WORKING, ClaimPart, DemandState, ExtensionState, OfferState
from demands.errors import AlreadyTaken
from demands.lifecycles import CLAIM, EXTENSION
from demands.models import Acceptance, Claim, Demand, Extension, Offer, Resource
from demands.selectors import places
from demands.selectors.deadlines import Office
from demands.services import dispatch, releases
from demands.services.acting import hold, liaisons, not_after_today, own_or_recorded, tell, text
from demands.services.states import follow_claims

CLAIMABLE = (DemandState.OPEN, DemandState.CLAIMED)
# What is said of a claim's deadline; said anew when the deadline is a new one.
DEADLINE_KINDS = ("demands.claim.remind", "demands.claim.nudge", "demands.claim.escalate")
VISIT_KINDS = ("demands.visit.due",)


@dataclass(frozen=True)
class Promise:
    """A claim as typed: three fields, the rest may stay empty. ``due_on`` None is the default of the urgency."""

    measures: str
    responsible: str
    responsible_phone: str = ""
    due_on: date | None = None
    part: str = ClaimPart.LEAD
    title: str = ""
    resource: Resource | None = None


def take(demand: Demand, member: Member, promise: Promise, *, via: str = Via.SCREEN, actor: User) -> Claim:
    """``member`` takes the demand, as lead or joining the lead. Staff record what a unit said on paper or by phone.

    Raises ``AlreadyTaken`` where somebody else leads already, OfficeError where the unit may not claim or the promise
    does not hold, NotAllowed. The same unit claiming again gets the claim it has.
    """
    own = policies.can_claim_for(actor, member)
    if not (own or policies.can_record_claim(actor, demand)):
        raise NotAllowed("只有本单位联络员可以认领，社区可以代录。")
    if own:
        via = Via.SCREEN
    elif via not in (Via.PAPER, Via.PHONE):
        raise OfficeError("代单位登记时，请选择纸质或电话。")
    values = _checked(promise)
    # Looked at once before waiting for the row: most of a crowd that comes too late need not queue to hear so.
    if (mine := _own_or_refused(demand, member, promise.part)) is not None:
        return mine
    with transaction.atomic():
        demand = hold(demand)
        if (mine := _own_or_refused(demand, member, promise.part)) is not None:
            return mine
        offer = Offer.objects.filter(demand=demand, member=member, state=OfferState.OFFERED).first()
        _refuse_strangers(demand, member, offer, is_office=not own)
        claim = _write(demand, member, values, promise, offer, via=via, is_office=not own, actor=actor)
        follow_claims(demand, actor=actor)
        releases.ask_for(demand)
    return claim


def _checked(promise: Promise) -> dict[str, Any]:
    if promise.part not in ClaimPart.values:
        raise OfficeError("请选择牵头或联合。")
    return {
        "measures": text(promise.measures, 500, missing="请填写服务措施。"),
        "responsible": text(promise.responsible, 40, missing="请填写责任人。"),
        "responsible_phone": text(promise.responsible_phone, 24),
        "title": text(promise.title, 80),
        "part": promise.part,
    }


def _refuse_strangers(demand: Demand, member: Member, offer: Offer | None, *, is_office: bool) -> None:
    if not (dispatch.may_serve(member, demand) and dispatch.is_current(member)):
        raise OfficeError(f"{member.unit.name}不是本联盟现有成员，需求也没有共享到它所在的大厅。")
    if demand.state == DemandState.SERVED:
        raise TooLate("这项需求已全部完成，正等验收，不能再认领。")
    if demand.state not in CLAIMABLE:
        word = demand.get_state_display()
        raise TooLate(f"这项需求现在是“{word}”，不能再认领；可能有人先办理了，请刷新后查看。")
    if offer is None and demand.hall_opened_at is None and not is_office:
        raise OfficeError("这项需求正在等派单的单位回复，还没有开放领办。")


def _own_or_refused(demand: Demand, member: Member, part: str) -> Claim | None:
    """The claim that ``member`` has already; raises where the demand has its lead, or a joint claim has nobody to join."""
    standing = list(Claim.objects.standing().filter(demand=demand).select_related("member__unit"))
    mine = next((claim for claim in standing if claim.member_id == member.pk), None)
    if mine is not None:
        return mine
    lead = next((claim for claim in standing if claim.part == ClaimPart.LEAD), None)
    if part == ClaimPart.LEAD and lead is not None:
        raise AlreadyTaken(f"{lead.member.unit.name}已先牵头认领这项需求，您可以联合认领。")
    if part == ClaimPart.JOINT and lead is None:
        raise OfficeError("还没有单位牵头，请选择牵头认领。")
    return None


def _write(
    demand: Demand,
    member: Member,
    values: dict[str, Any],
    promise: Promise,
    offer: Offer | None,
    *,
    via: str,
    is_office: bool,
    actor: User,
) -> Claim:
    today = clock.today()
    latest = Office(demand.alliance.organisation).due_on(demand.urgency, today)
    due_on = promise.due_on or latest
    if due_on < today:
        raise OfficeError("完成时限不能早于今天。")
    if due_on > latest and not is_office:
        raise OfficeError(
            f"这项需求最迟{latest.month}月{latest.day}日完成；需要更长时间的，认领后可申请延期。"
        )
    resource = promise.resource or (offer.resource if offer else None)
    if resource is not None and resource.member.unit_id != member.unit_id:
        raise OfficeError("只能用本单位的服务资源。")
    claim = Claim(
        alliance=demand.alliance,
        demand=demand,
        member=member,
        resource=resource,
        claimed_on=today,
        due_on=due_on,
        first_due_on=due_on,
        claimed_by=actor,
        via=via,
        **values,
    )
    try:
        with transaction.atomic():
            claim.save(force_insert=True)
    except IntegrityError as problem:  # the constraint says the same, should anybody write past the held row
        raise AlreadyTaken("另一家单位刚刚认领，请刷新后查看。") from problem
    audit.record(
        "demands.claim.take",
        claim,
        actor=actor,
        after=claim.state,
        data={"demand": demand.pk, "member": member.pk, "part": claim.part, "via": via},
    )
    if offer is not None:
        dispatch.take(offer, claim, via=via, actor=actor)
    return claim


# --- at work -------------------------------------------------------------------------------------------------------


def start(claim: Claim, *, via: str = Via.SCREEN, actor: User) -> Claim:
    with transaction.atomic():
        hold(claim.demand)
        _refuse_others(claim, actor)
        via = own_or_recorded(policies.can_work_on_claim, actor, claim, via)
        CLAIM.apply(claim, "start", actor=actor, data={"via": via})
        follow_claims(claim.demand, actor=actor)
    return claim


def hand_back(claim: Claim, reason: str, *, via: str = Via.SCREEN, actor: User) -> Claim:
    """The unit cannot after all. Where it led, the unit that joined first leads from now on; where nobody is left, the
    demand is open again, in the hall."""
    reason = text(reason, 200, missing="请写明退回的原因。")
    with transaction.atomic():
        demand = hold(claim.demand)
        _refuse_others(claim, actor)
        via = own_or_recorded(policies.can_work_on_claim, actor, claim, via)
        CLAIM.apply(claim, "hand_back", actor=actor, data={"via": via}, fields={"hand_back_reason": reason})
        Extension.objects.filter(claim=claim, state=ExtensionState.ASKED).delete()
        claim.refresh_from_db(fields=["part"])  # it may have become the lead since the page was read
        if claim.part == ClaimPart.LEAD:
            _pass_the_lead(demand, actor)
        follow_claims(demand, actor=actor)
        dispatch.open_hall_if_settled(demand)
        tell(
            policies.can_run_alliance.holders(demand),
            claim,
            "demands.claim.handed_back",
            f"{claim.member.unit.name}退回认领：{demand.number}",
            "请打开查看原因，并另派单位或开放领办。",
            places.of_demand(demand),
        )
    return claim


def _pass_the_lead(demand: Demand, actor: User) -> None:
    heir = Claim.objects.standing().filter(demand=demand).order_by("claimed_at", "pk").first()
    if heir is None:
        return
    Claim.objects.filter(pk=heir.pk).update(part=ClaimPart.LEAD)
    heir.part = ClaimPart.LEAD
    audit.record("demands.claim.lead", heir, actor=actor, data={"member": heir.member_id})
    tell(
        liaisons(heir.member),
        heir,
        "demands.claim.leads_now",
        f"{demand.number}改由贵单位牵头",
        "原牵头单位已退回认领，贵单位认领最早，改为牵头。",
        places.of_claim(heir),
    )


def deliver(
    claim: Claim,
    *,
    on: date | None = None,
    result: str = "",
    volunteers: int | None = None,
    teams: str = "",
    via: str = Via.SCREEN,
    actor: User,
) -> Claim:
    """Done on ``on`` (today); the station is asked to accept. ``volunteers`` is a head count, ``teams`` their names."""
    day = not_after_today(on or clock.today(), "完成日期")
    if day < claim.claimed_on:
        raise OfficeError("完成日期不能早于认领日期。")
    if volunteers is not None and not 0 <= volunteers <= 100_000:
        raise OfficeError("请核对志愿者人数。")
    with transaction.atomic():
        demand = hold(claim.demand)
        _refuse_others(claim, actor)
        via = own_or_recorded(policies.can_work_on_claim, actor, claim, via)
        _refuse_before_the_last_step(claim, day)
        fields = {
            "delivered_on": day,
            "result": text(result, 200),
            "volunteers": volunteers,
            "teams": text(teams, 100),
        }
        CLAIM.apply(claim, "deliver", actor=actor, data={"via": via}, fields=fields)
        Extension.objects.filter(claim=claim, state=ExtensionState.ASKED).delete()
        digests.forget(VISIT_KINDS, claim.pk)  # a second delivery waits for a visit of its own
        follow_claims(demand, actor=actor)
    return claim


def _refuse_before_the_last_step(claim: Claim, day: date) -> None:
    """What was done again was done after the visit that sent it back, and after it was reopened."""
    claim.refresh_from_db(fields=["reopened_at"])
    visited = Acceptance.objects.filter(claim=claim).aggregate(last=Max("visited_on"))["last"]
    if visited is not None and day < visited:
        raise OfficeError(f"完成日期不能早于上一次验收（{visited.month}月{visited.day}日）。")
    reopened = clock.local(claim.reopened_at).date() if claim.reopened_at else None
    if reopened is not None and day < reopened:
        raise OfficeError(f"完成日期不能早于退回重办的日期（{reopened.month}月{reopened.day}日）。")


def _refuse_others(claim: Claim, actor: User) -> None:
    if not policies.can_work_on_claim(actor, claim):
        raise NotAllowed("只有认领单位联络员可以办理，社区可以代录。")


# --- more time -----------------------------------------------------------------------------------------------------


def ask_extension(claim: Claim, until: date, reason: str, *, via: str = Via.SCREEN, actor: User) -> Extension:
    """Ask for a later deadline; it holds only with the office's yes. One question at a time."""
    _refuse_others(claim, actor)
    reason = text(reason, 200, missing="请写明延期的原因。")
    with transaction.atomic():
        demand = hold(claim.demand)
        via = own_or_recorded(policies.can_work_on_claim, actor, claim, via)
        claim.refresh_from_db()
        if claim.state not in CLAIM_WORKING:
            raise TooLate(f"认领项目现在是“{claim.get_state_display()}”，不能申请延期。")
        if until <= max(claim.due_on, clock.today()):
            raise OfficeError("新的时限应晚于原时限和今天。")
        if Extension.objects.filter(claim=claim, state=ExtensionState.ASKED).exists():
            raise OfficeError("上一次延期申请还没有答复。")
        row = Extension.objects.create(
            claim=claim, from_on=claim.due_on, until_on=until, reason=reason, asked_by=actor
        )
        audit.record(
            "demands.extension.ask",
            row,
            actor=actor,
            alliance=claim.alliance,
            after=row.state,
            data={"claim": claim.pk, "until": until.isoformat(), "via": via},
        )
        tell(
            policies.can_answer_extension.holders(claim),
            row,
            "demands.extension.asked",
            f"{claim.member.unit.name}申请延期：{demand.number}",
            f"申请延至{until.month}月{until.day}日，请打开查看原因并答复。",
            places.of_claim(claim),
        )
    return row


def grant_extension(extension: Extension, answer: str = "", *, actor: User) -> Claim:
    """Yes: the claim's deadline moves, and the clock of reminders begins anew."""
    claim = extension.claim
    with transaction.atomic():
        hold(claim.demand)
        fields = {"answered_by": actor, "answer": text(answer, 200)}
        EXTENSION.apply(extension, "grant", actor=actor, fields=fields)
        hit = Claim.objects.filter(pk=claim.pk, state__in=CLAIM_WORKING).update(
            due_on=extension.until_on, nudged_at=None, escalated_at=None
        )
        if not hit:
            raise TooLate("认领项目已不在办理中，不用再延期。")
        digests.forget(DEADLINE_KINDS, claim.pk)
        _tell_answer(extension, f"同意延至{extension.until_on.month}月{extension.until_on.day}日")
    claim.due_on = extension.until_on
    return claim


def refuse_extension(extension: Extension, answer: str, *, actor: User) -> Extension:
    answer = text(answer, 200, missing="请写明不同意延期的原因。")
    with transaction.atomic():
        hold(extension.claim.demand)
        fields = {"answered_by": actor, "answer": answer}
        EXTENSION.apply(extension, "refuse", actor=actor, fields=fields)
        _tell_answer(extension, "不同意延期，请打开查看原因，按原时限完成。")
    return extension


def _tell_answer(extension: Extension, words: str) -> None:
    claim = extension.claim
    tell(
        liaisons(claim.member),
        extension,
        "demands.extension.answered",
        f"延期申请已答复：{claim.demand.number}",
        words,
        places.of_claim(claim),
    )
