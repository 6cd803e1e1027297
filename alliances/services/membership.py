"""Units and their membership in alliances."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from alliances import clock
from alliances.enums import Role
from alliances.errors import OfficeError
from alliances.models import Agreement, Alliance, Appointment, Member, Unit, User
from alliances.selectors import directory
from alliances.services import accounts, appointments, audit


def add_unit(name: str, sector: str, *, actor: User | None, **details: Any) -> Unit:
    """A unit, once in the whole deployment. ``details``: party_branch, party_members, aliases."""
    try:
        with transaction.atomic():
            unit = Unit.objects.create(name=name, sector=sector, **details)
            audit.record("alliances.unit.add", unit, actor=actor)
    except IntegrityError as problem:
        raise OfficeError(f"单位“{name}”已经登记过。") from problem
    return unit


def change_unit(unit: Unit, *, actor: User | None, **details: Any) -> bool:
    """Write changed details; returns whether anything changed."""
    changed = {key: value for key, value in details.items() if getattr(unit, key) != value}
    if not changed:
        return False
    try:
        with transaction.atomic():
            Unit.objects.filter(pk=unit.pk).update(**changed)
            audit.record("alliances.unit.change", unit, actor=actor, data={"fields": sorted(changed)})
    except IntegrityError as problem:
        raise OfficeError(f"单位“{changed.get('name', unit.name)}”已经登记过。") from problem
    for key, value in changed.items():
        setattr(unit, key, value)
    return True


def join(
    alliance: Alliance,
    unit: Unit,
    *,
    duty_mode: str,
    joined_on: date | None = None,
    source_no: int | None = None,
    actor: User | None,
) -> Member:
    """``unit`` becomes a member of ``alliance``."""
    try:
        with transaction.atomic():
            member = Member.objects.create(
                alliance=alliance, unit=unit, duty_mode=duty_mode, joined_on=joined_on, source_no=source_no
            )
            audit.record("alliances.member.join", member, actor=actor, data={"unit": unit.pk})
    except IntegrityError as problem:
        raise OfficeError(f"{unit.name}已经是{alliance.name}的成员单位。") from problem
    return member


def change(member: Member, *, actor: User | None, **details: Any) -> bool:
    """Write changed details (duty_mode, joined_on, source_no); returns whether anything changed."""
    changed = {key: value for key, value in details.items() if getattr(member, key) != value}
    if not changed:
        return False
    with transaction.atomic():
        Member.objects.filter(pk=member.pk).update(**changed)
        audit.record("alliances.member.change", member, actor=actor, data={"fields": sorted(changed)})
    for key, value in changed.items():
        setattr(member, key, value)
    return True


def enrol(
    alliance: Alliance,
    *,
    unit: Unit | None,
    name: str,
    sector: str,
    details: dict[str, Any],
    duty_mode: str,
    joined_on: date | None,
    leader: str = "",
    liaison: str = "",
    phone: str = "",
    actor: User,
) -> Member:
    """A unit joins with its leader and liaison, all or nothing. ``unit`` is one known already; ``None`` registers a new
    one of ``name``. The liaison is a contact without an account: an invitation comes later."""
    with transaction.atomic():
        if unit is None:
            unit = add_unit(name, sector, actor=actor, **details)
        member = join(alliance, unit, duty_mode=duty_mode, joined_on=joined_on, actor=actor)
        if leader:
            appointments.appoint(appointments.contact(leader), Role.LEADER, member=member, actor=actor)
        if liaison:
            person = appointments.contact(liaison, phone)
            appointments.appoint(person, Role.LIAISON, member=member, actor=actor)
    return member


def correct(
    member: Member, *, unit_details: dict[str, Any], details: dict[str, Any], leader: str, actor: User
) -> bool:
    """Write corrected details of the unit and its membership; another ``leader`` takes the post, an empty one leaves it.
    Returns whether anything changed."""
    with transaction.atomic():
        changed = change_unit(member.unit, actor=actor, **unit_details)
        changed |= change(member, actor=actor, **details)
        holder = directory.holder(member, Role.LEADER)
        if leader and (holder is None or holder.person.name != leader):
            appointments.appoint(appointments.contact(leader), Role.LEADER, member=member, actor=actor)
            changed = True
    return changed


def leave(member: Member, *, on: date | None = None, actor: User) -> None:
    """The unit leaves the alliance: its posts end, its history stays."""
    on = on or clock.today()
    if member.joined_on and on < member.joined_on:
        raise OfficeError("退出日期不能早于加入日期。")
    with transaction.atomic():
        hit = Member.objects.filter(pk=member.pk, left_on=None).update(left_on=on)
        if not hit:
            raise OfficeError(f"{member.unit.name}已经退出。")
        audit.record("alliances.member.leave", member, actor=actor, data={"on": on.isoformat()})
        for appointment in Appointment.objects.filter(member=member, ends_on=None).select_related("person"):
            Appointment.objects.filter(pk=appointment.pk).update(ends_on=max(on, appointment.starts_on))
            accounts.close_sessions_without_post(appointment.person)


def sign_agreement(
    member: Member, *, kind: str, signed_on: date, valid_until: date | None = None, actor: User
) -> Agreement:
    """Record the signed agreement by which the unit joined."""
    if valid_until and valid_until < signed_on:
        raise OfficeError("协议有效期不能早于签订日期。")
    try:
        with transaction.atomic():
            agreement = Agreement.objects.create(
                alliance=member.alliance,
                member=member,
                kind=kind,
                signed_on=signed_on,
                valid_until=valid_until,
            )
            audit.record("alliances.agreement.sign", agreement, actor=actor, data={"member": member.pk})
    except IntegrityError as problem:
        raise OfficeError("同一天签订的同类协议已经登记过。") from problem
    return agreement
