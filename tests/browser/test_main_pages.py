"""The pages that people open every day, on a phone and on a desk, in ordinary and in big type. All pages: see
``test_accessibility``."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from alliances.context import BIG_TYPE_COOKIE
from rotation.models import Slip
from tests.browser.looking import WIDTHS, window
from tests.cast import HOSTILE, Cast
from tests.conftest import client_of
from tests.routes import address, furnish

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("office_time"),
    pytest.mark.django_db(transaction=True),
]

EVERY_DAY = {
    "secretary": ["/", "/slips/", "/year/01-01-01/2026/", "/year/01-01-01/2027/", "/members/", "{slip}"],
    "liaison": ["/", "/inbox/", "/year/01-01-01/2026/", "{slip}"],
    "county": ["/", "/office/", "/slips/"],
}


@pytest.mark.slow
@pytest.mark.parametrize("who", EVERY_DAY)
def test_main_pages_are_accessible_and_fit(
    who: str, transactional_db: None, cast: Cast, march: Slip, live_server: Any, browser: Browser
) -> None:
    slip = address("rotation:slip", furnish(cast, march))
    client = client_of(cast.users[who])
    paths = [path.format(slip=slip) for path in EVERY_DAY[who]]
    found: list[str] = []
    for width in WIDTHS:
        with window(browser, client, live_server.url, width) as view:
            found += [f"{width}px {fault}" for path in paths for fault in view.faults(path)]
    with window(browser, client, live_server.url, 360, **{BIG_TYPE_COOKIE: "1"}) as view:
        found += [f"big type {fault}" for path in paths for fault in view.faults(path)]
    assert not found, "\n".join(found)


def test_hostile_name_is_text_and_nothing_else(
    transactional_db: None, cast: Cast, live_server: Any, browser: Browser
) -> None:
    """The unit's name is an image that would run a script: it is shown letter by letter, and no image is there."""
    with window(browser, client_of(cast.secretary), live_server.url, 1280) as view:
        for path in ("/members/", "/year/01-01-01/2026/"):
            view.page.goto(live_server.url + path)
            assert view.page.get_by_text(HOSTILE, exact=False).count() > 0, path
            assert view.page.locator("img[src=x]").count() == 0, path
        assert not view.noise
