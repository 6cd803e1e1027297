"""The deadline chain of every month of 2025 and 2026, against the State Council's days as ``state_days`` has them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from alliances import clock
from alliances.models import DayCorrection, Organisation
from alliances.services import organisations
from rotation.models import Duty
from rotation.selectors.deadlines import Office
from tests.cast import Cast
from tests.factories import rotation as tables
from tests.rotation.state_days import after, first_of


def expected(year: int, month: int) -> dict[str, date]:
    """Issue and latest dates with the design's defaults, each counted from the latest start of the one before."""
    issued = first_of(year, month)
    acknowledge = after(issued, 2)
    notice = after(acknowledge, 3)
    seminar = after(notice, 5)
    activity = max(date(year, month, 25), seminar)
    scoring = activity + timedelta(days=5)
    return {
        "issued": issued,
        "acknowledge_by": acknowledge,
        "notice_by": notice,
        "seminar_from": min(notice + timedelta(days=3), seminar),
        "seminar_by": seminar,
        "activity_by": activity,
        "scoring_by": scoring,
        "feedback_by": after(scoring, 3),
    }


# The same in print for the months that a person would check first: after the Spring Festival, the October holiday,
# a made-up Sunday, the turn of the year.
IN_PRINT = {
    (2025, 1): "2025-01-02 2025-01-06 2025-01-09 2025-01-12 2025-01-16 2025-01-25 2025-01-30 2025-02-07",
    (2025, 2): "2025-02-05 2025-02-07 2025-02-11 2025-02-14 2025-02-18 2025-02-25 2025-03-02 2025-03-05",
    (2025, 5): "2025-05-06 2025-05-08 2025-05-13 2025-05-16 2025-05-20 2025-05-25 2025-05-30 2025-06-05",
    (2025, 10): "2025-10-09 2025-10-11 2025-10-15 2025-10-18 2025-10-22 2025-10-25 2025-10-30 2025-11-04",
    (2026, 1): "2026-01-04 2026-01-06 2026-01-09 2026-01-12 2026-01-16 2026-01-25 2026-01-30 2026-02-04",
    (2026, 2): "2026-02-02 2026-02-04 2026-02-09 2026-02-12 2026-02-14 2026-02-25 2026-03-02 2026-03-05",
    (2026, 3): "2026-03-02 2026-03-04 2026-03-09 2026-03-12 2026-03-16 2026-03-25 2026-03-30 2026-04-02",
    (2026, 10): "2026-10-08 2026-10-10 2026-10-14 2026-10-17 2026-10-21 2026-10-25 2026-10-30 2026-11-04",
    (2026, 12): "2026-12-01 2026-12-03 2026-12-08 2026-12-11 2026-12-15 2026-12-25 2026-12-30 2027-01-04",
}
MONTHS = [(year, month) for year in (2025, 2026) for month in range(1, 13)]


def duty_of(cast: Cast, year: int, month: int) -> Duty:
    if year == 2026:
        return cast.duties[month]
    plan = tables.plan(cast.alliance, year, {month: [cast.members["县图书馆"]]})
    return plan.duties.select_related("plan").get()


@pytest.mark.parametrize(("year", "month"), MONTHS)
def test_chain_of_a_month(year: int, month: int, cast: Cast) -> None:
    office = Office(cast.community)
    duty = duty_of(cast, year, month)
    moment = office.issue_moment(duty)
    assert clock.local(moment).strftime("%H:%M") == "08:30"
    chain = office.chain(duty, moment.date())
    found = {"issued": moment.date(), **{key: getattr(chain, key) for key in list(expected(year, month))[1:]}}
    assert found == expected(year, month)
    steps = [
        "issued",
        "acknowledge_by",
        "notice_by",
        "seminar_by",
        "activity_by",
        "scoring_by",
        "feedback_by",
    ]
    assert [found[key] for key in steps] == sorted(found[key] for key in steps)
    if line := IN_PRINT.get((year, month)):
        assert " ".join(day.isoformat() for day in found.values()) == line


def test_office_that_corrects_a_day_moves_its_own_dates_only(cast: Cast) -> None:
    organisations.correct_day(
        cast.community, date(2026, 3, 2), is_working=False, reason="停电", actor=cast.secretary
    )
    assert Office(cast.community).issue_moment(cast.duties[3]).date() == date(2026, 3, 3)
    assert Office(cast.foreign_community).issue_moment(cast.foreign_duties[3]).date() == date(2026, 3, 2)
    correction = DayCorrection.objects.get()
    organisations.remove_correction(correction, actor=cast.secretary)
    assert Office(cast.community).issue_moment(cast.duties[3]).date() == date(2026, 3, 2)


def test_correction_of_the_county_holds_below_and_the_nearer_one_wins(cast: Cast) -> None:
    day = date(2026, 3, 1)  # a Sunday
    organisations.correct_day(cast.county_place, day, is_working=True, reason="抗旱", actor=cast.county)
    organisations.correct_day(cast.street_place, day, is_working=False, reason="照休", actor=cast.street)
    assert Office(cast.community).issue_moment(cast.duties[3]).date() == date(2026, 3, 2)
    assert Office(cast.foreign_community).issue_moment(cast.foreign_duties[3]).date() == day


def test_settings_of_the_alliance_move_the_dates(cast: Cast) -> None:
    organisations.change_settings(
        cast.community,
        {"acknowledge_within": 1, "notice_within": 1, "activity_by_day": 31},
        actor=cast.secretary,
    )
    community = Organisation.objects.get(pk=cast.community.pk)
    chain = Office(community).chain(cast.duties[4], date(2026, 4, 1))
    assert chain.acknowledge_by == date(2026, 4, 2)
    assert chain.notice_by == date(2026, 4, 3)
    assert chain.activity_by == date(2026, 4, 30)  # April has no 31st


def test_slip_issued_late_in_its_month_still_leaves_time_for_each_step(cast: Cast) -> None:
    chain = Office(cast.community).chain(cast.duties[3], date(2026, 3, 30))
    dates = [chain.acknowledge_by, chain.notice_by, chain.seminar_by, chain.activity_by, chain.scoring_by]
    assert dates == sorted(dates)
    assert chain.activity_by == chain.seminar_by > date(2026, 3, 30)


def test_postponed_duty_has_its_activity_by_the_new_end(cast: Cast) -> None:
    Duty.objects.filter(pk=cast.duties[3].pk).update(ends_on=date(2026, 4, 20))
    duty = Duty.objects.select_related("plan").get(pk=cast.duties[3].pk)
    assert Office(cast.community).chain(duty, date(2026, 3, 2)).activity_by == date(2026, 4, 20)
