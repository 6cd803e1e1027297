"""Messages are rows: written once, leased by one sender, tried again, never lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from alliances import clock
from alliances.enums import Channel, MessageState
from alliances.errors import OfficeError
from alliances.models import LogEntry, Message, User
from alliances.selectors import inbox
from alliances.services import outbox
from tests.cast import Cast
from tests.mail_servers import MailServer
from tests.servers import free_port


def post(cast: Cast, key: str = "k1", **changes: Any) -> int:
    values = {
        "kind": "test",
        "subject": "请签收：3月轮值主席提醒单",
        "body": "贵单位为2026年3月轮值主席。",
        "path": "/slips/1/",
        "dedupe_key": key,
        "alliance": cast.alliance,
    }
    return outbox.post([cast.liaison.person, cast.leader.person], **{**values, **changes})


def with_address(user: User, email: str = "yang@example.org") -> None:
    User.objects.filter(pk=user.pk).update(email=email)


def send() -> list[str]:
    return outbox.send_due(clock.now())


@pytest.fixture
def smtp(settings: Any) -> Any:
    """Points the mail backend at a server: ``smtp(server.port)``."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5

    def use(port: int) -> None:
        settings.EMAIL_PORT = port

    return use


# --- writing ------------------------------------------------------------------------------------------------------


def test_same_key_is_written_once_per_person_and_channel(cast: Cast) -> None:
    with_address(cast.liaison)
    assert post(cast) == 3
    assert post(cast) == 0
    assert post(cast, subject="别的标题") == 0
    assert post(cast, "k2") == 3
    assert Message.objects.filter(channel=Channel.EMAIL).count() == 2


def test_same_person_twice_among_the_recipients_gets_one(cast: Cast) -> None:
    people = [cast.liaison.person, cast.liaison.person]
    outbox.post(people, kind="test", subject="一", body="二", dedupe_key="k")
    assert Message.objects.count() == 1


def test_closed_account_gets_no_mail(cast: Cast) -> None:
    with_address(cast.liaison)
    User.objects.filter(pk=cast.liaison.pk).update(is_active=False)
    post(cast)
    assert not Message.objects.filter(channel=Channel.EMAIL).exists()


# --- sending ------------------------------------------------------------------------------------------------------


def test_message_is_in_the_inbox_after_the_sweep(cast: Cast) -> None:
    post(cast)
    assert not inbox.messages_for(cast.liaison).exists()
    assert send() == ["发送消息 2 条"]
    assert inbox.messages_for(cast.liaison).get().subject == "请签收：3月轮值主席提醒单"
    assert send() == []


def test_mail_arrives_as_plain_text_with_a_link_to_the_site(cast: Cast, smtp: Any, settings: Any) -> None:
    with_address(cast.liaison)
    post(cast, body="<b>贵单位</b>为轮值主席 & 请签收。", subject="请签收\nBcc: x@example.org")
    with MailServer() as server:
        smtp(server.port)
        send()
    (mail,) = server.mails
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert mail["To"] == "yang@example.org"
    assert mail["Bcc"] is None
    assert "<b>贵单位</b>为轮值主席 & 请签收。" in text
    assert f"{settings.SITE_URL}/slips/1/" in text
    assert "&lt;b&gt;贵单位&lt;/b&gt;" in html
    assert "<b>贵单位</b>" not in html


@pytest.mark.parametrize("answer", ["554 go away", "421 busy", ""])
def test_refusing_server_keeps_the_mail_for_later(answer: str, cast: Cast, smtp: Any) -> None:
    with_address(cast.liaison)
    post(cast)
    with MailServer(answer) as server:
        smtp(server.port)
        assert send() == ["发送消息 2 条", "发送失败 1 条，将自动重试"]
        assert server.connections == 1
    mail = Message.objects.get(channel=Channel.EMAIL)
    assert (mail.state, mail.attempts, mail.leased_until) == (MessageState.WAITING, 1, None)
    assert mail.error
    assert mail.next_try_at > clock.machine_time()
    assert send() == []  # not before its time


def test_refused_address_and_silent_port_are_failures_too(cast: Cast, smtp: Any) -> None:
    with_address(cast.liaison)
    post(cast)
    with MailServer(rcpt="550 no such person") as server:
        smtp(server.port)
        send()
    assert "550" in Message.objects.get(channel=Channel.EMAIL).error
    make_due()
    smtp(free_port())
    assert send() == ["发送失败 1 条，将自动重试"]


def make_due() -> None:
    Message.objects.filter(state=MessageState.WAITING).update(next_try_at=clock.machine_time())


def test_message_that_cannot_be_sent_at_all_holds_up_no_other(cast: Cast, smtp: Any) -> None:
    """An address that no mail program can write on an envelope stands before a good one."""
    with_address(cast.liaison, "杨 欣然 <yang@@example.org")
    with_address(cast.leader, "wen@example.org")
    post(cast)
    with MailServer() as server:
        smtp(server.port)
        assert send() == ["发送消息 3 条", "发送失败 1 条，将自动重试"]
    assert [mail["To"] for mail in server.mails] == ["wen@example.org"]
    bad = Message.objects.get(channel=Channel.EMAIL, recipient=cast.liaison.person)
    assert bad.state == MessageState.WAITING
    assert bad.error


