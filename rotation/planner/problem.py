"""What the planner is asked and what it answers. Plain values; months are 1..12 of one year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SOLO = "solo"
COLLECTIVE = "collective"


@dataclass(frozen=True)
class Candidate:
    """A current member of the alliance.

    key: any unique integer (the member's primary key). mode: the roster's duty mode, "solo" or "collective".
    wishes, blackout: months asked for and months refused. past_duties: duties of past years that count.
    months_since: months from the last duty to the first month planned (December to January is 1), None for
    a unit that never had one. theme, resources: as written in its wish form. excused: not willing, with a
    reason on record; gets a duty only if locked.
    """

    key: int
    name: str
    mode: str
    sector: str
    wishes: frozenset[int] = frozenset()
    blackout: frozenset[int] = frozenset()
    past_duties: int = 0
    months_since: int | None = None
    theme: str = ""
    resources: tuple[str, ...] = ()
    excused: bool = False


@dataclass(frozen=True)
class Lock:
    """A month the secretary has settled. It overrides the mode and blackout of its units in its month."""

    month: int
    keys: tuple[int, ...]
    mode: str
    lead: int | None = None
    theme: str = ""


@dataclass(frozen=True)
class Problem:
    """A year to plan. `months` are those planned, ascending; a plan made in mid-year passes the months that
    have already been held as locks, so that their duties count.

    Raises ValueError for what no form can produce: unknown modes, repeated keys, months outside 1..12.
    """

    year: int
    months: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    locks: tuple[Lock, ...] = ()
    collective_min: int = 2
    collective_max: int = 3
    seed: int = 0
    time_limit: float = 10.0

    def __post_init__(self) -> None:
        if not self.months or list(self.months) != sorted(set(self.months) & set(range(1, 13))):
            raise ValueError("months must be distinct, ascending and within 1..12")
        keys = [candidate.key for candidate in self.candidates]
        if len(keys) != len(set(keys)):
            raise ValueError("candidate keys must be unique")
        modes = {unit.mode for unit in self.candidates} | {lock.mode for lock in self.locks}
        if modes - {SOLO, COLLECTIVE}:
            raise ValueError("mode must be solo or collective")
        if not 2 <= self.collective_min <= self.collective_max:
            raise ValueError("collective size must be at least 2 and at most its maximum")
        if any(lock.month not in self.months for lock in self.locks):
            raise ValueError("a lock must name a planned month")


@dataclass(frozen=True)
class MonthDraft:
    """One month of the draft. keys: lead first. reason, runner_up: Chinese sentences for the Year page."""

    month: int
    keys: tuple[int, ...]
    mode: str
    theme: str
    reason: str
    runner_up: str


@dataclass(frozen=True)
class Draft:
    """A whole year. objectives: (name, value) in lexicographic order, names as in `OBJECTIVE_LABELS`.

    is_optimal: every level was proven optimal within the time limit. unplaced: willing units without a duty
    this year, in key order.
    """

    months: tuple[MonthDraft, ...]
    objectives: tuple[tuple[str, int], ...]
    is_optimal: bool
    seconds: float
    unplaced: tuple[int, ...]


@dataclass(frozen=True)
class Finding:
    """What `check` says of a hand-edited table. level "collision" breaks a hard rule, "hint" does not."""

    level: str
    month: int | None
    keys: tuple[int, ...]
    sentence: str


class Collision(Exception):
    """The hard rules cannot all hold. `sentences` says which collide and what could be changed."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__("".join(sentences))
        self.sentences = tuple(sentences)


class OutOfTime(Exception):
    """No table at all was found within the time limit."""


def name_list(names: Sequence[str], limit: int = 6) -> str:
    """Names joined as offices write them; long lists are cut with their count."""
    if len(names) <= limit:
        return "、".join(names)
    return f"{'、'.join(names[:limit])}等{len(names)}家单位"


def month_list(months: Sequence[int]) -> str:
    """1月、3月至5月."""
    parts: list[str] = []
    ordered = sorted(months)
    start = 0
    for i, month in enumerate(ordered):
        if i + 1 < len(ordered) and ordered[i + 1] == month + 1:
            continue
        run = ordered[start : i + 1]
        parts += [f"{run[0]}月至{run[-1]}月"] if len(run) > 2 else [f"{m}月" for m in run]
        start = i + 1
    return "、".join(parts)
