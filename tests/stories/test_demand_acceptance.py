"""From delivery to the end: the station returns and accepts, the resident is asked, is not satisfied once, then is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from demands.enums import Verdict
from demands.models import Acceptance, Author, CallBack, Claim
from demands.services import claims
from tests import cast as cast_module
from tests.cast import Cast
from tests.conftest import client_of
from tests.demands import loop
from tests.stories.browsing import DESK, PHONE, OfficeClock, Person, nobody_was_disturbed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE_NUMBER = "13800003449"


def deliver(cast: Cast, claim: Claim) -> None:
    """The unit's own page is another story."""
    claims.deliver(Claim.objects.get(pk=claim.pk), actor=cast.fresh(cast.liaison))


def to_the_claim(station: Person) -> None:
    station.go("/")
    station.follow("去验收")
    station.page.wait_for_url(re.compile(r"/demands/claims/\d+/"))
    station.fits()


def open_call_back(staff: Person) -> None:
    staff.go("/demands/call-backs/?state=due")
    staff.fits()
    staff.page.locator("main .row-side").get_by_role("link", name=re.compile("^回访")).click()
    staff.page.wait_for_url(re.compile(r"/demands/call-backs/\d+/"))


def test_returned_accepted_reopened_once_and_satisfied(
    transactional_db: None, live_server: Any, browser: Browser, calendar: OfficeClock
) -> None:
    cast = cast_module.build()
    calendar.to("2026-03-03T09:30")
    claim = loop.claimed(cast)
    deliver(cast, claim)
    station = Person(browser, live_server.url, PHONE, client_of(cast.station))
    staff = Person(browser, live_server.url, DESK, client_of(cast.staff))

    # The station finds something to mend and says what.
    to_the_claim(station)
    station.page.locator("#accept summary").click()
    station.page.get_by_label("需要整改什么").fill("南门口的桌子还没收")
    station.press("退回单位整改")
    station.sees("已退回整改，县图书馆会收到消息")
    station.fits()
    assert loop.state(claim) == "returned"

    # Mended, delivered again, accepted with one tap and a yes.
    deliver(cast, claim)
    to_the_claim(station)
    station.sees("南门口的桌子还没收")
    station.press("整改后合格")
    station.confirm("合格")
    station.sees("已验收合格")
    assert Acceptance.objects.get(claim=claim, visit=2).verdict == Verdict.MENDED
    assert loop.state(claim.demand) == "closed"

    # The community calls: the contact is masked until somebody says why.
    staff.go("/demands/call-backs/?state=due")
    expect(staff.page.locator("main")).not_to_contain_text(PHONE_NUMBER)
    staff.press(re.compile("^看电话"))
    staff.sees(PHONE_NUMBER)
    open_call_back(staff)
    expect(staff.page.get_by_label("跟进措施")).to_be_hidden()
    staff.page.get_by_label("不满意", exact=True).check()
    staff.sees("只退这一次")
    staff.page.get_by_label("跟进措施").fill("王站长周五晚上到场")
    staff.page.get_by_label(re.compile("^群众意见")).fill("夜里十点以后还是吵")
    staff.press("登记回访")
    staff.sees("项目已退回单位重新办理（每个项目只退回一次）")
    assert loop.state(claim) == "in_service"
    assert loop.state(claim.demand) == "claimed"

    # The second round.
    deliver(cast, claim)
    to_the_claim(station)
    station.sees("王站长周五晚上到场")
    station.press("整改后合格")
    station.confirm("合格")
    station.sees("已验收合格")
    open_call_back(staff)
    staff.page.get_by_label("满意", exact=True).check()
    staff.press("登记回访")
    staff.sees("回访已登记：满意")
    staff.sees("没有等回访的")

    assert loop.state(claim) == "accepted"
    assert loop.state(claim.demand) == "closed"
    answers = CallBack.objects.order_by("pk").values_list("satisfaction", "reopened_claim")
    assert list(answers) == [("bad", True), ("good", False)]
    assert Author.objects.get().phone == PHONE_NUMBER
    assert station.typed == 1  # what to mend; the rest were taps
    nobody_was_disturbed(station, staff)
