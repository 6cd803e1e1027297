"""Notices, answers, roll calls and pictures at the very same moment, on PostgreSQL: one winner, nothing half done."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from alliances.errors import OfficeError
from alliances.models import Message, NumberSeries
from rotation import integrity_month
from rotation.models import Meeting, Participation, Photo, Reply
from rotation.services import activities, meetings, photos, replies, slips
from tests import cast as cast_module
from tests.cast import Cast
from tests.conftest import Frozen
from tests.pictures import jpeg
from tests.races import together
from tests.rotation.month_cast import coming, notify, reply_of, seminar

pytestmark = [pytest.mark.race, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
CROWD = 8


@pytest.fixture
def crowd(transactional_db: None, frozen: Frozen) -> Cast:
    """The cast with March's slip, committed, so that other connections see it."""
    cast = cast_module.build()
    assert slips.issue(cast.duties[3])
    return cast


def won(outcomes: list[Any]) -> list[Any]:
    """What succeeded; what failed must have said why in a sentence."""
    unexpected = [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, OfficeError)]
    assert not unexpected, unexpected
    return [o for o in outcomes if not isinstance(o, Exception)]


def found() -> list[str]:
    return [line for check in integrity_month.CHECKS for line in check.find()]


def test_a_seminar_is_planned_once(crowd: Cast) -> None:
    Meeting.objects.all().delete()
    planned = won(together([partial(meetings.prepare, crowd.duties[3])] * CROWD))
    assert len(planned) == CROWD and len(set(planned)) == 1


def test_a_notice_goes_out_once(crowd: Cast, race_rounds: int) -> None:
    for number in range(1, race_rounds + 1):
        deeds = [partial(notify, seminar(crowd), crowd.liaison) for _ in range(CROWD)]
        assert len(won(together(deeds))) == 1
        assert NumberSeries.objects.get(kind="rotation.meeting").last == number
        meeting = seminar(crowd)
        told = Message.objects.filter(dedupe_key=f"rotation.meeting.noticed:{meeting.pk}", channel="inbox")
        assert told.count() == told.values("recipient").distinct().count() > 5
        assert not found()
        meetings.cancel(meeting, reason="再来一次", actor=crowd.liaison)


def test_the_roll_call_and_late_answers_exclude_each_other(crowd: Cast, frozen: Frozen) -> None:
    meeting = notify(seminar(crowd), crowd.liaison)
    frozen.to("2026-03-05T16:00")
    reply = reply_of(meeting, crowd.members["县实验小学"])
    answers = [
        partial(replies.answer, reply, coming(f"陶老师{n}"), actor=crowd.other_liaison) for n in range(6)
    ]
    calls = [
        partial(
            meetings.hold,
            Meeting.objects.get(pk=meeting.pk),
            held_on=date(2026, 3, 5),
            attended=[crowd.members["县实验小学"].pk],
            actor=crowd.liaison,
        )
        for _ in range(2)
    ]
    outcomes = together([*answers, *calls])
    won(outcomes)
    assert len(won(outcomes[6:])) == 1
    assert Reply.objects.get(pk=reply.pk).has_attended is True
    assert not found()


def test_joining_is_once_also_when_pressed_often(crowd: Cast) -> None:
    activity = activities.plan(
        crowd.alliance,
        kind="visit",
        title="走访",
        planned_on=date(2026, 3, 20),
        duty=crowd.duties[3],
        actor=crowd.liaison,
    )
    school = crowd.members["县实验小学"]
    join = partial(activities.join, activity, school, heads=5, actor=crowd.other_liaison)
    assert len(won(together([join] * CROWD))) == CROWD
    assert Participation.objects.filter(activity=activity, member=school).count() == 1


def test_never_a_fourth_picture_nor_a_file_without_a_row(crowd: Cast, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    activity = activities.plan(
        crowd.alliance,
        kind="visit",
        title="走访",
        planned_on=date(2026, 3, 20),
        duty=crowd.duties[3],
        actor=crowd.liaison,
    )
    for _ in range(3):
        won(together([partial(photos.add, activity, jpeg(), actor=crowd.liaison)] * CROWD))
    stored = {Path(name).name for name in Photo.objects.values_list("file", flat=True)}
    assert len(stored) == 3
    assert {path.name for path in tmp_path.rglob("*.jpg")} == stored
