"""Celery's side of the clock: beat only ticks, sweeps find what is due."""

from celery import shared_task

from alliances import clock
from alliances.services import sweeps


@shared_task(name="alliances.tick", ignore_result=True)
def tick() -> None:
    """Run every sweep once; a second beat or a re-delivered task does no harm."""
    sweeps.heartbeat("process.worker")
    sweeps.run_all(clock.now())
