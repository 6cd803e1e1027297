"""Organisations, alliances, members, people and accounts."""

from __future__ import annotations

from datetime import date
from itertools import count

from django.contrib.auth.hashers import make_password

from alliances.enums import MEMBER_ROLES, DutyMode, Level, Role, Sector
from alliances.models import Alliance, Appointment, Member, Organisation, Person, Unit, User

PASSWORD = "Gongjian-2026"
SINCE = date(2025, 1, 1)
_phones = count(1)


def place(name: str, level: str = Level.COMMUNITY, parent: Organisation | None = None) -> Organisation:
    """A node of the tree, coded by its order under its parent."""
    number = Organisation.objects.filter(parent=parent).count() + 1
    code = f"{parent.code}-{number:02d}" if parent else f"{number:02d}"
    return Organisation.objects.create(
        name=name, level=level, parent=parent, code=code, path=Organisation.path_of(code)
    )


def alliance(organisation: Organisation) -> Alliance:
    return Alliance.objects.create(
        organisation=organisation,
        code=organisation.code,
        name=f"{organisation.name}党建联盟",
        number_prefix=f"{organisation.name.removesuffix('社区')}党建联",
    )


def members(where: Alliance, names: dict[str, str], sector: str = Sector.GOVERNMENT) -> list[Member]:
    """A member for each unit name → duty mode; units that exist already are taken as they are."""
    known = {unit.name: unit for unit in Unit.objects.filter(name__in=names)}
    new = Unit.objects.bulk_create(Unit(name=n, sector=sector) for n in names if n not in known)
    known |= {unit.name: unit for unit in new}
    return Member.objects.bulk_create(
        Member(alliance=where, unit=known[name], duty_mode=mode, joined_on=SINCE)
        for name, mode in names.items()
    )


def member(where: Alliance, name: str, mode: str = DutyMode.SOLO) -> Member:
    return members(where, {name: mode})[0]


def phone() -> str:
    """A phone of the block that fictional people have here, new at every call."""
    return f"1390000{next(_phones) % 10_000:04d}"


def contact(name: str) -> Person:
    """Somebody on a roster: no account."""
    return Person.objects.create(name=name, phone=phone())


def appoint(person: Person, role: str, where: Organisation | Member) -> Appointment:
    """The post from 2025 on; ``where`` is a member for liaisons and leaders, else an organisation."""
    key = "member" if role in MEMBER_ROLES else "organisation"
    return Appointment.objects.create(person=person, role=role, starts_on=SINCE, **{key: where})


def account(person: Person, **fields: object) -> User:
    """An account with the password of this module."""
    return User.objects.create(person=person, phone=person.phone, password=make_password(PASSWORD), **fields)


def user(name: str, role: str, where: Organisation | Member, **fields: object) -> User:
    """Person, post and account at once."""
    person = contact(name)
    appoint(person, role, where)
    return account(person, **fields)


def liaison(of: Member, name: str) -> User:
    return user(name, Role.LIAISON, of)
