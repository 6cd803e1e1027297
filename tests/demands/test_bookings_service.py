"""Venues by the hour: opening hours, residents' days, never over capacity; and the menu they stand on."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from demands.errors import AlreadyTaken
from demands.models import Booking, Resource
from demands.services import bookings, privacy, resources
from demands.services.bookings import Slot
from demands.services.resources import Hours, Offering
from tests.cast import Cast
from tests.conftest import Frozen
from tests.demands import loop
from tests.factories import demands as lists

ROOM = Offering(kind="venue", name="二楼会议室", is_bookable=True, capacity=2, seats=40, notice_days=1)
# Tuesday 3 March 2026 is tomorrow.
WEEK = [Hours(day, time(8), time(12)) for day in range(5)] + [
    Hours(1, time(14), time(18), for_residents=True)
]


def room(cast: Cast, **fields) -> Resource:
    resource = resources.list_(loop.member(cast), Offering(**{**ROOM.__dict__, **fields}), actor=cast.liaison)
    return resources.set_hours(resource, WEEK, actor=cast.liaison)


def slot(start: int = 9, end: int = 11, day: int = 3, **fields) -> Slot:
    return Slot(
        datetime(2026, 3, day, start, tzinfo=clock.ZONE),
        datetime(2026, 3, day, end, tzinfo=clock.ZONE),
        **{"purpose": "议事会", **fields},
    )


def ask(cast: Cast, resource: Resource, wanted: Slot) -> Booking:
    return bookings.ask_for_unit(resource, loop.member(cast, "县实验小学"), wanted, actor=cast.other_liaison)


def test_no_moment_holds_more_than_the_capacity(cast: Cast) -> None:
    place = room(cast)
    ask(cast, place, slot(8, 10))
    second = ask(cast, place, slot(10, 12))
    ask(cast, place, slot(9, 11))  # two at 9-10, two at 10-11
    with pytest.raises(AlreadyTaken):
        ask(cast, place, slot(9, 10))
    with pytest.raises(AlreadyTaken):
        ask(cast, place, slot(8, 12))
    bookings.cancel(second, actor=cast.other_liaison)
    assert ask(cast, place, slot(10, 12)).pk
    assert ask(cast, place, slot(8, 9)).pk  # touching is not overlapping


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (slot(12, 13), "开放时间"),
        (slot(11, 15), "开放时间"),
        (slot(9, 11, day=7), "开放时间"),
        (slot(9, 11, day=2), "已过|提前"),
        (slot(10, 11, day=2), "提前1天"),
        (slot(11, 9), "晚于"),
        (slot(heads=41), "最多容纳40"),
        (slot(heads=0), "人数"),
        (slot(purpose=" "), "用途"),
    ],
)
def test_slots_outside_the_rules_are_refused(cast: Cast, wanted: Slot, words: str) -> None:
    with pytest.raises(OfficeError, match=words):
        ask(cast, room(cast), wanted)
    assert not Booking.objects.exists()


def test_residents_book_their_open_hours_only_and_follow_by_code(cast: Cast) -> None:
    place = room(cast)
    who = {"name": "方小超", "phone": "13800003449", "has_consented": True}
    with pytest.raises(OfficeError, match="居民开放"):
        bookings.ask_for_resident(place, slot(9, 11), **who)
    with pytest.raises(OfficeError, match="同意"):
        bookings.ask_for_resident(place, slot(14, 16), **{**who, "has_consented": False})
    done = bookings.ask_for_resident(place, slot(14, 16), form_key="f", **who)
    again = bookings.ask_for_resident(place, slot(14, 16), form_key="f", **who)
    assert (again.booking, again.code) == (done.booking, done.code)
    assert bookings.find(done.code.lower()) == done.booking and bookings.find("") is None
    bookings.cancel_by_resident(done.booking)
    assert loop.state(done.booking) == "cancelled"


def test_ninety_days_after_its_day_a_residents_booking_names_nobody(cast: Cast, frozen: Frozen) -> None:
    place = room(cast)
    ask(cast, place, slot(9, 11, purpose="议事会"))
    who = {"name": "方小超", "phone": "13800003449", "has_consented": True}
    done = bookings.ask_for_resident(place, slot(14, 16, purpose="给方小超过生日"), **who)
    privacy.anonymise_due(frozen.to("2026-05-31T17:00"))
    assert Booking.objects.get(pk=done.booking.pk).asker_name == "方小超"
    privacy.anonymise_due(frozen.to("2026-06-02T09:00"))
    gone = Booking.objects.get(pk=done.booking.pk)
    assert (gone.asker_name, gone.asker_phone, gone.tracking_hash, gone.purpose) == ("", "", "", "居民使用")
    assert Booking.objects.filter(purpose="议事会").exists()


def test_giving_unit_answers(cast: Cast, frozen: Frozen) -> None:
    booking = ask(cast, room(cast), slot())
    with pytest.raises(NotAllowed):
        bookings.confirm(booking, actor=cast.other_liaison)
    bookings.confirm(booking, actor=cast.liaison)
    with pytest.raises(OfficeError, match="还没有到"):
        bookings.use(booking, actor=cast.liaison)
    with pytest.raises(OfficeError, match="原因"):
        bookings.decline(booking, "", actor=cast.liaison)
    frozen.to("2026-03-03T12:00")
    bookings.use(booking, actor=cast.liaison)
    with pytest.raises(OfficeError):
        bookings.cancel(booking, actor=cast.other_liaison)


def test_foreign_units_do_not_book_here(cast: Cast) -> None:
    place = room(cast)
    with pytest.raises(OfficeError, match="不在本联盟"):
        bookings.ask_for_unit(place, cast.foreign_members["县法院"], slot(), actor=cast.foreign_liaison)
    with pytest.raises(NotAllowed):
        bookings.ask_for_unit(place, loop.member(cast, "县实验小学"), slot(), actor=cast.foreign_liaison)
    assert bookings.ask_for_office(place, cast.alliance, slot(), actor=cast.staff).member is None


def test_menu_is_kept_by_the_unit_and_venues_do_not_shrink_under_bookings(cast: Cast) -> None:
    place = room(cast)
    with pytest.raises(OfficeError, match="同类同名"):
        resources.list_(loop.member(cast), ROOM, actor=cast.liaison)
    with pytest.raises(NotAllowed):
        resources.list_(loop.member(cast), ROOM, actor=cast.other_liaison)
    with pytest.raises(OfficeError, match="只有场地"):
        resources.list_(
            loop.member(cast), Offering(kind="people", name="讲师", is_bookable=True), actor=cast.liaison
        )
    booking = ask(cast, place, slot())
    with pytest.raises(OfficeError, match="未到的预约"):
        resources.change(place, Offering(**{**ROOM.__dict__, "capacity": 1}), actor=cast.liaison)
    with pytest.raises(OfficeError, match="未到的预约"):
        resources.withdraw(place, actor=cast.liaison)
    bookings.decline(booking, "临时检修", actor=cast.liaison)
    resources.pause(place, actor=cast.liaison)
    with pytest.raises(OfficeError, match="现在不能预约"):
        ask(cast, place, slot())
    with pytest.raises(TooLate):
        resources.pause(place, actor=cast.liaison)
    with pytest.raises(OfficeError, match="重叠"):
        resources.set_hours(place, [*WEEK, Hours(1, time(11), time(15))], actor=cast.liaison)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 6)), max_size=8),
    st.integers(0, 9),
    st.integers(1, 6),
)
def test_peak_is_what_counting_every_moment_gives(cast: Cast, held: list, start: int, length: int) -> None:
    place = Resource.objects.filter(name="计数").first() or lists.venue(loop.member(cast), name="计数")
    Booking.objects.filter(resource=place).delete()
    base = datetime(2026, 3, 3, 8, tzinfo=clock.ZONE)

    def at(hours: int) -> datetime:
        return base + timedelta(hours=hours)

    for begin, hours in held:
        lists.booking(place, starts_at=at(begin), ends_at=at(begin + hours))
    counted = max(
        sum(begin <= moment < begin + hours for begin, hours in held)
        for moment in range(start, start + length)
    )
    assert bookings.peak(place, at(start), at(start + length)) == counted
