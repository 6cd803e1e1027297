"""Helpers of the night of a quarter's end: they take drafts that wait, beside the tick that also makes them."""

from celery import shared_task

from alliances import clock
from evaluations.services import drafting


@shared_task(name=drafting.HELPER, ignore_result=True)
def draft_assessments() -> None:
    """Make drafts for a minute; doubled, lost or killed it changes nothing but the time."""
    drafting.draft_waiting(clock.now(), within=drafting.A_HELPERS_SHIFT)
