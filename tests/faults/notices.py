"""The processes that ``test_killed_notices`` kills: ``python -m tests.faults.notices web|worker PORT ISO-TIME``.

``web`` sends the notice of every planned seminar, as requests of the convenors' liaisons would, and ends. ``worker`` runs
the clock over and over; mail goes to PORT of this machine.
"""

import sys
import time
from datetime import datetime

import django
from django.conf import settings

django.setup()
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(sys.argv[2])

from alliances import clock  # noqa: E402 - after the setup of Django
from alliances.models import User  # noqa: E402
from alliances.services import sweeps  # noqa: E402
from rotation.enums import MeetingState  # noqa: E402
from rotation.models import Meeting  # noqa: E402
from rotation.selectors import meetings as reads  # noqa: E402
from rotation.services import meetings  # noqa: E402


def send_notices() -> None:
    for pk in list(
        Meeting.objects.filter(state=MeetingState.PLANNED).order_by("pk").values_list("pk", flat=True)
    ):
        meeting = reads.full().get(pk=pk)
        draft = reads.notice_draft(meeting)
        meetings.send_notice(
            meeting,
            starts_at=draft.starts_at,
            place="社区二楼会议室",
            agenda=[item["text"] for item in draft.agenda],
            reply_by=draft.reply_by,
            actor=User.objects.get(person__appointments__member=meeting.convenor),
        )


def main() -> None:
    moment = datetime.fromisoformat(sys.argv[3]).replace(tzinfo=clock.ZONE)
    with clock.at(moment):
        if sys.argv[1] == "web":
            send_notices()
        while sys.argv[1] == "worker":
            sweeps.run_all(moment)
            time.sleep(0.05)


if __name__ == "__main__":
    main()
