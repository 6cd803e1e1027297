"""Working days of 2025 and 2026 as the State Council announced them, for tests that check ``alliances.calendars``.

``tests/data/state_council_days.csv`` is typed from the two announcements (国办发明电〔2024〕12号 and 〔2025〕7号): days
off, and weekend days that are worked instead. The walk over them is this module's own and shares no line with the
product. 2027 was not announced when this was written: plain weekdays, as the design says.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
ONE = timedelta(days=1)


def _days(kind: str) -> frozenset[date]:
    found = set()
    with (DATA / "state_council_days.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            day, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
            while row["kind"] == kind and day <= last:
                found.add(day)
                day += ONE
    return frozenset(found)


OFF, MADE_UP = _days("off"), _days("work")


def works(day: date) -> bool:
    return day in MADE_UP or (day.weekday() < 5 and day not in OFF)


def first_of(year: int, month: int) -> date:
    """The first working day of a month."""
    day = date(year, month, 1)
    while not works(day):
        day += ONE
    return day


def after(day: date, count: int) -> date:
    """The ``count``-th working day after ``day``."""
    while count:
        day += ONE
        count -= works(day)
    return day


def before(day: date) -> date:
    """The last working day before ``day``."""
    day -= ONE
    while not works(day):
        day -= ONE
    return day
