"""Web and worker killed between the freezing of a notice and the sending of its messages: none is lost, none is doubled.

Real processes, real mail. The rows decide: a notice with its replies and messages is there whole or not at all, a
message is sent by whoever leases its row. The one thing no sender can know is whether a mail was taken just before it
was killed: such a copy is marked as possibly double.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db.models import Count

from alliances import clock
from alliances.enums import Channel, MessageState
from alliances.models import LogEntry, Message, NumberSeries, SweepRun, User
from rotation.enums import MeetingState
from rotation.models import Duty, Meeting, Reply
from rotation.selectors.papers import freeze_paper
from rotation.services import slips
from tests import cast as cast_module
from tests.factories import people
from tests.factories import rotation as tables
from tests.faults.processes import contradictions, start
from tests.mail_servers import MailServer

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

MOMENT = "2026-03-03T10:00"
COMMUNITIES, UNITS, KILLS = 40, 5, 12
KIND = "rotation.meeting.noticed"


def build() -> None:
    """Communities whose seminar of March waits for its notice; every liaison has an account and an e-mail address."""
    with clock.at(cast_module.NOW):
        for i in range(COMMUNITIES):
            alliance = people.alliance(people.place(f"戊{i}社区"))
            members = people.members(alliance, {f"戊{i}单位{n}": "solo" for n in range(UNITS)})
            for n, member in enumerate(members):
                people.liaison(member, f"联络员{i}-{n}")
            tables.plan(alliance, 2026, {3: [members[0]]})
        for user in User.objects.all():
            User.objects.filter(pk=user.pk).update(email=f"u{user.pk}@example.com")
        for duty in Duty.objects.select_related("plan", "alliance__organisation"):
            slips.issue(duty)
        # The slips' own messages are not what is looked at.
        Message.objects.all().delete()


def progress() -> int:
    noticed = Meeting.objects.filter(state=MeetingState.NOTICED).count()
    return noticed + Message.objects.filter(kind=KIND, state=MessageState.SENT).count()


def expire_leases() -> None:
    """What a dead sender had leased comes back when its lease is over."""
    over = clock.machine_time() - timedelta(seconds=1)
    Message.objects.filter(state=MessageState.SENDING).update(leased_until=over)


def kill_both(chance: random.Random, port: int) -> int:
    """Let web and worker do a little together, kill them at their own random moments; messages then on their way."""
    enough, before = chance.randint(1, 30), progress()
    processes = [start("-m", "tests.faults.notices", role, str(port), MOMENT) for role in ("web", "worker")]
    until = time.monotonic() + 60
    while progress() - before < enough and time.monotonic() < until:
        time.sleep(0.002)
    chance.shuffle(processes)
    for process in processes:
        process.kill()
        process.wait(60)
        time.sleep(chance.random() * 0.2)
    under_way = Message.objects.filter(kind=KIND).exclude(state=MessageState.SENT).count()
    expire_leases()
    return under_way


def finish(port: int) -> None:
    """Both once more, undisturbed, until everything is sent."""
    assert start("-m", "tests.faults.notices", "web", str(port), MOMENT).wait(180) == 0
    worker = start("-m", "tests.faults.notices", "worker", str(port), MOMENT)
    until = time.monotonic() + 180
    while Message.objects.exclude(state=MessageState.SENT).exists():
        assert time.monotonic() < until, "messages are left unsent"
        time.sleep(0.1)
    worker.kill()
    worker.wait(60)


def test_killed_web_and_worker_lose_no_notice_and_double_none() -> None:
    build()
    known = contradictions()  # the factory's plans have no log
    chance = random.Random(2026)
    with MailServer() as mail:
        caught = [kill_both(chance, mail.port) for _ in range(KILLS)]
        assert sum(map(bool, caught)) >= KILLS // 3, "no kill came between notice and messages"
        assert Meeting.objects.filter(state=MeetingState.NOTICED).exists()
        finish(mail.port)
        delivered = Counter((str(m["To"]), str(m["Subject"])) for m in mail.mails)

    _every_notice_once()
    _every_message_once()
    _every_mail_once_or_marked(delivered)
    assert not SweepRun.objects.exclude(error="").exists()
    assert contradictions() <= known


def _every_notice_once() -> None:
    meetings = list(Meeting.objects.all())
    assert len(meetings) == COMMUNITIES
    for meeting in meetings:
        assert meeting.state == MeetingState.NOTICED
        assert meeting.serial == 1
        assert freeze_paper(meeting.paper)[1] == meeting.paper_hash
        assert meeting.noticed_at == datetime.fromisoformat(MOMENT).replace(tzinfo=clock.ZONE)
    assert set(NumberSeries.objects.filter(kind="rotation.meeting").values_list("last", flat=True)) == {1}
    assert LogEntry.objects.filter(action="rotation.meeting.notice").count() == COMMUNITIES
    replies = Reply.objects.values("meeting").annotate(n=Count("pk"), units=Count("member", distinct=True))
    assert [(row["n"], row["units"]) for row in replies] == [(UNITS, UNITS)] * COMMUNITIES


def _every_message_once() -> None:
    """One in the inbox and one by mail for every liaison but the convenor's own."""
    for channel in Channel.values:
        rows = Message.objects.filter(kind=KIND, channel=channel)
        assert rows.count() == COMMUNITIES * (UNITS - 1)
        assert rows.values("recipient").distinct().count() == COMMUNITIES * (UNITS - 1)
    assert not Message.objects.filter(channel=Channel.INBOX, may_be_double=True).exists()


def _every_mail_once_or_marked(delivered: Counter[tuple[str, str]]) -> None:
    rows = Message.objects.filter(kind=KIND, channel=Channel.EMAIL).select_related("recipient__user")
    marked = twice = 0
    for message in rows:
        copies = delivered[message.recipient.user.email, message.subject]
        assert copies == 1 or (message.may_be_double and copies == 2), (message, copies)
        marked += message.may_be_double
        twice += copies - 1
    print(f"\n{rows.count()} mails, {marked} marked as possibly double, {twice} of them delivered twice")
    assert marked <= KILLS, "a dead sender leaves one message in doubt, not those behind it"
