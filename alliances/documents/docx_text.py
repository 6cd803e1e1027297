"""Word, the text of a drawing: paragraphs, runs, tab lines, with fonts named for Chinese and exact pitches."""

from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from alliances.documents.drawing import Item, draw
from alliances.documents.layout import MM_TO_TWIPS, OfficialLayout, text_width
from alliances.documents.paper import Paper


def element(tag: str, **attributes: Any) -> Any:
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    return made


def child(parent: Any, tag: str, **attributes: Any) -> Any:
    made = element(tag, **attributes)
    parent.append(made)
    return made


def points(value: float) -> int:
    """Points as twentieths."""
    return round(value * 20)


def millimetres(value: float) -> int:
    """Millimetres as twips."""
    return round(value * MM_TO_TWIPS)


class TextWriter:
    """Appends to the body of ``self.word`` before ``self.end``, the last section's properties."""

    def __init__(self, paper: Paper, layout: OfficialLayout) -> None:
        self.paper, self.layout = paper, layout
        self.drawing = draw(paper, layout)
        self.fonts = {
            "title": layout.title_font,
            "body": layout.body_font,
            "heading": layout.heading_font,
            "subheading": layout.subheading_font,
            "number": layout.number_font,
        }
        self.word: WordDocument = Document()
        self.body = self.word.element.body
        self.end: Any = None

    def _rfonts(self, role: str) -> Any:
        name = self.fonts[role]
        fonts = element("w:rFonts", hint="eastAsia")
        for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{kind}"), name)
        return fonts

    def _run(
        self, paragraph: Any, text: str, role: str, size: float, *, color: str = "", tracking: float = 0
    ) -> Any:
        """A run of ``text``; line breaks inside it become breaks, tabs become tabs."""
        run = child(paragraph, "w:r")
        properties = child(run, "w:rPr")
        properties.append(self._rfonts(role))
        if color:
            child(properties, "w:color", val=color)
        if tracking:
            child(properties, "w:spacing", val=points(tracking))
        child(properties, "w:sz", val=round(size * 2))
        child(properties, "w:szCs", val=round(size * 2))
        child(properties, "w:lang", val="en-US", eastAsia="zh-CN")
        for index, line in enumerate(text.split("\n") if text else []):
            if index:
                child(run, "w:br")
            for part, piece in enumerate(line.split("\t")):
                if part:
                    child(run, "w:tab")
                written = child(run, "w:t")
                written.text = piece
                written.set(qn("xml:space"), "preserve")
        return run

    def _paragraph(self, item: Item, new_page: bool = False) -> None:
        paragraph = element("w:p")
        properties = child(paragraph, "w:pPr")
        if item["keep"]:
            child(properties, "w:keepNext")
        if new_page:
            child(properties, "w:pageBreakBefore")
        child(properties, "w:widowControl", val=0)
        if item["rule"]:
            border = child(properties, "w:pBdr")
            gap = round(item["rule_gap"] * 72 / 25.4)
            child(border, "w:bottom", val="single", sz=12, space=gap, color=item["rule"])
        if item["spread"]:
            self._tab(child(properties, "w:tabs"), "right", self.text_width)
        child(properties, "w:autoSpaceDE", val=0)
        child(properties, "w:autoSpaceDN", val=0)
        if item["pitch"] != self.layout.line_pitch:
            # LibreOffice rounds every other pitch up to whole lines of the grid.
            child(properties, "w:snapToGrid", val=0)
        child(
            properties,
            "w:spacing",
            before=points(item["before"]),
            after=points(item["after"]),
            line=points(item["pitch"]),
            lineRule="exact",
        )
        em = item["size"]
        indents: dict[str, int] = {}
        for side in ("left", "right"):
            if item[side]:
                indents[f"{side}Chars"], indents[side] = round(item[side] * 100), points(item[side] * em)
        if item["first"]:
            indents |= {
                "firstLineChars": round(item["first"] * 100),
                "firstLine": points(item["first"] * em),
            }
        if item["hang"]:
            indents |= {"hangingChars": round(item["hang"] * 100), "hanging": points(item["hang"] * em)}
        if indents:
            child(properties, "w:ind", **indents)
        child(properties, "w:jc", val=item["align"])
        text = "\n".join(item["lines"])
        self._run(paragraph, text, item["font"], em, color=item["color"], tracking=item["tracking"])
        self.end.addprevious(paragraph)

    def _spacer(self, *, new_page: bool = False, height: float = 1.0) -> None:
        paragraph = element("w:p")
        properties = child(paragraph, "w:pPr")
        if new_page:
            child(properties, "w:pageBreakBefore")
        child(properties, "w:snapToGrid", val=0)
        child(properties, "w:spacing", before=0, after=0, line=points(height), lineRule="exact")
        mark = child(properties, "w:rPr")
        child(mark, "w:sz", val=2)
        self.end.addprevious(paragraph)

    def _cut(self, item: Item) -> None:
        """A dashed line over the whole width with a small caption in its middle, drawn by tab leaders."""
        size = 9.0
        caption = points(text_width(item["text"]) * size)
        paragraph = element("w:p")
        properties = child(paragraph, "w:pPr")
        child(properties, "w:keepNext")
        tabs = child(properties, "w:tabs")
        self._tab(tabs, "left", (self.text_width - caption) // 2 - 120, leader="hyphen")
        self._tab(tabs, "right", self.text_width, leader="hyphen")
        child(properties, "w:snapToGrid", val=0)
        child(properties, "w:spacing", before=points(9), after=points(4), line=points(14), lineRule="exact")
        self._run(paragraph, f"\t {item['text']} \t", "number", size)
        self.end.addprevious(paragraph)

    def _tab(self, tabs: Any, kind: str, position: int, **leader: str) -> None:
        child(tabs, "w:tab", val=kind, pos=position, **leader)

    @property
    def text_width(self) -> int:
        page = self.drawing["page"]
        return millimetres(page["width"] - page["left"] - page["right"])
