"""The office's doors and posters, and the venues that residents book through them."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from alliances.documents import to_text
from alliances.documents.drawing import draw
from alliances.documents.layout import OFFICIAL
from alliances.documents.paper import normalise
from alliances.models import LogEntry, Message
from demands.models import Booking, IntakePoint, Resource
from demands.selectors import doors as selector
from demands.services import bookings, intake, resources
from tests import qr_reading
from tests.cast import Cast
from tests.conftest import Frozen
from tests.demands.resident_forms import (
    SATURDAY,
    door,
    heading,
    open_venue,
    opened,
    order_url,
    text,
    told,
    venue_url,
)
from tests.factories import demands as lists

DOORS = "/demands/doors/"
NAME, PHONE = SATURDAY["name"], SATURDAY["phone"]


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


@pytest.fixture
def phone() -> Client:
    return Client(enforce_csrf_checks=True)


# --- doors ---------------------------------------------------------------------------------------------------------


def test_the_office_opens_and_closes_doors(cast: Cast, client_for) -> None:
    staff = client_for(cast.staff)
    page = text(staff.get(DOORS))
    assert "同心社区" in page and "清风小区服务站" in page and "柳岸小区服务站" not in page
    assert page.count("没有启用") == 2
    place = str(cast.station_place.pk)
    for _ in range(2):  # twice is once
        assert staff.post(DOORS, {"place": place, "deed": "open"}).headers["Location"] == DOORS
    point = IntakePoint.objects.get()
    page = text(staff.get(DOORS))
    assert f"{settings.SITE_URL}/d/{point.code}/" in page and page.count("没有启用") == 1
    assert 'src="data:image/png;base64,' in page
    assert staff.post(DOORS, {"place": place, "deed": "close"}).status_code == 302
    point.refresh_from_db()
    assert point.closed_at is not None
    assert staff.get(f"{DOORS}{point.pk}/").status_code == 404
    assert staff.get(f"{DOORS}{point.pk}/poster.pdf").status_code == 404
    staff.post(DOORS, {"place": place, "deed": "close"})  # nothing to close
    staff.post(DOORS, {"place": place, "deed": "open"})
    assert IntakePoint.objects.get(closed_at=None).code != point.code


@pytest.mark.parametrize("place", ["", "\0", "0", "x", "9" * 60, "foreign"])
def test_only_ones_own_places_have_doors(cast: Cast, client_for, place: str) -> None:
    place = str(cast.foreign_station_place.pk) if place == "foreign" else place
    for part, status in (("staff", 404), ("station", 403), ("liaison", 403)):
        answer = client_for(getattr(cast, part)).post(DOORS, {"place": place, "deed": "open"})
        assert answer.status_code == status
    assert not IntakePoint.objects.exists()


def test_a_poster_is_the_alliances_own(cast: Cast, client_for) -> None:
    point = door(cast)
    for part, status in (("secretary", 200), ("liaison", 403), ("foreign_secretary", 404)):
        client = client_for(getattr(cast, part))
        for path in (f"{DOORS}{point.pk}/", f"{DOORS}{point.pk}/poster.docx"):
            assert client.get(path).status_code == status, (part, path)


def test_the_poster_is_one_page_with_a_code_that_phones_read(cast: Cast, client_for, tmp_path: Path) -> None:
    point = door(cast)
    file = client_for(cast.staff).get(f"{DOORS}{point.pk}/poster.pdf")
    assert quote("清风小区服务站居民点单.pdf") in file.headers["Content-Disposition"]
    pages = qr_reading.pages(file.content, tmp_path)
    assert len(pages) == 1
    assert qr_reading.read(pages[0]) == [settings.SITE_URL.rstrip("/") + order_url(point)]


def test_the_poster_is_read_from_two_steps_away(cast: Cast) -> None:
    point = IntakePoint.objects.select_related("alliance__organisation", "organisation").get(pk=door(cast).pk)
    drawing = draw(
        normalise(selector.poster(point, site="https://gongjian.tongxin.example.gov.cn")), OFFICIAL
    )
    (code,) = [item for item in drawing["items"] if item["kind"] == "qr"]
    (grid,) = [item for item in drawing["items"] if item["kind"] == "grid"]
    assert code["size"] >= 0.4 * drawing["page"]["width"]
    assert grid["size"] >= 13


def test_the_poster_says_what_one_can_do_and_what_becomes_of_ones_data(cast: Cast) -> None:
    cast.community.settings = {"anonymise_after": 30, "review_within": 5}
    cast.community.save()
    point = IntakePoint.objects.select_related("alliance__organisation", "organisation").get(pk=door(cast).pk)
    words = to_text(selector.poster(point, site="https://gj.example/"))
    for part in ("供暖", "查询码", "5 个工作日内", "意见箱", "办结后 30 天清除", "https://gj.example/q/"):
        assert part in words, words
    assert "可以不留" in words


def test_a_place_of_a_long_and_hostile_name_still_has_one_page(cast: Cast, tmp_path: Path) -> None:
    from alliances.exporting import PAPER_WRITERS

    cast.station_place.name = '<img src=x>"' + "很长的小区名" * 5
    cast.station_place.save()
    point = IntakePoint.objects.select_related("alliance__organisation", "organisation").get(pk=door(cast).pk)
    pdf = PAPER_WRITERS["pdf"](selector.poster(point, site="https://gongjian.tongxin.example.gov.cn"))
    assert len(qr_reading.pages(pdf, tmp_path, dpi=72)) == 1


# --- venues --------------------------------------------------------------------------------------------------------


def test_venues_with_resident_hours_are_offered(cast: Cast, phone: Client) -> None:
    point = door(cast)
    venues = f"{order_url(point)}venues/"
    assert "没有向居民开放" in text(phone.get(venues)) and "预约活动场地" not in text(
        phone.get(order_url(point))
    )
    room = open_venue(cast)
    lists.venue(cast.members["县文体广电局"], name="单位会议室")  # no resident hours
    lists.resource(cast.members["县图书馆"], name="借阅", contact_name="杨欣然", contact_phone="13800000215")
    page = text(phone.get(venues))
    assert "二楼会议室" in page and "星期六 09:00—11:30" in page and "星期一" not in page
    assert "单位会议室" not in page and "借阅" not in page
    assert venues in text(phone.get(order_url(point)))
    resources.pause(room, actor=cast.liaison)
    assert "二楼会议室" not in text(phone.get(venues))
    assert phone.get(venue_url(point, room)).status_code == 404


def test_a_door_leads_to_its_own_alliances_venues_only(cast: Cast, phone: Client) -> None:
    room = open_venue(cast)
    foreign = intake.open_door(cast.foreign_community, cast.foreign_alliance, actor=cast.foreign_secretary)
    assert "二楼会议室" not in text(phone.get(f"{order_url(foreign)}venues/"))
    assert phone.get(venue_url(foreign, room)).status_code == 404


def test_a_resident_books_follows_and_cancels(cast: Cast, phone: Client) -> None:
    point, room = door(cast), open_venue(cast)
    url = venue_url(point, room)
    page = text(phone.get(url))
    assert "3月7日 星期六 09:00—11:30" in page and "3月9日" not in page  # Mondays are for units
    assert "县图书馆只用来答复这次预约" in page
    form = opened(phone, url) | SATURDAY
    answer = phone.post(url, form)
    code = told(answer)
    assert NAME not in text(answer) and PHONE not in text(answer)
    assert told(phone.post(url, form)) == code
    booking = Booking.objects.get()
    assert (booking.asker_name, booking.asker_phone, booking.purpose) == (NAME, PHONE, "合唱队排练")
    mine = reverse("demands:resident-booking", args=[code])
    typed = phone.post("/q/", opened(phone, "/q/") | {"code": code})
    assert phone.get(typed.headers["Location"]).status_code == 200
    page = text(phone.get(mine))
    assert "待确认" in page and "3月7日 09:00—10:30" in page
    assert NAME not in page and PHONE not in page
    bookings.confirm(booking, "请走西门", actor=cast.liaison)
    assert "请走西门" in text(phone.get(mine))
    token = opened(phone, mine)
    assert phone.post(mine, token).status_code == 302
    assert "已取消" in text(phone.get(mine)) and "确定取消" not in text(phone.get(mine))
    assert phone.post(mine, token).status_code == 409
    booking.refresh_from_db()
    assert booking.state == "cancelled"


def test_a_resident_deletes_the_data_of_a_booking(cast: Cast, phone: Client) -> None:
    point, room = door(cast), open_venue(cast)
    url = venue_url(point, room)
    code = told(phone.post(url, opened(phone, url) | SATURDAY))
    mine = reverse("demands:resident-booking", args=[code])
    assert "这次预约会同时取消" in text(phone.get(mine))
    gone = phone.post(mine, opened(phone, mine) | {"deed": "delete"})
    assert gone.status_code == 200 and heading(gone) == "您的信息已经删除"
    row = Booking.objects.get()
    assert (row.state, row.asker_name, row.asker_phone, row.tracking_hash) == ("cancelled", "", "", "")
    assert row.purpose == "居民使用"
    assert heading(phone.get(mine)) == "没有查到"
    assert LogEntry.objects.filter(action="demands.booking.delete").count() == 1
    assert Message.objects.filter(kind="demands.booking.cancelled").exists()
    told(phone.post(url, opened(phone, url) | SATURDAY))  # the hours are free again


def test_data_of_a_booking_that_is_over_are_deleted_without_cancelling(
    cast: Cast, phone: Client, frozen: Frozen
) -> None:
    point, room = door(cast), open_venue(cast)
    url = venue_url(point, room)
    code = told(phone.post(url, opened(phone, url) | SATURDAY))
    bookings.confirm(Booking.objects.get(), actor=cast.liaison)
    frozen.to("2026-03-08T09:00")
    mine = reverse("demands:resident-booking", args=[code])
    assert phone.post(mine, opened(phone, mine) | {"deed": "delete"}).status_code == 200
    row = Booking.objects.get()
    assert (row.state, row.asker_name, row.tracking_hash) == ("confirmed", "", "")


def test_a_full_hour_is_told_and_refused_and_words_stay(cast: Cast, phone: Client) -> None:
    point, room = door(cast), open_venue(cast)
    url = venue_url(point, room)
    told(phone.post(url, opened(phone, url) | SATURDAY))
    page = text(phone.get(url))
    assert re.search(r"已经约满的时段.*3月7日 09:00—10:30", page)
    refused = phone.post(url, opened(phone, url) | SATURDAY)
    assert refused.status_code == 422 and "已约满" in text(refused) and "合唱队排练" in text(refused)
    later = SATURDAY | {"starts": "10:30", "ends": "11:30"}
    told(phone.post(url, opened(phone, url) | later))
    assert Booking.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": "2026-03-09"},
        {"day": "2026-03-07\0"},
        {"starts": "10:30", "ends": "09:00"},
        {"ends": "23:00"},
        {"heads": "31"},
        {"heads": "-1"},
        {"heads": "9" * 5000},
        {"purpose": ""},
        {"purpose": "字" * 101},
        {"name": ""},
        {"name": "方\0"},
        {"phone": "没有"},
        {"consent": ""},
        {"homepage": "http://x.example"},
        {"form_key": ""},
    ],
)
def test_bookings_that_cannot_be(cast: Cast, phone: Client, wrong: dict[str, str]) -> None:
    point, room = door(cast), open_venue(cast)
    url = venue_url(point, room)
    answer = phone.post(url, opened(phone, url) | SATURDAY | wrong)
    assert answer.status_code == 422 and 'role="alert"' in text(answer)
    assert not Booking.objects.exists()


def test_notice_days_and_hours_that_are_over_are_not_offered(
    cast: Cast, phone: Client, frozen: Frozen
) -> None:
    point, room = door(cast), open_venue(cast, notice_days=7)
    assert "3月7日" not in text(phone.get(venue_url(point, room)))
    Resource.objects.filter(pk=room.pk).update(notice_days=0)
    frozen.to("2026-03-07T11:30")
    page = text(phone.get(venue_url(point, room)))
    assert "3月7日" not in page and "3月14日" in page


def test_a_booking_that_is_cleared_is_found_no_more(cast: Cast, phone: Client, frozen: Frozen) -> None:
    point, room = door(cast), open_venue(cast)
    url = venue_url(point, room)
    code = told(phone.post(url, opened(phone, url) | SATURDAY))
    Booking.objects.update(tracking_hash="", asker_name="", asker_phone="")
    gone = phone.get(reverse("demands:resident-booking", args=[code]))
    assert (gone.status_code, heading(gone)) == (404, "没有查到")
