"""Messages as rows: written with the change, sent by a sweep that leases, re-reads, records.

Channels: the in-site inbox (every person, readable once the person has an account) and e-mail (people with an
address). A row's ``dedupe_key`` makes writing it twice harmless.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string

from alliances import clock
from alliances.enums import Channel, MessageState
from alliances.errors import OfficeError
from alliances.models import Alliance, Message, Person, User
from alliances.services import audit

logger = logging.getLogger("gongjian.outbox")

LEASE = timedelta(minutes=2)
BATCH = 200
MAX_ATTEMPTS = 5
RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


def post(
    recipients: Iterable[Person],
    *,
    kind: str,
    subject: str,
    body: str,
    path: str = "",
    dedupe_key: str,
    alliance: Alliance | None = None,
) -> int:
    """Write one row per recipient and channel; rows that are there already are left. Returns how many were new.

    ``path`` is a site-relative link. Call it in the transaction of the change the message tells of.
    """
    people = {person.pk: person for person in recipients}
    addresses = dict(
        User.objects.filter(person__in=people, is_active=True)
        .exclude(email="")
        .values_list("person_id", "email")
    )
    rows = []
    for pk in people:
        channels = [Channel.INBOX, Channel.EMAIL] if pk in addresses else [Channel.INBOX]
        rows += [
            Message(
                alliance=alliance,
                recipient_id=pk,
                channel=channel,
                kind=kind,
                subject=subject,
                body=body,
                path=path,
                dedupe_key=dedupe_key,
            )
            for channel in channels
        ]
    before = Message.objects.filter(recipient__in=people, dedupe_key=dedupe_key).count()
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    return Message.objects.filter(recipient__in=people, dedupe_key=dedupe_key).count() - before


def send_due(now: datetime) -> list[str]:
    """The sender sweep: lease one message, send it, record the result, and so on. Safe in many processes at once."""
    sent = failed = 0
    waiting = Message.objects.filter(_due(clock.machine_time())).select_related("recipient__user")
    for message in waiting.order_by("pk")[:BATCH]:
        if not _lease(message):
            continue
        if _send(message):
            sent += 1
        else:
            failed += 1
    lines = [f"发送消息 {sent} 条"] if sent else []
    return lines + ([f"发送失败 {failed} 条，将自动重试"] if failed else [])


def _due(moment: datetime) -> Q:
    return Q(state=MessageState.WAITING, next_try_at__lte=moment) | Q(
        state=MessageState.SENDING, leased_until__lt=moment
    )


def _lease(message: Message) -> bool:
    """Whether this process alone may send ``message`` now: a conditional UPDATE decides.

    One at a time, just before it is sent: however slow the mails before it were, its lease is whole, and a sender that
    dies leaves a single message of which nobody knows whether it went out.
    """
    moment = clock.machine_time()
    stuck = message.state == MessageState.SENDING
    hit = Message.objects.filter(_due(moment), pk=message.pk, attempts=message.attempts).update(
        state=MessageState.SENDING,
        leased_until=moment + LEASE,
        attempts=message.attempts + 1,
        # A sender died after it may have handed the message over: the copy is marked, not hidden.
        may_be_double=message.may_be_double or (stuck and message.channel != Channel.INBOX),
    )
    message.attempts += hit
    return bool(hit)


def _send(message: Message) -> bool:
    """Hand one leased message to its channel and record what came of it."""
    try:
        if message.channel == Channel.EMAIL:
            _mail(message)
    except Exception as problem:  # one message that cannot be sent must not hold up those behind it
        if not isinstance(
            problem, OSError
        ):  # not the network: an address nobody can write, or our own mistake
            logger.exception("message %s cannot be sent", message.pk)
        _record_failure(message, str(problem) or type(problem).__name__)
        return False
    Message.objects.filter(pk=message.pk, state=MessageState.SENDING).update(
        state=MessageState.SENT, sent_at=clock.now(), leased_until=None, error=""
    )
    return True


def _record_failure(message: Message, reason: str) -> None:
    over = message.attempts >= MAX_ATTEMPTS
    wait = RETRY_AFTER[min(message.attempts, len(RETRY_AFTER)) - 1]
    Message.objects.filter(pk=message.pk, state=MessageState.SENDING).update(
        state=MessageState.FAILED if over else MessageState.WAITING,
        next_try_at=clock.machine_time() + wait,
        leased_until=None,
        error=reason[:200],
    )


def _mail(message: Message) -> None:
    """Text and HTML of one message; user text goes in as plain text, links use the configured site address."""
    context = {"message": message, "url": f"{settings.SITE_URL}{message.path}" if message.path else ""}
    mail = EmailMultiAlternatives(
        subject=message.subject.replace("\n", " "),
        body=render_to_string("mail/message.txt", context),
        to=[message.recipient.user.email],
    )
    mail.attach_alternative(render_to_string("mail/message.html", context), "text/html")
    mail.send()


def send_again(message: Message, *, actor: User) -> None:
    """Put a failed message back in the queue (the outbox page's button)."""
    with transaction.atomic():
        hit = Message.objects.filter(pk=message.pk, state=MessageState.FAILED).update(
            state=MessageState.WAITING, attempts=0, next_try_at=clock.machine_time(), error=""
        )
        if not hit:
            raise OfficeError("这条消息没有发送失败，不需要重发。")
        audit.record("alliances.message.send_again", message, actor=actor)


def mark_read(person: Person, messages: Iterable[int]) -> None:
    Message.objects.filter(recipient=person, pk__in=messages, read_at=None).update(read_at=clock.now())


def mark_all_read(person: Person) -> None:
    """Everything in the person's inbox up to now."""
    rows = Message.objects.filter(recipient=person, channel=Channel.INBOX, state=MessageState.SENT)
    rows.filter(read_at=None).update(read_at=clock.now())
