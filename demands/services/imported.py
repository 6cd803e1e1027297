"""Rows that come from an office's lists. Nothing here sends a message, starts a deadline or asks a resident.

A list tells what was; the house tells what is. A claim that has moved here since it was imported is not moved by a list
any more, a contact that was cleared does not come back, and an answer given here is not overwritten.
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from alliances import clock
from alliances.errors import OfficeError
from alliances.models import Alliance, LogEntry, Member, Organisation, Person
from alliances.services import audit
from demands.enums import CallBackState, ClaimPart, ClaimState, DemandState, Verdict
from demands.fields import keyed_hash
from demands.models import Acceptance, Author, CallBack, Claim, Demand, Resource
from demands.services.numbers import next_number
from demands.services.states import follow_claims

Changes = dict[str, Any]


def changes_of(obj: Any, values: Changes) -> Changes:
    """Those of ``values`` that say something else than ``obj`` does."""
    return {key: value for key, value in values.items() if getattr(obj, key) != value}


# --- resources -----------------------------------------------------------------------------------------------------


def add_resource(member: Member, values: Changes, *, source: Changes, actor: Any) -> Resource:
    resource = Resource(alliance=member.alliance, member=member, created_by=actor, **values, **source)
    _save(resource, "这家单位已经登记了同类同名的资源。")
    audit.record("demands.resource.import", resource, actor=actor, after=resource.state)
    return resource


def change_resource(resource: Resource, changes: Changes, *, actor: Any) -> Resource:
    return _change(
        resource, {**changes, "changed_at": clock.now()}, "demands.resource.import", sorted(changes), actor
    )


# --- demands -------------------------------------------------------------------------------------------------------


def add_demand(
    alliance: Alliance, values: Changes, *, authors: list[tuple[str, str]], source: Changes, actor: Any
) -> Demand:
    """A demand that has been reviewed, open for every unit of the alliance. ``authors`` are (name, phone) pairs."""
    now = clock.now()
    demand = Demand(
        alliance=alliance,
        state=DemandState.OPEN,
        created_by=actor,
        reviewed_at=now,
        hall_opened_at=now,
        imported_at=now,
        **next_number(alliance, values["raised_on"]),
        **values,
        **source,
    )
    demand.save(force_insert=True)
    for name, phone in authors:
        add_author(demand, name, phone)
    audit.record("demands.demand.import", demand, actor=actor, after=demand.state)
    return demand


def add_author(demand: Demand, name: str, phone: str) -> Author:
    return Author.objects.create(demand=demand, name=name, phone=phone, phone_key=keyed_hash(phone))


def change_demand(demand: Demand, changes: Changes, *, actor: Any) -> Demand:
    """What the list says otherwise of a demand; its state is not among it."""
    return _change(demand, changes, "demands.demand.change", sorted(changes), actor, states=False)


def change_author(author: Author, name: str, phone: str, *, actor: Any) -> Author:
    """A name or phone set right; one that was cleared stays cleared."""
    if author.anonymised_at is not None:
        raise OfficeError("需求人信息已经清除，不再登记。")
    author.name, author.phone, author.phone_key = name, phone, keyed_hash(phone)
    author.save(update_fields=["name", "phone", "phone_key"])
    audit.record("demands.demand.change", author.demand, actor=actor, data={"fields": ["contact"]})
    return author


# --- claims --------------------------------------------------------------------------------------------------------


def add_claim(demand: Demand, member: Member, values: Changes, *, source: Changes, actor: Any) -> Claim:
    """A claim as the list tells it; the demand's state follows. ``part`` is lead where nobody leads yet."""
    values.setdefault("part", ClaimPart.JOINT if _lead_of(demand) else ClaimPart.LEAD)
    claim = Claim(
        alliance=demand.alliance,
        demand=demand,
        member=member,
        claimed_by=actor,
        imported_at=clock.now(),
        **{**values, "first_due_on": values["due_on"]},
        **source,
    )
    if claim.state == ClaimState.ACCEPTED:
        claim.accepted_on = claim.delivered_on  # until the list of acceptances says on which day
    _save(claim, "这项需求已有牵头单位，或这家单位已经认领。")
    audit.record("demands.claim.import", claim, actor=actor, after=claim.state)
    follow_claims(demand, actor=actor)
    return claim


def change_claim(claim: Claim, changes: Changes, *, actor: Any) -> Claim:
    if changes.get("state", claim.state) == ClaimState.ACCEPTED and claim.accepted_on is None:
        changes["accepted_on"] = changes.get("delivered_on") or claim.delivered_on
    _change(claim, changes, "demands.claim.import", sorted(changes), actor)
    if "state" in changes:
        follow_claims(claim.demand, actor=actor)
    return claim


