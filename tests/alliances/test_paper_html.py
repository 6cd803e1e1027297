"""The paper on the screen: the Django template over every kind of block, with hostile texts as text."""

import copy
from html.parser import HTMLParser
from typing import Any

import pytest
from django.template.loader import render_to_string

from tests.alliances.papers_cast import REPORT, SLIP, YEAR, hostile

VOID = {"br", "hr", "img"}


class Outline(HTMLParser):
    """Tags in order with their attributes; fails on a tag that is closed wrongly."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def render(paper: dict[str, Any]) -> Outline:
    return Outline(render_to_string("documents/_paper.html", {"paper": paper}))


@pytest.mark.parametrize("paper", [SLIP, YEAR, REPORT, hostile()], ids=["slip", "year", "report", "hostile"])
def test_html_is_well_formed_semantic_and_without_inline_style(paper: dict[str, Any]) -> None:
    page = render(paper)
    assert {"style", "script", "a"}.isdisjoint(tag for tag, _ in page.tags)
    pictures = [attributes for tag, attributes in page.tags if tag == "img"]
    assert all(picture["src"].startswith("data:image/png;base64,") and picture["alt"] for picture in pictures)
    assert not [attributes for _, attributes in page.tags if "style" in attributes]
    headers = [attributes for tag, attributes in page.tags if tag == "th"]
    assert headers
    assert {header.get("scope") for header in headers} <= {"col", "row"}


def test_html_holds_every_text_of_the_paper() -> None:
    text = "".join(render(REPORT).text.split())
    for expected in (
        "签发人：李燕红",
        "城关街道党工委：",
        "（1）按时签收",
        "县书法家协会",
        "附件2",
        "请于三日内交回。",
        "审核人：",
    ):
        assert expected in text


def test_html_shows_markup_in_names_as_text() -> None:
    paper = copy.deepcopy(SLIP)
    name = "<script>alert(1)</script>&amp;"
    paper["title"] = paper["number"] = name
    for block in paper["blocks"]:
        if "text" in block:
            block["text"] = name
    paper["blocks"][3]["rows"][0][0] = paper["blocks"][2]["rows"][0][0] = name
    page = render(paper)
    assert "script" not in {tag for tag, _ in page.tags}
    assert page.text.count(name) == 7
