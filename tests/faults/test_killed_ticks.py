"""Ticks killed in the middle: whatever had been begun is undone or finished by the next one, and nothing happens twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from datetime import timedelta

import pytest

from alliances import clock
from alliances.enums import Level, MessageState
from alliances.models import LogEntry, Message, NumberSeries, SweepRun
from rotation.models import Duty, Receipt, Slip
from tests import cast as cast_module
from tests.factories import people
from tests.factories import rotation as tables
from tests.faults.processes import contradictions, start

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

MOMENT = "2026-03-04T09:00"
COMMUNITIES, KILLS = 60, 12


def start_tick() -> subprocess.Popen[bytes]:
    return start("manage.py", "tick", "--at", MOMENT)


def build() -> list[Duty]:
    """A county of many communities whose slips of January to March are all due at once; each unit's liaison waits."""
    with clock.at(cast_module.NOW):
        street = people.place("丁街道", Level.STREET, people.place("丁县", Level.COUNTY))
        for i in range(COMMUNITIES):
            alliance = people.alliance(people.place(f"丁{i}社区", Level.COMMUNITY, street))
            chair = people.member(alliance, f"丁单位{i}")
            people.liaison(chair, f"联络员{i}")
            tables.plan(alliance, 2026, {month: [chair] for month in (1, 2, 3)})
    return list(Duty.objects.all())


def kill_in_the_middle(chance: random.Random) -> bool:
    """Start a tick, let it write something, kill it; False when it had finished before."""
    before = LogEntry.objects.count() + Message.objects.filter(state=MessageState.SENT).count()
    process = start_tick()
    enough = chance.randint(1, 15)
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        done = LogEntry.objects.count() + Message.objects.filter(state=MessageState.SENT).count() - before
        if done >= enough:
            os.kill(process.pid, signal.SIGKILL)
            break
        time.sleep(0.002)
    process.wait(60)
    return process.returncode == -signal.SIGKILL


def test_killed_ticks_lose_nothing_and_double_nothing() -> None:
    duties = build()
    known = contradictions()  # the factory's plans have no log and end in March
    chance = random.Random(2026)
    killed = sum(kill_in_the_middle(chance) for _ in range(KILLS))
    assert killed >= KILLS // 2, "the ticks were too quick to be killed: the test says nothing"
    assert 0 < Slip.objects.count() < len(duties), "the kills came too late or too early"

    assert start_tick().wait(120) == 0
    # What a dead sender had leased comes back when its lease is over.
    Message.objects.filter(state=MessageState.SENDING).update(
        leased_until=clock.machine_time() - timedelta(seconds=1)
    )
    assert start_tick().wait(120) == 0

    assert sorted(Slip.objects.values_list("duty_id", flat=True)) == sorted(duty.pk for duty in duties)
    assert Receipt.objects.count() == len(duties)
    assert LogEntry.objects.filter(action="rotation.slip.issue").count() == len(duties)
    assert set(NumberSeries.objects.values_list("last", flat=True)) == {3}
    told = Message.objects.filter(kind="rotation.slip.issued")
    assert told.count() == len(duties)
    assert set(told.values_list("state", flat=True)) == {MessageState.SENT}
    assert not SweepRun.objects.exclude(error="").exists()
    assert contradictions() <= known
