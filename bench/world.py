"""Rows at scale, written in bulk: one county of 24 communities, three of which are out of all proportion.

Nothing here goes through the services: only the amount, the spread and the width of the rows matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import Model

from alliances import clock
from alliances.calendars import Month
from alliances.enums import Channel, DutyMode, Level, MessageState, Role, Sector, Via
from alliances.models import (
    Alliance,
    Appointment,
    LogEntry,
    Member,
    Message,
    Organisation,
    Person,
    Unit,
    User,
)
from bench import month
from rotation.enums import PlanState, SlipState, SwapKind, SwapState, WishSource
from rotation.models import Duty, DutyChair, Plan, Receipt, Slip, Swap, Wish

COMMUNITIES = 24
MEMBERS = 10
SLIPS_PER_DUTY = 5  # one standing, the others withdrawn after changes
HOME = "01-01-01"  # the community with very many messages
BIG = "01-01-02"  # the community with very many members
OLD = "01-01-03"  # the community with a very long past
BATCH = 2000
SINCE = date(2020, 1, 1)
PAPER = {
    "kind": "rotation.slip",
    "layout": "form",
    "title": "轮值主席提醒单",
    "blocks": [{"type": "para", "text": "按照年度轮值主席安排表，贵单位为本月轮值主席。" * 12}],
}


def year() -> int:
    return clock.today().year


def liaison_person() -> Person:
    return Person.objects.get(phone="13800000001")


def found() -> dict[str, User]:
    """The county with its users: secretary, big_secretary, old_secretary, liaison, county, auditor."""
    root = _place(None, 1, Level.COUNTY, "示范县")
    street = _place(root, 1, Level.STREET, "城关街道")
    alliances = []
    for number in range(1, COMMUNITIES + 1):
        community = _place(street, number, Level.COMMUNITY, f"第{number}社区")
        alliances.append(
            Alliance.objects.create(
                organisation=community,
                code=community.code,
                name=f"第{number}社区党建联盟",
                number_prefix=f"第{number}党建联",
            )
        )
    units = Unit.objects.bulk_create(
        Unit(name=f"县第{number}局", sector=Sector.GOVERNMENT) for number in range(MEMBERS)
    )
    for alliance in alliances:
        _community(alliance, units)
    home, big, old = (alliance.organisation for alliance in alliances[:3])
    county = _user("县办", "13800000004", Role.OFFICE, root)
    Authenticator.objects.create(user=county, type=Authenticator.Type.TOTP, data={})  # offices must have one
    liaison = _user("联络员", "13800000001", Role.LIAISON, alliances[0].members.order_by("pk")[0])
    return {
        "secretary": _user("书记", "13800000002", Role.SECRETARY, home),
        "big_secretary": _user("大书记", "13800000003", Role.SECRETARY, big),
        "old_secretary": _user("老书记", "13800000006", Role.SECRETARY, old),
        "liaison": liaison,
        "county": county,
        "auditor": _user("审计", "13800000005", Role.AUDITOR, root),
    }


def _place(parent: Organisation | None, number: int, level: str, name: str) -> Organisation:
    code = f"{parent.code}-{number:02d}" if parent else f"{number:02d}"
    return Organisation.objects.create(
        parent=parent, level=level, name=name, code=code, path=Organisation.path_of(code)
    )


def _user(name: str, phone: str, role: str, place: Organisation | Member) -> User:
    person = Person.objects.create(name=name, phone=phone)
    key = "member" if isinstance(place, Member) else "organisation"
    Appointment.objects.filter(role=role, **{key: place}).delete()
    Appointment.objects.create(person=person, role=role, starts_on=SINCE, **{key: place})
    return User.objects.create(person=person, phone=phone, password=make_password(None))


def _community(alliance: Alliance, units: list[Unit]) -> None:
    """Ten members with their people, this year's passed plan and its slips so far, a wish each."""
    members = Member.objects.bulk_create(
        Member(alliance=alliance, unit=unit, duty_mode=DutyMode.SOLO, joined_on=SINCE) for unit in units
    )
    _posts(members)
    plan, duties = _plan(alliance, year(), members)
    _slips(alliance, [duty for duty in duties if duty.month <= clock.today().month], members, per_duty=1)
    Wish.objects.bulk_create(
        Wish(
            alliance=alliance,
            member=member,
            year=plan.year,
            preferred=[order % 12 + 1],
            blackout=[],
            theme="便民服务进小区",
            source=WishSource.IMPORT,
        )
        for order, member in enumerate(members)
    )


