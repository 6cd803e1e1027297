"""Hostile words through every form and address of the demand loop: no error of ours, nothing printed unescaped.

Forms are read from the pages themselves, so that a new field is tried without being named here.
"""

from __future__ import annotations

import pytest

from tests.demands.planted_world import World
from tests.hostile_forms import WORDS, fields_of, filled, send

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# Who has the most forms, and who has none.
PARTS = ("secretary", "liaison", "station", "foreign_liaison", "anonymous")
# A form refuses by what is typed, not by who types: the secretary tries every word on three rows of each kind, the others those
# that have broken something before on two.
FEW = ("markup", "formula", "long", "digits", "far", "null")
# Deeds that are a button: what a hand-made request might send along.
GUESSED = (
    "reason",
    "note",
    "until",
    "due_on",
    "member",
    "state",
    "answer",
    "on",
    "via",
    "pk",
    "next",
    "form_key",
)


def some(urls: list[str], part: str) -> list[str]:
    """One of the furnished and one or two of the planted: deeds differ by state, hostile words hardly."""
    between = [urls[len(urls) // 2]] if part == "secretary" else []
    return list(dict.fromkeys([urls[0], *between, urls[-1]]))


@pytest.mark.parametrize("part", PARTS)
def test_no_form_breaks_on_hostile_words(part: str, world: World) -> None:
    tried = 0
    tries = list(WORDS.values()) if part == "secretary" else [WORDS[word] for word in FEW]
    for route in world.routes():
        urls = world.addresses(route) if route.startswith("demands:") else []
        for url in some(urls, part) if urls else []:
            page = world.client(part).get(url)
            body = b"" if page.streaming else page.content
            fields = fields_of(body.decode("utf-8", "replace")) if page.status_code == 200 else {}
            if page.status_code in (302, 403, 404):
                continue  # not this person's: the access matrix has it
            fields = fields or dict.fromkeys(GUESSED, ("text", ""))
            for number, words in enumerate(tries):
                for data in filled(fields, words)[number % 2 :: 2] if number > 3 else filled(fields, words):
                    send(world, part, "post", url, data)
                    tried += 1
    assert tried > {"secretary": 300, "anonymous": 25}.get(part, 80)


@pytest.mark.parametrize("part", ["secretary", "liaison", "county", "anonymous"])
def test_no_address_breaks_on_hostile_questions(part: str, world: World) -> None:
    names = (
        "state", "late", "extension", "follow", "since", "until", "by", "place", "station", "alliance", "member", "kind",
        "source", "group", "urgency", "verdict", "method", "after", "before", "page", "day", "side", "resource", "q", "into",
    )  # fmt: skip
    for route in world.routes():
        if route.startswith("demands:") and (urls := world.addresses(route)):
            for words in WORDS.values():
                if len(words) < 1000:
                    send(world, part, "get", urls[0], dict.fromkeys(names, words))


@pytest.mark.parametrize("number", ["0", "9" * 19, "9" * 40])
def test_numbers_that_no_database_holds_are_not_found(number: str, world: World) -> None:
    for route, arguments in world.arguments.items():
        if route.startswith("demands:") and set(arguments) == {"pk"}:
            url = world.addresses(route)[0].replace(f"/{arguments['pk']}/", f"/{number}/")
            for method in ("get", "post"):
                assert send(world, "secretary", method, url, {}).status_code in (404, 405), url


def test_codes_and_bodies_that_are_none(world: World) -> None:
    for code in (
        "%3Cimg%20src=x%3E",
        "%00",
        "A" * 300,
        "%F0%9F%92%A5",
        "..%2F..%2Fetc",
        "%FF%FE",
        "０１２３",
    ):
        for base in ("/d/{}/", "/d/{}/venues/", "/q/{}/", "/q/answer/{}/", "/q/venue/{}/"):
            for method in ("get", "post"):
                assert send(world, "anonymous", method, base.format(code), {}).status_code in (
                    200,
                    400,
                    404,
                    405,
                )
    assert world.planted.point
    form = "application/x-www-form-urlencoded"
    for body in (b"content=%ff%fe&category=%00", b"content=" + b"%" * 500, b"&&&===&", b"\xff\xfe" * 100):
        url = f"/d/{world.planted.point.code}/"
        assert send(world, "anonymous", "post", url, body, content_type=form).status_code in (200, 400, 422)
