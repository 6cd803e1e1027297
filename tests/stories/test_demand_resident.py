"""A resident without an account: scans the QR on the wall, orders, follows the code; the unit serves, the station accepts;
not solved, so once more; and sees the end. On a phone of 360 px whose browser runs no script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from alliances.context import BIG_TYPE_COOKIE
from demands.models import Author, CallBack, Claim, Demand
from demands.services import acceptance, bookings, claims, intake, review
from tests import cast as cast_module
from tests.browser.looking import window
from tests.cast import Cast
from tests.demands import loop, resident_forms
from tests.stories.browsing import PHONE, OfficeClock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FINGER = 44  # CSS pixels
TOUCHED = (
    ".slim-button, .slim-link, .slim-row, summary, .ballot-choices label, .ballot-skip, .slim-entry input"
)


@pytest.fixture
def cast(transactional_db: None, calendar: OfficeClock) -> Cast:
    """Without the frozen clock of other tests: here the calendar moves for the server and the test alike."""
    cache.clear()
    calendar.to("2026-03-02T09:00")
    return cast_module.build()


@pytest.fixture
def phone(browser: Browser, live_server: Any) -> Iterator[Page]:
    context = browser.new_context(
        viewport=PHONE, java_script_enabled=False, locale="zh-CN", base_url=live_server.url
    )
    yield context.new_page()
    context.close()


def sees(page: Page, *words: str) -> None:
    for word in words:
        expect(page.locator("main")).to_contain_text(word)


def sideways(page: Page) -> bool:
    box = page.locator("main").bounding_box()
    return bool(box and box["width"] > PHONE["width"])


def test_from_the_qr_on_the_wall_to_the_end(cast: Cast, phone: Page, calendar: OfficeClock) -> None:
    point = intake.open_door(cast.station_place, cast.alliance, actor=cast.staff)
    answer = phone.goto(resident_forms.order_url(point))
    assert answer and answer.status == 200 and not sideways(phone)

    # Three taps and one line of words.
    phone.locator("summary", has_text="房屋设施").click()
    phone.get_by_role("radio", name="路灯").check()
    phone.get_by_label("您的需要").fill("三号楼前路灯不亮")
    phone.get_by_role("button", name="提交").click()
    sees(phone, "已经收到您的需求", "截屏", "3月4日前答复")
    code = phone.locator(".slim-code strong").inner_text()
    demand = Demand.objects.get()
    assert Author.objects.get(demand=demand).phone == ""

    # The code is typed from the screenshot, small letters and all.
    phone.goto("/q/")
    phone.get_by_label("查询码").fill(code.lower().replace("-", " "))
    phone.get_by_role("button", name="查询").click()
    sees(phone, "待受理", "三号楼前路灯不亮")
    mine = phone.url

    calendar.to("2026-03-03T10:00")
    review.open_(demand, actor=cast.staff)
    claim = loop.claimed(cast, Demand.objects.get())
    phone.goto(mine)
    sees(phone, "办理中", "县图书馆正在办理")
    calendar.to("2026-03-10T10:00")
    claims.deliver(claim, volunteers=3, actor=cast.liaison)
    acceptance.accept(Claim.objects.get(), actor=cast.station)

    # Asked, unsatisfied: once more.
    phone.goto(mine)
    phone.get_by_role("radio", name="不满意").check()
    phone.get_by_label("想说的话").fill("亮了两天又不亮")
    phone.get_by_role("button", name="提交评价").click()
    sees(phone, "办理中", "重新办理", "您对县图书馆的评价：不满意")
    assert CallBack.objects.get().reopened_claim

    calendar.to("2026-03-13T10:00")
    claims.deliver(Claim.objects.get(), actor=cast.liaison)
    acceptance.accept(Claim.objects.get(), actor=cast.station)
    phone.goto(mine)
    phone.get_by_role("radio", name="非常满意").check()
    phone.get_by_role("button", name="提交评价").click()
    sees(phone, "已办结", "您对县图书馆的评价：非常满意")
    expect(phone.get_by_text("没有解决")).to_have_count(0)  # once is once

    # And leaves without a trace of a person.
    phone.locator("summary", has_text="删除我的信息").click()
    phone.get_by_role("button", name="确定删除").click()
    sees(phone, "您的信息已经删除")
    again = phone.goto(mine)
    assert again and again.status == 404
    assert Demand.objects.get().state == "closed"


def test_a_satisfied_resident_finds_it_unsolved_later(cast: Cast, phone: Page) -> None:
    """「没有解决」 without a call-back that waits."""
    demand, code = loop.taken_in(cast)
    claim = loop.claimed(cast, review.open_(demand, actor=cast.staff))
    loop.accepted(cast, loop.delivered(cast, claim))
    phone.goto(resident_forms.progress_url(code))
    phone.get_by_role("radio", name="满意", exact=True).check()
    phone.get_by_role("button", name="提交评价").click()
    phone.locator("summary", has_text="没有解决").click()
    phone.get_by_role("button", name="没有解决，请重新办理").click()
    sees(phone, "办理中", "这件事已按要求重新办理")


def test_a_resident_books_a_room_and_cancels(cast: Cast, phone: Page) -> None:
    point = resident_forms.door(cast)
    room = resident_forms.open_venue(cast, name="居民活动室")
    phone.goto(resident_forms.order_url(point))
    phone.get_by_role("link", name="预约活动场地").click()
    phone.get_by_role("link", name="预约居民活动室").click()
    phone.get_by_label("日期").select_option("2026-03-07")
    phone.get_by_label("从", exact=True).select_option("09:00")
    phone.get_by_label("到", exact=True).select_option("10:30")
    phone.get_by_label("用途").fill("合唱队排练")
    phone.get_by_label("预约人").fill("方小超")
    phone.get_by_label("电话").fill("138 0000 3449")
    phone.get_by_role("button", name="提交预约").click()
    sees(phone, "请先勾选同意")
    expect(phone.get_by_label("用途")).to_have_value("合唱队排练")
    phone.get_by_role("checkbox").check()
    phone.get_by_role("button", name="提交预约").click()
    sees(phone, "等确认", "3月7日 09:00—10:30")
    phone.get_by_role("link", name="看进展").click()
    bookings.confirm(room.bookings.get(), "请走西门", actor=cast.liaison)
    phone.reload()
    sees(phone, "已确认", "请走西门")
    phone.locator("summary", has_text="取消预约").click()
    phone.get_by_role("button", name="确定取消").click()
    sees(phone, "已取消")


def test_residents_pages_are_accessible_and_nothing_is_smaller_than_a_finger(
    cast: Cast, live_server: Any, browser: Browser
) -> None:
    from tests.routes_demands_residents import furnish

    found = furnish(cast)
    at = resident_forms.order_url
    point = resident_forms.door(cast)
    public = [
        at(point),
        f"{at(point)}venues/",
        f"{at(point)}venues/{found['demands:resident-venue']['pk']}/",
        "/q/",
        resident_forms.progress_url(found["demands:resident-progress"]["code"]),
        f"/q/answer/{found['demands:resident-answer']['code']}/",
        f"/q/venue/{found['demands:resident-booking']['code']}/",
    ]
    faults: list[str] = []
    for cookies in ({}, {BIG_TYPE_COOKIE: "1"}):
        with window(browser, Client(), live_server.url, PHONE["width"], **cookies) as view:
            for path in public:
                faults += [f"{cookies} {fault}" for fault in view.faults(path)]
                faults += [f"{cookies} {path} {what}" for what in too_small(view.page)]
    assert not faults, "\n".join(faults)


def too_small(page: Page) -> list[str]:
    """Things to tap that are smaller than a finger; also those that only a tap on their group shows."""
    page.evaluate("document.querySelectorAll('details').forEach(row => row.open = true)")
    boxes = page.locator(TOUCHED)
    found = []
    for n in range(boxes.count()):
        box = boxes.nth(n).bounding_box()
        if box and box["x"] >= 0 and box["width"] and box["height"] < FINGER:
            words = re.sub(r"\s+", " ", boxes.nth(n).inner_text())[:20]
            found.append(f"{words!r} is {box['width']:.0f} by {box['height']:.0f}")
    return found
