"""Many at the very same moment: one lead, three bookings, one answer - and twins without the guards that fail.

200 on PostgreSQL, as often as ``RACE_ROUNDS`` says; 20 on either database, SQLite above all.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from alliances import clock
from alliances.enums import DutyMode
from alliances.errors import OfficeError
from alliances.models import LogEntry, Member
from demands.enums import BOOKING_HOLDS
from demands.models import Acceptance, Author, Booking, CallBack, Claim, Demand, Offer, Resource
from demands.services import (
    acceptance,
    acting,
    bookings,
    callbacks,
    claims,
    dispatch,
    intake,
    resources,
    review,
)
from demands.services.bookings import Slot
from demands.services.callbacks import Answer
from demands.services.claims import Promise
from demands.services.resources import Hours
from tests import cast as cast_module
from tests.cast import Cast
from tests.conftest import Frozen
from tests.demands import loop
from tests.factories import demands as lists
from tests.factories import people
from tests.races import together

pytestmark = pytest.mark.django_db(transaction=True)
on_postgres = [pytest.mark.race, pytest.mark.postgres]
MANY, FEW = 200, 20


def race(deed: Any) -> Any:
    """A race on PostgreSQL."""
    for mark in on_postgres:
        deed = mark(deed)
    return deed


@pytest.fixture
def crowd(transactional_db: None, frozen: Frozen) -> Cast:
    """The cast, committed, so that other connections see it; its staff with their appointments in hand."""
    cast = cast_module.build()
    for user in (cast.staff, cast.station, cast.liaison):
        assert user.current_appointments
    return cast


def won(outcomes: list[Any], refusal: type[Exception] = OfficeError) -> list[Any]:
    """What succeeded; anything that failed must have failed with a sentence."""
    unexpected = [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, refusal)]
    assert not unexpected, unexpected[:3]
    return [o for o in outcomes if not isinstance(o, Exception)]


# --- one lead -------------------------------------------------------------------------------------------------------


def units(cast: Cast, number: int) -> list[Member]:
    names = {f"第{n}单位": DutyMode.SOLO for n in range(number)}
    people.members(cast.alliance, names)
    rows = Member.objects.filter(unit__name__in=names).select_related("unit", "alliance__organisation")
    return list(rows.order_by("pk"))


def all_claim(cast: Cast, rows: list[Member], taking: Any = claims.take) -> tuple[Demand, list[Any]]:
    """Every unit claims to lead the same new demand; the office writes down what they say by phone, in many windows."""
    demand = Demand.objects.get(
        pk=lists.demand(cast.alliance, cast.station_place, hall_opened_at=clock.now()).pk
    )
    deeds = [partial(taking, demand, row, loop.PROMISE, via="phone", actor=cast.staff) for row in rows]
    return demand, together(deeds)


def one_lead(cast: Cast, rounds: int, number: int) -> None:
    rows = units(cast, number)
    for _ in range(rounds):
        demand, outcomes = all_claim(cast, rows)
        assert len(won(outcomes)) == 1
        assert Claim.objects.filter(demand=demand).count() == 1
        assert loop.state(demand) == "claimed"
        moves = LogEntry.objects.filter(object_type="demands.demand", object_id=demand.pk)
        assert list(moves.values_list("action", flat=True)) == ["demands.demand.claim"]


@race
def test_two_hundred_claims_have_one_lead(crowd: Cast, crowded_rounds: int) -> None:
    one_lead(crowd, crowded_rounds, MANY)


def test_twenty_claims_have_one_lead(crowd: Cast) -> None:
    one_lead(crowd, 3, FEW)


class Gate:
    """Lets nobody on before everybody has looked: what a slow moment between reading and writing does."""

    def __init__(self, number: int) -> None:
        self._barrier = threading.Barrier(number)

    def wait(self) -> None:
        self._barrier.wait(60)


def take_without_the_guard(
    demand: Demand, member: Member, promise: Promise, *, via: str, actor: Any, gate: Gate
) -> Claim:
    """The twin: looks whether anybody leads, then writes, holding nothing between the two."""
    leads = Claim.objects.standing().filter(demand=demand, part="lead").exists()
    gate.wait()
    if leads:
        raise OfficeError("已有牵头")
    with transaction.atomic():
        return lists.claim(demand, member, via=via)


@contextmanager
def without_constraint(name: str) -> Iterator[None]:
    """The table as it would be had nobody thought of the constraint; what was written meanwhile goes."""
    constraint = next(c for c in Claim._meta.constraints if c.name == name)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Claim, constraint)
    try:
        yield
    finally:
        Claim.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Claim, constraint)


def many_leads(cast: Cast, number: int) -> None:
    rows = units(cast, number)
    with without_constraint("claim_one_lead"):
        demand, outcomes = all_claim(cast, rows, partial(take_without_the_guard, gate=Gate(number)))
        assert len(won(outcomes)) > 1
        assert Claim.objects.filter(demand=demand, part="lead").count() > 1


@race
def test_twin_without_the_guard_has_many_leads(crowd: Cast) -> None:
    many_leads(crowd, MANY)


def test_twin_of_twenty_has_many_leads(crowd: Cast) -> None:
    many_leads(crowd, FEW)


@race
def test_constraint_alone_still_lets_only_one_lead(crowd: Cast) -> None:
    """The second lock behind the first: who writes past the held row fails, if less politely."""
    rows = units(crowd, MANY)
    demand, outcomes = all_claim(crowd, rows, partial(take_without_the_guard, gate=Gate(MANY)))
    assert len(won(outcomes, IntegrityError)) == 1
    assert Claim.objects.filter(demand=demand).count() == 1


# --- a venue's capacity -----------------------------------------------------------------------------------------------

CAPACITY = 3


def room(cast: Cast) -> Resource:
    place = lists.venue(loop.member(cast), capacity=CAPACITY)
    return resources.set_hours(place, [Hours(day, time(8), time(18)) for day in range(7)], actor=cast.liaison)


def all_book(cast: Cast, place: Resource, number: int, asking: Any) -> list[Any]:
    """Everybody wants some of the same afternoon, not all of them the same hours."""
    nine = datetime(2026, 3, 3, 9, tzinfo=clock.ZONE)
    wanted = [
        Slot(nine + timedelta(minutes=n % 3 * 10), nine + timedelta(hours=2), f"第{n}次议事会")
        for n in range(number)
    ]
    Booking.objects.filter(resource=place).delete()
    copies = [Resource.objects.select_related("member", "alliance").get(pk=place.pk) for _ in wanted]
    deeds = [
        partial(asking, copy, cast.alliance, slot, actor=cast.staff)
        for copy, slot in zip(copies, wanted, strict=True)
    ]
    return together(deeds)


def exactly_three(cast: Cast, rounds: int, number: int) -> None:
    place = room(cast)
    for _ in range(rounds):
        outcomes = all_book(cast, place, number, bookings.ask_for_office)
        assert len(won(outcomes)) == CAPACITY
        assert Booking.objects.filter(resource=place, state__in=BOOKING_HOLDS).count() == CAPACITY


@race
def test_two_hundred_bookings_of_three_places_are_three(crowd: Cast, crowded_rounds: int) -> None:
    exactly_three(crowd, crowded_rounds, MANY)


def test_twenty_bookings_of_three_places_are_three(crowd: Cast) -> None:
    exactly_three(crowd, 3, FEW)


def test_the_same_form_at_once_is_one_booking(crowd: Cast) -> None:
    place = room(crowd)
    nine = datetime(2026, 3, 3, 9, tzinfo=clock.ZONE)
    slot = Slot(nine, nine + timedelta(hours=2), "议事会")
    copies = [Resource.objects.select_related("member", "alliance").get(pk=place.pk) for _ in range(FEW)]
    deeds = [
        partial(bookings.ask_for_office, copy, crowd.alliance, slot, actor=crowd.staff) for copy in copies
    ]
    assert len(won(together(deeds))) == FEW
    assert Booking.objects.filter(resource=place).count() == 1


def book_without_the_guard(
    resource: Resource, alliance: Any, slot: Slot, *, actor: Any, gate: Gate
) -> Booking:
    """The twin: counts, then writes, without taking the venue's row first."""
    full = bookings.peak(resource, slot.starts_at, slot.ends_at) >= resource.capacity
    gate.wait()
    if full:
        raise OfficeError("已约满")
    return lists.booking(resource, starts_at=slot.starts_at, ends_at=slot.ends_at)