def _posts(members: list[Member]) -> None:
    """A leader without and a liaison with a phone for each member."""
    leaders = Person.objects.bulk_create((Person(name="负责人") for _ in members), batch_size=BATCH)
    liaisons = Person.objects.bulk_create(
        (Person(name="联络员", phone=f"139{member.pk:08d}") for member in members), batch_size=BATCH
    )
    posts = [(Role.LEADER, leaders), (Role.LIAISON, liaisons)]
    Appointment.objects.bulk_create(
        (
            Appointment(person=person, role=role, member=member, starts_on=SINCE)
            for role, people in posts
            for person, member in zip(people, members, strict=True)
        ),
        batch_size=BATCH,
    )


def _plan(alliance: Alliance, number: int, members: list[Member]) -> tuple[Plan, list[Duty]]:
    plan = Plan.objects.create(
        alliance=alliance,
        year=number,
        state=PlanState.PASSED,
        passed_meeting="年度全体联席会",
        passed_on=SINCE,
        passed_at=clock.now(),
    )
    duties = Duty.objects.bulk_create(
        Duty(
            alliance=alliance,
            plan=plan,
            month=month,
            theme=f"{month}月主题活动",
            reason="报了意向",
            ends_on=Month(number, month).end,
        )
        for month in plan.months
    )
    DutyChair.objects.bulk_create(
        DutyChair(duty=duty, member=members[duty.month % len(members)]) for duty in duties
    )
    return plan, duties


def _slips(alliance: Alliance, duties: list[Duty], members: list[Member], per_duty: int) -> None:
    serial = Slip.objects.filter(alliance=alliance).count()
    rows = []
    for duty in duties:
        for turn in range(per_duty):
            serial += 1
            last = turn == per_duty - 1
            rows.append(
                Slip(
                    alliance=alliance,
                    duty=duty,
                    year=year(),
                    serial=serial,
                    number=f"{alliance.number_prefix}提〔{year()}〕{serial}号",
                    state=SlipState.ACKNOWLEDGED if last else SlipState.WITHDRAWN,
                    acknowledge_by=duty.ends_on,
                    lapses_on=duty.ends_on,
                    acknowledged_at=clock.now(),
                    nudged_at=clock.now() if serial % 20 == 0 else None,
                    paper=PAPER,
                    paper_hash="0" * 64,
                )
            )
    slips = Slip.objects.bulk_create(rows, batch_size=500)
    Receipt.objects.bulk_create(
        (
            Receipt(
                slip=slip,
                member=members[slip.serial % len(members)],
                signed_at=clock.now(),
                signer_name="联络员",
                via=Via.SCREEN,
            )
            for slip in slips
        ),
        batch_size=BATCH,
    )


