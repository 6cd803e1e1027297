"""A unit's menu, a venue's week and hours on the screen, and who may know what of its bookings."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from alliances.models import LogEntry, User
from demands.models import Booking, OpeningHour, Resource
from demands.services import bookings, resources
from demands.services.resources import Offering
from tests.cast import HOSTILE, Cast
from tests.demands import loop
from tests.demands.venue import ASKED, WEEK, asked, by_resident, room, slot, text, url
from tests.factories import demands as lists

ClientFor = Callable[[User | None], Client]
NEW = "/demands/resources/new/"
LIST = "/demands/bookings/"


# --- listing and correcting ---------------------------------------------------------------------------------------


def test_liaison_lists_with_two_words_and_is_known_already(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.liaison)
    page = client.get(f"{NEW}?kind=people").content.decode()
    assert 'name="contact_name" value="杨欣然"' in page
    assert re.search(r'value="people"[^>]*checked', page)
    assert 'name="member"' not in page  # one unit alone is not asked about
    done = client.post(NEW, {"kind": "people", "name": HOSTILE}, follow=True)
    listed = Resource.objects.get()
    assert (listed.member, listed.name, listed.capacity) == (loop.member(cast), HOSTILE, 1)
    assert "<img src=x" not in done.content.decode()
    again = client.post(NEW, {"kind": "people", "name": HOSTILE, "description": "每周一次"})
    assert again.status_code == 422
    assert "同类同名" in text(again)
    assert "每周一次" in again.content.decode()  # every typed word is kept


def test_venue_goes_on_to_its_hours_and_next_entry_keeps_the_kind(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.liaison)
    venue = {"kind": "venue", "name": "报告厅", "is_bookable": "on", "capacity": "3", "notice_days": "2"}
    done = client.post(NEW, venue)
    listed = Resource.objects.get()
    assert done.url == url(listed, "hours/")
    assert (listed.capacity, listed.seats, listed.notice_days) == (3, None, 2)
    more = client.post(NEW, {"kind": "service", "name": "法律咨询", "again": "1"})
    assert more.url == f"{NEW}?member={loop.member(cast).pk}&kind=service"


def test_office_lists_for_a_unit_it_names(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    assert "县供水公司" in text(client.get(NEW))
    entry = {"kind": "service", "name": "水表检修"}
    assert client.post(NEW, entry).status_code == 422
    foreign = cast.foreign_members["县法院"]
    assert client.post(NEW, {**entry, "member": str(foreign.pk)}).status_code == 422
    client.post(NEW, {**entry, "member": str(loop.member(cast, "县供水公司").pk)})
    assert Resource.objects.get().member == loop.member(cast, "县供水公司")


def test_only_venues_are_booked_and_they_do_not_shrink_under_bookings(
    cast: Cast, client_for: ClientFor
) -> None:
    venue = room(cast, capacity=2)
    asked(cast, venue)
    client = client_for(cast.liaison)
    entry = {"kind": "venue", "name": "二楼会议室", "is_bookable": "on", "capacity": "1"}
    refused = client.post(url(venue, "edit/"), entry)
    assert refused.status_code == 422
    assert "未到的预约" in text(refused)
    wrong = client.post(url(venue, "edit/"), {**entry, "kind": "people", "capacity": "2"})
    assert "只有场地" in text(wrong)
    client.post(url(venue, "edit/"), {**entry, "capacity": "5", "seats": "60"})
    venue.refresh_from_db()
    assert (venue.capacity, venue.seats) == (5, 60)


def test_paused_resumed_and_withdrawn(cast: Cast, client_for: ClientFor) -> None:
    venue = room(cast)
    client = client_for(cast.liaison)
    assert "已暂停" in text(client.post(url(venue, "pause/"), follow=True))
    booking_page = client_for(cast.other_liaison).get(url(venue, "book/"), follow=True)
    assert "现在不能预约" in text(booking_page)
    client.post(url(venue, "resume/"))
    booking = asked(cast, venue)
    assert "未到的预约" in text(client.post(url(venue, "withdraw/"), follow=True))
    bookings.cancel(booking, actor=cast.other_liaison)
    client.post(url(venue, "withdraw/"))
    assert loop.state(venue) == "withdrawn"
    assert client.get(url(venue, "edit/")).status_code == 302
    assert "重新登记" in text(client.get(url(venue, "edit/"), follow=True))


# --- opening hours --------------------------------------------------------------------------------------------------


def hours_of(venue: Resource) -> set[tuple[int, str, str, bool]]:
    rows = OpeningHour.objects.filter(resource=venue)
    return {(r.weekday, f"{r.starts:%H:%M}", f"{r.ends:%H:%M}", r.for_residents) for r in rows}


def test_hours_are_typed_as_lines_of_weekdays(cast: Cast, client_for: ClientFor) -> None:
    venue = room(cast)
    client = client_for(cast.liaison)
    page = client.get(url(venue, "hours/")).content.decode()
    # The five equal days are one line.
    assert len(re.findall(r'name="days-0"[^>]*checked', page)) == 5
    assert len(re.findall(r'name="days-1"[^>]*checked', page)) == 1
    data = {
        "lines": "4",
        "days-0": ["0", "2"],
        "starts-0": "08:30",
        "ends-0": "11:30",
        "days-2": ["5"],
        "starts-2": "14:00",
        "ends-2": "17:00",
        "residents-2": "on",
    }
    more = client.post(url(venue, "hours/"), {**data, "more": "1"})
    assert 'name="days-5"' in more.content.decode()
    assert 'value="08:30"' in more.content.decode()
    assert (6, "09:00", "17:00", True) in hours_of(venue)  # nothing is saved yet
    client.post(url(venue, "hours/"), data)
    assert hours_of(venue) == {
        (0, "08:30", "11:30", False),
        (2, "08:30", "11:30", False),
        (5, "14:00", "17:00", True),
    }


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"starts-0": "08:00", "ends-0": "12:00"}, "勾选星期"),
        ({"days-0": ["1"], "starts-0": "08:00"}, "填写结束时间"),
        ({"days-0": ["1"], "starts-0": "12:00", "ends-0": "08:00"}, "晚于开始"),
        ({"days-0": ["1"], "starts-0": "八点", "ends-0": "12:00"}, "14:00"),
        ({"days-0": ["9"], "starts-0": "08:00", "ends-0": "12:00"}, "选择星期"),
        (
            {
                "days-0": ["1"], "starts-0": "08:00", "ends-0": "12:00",
                "days-1": ["1"], "starts-1": "11:00", "ends-1": "13:00",
            },
            "重叠",
        ),
    ],
)  # fmt: skip
def test_wrong_hours_come_back_with_what_was_typed(
    cast: Cast, client_for: ClientFor, line: dict, words: str
) -> None:
    venue = room(cast)
    before = hours_of(venue)
    refused = client_for(cast.liaison).post(url(venue, "hours/"), {"lines": "2", **line})
    assert refused.status_code == 422
    assert words in text(refused)
    for typed in (line.get("starts-0"), line.get("ends-0")):
        assert not typed or f'value="{typed}"' in refused.content.decode()
    assert hours_of(venue) == before


# --- a venue's week -------------------------------------------------------------------------------------------------


def test_week_shows_what_is_free_and_what_is_taken(cast: Cast, client_for: ClientFor) -> None:
    venue = room(cast, capacity=2)
    asked(cast, venue)
    page = text(client_for(cast.second_liaison).get(url(venue)))
    assert "3月2日—3月8日" in page
    assert "08:00—09:00 还有 2 场" in page
    assert "09:00—11:00 还有 1 场" in page
    assert "09:00—11:00 县实验小学：议事会" in page
    assert "09:00—17:00 还有 2 场 居民可约" in page
    asked(cast, venue, slot(purpose="合唱排练"))
    assert "09:00—11:00 已满" in text(client_for(cast.second_liaison).get(url(venue)))
    later = text(client_for(cast.second_liaison).get(f"{url(venue)}?from=2026-03-09"))
    assert "3月9日—3月15日" in later
    assert "县实验小学：议事会" not in later


@pytest.mark.parametrize("week", ["9999-12-31", "0001-01-01", "x", "2026-13-01", "２０２６-03-09"])
def test_strange_weeks_are_this_week(cast: Cast, client_for: ClientFor, week: str) -> None:
    page = client_for(cast.second_liaison).get(url(room(cast)), {"from": week})
    assert "3月2日—3月8日" in text(page)


def test_residents_words_are_for_those_who_answer(cast: Cast, client_for: ClientFor) -> None:
    venue = room(cast)
    booking = by_resident(venue)
    for user in (cast.second_liaison, cast.station, cast.street, cast.leader, cast.president):
        for page in (url(venue), url(booking)):
            shown = client_for(user).get(page).content.decode()
            assert "居民预约" in shown
            assert not re.search(r"方小超|方\*|138\d|生日会|3449", text(client_for(user).get(page))), (
                user,
                page,
            )
    for user in (cast.liaison, cast.staff):
        shown = text(client_for(user).get(url(booking)))
        assert "生日会" in shown
        assert "方*" in shown
        assert "13800003449" not in shown


def test_contact_is_shown_on_click_and_logged(cast: Cast, client_for: ClientFor) -> None:
    booking = by_resident(room(cast))
    assert client_for(cast.second_liaison).post(url(booking, "asker/")).status_code == 403
    assert client_for(cast.foreign_liaison).post(url(booking, "asker/")).status_code == 404
    assert not LogEntry.objects.filter(action="demands.booking.reveal").exists()
    shown = client_for(cast.liaison).post(url(booking, "asker/"))
    assert "方小超" in text(shown)
    assert "13800003449" in text(shown)
    assert "no-store" in shown["Cache-Control"]
    entry = LogEntry.objects.get(action="demands.booking.reveal")
    assert (entry.actor, entry.data) == (cast.liaison, {"reason": "answer"})
    Booking.objects.update(asker_name="", asker_phone="", tracking_hash="")
    gone = client_for(cast.liaison).post(url(booking, "asker/"), follow=True)
    assert "已按规定清除" in text(gone)


# --- a unit in two alliances, and others' ------------------------------------------------------------------------


def test_venue_of_a_shared_unit_is_booked_from_both_alliances(cast: Cast, client_for: ClientFor) -> None:
    entry = Offering(kind="venue", name="训练场", is_bookable=True, capacity=1)
    venue = resources.list_(cast.members["县交警队"], entry, actor=cast.both_liaison)
    resources.set_hours(venue, WEEK, actor=cast.both_liaison)
    asked(cast, venue)
    foreign = client_for(cast.foreign_liaison)
    page = text(foreign.get(url(venue)))
    assert "09:00—11:00 已约" in page  # not by whom
    assert "县实验小学" not in page
    assert foreign.get(url(Booking.objects.get())).status_code == 404
    full = foreign.post(url(venue, "book/"), ASKED)
    assert full.status_code == 422
    assert "约满" in text(full)
    foreign.post(url(venue, "book/"), {**ASKED, "starts": "11:00", "ends": "12:00"})
    booking = Booking.objects.get(alliance=cast.foreign_alliance)
    assert booking.member == cast.foreign_members["县法院"]
    assert client_for(cast.both_liaison).get(url(booking)).status_code == 200
    assert "训练场" in text(client_for(cast.foreign_secretary).get(LIST))


def test_foreign_alliances_find_nothing(cast: Cast, client_for: ClientFor) -> None:
    venue = room(cast)
    booking = asked(cast, venue)
    menu = f"/demands/menu/{loop.member(cast).pk}/"
    for user in (cast.foreign_secretary, cast.foreign_liaison, cast.other_street):
        client = client_for(user)
        for page in (url(venue), url(venue, "book/"), url(booking), menu):
            assert client.get(page).status_code == 404, (user, page)
        assert client.post(url(venue, "book/"), ASKED).status_code == 404
        assert client.post(url(booking, "confirm/")).status_code == 404
        assert "二楼会议室" not in text(client.get(LIST))


# --- the menu, the member's page ------------------------------------------------------------------------------------


def test_menu_is_one_page_by_kind(cast: Cast, client_for: ClientFor) -> None:
    venue = room(cast)
    member = loop.member(cast)
    lists.resource(member, name="旧书修补", state="paused")
    lists.resource(member, name="撤下的", state="withdrawn")
    page = f"/demands/menu/{member.pk}/"
    own = text(client_for(cast.liaison).get(page))
    assert "新增" in own
    assert own.index("场地") < own.index("二楼会议室") < own.index("旧书修补")
    assert "暂停" in own
    assert "撤下的" not in own
    assert "我们的场地预约" in own
    others = text(client_for(cast.second_liaison).get(page))
    assert venue.name in others
    assert "新增" not in others
    assert "新增" in text(client_for(cast.staff).get(page))


def test_members_page_tells_a_new_liaison_what_is_in_hand(cast: Cast, client_for: ClientFor) -> None:
    room(cast)
    lists.resource(loop.member(cast), name="撤下的", state="withdrawn")
    loop.claimed(cast)
    loop.delivered(cast, loop.claimed(cast))
    page = f"/members/{loop.member(cast).pk}/"
    shown = text(client_for(cast.liaison).get(page))
    assert "正在办理 1 件" in shown
    assert "待验收 1 件" in shown
    assert "已办结 0 件" in shown
    assert "二楼会议室" in shown
    assert "撤下的" not in shown
    nothing = text(client_for(cast.liaison).get(f"/members/{loop.member(cast, '县供水公司').pk}/"))
    assert "正在办理 0 件" in nothing
    assert "还没有登记可以提供的资源" in nothing
