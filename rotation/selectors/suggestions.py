"""One-click remedies for what is wrong with a table or could be better: each is tried before it is offered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rotation.planner import COLLECTIVE, Finding, Problem, check
from rotation.selectors.tables import mode_of

Table = dict[int, tuple[tuple[int, ...], str]]

# A table in progress has many findings; beyond these the planner is the better remedy.
MOST_REMEDIES = 8


@dataclass(frozen=True)
class Suggestion:
    """A change of the table: "exchange" ``key`` of month ``source`` with the chair of ``target``, or "add" it there."""

    deed: str
    key: int
    source: int | None
    target: int
    label: str


def remedies(problem: Problem, table: Table, findings: Sequence[Finding]) -> list[Suggestion | None]:
    """For each finding the change that removes it and leaves least to complain about; None where there is none."""
    worth = _worth(findings)
    found = [_best(problem, table, finding, worth) for finding in findings[:MOST_REMEDIES]]
    return found + [None] * (len(findings) - len(found))


def _worth(findings: Sequence[Finding]) -> tuple[int, int]:
    collisions = sum(finding.level == "collision" for finding in findings)
    return collisions, len(findings) - collisions


def _best(problem: Problem, table: Table, finding: Finding, worth: tuple[int, int]) -> Suggestion | None:
    best, chosen = worth, None
    for suggestion, changed in _changes(problem, table, finding):
        left = check(problem, changed)
        if _worth(left) < best and all(other.sentence != finding.sentence for other in left):
            best, chosen = _worth(left), suggestion
    return chosen


def _changes(problem: Problem, table: Table, finding: Finding) -> Iterator[tuple[Suggestion, Table]]:
    locked = {lock.month for lock in problem.locks}
    duties: dict[int, list[int]] = {}
    for month, (keys, _) in table.items():
        for key in keys:
            duties.setdefault(key, []).append(month)
    if finding.month and finding.month not in table:
        yield from _fillings(problem, table, duties, finding.month)
        return
    for key in finding.keys:
        if key not in duties:
            yield from _placings(problem, table, key, locked)
        for source in duties.get(key, ()):
            if source in locked or len(table[source][0]) > 1:
                continue
            for target in problem.months:
                if target != source and target not in locked and len(table.get(target, ((), ""))[0]) == 1:
                    yield (
                        Suggestion("exchange", key, source, target, f"与{target}月对换"),
                        {**table, source: table[target], target: table[source]},
                    )


def _fillings(
    problem: Problem, table: Table, duties: dict[int, list[int]], month: int
) -> Iterator[tuple[Suggestion, Table]]:
    """Solo units for an empty month: those with fewest duties, among them first those that asked for the month."""
    solo = [unit for unit in problem.candidates if unit.mode != COLLECTIVE]
    for unit in sorted(solo, key=lambda unit: (len(duties.get(unit.key, ())), month not in unit.wishes)):
        yield (
            Suggestion("add", unit.key, None, month, f"安排{unit.name}"),
            {**table, month: ((unit.key,), mode_of(1))},
        )


def _placings(
    problem: Problem, table: Table, key: int, locked: set[int]
) -> Iterator[tuple[Suggestion, Table]]:
    """Months that a unit without a duty could join: empty ones, collective ones with room."""
    name = next((unit.name for unit in problem.candidates if unit.key == key), "")
    for month in problem.months:
        keys, mode = table.get(month, ((), ""))
        room = not keys or (mode == COLLECTIVE and len(keys) < problem.collective_max)
        if room and month not in locked:
            joined = (*keys, key)
            words = f"{name}加入{month}月集体轮值" if keys else f"{name}安排到{month}月"
            yield (
                Suggestion("add", key, None, month, words),
                {**table, month: (joined, mode_of(len(joined)))},
            )
