"""Why a resident's ballot was not taken: used, lost, early, late, guessed codes, each a page with its status and words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from alliances import clock
from evaluations.models import Ballot, ResidentCode, Round
from evaluations.services import codes, rounds
from evaluations.views import resident_ballots
from evaluations.views.resident_ballots import WRONG_CODES
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring
from tests.evaluations.ballot_forms import answers, code_url, opened, vote

TYPED = "/b/"
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


# --- refusals -----------------------------------------------------------------------------------------------------


def test_every_refusal_has_its_page_status_and_words(cast: Cast, frozen: Frozen, phone: Client) -> None:
    frozen.to("2026-03-19T10:00")
    prepared = rounds.prepare(scoring.held(cast, state="planned"))
    used, lost, late = codes.print_slips(prepared, 3, actor=cast.staff)
    seen = {}

    def refusal(url: str, status: int) -> None:
        for answer in (phone.get(url), phone.post(url, token | answers("55555", "5555"))):
            assert answer.status_code == status, text(answer)
            assert "no-store" in answer.headers["Cache-Control"]
        found = re.search(r"<h1>(.*?)</h1>\s*<p>(.*?)</p>", text(answer))
        assert found
        seen[heading(answer)] = found[2]

    token = opened(phone, TYPED)
    refusal(code_url(used), 409)  # not begun
    assert set(seen) == {"还没有开始"}
    frozen.to("2026-03-20T10:00")
    rounds.open_early(prepared, actor=cast.staff)
    assert vote(phone, code_url(used)).status_code == 302
    refusal(code_url(used), 409)
    ResidentCode.objects.filter(code_hash=codes.hash_code(lost)).update(is_void=True)
    refusal(code_url(lost), 410)
    refusal(code_url(GUESS), 404)
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    refusal(code_url(late), 410)
    type(prepared.activity).objects.filter(pk=prepared.activity_id).update(state="cancelled")
    refusal(code_url(late), 410)
    assert set(seen) == {
        "还没有开始",
        "已经评过了",
        "评议码已作废",
        "评议码不对",
        "评议已经截止",
        "活动已取消",
    }
    assert len(set(seen.values())) == 6
    assert Ballot.objects.count() == 2


def test_each_kind_of_refusal_has_a_title() -> None:
    from evaluations import errors

    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type)} - {
        errors.BallotRefused,
        errors.OfficeError,
    }
    assert kinds == set(resident_ballots.TITLES)


@pytest.mark.parametrize(
    "guess",
    [
        GUESS,
        "x",
        "7" * 10_000,
        "%2e%2e%2f",
        "<script>",
        "' OR 1=1 --",
        "评议码",
        "ﷺ" * 90,
        "at",
        "{{ 7*7 }}",
        "\u202e" * 50,
    ],
)
def test_a_guess_is_a_page_that_tells_nothing(round: Round, code: str, phone: Client, guess: str) -> None:
    pages = [phone.get(reverse("evaluations:resident-ballot", args=[tried])) for tried in (guess, GUESS)]
    assert [(page.status_code, heading(page)) for page in pages] == [(404, "评议码不对")] * 2
    assert len({re.sub(r' value="[^"]*"', "", text(page)) for page in pages}) == 1


def test_nul_in_an_address_or_a_field(round: Round, phone: Client) -> None:
    assert phone.get("/b/AB%00CD/").status_code == 400
    assert phone.get("/b/at/AB%00CD/").status_code == 400
    answer = phone.post(TYPED, opened(phone, TYPED) | {"code": "AB\0CD"})
    assert answer.status_code == 422


def test_foreign_things_are_no_codes_and_no_venues(
    cast: Cast, round: Round, code: str, phone: Client
) -> None:
    """A code is no venue, a venue no code; neither says whether it is something else's."""
    assert phone.get(f"/b/{round.venue_token}/").status_code == 404
    wrong = phone.get(f"/b/at/{code}/")
    assert (wrong.status_code, heading(wrong)) == (404, "评议码不对")
    assert phone.post(f"/b/at/{code}/", opened(phone, TYPED)).status_code == 404
    assert ResidentCode.objects.count() == 1


def test_guessing_is_answered_429_after_a_while_and_right_codes_still_vote(cast: Cast, round: Round) -> None:
    """A whole square shares one address: what one joker does must not shut out the others."""
    many = codes.print_slips(round, 40, actor=cast.staff)
    joker = Client(REMOTE_ADDR="198.51.100.7")
    statuses = [joker.get(code_url(codes.new_code())).status_code for _ in range(WRONG_CODES.most)]
    statuses += [joker.get(f"/b/at/{'x' * 43}/").status_code, joker.get(code_url(GUESS)).status_code]
    statuses += [joker.post(TYPED, {"code": GUESS}).status_code, joker.post(code_url(GUESS)).status_code]
    assert statuses == [404] * WRONG_CODES.most + [429] * 4
    assert "10 分钟" in text(joker.get(code_url(GUESS)))
    for code in many:
        assert vote(Client(REMOTE_ADDR="198.51.100.7"), code_url(code)).status_code == 302
    assert joker.get(code_url(GUESS)).status_code == 429
    assert Client(REMOTE_ADDR="198.51.100.8").get(code_url(GUESS)).status_code == 404
    assert Ballot.objects.filter(subject="activity").count() == 40


def test_right_codes_never_count_as_tries(cast: Cast, round: Round) -> None:
    square = Client(REMOTE_ADDR="198.51.100.9")
    for code in codes.print_slips(round, WRONG_CODES.most + 5, actor=cast.staff):
        assert vote(square, code_url(code)).status_code == 302
        assert square.get(code_url(code)).status_code == 409  # looked at again: nobody guessed
    assert square.get(code_url(GUESS)).status_code == 404


def test_an_invented_address_does_not_help(round: Round) -> None:
    for n in range(WRONG_CODES.most):
        Client(REMOTE_ADDR="198.51.100.9", HTTP_X_FORWARDED_FOR=f"203.0.113.{n}").get(code_url(GUESS))
    assert Client(REMOTE_ADDR="198.51.100.9").get(code_url(GUESS)).status_code == 429


def test_the_twin_that_counts_nothing_never_says_429(round: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(WRONG_CODES), "note", lambda self, key: None)
    statuses = {Client().get(code_url(GUESS)).status_code for _ in range(WRONG_CODES.most + 5)}
    assert statuses == {404}


# --- typed by hand ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["{0}", "  {0} ", "{1}", "{2}", "{3}"])
def test_a_code_typed_by_hand_leads_to_its_ballot(code: str, phone: Client, shape: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    typed = shape.format(code, code.lower(), code.replace("-", ""), wide)
    answer = phone.post(TYPED, opened(phone, TYPED) | {"code": typed})
    assert (answer.status_code, answer.headers["Location"]) == (302, code_url(code))


@pytest.mark.parametrize(
    ("typed", "status"), [("", 422), (GUESS, 404), ("x" * 61, 422), ("x" * 10_000, 422), ("<b>", 404)]
)
def test_a_wrong_code_comes_back_with_what_was_typed(
    round: Round, phone: Client, typed: str, status: int
) -> None:
    answer = phone.post(TYPED, opened(phone, TYPED) | {"code": typed})
    assert answer.status_code == status
    assert "ballot-error" in text(answer)
    assert "<b>" not in text(answer).replace("<b>活动评议</b>", "")
    if typed == GUESS:
        assert f'value="{GUESS}"' in text(answer)
