"""Workers killed at random while they draft a county's quarter: each report is there exactly once, and whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from datetime import timedelta

import pytest

from alliances import clock
from alliances.calendars import Quarter
from alliances.enums import Level
from alliances.models import LogEntry, ReminderLine
from bench import quarter_world
from evaluations.models import Assessment, AssessmentLine
from evaluations.selectors import assessments as reads
from evaluations.services import drafting
from tests import cast as cast_module
from tests.factories import people
from tests.faults.processes import contradictions, start

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

MOMENT = "2026-04-01T00:05"
QUARTER = Quarter(2026, 1)
COMMUNITIES, KILLS, POOL = int(os.environ.get("DRAFTED_COMMUNITIES", "400")), 8, 2
MEMBERS = 4


def build() -> None:
    """A county of communities, each with a secretary, four units and something in every part of the quarter."""
    with clock.at(cast_module.NOW):
        street = people.place("丁街道", Level.STREET, people.place("丁县", Level.COUNTY))
        quarter_world.lives(quarter_world.communities(street, COMMUNITIES), MEMBERS)


def made() -> int:
    return Assessment.objects.filter(computed_at__isnull=False).count()


def worker() -> subprocess.Popen[bytes]:
    return start("-m", "tests.faults.drafts", MOMENT)


def kill_one_of_a_pool(chance: random.Random) -> bool:
    """Let a pool work, kill one worker in the middle of it and then the rest; False when they had finished before."""
    before, enough = made(), chance.randint(1, max(1, COMMUNITIES // (2 * KILLS)))
    pool = [worker() for _ in range(POOL)]
    until = time.monotonic() + 120
    while made() - before < enough and any(one.poll() is None for one in pool) and time.monotonic() < until:
        time.sleep(0.002)
    for one in pool:
        if one.poll() is None:
            os.kill(one.pid, signal.SIGKILL)
        one.wait(60)
    return all(one.returncode == -signal.SIGKILL for one in pool)


def test_killed_workers_leave_every_report_exactly_once() -> None:
    build()
    known = contradictions()  # the factory's plans have no log and end in March
    chance = random.Random(2026)
    killed = sum(kill_one_of_a_pool(chance) for _ in range(KILLS))
    assert killed >= KILLS // 2, "the workers were too quick to be killed: the test says nothing"
    assert 0 < made() < COMMUNITIES, "the kills came too late or too early"
    # A row that was begun and not finished has no line, no log and no message; it is leased to the dead.
    begun = Assessment.objects.filter(computed_at=None)
    assert not AssessmentLine.objects.filter(assessment__in=begun).exists()
    assert LogEntry.objects.filter(action=drafting.DRAFTED).count() == made()
    begun.update(leased_until=clock.machine_time() - timedelta(seconds=1))

    last = [worker() for _ in range(POOL)]
    assert [one.wait(600) for one in last] == [0] * POOL
    assert reads.progress(QUARTER) == reads.Progress(COMMUNITIES, COMMUNITIES)
    assert Assessment.objects.count() == COMMUNITIES
    assert AssessmentLine.objects.count() == COMMUNITIES * MEMBERS
    assert LogEntry.objects.filter(action=drafting.DRAFTED).count() == COMMUNITIES
    assert ReminderLine.objects.filter(kind=drafting.DRAFTED).count() == COMMUNITIES
    assert contradictions() <= known