def overbooked(cast: Cast, number: int) -> None:
    place = room(cast)
    won(all_book(cast, place, number, partial(book_without_the_guard, gate=Gate(number))))
    assert Booking.objects.filter(resource=place).count() > CAPACITY


@race
def test_twin_without_the_guard_overbooks(crowd: Cast) -> None:
    overbooked(crowd, MANY)


def test_twin_of_twenty_overbooks(crowd: Cast) -> None:
    overbooked(crowd, FEW)


# --- the rest of the loop ---------------------------------------------------------------------------------------------


@race
def test_same_form_posted_fifty_times_at_once_is_one_demand(crowd: Cast, race_rounds: int) -> None:
    for round_ in range(race_rounds):
        post = partial(
            intake.take_in, crowd.alliance, loop.asked(crowd), form_key=f"r{round_}", actor=crowd.staff
        )
        answers = won(together([post] * 50))
        assert len(answers) == 50
        assert {(one.demand.pk, one.code) for one in answers} == {(answers[0].demand.pk, answers[0].code)}
    assert Demand.objects.count() == Author.objects.count() == race_rounds
    assert sorted(Demand.objects.values_list("serial", flat=True)) == list(range(1, race_rounds + 1))


@race
def test_two_units_that_finish_at_once_leave_the_demand_served(crowd: Cast, race_rounds: int) -> None:
    for _ in range(race_rounds):
        demand = loop.opened(crowd)
        pair = (
            (loop.claimed(crowd, demand), crowd.liaison),
            (loop.joined(crowd, demand), crowd.second_liaison),
        )
        rows = [(Claim.objects.get(pk=claim.pk), user) for claim, user in pair]
        assert len(won(together([partial(claims.deliver, row, actor=user) for row, user in rows]))) == 2
        assert loop.state(demand) == "served"
        rows = [(Claim.objects.get(pk=claim.pk), user) for claim, user in pair]
        assert (
            len(won(together([partial(acceptance.accept, row, actor=crowd.station) for row, _ in rows]))) == 2
        )
        assert loop.state(demand) == "closed"


