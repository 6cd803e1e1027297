"""What an address asks of meetings, activities, slips and rounds: a period, a unit, what took place; nonsense asks nothing."""

from __future__ import annotations

from datetime import date

import pytest

from alliances.calendars import Month, Quarter, quarter_of
from rotation.models import Activity, Meeting, Reply
from rotation.selectors import ledgers
from rotation.selectors.asked import Asked
from tests.cast import Cast
from tests.conftest import client_of
from tests.evaluations import scoring
from tests.factories import rotation as tables


def test_a_question_without_sense_asks_nothing() -> None:
    for nonsense in (
        {},
        {"since": "yesterday", "until": "2026-02-30", "member": "x"},
        {"member": "²"},
        {"member": "9" * 30},
        {"state": "held", "came": "yes"},
    ):
        assert not Asked.read(nonsense), nonsense


def test_a_question_says_in_words_what_is_in_force(cast: Cast) -> None:
    member = cast.members["县图书馆"].pk
    asked = Asked.read(
        {
            "since": "2026-01-01",
            "until": "2026-03-31",
            "state": "happened",
            "member": str(member),
            "came": "1",
        }
    )
    assert asked.words() == "2026年1月1日至2026年3月31日，已经举办的，县图书馆到会的"
    assert Asked(since=date(2026, 1, 1)).words() == "2026年1月1日起"
    assert Asked(until=date(2026, 1, 1)).words() == "到2026年1月1日"
    assert Asked(member=0).words() == Asked().words() == ""


def test_activities_are_narrowed_by_the_day_held_and_the_unit(cast: Cast) -> None:
    january = scoring.held(cast, title="一月", on=date(2026, 1, 31), guests=("县财政局",))
    february = scoring.held(cast, title="二月", on=date(2026, 2, 1), guests=())
    scoring.held(cast, title="计划", on=date(2026, 2, 1), guests=(), state="planned")
    rows = Activity.objects.filter(alliance=cast.alliance)

    def titles(asked: Asked) -> set[str]:
        return {row.title for row in asked.activities(rows)}

    assert titles(Asked(happened=True)) == {"一月", "二月"}
    assert titles(Asked(until=date(2026, 1, 31))) == {"一月"}
    assert titles(Asked(since=february.held_on, until=february.held_on)) == {"二月"}
    assert titles(Asked(member=cast.members["县财政局"].pk)) == {"一月"}
    page = client_of(cast.secretary).get("/activities/?since=2026-01-01&until=2026-01-31&state=happened")
    assert january.title in page.content.decode()
    assert "二月" not in page.content.decode()
    assert "只列：2026年1月1日至2026年1月31日，已经举办的" in page.content.decode()


def test_meetings_are_narrowed_by_who_was_invited_and_who_came(cast: Cast) -> None:
    first = scoring.seminar(cast, 1, "2026-01-15T09:30", state="held")
    second = scoring.seminar(cast, 2, "2026-02-12T09:30", state="held")
    scoring.seminar(cast, 3, "2026-03-12T09:30", state="noticed")
    school = cast.members["县实验小学"]
    Reply.objects.create(meeting=first, member=school, has_attended=True)
    Reply.objects.create(meeting=second, member=school, has_attended=False)
    rows = Meeting.objects.filter(alliance=cast.alliance)
    assert set(Asked(happened=True).meetings(rows)) == {first, second}
    assert set(Asked(member=school.pk).meetings(rows)) == {first, second}
    assert set(Asked(member=school.pk, came=True).meetings(rows)) == {first}
    assert set(Asked(since=date(2026, 2, 1)).meetings(rows)) == {second}


@pytest.mark.parametrize(
    ("params", "months"),
    [
        ({"month": "2026-03", "since": "2026-01"}, [1, 2, 3]),
        ({"month": "2026-03", "since": "2026-03"}, [3]),
        ({"month": "2026-03", "since": "2026-04"}, [3]),
        ({"month": "2026-03", "since": "1999-01"}, [3]),
        ({"month": "2026-03", "since": "2001-01"}, [3]),  # more months than the ledger offers
        ({"since": "2026-01"}, []),
    ],
)
def test_the_ledger_lists_several_months(cast: Cast, params: dict[str, str], months: list[int]) -> None:
    question = ledgers.Question.read(params, [cast.alliance])
    assert question.months == [Month(2026, month) for month in months]


def test_the_ledgers_rows_are_those_of_all_its_months(cast: Cast) -> None:
    tables.signed_slip(cast.duties[3], 3, date(2026, 3, 2))
    question = ledgers.Question.read(
        {"month": "2026-03", "since": "2026-02", "state": "due"}, [cast.alliance]
    )
    assert {slip.duty.month for slip in ledgers.rows_of(question)} == {2, 3}


@pytest.mark.parametrize("text", ["", "2026", "2026-0", "2026-5", "26-1", "２０２６-1", "1999-1", "2026-1-1"])
def test_a_quarter_that_is_none_is_not_read(text: str) -> None:
    assert quarter_of(text) is None


def test_a_quarter_is_read_as_addresses_write_it() -> None:
    assert quarter_of("2026-1") == Quarter(2026, 1)


def test_an_address_names_the_alliance_but_opens_no_other(cast: Cast) -> None:
    """``?alliance=`` chooses among those that one sees; a foreign one is as if it had not been named."""
    scoring.held(cast, title="本社区义诊")
    both = client_of(cast.both_liaison)
    assert "本社区义诊" in both.get(f"/activities/?alliance={cast.alliance.code}").content.decode()
    assert (
        "本社区义诊" not in both.get(f"/activities/?alliance={cast.foreign_alliance.code}").content.decode()
    )
    foreign = client_of(cast.foreign_secretary)
    assert "本社区义诊" not in foreign.get(f"/activities/?alliance={cast.alliance.code}").content.decode()
    county = client_of(cast.county)
    assert county.get("/activities/").status_code == 302  # it has not chosen a community
    assert "本社区义诊" in county.get(f"/activities/?alliance={cast.alliance.code}").content.decode()
    assert county.get("/activities/").status_code == 302  # looking is not choosing
    other = client_of(cast.other_street).get(f"/activities/?alliance={cast.alliance.code}")
    assert "本社区义诊" not in other.content.decode()
