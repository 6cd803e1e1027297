"""Residents' pages: order at a door, follow by code, withdraw, reopen once, answer, delete. No account, no script, nothing
personal shown; every refusal is a page."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alliances.models import LogEntry, Message
from demands.enums import Satisfaction
from demands.models import Author, CallBack, Category, Demand, IntakePoint
from demands.services import callbacks, intake, review
from tests.cast import Cast
from tests.conftest import Frozen
from tests.demands import loop
from tests.demands.resident_forms import (
    WORDS,
    deed,
    door,
    heading,
    opened,
    order_url,
    progress_url,
    send,
    text,
    told,
)
from tests.factories import demands as lists

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


def ordered(phone: Client, point: IntakePoint, /, **fields: str) -> tuple[Demand, str]:
    code = told(send(phone, order_url(point), **fields))
    return Demand.objects.latest("pk"), code


# --- ordering ------------------------------------------------------------------------------------------------------


def test_two_fields_make_an_order_and_its_code_is_told_once(
    cast: Cast, point: IntakePoint, phone: Client
) -> None:
    answer = send(phone, order_url(point))
    code = told(answer)
    demand = Demand.objects.get()
    assert (demand.content, demand.source, demand.state) == (WORDS["content"], "online", "submitted")
    assert (demand.station, demand.alliance, str(demand.category)) == (
        cast.station_place,
        cast.alliance,
        "房屋设施/路灯",
    )
    assert demand.number in text(answer) and f'href="/q/{code}/"' in text(answer)
    assert "截屏" in text(answer) and "big-type" not in text(answer)
    assert "3月4日前" in text(answer)  # two working days
    page = text(phone.get(progress_url(code)))
    assert "待受理" in page and code not in re.sub(r'name="next" value="[^"]*"', "", page)
    assert Author.objects.get().consented_at is None


def test_the_page_is_light_and_asks_for_two_fields(point: IntakePoint, phone: Client) -> None:
    answer = phone.get(order_url(point))
    assert len(answer.content) <= 16 * 1024
    assert b"<script" not in answer.content and b"bootstrap" not in answer.content
    assert re.findall(rb'<(?:link|img|script)[^>]+(?:href|src)="([^"]+)"', answer.content) == [
        b"/static/site/mark.svg",
        b"/static/site/ballot.css",
        b"/static/site/demands-residents.css",
    ]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"] and 'content="noindex' in text(answer)
    form = opened(phone, order_url(point))
    assert phone.post(order_url(point), form | WORDS).status_code == 200
    for missing in WORDS:
        assert phone.post(order_url(point), form | WORDS | {missing: ""}).status_code == 422


def test_looking_changes_nothing(point: IntakePoint, phone: Client) -> None:
    _, code = ordered(phone, point)
    urls = [order_url(point), f"{order_url(point)}venues/", TYPED, progress_url(code), "/q/thanks/"]
    with CaptureQueriesContext(connection) as found:
        for url in urls * 2:
            assert phone.get(url).status_code == 200
    assert not [q["sql"] for q in found if not q["sql"].startswith("SELECT")]


def test_the_same_form_is_one_demand_with_one_code(point: IntakePoint, phone: Client) -> None:
    form = opened(phone, order_url(point)) | WORDS
    codes = {told(phone.post(order_url(point), form)) for _ in range(5)}
    assert len(codes) == 1
    changed = phone.post(order_url(point), form | {"content": "四号楼也不亮"})
    assert told(changed) in codes and "只算一件" in text(changed)
    assert Demand.objects.get().content == WORDS["content"]
    assert "只算一件" not in text(phone.post(order_url(point), form))
    _, another = ordered(phone, point)
    assert another not in codes and Demand.objects.count() == 2


def test_a_form_without_its_key_is_asked_for_once_more(point: IntakePoint, phone: Client) -> None:
    form = opened(phone, order_url(point)) | WORDS | {"form_key": "short"}
    answer = phone.post(order_url(point), form)
    assert answer.status_code == 422 and "再点一次提交" in text(answer)
    assert WORDS["content"] in text(answer) and not Demand.objects.exists()


def test_a_contact_needs_a_yes_and_is_kept_sealed(cast: Cast, point: IntakePoint, phone: Client) -> None:
    page = text(phone.get(order_url(point)))
    assert "同心社区和承办单位只用来核实、办理和回访" in page and "办结后 90 天清除" in page
    refused = send(phone, order_url(point), name=NAME, phone=PHONE)
    assert refused.status_code == 422 and "先勾选同意" in text(refused)
    assert f'value="{NAME}"' in text(refused) and f'value="{PHONE}"' in text(refused)
    assert not Demand.objects.exists()
    answer = send(phone, order_url(point), **CONTACT)
    told(answer)
    author = Author.objects.get()
    assert (author.name, author.phone, bool(author.consented_at)) == (NAME, PHONE, True)
    assert NAME not in text(answer) and PHONE not in text(answer)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone FROM demands_author")
        assert not {NAME, PHONE} & set(cursor.fetchone())
    kept = str(list(LogEntry.objects.values()) + list(Message.objects.values()))
    assert NAME not in kept and PHONE not in kept and WORDS["content"] not in kept


def test_an_order_without_a_contact_consents_to_nothing(point: IntakePoint, phone: Client) -> None:
    ordered(phone, point, consent="on")
    assert Author.objects.get().consented_at is None


@pytest.mark.parametrize(
    "fields",
    [
        {"content": "字" * 1001},
        {"content": "路灯\0不亮"},
        {"content": "  \r\n "},
        {"content": "x" * 2_000_000},
        {"category": "没有/这类"},
        {"category": "路灯"},
        {"category": "房屋设施/路灯\0"},
        {"category": "房屋设施/" * 50},
        {"name": "超" * 41, "consent": "on"},
        {"name": "方\0", "consent": "on"},
        {"phone": "打我电话", "consent": "on"},
        {"phone": "1" * 500, "consent": "on"},
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(
    point: IntakePoint, phone: Client, fields: dict[str, str]
) -> None:
    answer = send(phone, order_url(point), **fields)
    assert answer.status_code == 422 and 'role="alert"' in text(answer)
    assert not Demand.objects.exists()
    assert not Category.objects.filter(group="没有").exists()


def test_a_form_larger_than_any_is_not_read(point: IntakePoint, phone: Client) -> None:
    assert send(phone, order_url(point), content="x" * 4_000_000).status_code == 400
    assert not Demand.objects.exists()


def test_line_breaks_count_once(point: IntakePoint, phone: Client) -> None:
    demand, _ = ordered(phone, point, content=("字" * 9 + "\r\n") * 100)
    assert demand.content == "\n".join(["字" * 9] * 100)


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>\"'", "{{ 7*7 }}{% debug %}", "=cmd|' /C calc'!A0", "\u202e反过来"]
)
def test_hostile_words_come_back_as_words(point: IntakePoint, phone: Client, words: str) -> None:
    demand, code = ordered(phone, point, content=words)
    assert demand.content == words
    page = text(phone.get(progress_url(code)))
    assert "<script>alert" not in page and "debug %}" in page + "debug %}"
    refused = text(send(phone, order_url(point), content=words, category=""))
    assert "<script>alert" not in refused


def test_the_trap_for_programs_loses_nobodys_words(point: IntakePoint, phone: Client) -> None:
    for value in ("http://x.example", "\0", "x" * 5000):
        answer = send(phone, order_url(point), homepage=value)
        assert answer.status_code == 422 and "请不要填写这一栏" in text(answer)
        assert WORDS["content"] in text(answer)
    assert not Demand.objects.exists()
    assert 'class="slim-away"' in text(phone.get(order_url(point)))


def test_an_order_needs_the_forms_token(point: IntakePoint, phone: Client) -> None:
    form = opened(phone, order_url(point)) | WORDS
    del form["csrfmiddlewaretoken"]
    answer = phone.post(order_url(point), form)
    assert answer.status_code == 403
    assert "返回" in text(answer) and "登录" not in text(answer)
    assert not Demand.objects.exists()


# --- limits --------------------------------------------------------------------------------------------------------


def few(monkeypatch: pytest.MonkeyPatch, name: str, most: int) -> None:
    """The same limit with a smaller number, wherever it is asked."""
    from alliances import limits
    from demands.views import residents, residents_public

    old = getattr(residents_public, name)
    for module in (residents_public, residents):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, limits.Tries(old.name, most, old.window))


def test_an_address_orders_so_often_and_keeps_its_words(
    point: IntakePoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    few(monkeypatch, "FROM_ADDRESS", 3)
    joker, other = Client(REMOTE_ADDR="198.51.100.7"), Client(REMOTE_ADDR="198.51.100.8")
    form = opened(joker, order_url(point)) | WORDS
    code = told(joker.post(order_url(point), form))
    for _ in range(2):
        told(send(joker, order_url(point)))
    refused = send(joker, order_url(point), content="第四件")
    assert refused.status_code == 429
    assert "10 分钟" in text(refused) and "第四件" in text(refused)
    assert told(joker.post(order_url(point), form)) == code  # the same form is no new one
    assert joker.get(order_url(point)).status_code == 200
    told(send(other, order_url(point)))
    assert Demand.objects.count() == 4


def test_a_door_takes_so_many(cast: Cast, point: IntakePoint, monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch, "AT_DOOR", 2)
    for number in range(2):
        told(send(Client(REMOTE_ADDR=f"198.51.100.{number}"), order_url(point)))
    assert send(Client(REMOTE_ADDR="198.51.100.9"), order_url(point)).status_code == 429
    beside = intake.open_door(cast.community, cast.alliance, actor=cast.staff)
    told(send(Client(REMOTE_ADDR="198.51.100.9"), order_url(beside)))


def test_wrong_codes_are_404_then_429_and_right_ones_still_open(point: IntakePoint, phone: Client) -> None:
    from demands.views.residents_public import WRONG_CODES

    _, code = ordered(phone, point)
    joker = Client(REMOTE_ADDR="198.51.100.7")
    guess = progress_url("7KQ2-XA94-PRT3")
    statuses = [joker.get(guess).status_code for _ in range(WRONG_CODES.most)]
    for url in (guess, "/q/answer/7KQ2XA94PRT3/", "/q/venue/7KQ2XA94PRT3/", "/d/7KQ2XA94PR/"):
        statuses.append(joker.get(url).status_code)
    statuses.append(joker.post(TYPED, {"code": "7KQ2-XA94-PRT3"}).status_code)
    assert statuses == [404] * WRONG_CODES.most + [429] * 5
    assert "10 分钟" in text(joker.get(guess))
    assert joker.get(progress_url(code)).status_code == 200
    assert joker.post(TYPED, {"code": code}).headers["Location"].endswith("/")
    assert joker.get(order_url(point)).status_code == 200
    assert Client(REMOTE_ADDR="198.51.100.8").get(guess).status_code == 404


@pytest.mark.parametrize(
    "guess",
    ["x", "7" * 10_000, "<script>", "' OR 1=1 --", "查询码", "ﷺ" * 90, "{{ 7*7 }}", "\u202e" * 50, "-"],
)
def test_a_guess_is_a_page_that_tells_nothing(point: IntakePoint, phone: Client, guess: str) -> None:
    pages = [phone.get(progress_url(tried)) for tried in (guess, "7KQ2-XA94-PRT3")]
    assert [(page.status_code, heading(page)) for page in pages] == [(404, "没有查到")] * 2
    assert len({re.sub(r' value="[^"]*"', "", text(page)) for page in pages}) == 1


def test_nul_in_an_address_or_a_field(point: IntakePoint, phone: Client) -> None:
    for url in ("/q/AB%00CD/", "/d/AB%00CD/", "/q/answer/%00/", "/q/venue/%00/"):
        assert phone.get(url).status_code == 400
    answer = phone.post(TYPED, opened(phone, TYPED) | {"code": "AB\0CD"})
    assert answer.status_code == 422


def test_a_typed_code_is_read_as_it_was_printed(point: IntakePoint, phone: Client) -> None:
    _, code = ordered(phone, point)
    sloppy = code.replace("-", " ").lower().replace("0", "o").replace("1", "l")
    answer = phone.post(TYPED, opened(phone, TYPED) | {"code": f" {sloppy} "})
    assert answer.status_code == 302
    assert phone.get(answer.headers["Location"]).status_code == 200
    wrong = phone.post(TYPED, opened(phone, TYPED) | {"code": "AAAA BBBB CCCC"})
    assert wrong.status_code == 404 and "请核对查询码" in text(wrong)


def test_closed_doors_and_doors_that_never_were(cast: Cast, point: IntakePoint, phone: Client) -> None:
    form = opened(phone, order_url(point)) | WORDS
    intake.close_door(point, actor=cast.staff)
    for url in (order_url(point), f"{order_url(point)}venues/", f"{order_url(point)}venues/1/"):
        closed = phone.get(url)
        assert (closed.status_code, heading(closed)) == (410, "二维码已停用")
    assert phone.post(order_url(point), form).status_code == 410
    never = phone.get("/d/7KQ2XA94PR/")
    assert (never.status_code, heading(never)) == (404, "二维码不对")
    again = door(cast)
    assert again.code != point.code and phone.get(order_url(again)).status_code == 200
    assert not Demand.objects.exists()


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


# --- nobody is known -----------------------------------------------------------------------------------------------


def test_staff_who_are_logged_in_are_nobody_here(cast: Cast, point: IntakePoint, client_for) -> None:
    staff = client_for(cast.staff)
    before = LogEntry.objects.count()
    page = text(staff.get(order_url(point)))
    assert "周小雨" not in page and "退出" not in page
    code = told(send(staff, order_url(point)))
    assert Demand.objects.get().created_by is None
    assert not LogEntry.objects.filter(actor=cast.staff, pk__gt=before).exists()
    assert "周小雨" not in text(staff.get(progress_url(code)))


def test_log_lines_hold_no_code(point: IntakePoint, phone: Client, caplog: pytest.LogCaptureFixture) -> None:
    from config.logs import scrub

    _, code = ordered(phone, point)
    for line in (f"GET /q/{code}/ 200", f'"POST /q/answer/{code}/ HTTP/1.1"', f"/q/{code.lower()} x/"):
        assert code.lower()[:4] not in scrub(line).lower() and "/q/…" in scrub(line)
    phone.get(f"/q/{code}x/")
    assert all(code not in scrub(record.getMessage()) for record in caplog.records)


def test_large_letters(point: IntakePoint, phone: Client) -> None:
    form = opened(phone, order_url(point))
    phone.post("/big-type/", form | {"big": "1", "next": order_url(point)})
    assert 'class="big-type"' in text(phone.get(order_url(point)))


def test_categories_that_offices_added_are_offered_and_retired_ones_not(
    point: IntakePoint, phone: Client
) -> None:
    lists.category("新类", "宠物")
    lists.category("房屋设施", "路灯", is_retired=True)
    page = text(phone.get(order_url(point)))
    assert 'value="新类/宠物"' in page and 'value="房屋设施/路灯"' not in page
    assert send(phone, order_url(point)).status_code == 422