def test_fifth_failure_is_final_and_said_so(cast: Cast, smtp: Any) -> None:
    with_address(cast.liaison)
    post(cast)
    smtp(free_port())
    waits = []
    for _ in range(5):
        make_due()
        before = clock.machine_time()
        send()
        waits.append(Message.objects.get(channel=Channel.EMAIL).next_try_at - before)
    mail = Message.objects.get(channel=Channel.EMAIL)
    assert (mail.state, mail.attempts) == (MessageState.FAILED, 5)
    assert waits[0] < waits[1] < waits[2] < waits[3]
    make_due()
    assert send() == []
    assert inbox.outbox_counts(cast.alliance) == {"waiting": 0, "sending": 0, "sent": 2, "failed": 1}


def test_mail_that_failed_once_arrives_once(cast: Cast, smtp: Any) -> None:
    with_address(cast.liaison)
    post(cast)
    smtp(free_port())
    send()
    make_due()
    with MailServer() as server:
        smtp(server.port)
        send()
        send()
    assert len(server.mails) == 1
    mail = Message.objects.get(channel=Channel.EMAIL)
    assert (mail.state, mail.error, mail.may_be_double) == (MessageState.SENT, "", False)


# --- leases -------------------------------------------------------------------------------------------------------


def lease_all() -> list[Message]:
    """The rows that a sender gets which takes every one it sees."""
    return [message for message in Message.objects.order_by("pk") if outbox._lease(message)]


def test_leased_row_is_left_alone(cast: Cast) -> None:
    post(cast)
    assert len(lease_all()) == 2
    assert lease_all() == []
    assert send() == []


def test_lease_is_taken_just_before_its_message_is_sent(cast: Cast, settings: Any) -> None:
    """The first mail hangs: nobody else's lease runs meanwhile, and dying there leaves one message in doubt."""
    with_address(cast.liaison)
    post(cast)
    settings.EMAIL_BACKEND = f"{__name__}.Looking"
    Looking.seen.clear()
    send()
    assert Looking.seen == [1]


class Looking(BaseEmailBackend):
    """Counts the messages that are leased while a mail is handed over."""

    seen: ClassVar[list[int]] = []

    def send_messages(self, email_messages: list[EmailMessage]) -> int:
        self.seen.append(Message.objects.filter(state=MessageState.SENDING).count())
        return len(email_messages)


def test_row_of_a_dead_sender_comes_back(cast: Cast) -> None:
    """The sender leased and died: after the lease another sends, and a copy that may be double says so."""
    with_address(cast.liaison)
    post(cast)
    lease_all()
    assert send() == []
    lose_leases()
    assert send() == ["发送消息 3 条"]
    assert not Message.objects.exclude(state=MessageState.SENT).exists()
    double = Message.objects.filter(may_be_double=True)
    assert [row.channel for row in double] == [Channel.EMAIL]


def lose_leases() -> None:
    Message.objects.update(leased_until=clock.machine_time() - timedelta(seconds=1))


def test_two_senders_reading_the_same_rows_share_them(cast: Cast) -> None:
    """Both have read the row as waiting; the conditional UPDATE gives it to the first alone."""
    post(cast)
    rows = list(Message.objects.order_by("pk"))
    same = list(Message.objects.order_by("pk"))
    assert [outbox._lease(row) for row in rows] == [True, True]
    assert [outbox._lease(row) for row in same] == [False, False]


def test_late_report_of_a_lost_lease_changes_nothing(cast: Cast) -> None:
    """A sender that was thought dead reports failure after another has sent the row."""
    post(cast)
    (slow, _) = lease_all()
    lose_leases()
    send()
    outbox._record_failure(slow, "too late")
    assert Message.objects.get(pk=slow.pk).state == MessageState.SENT


# --- again --------------------------------------------------------------------------------------------------------


def test_failed_message_is_sent_again_on_request(cast: Cast) -> None:
    post(cast)
    message = Message.objects.first()
    Message.objects.filter(pk=message.pk).update(state=MessageState.FAILED, attempts=5)
    outbox.send_again(message, actor=cast.secretary)
    send()
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.SENT, 1)
    assert LogEntry.objects.get().action == "alliances.message.send_again"


@pytest.mark.parametrize("state", [MessageState.WAITING, MessageState.SENDING, MessageState.SENT])
def test_what_has_not_failed_is_not_sent_again(state: str, cast: Cast) -> None:
    post(cast)
    message = Message.objects.first()
    Message.objects.filter(pk=message.pk).update(state=state)
    with pytest.raises(OfficeError, match="没有发送失败"):
        outbox.send_again(message, actor=cast.secretary)
    assert not LogEntry.objects.exists()


def test_reading_marks_only_ones_own(cast: Cast) -> None:
    post(cast)
    send()
    outbox.mark_read(cast.liaison.person, Message.objects.values_list("pk", flat=True))
    assert inbox.unread_count(cast.liaison) == 0
    assert inbox.unread_count(cast.leader) == 1