def grow(rows: int) -> None:
    """Bring every table that a list page reads up to ``rows`` rows, then let the database look at itself."""
    home, big, old = (Alliance.objects.get(code=code) for code in (HOME, BIG, OLD))
    with transaction.atomic():
        _grow_slips(old, rows)
        _grow_members(big, rows)
        _fill(Message, rows, _messages(home))
        _fill(LogEntry, rows, _entries(home))
        _fill(Swap, rows, _swaps(old))
        month.grow(old, rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _fill(model: type[Model], rows: int, make: Callable[[int], Any]) -> None:
    missing: Iterator[Any] = (make(number) for number in range(model._default_manager.count(), rows))
    while batch := list(islice(missing, BATCH)):
        model._default_manager.bulk_create(batch)


def _grow_slips(old: Alliance, rows: int) -> None:
    """Years backwards from last year, twelve months each."""
    members = list(old.members.order_by("pk")[:MEMBERS])
    number = Plan.objects.filter(alliance=old).order_by("year").values_list("year", flat=True)[0]
    missing = rows - Slip.objects.count()
    while missing > 0:
        number -= 1
        _, duties = _plan(old, number, members)
        wanted = duties[: -(-missing // SLIPS_PER_DUTY)]
        _slips(old, wanted, members, SLIPS_PER_DUTY)
        missing -= len(wanted) * SLIPS_PER_DUTY


def _grow_members(big: Alliance, rows: int) -> None:
    """Members of the big community, each with leader, liaison and a wish."""
    have = Member.objects.filter(alliance=big).count()
    while have < rows:
        count = min(BATCH, rows - have)
        units = Unit.objects.bulk_create(
            Unit(name=f"单位{number:06d}", sector=Sector.SOCIAL_ORGANISATION)
            for number in range(have, have + count)
        )
        members = Member.objects.bulk_create(
            Member(alliance=big, unit=unit, duty_mode=DutyMode.COLLECTIVE, joined_on=SINCE) for unit in units
        )
        _posts(members)
        Wish.objects.bulk_create(
            Wish(alliance=big, member=member, year=year() + 1, source=WishSource.IMPORT) for member in members
        )
        have += count


def _messages(home: Alliance) -> Callable[[int], Message]:
    """To one liaison, so that outbox and inbox are equally long; one in two hundred unread, one in fifty failed."""
    person = liaison_person()
    now = clock.now()

    def make(number: int) -> Message:
        failed = number % 50 == 49
        return Message(
            alliance=home,
            recipient=person,
            channel=Channel.INBOX,
            kind="rotation.slip.issued",
            subject=f"请签收：轮值主席提醒单（{number}）",
            body="贵单位为本月轮值主席，请按期签收。",
            path="/slips/1/",
            dedupe_key=f"bench:{number}",
            state=MessageState.FAILED if failed else MessageState.SENT,
            sent_at=None if failed else now,
            read_at=None if number % 200 == 0 else now,
            attempts=1,
        )

    return make


def _entries(home: Alliance) -> Callable[[int], LogEntry]:
    actor = User.objects.get(phone="13800000002")
    start = clock.now() - timedelta(days=400)

    def make(number: int) -> LogEntry:
        return LogEntry(
            at=start + timedelta(minutes=number),
            actor=actor,
            capacity=Role.SECRETARY,
            alliance=home,
            action="rotation.slip.sign",
            object_type="rotation.slip",
            object_id=number,
            data={"member": number % 10, "via": "paper"},
        )

    return make


def _swaps(old: Alliance) -> Callable[[int], Swap]:
    """Filed and cancelled changes, spread over all months of all years of the old community."""
    duties = list(
        Duty.objects.filter(alliance=old).order_by("plan__year", "month").values_list("pk", "plan_id")
    )
    members = list(old.members.order_by("pk")[:MEMBERS])
    now = clock.now()

    def make(number: int) -> Swap:
        place = number * 7 % (len(duties) - 1)
        (duty, plan), (other_duty, _) = duties[place], duties[place + 1]
        return Swap(
            alliance=old,
            plan_id=plan,
            kind=SwapKind.SWAP,
            state=SwapState.FILED if number % 3 else SwapState.CANCELLED,
            duty_id=duty,
            other_duty_id=other_duty,
            asker=members[number % MEMBERS],
            other=members[(number + 1) % MEMBERS],
            reason="当月任务集中，申请对调。",
            asker_agreed_at=now,
            asker_agreed_via=Via.SCREEN,
            other_agreed_at=now,
            other_agreed_via=Via.SCREEN,
            filed_at=now,
        )

    return make