@race
def test_twin_that_trusts_what_it_read_leaves_a_finished_demand_unserved(crowd: Cast) -> None:
    """Without holding the demand, each of two units sees the other as still working."""
    demand = loop.opened(crowd)
    pair = ((loop.claimed(crowd, demand), crowd.liaison), (loop.joined(crowd, demand), crowd.second_liaison))
    gate = Gate(2)

    def deliver_unheld(claim: Claim) -> None:
        with transaction.atomic():
            Claim.objects.filter(pk=claim.pk).update(state="delivered", delivered_on=clock.today())
            states = list(Claim.objects.filter(demand=demand).values_list("state", flat=True))
            gate.wait()
            if set(states) == {"delivered"}:
                Demand.objects.filter(pk=demand.pk).update(state="served")

    won(together([partial(deliver_unheld, claim) for claim, _ in pair]))
    assert set(Claim.objects.values_list("state", flat=True)) == {"delivered"}
    assert loop.state(demand) == "claimed"  # for ever


@race
def test_visit_is_recorded_once_however_many_windows_are_open(crowd: Cast, race_rounds: int) -> None:
    for _ in range(race_rounds):
        claim = loop.delivered(crowd)
        rows = [
            Claim.objects.select_related("demand__station", "demand__alliance").get(pk=claim.pk)
            for _ in range(20)
        ]
        accepting = [partial(acceptance.accept, row, actor=crowd.station) for row in rows[:10]]
        returning = [partial(acceptance.send_back, row, "再整改", actor=crowd.station) for row in rows[10:]]
        assert len(won(together(accepting + returning))) == 1
        assert Acceptance.objects.filter(claim=claim).count() == 1
        assert CallBack.objects.filter(acceptance__claim=claim).count() <= 1


@race
def test_unsatisfied_answers_at_once_reopen_the_claim_once(crowd: Cast, race_rounds: int) -> None:
    for _ in range(race_rounds):
        call_back = loop.asked_back(crowd)
        rows = [
            CallBack.objects.select_related("acceptance__claim__demand__station").get(pk=call_back.pk)
            for _ in range(20)
        ]
        bad = Answer("bad", follow_up="马秀英上门")
        assert (
            len(won(together([partial(callbacks.answer, row, bad, actor=crowd.station) for row in rows])))
            == 1
        )
        claim = call_back.acceptance.claim
        reopened = LogEntry.objects.filter(action="demands.claim.reopen", object_id=claim.pk)
        assert (reopened.count(), loop.state(claim)) == (1, "in_service")


@race
def test_offer_is_taken_declined_or_lapsed_but_only_one_of_them(
    crowd: Cast, race_rounds: int, frozen: Frozen
) -> None:
    for _ in range(race_rounds):
        frozen.to("2026-03-02T09:00")
        demand = loop.opened(crowd)
        (offer,) = dispatch.offer(demand, [loop.member(crowd)], actor=crowd.staff)
        frozen.to("2026-03-06T09:00")
        row = Offer.objects.select_related("demand__alliance__organisation", "member__unit").get(pk=offer.pk)
        together(
            [
                partial(claims.take, demand, loop.member(crowd), loop.PROMISE, actor=crowd.liaison),
                partial(dispatch.decline, row, "人手不足", actor=crowd.liaison),
                *[partial(dispatch.sweep, clock.now())] * 6,
            ]
        )
        ends = LogEntry.objects.filter(object_type="demands.offer", object_id=offer.pk).exclude(before="")
        assert ends.count() == 1
        assert loop.state(offer) in ("taken", "declined", "lapsed")
        standing = Claim.objects.standing().filter(demand=demand).exists()
        assert loop.state(demand) == ("claimed" if standing else "open")


@race
def test_merges_that_cross_do_not_wait_for_each_other_for_ever(crowd: Cast, race_rounds: int) -> None:
    for _ in range(race_rounds):
        one, two = loop.taken_in(crowd)[0], loop.taken_in(crowd)[0]
        outcomes = together(
            [
                partial(review.merge, one, two, actor=crowd.staff),
                partial(review.merge, two, one, actor=crowd.staff),
            ]
        )
        assert len(won(outcomes)) == 1
        assert sorted([loop.state(one), loop.state(two)]) == ["merged", "submitted"]


def test_holding_a_demand_reads_it_anew(crowd: Cast) -> None:
    stale = loop.opened(crowd)
    loop.claimed(crowd, stale)
    with transaction.atomic():
        assert acting.hold(stale).state == "claimed"
