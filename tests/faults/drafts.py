"""A worker that ``test_killed_drafts`` kills: ``python -m tests.faults.drafts ISO-TIME`` drafts until all are made."""

import sys
import time
from datetime import datetime, timedelta

import django

django.setup()

from alliances import clock  # noqa: E402 - after the setup of Django
from alliances.calendars import Quarter  # noqa: E402
from evaluations.selectors import assessments as reads  # noqa: E402
from evaluations.services import drafting  # noqa: E402


def main() -> None:
    moment = datetime.fromisoformat(sys.argv[1]).replace(tzinfo=clock.ZONE)
    quarter = Quarter.of(moment).prev()
    with clock.at(moment):
        drafting.plan_due(moment)
        until = time.monotonic() + 600
        # What another worker holds is waited for until its lease is over; a test ends that wait.
        while not reads.progress(quarter).is_over and time.monotonic() < until:
            drafting.draft_waiting(moment, within=timedelta(minutes=5))
            time.sleep(0.05)


if __name__ == "__main__":
    main()