def lives_here(claim: Claim) -> bool:
    """Whether somebody has moved the claim in this house since a list told of it."""
    last = (
        LogEntry.objects.filter(object_type="demands.claim", object_id=claim.pk)
        .exclude(after="")
        .order_by("-pk")
        .values_list("action", flat=True)
        .first()
    )
    return last != "demands.claim.import"


def _lead_of(demand: Demand) -> bool:
    return (
        Claim.objects.filter(demand=demand, part=ClaimPart.LEAD)
        .exclude(state=ClaimState.HANDED_BACK)
        .exists()
    )


# --- acceptances ---------------------------------------------------------------------------------------------------


def add_acceptance(
    claim: Claim, values: Changes, *, answer: Changes | None, source: Changes, actor: Any
) -> Acceptance:
    """A visit; the claim that waited for it is accepted or returned by it, and a passed one bears its day."""
    visits = Acceptance.objects.filter(claim=claim)
    values.setdefault("visit", visits.count() + 1)
    acceptance = Acceptance(claim=claim, recorded_by=actor, imported_at=clock.now(), **values, **source)
    _save(acceptance, "这次验收已经登记过了。")
    audit.record("demands.acceptance.import", acceptance, actor=actor, data={"verdict": acceptance.verdict})
    _move_by_visit(claim, acceptance, actor)
    if answer:
        add_answer(acceptance, answer, actor=actor)
    return acceptance


def change_acceptance(acceptance: Acceptance, changes: Changes, *, actor: Any) -> Acceptance:
    _change(acceptance, changes, "demands.acceptance.change", sorted(changes), actor, states=False)
    _move_by_visit(acceptance.claim, acceptance, actor)
    return acceptance


def add_answer(acceptance: Acceptance, answer: Changes, *, actor: Any) -> CallBack:
    """The resident's answer as the list tells it; the first author is who was asked."""
    call_back = CallBack.objects.create(
        acceptance=acceptance,
        author=Author.objects.filter(demand=acceptance.claim.demand_id).order_by("pk").first(),
        state=CallBackState.ANSWERED,
        recorded_by=actor,
        imported_at=clock.now(),
        **answer,
    )
    audit.record("demands.call_back.import", call_back, actor=actor, after=call_back.state)
    return call_back


def change_answer(call_back: CallBack, changes: Changes, *, actor: Any) -> CallBack:
    return _change(call_back, changes, "demands.call_back.import", sorted(changes), actor)


def _move_by_visit(claim: Claim, acceptance: Acceptance, actor: Any) -> None:
    has_passed = acceptance.verdict != Verdict.FAILED
    if claim.state == ClaimState.DELIVERED:
        changes: Changes = {"state": ClaimState.ACCEPTED if has_passed else ClaimState.RETURNED}
        if has_passed:
            changes["accepted_on"] = acceptance.visited_on
        change_claim(claim, changes, actor=actor)
        return
    if claim.state != ClaimState.ACCEPTED or not has_passed or claim.accepted_on == acceptance.visited_on:
        return
    if claim.imported_at and not lives_here(claim):
        Claim.objects.filter(pk=claim.pk).update(accepted_on=acceptance.visited_on)
        claim.accepted_on = acceptance.visited_on


def inspector_of(station: Organisation | None, name: str) -> Person | None:
    """The person in charge of ``station`` of this name, if there is one."""
    if station is None or not name:
        return None
    return Person.objects.filter(appointments__organisation=station, name=name).order_by("pk").first()


# --- writing -------------------------------------------------------------------------------------------------------


def _save(obj: Any, sentence: str) -> None:
    try:
        with transaction.atomic():
            obj.save(force_insert=True)
    except IntegrityError as problem:
        raise OfficeError(sentence) from problem


def _change(
    obj: Any, changes: Changes, code: str, fields: list[str], actor: Any, *, states: bool = True
) -> Any:
    """Write ``changes`` if the row still is as it was read; the log keeps the fields' names, never their content."""
    before = obj.state if states else ""
    rows = type(obj)._default_manager.filter(pk=obj.pk)
    if states:
        rows = rows.filter(state=before)
    try:
        with transaction.atomic():
            hit = rows.update(**changes)
    except IntegrityError as problem:
        raise OfficeError("改了以后与另一行冲突，没有更改。") from problem
    if not hit:
        raise OfficeError("有人刚办理过这一行，请重新导入。")
    for key, value in changes.items():
        setattr(obj, key, value)
    audit.record(
        code,
        obj,
        actor=actor,
        before=before,
        after=obj.state if states else "",
        data={"fields": fields},
    )
    return obj
