"""Demands that nobody has claimed are proposed for a seminar's agenda: counted, the oldest named, no resident's words."""

from __future__ import annotations

from datetime import timedelta

from alliances.registry import registries
from demands.sections import LONGEST_NAMES, agenda_items
from rotation.models import Meeting, Slip
from rotation.selectors import meetings
from tests.cast import NOW, Cast
from tests.factories import demands as lists


def seminar(cast: Cast) -> Meeting:
    return meetings.full().get(duty=cast.duties[3])


def test_open_demands_are_one_item(cast: Cast, march: Slip) -> None:
    assert agenda_items(seminar(cast)) == []
    first = lists.demand(cast.alliance, content="张三家漏水", raised_on=NOW.date() - timedelta(days=3))
    second = lists.demand(cast.alliance, category=lists.category("安全", "消防"))
    for state in ("submitted", "claimed", "closed"):
        lists.demand(cast.alliance, state=state)
    lists.demand(cast.foreign_alliance)
    line = f"协商认领待领办的群众需求2件（{first.number} 环境/噪声、{second.number} 安全/消防）"
    assert agenda_items(seminar(cast)) == [line]
    proposed = meetings.agenda_for(seminar(cast))
    assert {"text": line, "source": "demands.open"} in proposed
    assert "漏水" not in str(proposed)
    # After what looks back, before what the seminar always does.
    assert [entry.name for entry in registries.agenda_items] == ["evaluations.comment", "demands.open"]
    assert proposed[0]["text"] == line


def test_many_are_counted_and_the_oldest_named(cast: Cast, march: Slip) -> None:
    oldest = [
        lists.demand(cast.alliance, raised_on=NOW.date() - timedelta(days=days)) for days in range(9, 2, -1)
    ]
    [line] = agenda_items(seminar(cast))
    assert line.startswith(f"协商认领待领办的群众需求7件（{oldest[0].number} ")
    assert oldest[-1].number not in line and line.endswith("等）")
    assert len(line) < LONGEST_NAMES + 30


def test_meeting_outside_the_rotation_is_not_given_them(cast: Cast) -> None:
    lists.demand(cast.alliance)
    yearly = Meeting(alliance=cast.alliance, kind="yearly", title="年初全体联席会")
    assert agenda_items(yearly) == []
