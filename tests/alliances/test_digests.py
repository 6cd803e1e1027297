"""Reminders: one message a person a day, in working hours, only to those who can act and have not."""

from __future__ import annotations

import pytest

from alliances import clock
from alliances.models import Message, ReminderLine
from alliances.registry import registries
from alliances.services import appointments, digests, sweeps
from rotation.models import Slip
from rotation.services import slips
from tests.cast import Cast
from tests.conftest import Frozen


def tick() -> None:
    failed = [outcome for outcome in sweeps.run_all(clock.now()) if outcome.error]
    assert not failed


def told(cast: Cast) -> set[str]:
    """Parts that have got a digest; the other alliance lives its own life beside this one."""
    people = set(Message.objects.filter(kind=digests.KIND).values_list("recipient_id", flat=True))
    parts = {part for part, user in cast.users.items() if user.person_id in people}
    return parts - {"foreign_liaison", "both_liaison"}


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-03T08:29:59", False),
        ("2026-03-03T08:30:00", True),
        ("2026-03-03T17:29:59", True),
        ("2026-03-03T17:30:00", False),
        ("2026-03-07T10:00:00", False),  # Saturday
        ("2026-02-28T10:00:00", True),  # Saturday, made up for the Spring Festival
        ("2026-02-17T10:00:00", False),  # Spring Festival, a Tuesday
        ("2026-05-09T10:00:00", True),  # Saturday, made up for Labour Day
    ],
)
def test_working_hours(moment: str, is_open: bool, cast: Cast, frozen: Frozen) -> None:
    assert digests.in_working_hours(cast.alliance, frozen.to(moment)) is is_open


def test_reminder_comes_a_working_day_before_and_not_earlier(cast: Cast, march: Slip, frozen: Frozen) -> None:
    """Issued Monday 2 March, due Wednesday 4: reminded on Tuesday."""
    frozen.to("2026-03-02T17:00")
    tick()
    assert told(cast) == set()
    frozen.to("2026-03-03T08:00")
    tick()
    assert told(cast) == set()  # before the office opens
    frozen.to("2026-03-03T08:31")
    tick()
    assert told(cast) == {"liaison", "second_liaison", "third_liaison"}


def test_whoever_has_signed_is_not_written_to(cast: Cast, march: Slip, frozen: Frozen) -> None:
    slips.acknowledge(march.receipts.get(member=cast.members["县图书馆"]), actor=cast.liaison)
    frozen.to("2026-03-03T09:00")
    tick()
    assert told(cast) == {"second_liaison", "third_liaison"}


def test_whoever_signs_between_the_line_and_the_message_is_not_written_to(
    cast: Cast, march: Slip, frozen: Frozen
) -> None:
    """The line waits since Tuesday evening; on Wednesday morning the unit has signed."""
    now = frozen.to("2026-03-03T17:29")
    slips.follow_up(now)
    assert ReminderLine.objects.count() == 3
    slips.acknowledge(march.receipts.get(member=cast.members["县图书馆"]), actor=cast.liaison)
    frozen.to("2026-03-04T09:00")
    tick()
    assert told(cast) == {"second_liaison", "third_liaison"}
    assert not ReminderLine.objects.filter(settled_at=None).exists()


def test_many_ticks_make_one_message(cast: Cast, march: Slip, frozen: Frozen) -> None:
    frozen.to("2026-03-03T09:00")
    for _ in range(50):
        tick()
        frozen.forward(minutes=1)
    assert Message.objects.filter(kind=digests.KIND).count() == 3


def test_everything_of_a_day_is_one_message(cast: Cast, march: Slip, frozen: Frozen) -> None:
    kind = registries.reminders.get(slips.REMIND)
    receipts = list(march.receipts.order_by("order"))
    for receipt in receipts:
        digests.queue(
            [cast.liaison.person],
            kind=kind.name,
            object_id=receipt.pk,
            text=f"第{receipt.order}件",
            path="/",
            alliance=cast.alliance,
        )
    digests.send_due(clock.now())
    message = Message.objects.get(kind=digests.KIND)
    assert message.subject == "今天有 3 件事请您留意"
    assert message.body == "· 第0件\n· 第1件\n· 第2件"
    assert ReminderLine.objects.filter(message=message).count() == 3


