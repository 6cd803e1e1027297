"""Residents' pages: light, without account or script; a code or a phone votes once; every refusal is a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alliances import clock
from alliances.models import User
from evaluations.models import Ballot, ResidentCode, Round
from evaluations.selectors.rounds import ballot_rows
from evaluations.services import ballots, codes, rounds
from evaluations.views.resident_ballots import BROWSER, WRONG_DRAWS
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring
from tests.evaluations.ballot_forms import answers, code_url, draw, hidden, opened, venue_url, vote

ClientFor = Callable[[User | None], Client]
TYPED = "/b/"
THANKS = "/b/thanks/"
GUESS = "ABCDE-23456-FGHJK"


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


@pytest.fixture
def round(cast: Cast, frozen: Frozen) -> Round:
    frozen.to("2026-03-20T18:00")
    return scoring.open_round(cast)


@pytest.fixture
def code(cast: Cast, round: Round) -> str:
    return codes.print_slips(round, 1, actor=cast.staff)[0]


@pytest.fixture
def phone() -> Client:
    """Somebody's phone, which knows nothing and checks the forms' tokens as a browser does."""
    return Client(enforce_csrf_checks=True)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def heading(answer: Any) -> str:
    found = re.search(r"<h1>(.*?)</h1>", text(answer))
    assert found, text(answer)
    return found[1]


# --- by code ------------------------------------------------------------------------------------------------------


def test_a_resident_votes_on_one_page_and_is_thanked_without_scores(
    round: Round, code: str, phone: Client
) -> None:
    page = text(phone.get(code_url(code)))
    assert page.count('type="radio"') == 9 * 6
    assert "春季义诊进小区" in page and "清风小区广场" in page
    answer = vote(phone, code_url(code), "54321", "5043")
    assert (answer.status_code, answer.headers["Location"]) == (302, THANKS)
    thanks = text(phone.get(THANKS))
    assert "评议已收到" in thanks and code not in thanks and "radio" not in thanks
    assert ballot_rows([round.pk], "activity")["residents"] == [
        {"theme": 20, "planning": 16, "cooperation": 12, "attendance": 6, "effect": 5}
    ]
    assert ballot_rows([round.pk], "chair")["residents"] == [
        {"notice": 25, "seminar": None, "liaison": 20, "style": 15}
    ]


def test_the_page_is_light_and_needs_no_script(code: str, phone: Client) -> None:
    page = phone.get(code_url(code)).content
    assert len(page) <= 12 * 1024
    assert b"<script" not in page and b"bootstrap" not in page
    assert re.findall(rb'<(?:link|img|script)[^>]+(?:href|src)="([^"]+)"', page) == [
        b"/static/site/mark.svg",
        b"/static/site/ballot.css",
    ]


def test_a_page_of_the_longest_rubric_stays_light(cast: Cast, round: Round, code: str, phone: Client) -> None:
    items = [
        {"key": f"item{n}", "title": "二十个字的评议项目名称二十个字的评议项目", "weight": 10}
        for n in range(10)
    ]
    Round.objects.filter(pk=round.pk).update(activity_items=items, chair_items=items)
    assert len(phone.get(code_url(code)).content) <= 24 * 1024


def test_looking_changes_nothing(round: Round, code: str, phone: Client) -> None:
    for url in (code_url(code), venue_url(round), TYPED, THANKS):
        with CaptureQueriesContext(connection) as found:
            for _ in range(3):
                assert phone.get(url).status_code == 200
        assert not [q["sql"] for q in found if not q["sql"].startswith("SELECT")]
    assert ResidentCode.objects.filter(used_at=None).count() == ResidentCode.objects.count() == 1


def test_the_chair_can_be_left_out(round: Round, code: str, phone: Client) -> None:
    assert vote(phone, code_url(code), "44444", None).status_code == 302
    assert ballot_rows([round.pk], "activity")["residents"] == [
        {"theme": 16, "planning": 16, "cooperation": 16, "attendance": 12, "effect": 20}
    ]
    assert ballot_rows([round.pk], "chair")["residents"] == []


def test_a_resident_can_abstain(round: Round, code: str, phone: Client) -> None:
    form = opened(phone, code_url(code)) | {"abstain": "1", "activity-theme": "5"}
    assert phone.post(code_url(code), form).status_code == 302
    assert ballot_rows([round.pk], "activity")["residents"] == [dict.fromkeys(scoring.ACTIVITY)]


def test_missing_answers_are_named_and_what_was_tapped_stays(round: Round, code: str, phone: Client) -> None:
    form = opened(phone, code_url(code)) | answers("43210", "")
    answer = phone.post(code_url(code), form)
    assert answer.status_code == 422
    assert "还有 4 项没有选，已选的都在" in text(answer)
    assert text(answer).count(" checked") == 5
    assert hidden(text(answer))["form_key"] == form["form_key"]
    assert not ResidentCode.objects.filter(used_at__isnull=False).exists()


@pytest.mark.parametrize("value", ["6", "-1", "20", "5.0", "", "5\0", "x" * 10_000])
def test_what_no_button_sends_is_refused(code: str, phone: Client, value: str) -> None:
    assert vote(phone, code_url(code), **{"chair-style": value}).status_code == 422
    assert not Ballot.objects.exists()


def test_fields_beside_the_rubric_are_left_out_of_account(round: Round, code: str, phone: Client) -> None:
    more = {"activity-extra": "5", "group": "units", "source": "paper"}
    assert vote(phone, code_url(code), **more).status_code == 302
    assert list(Ballot.objects.values_list("group", "source")) == [("residents", "screen")] * 2
    assert set(ballot_rows([round.pk], "activity")["residents"][0]) == set(scoring.ACTIVITY)


def test_the_same_form_again_gets_the_same_answer_and_another_is_refused(
    code: str, phone: Client, frozen: Frozen
) -> None:
    form = opened(phone, code_url(code)) | answers("55555", "5555")
    for _ in range(3):
        assert phone.post(code_url(code), form).headers["Location"] == THANKS
    again = phone.post(code_url(code), form | {"form_key": "another-form-of-16"})
    assert (again.status_code, heading(again)) == (409, "已经评过了")
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    assert phone.post(code_url(code), form).headers["Location"] == THANKS  # sent again from a pocket
    assert Ballot.objects.count() == 2


def test_a_vote_needs_the_forms_token(code: str, phone: Client) -> None:
    form = opened(phone, code_url(code)) | answers("55555", "5555")
    del form["csrfmiddlewaretoken"]
    answer = phone.post(code_url(code), form)
    assert answer.status_code == 403
    assert "重新扫一次" in text(answer) and "登录" not in text(answer)
    assert not Ballot.objects.exists()


def test_large_letters(code: str, phone: Client) -> None:
    page = text(phone.get(code_url(code)))
    assert 'action="/big-type/"' in page and f'name="next" value="{code_url(code)}"' in page
    phone.post("/big-type/", hidden(page) | {"big": "1", "next": code_url(code)})
    assert 'class="big-type"' in text(phone.get(code_url(code)))


# --- at the venue -------------------------------------------------------------------------------------------------


def test_a_phone_draws_one_code_and_votes_once(round: Round, phone: Client) -> None:
    page = phone.get(venue_url(round))
    cookie = phone.cookies[BROWSER]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/b/")
    assert int(cookie["max-age"]) > 300 * 24 * 3600
    assert text(page).count("<button") == 2  # 开始评议, 大字版
    assert not ResidentCode.objects.exists()
    form = hidden(text(page))
    addresses = {phone.post(venue_url(round), form).headers["Location"] for _ in range(3)}
    assert len(addresses) == 1
    assert ResidentCode.objects.count() == 1
    (ballot,) = addresses
    assert vote(phone, ballot).headers["Location"] == THANKS
    again = phone.post(venue_url(round), form)
    assert (again.status_code, heading(again)) == (409, "已经评过了")
    assert phone.cookies[BROWSER].value == cookie.value  # looking again keeps the phone's value
    assert cookie.value.split(":")[0] not in str(list(ResidentCode.objects.values()))


def test_every_phone_has_a_code_of_its_own(round: Round) -> None:
    addresses = {draw(Client(), round) for _ in range(5)}
    assert len(addresses) == ResidentCode.objects.count() == 5


def test_a_cookie_that_is_not_ours_draws_nothing(round: Round, phone: Client) -> None:
    token = hidden(text(phone.get(venue_url(round))))
    for value in ("", "mine", "mine:1abc:forged", "x" * 4000):
        phone.cookies[BROWSER] = value
        answer = phone.post(venue_url(round), token)
        assert (answer.status_code, heading(answer)) == (400, "没有评成")
        assert "允许浏览器保存数据" in text(answer)
    assert not ResidentCode.objects.exists()


def test_a_second_activity_of_the_month_asks_the_phone_about_the_chair_no_more(
    cast: Cast, round: Round, phone: Client
) -> None:
    assert vote(phone, draw(phone, round)).status_code == 302
    second = scoring.open_round(cast, title="第二场")
    page = text(phone.get(draw(phone, second)))
    assert "轮值主席当得" not in page and page.count('type="radio"') == 5 * 6
    assert vote(phone, draw(phone, second), "33333", "").status_code == 302


def test_the_venue_says_when_it_is_too_early_or_too_late(
    cast: Cast, round: Round, phone: Client, frozen: Frozen
) -> None:
    token = hidden(text(phone.get(venue_url(round))))
    early = rounds.prepare(scoring.held(cast, title="第二场", state="planned"))
    for answer in (phone.get(venue_url(early)), phone.post(venue_url(early), token)):
        assert (answer.status_code, heading(answer)) == (409, "还没有开始")
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    for answer in (phone.get(venue_url(round)), phone.post(venue_url(round), token)):
        assert (answer.status_code, heading(answer)) == (410, "评议已经截止")


def test_draws_without_a_cookie_are_limited_for_the_venue_and_phones_still_draw(round: Round) -> None:
    machine = Client()
    statuses = [machine.post(venue_url(round)).status_code for _ in range(WRONG_DRAWS.most + 2)]
    assert statuses == [400] * WRONG_DRAWS.most + [429] * 2
    assert draw(Client(), round)


# --- nobody is known ----------------------------------------------------------------------------------------------


def addresses(round: Round, code: str) -> list[str]:
    return [
        TYPED,
        THANKS,
        code_url(code),
        code_url(GUESS),
        venue_url(round),
        f"/b/at/{'x' * 43}/",
        "/b/no/such/",
    ]


def test_every_answer_below_b_is_kept_from_caches_lists_and_referrers(
    round: Round, code: str, phone: Client
) -> None:
    for url in addresses(round, code):
        for answer in (phone.get(url), phone.post(url), phone.put(url)):
            assert answer.headers["Cache-Control"] == "no-store", url
            assert answer.headers["Referrer-Policy"] == "strict-origin", url
            assert "noindex" in answer.headers["X-Robots-Tag"], url
            assert settings.SESSION_COOKIE_NAME not in answer.cookies, url


@pytest.mark.parametrize("part", ["secretary", "liaison", "administrator"])
def test_who_is_logged_in_is_not_known_below_b(
    cast: Cast, round: Round, code: str, client_for: ClientFor, part: str, settings: Any
) -> None:
    """Neither the name on the page nor the time in the session, nor the demand to change a password first."""
    settings.SECOND_FACTOR_REQUIRED = True
    user = getattr(cast, part)
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    client = client_for(user)
    with CaptureQueriesContext(connection) as found:
        for url in addresses(round, code):
            page = client.get(url)
            assert user.person.name not in text(page)
        assert vote(client, code_url(code)).headers["Location"] == THANKS
    assert not [q["sql"] for q in found if "django_session" in q["sql"] or "alliances_user" in q["sql"]]
    assert settings.SESSION_COOKIE_NAME in client.cookies  # and nobody was logged out
    assert client.cookies[settings.SESSION_COOKIE_NAME].value


def test_queries_of_the_pages(cast: Cast, round: Round, code: str, phone: Client) -> None:
    counted = {}
    for name, url in {
        "ballot": code_url(code),
        "venue": venue_url(round),
        "typed": TYPED,
        "thanks": THANKS,
    }.items():
        with CaptureQueriesContext(connection) as found:
            assert phone.get(url).status_code == 200
        counted[name] = len(found)
    assert counted == {"ballot": 2, "venue": 2, "typed": 0, "thanks": 0}
    form = opened(phone, code_url(code)) | answers("55555", "5555")
    with CaptureQueriesContext(connection) as found:
        phone.post(code_url(code), form)
    assert (
        len([q for q in found if "SAVEPOINT" not in q["sql"]]) == 5
    )  # twice the code, the round, the use, the ballots


def test_fifty_posts_of_one_form_make_one_ballot(round: Round, code: str, phone: Client) -> None:
    form = opened(phone, code_url(code)) | answers("55555", "5555")
    found = {phone.post(code_url(code), form).headers["Location"] for _ in range(50)}
    assert found == {THANKS}
    assert Ballot.objects.count() == 2


def test_the_twin_that_forgets_forms_gives_other_answers(
    round: Round, code: str, phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballots, "_same_form", lambda row, form_hash: False)
    form = opened(phone, code_url(code)) | answers("55555", "5555")
    assert {phone.post(code_url(code), form).status_code for _ in range(3)} == {302, 409}
