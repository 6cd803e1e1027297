"""Rows of the month at scale: meetings with replies, activities with units, rounds, the circle - all of one community."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any

from django.db.models import Model

from alliances import clock
from alliances.enums import BulletinKind, Via
from alliances.models import Alliance, Bulletin, User
from evaluations.enums import RoundState
from evaluations.models import Round
from rotation.enums import ActivityKind, ActivityState, MeetingKind, MeetingState, ReplyState
from rotation.models import Activity, Meeting, Participation, Reply

BATCH = 2000
UNITS = 3  # replies of a meeting, units of an activity
FIGURES = {"activity": {"score": "92.4", "grade": "优秀", "n": 31, "half": "1.8", "groups": [], "items": []}}
PAPER = {"kind": "rotation.meeting.notice", "layout": "form", "title": "通知单", "blocks": []}
BODY = (
    "社区联合成员单位开展便民服务，理发、义诊、法律咨询、小家电维修等摊位服务居民，行动不便的老人由志愿者上门。"
    * 4
)


def grow(alliance: Alliance, rows: int) -> None:
    """Bring every table up to ``rows`` rows, replies and participations to three times as many."""
    members = list(alliance.members.order_by("pk").values_list("pk", flat=True)[:UNITS])
    author = User.objects.get(phone="13800000006")
    today = clock.today()
    _fill(Meeting, rows, _meeting(alliance, members[0], author))
    _fill(Activity, rows, _activity(alliance, author))
    meetings = Meeting.objects.filter(replies=None).order_by("pk").values_list("pk", flat=True)
    _add(Reply, (_reply(pk, member) for pk in meetings.iterator(BATCH) for member in members))
    activities = Activity.objects.filter(participations=None).order_by("pk").values_list("pk", flat=True)
    _add(
        Participation,
        (
            Participation(activity_id=pk, member_id=member, is_chair=place == 0, heads=6)
            for pk in activities.iterator(BATCH)
            for place, member in enumerate(members)
        ),
    )
    unscored = Activity.objects.filter(round=None).order_by("pk").values_list("pk", flat=True)
    _add(
        Round,
        (
            Round(
                alliance=alliance,
                activity_id=pk,
                state=RoundState.SETTLED,
                opens_on=today - timedelta(days=9),
                closes_on=today - timedelta(days=4),
                settled_at=clock.now(),
                venue_token=f"bench{pk}",
                figures=FIGURES,
            )
            for pk in list(unscored)
        ),
    )
    _fill(Bulletin, rows, _entry(alliance, author))


def _fill(model: type[Model], rows: int, make: Callable[[int], Any]) -> None:
    _add(model, (make(number) for number in range(model._default_manager.count(), rows)))


def _add(model: type[Model], found: Iterator[Any]) -> None:
    while batch := list(islice(found, BATCH)):
        model._default_manager.bulk_create(batch, batch_size=BATCH)


def _meeting(alliance: Alliance, convenor: int, author: User) -> Callable[[int], Meeting]:
    def make(number: int) -> Meeting:
        day = clock.today() - timedelta(days=number % 2000 + 1)
        moment = datetime.combine(day, time(9, 30), tzinfo=clock.ZONE)
        return Meeting(
            alliance=alliance,
            kind=MeetingKind.QUARTERLY if number % 3 else MeetingKind.LIAISONS,
            convenor_id=convenor,
            state=MeetingState.MINUTED,
            title=f"第{number}次联席会",
            starts_at=moment,
            place="社区二楼会议室",
            created_by=author,
            year=day.year,
            serial=number + 1,
            number=f"会〔{day.year}〕{number + 1}号",
            noticed_at=moment - timedelta(days=4),
            noticed_via=Via.SCREEN,
            paper=PAPER,
            paper_hash="0" * 64,
            held_on=day,
            summary="议定事项。",
            minuted_at=moment,
        )

    return make


def _reply(meeting: int, member: int) -> Reply:
    return Reply(
        meeting_id=meeting,
        member_id=member,
        state=ReplyState.ATTENDING,
        attendee="联络员",
        answered_at=clock.now(),
        via=Via.SCREEN,
        has_attended=True,
    )


def _activity(alliance: Alliance, author: User) -> Callable[[int], Activity]:
    def make(number: int) -> Activity:
        day = clock.today() - timedelta(days=number % 2000 + 1)
        return Activity(
            alliance=alliance,
            kind=ActivityKind.VOLUNTEERING,
            title=f"第{number}场便民服务",
            state=ActivityState.RECORDED,
            planned_on=day,
            held_on=day,
            place="社区文化广场",
            plan="设摊服务。",
            beneficiaries=120,
            summary="服务居民。",
            created_by=author,
            recorded_at=clock.now(),
            recorded_via=Via.SCREEN,
        )

    return make


def _entry(alliance: Alliance, author: User) -> Callable[[int], Bulletin]:
    def make(number: int) -> Bulletin:
        return Bulletin(
            alliance=alliance,
            kind=(BulletinKind.NEWS, BulletinKind.TASK, BulletinKind.PLAN)[number % 3],
            title=f"工作动态第{number}期",
            body=BODY,
            published_by=author,
        )

    return make
