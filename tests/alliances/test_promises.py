"""Units are reminded of what they promised: a week before it is due, once, and only while it is open."""

from __future__ import annotations

from datetime import date

import pytest

from alliances import clock
from alliances.models import Commitment, Message, ReminderLine
from alliances.services import commitments, digests, promises, sweeps
from tests.cast import Cast
from tests.conftest import Frozen

DUE = date(2026, 3, 31)  # a Tuesday; five working days before it is Tuesday 24 March
TEXT = "全年开放阅览室不少于12次"


@pytest.fixture
def promised(cast: Cast) -> Commitment:
    return commitments.add(cast.members["县图书馆"], text=TEXT, due_on=DUE, actor=cast.staff)


def tick(moment: str, frozen: Frozen) -> None:
    frozen.to(moment)
    assert not [outcome.error for outcome in sweeps.run_all(clock.now()) if outcome.error]


def said() -> list[tuple[str, str]]:
    """(recipient, text) of every line about a promise."""
    lines = ReminderLine.objects.filter(kind=promises.REMIND).order_by("pk")
    return list(lines.values_list("recipient__name", "text"))


def told(cast: Cast) -> bool:
    """Whether the unit's liaison has read of the promise in a digest."""
    messages = Message.objects.filter(kind=digests.KIND, recipient=cast.liaison.person)
    return any(TEXT in message.body for message in messages)


def test_a_week_before_the_units_liaison_is_reminded_and_nobody_else(
    cast: Cast, promised: Commitment, frozen: Frozen
) -> None:
    tick("2026-03-23T10:00", frozen)
    assert said() == []
    tick("2026-03-24T08:00", frozen)  # before the office opens
    assert said() == []
    tick("2026-03-24T08:31", frozen)
    assert said() == [(cast.liaison.person.name, f"请于3月31日前兑现承诺：{TEXT}")]
    assert told(cast)


def test_many_ticks_say_it_once(cast: Cast, promised: Commitment, frozen: Frozen) -> None:
    for day in (24, 25, 26):
        for minute in range(20):
            tick(f"2026-03-{day}T09:{minute:02d}", frozen)
    assert len(said()) == 1


def test_an_outage_is_caught_up_with_until_the_last_day(
    cast: Cast, promised: Commitment, frozen: Frozen
) -> None:
    tick("2026-03-31T09:00", frozen)
    assert len(said()) == 1


@pytest.mark.parametrize("moment", ["2026-04-01T09:00", "2026-03-28T10:00"])
def test_neither_after_its_day_nor_on_a_saturday(
    moment: str, cast: Cast, promised: Commitment, frozen: Frozen
) -> None:
    tick(moment, frozen)
    assert said() == []


def test_what_is_due_after_a_long_holiday_is_said_before_it(cast: Cast, frozen: Frozen) -> None:
    """Saturday 28 February is worked, 16 to 23 February are off: Wednesday the 25th is five working days after the 11th."""
    frozen.to("2026-02-02T09:00")
    commitments.add(cast.members["县图书馆"], text=TEXT, due_on=date(2026, 2, 25), actor=cast.staff)
    day = promises.working_days(cast.community).add(date(2026, 2, 25), -promises.AHEAD)
    assert day < date(2026, 2, 15) and date(2026, 2, 25) - day <= promises.FARTHEST
    tick(f"{day}T09:00", frozen)
    assert len(said()) == 1


def test_what_is_settled_is_not_said(cast: Cast, promised: Commitment, frozen: Frozen) -> None:
    waived = commitments.add(cast.members["县图书馆"], text="另一项", due_on=DUE, actor=cast.staff)
    commitments.waive(waived, reason="职能调整", actor=cast.secretary)
    now = frozen.to("2026-03-24T17:00")
    promises.remind(now)
    assert [text for _, text in said()] == [f"请于3月31日前兑现承诺：{TEXT}"]
    commitments.fulfil(promised, evidence="已开放12次", actor=cast.staff)  # before the digest goes out
    tick("2026-03-25T09:00", frozen)
    assert not told(cast)


def test_a_confirmation_taken_back_is_reminded_of_anew(
    cast: Cast, promised: Commitment, frozen: Frozen
) -> None:
    tick("2026-03-24T09:00", frozen)
    commitments.fulfil(promised, evidence="已开放12次", actor=cast.staff)
    tick("2026-03-25T09:00", frozen)
    commitments.reopen(promised, actor=cast.secretary)
    tick("2026-03-26T09:00", frozen)
    assert len(said()) == 1
    assert (
        Message.objects.filter(
            kind=digests.KIND, recipient=cast.liaison.person, channel="inbox", body__contains=TEXT
        ).count()
        == 2
    )


def test_the_line_leads_to_the_units_own_promises(
    cast: Cast, promised: Commitment, frozen: Frozen, client_for
) -> None:
    theirs = commitments.add(cast.members["县实验小学"], text="别家的承诺", due_on=DUE, actor=cast.staff)
    tick("2026-03-24T09:00", frozen)
    line = ReminderLine.objects.get(kind=promises.REMIND, object_id=promised.pk)
    page = client_for(cast.liaison).get(line.path)
    html = page.content.decode()
    assert page.status_code == 200
    assert TEXT in html
    assert theirs.text not in html
