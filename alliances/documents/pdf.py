"""PDF by typst: one template reads the drawing as JSON, so no text of a user ever becomes typst source.

Fonts: the offices' own (方正小标宋, 仿宋_GB2312 … if their files lie in the folder ``PAPER_FONTS_DIR``), else the open
Noto Serif SC and Noto Sans SC of ``pylopdf-fonts-zh-cn``, embedded as subsets. System fonts are ignored, so that
the same paper gives the same bytes on every machine with the same font files.
"""

import json
import threading
from pathlib import Path
from typing import Literal

import pylopdf_fonts_zh_cn as open_fonts
import typst
from django.conf import settings

from alliances.documents import qr
from alliances.documents.drawing import draw
from alliances.documents.grids import Item
from alliances.documents.layout import OFFICIAL, OfficialLayout
from alliances.documents.paper import Paper, normalise, validate

TEMPLATE = Path(__file__).with_name("paper.typ")
PIXELS = 220  # an inch, of pictures in Word
SERIF, SANS = "Noto Serif SC", "Noto Sans SC"

_lock = threading.Lock()
_compiler: typst.Compiler | None = None


def to_pdf(paper: Paper, options: OfficialLayout = OFFICIAL) -> bytes:
    """The paper as PDF with embedded fonts and selectable text. Raises PaperError."""
    paper = normalise(paper)
    validate(paper)
    drawing = draw(paper, options)
    drawing["layout"] = paper["layout"]
    for item in drawing["items"]:
        if item["kind"] == "qr":
            for cell in item["cells"]:
                cell["svg"] = qr.svg(cell["link"])
        elif item["kind"] == "pictures":
            for cell in item["cells"]:
                cell["svg"] = _framed(cell)
    return _compiled(drawing, options, "pdf")


def to_png(svg: str, width: float, height: float, options: OfficialLayout = OFFICIAL) -> bytes:
    """A drawing of ``width`` x ``height`` mm as a picture for Word, with the fonts of the papers."""
    page = {"width": width, "height": height, "top": 0, "right": 0, "bottom": 0, "left": 0}
    chart = {"kind": "chart", "svg": svg, "width": width, "height": height, "text": ""}
    drawing = {
        "kind": "chart",
        "layout": "form",
        "title": "",
        "page": page,
        "page_numbers": False,
        "items": [chart],
    }
    return _compiled(drawing, options, "png")


def _compiled(drawing: Item, options: OfficialLayout, kind: Literal["pdf", "png"]) -> bytes:
    drawing["number_size"], drawing["number_drop"] = options.number_size, options.number_drop
    drawing["cell_padding"] = options.cell_padding
    drawing["fonts"] = {
        "title": [options.title_font, SERIF],
        "body": [options.body_font, SERIF],
        "heading": [options.heading_font, SANS],
        "subheading": [options.subheading_font, SERIF],
        "number": [options.number_font, SERIF],
    }
    inputs = {"paper": json.dumps(drawing, ensure_ascii=False)}
    # One compiler for all threads: it keeps the fonts and is not made for use by two at once.
    with _lock:
        written = _the_compiler().compile(format=kind, ppi=PIXELS, sys_inputs=inputs, timestamp=0)
    if not isinstance(written, bytes):
        raise TypeError(f"typst gave no {kind}")
    return written


def _framed(cell: Item) -> str:
    """The JPEG as the only thing inside an SVG: base64 of checked letters, nothing of a person's words."""
    size = f'width="{cell["width"]:.2f}" height="{cell["high"]:.2f}"'
    source = f"data:image/jpeg;base64,{cell.pop('jpeg')}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><image {size} href="{source}"/></svg>'


def _the_compiler() -> typst.Compiler:
    global _compiler
    if _compiler is None:
        folders = [str(open_fonts.serif_path().parent)]
        own = settings.PAPER_FONTS_DIR
        if own and Path(own).is_dir():
            folders.insert(0, own)
        _compiler = typst.Compiler(
            str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=folders, ignore_system_fonts=True
        )
    return _compiler
