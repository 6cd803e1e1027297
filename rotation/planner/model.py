"""The year as an integer programme for HiGHS.

What is proven: the five aims are minimised one after another, each with the optimum of those before it fixed
as a constraint. Every aim is a whole number, so a solution whose bound is less than one away is optimal; a
level is reported as proven only if HiGHS says so. One thread, a fixed seed and candidates in key order make
the answer depend on the problem alone (unless the time limit cuts the search, which `is_optimal` shows).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from .moves import Table, climb
from .objectives import NEIGHBOURS, OBJECTIVES, REST, SPREAD, THEME, WISHES, Year, first_gap, rank, rest_cost
from .problem import COLLECTIVE, SOLO, Candidate, OutOfTime
from .themes import FIT_MAX, fit

# Rules that the search for a collision can take away, by name and key or month.
Rule = tuple[str, int]
CHAIRS: Rule = ("chairs", 0)  # every month has a chair
FAIR: Rule = ("fair", 0)  # no second duty while a willing unit has none
SIZE_MIN: Rule = ("size_min", 0)
SIZE_MAX: Rule = ("size_max", 0)
MODES: Rule = ("modes", 0)  # solo units serve alone, collective units together

Term = tuple[int, float]
INFINITY = float("inf")


class Programme:
    """A thin writer of columns and rows; keeps HiGHS behind one door."""

    def __init__(self, seed: int) -> None:
        # 0.24 s and 25 MB at import: paid only by those who plan.
        import highspy

        self._highspy: Any = highspy
        self._highs = self._highspy.Highs()
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", seed % 2**31),
            ("mip_abs_gap", 0.99),
            ("mip_rel_gap", 0.0),
            ("mip_allow_restart", False),
            ("mip_heuristic_effort", 0.01),
        ):
            self._highs.setOptionValue(option, value)
        self._columns = 0
        self._costs: dict[int, float] = {}
        self._start: dict[int, float] = {}

    def column(self, lower: float = 0, upper: float = 1, *, whole: bool = False) -> int:
        self._highs.addCol(0.0, lower, upper, 0, [], [])
        if whole:
            self._highs.changeColIntegrality(self._columns, self._highspy.HighsVarType.kInteger)
        self._columns += 1
        return self._columns - 1

    def row(self, terms: Iterable[Term], lower: float = -INFINITY, upper: float = INFINITY) -> None:
        merged: dict[int, float] = {}
        for column, factor in terms:
            merged[column] = merged.get(column, 0) + factor
        self._highs.addRow(lower, upper, len(merged), list(merged), list(merged.values()))

    def minimise(self, terms: Iterable[Term], seconds: float) -> tuple[bool, bool, list[float]]:
        """Returns (found, proven, values). Not found and proven means infeasible."""
        for column in self._costs:
            self._highs.changeColCost(column, 0.0)
        self._costs = {}
        for column, factor in terms:
            self._costs[column] = self._costs.get(column, 0) + factor
        for column, cost in self._costs.items():
            self._highs.changeColCost(column, cost)
        if self._start:
            self._highs.setSolution(len(self._start), list(self._start), list(self._start.values()))
        self._highs.setOptionValue("time_limit", max(seconds, 0.05))
        self._highs.run()
        status = self._highs.getModelStatus()
        statuses = self._highspy.HighsModelStatus
        # Every column is bounded, so "unbounded or infeasible" can only mean the latter.
        infeasible = status in (statuses.kInfeasible, statuses.kUnboundedOrInfeasible)
        proven = infeasible or status == statuses.kOptimal
        found = not infeasible and self._highs.getInfo().primal_solution_status == 2
        values = list(self._highs.getSolution().col_value) if found else []
        self._start = dict(enumerate(values))
        return found, proven, values

    def start_from(self, values: dict[int, float]) -> None:
        """Offers a solution, by some of its columns, to the next search (which else starts from its last)."""
        self._start = values

    def bound(self, column: int, lower: float, upper: float) -> None:
        self._highs.changeColBounds(column, lower, upper)


class Model:
    """The hard rules of a year; the aims are added by the method of their name.

    `relaxed` rules are left out, which the search for a collision uses.
    """

    def __init__(self, year: Year, relaxed: frozenset[Rule] = frozenset()) -> None:
        self.year = year
        self.relaxed = relaxed
        self.programme = Programme(year.problem.seed)
        self.on_duty: dict[tuple[int, int], int] = {}  # (key, month) -> column
        self.collective: dict[int, int] = {}  # unlocked month -> column
        self._write_months()
        self.second_allowed = self._write_fairness()
        self.lowest: int | None = None

    def _may_serve(self, unit: Candidate, month: int) -> bool:
        return self.year.may_serve(unit, month) or (
            not unit.excused and ("blackout", unit.key) in self.relaxed
        )

    def months_of(self, unit: Candidate) -> list[int]:
        return [month for month in self.year.problem.months if (unit.key, month) in self.on_duty]

    def _write_months(self) -> None:
        for month in self.year.problem.months:
            lock = self.year.locks.get(month)
            if lock is not None and ("lock", month) not in self.relaxed:
                for key in sorted(set(lock.keys)):
                    self.on_duty[key, month] = self.programme.column(lower=1, whole=True)
                continue
            for unit in self.year.units:
                if self._may_serve(unit, month):
                    self.on_duty[unit.key, month] = self.programme.column(whole=True)
            self._write_month_rules(month)
        self._count_collective_months()

    def _count_collective_months(self) -> None:
        """One column for "at least k collective months" each, implied by the others: branching on them closes
        bounds that the single months leave open."""
        months = [(column, 1.0) for column in self.collective.values()]
        steps = [self.programme.column(whole=True) for _ in months]
        self.programme.row([*months, *((step, -1.0) for step in steps)], 0, 0)
        for more, fewer in zip(steps[1:], steps, strict=False):
            self.programme.row([(fewer, 1.0), (more, -1.0)], lower=0)

    def _write_month_rules(self, month: int) -> None:
        programme, problem, relaxed = self.programme, self.year.problem, self.relaxed
        together = self.collective[month] = programme.column(whole=True)
        solo, group = (
            [
                (self.on_duty[unit.key, month], 1.0)
                for unit in self.year.units
                if unit.mode == mode and (unit.key, month) in self.on_duty
            ]
            for mode in (SOLO, COLLECTIVE)
        )
        least = 0 if CHAIRS in relaxed else 1
        if MODES in relaxed:
            programme.row([*solo, *group], least, problem.collective_max)
            return
        programme.row([*solo, (together, 1.0)], least, 1)
        smallest = 1 if SIZE_MIN in relaxed else problem.collective_min
        largest = max(len(group), 1) if SIZE_MAX in relaxed else problem.collective_max
        programme.row([*group, (together, -float(smallest))], lower=0)
        programme.row([*group, (together, -float(largest))], upper=0)

    def capacity(self) -> int:
        """At most so many duties fit into the year."""
        problem, locks = self.year.problem, self.year.locks
        locked = sum(len(set(lock.keys)) for lock in locks.values())
        return locked + len(self.year.free_months) * problem.collective_max

    def _write_fairness(self) -> bool:
        """Nobody gets a second duty while a willing unit gets none. Returns whether any second can occur."""
        programme, months = self.programme, len(self.year.problem.months)
        if FAIR in self.relaxed:
            return True
        everyone_served = programme.column(whole=True)
        if not self.relaxed and len(self.year.willing) > self.capacity():
            programme.row([(everyone_served, 1.0)], upper=0)
            seconds = False
        else:
            seconds = True
        for unit in self.year.units:
            terms = self.duty_terms(unit)
            programme.row([*terms, (everyone_served, -(months - 1.0))], upper=1)
            if not unit.excused:
                programme.row([*terms, (everyone_served, -1.0)], lower=0)
        return seconds

    def duty_terms(self, unit: Candidate) -> list[Term]:
        return [(self.on_duty[unit.key, month], 1.0) for month in self.months_of(unit)]

    # The aims. Each returns the terms to minimise; their sum is the aim's value (negated for wishes).

    def spread(self) -> list[Term]:
        willing = self.year.willing
        if not willing:
            return []
        past = [unit.past_duties for unit in willing]
        bound = max(past) + len(self.year.problem.months)
        highest = self.programme.column(min(past), bound, whole=True)
        self.lowest = lowest = self.programme.column(min(past), bound, whole=True)
        for unit in willing:
            terms = self.duty_terms(unit)
            self.programme.row([(highest, 1.0), *((c, -f) for c, f in terms)], lower=unit.past_duties)
            self.programme.row([(lowest, 1.0), *((c, -f) for c, f in terms)], upper=unit.past_duties)
        return [(highest, 1.0), (lowest, -1.0)]

    def tighten_spread(self, seconds: float) -> None:
        """Bounds the lowest total from both sides (mostly to one value), which speeds up the later aims."""
        if self.lowest is None:
            return
        bounds: list[float] = []
        for sign in (1.0, -1.0):
            found, proven, values = self.programme.minimise([(self.lowest, sign)], seconds)
            if not (found and proven):
                return
            bounds.append(round(values[self.lowest]))
        self.programme.bound(self.lowest, *bounds)

    def wishes(self) -> list[Term]:
        return [
            (column, -1.0)
            for (key, month), column in self.on_duty.items()
            if month in self.year.unit[key].wishes
        ]

    def rest(self) -> list[Term]:
        """Each unit's duties are a path through its months: one arc in, one arc out, the cost on the arcs."""
        first_month = self.year.problem.months[0]
        costs: list[Term] = []
        for unit in self.year.units:
            months = self.months_of(unit)
            if not self.second_allowed:
                costs += [
                    (self.on_duty[unit.key, m], float(rest_cost(first_gap(unit, m, first_month))))
                    for m in months
                ]
                continue
            into: dict[int, list[Term]] = {month: [] for month in months}
            out: dict[int, list[Term]] = {month: [] for month in months}
            starts: list[Term] = []
            for place, month in enumerate(months):
                start = self.programme.column()
                costs.append((start, float(rest_cost(first_gap(unit, month, first_month)))))
                starts.append((start, 1.0))
                into[month].append((start, 1.0))
                for later in months[place + 1 :]:
                    arc = self.programme.column()
                    costs.append((arc, float(rest_cost(later - month))))
                    out[month].append((arc, 1.0))
                    into[later].append((arc, 1.0))
            self.programme.row(starts, upper=1)
            for month in months:
                duty = self.on_duty[unit.key, month]
                self.programme.row([*into[month], (duty, -1.0)], 0, 0)
                self.programme.row([*out[month], (duty, -1.0)], upper=0)
        return costs

    def theme(self) -> list[Term]:
        return [
            (column, float(FIT_MAX - fit(self.year.unit[key], month)))
            for (key, month), column in self.on_duty.items()
        ]

    def neighbours(self) -> list[Term]:
        sectors = sorted({unit.sector for unit in self.year.units})
        present: dict[tuple[int, str], int] = {}
        for month in self.year.problem.months:
            for sector in sectors:
                if any(self._sector_duties(month, sector, mode) for mode in (SOLO, COLLECTIVE)):
                    present[month, sector] = self._write_presence(month, sector)
        clashes: list[Term] = []
        for a, b in self.year.pairs:
            for sector in sectors:
                if (a, sector) in present and (b, sector) in present:
                    clash = self.programme.column()
                    both = [(present[a, sector], -1.0), (present[b, sector], -1.0)]
                    self.programme.row([(clash, 1.0), *both], lower=-1)
                    clashes.append((clash, 1.0))
        return clashes

    def _sector_duties(self, month: int, sector: str, mode: str) -> list[int]:
        return [
            self.on_duty[unit.key, month]
            for unit in self.year.units
            if unit.sector == sector and unit.mode == mode and (unit.key, month) in self.on_duty
        ]

    def _write_presence(self, month: int, sector: str) -> int:
        """A column of at least 1 if a unit of the sector is on duty."""
        column = self.programme.column()
        solo = self._sector_duties(month, sector, SOLO)
        group = self._sector_duties(month, sector, COLLECTIVE)
        together = self.collective.get(month)
        if together is None:
            for duty in (*solo, *group):
                self.programme.row([(column, 1.0), (duty, -1.0)], lower=0)
            return column
        # At most one solo unit is on duty, and none in a collective month: their sum makes a tighter bound.
        alone = [(duty, -1.0) for duty in solo]
        others = [
            key
            for key, when in self.on_duty
            if when == month
            and self.year.unit[key].mode == COLLECTIVE
            and self.year.unit[key].sector != sector
        ]
        if group and len(others) < self.year.problem.collective_min:
            # Too few units of other sectors to do without this one in a collective month.
            self.programme.row([(column, 1.0), *alone, (together, -1.0)], lower=0)
            return column
        for duties in [[*alone, (duty, -1.0)] for duty in group] or [alone]:
            self.programme.row([(column, 1.0), *duties], lower=0)
        return column

    def start_from(self, chairs: Table) -> None:
        """Offers a table that keeps every rule written so far."""
        self.programme.start_from(
            {column: float(key in chairs[month]) for (key, month), column in self.on_duty.items()}
        )

    def chairs(self, values: list[float]) -> dict[int, tuple[int, ...]]:
        """month -> keys ascending, read from a solution."""
        table: dict[int, list[int]] = {month: [] for month in self.year.problem.months}
        for (key, month), column in self.on_duty.items():
            if values[column] > 0.5:
                table[month].append(key)
        return {month: tuple(sorted(keys)) for month, keys in table.items()}


