"""Small changes of a table that keep every hard rule, and hill-climbing with them (pure, deterministic)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from .objectives import Year, rank
from .problem import Candidate

Table = dict[int, tuple[int, ...]]

# Larger alliances rarely give second duties, and the solver alone is quick on them.
MOST_UNITS_TO_CLIMB = 40
MOST_STEPS = 60


@dataclass(frozen=True)
class Move:
    """Unit `comes` takes the place of `goes` in a month; in `swapped_with` the two change the other way."""

    comes: Candidate
    goes: Candidate
    swapped_with: int | None
    chairs: Table


def moves(year: Year, chairs: Table, month: int) -> Iterator[Move]:
    """Every replacement of a unit of an unlocked month by another of its mode, with and without exchange."""
    duties, here = year.duties(chairs), chairs[month]
    for comes in year.willing:
        if comes.key in here or not year.may_serve(comes, month):
            continue
        for goes in (year.unit[key] for key in here):
            if goes.mode != comes.mode:
                continue
            changed = {**chairs, month: _replaced(here, goes.key, comes.key)}
            if _is_fair(year, changed):
                yield Move(comes, goes, None, changed)
            for other in duties.get(comes.key, ()):
                there = chairs[other]
                if other in year.locks or goes.key in there or not year.may_serve(goes, other):
                    continue
                yield Move(comes, goes, other, {**changed, other: _replaced(there, comes.key, goes.key)})


def climb(year: Year, chairs: Table) -> Table:
    """A table at least as good in the order of the aims, so that the solver mostly has only to prove it."""
    if len(year.units) > MOST_UNITS_TO_CLIMB:
        return chairs
    best, value = chairs, rank(year.measure(chairs))
    for _ in range(MOST_STEPS):
        near = ((rank(year.measure(table)), place, table) for place, table in enumerate(_near(year, best)))
        step = min(near, key=lambda found: found[:2])
        if step[0] >= value:
            break
        value, _, best = step
    return best


def _near(year: Year, chairs: Table) -> Iterator[Table]:
    yield chairs
    for month in year.free_months:
        for move in moves(year, chairs, month):
            yield move.chairs
    for a, b in combinations(year.free_months, 2):
        movable = all(year.may_serve(year.unit[key], b) for key in chairs[a])
        if movable and all(year.may_serve(year.unit[key], a) for key in chairs[b]):
            yield {**chairs, a: chairs[b], b: chairs[a]}


def _is_fair(year: Year, chairs: Table) -> bool:
    """Nobody has a second duty while a willing unit has none."""
    duties = year.duties(chairs)
    if all(len(months) == 1 for months in duties.values()):
        return True
    return all(unit.key in duties for unit in year.willing)


def _replaced(keys: tuple[int, ...], old: int, new: int) -> tuple[int, ...]:
    return tuple(new if key == old else key for key in keys)
