"""Months, quarters and Chinese working days. Pure: imports no Django and reads no clock.

Working days follow the calendar the State Council announces each autumn for the next year (holidays and
make-up days, 调休), taken from the `holidays` package. A year whose calendar is not announced yet is computed
as plain weekdays; `WorkingDays.announced` tells the caller to say so (design: "The clock").
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

ONE_DAY = timedelta(days=1)
QUARTER_NUMERALS = ("一", "二", "三", "四")


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month; ordered by time. Raises ValueError for a month outside 1..12."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not 1 <= self.month <= 12:
            raise ValueError(f"month must be 1..12, not {self.month}")

    @classmethod
    def of(cls, day: date) -> Month:
        """The month a day (or datetime) lies in."""
        return cls(day.year, day.month)

    @property
    def start(self) -> date:
        """First day."""
        return date(self.year, self.month, 1)

    @property
    def end(self) -> date:
        """Last day, inclusive."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    @property
    def label(self) -> str:
        """As papers print it: 2026年3月."""
        return f"{self.year}年{self.month}月"

    @property
    def quarter(self) -> Quarter:
        return Quarter(self.year, (self.month + 2) // 3)

    def plus(self, months: int) -> Month:
        """The month `months` later; negative goes back."""
        index = self.year * 12 + self.month - 1 + months
        return Month(index // 12, index % 12 + 1)

    def next(self) -> Month:
        return self.plus(1)

    def prev(self) -> Month:
        return self.plus(-1)

    def contains(self, day: date) -> bool:
        return (day.year, day.month) == (self.year, self.month)

    def __contains__(self, day: date) -> bool:
        return self.contains(day)

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True, order=True)
class Quarter:
    """A calendar quarter, n = 1..4; ordered by time. Raises ValueError for another n."""

    year: int
    n: int

    def __post_init__(self) -> None:
        if not 1 <= self.n <= 4:
            raise ValueError(f"quarter must be 1..4, not {self.n}")

    @classmethod
    def of(cls, day: date) -> Quarter:
        """The quarter a day (or datetime) lies in."""
        return Month.of(day).quarter

    @property
    def months(self) -> tuple[Month, Month, Month]:
        first = self.n * 3 - 2
        return Month(self.year, first), Month(self.year, first + 1), Month(self.year, first + 2)

    @property
    def start(self) -> date:
        """First day."""
        return self.months[0].start

    @property
    def end(self) -> date:
        """Last day, inclusive."""
        return self.months[2].end

    @property
    def label(self) -> str:
        """As papers print it: 2026年第一季度."""
        return f"{self.year}年第{QUARTER_NUMERALS[self.n - 1]}季度"

    def next(self) -> Quarter:
        return self.months[2].next().quarter

    def prev(self) -> Quarter:
        return self.months[0].prev().quarter

    def contains(self, day: date) -> bool:
        return self.start <= date(day.year, day.month, day.day) <= self.end

    def __contains__(self, day: date) -> bool:
        return self.contains(day)

    def __str__(self) -> str:
        return self.label


FIRST_YEAR, LAST_YEAR = 2000, 2100  # what an address can ask for


def quarter_of(text: str) -> Quarter | None:
    """2026-1 as a quarter, as addresses write it; anything else is None, as are years outside 2000–2100."""
    year, _, n = text.partition("-")
    if len(year) != 4 or not (year.isascii() and year.isdecimal()) or n not in ("1", "2", "3", "4"):
        return None
    return Quarter(int(year), int(n)) if FIRST_YEAR <= int(year) <= LAST_YEAR else None


@dataclass(frozen=True)
class _StateCalendar:
    """What the State Council announced for one year."""

    announced: bool
    days_off: frozenset[date]
    makeup_days: frozenset[date]


@lru_cache(maxsize=64)
def _state_calendar(year: int) -> _StateCalendar:
    # Costs 30 ms and 3 MB at import, which commands without deadlines need not pay.
    import holidays

    china = holidays.country_holidays("CN", years=year)
    # The list also holds make-up days of other years; only those of this year prove an announcement.
    makeup = frozenset(day for day in china.weekend_workdays if day.year == year)
    if not makeup:
        return _StateCalendar(False, frozenset(), frozenset())
    return _StateCalendar(True, frozenset(china), makeup)


class WorkingDays:
    """The working days of an office: the state calendar, corrected by the office's own table.

    `corrections` maps a day to whether the office works on it and beats everything else. It is copied;
    build a new object when the table changes. Each year is computed once per object.
    """

    def __init__(self, corrections: Mapping[date, bool] | None = None) -> None:
        self._corrections = dict(corrections or {})
        self._years: dict[int, list[date]] = {}

    def announced(self, year: int) -> bool:
        """Whether the state calendar of that year is known; if not, say 未公布 beside every computed date."""
        return _state_calendar(year).announced

    def is_working(self, day: date) -> bool:
        corrected = self._corrections.get(day)
        if corrected is not None:
            return corrected
        state = _state_calendar(day.year)
        if day.weekday() >= 5:
            return day in state.makeup_days
        return day not in state.days_off

    def next_working(self, day: date) -> date:
        """The day itself if the office works on it, else the next working day."""
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def first_of_month(self, year: int, month: int) -> date:
        """First working day of a month (of the next month, if an office corrected the whole month away)."""
        return self.next_working(date(year, month, 1))

    def add(self, day: date, n: int) -> date:
        """The n-th working day after `day`, which is not counted; negative n goes back; 0 is next_working."""
        if n == 0:
            return self.next_working(day)
        return self._forward(day, n) if n > 0 else self._back(day, -n)

    def between(self, a: date, b: date) -> int:
        """Working days after `a` up to and including `b`; minus between(b, a) if `b` is before `a`."""
        if b < a:
            return -self.between(b, a)
        return self._count_through(b, a.year) - self._count_through(a, a.year)

    def _of_year(self, year: int) -> list[date]:
        days = self._years.get(year)
        if days is None:
            first = date(year, 1, 1)
            length = (date(year, 12, 31) - first).days + 1
            days = [day for day in (first + timedelta(days=i) for i in range(length)) if self.is_working(day)]
            self._years[year] = days
        return days

    def _count_through(self, day: date, since_year: int) -> int:
        whole_years = sum(len(self._of_year(year)) for year in range(since_year, day.year))
        return whole_years + bisect_right(self._of_year(day.year), day)

    def _forward(self, day: date, n: int) -> date:
        year, days = day.year, self._of_year(day.year)
        position = bisect_right(days, day) + n - 1
        while position >= len(days):
            position -= len(days)
            year += 1
            days = self._of_year(year)
        return days[position]

    def _back(self, day: date, n: int) -> date:
        year, days = day.year, self._of_year(day.year)
        position = bisect_left(days, day) - n
        while position < 0:
            year -= 1
            days = self._of_year(year)
            position += len(days)
        return days[position]
