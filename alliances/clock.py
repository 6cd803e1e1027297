"""The one clock. Everything that needs "now" asks here, so that tests, ``tick --at`` and the demo can set it.

``now()`` is the office's time: deadlines, sweeps and records follow it. ``machine_time()`` is the time of the machine:
leases, retries and rate limits follow it, because a worker that died must be noticed even while the demo's
calendar stands on one day.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

ZONE = ZoneInfo("Asia/Shanghai")

_fixed: ContextVar[datetime | None] = ContextVar("gongjian_fixed_time", default=None)
_shift: Callable[[], timedelta] | None = None


def use_shift(source: Callable[[], timedelta] | None) -> None:
    """Let ``source`` say how far the office's time is from the machine's (only the demo has one)."""
    global _shift
    _shift = source


def machine_time() -> datetime:
    """Aware UTC time of this machine."""
    return timezone.now()


def now() -> datetime:
    """Aware office time in Asia/Shanghai."""
    fixed = _fixed.get()
    if fixed is None:
        fixed = timezone.now()
        if _shift is not None:
            fixed += _shift()
    return fixed.astimezone(ZONE)


def today() -> date:
    return now().date()


def local(moment: datetime) -> datetime:
    """``moment`` as the office reads it."""
    return moment.astimezone(ZONE)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Run a block as of ``moment`` (naive values are read as Asia/Shanghai)."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZONE)
    token = _fixed.set(moment)
    try:
        yield
    finally:
        _fixed.reset(token)
