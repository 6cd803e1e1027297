"""The five aims of a year's table as plain arithmetic (pure).

The solver minimises the same numbers; here they are computed from a finished table, for the draft's report,
for the comparison with runners-up and for the checks of hand-edited tables. Smaller is better except for
`wishes` (source: design, "The planner").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from .problem import Candidate, Lock, Problem
from .themes import FIT_MAX, fit

SPREAD, WISHES, REST, THEME, NEIGHBOURS = "spread", "wishes", "rest", "theme", "neighbours"
OBJECTIVES = (SPREAD, WISHES, REST, THEME, NEIGHBOURS)
OBJECTIVE_LABELS = {
    SPREAD: "累计轮值次数相差",
    WISHES: "满足意向月份",
    REST: "轮值间隔不足",
    THEME: "主题不相宜",
    NEIGHBOURS: "相邻月份单位类型相同",
}

SHORT_REST_MONTHS = 6
LONG_REST_YEARS = 5

# month -> keys on duty
Chairs = Mapping[int, Sequence[int]]


def rest_cost(gap: int | None) -> int:
    """What a duty after `gap` months without one costs.

    One for every full year missing to five, so that those who waited longest come first, and one more for
    every month missing to half a year, so that nobody is on duty in quick succession. None: never on duty, 0.
    """
    if gap is None:
        return 0
    return max(0, LONG_REST_YEARS - gap // 12) + max(0, SHORT_REST_MONTHS - gap)


def first_gap(unit: Candidate, month: int, first_month: int) -> int | None:
    """Months between the unit's last duty of past years and a duty in `month`."""
    return None if unit.months_since is None else unit.months_since + month - first_month


class Year:
    """A problem's lookups, made once: candidates in key order, locks by month, who may serve when."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.units = sorted(problem.candidates, key=lambda unit: unit.key)
        self.unit = {unit.key: unit for unit in self.units}
        self.willing = [unit for unit in self.units if not unit.excused]
        self.locks: dict[int, Lock] = {lock.month: lock for lock in problem.locks}
        self.free_months = [month for month in problem.months if month not in self.locks]

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """Neighbouring planned months."""
        months = self.problem.months
        return [(a, b) for a, b in zip(months, months[1:], strict=False) if b == a + 1]

    def may_serve(self, unit: Candidate, month: int) -> bool:
        """Whether an unlocked month may be given to the unit (in its own mode)."""
        return not unit.excused and month not in unit.blackout

    def duties(self, chairs: Chairs) -> dict[int, list[int]]:
        """key -> months on duty, ascending; units without a duty are missing."""
        months: dict[int, list[int]] = defaultdict(list)
        for month in sorted(chairs):
            for key in chairs[month]:
                months[key].append(month)
        return months

    def measure(self, chairs: Chairs) -> tuple[int, int, int, int, int]:
        """The values of OBJECTIVES for a table of known units."""
        duties = self.duties(chairs)
        totals = [unit.past_duties + len(duties.get(unit.key, ())) for unit in self.willing]
        spread = max(totals) - min(totals) if totals else 0
        wishes = rest = misfit = 0
        for key, months in duties.items():
            unit = self.unit[key]
            wishes += sum(month in unit.wishes for month in months)
            rest += self.unit_rest(unit, months)
            misfit += sum(FIT_MAX - fit(unit, month) for month in months)
        return spread, wishes, rest, misfit, self.sector_clashes(chairs)

    def unit_rest(self, unit: Candidate, months: Sequence[int]) -> int:
        """rest_cost summed over the unit's duties of the year."""
        cost = rest_cost(first_gap(unit, months[0], self.problem.months[0]))
        return cost + sum(rest_cost(b - a) for a, b in zip(months, months[1:], strict=False))

    def sector_clashes(self, chairs: Chairs) -> int:
        """Over neighbouring months, the number of sectors on duty in both."""
        sectors = {month: {self.unit[key].sector for key in keys} for month, keys in chairs.items()}
        return sum(len(sectors.get(a, set()) & sectors.get(b, set())) for a, b in self.pairs)


def rank(values: tuple[int, int, int, int, int]) -> tuple[int, int, int, int, int]:
    """Sort key: the smaller, the better the table."""
    spread, wishes, rest, misfit, neighbours = values
    return spread, -wishes, rest, misfit, neighbours
