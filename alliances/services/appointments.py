"""Who holds which post: appoint, end, hand over. The duty stays with the unit, so open tasks follow the post."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from alliances import clock
from alliances.enums import MEMBER_ROLES, Role
from alliances.errors import OfficeError
from alliances.models import Appointment, Member, Organisation, Person, User
from alliances.registry import registries
from alliances.services import accounts, audit, outbox

SINGLE_ROLES = frozenset({Role.LIAISON, Role.LEADER, Role.SECRETARY, Role.PRESIDENT})
# Who keeps the accounts never reads the log of it (design, mission: "the two are never the same person").
APART = {Role.ADMINISTRATOR: Role.AUDITOR, Role.AUDITOR: Role.ADMINISTRATOR}


def contact(name: str, phone: str = "") -> Person:
    """The person of this name and phone, created if unknown. People without a phone are never merged by name."""
    name = name.strip()
    if not name:
        raise OfficeError("姓名不能为空。")
    if phone:
        return Person.objects.get_or_create(name=name, phone=phone)[0]
    return Person.objects.create(name=name)


def appoint(
    person: Person,
    role: str,
    *,
    organisation: Organisation | None = None,
    member: Member | None = None,
    starts_on: date | None = None,
    actor: User | None,
) -> Appointment:
    """Give ``person`` the post. Where only one can hold it, the predecessor's appointment ends the same day and open
    tasks are the successor's from then on. Repeating it changes nothing."""
    if (role in MEMBER_ROLES) != (member is not None):
        raise OfficeError("联络员、单位负责人须任在成员单位，其他职务须任在组织。")
    _keep_apart(person, role)
    starts_on = starts_on or clock.today()
    place = {"organisation": organisation, "member": member}
    with transaction.atomic():
        # Taking the member's row makes an appointment and the unit's leaving see each other.
        if member and not Member.objects.filter(pk=member.pk, left_on=None).update(left_on=None):
            raise OfficeError(f"{member.unit.name}已退出联盟，不能再任职。")
        holders = Appointment.objects.filter(role=role, ends_on=None, **place).select_related("person")
        for holder in holders:
            if holder.person_id == person.pk:
                return holder
        if role in SINGLE_ROLES:
            for holder in holders:
                end(holder, actor=actor, on=max(starts_on, holder.starts_on))
        appointment = Appointment.objects.create(person=person, role=role, starts_on=starts_on, **place)
        alliance = member.alliance if member else getattr(organisation, "alliance", None)
        audit.record(
            "alliances.appointment.appoint",
            appointment,
            actor=actor,
            alliance=alliance,
            data={"role": role, "person": person.pk, "member": member.pk if member else None},
        )
    return appointment


def _keep_apart(person: Person, role: str) -> None:
    """Refuse the second of two posts that one person never holds, also under another name with the same phone."""
    other = APART.get(Role(role))
    if other is None:
        return
    same = Q(person=person) | (Q(person__phone=person.phone) if person.phone else Q())
    if Appointment.objects.filter(same, role=other, ends_on=None).exists():
        raise OfficeError("系统管理员和审计员不能是同一个人：管账号的人不查自己的日志。")


def end(appointment: Appointment, *, actor: User | None, on: date | None = None) -> None:
    """End a post; sessions of somebody left without any post die with it."""
    if appointment.role == Role.ADMINISTRATOR and not _has_deputy(appointment):
        raise OfficeError("这是最后一位系统管理员，请先任命接任的人。")
    with transaction.atomic():
        hit = Appointment.objects.filter(pk=appointment.pk, ends_on=None).update(ends_on=on or clock.today())
        if not hit:
            raise OfficeError("这项任职已经结束。")
        alliance = (
            appointment.member.alliance
            if appointment.member
            else getattr(appointment.organisation, "alliance", None)
        )
        audit.record(
            "alliances.appointment.end",
            appointment,
            actor=actor,
            alliance=alliance,
            data={"role": appointment.role},
        )
        accounts.close_sessions_without_post(appointment.person)


def _has_deputy(appointment: Appointment) -> bool:
    """Whether somebody else administers the same organisation or one above it."""
    others = Appointment.objects.current().filter(
        role=Role.ADMINISTRATOR, organisation__path__in=appointment.organisation.paths_above
    )
    return others.exclude(person_id=appointment.person_id).exists()


def hand_over(member: Member, *, name: str, phone: str, actor: Any) -> Appointment:
    """A new liaison for ``member``: the predecessor's appointment ends, everything open is now the successor's, who
    is told what that is."""
    with transaction.atomic():
        successor = contact(name, phone)
        appointment = appoint(successor, Role.LIAISON, member=member, actor=actor)
        tasks = [line for entry in registries.hand_overs for line in entry.tasks(member)]
        body = "您已接任本单位联络员。" + (
            "现在待办：\n" + "\n".join(f"· {line}" for line in tasks) if tasks else ""
        )
        outbox.post(
            [successor],
            kind="alliances.hand_over",
            subject=f"您已接任{member.unit.name}联络员",
            body=body,
            path="/",
            dedupe_key=f"hand_over:{appointment.pk}",
            alliance=member.alliance,
        )
    return appointment
