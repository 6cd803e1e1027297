"""Reminders: every line a person is to be reminded of on a day is one message, in working hours (design: the clock)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, time

from django.db import transaction

from alliances import clock
from alliances.calendars import WorkingDays
from alliances.enums import Level
from alliances.models import Alliance, Appointment, Message, Person, ReminderLine
from alliances.registry import registries
from alliances.selectors.settings import working_days
from alliances.services import outbox

OPENS, CLOSES = time(8, 30), time(17, 30)
KIND = "alliances.digest"


def in_working_hours(alliance: Alliance, now: datetime) -> bool:
    """Whether people of ``alliance`` may be reminded at ``now``."""
    return in_hours(now) and is_working_day(working_days(alliance.organisation), now)


def in_hours(now: datetime) -> bool:
    """Whether offices would be open at ``now``, were it a working day: asked first, because it costs nothing."""
    return OPENS <= clock.local(now).time() < CLOSES


def is_working_day(days: WorkingDays, now: datetime) -> bool:
    return days.is_working(clock.local(now).date())


def queue(
    recipients: Iterable[Person], *, kind: str, object_id: int, text: str, path: str, alliance: Alliance
) -> None:
    """Have ``text`` said in each recipient's next digest; a line that is there already is left as it is.

    ``kind`` names a registered reminder whose ``still_due(object_id)`` is asked again before sending.
    """
    if kind not in registries.reminders:
        raise LookupError(f"reminder {kind!r} is not registered")
    ReminderLine.objects.bulk_create(
        [
            ReminderLine(
                alliance=alliance,
                recipient=person,
                kind=kind,
                object_id=object_id,
                text=text[:200],
                path=path,
            )
            for person in recipients
        ],
        ignore_conflicts=True,
    )


def forget(kinds: Iterable[str], object_id: int) -> None:
    """A step begins anew, with another deadline: what was said of the old one does not keep the new one silent."""
    ReminderLine.objects.filter(kind__in=list(kinds), object_id=object_id).delete()


def send_due(now: datetime) -> list[str]:
    """Sweep: bundle the waiting lines of every person who has had no digest today."""
    waiting: dict[int, list[ReminderLine]] = defaultdict(list)
    open_now: dict[int, bool] = {}
    rows = ReminderLine.objects.filter(settled_at=None).select_related("alliance__organisation", "recipient")
    for line in rows.order_by("pk"):
        if line.alliance_id not in open_now:
            open_now[line.alliance_id] = in_working_hours(line.alliance, now)
        if open_now[line.alliance_id]:
            waiting[line.recipient_id].append(line)
    sent = sum(_bundle(lines, now) for lines in waiting.values())
    return [f"汇总提示 {sent} 人"] if sent else []


def _worth_saying(lines: list[ReminderLine]) -> list[ReminderLine]:
    """The lines that are still due, of each thing the newest alone (a nudge says what its reminder said), and of
    alliances in which the person still has a post."""
    newest = {_about(line): line for line in lines}
    posts = Appointment.objects.current().filter(person=lines[0].recipient)
    places = posts.values_list("organisation_id", "member__alliance__organisation_id")
    # A station works for the community it belongs to.
    stations = posts.filter(organisation__level=Level.STATION).values_list("organisation__parent_id")
    own = {pk for place in [*places, *stations] for pk in place if pk}
    return [
        line
        for line in newest.values()
        if line.alliance.organisation_id in own
        and registries.reminders.get(line.kind).still_due(line.object_id)
    ]


def _about(line: ReminderLine) -> tuple[str, int]:
    """What a line is about. Reports to the secretary are of objects of their own."""
    what, _, word = line.kind.rpartition(".")
    return (line.kind if word == "escalate" else what, line.object_id)


def _bundle(lines: list[ReminderLine], now: datetime) -> bool:
    person = lines[0].recipient
    key = f"digest:{clock.local(now).date().isoformat()}"
    if Message.objects.filter(recipient=person, dedupe_key=key).exists():
        return False
    due = _worth_saying(lines)
    with transaction.atomic():
        ReminderLine.objects.filter(pk__in=[line.pk for line in lines], settled_at=None).update(
            settled_at=now
        )
        if not due:
            return False
        single = len(due) == 1
        new = outbox.post(
            [person],
            kind=KIND,
            subject=due[0].text if single else f"今天有 {len(due)} 件事请您留意",
            body="\n".join(f"· {line.text}" for line in due),
            path=due[0].path if single else "/",
            dedupe_key=key,
            alliance=due[0].alliance if len({line.alliance_id for line in due}) == 1 else None,
        )
        if not new:
            # Another process wrote today's message a moment ago without these lines: they wait for tomorrow's.
            transaction.set_rollback(True)
            return False
        message = Message.objects.filter(recipient=person, dedupe_key=key).first()
        ReminderLine.objects.filter(pk__in=[line.pk for line in due]).update(message=message)
    return True
