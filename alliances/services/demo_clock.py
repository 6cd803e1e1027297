"""The demo's calendar: starts on a chosen day, runs while the demo runs, is moved forward by hand, never back.

Exists only with the setting ``DEMO``. Every sweep follows it, because every sweep reads ``clock``.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db import DatabaseError, transaction

from alliances import clock
from alliances.errors import OfficeError
from alliances.models import DemoClock, Organisation
from alliances.selectors.settings import working_days
from alliances.services import sweeps

MORNING = time(9, 0)
_CACHE_FOR = timedelta(seconds=1)
_cached: tuple[datetime, timedelta] | None = None


def shift() -> timedelta:
    """How far the demo's calendar is from the machine's clock; zero before the demo has been seeded."""
    global _cached
    moment = clock.machine_time()
    if _cached and timedelta(0) <= moment - _cached[0] < _CACHE_FOR:
        return _cached[1]
    try:
        row = DemoClock.objects.first()
    except DatabaseError:  # before the first migrate there is no table
        return timedelta(0)
    value = row.office_at - row.machine_at if row else timedelta(0)
    _cached = (moment, value)
    return value


def start(office_at: datetime) -> None:
    """Set the calendar (seeding), or go on where it stood (``resume``)."""
    global _cached
    DemoClock.objects.update_or_create(
        pk=1, defaults={"office_at": office_at, "machine_at": clock.machine_time()}
    )
    _cached = None


def resume() -> None:
    """The demo was off for a while: its calendar goes on from where its last heartbeat left it."""
    row = DemoClock.objects.first()
    if row is None:
        return
    last = sweeps.last_heartbeat()
    ran = max(last - row.machine_at, timedelta(0)) if last else timedelta(0)
    start(row.office_at + ran)


def advance(step: str) -> list[str]:
    """Move to the next working morning ("workday") or the next month's first one ("month"), a day at a time, so that
    slips, nudges and month ends happen in their order. Returns what the sweeps did."""
    root = Organisation.objects.filter(parent=None).first()
    if root is None or not DemoClock.objects.exists():
        raise OfficeError("演示数据还没有准备好。")
    days = working_days(root)
    today = clock.today()
    if step == "workday":
        target = days.add(today, 1)
    elif step == "month":
        year, month = divmod(today.year * 12 + today.month, 12)
        target = days.first_of_month(year, month + 1)
    else:
        raise OfficeError("演示时钟只能移到下一个工作日或下月初。")
    done: list[str] = []
    day = today
    while day < target:
        day += timedelta(days=1)
        moment = datetime.combine(day, MORNING, tzinfo=clock.ZONE)
        with transaction.atomic():
            start(moment)
        for outcome in sweeps.run_all(moment):
            done += outcome.lines
    return done