@dataclass(frozen=True)
class Solution:
    chairs: Table
    is_optimal: bool


def solve(year: Year) -> Solution | None:
    """The best table, None if the hard rules cannot all hold.

    Raises OutOfTime if nothing was found within the problem's time limit (seconds).
    """
    ends = monotonic() + year.problem.time_limit
    model = Model(year)
    aims = {
        SPREAD: model.spread,
        WISHES: model.wishes,
        REST: model.rest,
        THEME: model.theme,
        NEIGHBOURS: model.neighbours,
    }
    best: Table | None = None
    all_proven = True
    for place, name in enumerate(OBJECTIVES):
        terms = aims[name]()
        found, proven, values = model.programme.minimise(terms, ends - monotonic())
        if best is None and not found:
            if proven:
                return None
            raise OutOfTime("在限定的时间内没有排出任何一张表，请放宽时间后再试。")
        all_proven = all_proven and proven and found
        if found:
            best = climb(year, model.chairs(values))
        assert best is not None
        value = year.measure(best)[place]
        sign = -1 if name == WISHES else 1
        model.programme.row(terms, upper=sign * value)
        if name == SPREAD and model.second_allowed:
            model.tighten_spread(ends - monotonic())
        if name == WISHES and model.second_allowed:
            best = _with_few_duties(model, best, ends - monotonic())
        model.start_from(best)
    assert best is not None
    return Solution(best, all_proven)


def _with_few_duties(model: Model, best: Table, seconds: float) -> Table:
    """A better start for the aim of rest: second duties cost most there, so try a table with the fewest."""
    duties = [(column, 1.0) for column in model.on_duty.values()]
    found, _, values = model.programme.minimise(duties, seconds)
    if not found:
        return best
    few = climb(model.year, model.chairs(values))
    return min(best, few, key=lambda table: rank(model.year.measure(table)))


def is_feasible(year: Year, relaxed: frozenset[Rule] = frozenset()) -> bool:
    """Whether some table keeps every hard rule but the relaxed ones."""
    found, proven, _ = Model(year, relaxed).programme.minimise([], year.problem.time_limit)
    return found or not proven
