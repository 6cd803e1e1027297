"""What the office decides about a demand: taken up, declined, merged, given up, corrected, shared, handed up."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from alliances import clock
from alliances.enums import Level
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Alliance, Organisation, User
from alliances.services import audit
from demands import policies
from demands.enums import DEMAND_ENDED, DemandState, UnresolvedReason, Urgency
from demands.lifecycles import DEMAND
from demands.models import Category, Claim, Demand
from demands.selectors import contacts
from demands.services import dispatch, intake, releases
from demands.services.acting import hold, text
from demands.services.intake import MOST_WORDS, Asked, TakenIn

MERGE_INTO = (DemandState.SUBMITTED, DemandState.OPEN, DemandState.CLAIMED, DemandState.SERVED)


def open_(demand: Demand, *, to_hall: bool = True, actor: User) -> Demand:
    """Take the demand up. ``to_hall`` False keeps it out of the open hall while offers to chosen units are written."""
    with transaction.atomic():
        demand = hold(demand)
        fields: dict[str, Any] = {"reviewed_by": actor}
        if to_hall:
            fields["hall_opened_at"] = clock.now()
        return DEMAND.apply(demand, "open", actor=actor, fields=fields)


def decline(demand: Demand, reason: str, *, actor: User) -> Demand:
    """Not taken up, with a reason that its author reads."""
    reason = text(reason, 200, missing="请写明不予受理的原因，需求人会看到。")
    with transaction.atomic():
        demand = hold(demand)
        DEMAND.apply(demand, "decline", actor=actor, fields={"reason": reason, "reviewed_by": actor})
        dispatch.withdraw_open(demand, actor=actor)
    return demand


def take_up(demand: Demand, *, actor: User) -> Demand:
    """A declined or unresolved demand is worked on after all."""
    with transaction.atomic():
        demand = hold(demand)
        fields: dict[str, Any] = {
            "reason": "",
            "unresolved_reason": "",
            "ended_at": None,
            "hall_opened_at": clock.now(),
            "reviewed_by": actor,
        }
        if demand.anonymised_at is not None:
            raise OfficeError("需求人信息已按规定清除，请重新登记一件需求。")
        return DEMAND.apply(demand, "take_up", actor=actor, fields=fields)


def merge(demand: Demand, into: Demand, *, actor: User) -> Demand:
    """The same demand said twice: ``demand`` ends in ``into``. Its authors stay on it and follow ``into`` from now on;
    what had been merged into it follows along."""
    if demand.pk == into.pk:
        raise OfficeError("不能合并到自己。")
    if demand.alliance_id != into.alliance_id:
        raise OfficeError("只能与本社区的需求合并。")
    with transaction.atomic():
        # Both rows, in one order everywhere: two merges that cross do not wait for each other for ever.
        held = {row.pk: hold(row) for row in sorted((demand, into), key=lambda row: row.pk)}
        demand, into = held[demand.pk], held[into.pk]
        if into.state not in MERGE_INTO:
            raise OfficeError(f"{into.number}是“{into.get_state_display()}”，不能合并到它。")
        DEMAND.apply(
            demand,
            "merge",
            actor=actor,
            data={"into": into.pk},
            fields={"merged_into": into, "reviewed_by": actor},
        )
        Demand.objects.filter(merged_into=demand).update(merged_into=into)
        dispatch.withdraw_open(demand, actor=actor)
        if demand.is_sensitive:
            # A contact that needed the secretary's release keeps needing it, also where another's had been released.
            Demand.objects.filter(pk=into.pk, shared_to=None).update(is_sensitive=True)
            Claim.objects.filter(demand=into).update(contact_released_at=None, contact_released_by=None)
        releases.ask_for(into)
    return demand


def take_in_merged(
    alliance: Alliance, asked: Asked, into: Demand, *, form_key: str = "", actor: User
) -> TakenIn:
    """A slip that says what ``into`` says already: its author is kept and follows ``into``. Both or nothing."""
    with transaction.atomic():
        done = intake.take_in(alliance, asked, form_key=form_key, actor=actor)
        if done.demand.merged_into_id is None:
            merge(done.demand, into, actor=actor)
            done.demand.refresh_from_db()
    return done


def withdraw(demand: Demand, *, actor: User) -> Demand:
    """The asking unit, or the office at the author's word, takes the demand back before anybody works on it."""
    with transaction.atomic():
        demand = hold(demand)
        DEMAND.apply(demand, "withdraw", actor=actor)
        dispatch.withdraw_open(demand, actor=actor)
    return demand


def give_up(demand: Demand, why: str, sentence: str, *, actor: User) -> Demand:
    """Close an open demand unresolved: ``why`` of the short list, and a sentence that its author reads."""
    if why not in UnresolvedReason.values:
        raise OfficeError("请从列表中选择未能解决的原因。")
    sentence = text(sentence, 200, missing="请给需求人写一句说明。")
    with transaction.atomic():
        demand = hold(demand)
        DEMAND.apply(
            demand,
            "give_up",
            actor=actor,
            data={"why": why},
            fields={"unresolved_reason": why, "reason": sentence},
        )
        dispatch.withdraw_open(demand, actor=actor)
    return demand


