"""Working days, months and quarters."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliances.calendars import Month, Quarter, WorkingDays

# Typed from the notices of the State Council's General Office, not from the package under test.
# 2025: 国办发明电〔2024〕12号, 12 November 2024. Each line: first day off, last day off (放假调休).
HOLIDAYS_2025 = [
    (date(2025, 1, 1), date(2025, 1, 1)),  # 元旦
    (date(2025, 1, 28), date(2025, 2, 4)),  # 春节, 8 days
    (date(2025, 4, 4), date(2025, 4, 6)),  # 清明节
    (date(2025, 5, 1), date(2025, 5, 5)),  # 劳动节, 5 days
    (date(2025, 5, 31), date(2025, 6, 2)),  # 端午节
    (date(2025, 10, 1), date(2025, 10, 8)),  # 国庆节、中秋节, 8 days
]
MAKEUP_2025 = [
    date(2025, 1, 26),  # Sunday, 春节
    date(2025, 2, 8),  # Saturday, 春节
    date(2025, 4, 27),  # Sunday, 劳动节
    date(2025, 9, 28),  # Sunday, 国庆节
    date(2025, 10, 11),  # Saturday, 国庆节
]
# 2026: 国办发明电〔2025〕7号, 4 November 2025.
HOLIDAYS_2026 = [
    (date(2026, 1, 1), date(2026, 1, 3)),  # 元旦
    (date(2026, 2, 15), date(2026, 2, 23)),  # 春节, 9 days
    (date(2026, 4, 4), date(2026, 4, 6)),  # 清明节
    (date(2026, 5, 1), date(2026, 5, 5)),  # 劳动节, 5 days
    (date(2026, 6, 19), date(2026, 6, 21)),  # 端午节
    (date(2026, 9, 25), date(2026, 9, 27)),  # 中秋节
    (date(2026, 10, 1), date(2026, 10, 7)),  # 国庆节, 7 days
]
MAKEUP_2026 = [
    date(2026, 1, 4),  # Sunday, 元旦
    date(2026, 2, 14),  # Saturday, 春节
    date(2026, 2, 28),  # Saturday, 春节
    date(2026, 5, 9),  # Saturday, 劳动节
    date(2026, 9, 20),  # Sunday, 国庆节
    date(2026, 10, 10),  # Saturday, 国庆节
]

UNANNOUNCED = 2090  # far beyond what any package knows
days = st.dates(date(2024, 1, 1), date(2027, 12, 31))
corrections = st.dictionaries(days, st.booleans(), max_size=40)


def days_of(year):
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("year", "holidays", "makeup"), [(2025, HOLIDAYS_2025, MAKEUP_2025), (2026, HOLIDAYS_2026, MAKEUP_2026)]
)
def test_is_working_every_day_of_announced_year_equals_state_council_table(year, holidays, makeup):
    off = {first + timedelta(days=i) for first, last in holidays for i in range((last - first).days + 1)}
    calendar = WorkingDays()
    for day in days_of(year):
        expected = day in makeup or (day.weekday() < 5 and day not in off)
        assert calendar.is_working(day) is expected, day
    assert calendar.announced(year)


def test_working_days_per_year_equal_the_official_sums():
    # 365 days less 104 weekend days less the statutory days that fall on working days: 13 statutory days.
    assert WorkingDays().between(date(2024, 12, 31), date(2025, 12, 31)) == 248
    assert WorkingDays().between(date(2025, 12, 31), date(2026, 12, 31)) == 248


def test_unannounced_year_is_plain_weekdays_and_says_so():
    calendar = WorkingDays()
    assert not calendar.announced(UNANNOUNCED)
    assert all(calendar.is_working(day) is (day.weekday() < 5) for day in days_of(UNANNOUNCED))


def test_announced_ignores_stray_makeup_days_of_other_years():
    # The package lists make-up days of 2005, 2006 and 2011 under every year.
    assert not WorkingDays().announced(2050)


def test_corrections_beat_calendar_both_ways_and_leave_other_days():
    calendar = WorkingDays({date(2026, 3, 2): False, date(2026, 3, 1): True})
    assert not calendar.is_working(date(2026, 3, 2))
    assert calendar.is_working(date(2026, 3, 1))
    assert calendar.is_working(date(2026, 3, 3))
    assert calendar.first_of_month(2026, 3) == date(2026, 3, 1)
    assert calendar.add(date(2026, 3, 1), 1) == date(2026, 3, 3)


def test_corrections_are_copied_at_construction():
    table = {date(2026, 3, 2): False}
    calendar = WorkingDays(table)
    table[date(2026, 3, 3)] = False
    assert calendar.is_working(date(2026, 3, 3))


@pytest.mark.parametrize(
    ("month", "first"),
    [
        (1, date(2026, 1, 4)),
        (2, date(2026, 2, 2)),
        (3, date(2026, 3, 2)),
        (5, date(2026, 5, 6)),
        (10, date(2026, 10, 8)),
    ],
)
def test_first_of_month_2026(month, first):
    assert WorkingDays().first_of_month(2026, month) == first


def test_fifth_working_day_of_second_quarter_2026_is_8_april():
    assert WorkingDays().add(date(2026, 3, 31), 5) == date(2026, 4, 8)


def test_add_crosses_spring_festival_with_makeup_saturdays():
    calendar = WorkingDays()
    assert calendar.add(date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert calendar.add(date(2026, 2, 13), 2) == date(2026, 2, 24)
    assert calendar.add(date(2026, 2, 24), -2) == date(2026, 2, 13)
    assert calendar.add(date(2026, 2, 20), 0) == date(2026, 2, 24)
    assert calendar.add(date(2026, 2, 24), 0) == date(2026, 2, 24)


@given(days, corrections, st.integers(1, 300))
def test_add_lands_on_the_nth_working_day(day, table, n):
    calendar = WorkingDays(table)
    later, earlier = calendar.add(day, n), calendar.add(day, -n)
    assert calendar.is_working(later)
    assert calendar.is_working(earlier)
    assert sum(calendar.is_working(day + timedelta(days=i)) for i in range(1, (later - day).days + 1)) == n
    assert sum(calendar.is_working(day - timedelta(days=i)) for i in range(1, (day - earlier).days + 1)) == n
    assert calendar.between(day, later) == n


@given(days, days, corrections)
def test_between_counts_days_and_is_antisymmetric(a, b, table):
    calendar = WorkingDays(table)
    a, b = min(a, b), max(a, b)
    counted = sum(calendar.is_working(a + timedelta(days=i)) for i in range(1, (b - a).days + 1))
    assert calendar.between(a, b) == counted
    assert calendar.between(b, a) == -counted


@given(days, corrections)
def test_next_working_is_first_working_day_not_before(day, table):
    calendar = WorkingDays(table)
    found = calendar.next_working(day)
    assert found >= day
    assert calendar.is_working(found)
    assert not any(calendar.is_working(day + timedelta(days=i)) for i in range((found - day).days))
    assert calendar.add(day, 0) == found


@pytest.mark.alone
def test_hundred_thousand_deadlines_take_less_than_a_second():
    calendar = WorkingDays()
    calendar.add(date(2026, 1, 1), 1)
    began = perf_counter()
    for i in range(100_000):
        calendar.add(date(2026, 1, 1) + timedelta(days=i % 365), 3)
    assert perf_counter() - began < 1.0


@given(days)
def test_month_and_quarter_contain_exactly_their_days(day):
    for period in (Month.of(day), Quarter.of(day)):
        assert period.start <= day <= period.end
        assert day in period
        assert period.contains(day)
        assert period.end + timedelta(days=1) == period.next().start
        assert period.next().prev() == period
        assert period.next().start not in period
        assert period.prev().end not in period
        assert period.prev() < period < period.next()


@given(days, st.integers(-50, 50))
def test_month_plus_is_repeated_next(day, count):
    month = expected = Month.of(day)
    for _ in range(abs(count)):
        expected = expected.next() if count > 0 else expected.prev()
    assert month.plus(count) == expected


def test_labels_and_parts():
    assert Month(2026, 3).label == str(Month(2026, 3)) == "2026年3月"
    assert Month(2026, 12).next() == Month(2027, 1)
    assert Month(2024, 2).end == date(2024, 2, 29)
    assert Quarter(2026, 1).label == str(Quarter(2026, 1)) == "2026年第一季度"
    assert Quarter.of(date(2026, 11, 5)) == Month(2026, 11).quarter == Quarter(2026, 4)
    assert Quarter(2026, 2).months == (Month(2026, 4), Month(2026, 5), Month(2026, 6))
    assert (Quarter(2026, 4).start, Quarter(2026, 4).end) == (date(2026, 10, 1), date(2026, 12, 31))


@pytest.mark.parametrize("make", [lambda: Month(2026, 0), lambda: Month(2026, 13), lambda: Quarter(2026, 5)])
def test_impossible_period_is_refused(make):
    with pytest.raises(ValueError):
        make()


def test_importing_the_module_loads_no_django():
    code = "import sys, alliances.calendars; assert not any(m.split('.')[0] == 'django' for m in sys.modules)"
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
