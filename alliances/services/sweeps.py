"""Everything that runs by the clock, in one loop: find what is due, do it, keep a heartbeat.

A dead scheduler costs nothing but time: each sweep catches up with whatever it missed.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime

from alliances import clock
from alliances.models import SweepRun
from alliances.registry import Sweep, registries

logger = logging.getLogger("gongjian.sweeps")


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


def _run(sweep: Sweep, now: datetime) -> Outcome:
    began = clock.machine_time()
    SweepRun.objects.update_or_create(name=sweep.name, defaults={"began_at": began})
    try:
        lines = sweep.run(now)
    except (
        Exception
    ) as problem:  # a sweep's bug must not silence the others; it is logged and shown on the page
        logger.exception("sweep %s failed", sweep.name)
        SweepRun.objects.filter(name=sweep.name).update(
            failed_at=clock.machine_time(), error=f"{type(problem).__name__}: {problem}"[:200]
        )
        return Outcome(sweep.name, sweep.title, error=f"{type(problem).__name__}: {problem}")
    SweepRun.objects.filter(name=sweep.name).update(succeeded_at=clock.machine_time(), error="")
    return Outcome(sweep.name, sweep.title, lines)


def heartbeat(name: str) -> None:
    """A process says it is alive (worker, beat)."""
    moment = clock.machine_time()
    SweepRun.objects.update_or_create(name=name, defaults={"began_at": moment, "succeeded_at": moment})


def last_heartbeat() -> datetime | None:
    """Machine time of the newest sign of life of anything that runs by the clock."""
    return SweepRun.objects.order_by("-began_at").values_list("began_at", flat=True).first()
