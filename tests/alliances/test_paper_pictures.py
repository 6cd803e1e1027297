"""Pictures on papers: checked, sized, in every format that can carry them, and nothing of a person's words as markup."""

from __future__ import annotations

from typing import Any

import pytest
from django.template.loader import render_to_string

from alliances.documents import PaperError, freeze, to_docx, to_pdf, to_text, to_xlsx
from alliances.documents.drawing import draw
from alliances.documents.figures import PICTURE_HEIGHT
from alliances.documents.layout import OFFICIAL
from alliances.documents.pictures import picture_item
from tests.pictures import jpeg, png


def item(size: tuple[int, int] = (120, 80), text: str = "现场") -> dict[str, Any]:
    found = picture_item(jpeg(size), text)
    assert found
    return found


def paper(*items: dict[str, Any], layout: str = "form") -> dict[str, Any]:
    blocks = [{"type": "note", "text": "附照片。"}, {"type": "pictures", "items": list(items)}]
    return {"kind": "test", "layout": layout, "title": "活动记录", "blocks": blocks}


@pytest.mark.parametrize("layout", ["form", "official"])
def test_every_format_takes_them_and_says_the_same_twice(layout: str) -> None:
    given = paper(item(), item((80, 200), '<b>"现场"</b>'), item((900, 100)), layout=layout)
    assert to_docx(given) == to_docx(given)
    assert to_pdf(given) == to_pdf(given)
    assert to_xlsx(given)[:2] == b"PK"
    assert "base64" not in to_text(given)
    freeze(given)
    html = render_to_string("documents/_paper.html", {"paper": given})
    assert html.count('src="data:image/jpeg;base64,') == 3
    assert "<b>" not in html
    assert "&lt;b&gt;" in html


def test_rows_keep_their_room() -> None:
    drawing = draw(paper(item((80, 800)), item((800, 80)), item()), OFFICIAL)
    row = next(entry for entry in drawing["items"] if entry["kind"] == "pictures")
    assert all(cell["high"] <= PICTURE_HEIGHT + 0.01 for cell in row["cells"])
    assert sum(cell["width"] for cell in row["cells"]) <= 170
    for cell, ratio in zip(row["cells"], (0.1, 10, 1.5), strict=True):
        assert cell["width"] / cell["high"] == pytest.approx(ratio, rel=0.02)


@pytest.mark.parametrize(
    "wrong",
    [
        {"jpeg": 'x"/><script>'},
        {"jpeg": ""},
        {"width": 0},
        {"height": -1},
        {"width": "80"},
        {"text": None},
        {"more": 1},
    ],
)
def test_what_is_no_picture_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(PaperError):
        freeze(paper({**item(), **wrong}))


def test_none_and_too_many_are_refused() -> None:
    for items in ([], [item()] * 4):
        with pytest.raises(PaperError):
            freeze(paper(*items))


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff no picture", png(), jpeg()[:-300]])
def test_file_that_cannot_be_opened_gives_no_picture(content: bytes) -> None:
    assert picture_item(content, "现场") is None
