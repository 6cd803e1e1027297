"""A quarter or a year as lists ask for it in their address (``?period=2026-1``, ``?period=2026``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from alliances import clock
from alliances.calendars import FIRST_YEAR, LAST_YEAR, Month, Quarter, quarter_of

YEARS_BACK = 2  # the chooser offers this year and so many before it


@dataclass(frozen=True)
class Period:
    """A whole year, or with ``n`` (1..4) one of its quarters."""

    year: int
    n: int | None = None

    @classmethod
    def read(cls, text: Any) -> Self | None:
        """2026-1 or 2026; anything else is None, as are years outside 2000–2100."""
        words = str(text or "")
        quarter = quarter_of(words)
        if quarter is not None:
            return cls(quarter.year, quarter.n)
        is_year = len(words) == 4 and words.isascii() and words.isdecimal()
        return cls(int(words)) if is_year and FIRST_YEAR <= int(words) <= LAST_YEAR else None

    @classmethod
    def of(cls, quarter: Quarter) -> Self:
        return cls(quarter.year, quarter.n)

    @property
    def value(self) -> str:
        """As addresses write it."""
        return f"{self.year}-{self.n}" if self.n else str(self.year)

    @property
    def label(self) -> str:
        return Quarter(self.year, self.n).label if self.n else f"{self.year}年"

    @property
    def months(self) -> tuple[Month, ...]:
        if self.n:
            return Quarter(self.year, self.n).months
        return tuple(Month(self.year, month) for month in range(1, 13))

    @property
    def start(self) -> date:
        return self.months[0].start

    @property
    def end(self) -> date:
        """The last day, included."""
        return self.months[-1].end


def this_quarter() -> Period:
    return Period.of(Quarter.of(clock.today()))


def offered(chosen: Period | None = None) -> list[tuple[str, str]]:
    """(value, label) for a chooser: this year and its quarters, those of the years before, and ``chosen`` itself."""
    found: list[Period] = []
    this = clock.today().year
    for year in range(this, this - YEARS_BACK - 1, -1):
        found += [Period(year), *(Period(year, n) for n in (4, 3, 2, 1))]
    if chosen is not None and chosen not in found:
        found.append(chosen)
    return [(one.value, one.label) for one in found]
