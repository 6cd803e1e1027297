"""One clock: what it says, and who can set it."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from alliances import clock


def test_naive_moments_are_office_time() -> None:
    with clock.at(datetime(2026, 3, 2, 9)):
        assert clock.now() == datetime(2026, 3, 2, 1, tzinfo=UTC)
        assert clock.now().utcoffset() == timedelta(hours=8)


def test_today_is_the_offices_day_not_utcs() -> None:
    with clock.at(datetime(2026, 3, 1, 16, 30, tzinfo=UTC)):
        assert clock.today() == date(2026, 3, 2)
    with clock.at(datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)):
        assert clock.today() == date(2026, 3, 1)


def test_blocks_nest_and_give_the_time_back() -> None:
    with clock.at(datetime(2026, 3, 2)):
        with pytest.raises(ZeroDivisionError), clock.at(datetime(2027, 1, 1)):
            1 / 0  # noqa: B018 - a block that breaks must give the time back too
        assert clock.today() == date(2026, 3, 2)
    assert abs(clock.now() - clock.machine_time()) < timedelta(seconds=5)


def test_machine_time_does_not_follow_the_office() -> None:
    with clock.at(datetime(2001, 1, 1)):
        assert clock.machine_time().year > 2001


def test_shift_moves_the_office_and_yields_to_a_fixed_moment() -> None:
    clock.use_shift(lambda: timedelta(days=400))
    try:
        assert clock.now() - clock.machine_time() > timedelta(days=399)
        with clock.at(datetime(2026, 3, 2)):
            assert clock.today() == date(2026, 3, 2)
    finally:
        clock.use_shift(None)


def test_fixed_moment_belongs_to_its_thread() -> None:
    """Two requests at once never share a set clock."""
    seen: list[date] = []
    with clock.at(datetime(2001, 1, 1)):
        thread = threading.Thread(target=lambda: seen.append(clock.today()))
        thread.start()
        thread.join()
    assert seen[0].year > 2001