def test_second_line_of_a_day_waits_for_the_next(cast: Cast, march: Slip, frozen: Frozen) -> None:
    def queue(order: int) -> None:
        receipt = march.receipts.get(order=order)
        digests.queue(
            [cast.liaison.person],
            kind=slips.REMIND,
            object_id=receipt.pk,
            text=f"第{order}件",
            path="/",
            alliance=cast.alliance,
        )

    queue(0)
    digests.send_due(clock.now())
    queue(1)
    digests.send_due(frozen.to("2026-03-02T16:00"))
    assert Message.objects.filter(kind=digests.KIND).count() == 1
    digests.send_due(frozen.to("2026-03-03T08:00"))
    assert Message.objects.filter(kind=digests.KIND).count() == 1
    digests.send_due(frozen.to("2026-03-03T08:30"))
    assert Message.objects.filter(kind=digests.KIND).count() == 2


def test_same_line_is_queued_once(cast: Cast, march: Slip) -> None:
    receipt = march.receipts.first()
    for _ in range(3):
        digests.queue(
            [cast.liaison.person],
            kind=slips.REMIND,
            object_id=receipt.pk,
            text="一件",
            path="/",
            alliance=cast.alliance,
        )
    assert ReminderLine.objects.count() == 1


def test_unregistered_reminder_is_refused(cast: Cast) -> None:
    with pytest.raises(LookupError):
        digests.queue([], kind="no.such", object_id=1, text="", path="/", alliance=cast.alliance)


def test_holiday_and_weekend_bring_no_message(cast: Cast, frozen: Frozen) -> None:
    """Issued on Thursday 30 April, due after the holiday: silence from 1 to 5 May."""
    frozen.to("2026-04-01T09:00")
    slip = slips.issue(cast.duties[4])
    assert slip.acknowledge_by.isoformat() == "2026-04-03"
    Message.objects.all().delete()
    for moment in ("2026-04-04T10:00", "2026-04-05T10:00", "2026-04-06T10:00"):  # Tomb-Sweeping Day
        frozen.to(moment)
        tick()
        assert told(cast) == set(), moment
    frozen.to("2026-04-07T08:31")
    tick()
    # The liaison of the slip, and the secretaries whose quarter ended: its report has been drafted meanwhile.
    assert told(cast) == {"other_liaison", "secretary", "foreign_secretary"}


def test_a_nudge_takes_the_place_of_the_reminder_that_has_not_been_said(cast: Cast, frozen: Frozen) -> None:
    """Today's message is out when the reminder comes: tomorrow only the nudge is worth saying."""
    slip = slips.issue(cast.duties[3])
    receipt = slip.receipts.get(member=cast.members["县图书馆"])
    for kind, text in ((slips.REMIND, "请签收"), (slips.NUDGE, "催办：请签收")):
        digests.queue(
            [cast.liaison.person],
            kind=kind,
            object_id=receipt.pk,
            text=text,
            path="/",
            alliance=cast.alliance,
        )
    digests.send_due(frozen.to("2026-03-04T09:00"))
    assert Message.objects.get(kind=digests.KIND).subject == "催办：请签收"
    assert not ReminderLine.objects.filter(settled_at=None).exists()


def test_who_has_left_the_post_meanwhile_is_not_written_to(cast: Cast, frozen: Frozen) -> None:
    slip = slips.issue(cast.duties[3])
    receipt = slip.receipts.get(member=cast.members["县图书馆"])
    digests.queue(
        [cast.liaison.person],
        kind=slips.NUDGE,
        object_id=receipt.pk,
        text="催办",
        path="/",
        alliance=cast.alliance,
    )
    appointments.hand_over(cast.members["县图书馆"], name="新联络员", phone="13900009998", actor=cast.staff)
    digests.send_due(frozen.to("2026-03-04T09:00"))
    assert not Message.objects.filter(kind=digests.KIND).exists()
