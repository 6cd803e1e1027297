"""Everything that runs by the clock, in one loop: find what is due, do it, keep a heartbeat.

A dead scheduler costs nothing but time: each sweep catches up with whatever it missed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from alliances import clock
from alliances.models import SweepRun
from alliances.registry import Sweep, registries

logger = logging.getLogger("gongjian.sweeps")


T = TypeVar("T")


class Unfinished(Exception):
    """Some things of a sweep could not be done; ``lines`` says what was. The next tick tries the rest again."""

    def __init__(self, lines: list[str], problems: list[Exception]) -> None:
        first = f"{type(problems[0]).__name__}: {problems[0]}"
        super().__init__(f"{len(problems)} 件没有办成，首件：{first}")
        self.lines = lines


@dataclass(frozen=True)
class Outcome:
    """What one sweep did: a line per thing, or the error that stopped it."""

    name: str
    title: str
    lines: list[str] = field(default_factory=list)
    error: str = ""


def run_all(now: datetime | None = None) -> list[Outcome]:
    """Run every registered sweep once as of ``now``. One that fails does not stop the others."""
    now = now or clock.now()
    with clock.at(now):
        return [_run(sweep, now) for sweep in registries.sweeps]


def each(things: Iterable[T], deed: Callable[[T], list[str]]) -> list[str]:
    """``deed`` for every one of ``things``; one that cannot be done holds up none of those behind it.

    Returns the lines of all deeds. Raises ``Unfinished`` at the end when some failed.
    """
    lines: list[str] = []
    problems: list[Exception] = []
    for thing in things:
        try:
            lines += deed(thing)
        except Exception as problem:  # logged, shown on the status page, tried again by the next tick
            logger.exception("%r could not be done", thing)
            problems.append(problem)
    if problems:
        raise Unfinished(lines, problems)
    return lines


def _run(sweep: Sweep, now: datetime) -> Outcome:
    began = clock.machine_time()
    if not SweepRun.objects.filter(name=sweep.name).update(began_at=began):
        SweepRun.objects.get_or_create(name=sweep.name, defaults={"began_at": began})
    try:
        lines = sweep.run(now)
    except Exception as problem:  # one sweep must not silence the others; it is logged and shown on the page
        logger.exception("sweep %s failed", sweep.name)
        SweepRun.objects.filter(name=sweep.name).update(
            failed_at=clock.machine_time(), error=f"{type(problem).__name__}: {problem}"[:200]
        )
        done = problem.lines if isinstance(problem, Unfinished) else []
        return Outcome(sweep.name, sweep.title, done, error=f"{type(problem).__name__}: {problem}")
    SweepRun.objects.filter(name=sweep.name).update(succeeded_at=clock.machine_time(), error="")
    return Outcome(sweep.name, sweep.title, lines)


def heartbeat(name: str) -> None:
    """A process says it is alive (worker, beat)."""
    moment = clock.machine_time()
    SweepRun.objects.update_or_create(name=name, defaults={"began_at": moment, "succeeded_at": moment})


def last_heartbeat() -> datetime | None:
    """Machine time of the newest sign of life of anything that runs by the clock."""
    return SweepRun.objects.order_by("-began_at").values_list("began_at", flat=True).first()
