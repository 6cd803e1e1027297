"""QR codes on papers: kept as links, drawn when rendered, in every format."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from typing import Any

import pytest
import segno
from django.template.loader import render_to_string
from PIL import Image

from alliances.documents import PaperError, freeze, qr, to_docx, to_pdf, to_text, to_xlsx
from alliances.documents.drawing import draw
from alliances.documents.layout import OFFICIAL
from alliances.documents.paper import normalise

LINKS = [f"https://gongjian.example/b/7KQ2M-XA94C-PRT{n:02d}/" for n in range(3)]


def paper(links: list[str] = LINKS, **options: Any) -> dict[str, Any]:
    items = [{"link": link, "lines": ["请扫码", f"第{n}张"]} for n, link in enumerate(links, 1)]
    return {
        "kind": "test.codes",
        "layout": "form",
        "title": "评议码",
        "blocks": [{"type": "qr", "items": items, **options}],
    }


def modules(png: bytes) -> list[list[bool]]:
    """The dark modules of a code's picture, without the quiet zone."""
    picture = Image.open(io.BytesIO(png)).convert("L")
    scale = 6
    count = picture.width // scale
    rows = [
        [picture.getpixel((x * scale + 3, y * scale + 3)) < 128 for x in range(count)] for y in range(count)
    ]
    return [row[qr.BORDER : -qr.BORDER] for row in rows[qr.BORDER : -qr.BORDER]]


def expected(link: str) -> list[list[bool]]:
    return [[bool(module & 1) for module in row] for row in segno.make(link, error="m", micro=False).matrix]


def test_the_picture_is_the_code_of_the_link() -> None:
    for link in LINKS:
        assert modules(qr.png(link)) == expected(link)
    assert modules(qr.png(LINKS[0])) != expected(LINKS[1])


def test_a_paper_keeps_links_and_no_pictures() -> None:
    text, _ = freeze(paper())
    assert LINKS[0] in text
    assert "svg" not in text
    assert freeze(paper()) == freeze(paper())


@pytest.mark.parametrize("options", [{}, {"columns": 2}, {"columns": 1, "size": 70}])
def test_word_holds_every_picture_and_its_text(options: dict[str, int]) -> None:
    written = to_docx(paper(**options))
    assert written == to_docx(paper(**options))
    with zipfile.ZipFile(io.BytesIO(written)) as word:
        pictures = [word.read(name) for name in word.namelist() if name.startswith("word/media/")]
        text = word.read("word/document.xml").decode()
    assert sorted(map(modules, pictures)) == sorted(map(expected, LINKS))
    assert text.count("<w:drawing>") == len(LINKS)
    assert all(words in text for words in ("第1张", "第2张", "第3张"))


def test_pdf_is_drawn_and_the_same_every_time() -> None:
    assert to_pdf(paper(columns=2))[:4] == b"%PDF"
    assert to_pdf(paper(columns=2)) == to_pdf(paper(columns=2))
    assert len(to_pdf(paper(LINKS * 10, columns=2))) > len(to_pdf(paper(columns=2)))


def test_text_and_sheet_name_the_link() -> None:
    assert "请扫码\n第1张\n" + LINKS[0] in to_text(paper())
    with zipfile.ZipFile(io.BytesIO(to_xlsx(paper()))) as book:
        assert LINKS[2] in book.read("xl/sharedStrings.xml").decode()


def test_page_shows_the_picture_without_inline_code() -> None:
    html = render_to_string("documents/_paper.html", {"paper": paper(columns=2)})
    pictures = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    assert [modules(base64.b64decode(data)) for data in pictures] == [expected(link) for link in LINKS]
    assert "style=" not in html
    assert "paper-codes-two" in html


def test_hostile_links_and_lines_stay_text() -> None:
    evil = 'https://x.example/"><script>alert(1)</script>'
    html = render_to_string("documents/_paper.html", {"paper": paper([evil])})
    assert "<script>" not in html
    assert "<script>" not in qr.svg(evil)
    assert to_docx(paper([evil]))
    assert to_pdf(paper([evil]))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"items": []}, "at least 1"),
        ({"items": [{"link": "", "lines": []}]}, "link"),
        ({"items": [{"link": "x" * 301, "lines": []}]}, "link"),
        ({"items": [{"link": "x"}]}, "lines is missing"),
        ({"items": ["x"]}, "link and lines"),
        ({"columns": 3}, "one or two"),
        ({"size": 10}, "20 to 100"),
        ({"size": "30"}, "whole number"),
    ],
)
def test_what_is_no_code_is_refused(change: dict[str, Any], sentence: str) -> None:
    content = paper()
    content["blocks"][0].update(change)
    with pytest.raises(PaperError, match=sentence):
        to_docx(content)


def test_a_poster_has_its_words_under_the_code() -> None:
    poster = paper(LINKS[:1], size=100)
    (item,) = [item for item in draw(normalise(poster), OFFICIAL)["items"] if item["kind"] == "qr"]
    assert item["stacked"]
    assert item["height"] > 100 + 2 * 20 * 0.35  # the code and two lines of 20 points
    with zipfile.ZipFile(io.BytesIO(to_docx(poster))) as word:
        assert word.read("word/document.xml").decode().count("<w:tc>") == 1
    assert to_pdf(poster)[:4] == b"%PDF"
    assert "paper-codes-poster" in render_to_string("documents/_paper.html", {"paper": poster})


def test_a_paper_for_a_wall_is_large_on_one_page() -> None:
    fields = {
        "type": "fields",
        "rows": [["能提什么", "有困难、有心愿，都可以说。" * 8], ["怎么提", "扫码。"]],
    }
    wall = {**paper(LINKS[:1], size=98), "wall": True}
    wall["blocks"] = [*wall["blocks"], fields]
    drawing = draw(normalise(wall), OFFICIAL)
    sizes = {item["kind"]: item.get("size") for item in drawing["items"]}
    (code,) = [item for item in drawing["items"] if item["kind"] == "qr"]
    assert drawing["page"]["left"] < OFFICIAL.margin_left
    assert (code["size"], code["text"]) == (98, 28)
    assert sizes["grid"] >= 14
    ordinary = draw(normalise({**wall, "wall": False}), OFFICIAL)
    assert ordinary["page"]["left"] == OFFICIAL.margin_left
    assert to_pdf(wall)[:4] == b"%PDF"
    assert to_docx(wall) == to_docx(wall)


def test_a_page_may_begin_with_the_title_again() -> None:
    sheets = paper()
    sheets["blocks"] = [*sheets["blocks"], {"type": "pagebreak", "again": True}, *sheets["blocks"]]
    titles = [item for item in draw(normalise(sheets), OFFICIAL)["items"] if item.get("role") == "title"]
    assert [title["lines"] for title in titles] == [["评议码"]] * 2


def test_every_sheet_of_a_form_fits_its_page() -> None:
    """Two sheets that fit one page each are not squeezed onto one, and each is filled for itself."""
    fields = {"type": "fields", "rows": [[f"第{n}项", "内容"] for n in range(15)]}
    one = {**paper(), "blocks": [fields]}
    two = {**paper(), "blocks": [fields, {"type": "pagebreak"}, fields]}
    single = [item for item in draw(normalise(one), OFFICIAL)["items"] if item["kind"] == "grid"]
    grids = [item for item in draw(normalise(two), OFFICIAL)["items"] if item["kind"] == "grid"]
    assert [grid["size"] for grid in grids] == [single[0]["size"]] * 2
