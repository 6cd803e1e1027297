"""Hostile words for every form and address, and the reading of forms from the pages themselves, so that a new field is tried
without being named anywhere."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction

from tests.demands.planted_world import World

MARKUP = "<img src=x onerror=alert(1)>"
WORDS = {
    "markup": MARKUP,
    "sql": "'; DROP TABLE demands_demand; --",
    "template": "{{ 7*7 }}{% debug %}",
    "formula": '=HYPERLINK("http://example.com","x")',
    "long": "长" * 20_000,
    "digits": "9" * 40,
    "minus": "-1",
    "float": "1e309",
    "nan": "NaN",
    "date": "2026-02-30",
    "far": "9999-12-31",
    "zero": "0000-00-00",
    "null": "a\x00b",
    "marks": "\u202e\u200b\ufeff\u2028",
    "emoji": "\U0001f4a5" * 250,
    "blank": " \u3000\t\r\n",
}
CONTROL = re.compile(r"<(input|select|textarea)\b([^>]*)>(.*?)(?=<(?:input|select|textarea)\b|$)", re.S)
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')
OPTION = re.compile(r'<option value="([^"]+)"')


def fields_of(page: str) -> dict[str, tuple[str, str]]:
    """Name → (kind, a value that the form takes) of every control of a page."""
    found: dict[str, tuple[str, str]] = {}
    for tag, inner, after in CONTROL.findall(page):
        attributes = dict(ATTRIBUTE.findall(inner))
        name, value = attributes.get("name", ""), attributes.get("value", "")
        if not name or name == "csrfmiddlewaretoken":
            continue
        kind = attributes.get("type", tag)
        if tag == "select":
            options = OPTION.findall(after)
            value = options[0] if options else ""
        if name not in found or (kind in ("radio", "checkbox") and not found[name][1]):
            found[name] = (kind, value)
    return found


def filled(fields: dict[str, tuple[str, str]], words: str) -> tuple[dict[str, str], dict[str, str]]:
    """All controls hostile; and only those that are typed, the choices as offered, which gets further in."""
    chosen = ("radio", "checkbox", "select", "hidden")
    return (
        dict.fromkeys(fields, words),
        {name: value if kind in chosen else words for name, (kind, value) in fields.items()},
    )


def send(world: World, part: str, method: str, url: str, data: Any, **extra: Any) -> Any:
    """One request and, where it leads somewhere, the page there; undone."""
    with transaction.atomic():
        client = world.client(part)
        response = getattr(client, method)(url, data, **extra)
        target = response.headers.get("Location", "")
        pages = [response, *([client.get(target)] if target.startswith("/") else [])]
        bodies = [b"".join(page.streaming_content) if page.streaming else page.content for page in pages]
        transaction.set_rollback(True)
    codes = [page.status_code for page in pages]
    assert max(codes) < 500, (part, method, url, data if len(str(data)) < 500 else str(data)[:500], codes)
    assert not any(MARKUP.encode() in body for body in bodies), (part, method, url)
    return response
