"""Every page of the site in real Chromium at 360 and 1280 px: axe, sideways scroll, strict policy, quiet console."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import NoReverseMatch
from playwright.sync_api import Browser, Page

from alliances import clock
from tests.cast import NOW, Cast
from tests.conftest import client_of
from tests.routes import address, furnish, listed

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}
WIDTHS = (360, 1280)
# Django's own admin is for administrators of the machine; its pages are Django's.
NOT_OURS = ("admin",)
VIEWERS = ("secretary", "liaison", "street", "administrator", "auditor", "anonymous")


@pytest.fixture
def office_time():
    """The server's threads see the cast's March: the clock is shifted for the process, not for one thread."""
    clock.use_shift(lambda: NOW - clock.machine_time())
    yield
    clock.use_shift(None)


@pytest.mark.usefixtures("office_time")
@pytest.mark.parametrize("who", VIEWERS)
def test_every_page_is_accessible_and_fits(
    who: str,
    transactional_db: None,
    cast: Cast,
    march: Any,
    live_server: Any,
    browser: Browser,
) -> None:
    arguments = furnish(cast, march)
    user = None if who == "anonymous" else getattr(cast, who)
    client = client_of(user)
    pages = []
    for route in listed(arguments):
        if route.startswith(NOT_OURS):
            continue
        try:
            path = address(route, arguments)
        except NoReverseMatch:  # routes of libraries that need arguments we do not furnish
            continue
        answer = client.get(path)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            pages.append(path)
    assert len(pages) >= (3 if user is None else 8)
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    found: list[str] = []
    for width in WIDTHS:
        context = browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN")
        if cookie is not None:
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        noise: list[str] = []
        page.on("console", lambda m, noise=noise: noise.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e, noise=noise: noise.append(str(e)))
        for path in pages:
            noise.clear()
            found += [f"{who} {width}px {path}: {fault}" for fault in _faults(page, live_server.url + path)]
            found += [f"{who} {width}px {path}: console {line[:120]}" for line in noise]
        context.close()
    assert not found, "\n".join(found)


def _faults(page: Page, url: str) -> list[str]:
    answer = page.goto(url, wait_until="load")
    assert answer is not None
    if answer.status != 200:
        return [f"answered {answer.status}"]
    found = []
    policy = answer.headers.get("content-security-policy", "")
    if "'unsafe" in policy or "script-src 'self'" not in policy:
        found.append(f"policy {policy!r}")
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("scrolls sideways")
    for violation in Axe().run(page, options=RULES).response["violations"]:
        where = "; ".join(node["html"][:100] for node in violation["nodes"][:3])
        found.append(f"axe {violation['id']}: {where}")
    return found
