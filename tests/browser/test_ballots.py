"""Ballots on a phone: accessible, nothing smaller than a finger, cast without any script within the promised seconds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, Page

from alliances.context import BIG_TYPE_COOKIE
from evaluations.models import Ballot, Round
from evaluations.services import codes
from tests.browser.looking import WIDTHS, window
from tests.cast import Cast
from tests.conftest import client_of
from tests.evaluations.ballot_forms import code_url, unit_url, venue_url
from tests.routes_ballots import opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("office_time"),
    pytest.mark.django_db(transaction=True),
]
FINGER = 44  # CSS pixels
TAP = 1.5  # seconds a person needs to read one item and to tap
BUDGET = 40


@pytest.fixture
def round(transactional_db: None, cast: Cast) -> Round:
    cache.clear()
    return opened(cast)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """An old phone: narrow, and its browser runs no script."""
    context = browser.new_context(
        viewport={"width": 360, "height": 640}, java_script_enabled=False, locale="zh-CN"
    )
    yield context.new_page()
    context.close()


@pytest.mark.slow
def test_pages_of_ballots_are_accessible_and_fit(
    cast: Cast, round: Round, live_server: Any, browser: Browser
) -> None:
    (code,) = codes.print_slips(round, 1, actor=cast.staff)
    pages = [
        (client_of(cast.other_liaison), [unit_url(round, "县实验小学")]),
        (client_of(cast.staff), [unit_url(round, "县财政局", "unit-ballot-record")]),
        (Client(), [code_url(code), venue_url(round), "/b/", "/b/thanks/"]),
    ]
    found: list[str] = []
    for client, paths in pages:
        for width, cookies in [(w, {}) for w in WIDTHS] + [(360, {BIG_TYPE_COOKIE: "1"})]:
            with window(browser, client, live_server.url, width, **cookies) as view:
                for path in paths:
                    found += [f"{width}px {cookies} {fault}" for fault in view.faults(path)]
                    if folder := os.environ.get("PICTURES"):
                        name = (
                            f"{path.strip('/').replace('/', '-')[:24]}-{width}{'-big' if cookies else ''}.png"
                        )
                        view.page.screenshot(path=f"{folder}/{name}", full_page=True)
                    if "/b/" in path or "ballots" in path:
                        found += [f"{width}px {path} {what}" for what in too_small(view.page)]
    assert not found, "\n".join(found)


def too_small(page: Page) -> list[str]:
    """Things to tap that are smaller than a finger."""
    boxes = page.locator(".ballot-choices label, .ballot-skip, .slim-button, main button")
    sizes = [(boxes.nth(n).inner_text(), boxes.nth(n).bounding_box()) for n in range(boxes.count())]
    return [
        f"{text!r} is {box['width']:.0f} by {box['height']:.0f}"
        for text, box in sizes
        if box and box["width"] and min(box["width"], box["height"]) < FINGER
    ]


def test_a_resident_scans_and_votes_without_script(round: Round, live_server: Any, phone: Page) -> None:
    """Ten taps: the form's check against forgery accepts what the browser sends under the page's referrer policy."""
    phone.goto(live_server.url + venue_url(round))
    phone.get_by_role("button", name="开始评议").click()
    taps = 1 + tap_all(phone, "较好") + 1
    phone.get_by_role("button", name="提交评议").click()
    assert phone.url == f"{live_server.url}/b/thanks/"
    assert phone.get_by_role("heading", name="谢谢您，评议已收到").is_visible()
    assert Ballot.objects.count() == 2
    assert taps * TAP <= BUDGET
    phone.goto(live_server.url + venue_url(round))
    phone.get_by_role("button", name="开始评议").click()
    assert phone.get_by_role("heading", name="已经评过了").is_visible()


def test_a_resident_types_a_code_and_misses_an_item(
    cast: Cast, round: Round, live_server: Any, phone: Page
) -> None:
    (code,) = codes.print_slips(round, 1, actor=cast.staff)
    phone.goto(live_server.url + "/b/")
    phone.get_by_label("评议码").fill("abcde 23456 fghjk")
    phone.get_by_role("button", name="下一步").click()
    assert phone.get_by_text("评议码不对").is_visible()
    phone.get_by_label("评议码").fill(code.lower().replace("-", " "))
    phone.get_by_role("button", name="下一步").click()
    assert phone.url == live_server.url + code_url(code)
    tap_all(phone, "一般", leave_out=1)
    phone.get_by_role("button", name="提交评议").click()
    assert phone.get_by_role("heading", name="还有 1 项没有选").is_visible()
    phone.get_by_role("checkbox").check()
    phone.get_by_role("button", name="提交评议").click()
    assert phone.get_by_role("heading", name="谢谢您").is_visible()
    assert list(Ballot.objects.values_list("subject", flat=True)) == ["activity"]


def test_a_liaison_votes_on_one_page(cast: Cast, round: Round, live_server: Any, browser: Browser) -> None:
    url = unit_url(round, "县实验小学")
    with window(browser, client_of(cast.other_liaison), live_server.url, 360) as view:
        view.page.goto(live_server.url + url)
        taps = tap_all(view.page, "很好") + 1
        view.page.get_by_role("button", name="提交评议").click()
        view.page.get_by_role("heading", name="谢谢，评议已收到").wait_for()
        assert view.page.url == live_server.url + url
        assert not view.noise
    assert taps * TAP <= BUDGET
    assert Ballot.objects.count() == 2


def tap_all(page: Page, word: str, leave_out: int = 0) -> int:
    """Tap ``word`` in every item but the last ``leave_out``; how many taps."""
    items = page.locator("fieldset.ballot-item")
    count = items.count() - leave_out
    for number in range(count):
        items.nth(number).locator("label", has_text=word).click()
    return count
