"""Progress by code: where a demand stands in plain words, what its author can do, call-backs answered; nothing personal."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client

from demands.enums import Satisfaction
from demands.models import Author, CallBack, Demand, IntakePoint
from demands.services import callbacks, review
from tests.cast import Cast
from tests.conftest import Frozen
from tests.demands import loop
from tests.demands.resident_forms import WORDS, deed, door, heading, opened, ordered, progress_url, text

NAME, PHONE = "方小超", "13800003449"
CONTACT = {"name": NAME, "phone": PHONE, "consent": "on"}
TYPED = "/q/"


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


@pytest.fixture
def point(cast: Cast) -> IntakePoint:
    return door(cast)


@pytest.fixture
def phone() -> Client:
    """Somebody's phone, which knows nothing and checks the forms' tokens as a browser does."""
    return Client(enforce_csrf_checks=True)


# --- progress ------------------------------------------------------------------------------------------------------


def test_each_state_is_told_in_plain_words(cast: Cast, point: IntakePoint, phone: Client) -> None:
    seen = []

    def look() -> str:
        page = text(phone.get(progress_url(code)))
        found = re.search(r"<h1>您的需求：(.*?)</h1>", page)
        assert found
        seen.append(found[1])
        assert NAME not in page and PHONE not in page and "钱新民" not in page and "杨欣然" not in page
        return page

    demand, code = ordered(phone, point, **CONTACT)
    assert "社区3月4日前答复" in look() and "已留联系方式" in look()
    review.open_(demand, actor=cast.staff)
    assert "正在联系能办的单位" in look()
    claim = loop.claimed(cast, demand)
    assert f"县图书馆正在办理，{claim.due_on.month}月{claim.due_on.day}日前完成" in look()
    loop.delivered(cast, claim)
    assert "等站点验收" in look()
    loop.accepted(cast, claim)
    page = look()
    assert "请您评价：县图书馆" in page and page.count("is-done") == 5
    assert sorted(set(seen), key=seen.index) == ["待受理", "待认领", "办理中", "待验收", "已办结"]


def test_late_answers_and_late_work_are_owned_up_to(
    cast: Cast, point: IntakePoint, phone: Client, frozen: Frozen
) -> None:
    demand, code = ordered(phone, point)
    frozen.to("2026-03-05T09:00")
    assert "答复晚了" in text(phone.get(progress_url(code)))
    review.open_(demand, actor=cast.staff)
    claim = loop.claimed(cast, demand)
    frozen.to(f"{claim.due_on.isoformat()}T09:00")
    assert "超过" not in text(phone.get(progress_url(code)))
    frozen.forward(days=1)
    assert "已超过原定时限" in text(phone.get(progress_url(code)))


def test_refusals_come_with_their_reason(cast: Cast, point: IntakePoint, phone: Client) -> None:
    demand, code = ordered(phone, point)
    review.decline(demand, "路灯归市政，已转市政热线", actor=cast.staff)
    page = text(phone.get(progress_url(code)))
    assert "不予受理" in page and "路灯归市政，已转市政热线" in page
    demand, code = ordered(phone, point)
    review.give_up(review.open_(demand, actor=cast.staff), "money", "已列入明年计划", actor=cast.secretary)
    page = text(phone.get(progress_url(code)))
    assert "未能解决" in page and "所需资金暂无来源。已列入明年计划" in page
    assert 'value="withdraw"' not in page and 'value="reopen"' not in page


def test_a_merged_demand_follows_the_other_without_its_words(
    cast: Cast, point: IntakePoint, phone: Client
) -> None:
    target = loop.opened(cast, content="孙大爷家楼下太吵", name="孙大爷")
    demand, code = ordered(phone, point)
    review.merge(demand, target, actor=cast.staff)
    page = text(phone.get(progress_url(code)))
    assert "合并办理" in page and target.number in page and "待认领" in page
    assert WORDS["content"] in page and "孙大爷" not in page and "太吵" not in page
    refused = deed(phone, progress_url(code), "withdraw")
    assert refused.status_code == 409 and "不能整件撤回" in text(refused)
    claim = loop.claimed(cast, target)
    loop.accepted(cast, loop.delivered(cast, claim))
    assert "请您评价：县图书馆" in text(phone.get(progress_url(code)))


def test_words_of_a_sensitive_demand_are_not_shown_again(
    cast: Cast, point: IntakePoint, phone: Client
) -> None:
    demand, code = ordered(phone, point, category="卫生健康/心理疏导", content="孩子最近睡不好")
    assert demand.is_sensitive
    page = text(phone.get(progress_url(code)))
    assert "孩子最近睡不好" not in page and "心理疏导" in page


# --- what can be done ----------------------------------------------------------------------------------------------


def test_an_author_withdraws_until_somebody_works_on_it(
    cast: Cast, point: IntakePoint, phone: Client
) -> None:
    demand, code = ordered(phone, point)
    assert deed(phone, progress_url(code), "withdraw").status_code == 302
    page = text(phone.get(progress_url(code)))
    assert loop.state(demand) == "withdrawn" and "已撤回" in page and 'value="withdraw"' not in page
    demand, code = ordered(phone, point)
    loop.claimed(cast, review.open_(demand, actor=cast.staff))
    assert 'value="withdraw"' not in text(phone.get(progress_url(code)))
    refused = deed(phone, progress_url(code), "withdraw")
    assert refused.status_code == 409 and 'role="alert"' in text(refused)
    assert loop.state(demand) == "claimed"


def test_not_solved_reopens_once(cast: Cast, point: IntakePoint, phone: Client) -> None:
    demand, code = ordered(phone, point)
    early = deed(phone, progress_url(code), "reopen")
    assert early.status_code == 409 and "还没有办结" in text(early)
    claim = loop.claimed(cast, review.open_(demand, actor=cast.staff))
    loop.accepted(cast, loop.delivered(cast, claim))
    which = opened(phone, progress_url(code))["which"]
    deed(phone, progress_url(code), "answer", which=which, **{f"{which}-satisfaction": "good"})
    page = text(phone.get(progress_url(code)))
    assert "没有解决" in page and "您对县图书馆的评价：满意" in page
    assert deed(phone, progress_url(code), "reopen").status_code == 302
    assert loop.state(demand) == "claimed"
    assert "重新办理" in text(phone.get(progress_url(code)))
    claim.refresh_from_db()
    loop.accepted(cast, loop.delivered(cast, claim))
    assert 'value="reopen"' not in text(phone.get(progress_url(code)))
    again = deed(phone, progress_url(code), "reopen")
    assert again.status_code == 409 and "已经重新办理过一次" in text(again)
    assert loop.state(demand) == "closed"


def test_deleting_asks_once_and_leaves_no_person(cast: Cast, point: IntakePoint, phone: Client) -> None:
    demand, code = ordered(phone, point, **CONTACT)
    page = text(phone.get(progress_url(code)))
    assert re.search(r"<details[^>]*><summary>删除我的信息</summary><p>.*不能恢复", page)
    form = opened(phone, progress_url(code)) | {"deed": "delete"}
    answer = phone.post(progress_url(code), form)
    assert (answer.status_code, heading(answer)) == (200, "您的信息已经删除")
    author = Author.objects.get()
    assert (author.name, author.phone, author.tracking_hash) == ("", "", "")
    assert phone.get(progress_url(code)).status_code == 404
    assert phone.post(progress_url(code), form).status_code == 404
    assert loop.state(demand) == "submitted"


def test_a_deed_that_no_button_sends_is_no_deed(point: IntakePoint, phone: Client) -> None:
    demand, code = ordered(phone, point)
    for name in ("", "close", "delete\0", "x" * 10_000):
        assert deed(phone, progress_url(code), name).status_code == 422
    assert loop.state(demand) == "submitted" and Author.objects.get().tracking_hash


# --- answers -------------------------------------------------------------------------------------------------------


def closed(cast: Cast, point: IntakePoint, phone: Client) -> tuple[Demand, str, CallBack]:
    demand, code = ordered(phone, point)
    claim = loop.claimed(cast, review.open_(demand, actor=cast.staff))
    acceptance = loop.accepted(cast, loop.delivered(cast, claim))
    return demand, code, CallBack.objects.get(acceptance=acceptance)


def test_an_unsatisfied_answer_reopens_and_the_next_one_no_more(
    cast: Cast, point: IntakePoint, phone: Client
) -> None:
    demand, code, row = closed(cast, point, phone)
    prefix = f"back{row.pk}"
    missing = deed(phone, progress_url(code), "answer", which=prefix, **{f"{prefix}-opinion": "还是不亮"})
    assert missing.status_code == 422 and "还是不亮" in text(missing)
    assert f'<a href="#id_{prefix}-satisfaction">' in text(missing) and 'role="alert"' in text(missing)
    assert f'id="id_{prefix}-satisfaction"' in text(missing)
    sent = {f"{prefix}-satisfaction": "bad", f"{prefix}-opinion": "还是不亮"}
    assert deed(phone, progress_url(code), "answer", which=prefix, **sent).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.satisfaction, row.opinion, row.method) == ("answered", "bad", "还是不亮", "link")
    assert loop.state(demand) == "claimed"
    twice = deed(phone, progress_url(code), "answer", which=prefix, **sent)
    assert twice.status_code == 409 and "已经收到" in text(twice)


def test_only_ones_own_call_back_is_answered(cast: Cast, point: IntakePoint, phone: Client) -> None:
    _, _, foreign = closed(cast, point, phone)
    _, code = ordered(phone, point)
    for which in (f"back{foreign.pk}", "back", "\0", "back" + "9" * 500):
        sent = {"which": which, f"back{foreign.pk}-satisfaction": "bad"}
        assert deed(phone, progress_url(code), "answer", **sent).status_code == 409
    foreign.refresh_from_db()
    assert foreign.state == "due"


def test_a_link_is_answered_once(cast: Cast, point: IntakePoint, phone: Client) -> None:
    demand, _, row = closed(cast, point, phone)
    url = f"/q/answer/{callbacks.link(row, actor=cast.staff)}/"
    page = text(phone.get(url))
    assert demand.number in page and "县图书馆" in page and WORDS["content"] not in page
    assert page.count('type="radio"') == len(Satisfaction.values)
    for bad in ({}, {"satisfaction": "best"}, {"satisfaction": "good", "opinion": "字" * 201}):
        assert phone.post(url, opened(phone, url) | bad).status_code == 422
    form = opened(phone, url) | {"satisfaction": "very_good", "opinion": "灯亮了"}
    assert phone.post(url, form).headers["Location"] == "/q/thanks/"
    again = phone.post(url, form)
    assert (again.status_code, heading(again)) == (404, "这个链接不能用了")
    row.refresh_from_db()
    assert (row.satisfaction, row.opinion, row.link_hash) == ("very_good", "灯亮了", "")


def test_a_tracking_code_is_no_link_and_a_link_no_tracking_code(
    cast: Cast, point: IntakePoint, phone: Client
) -> None:
    _, code, row = closed(cast, point, phone)
    link = callbacks.link(row, actor=cast.staff)
    assert phone.get(f"/q/answer/{code}/").status_code == 404
    assert phone.get(progress_url(link)).status_code == 404
    answer = phone.post(TYPED, opened(phone, TYPED) | {"code": link})
    assert answer.headers["Location"].startswith("/q/answer/")
