"""Celery's side of the clock: beat only ticks, sweeps find what is due."""

from celery import shared_task
from django.core.management import call_command

from alliances import clock, integrity
from alliances.services import sweeps


@shared_task(name="alliances.tick", ignore_result=True)
def tick() -> None:
    """Run every sweep once; a second beat or a re-delivered task does no harm."""
    sweeps.heartbeat("process.worker")
    sweeps.run_all(clock.now())


@shared_task(name="alliances.nightly", ignore_result=True)
def nightly() -> None:
    """Compare the data with itself and clear what has expired; what was found is on the status page."""
    integrity.run()
    call_command("clearsessions")
