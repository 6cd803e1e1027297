"""Every page of the site in real Chromium at 360 and 1280 px: axe, sideways scroll, strict policy, quiet console."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import NoReverseMatch
from playwright.sync_api import Browser

from tests.browser.looking import WIDTHS, window
from tests.cast import Cast
from tests.conftest import client_of
from tests.routes import address, furnish, listed

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Django's own admin is for administrators of the machine; its pages are Django's.
NOT_OURS = ("admin",)
VIEWERS = ("secretary", "liaison", "station", "street", "administrator", "auditor", "anonymous")


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
        # Fragments are looked at within the page that loads them.
        is_html = answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
        if is_html and b"<html" in answer.content[:200]:
            pages.append(path)
    assert len(pages) >= (3 if user is None else 8)
    found: list[str] = []
    for width in WIDTHS:
        with window(browser, client, live_server.url, width) as view:
            found += [f"{who} {width}px {fault}" for path in pages for fault in view.faults(path)]
    assert not found, "\n".join(found)