def change(
    demand: Demand,
    *,
    category: Category | None = None,
    content: str | None = None,
    urgency: str | None = None,
    station: Organisation | None = None,
    expected_on: date | None = None,
    is_sensitive: bool | None = None,
    actor: User,
) -> Demand:
    """Set right what was typed; None leaves a field. The log keeps the fields' names."""
    if not policies.can_review_demand(actor, demand):
        raise NotAllowed("只有社区书记和工作人员可以修改需求。")
    fields: dict[str, Any] = {}
    if category is not None:
        fields["category"] = category
    if content is not None:
        fields["content"] = text(content, MOST_WORDS, missing="请填写需求内容。")
    if urgency is not None:
        if urgency not in Urgency.values:
            raise OfficeError("请选择紧急程度。")
        fields["urgency"] = urgency
    if station is not None:
        if station.parent_id != demand.alliance.organisation_id:
            raise OfficeError("这个小区服务站不属于本社区。")
        fields["station"] = station
    if expected_on is not None:
        if expected_on < demand.raised_on:
            raise OfficeError("期望时限不能早于提出日期。")
        fields["expected_on"] = expected_on
    if is_sensitive is not None:
        fields["is_sensitive"] = is_sensitive
    with transaction.atomic():
        demand = hold(demand)
        if demand.state in DEMAND_ENDED:
            raise OfficeError(f"需求已经“{demand.get_state_display()}”，不能再修改。")
        changed = {key: value for key, value in fields.items() if getattr(demand, key) != value}
        if not changed:
            return demand
        if changed.get("is_sensitive") is False and not policies.can_release_contact(actor, demand):
            # Without the mark every unit that serves the need sees the contact: it is a release.
            raise NotAllowed("只有社区书记可以取消敏感标记：取消后，认领单位能直接查看需求人的联系方式。")
        if "content" in changed and demand.shared_to_id and not demand.share_text:
            _refuse_identities(demand, changed["content"])
        if changed.get("is_sensitive") and demand.shared_to_id and not demand.share_text:
            raise OfficeError("这项需求已共享到上级大厅，请先写明不涉及个人信息的对外表述。")
        Demand.objects.filter(pk=demand.pk).update(**changed)
        audit.record("demands.demand.change", demand, actor=actor, data={"fields": sorted(changed)})
        for key, value in changed.items():
            setattr(demand, key, value)
        releases.ask_for(demand)
    return demand


# --- beyond the community ------------------------------------------------------------------------------------------


def share(demand: Demand, office: Organisation, share_text: str = "", *, actor: User) -> Demand:
    """Show the demand in the hall of a street's or the county's office: every unit of an alliance below it may claim.

    ``share_text`` is what they read; a sensitive demand is shared in such words only. Without a share, a foreign
    alliance's rows do not exist for them.
    """
    if not policies.can_share_demand(actor, demand):
        raise NotAllowed("只有社区书记和上级办公室可以共享需求。")
    words = text(share_text, 300)
    with transaction.atomic():
        demand = hold(demand)
        place = demand.alliance.organisation
        if office.pk == place.pk or not place.is_under(office):
            raise OfficeError("只能共享到本社区上级的大厅。")
        if office.level not in (Level.STREET, Level.COUNTY, Level.CITY):
            raise OfficeError("只能共享到街道、县区的大厅。")
        if demand.state not in (DemandState.OPEN, DemandState.CLAIMED):
            raise OfficeError(f"需求现在是“{demand.get_state_display()}”，不能共享。")
        if demand.is_sensitive and not words:
            raise OfficeError("这项需求涉及敏感信息，请写一段不含个人信息的对外表述再共享。")
        _refuse_identities(demand, words or demand.content)
        fields: dict[str, Any] = {
            "shared_to": office,
            "shared_at": clock.now(),
            "shared_by": actor,
            "share_text": words,
            "hall_opened_at": demand.hall_opened_at or clock.now(),
        }
        Demand.objects.filter(pk=demand.pk).update(**fields)
        audit.record("demands.demand.share", demand, actor=actor, data={"office": office.pk})
        for key, value in fields.items():
            setattr(demand, key, value)
    return demand


def _refuse_identities(demand: Demand, words: str) -> None:
    """Names and phones of whoever asked, also for what was merged into it, do not travel in the words."""
    authors = contacts.authors_of([demand])[demand.pk]
    if contacts.names_anybody(words, [secret for one in authors for secret in (one.name, one.phone)]):
        raise OfficeError("对外内容里写有需求人的姓名或电话，请另写一段不含个人信息的对外表述。")


def unshare(demand: Demand, *, actor: User) -> Demand:
    """Take the demand out of the hall; claims that stand go on."""
    if not policies.can_share_demand(actor, demand):
        raise NotAllowed("只有社区书记和上级办公室可以取消共享。")
    with transaction.atomic():
        demand = hold(demand)
        if demand.shared_to_id is None:
            return demand
        fields: dict[str, Any] = {"shared_to": None, "shared_at": None, "shared_by": None}
        Demand.objects.filter(pk=demand.pk).update(**fields)
        audit.record("demands.demand.unshare", demand, actor=actor)
        for key, value in fields.items():
            setattr(demand, key, value)
    return demand


def hand_up(demand: Demand, note: str, *, actor: User) -> Demand:
    """Report a demand that the alliance cannot solve to the street; it stays open here and is shared to its hall by the
    street's own decision or by ``share``."""
    if not policies.can_hand_up_demand(actor, demand):
        raise NotAllowed("只有社区书记可以上报需求。")
    note = text(note, 200, missing="请写明上报的原因。")
    with transaction.atomic():
        demand = hold(demand)
        if demand.state not in (DemandState.OPEN, DemandState.CLAIMED):
            raise OfficeError(f"需求现在是“{demand.get_state_display()}”，不能上报。")
        if demand.alliance.organisation.parent_id is None:
            raise OfficeError("没有上级可以上报。")
        _refuse_identities(demand, note)
        fields: dict[str, Any] = {"handed_up_at": clock.now(), "hand_up_note": note}
        Demand.objects.filter(pk=demand.pk).update(**fields)
        audit.record("demands.demand.hand_up", demand, actor=actor)
        demand.handed_up_at, demand.hand_up_note = fields["handed_up_at"], note
        dispatch.tell_office(demand)
    return demand
