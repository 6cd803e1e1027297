"""A demand finds its units: claimed from the hall on a phone with three taps and three fields, joined by a second unit,
and one that is shared taken by a unit of another alliance."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser

from alliances.models import User
from demands.models import Claim, Demand
from demands.services import review
from tests import cast as cast_module
from tests.cast import Cast
from tests.conftest import client_of
from tests.demands import loop
from tests.factories import demands as lists
from tests.stories.browsing import PHONE, OfficeClock, Person, nobody_was_disturbed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_TAPS, MOST_FIELDS = 3, 3
# Every tap of a finger, also the one into a field, over all pages of this tab.
TAPS = """
addEventListener("click", event => {
  if (event.isTrusted) sessionStorage.taps = Number(sessionStorage.taps || 0) + 1;
}, true);
"""
FILLABLE = "main form.form :is(input:not([type=hidden]), select, textarea)"


@pytest.fixture
def cast(transactional_db: None, calendar: OfficeClock) -> Cast:
    calendar.to("2026-03-02T09:00")
    return cast_module.build()


class Liaison(Person):
    """At 360 px; every tap is counted."""

    def __init__(self, browser: Browser, site: str, user: User) -> None:
        super().__init__(browser, site, PHONE, client_of(user))
        self.page.add_init_script(TAPS)

    @property
    def taps(self) -> int:
        return int(self.page.evaluate("Number(sessionStorage.taps || 0)"))

    def claim(self, hall: str, card: str, measures: str, button: str) -> None:
        """From the card in the hall to the claim's page."""
        self.go(hall)
        self.fits()
        before = self.taps
        shown = self.page.locator("ul.hall > li", has_text=card)
        shown.get_by_role("link", name=re.compile("认领")).click()
        self.page.wait_for_url(re.compile(r"/claim/$"))
        self.fits()
        asked = [field for field in self.page.locator(FILLABLE).all() if field.is_visible()]
        assert len(asked) <= MOST_FIELDS
        empty = [field for field in asked if not field.input_value()]
        assert len(empty) == 1  # the measures alone are not known
        empty[0].click()
        self.page.keyboard.insert_text(measures)
        self.page.get_by_role("button", name=button, exact=True).click()
        self.page.wait_for_url(re.compile(r"/demands/claims/\d+/$"))
        self.fits()
        assert self.taps - before <= MOST_TAPS
        assert self.sent[-1].typed <= MOST_FIELDS and not self.sent[-1].chosen


def test_units_claim_from_the_hall_on_their_phones(cast: Cast, live_server: Any, browser: Browser) -> None:
    reading = lists.category("文化", "图书借阅")
    lists.resource(loop.member(cast), name="流动图书车")
    demand = loop.opened(cast, content="老人想借阅图书，请图书馆上门办读书会", category=reading)
    loop.opened(cast, content="楼道堆物影响通行", category=lists.category("环境", "楼道堆物"))
    library, culture, court = (
        Liaison(browser, live_server.url, user)
        for user in (cast.liaison, cast.second_liaison, cast.foreign_liaison)
    )

    library.go("/demands/hall/")
    first = library.page.locator("ul.hall > li").first
    assert "老人想借阅图书" in first.inner_text() and "理由：" in first.inner_text()
    library.claim("/demands/hall/", "老人想借阅图书", "每月第一个周六上门办读书会", "认领")
    lead = Claim.objects.get(demand=demand)
    assert (lead.member, lead.part, lead.responsible) == (
        loop.member(cast),
        "lead",
        cast.liaison.person.name,
    )
    assert (lead.due_on - lead.claimed_on).days == 30

    # A second unit comes to what has its lead already, and joins.
    culture.go("/demands/hall/")
    culture.follow(re.compile("^可联合认领"))
    culture.claim(culture.page.url.removeprefix(live_server.url), "县图书馆", "送两场文艺演出", "联合认领")
    joint = Claim.objects.get(demand=demand, part="joint")
    assert joint.member == loop.member(cast, "县文体广电局")
    assert Demand.objects.get(pk=demand.pk).state == "claimed"
    library.go(f"/demands/claims/{lead.pk}/")
    library.sees("县文体广电局")

    # Shared to the county's hall, a demand reaches the units of another alliance.
    court.go("/demands/hall/")
    assert "邻里借款纠纷" not in court.page.content()
    quarrel = loop.opened(
        cast, content="邻里借款纠纷想请法院讲一讲", category=lists.category("法律", "纠纷调解")
    )
    review.share(quarrel, cast.county_place, actor=cast.secretary)
    court.go("/demands/hall/")
    court.sees("县共享")
    court.claim("/demands/hall/", "邻里借款纠纷", "安排法官开一场讲座", "认领")
    assert Claim.objects.get(demand=quarrel).member == cast.foreign_members["县法院"]

    assert "方小超" not in "".join(person.page.content() for person in (library, culture))
    nobody_was_disturbed(library, culture, court)
