"""Many small communities with something in every part of a quarter, written in bulk: how cost grows with their number.

Nothing here goes through the services, and every community is like every other: only how many there are matters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import connection, transaction

from alliances import clock
from alliances.calendars import Quarter
from alliances.enums import Level, Role, Sector, Via
from alliances.models import Alliance, Appointment, Member, Organisation, Person, Unit, User
from bench import world
from demands.models import Category, Claim, Demand
from evaluations.enums import AssessmentState
from evaluations.models import Assessment
from evaluations.selectors import assessments as reads
from evaluations.selectors.briefs import brief_of
from rotation.enums import ActivityKind, ActivityState, MeetingKind, MeetingState, PlanState, ReplyState
from rotation.models import Activity, Duty, DutyChair, Meeting, Participation, Plan, Reply

QUARTER = Quarter(2026, 1)
SEEN_AT = datetime(2026, 4, 1, 0, 5, tzinfo=clock.ZONE)  # the first night after the quarter
FILED_AT = datetime(2026, 4, 7, 10, 0, tzinfo=clock.ZONE)
MEMBERS, MONTHS, CLAIMS = 8, (1, 2, 3), 12
BATCH = 2000


def at(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=clock.ZONE)


def street(county: Organisation, number: int, name: str) -> tuple[Organisation, User]:
    """An empty street and its office's user."""
    place = world._place(county, number, Level.STREET, name)
    user = world._user(f"{name}办", f"139{number:08d}", Role.OFFICE, place)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})  # offices must have one
    return place, user


def communities(place: Organisation, number: int) -> list[Alliance]:
    """So many communities under ``place``, each with its secretary and an alliance that has no members yet."""
    with transaction.atomic():
        codes = [f"{place.code}-{n:03d}" for n in range(1, number + 1)]
        places = Organisation.objects.bulk_create(
            Organisation(
                parent=place,
                level=Level.COMMUNITY,
                name=f"{place.name}第{n}社区",
                code=code,
                path=Organisation.path_of(code),
            )
            for n, code in enumerate(codes, start=1)
        )
        people = Person.objects.bulk_create(Person(name=f"书记{one.code}") for one in places)
        Appointment.objects.bulk_create(
            Appointment(person=person, role=Role.SECRETARY, organisation=one, starts_on=date(2025, 1, 1))
            for person, one in zip(people, places, strict=True)
        )
        return Alliance.objects.bulk_create(
            Alliance(
                organisation=one, code=one.code, name=f"{one.name}党建联盟", number_prefix=f"{one.name}联"
            )
            for one in places
        )


def lives(alliances: Sequence[Alliance], each: int = MEMBERS) -> None:
    """A quarter for each: ``each`` members (four at least), a passed table, a seminar and an activity a month, demands with claims in every state."""
    with transaction.atomic():
        units = [
            Unit.objects.get_or_create(name=f"模拟第{n}单位", defaults={"sector": Sector.GOVERNMENT})[0]
            for n in range(each)
        ]
        members = Member.objects.bulk_create(
            (
                Member(alliance=one, unit=unit, joined_on=date(2025, 1, 1))
                for one in alliances
                for unit in units
            ),
            batch_size=BATCH,
        )
        theirs = {one.pk: members[n * each : (n + 1) * each] for n, one in enumerate(alliances)}
        duties = _tables(alliances, theirs)
        _meetings(duties, theirs)
        _activities(duties, theirs)
        _lists(alliances, theirs)
    with connection.cursor() as cursor:
        # A database in use knows how many rows it has; PostgreSQL plans for none in tables that were filled just now.
        cursor.execute("ANALYZE")


def _tables(alliances: Sequence[Alliance], theirs: Mapping[int, Sequence[Member]]) -> list[Duty]:
    plans = Plan.objects.bulk_create(
        Plan(
            alliance=one,
            year=QUARTER.year,
            state=PlanState.PASSED,
            passed_meeting="年度全体联席会",
            passed_on=date(2025, 12, 30),
            passed_at=at(date(2025, 12, 30)),
        )
        for one in alliances
    )
    duties = Duty.objects.bulk_create(
        (
            Duty(
                alliance=plan.alliance,
                plan=plan,
                month=month,
                theme=f"{month}月主题活动",
                ends_on=QUARTER.months[month - 1].end,
            )
            for plan in plans
            for month in MONTHS
        ),
        batch_size=BATCH,
    )
    DutyChair.objects.bulk_create(
        (DutyChair(duty=duty, member=theirs[duty.alliance_id][duty.month]) for duty in duties),
        batch_size=BATCH,
    )
    return duties


