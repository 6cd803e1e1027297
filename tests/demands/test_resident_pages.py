"""Residents' orders at a door and what guards them: no account, no script, nothing personal shown; every refusal is a page."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alliances.models import LogEntry, Message
from demands.models import Author, Category, Demand, IntakePoint
from demands.services import intake
from tests.cast import Cast
from tests.demands.resident_forms import (
    WORDS,
    door,
    heading,
    opened,
    order_url,
    ordered,
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


@pytest.mark.parametrize("name", ["张阿姨，3栋", "张*", "方小超/李大明"])
def test_a_name_is_one_name(point: IntakePoint, phone: Client, name: str) -> None:
    refused = send(phone, order_url(point), **CONTACT | {"name": name})
    assert refused.status_code == 422 and "只写怎么称呼" in text(refused) and name in text(refused)
    assert not Demand.objects.exists()


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


# --- nobody is known -----------------------------------------------------------------------------------------------


def test_staff_who_are_logged_in_are_nobody_here(cast: Cast, point: IntakePoint, client_for) -> None:
    staff = client_for(cast.staff)
    before = LogEntry.objects.latest("pk").pk
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
