"""From the solver's table to a draft with leads, themes and reasons."""

from __future__ import annotations

from collections import Counter
from time import perf_counter

from . import collisions
from .explain import Explainer
from .model import solve
from .moves import Table
from .objectives import OBJECTIVES, Year
from .problem import COLLECTIVE, SOLO, Collision, Draft, MonthDraft, Problem
from .themes import fit, standing_theme


def draft(problem: Problem) -> Draft:
    """Drafts the year by the hard rules and the aims of the design, "The planner".

    Raises Collision if the hard rules cannot all hold, OutOfTime if the time limit is too short for any
    table. The order of candidates and locks does not matter.
    """
    began = perf_counter()
    year = Year(problem)
    faults = collisions.lock_faults(year)
    if faults:
        raise Collision(faults)
    solution = solve(year)
    if solution is None:
        raise Collision(collisions.explain(year))
    chairs = _lead_first(year, solution.chairs)
    explainer = Explainer(year, chairs)
    themes = _themes(year, chairs)
    months = tuple(
        MonthDraft(
            month=month,
            keys=keys,
            mode=year.locks[month].mode if month in year.locks else SOLO if len(keys) == 1 else COLLECTIVE,
            theme=themes[month],
            reason=explainer.reason(month),
            runner_up=explainer.runner_up(month),
        )
        for month, keys in chairs.items()
    )
    return Draft(
        months=months,
        objectives=tuple(zip(OBJECTIVES, year.measure(chairs), strict=True)),
        is_optimal=solution.is_optimal,
        seconds=perf_counter() - began,
        unplaced=tuple(unit.key for unit in year.willing if unit.key not in explainer.duties),
    )


def _lead_first(year: Year, chairs: Table) -> Table:
    """The lead (牵头单位) wished for the month, else has led least, fits the theme best, served least."""
    led: Counter[int] = Counter()
    ordered: Table = {}
    for month in year.problem.months:
        lock = year.locks.get(month)
        if lock is not None:
            keys = tuple(dict.fromkeys(lock.keys))
            lead = lock.lead if lock.lead in keys else keys[0]
            ordered[month] = (lead, *(key for key in keys if key != lead))
        else:
            units = [year.unit[key] for key in chairs[month]]
            units.sort(
                key=lambda u: (month not in u.wishes, led[u.key], -fit(u, month), u.past_duties, u.key)
            )
            ordered[month] = tuple(unit.key for unit in units)
        led[ordered[month][0]] += 1
    return ordered


def _themes(year: Year, chairs: Table) -> dict[int, str]:
    """A lead's own theme stands in the months it wished for, else in the one that suits it best.

    Its other months get the standing theme, so that one activity is not announced twice.
    """
    themes: dict[int, str] = {}
    led: dict[int, list[int]] = {}
    for month, keys in chairs.items():
        led.setdefault(keys[0], []).append(month)
    for key, months in led.items():
        unit = year.unit[key]
        own = [month for month in months if month in unit.wishes]
        own = own or [max(months, key=lambda month: (fit(unit, month), -month))]
        for month in months:
            lock = year.locks.get(month)
            wished = unit.theme if month in own else ""
            themes[month] = (lock.theme if lock else "") or wished or standing_theme(month, unit)
    return themes