def _meetings(duties: Sequence[Duty], theirs: Mapping[int, Sequence[Member]]) -> None:
    def meeting(duty: Duty) -> Meeting:
        held = date(QUARTER.year, duty.month, 12)
        return Meeting(
            alliance=duty.alliance,
            duty=duty,
            convenor=theirs[duty.alliance_id][duty.month],
            kind=MeetingKind.SEMINAR,
            state=MeetingState.MINUTED,
            title=f"{duty.month}月研讨会",
            starts_at=at(held),
            place="社区会议室",
            year=QUARTER.year,
            serial=duty.month,
            number=f"{duty.alliance.number_prefix}通〔{QUARTER.year}〕{duty.month}号",
            noticed_at=at(held - timedelta(days=5)),
            paper={"kind": "bench", "layout": "form", "title": "模拟", "blocks": []},
            held_on=held,
        )

    meetings = Meeting.objects.bulk_create((meeting(duty) for duty in duties), batch_size=BATCH)
    Reply.objects.bulk_create(
        (
            Reply(
                meeting=one,
                member=member,
                state=ReplyState.ATTENDING,
                attendee="参会人",
                answered_at=one.noticed_at,
                via=Via.SCREEN,
                has_attended=n % 4 != 0,
            )
            for one in meetings
            for n, member in enumerate(theirs[one.alliance_id])
        ),
        batch_size=BATCH,
    )


def _activities(duties: Sequence[Duty], theirs: Mapping[int, Sequence[Member]]) -> None:
    activities = Activity.objects.bulk_create(
        (
            Activity(
                alliance=duty.alliance,
                duty=duty,
                kind=ActivityKind.VOLUNTEERING,
                title=f"{duty.month}月便民服务",
                state=ActivityState.RECORDED,
                planned_on=date(QUARTER.year, duty.month, 20),
                held_on=date(QUARTER.year, duty.month, 20),
                place="社区文化广场",
                beneficiaries=60,
            )
            for duty in duties
        ),
        batch_size=BATCH,
    )
    Participation.objects.bulk_create(
        (
            Participation(activity=one, member=member, is_chair=n == 0, heads=4)
            for one in activities
            for n, member in enumerate(theirs[one.alliance_id][1:6])
        ),
        batch_size=BATCH,
    )


def _lists(alliances: Sequence[Alliance], theirs: Mapping[int, Sequence[Member]]) -> None:
    category = Category.objects.get_or_create(group="环境", name="噪声")[0]
    demands = Demand.objects.bulk_create(
        (
            Demand(
                alliance=one,
                year=QUARTER.year,
                serial=serial,
                number=f"{one.number_prefix}需〔{QUARTER.year}〕{serial}号",
                state="closed",
                source="visit",
                category=category,
                content="楼下夜里很吵",
                raised_on=date(QUARTER.year, 1 + serial % 3, 5),
            )
            for one in alliances
            for serial in range(1, CLAIMS + 1)
        ),
        batch_size=BATCH,
    )

    def claim(demand: Demand) -> Claim:
        due = demand.raised_on + timedelta(days=20)
        done = due + timedelta(days=3 if demand.serial % 5 == 0 else -3)
        return Claim(
            demand=demand,
            alliance=demand.alliance,
            member=theirs[demand.alliance_id][demand.serial % len(theirs[demand.alliance_id])],
            state="accepted",
            measures="夜间巡查劝离",
            responsible="负责人",
            responsible_phone="13800000215",
            claimed_on=demand.raised_on,
            due_on=due,
            first_due_on=due,
            delivered_on=done,
            accepted_on=done,
        )

    Claim.objects.bulk_create((claim(demand) for demand in demands), batch_size=BATCH)


def filed(alliances: Sequence[Alliance], figures: Mapping[str, Any], actor: User) -> list[Assessment]:
    """A filed report for each, all with the same ``figures`` as filing freezes them."""
    document, digest = reads.freeze(figures)
    brief = brief_of(document)
    return Assessment.objects.bulk_create(
        (
            Assessment(
                alliance=one,
                year=QUARTER.year,
                quarter=QUARTER.n,
                state=AssessmentState.FILED,
                due_on=date(2026, 4, 8),
                computed_at=FILED_AT,
                filed_at=FILED_AT,
                filed_by=actor,
                figures=document,
                figures_hash=digest,
                brief=brief,
                number=f"{one.number_prefix}报〔2026〕1号",
            )
            for one in alliances
        ),
        batch_size=50,
    )
