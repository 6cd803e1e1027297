"""A Word file as the format test measures it: paragraphs with fonts, sizes and indents in points and characters."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TWIPS = 1440 / 25.4  # a millimetre


@dataclass(frozen=True)
class Line:
    """A paragraph of the body. Sizes and pitch in points; ``first``, ``left``, ``right`` in characters."""

    text: str
    font: str
    size: float
    align: str
    pitch: float
    before: float
    first: float
    left: float
    right: float
    hang: float
    new_page: bool
    color: str
    rule: str


class Word:
    """Everything the test asks of a .docx."""

    def __init__(self, content: bytes) -> None:
        self.archive = zipfile.ZipFile(io.BytesIO(content))
        self.root = self.part("word/document.xml")
        body = self.root.find(f"{W}body")
        assert body is not None
        self.lines = [_line(p) for p in body.findall(f"{W}p")]
        self.sections = list(self.root.iter(f"{W}sectPr"))

    def part(self, name: str) -> ElementTree.Element:
        return ElementTree.fromstring(self.archive.read(name))

    def measure(self, tag: str, name: str) -> float:
        """Of the only section's page or margins, in mm."""
        (section,) = self.sections
        element = section.find(W + tag)
        assert element is not None
        return int(element.attrib[W + name]) / TWIPS

    def line(self, text: str) -> Line:
        """The paragraph that begins with ``text``."""
        return next(line for line in self.lines if line.text.startswith(text))

    def after(self, line: Line) -> Line:
        return self.lines[self.lines.index(line) + 1]

    def colors(self) -> set[str]:
        return {one.attrib[f"{W}val"] for one in self.root.iter(f"{W}color")}


def _number(element: ElementTree.Element | None, name: str, scale: float) -> float:
    return int(element.attrib.get(W + name, "0")) / scale if element is not None else 0.0


def _line(paragraph: ElementTree.Element) -> Line:
    properties = paragraph.find(f"{W}pPr")
    assert properties is not None
    run = paragraph.find(f"{W}r/{W}rPr")
    fonts, size, color = (run.find(W + tag) if run is not None else None for tag in ("rFonts", "sz", "color"))
    spacing, indent, align = (properties.find(W + tag) for tag in ("spacing", "ind", "jc"))
    border = properties.find(f"{W}pBdr/{W}bottom")
    assert spacing is not None
    exact = spacing.attrib.get(f"{W}lineRule") == "exact"
    return Line(
        text="".join(_text(run) for run in paragraph.iter(f"{W}r")),
        font=fonts.attrib[f"{W}eastAsia"] if fonts is not None else "",
        size=_number(size, "val", 2),
        align=align.attrib[f"{W}val"] if align is not None else "",
        pitch=_number(spacing, "line", 20) if exact else 0.0,
        before=_number(spacing, "before", 20),
        first=_number(indent, "firstLineChars", 100),
        left=_number(indent, "leftChars", 100),
        right=_number(indent, "rightChars", 100),
        hang=_number(indent, "hangingChars", 100),
        new_page=properties.find(f"{W}pageBreakBefore") is not None,
        color=color.attrib[f"{W}val"] if color is not None else "",
        rule=border.attrib[f"{W}color"] if border is not None else "",
    )


def _text(run: ElementTree.Element) -> str:
    found = []
    for child in run:
        if child.tag == f"{W}t":
            found.append(child.text or "")
        elif child.tag == f"{W}br":
            found.append("\n")
        elif child.tag == f"{W}tab":
            found.append("\t")
    return "".join(found)
