"""Asking for a venue, answering, and the list of bookings on the screen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from alliances.errors import OfficeError
from alliances.models import Message, User
from demands.models import Booking
from demands.services import bookings
from tests.cast import Cast
from tests.conftest import Frozen
from tests.demands import loop
from tests.demands.venue import ASKED, asked, by_resident, room, slot, text, url
from tests.factories import demands as lists

ClientFor = Callable[[User | None], Client]
LIST = "/demands/bookings/"


# --- booking --------------------------------------------------------------------------------------------------------


def test_booking_begins_with_the_first_free_stretch(cast: Cast, client_for: ClientFor) -> None:
    venue = room(cast)
    asked(cast, venue, slot(8, 9))
    client = client_for(cast.other_liaison)
    page = client.get(url(venue, "book/"))
    for name, value in (("day", "2026-03-03"), ("starts", "09:00"), ("ends", "11:00")):
        assert re.search(f'name="{name}" value="{value}"', page.content.decode())
    assert "08:00—09:00 县实验小学：议事会" in text(page)
    done = client.post(url(venue, "book/"), ASKED)
    booking = Booking.objects.get(purpose="读书会")
    assert done.url == url(booking)
    assert (booking.member, booking.heads) == (loop.member(cast, "县实验小学"), 20)
    assert Message.objects.filter(recipient=cast.liaison.person, path=url(booking)).exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"heads": "41"}, "最多容纳40人"),
        ({"heads": "0"}, "不能小于1"),
        ({"starts": "13:00", "ends": "14:00"}, "不在开放时间内"),
        ({"starts": "11:00", "ends": "09:00"}, "晚于开始"),
        ({"day": "2026-03-01"}, "已过"),
        ({"day": "2027-03-02"}, "半年"),
        ({"day": "0001-01-01"}, "已过"),
        ({"day": "9999-12-31"}, "半年"),
        ({"day": "三月三日"}, "2026-03-20"),
        ({"purpose": ""}, "用途"),
        ({"starts": "08:00", "ends": "09:30"}, "约满"),
    ],
)
def test_refusals_keep_every_word(cast: Cast, client_for: ClientFor, change: dict, words: str) -> None:
    venue = room(cast)
    asked(cast, venue, slot(8, 9))
    refused = client_for(cast.other_liaison).post(url(venue, "book/"), ASKED | change)
    assert refused.status_code == 422
    assert words in text(refused)
    for typed in (ASKED | change).values():
        assert f'value="{typed}"' in refused.content.decode() or not typed
    assert Booking.objects.count() == 1


@pytest.mark.parametrize("who", ["other_liaison", "staff"])
def test_the_same_form_fifty_times_is_one_booking(cast: Cast, client_for: ClientFor, who: str) -> None:
    venue = room(cast, capacity=3)
    client = client_for(getattr(cast, who))
    answers = {client.post(url(venue, "book/"), ASKED).headers["Location"] for _ in range(50)}
    assert answers == {url(Booking.objects.get())}
    assert Message.objects.filter(kind="demands.booking.asked").count() == 1
    client.post(url(venue, "book/"), ASKED | {"purpose": "合唱排练"})  # another purpose is another booking
    assert Booking.objects.count() == 2
    bookings.cancel(Booking.objects.get(purpose="读书会"), actor=getattr(cast, who))
    client.post(url(venue, "book/"), ASKED)  # what was cancelled can be asked for again
    assert Booking.objects.filter(purpose="读书会").count() == 2


def test_two_units_and_the_office_ask_each_for_their_own(cast: Cast) -> None:
    venue = room(cast, capacity=3)
    one = asked(cast, venue)
    two = bookings.ask_for_unit(venue, loop.member(cast), slot(), actor=cast.liaison)
    three = bookings.ask_for_office(venue, cast.alliance, slot(), actor=cast.staff)
    assert len({one.pk, two.pk, three.pk}) == 3


def test_a_slot_that_is_over_is_not_confirmed(cast: Cast, client_for: ClientFor, frozen: Frozen) -> None:
    booking = asked(cast, room(cast))
    frozen.to("2026-03-03T11:00")
    with pytest.raises(OfficeError, match="已过"):
        bookings.confirm(booking, actor=cast.liaison)
    assert loop.state(booking) == "asked"


def test_another_day_can_be_looked_at_without_losing_words(cast: Cast, client_for: ClientFor) -> None:
    venue = room(cast)
    asked(cast, venue, slot(day=4))
    looked = client_for(cast.other_liaison).post(
        url(venue, "book/"), {**ASKED, "day": "2026-03-04", "starts": "", "look": "1"}
    )
    assert looked.status_code == 200
    assert "09:00—11:00 县实验小学：议事会" in text(looked)
    assert 'value="读书会"' in looked.content.decode()
    assert "处要改" not in text(looked)
    assert Booking.objects.count() == 1


def test_office_books_for_itself_and_a_unit_for_its_claim(cast: Cast, client_for: ClientFor) -> None:
    venue = room(cast)
    client_for(cast.staff).post(url(venue, "book/"), ASKED)
    assert Booking.objects.get().member is None
    assert "同心社区" in text(client_for(cast.second_liaison).get(url(venue)))
    claim = loop.joined(cast, loop.claimed(cast).demand)
    page = f"{url(venue, 'book/')}?claim={claim.pk}"
    shown = client_for(cast.second_liaison).get(page)
    assert claim.demand.number in text(shown)
    client_for(cast.second_liaison).post(page, {**ASKED, "day": "2026-03-04"})
    booking = Booking.objects.get(claim=claim)
    assert booking.member == loop.member(cast, "县文体广电局")
    assert claim.demand.number in text(client_for(cast.second_liaison).get(url(booking)))
    assert client_for(cast.other_liaison).get(page).status_code == 403
    for wrong in ("x", "999999", "٣"):
        assert client_for(cast.second_liaison).get(f"{url(venue, 'book/')}?claim={wrong}").status_code == 404


# --- answers --------------------------------------------------------------------------------------------------------


def test_giving_unit_confirms_and_registers_the_use(
    cast: Cast, client_for: ClientFor, frozen: Frozen
) -> None:
    booking = asked(cast, room(cast))
    client = client_for(cast.liaison)
    assert "确认" in text(client.get(url(booking)))
    client.post(url(booking, "confirm/"), {"answer": "请到一楼领钥匙"})
    seen = text(client_for(cast.other_liaison).get(url(booking)))
    assert "请到一楼领钥匙" in seen
    assert "还没有到" in text(client.post(url(booking, "use/"), follow=True))
    frozen.to("2026-03-03T10:00")
    assert "登记已使用" in text(client_for(cast.liaison).get(url(booking)))
    client_for(cast.liaison).post(url(booking, "use/"))
    assert loop.state(booking) == "used"


def test_declining_needs_a_reason_and_frees_the_place(cast: Cast, client_for: ClientFor) -> None:
    venue = room(cast)
    booking = asked(cast, venue)
    client = client_for(cast.staff)
    refused = client.post(url(booking, "decline/"), {"answer": " "})
    assert refused.status_code == 422
    assert "不同意的原因" in text(refused)
    client.post(url(booking, "decline/"), {"answer": "当天设备检修"})
    assert "当天设备检修" in text(client_for(cast.other_liaison).get(url(booking)))
    assert asked(cast, venue).pk
    late = client.post(url(booking, "confirm/"), follow=True)
    assert "可能有人先办理了" in text(late)


def test_no_to_a_confirmed_booking_is_folded_away(cast: Cast, client_for: ClientFor) -> None:
    booking = asked(cast, room(cast))
    client = client_for(cast.liaison)
    before = client.get(url(booking)).content.decode()
    assert "<h2>不同意预约</h2>" in before and "不能提供" not in before and "改为不同意" not in before
    client.post(url(booking, "confirm/"), {"answer": ""})
    html = client.get(url(booking)).content.decode()
    assert '<details><summary class="btn btn-plain btn-wide">改为不同意</summary>' in html
    refused = client.post(url(booking, "decline/"), {"answer": " "})
    assert refused.status_code == 422 and "<details open>" in refused.content.decode()


def test_asking_unit_cancels_and_the_giving_one_is_told(cast: Cast, client_for: ClientFor) -> None:
    booking = asked(cast, room(cast))
    cancels = 'action="' + url(booking, "cancel/")
    assert cancels in client_for(cast.other_liaison).get(url(booking)).content.decode()
    # The giving side declines with a reason instead.
    assert cancels not in client_for(cast.liaison).get(url(booking)).content.decode()
    assert client_for(cast.second_liaison).post(url(booking, "cancel/")).status_code == 403
    client_for(cast.other_liaison).post(url(booking, "cancel/"))
    assert loop.state(booking) == "cancelled"
    told = Message.objects.filter(kind="demands.booking.cancelled")
    assert [message.recipient for message in told] == [cast.liaison.person]


def test_resident_who_cancels_is_not_named_in_the_message(cast: Cast) -> None:
    bookings.cancel_by_resident(by_resident(room(cast)))
    message = Message.objects.get(kind="demands.booking.cancelled")
    assert message.recipient == cast.liaison.person
    assert not re.search("方|138|生日会", message.subject + message.body)


# --- the list ----------------------------------------------------------------------------------------------------


def test_list_is_what_one_gives_and_asks_for(cast: Cast, client_for: ClientFor) -> None:
    venue = room(cast, capacity=3)
    asked(cast, venue)
    bookings.ask_for_office(venue, cast.alliance, slot(purpose="居民议事"), actor=cast.staff)
    by_resident(venue)
    given = text(client_for(cast.liaison).get(LIST))
    assert "待确认 3" in given
    assert "议事会" in given
    assert "居民议事" in given
    own = text(client_for(cast.other_liaison).get(LIST))
    assert "议事会" in own
    assert "居民" not in own
    assert "没有这样的预约" in text(client_for(cast.other_liaison).get(f"{LIST}?side=given"))
    everything = text(client_for(cast.street).get(LIST))
    assert "居民预约" in everything
    assert "生日会" not in everything
    assert "议事会" in text(
        client_for(cast.liaison).get(f"{LIST}?state=asked&side=given&resource={venue.pk}")
    )
    assert "议事会" not in text(client_for(cast.liaison).get(f"{LIST}?state=coming"))
    assert "没有这样的预约" in text(client_for(cast.liaison).get(f"{LIST}?resource={venue.pk + 1}"))


def test_list_goes_on_page_by_page(cast: Cast, client_for: ClientFor) -> None:
    venue = room(cast, capacity=60)
    rows = [lists.booking(venue, member=loop.member(cast), purpose=f"第{n:02}场。") for n in range(51)]
    client = client_for(cast.liaison)
    first = client.get(f"{LIST}?side=given")
    assert "第50场。" in text(first)
    assert "第00场。" not in text(first)
    older = re.search(r'href="(\?[^"]*before=\d+)"', first.content.decode())
    assert older
    second = text(client.get(LIST + older[1].replace("&amp;", "&")))
    assert "第00场。" in second
    assert "第50场。" not in second
    assert f"共 {len(rows)} 条" in text(client.get(f"{LIST}?side=given&total=1"))
