"""Word: a drawing as .docx with the fonts *named* for Chinese text, exact pitches and a document grid.

Learnt on WPS, Word and LibreOffice: every run names ``w:eastAsia`` beside ``w:ascii`` and carries ``w:hint``; theme
fonts are removed; the grid is of type ``lines`` (``linesAndChars`` is spaced wildly by LibreOffice); cell *and* column
widths are set; cells do not snap to the grid; tables are written as XML, because python-docx's cell access is slow.
The same paper gives the same bytes: fixed zip times, fixed core properties.
"""

import base64
import io
import zipfile
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from alliances.documents import qr
from alliances.documents.drawing import QR_LEADING, Item, draw
from alliances.documents.layout import MM_TO_POINTS, MM_TO_TWIPS, OFFICIAL, OfficialLayout, text_width
from alliances.documents.paper import NO_DATE, Paper, normalise, validate

ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def to_docx(paper: Paper, options: OfficialLayout = OFFICIAL) -> bytes:
    """The paper as a Word document; same paper and options, same bytes. Raises PaperError."""
    paper = normalise(paper)
    validate(paper)
    return _Writer(paper, options).write()


def _element(tag: str, **attributes: Any) -> Any:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), str(value))
    return element


def _child(parent: Any, tag: str, **attributes: Any) -> Any:
    element = _element(tag, **attributes)
    parent.append(element)
    return element


def _points(value: float) -> int:
    """Points as twentieths."""
    return round(value * 20)


def _millimetres(value: float) -> int:
    """Millimetres as twips."""
    return round(value * MM_TO_TWIPS)


class _Writer:
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

    def write(self) -> bytes:
        self._defaults()
        self._section()
        self._properties()
        self.end = self.body.sectPr
        items = self.drawing["items"]
        new_page = False
        for index, item in enumerate(items):
            if item["kind"] == "break":
                new_page = True
                continue
            if item["kind"] == "p":
                self._paragraph(item, new_page)
                new_page = False
            elif item["kind"] == "cut":
                self._cut(item)
            elif item["kind"] == "qr":
                if new_page or index == 0:
                    self._spacer(new_page=new_page)
                    new_page = False
                self.end.addprevious(self._codes(item))
                self._spacer()
            elif item["kind"] == "pictures":
                self._pictures(item, new_page)
                new_page = False
            elif item["kind"] == "gap":
                self._spacer(height=item["height"] * 72 / 25.4)
            else:
                if new_page or index == 0:
                    self._spacer(new_page=new_page)
                    new_page = False
                self.end.addprevious(self._grid(item))
                after = items[index + 1]["kind"] if index + 1 < len(items) else ""
                if after not in ("p", "gap"):
                    # Word needs a paragraph after a table, and joins neighbouring tables without one.
                    self._spacer()
        return self._pack()

    # --- the frame ------------------------------------------------------------------------------------------------

    def _defaults(self) -> None:
        """Normal in the body font; no theme fonts anywhere; Chinese as the language of East Asian text."""
        theme = {qn(f"w:{name}") for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme")}
        for fonts in self.word.styles.element.iter(qn("w:rFonts")):
            for name in theme & set(fonts.keys()):
                del fonts.attrib[name]
            for name in ("ascii", "hAnsi", "eastAsia", "cs"):
                fonts.set(qn(f"w:{name}"), self.layout.body_font)
        for lang in self.word.styles.element.iter(qn("w:lang")):
            lang.set(qn("w:eastAsia"), "zh-CN")
        normal = self.word.styles["Normal"]
        normal.font.size = Pt(self.layout.body_size)
        properties = normal.element.get_or_add_rPr()
        for fonts in properties.findall(qn("w:rFonts")):
            properties.remove(fonts)
        properties.insert(0, self._rfonts("body"))
        normal.paragraph_format.space_after = Pt(0)

    def _section(self) -> None:
        page, section = self.drawing["page"], self.word.sections[0]
        section.page_width, section.page_height = Mm(page["width"]), Mm(page["height"])
        section.orientation = WD_ORIENT.LANDSCAPE if page["width"] > page["height"] else WD_ORIENT.PORTRAIT
        section.top_margin, section.right_margin = Mm(page["top"]), Mm(page["right"])
        section.bottom_margin, section.left_margin = Mm(page["bottom"]), Mm(page["left"])
        section.header_distance = Mm(15)
        size = self.layout.number_size
        # The dashes, in the middle of the line, stand 7 mm under the type area.
        section.footer_distance = Mm(max(5, page["bottom"] - self.layout.number_drop - size * 25.4 / 72 / 2))
        for name in ("w:cols", "w:docGrid"):
            for old in section._sectPr.findall(qn(name)):
                section._sectPr.remove(old)
        section._sectPr.append(_element("w:docGrid", type="lines", linePitch=self.layout.line_pitch_twips))
        if not self.drawing["page_numbers"]:
            return
        self.word.settings.odd_and_even_pages_header_footer = True
        self._page_number(section.footer, "right")
        self._page_number(section.even_page_footer, "left")

    def _page_number(self, footer: Any, side: str) -> None:
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]._p
        for old in list(paragraph):
            paragraph.remove(old)
        size = self.layout.number_size
        properties = _child(paragraph, "w:pPr")
        _child(properties, "w:snapToGrid", val=0)
        _child(properties, "w:spacing", before=0, after=0, line=_points(size), lineRule="exact")
        _child(properties, "w:ind", **{side: _points(size), f"{side}Chars": 100})
        _child(properties, "w:jc", val=side)
        self._run(paragraph, "— ", "number", size)
        for kind in ("begin", None, "separate", "1", "end"):
            run = self._run(paragraph, "1" if kind == "1" else "", "number", size)
            if kind is None:
                code = _child(run, "w:instrText")
                code.set(qn("xml:space"), "preserve")
                code.text = " PAGE "
            elif kind != "1":
                _child(run, "w:fldChar", fldCharType=kind)
        self._run(paragraph, " —", "number", size)

    def _properties(self) -> None:
        day = datetime.fromisoformat(self.paper.get("date") or NO_DATE).replace(tzinfo=UTC)
        core = self.word.core_properties
        core.title = self.drawing["title"][:255]
        core.author = core.last_modified_by = core.comments = ""
        core.subject = (self.paper.get("number") or "")[:255]
        core.created = core.modified = day
        core.language = "zh-CN"
        core.revision = 1

    def _pack(self) -> bytes:
        loose, packed = io.BytesIO(), io.BytesIO()
        self.word.save(loose)
        with zipfile.ZipFile(loose) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                info = zipfile.ZipInfo(name, ZIP_TIME)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o600 << 16
                target.writestr(info, source.read(name))
        return packed.getvalue()

    # --- paragraphs and runs --------------------------------------------------------------------------------------

    def _rfonts(self, role: str) -> Any:
        name = self.fonts[role]
        fonts = _element("w:rFonts", hint="eastAsia")
        for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{kind}"), name)
        return fonts

    def _run(
        self, paragraph: Any, text: str, role: str, size: float, *, color: str = "", tracking: float = 0
    ) -> Any:
        """A run of ``text``; line breaks inside it become breaks, tabs become tabs."""
        run = _child(paragraph, "w:r")
        properties = _child(run, "w:rPr")
        properties.append(self._rfonts(role))
        if color:
            _child(properties, "w:color", val=color)
        if tracking:
            _child(properties, "w:spacing", val=_points(tracking))
        _child(properties, "w:sz", val=round(size * 2))
        _child(properties, "w:szCs", val=round(size * 2))
        _child(properties, "w:lang", val="en-US", eastAsia="zh-CN")
        for index, line in enumerate(text.split("\n") if text else []):
            if index:
                _child(run, "w:br")
            for part, piece in enumerate(line.split("\t")):
                if part:
                    _child(run, "w:tab")
                written = _child(run, "w:t")
                written.text = piece
                written.set(qn("xml:space"), "preserve")
        return run

    def _paragraph(self, item: Item, new_page: bool = False) -> None:
        paragraph = _element("w:p")
        properties = _child(paragraph, "w:pPr")
        if item["keep"]:
            _child(properties, "w:keepNext")
        if new_page:
            _child(properties, "w:pageBreakBefore")
        _child(properties, "w:widowControl", val=0)
        if item["rule"]:
            border = _child(properties, "w:pBdr")
            gap = round(item["rule_gap"] * 72 / 25.4)
            _child(border, "w:bottom", val="single", sz=12, space=gap, color=item["rule"])
        if item["spread"]:
            self._tab(_child(properties, "w:tabs"), "right", self.text_width)
        _child(properties, "w:autoSpaceDE", val=0)
        _child(properties, "w:autoSpaceDN", val=0)
        if item["pitch"] != self.layout.line_pitch:
            # LibreOffice rounds every other pitch up to whole lines of the grid.
            _child(properties, "w:snapToGrid", val=0)
        _child(
            properties,
            "w:spacing",
            before=_points(item["before"]),
            after=_points(item["after"]),
            line=_points(item["pitch"]),
            lineRule="exact",
        )
        em = item["size"]
        indents: dict[str, int] = {}
        for side in ("left", "right"):
            if item[side]:
                indents[f"{side}Chars"], indents[side] = round(item[side] * 100), _points(item[side] * em)
        if item["first"]:
            indents |= {
                "firstLineChars": round(item["first"] * 100),
                "firstLine": _points(item["first"] * em),
            }
        if item["hang"]:
            indents |= {"hangingChars": round(item["hang"] * 100), "hanging": _points(item["hang"] * em)}
        if indents:
            _child(properties, "w:ind", **indents)
        _child(properties, "w:jc", val=item["align"])
        text = "\n".join(item["lines"])
        self._run(paragraph, text, item["font"], em, color=item["color"], tracking=item["tracking"])
        self.end.addprevious(paragraph)

    def _spacer(self, *, new_page: bool = False, height: float = 1.0) -> None:
        paragraph = _element("w:p")
        properties = _child(paragraph, "w:pPr")
        if new_page:
            _child(properties, "w:pageBreakBefore")
        _child(properties, "w:snapToGrid", val=0)
        _child(properties, "w:spacing", before=0, after=0, line=_points(height), lineRule="exact")
        mark = _child(properties, "w:rPr")
        _child(mark, "w:sz", val=2)
        self.end.addprevious(paragraph)

    def _cut(self, item: Item) -> None:
        """A dashed line over the whole width with a small caption in its middle, drawn by tab leaders."""
        size = 9.0
        caption = _points(text_width(item["text"]) * size)
        paragraph = _element("w:p")
        properties = _child(paragraph, "w:pPr")
        _child(properties, "w:keepNext")
        tabs = _child(properties, "w:tabs")
        self._tab(tabs, "left", (self.text_width - caption) // 2 - 120, leader="hyphen")
        self._tab(tabs, "right", self.text_width, leader="hyphen")
        _child(properties, "w:snapToGrid", val=0)
        _child(
            properties, "w:spacing", before=_points(9), after=_points(4), line=_points(14), lineRule="exact"
        )
        self._run(paragraph, f"\t {item['text']} \t", "number", size)
        self.end.addprevious(paragraph)

    def _tab(self, tabs: Any, kind: str, position: int, **leader: str) -> None:
        _child(tabs, "w:tab", val=kind, pos=position, **leader)

    @property
    def text_width(self) -> int:
        page = self.drawing["page"]
        return _millimetres(page["width"] - page["left"] - page["right"])

    # --- tables ---------------------------------------------------------------------------------------------------

    def _grid(self, grid: Item) -> Any:
        columns = [_millimetres(column) for column in grid["columns"]]
        table = _element("w:tbl")
        properties = _child(table, "w:tblPr")
        _child(properties, "w:tblW", w=sum(columns), type="dxa")
        _child(properties, "w:jc", val="center")
        if grid["borders"]:
            borders = _child(properties, "w:tblBorders")
            for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
                size = grid["outer"] if not side.startswith("inside") else 0.5
                _child(borders, f"w:{side}", val="single", sz=round(size * 8), space=0, color="000000")
        _child(properties, "w:tblLayout", type="fixed")
        margins = _child(properties, "w:tblCellMar")
        inset = _millimetres(grid["inset"])
        padding = _millimetres(self.layout.cell_padding) if grid["borders"] else 0
        for side, size in (("top", inset), ("left", padding), ("bottom", inset), ("right", padding)):
            _child(margins, f"w:{side}", w=size, type="dxa")
        widths = _child(table, "w:tblGrid")
        for column in columns:
            _child(widths, "w:gridCol", w=column)
        for row in grid["rows"]:
            self._row(table, grid, row, columns)
        return table

    def _codes(self, item: Item) -> Any:
        """Codes and their texts as a table: two cells each, rows kept whole."""
        size, width = _millimetres(item["size"] + 2), _millimetres(item["width"])
        columns = [width] if item["stacked"] else [size, width - size] * item["columns"]
        table = _element("w:tbl")
        properties = _child(table, "w:tblPr")
        _child(properties, "w:tblW", w=sum(columns), type="dxa")
        _child(properties, "w:jc", val="center")
        if item["columns"] > 1 or len(item["cells"]) > 1:
            borders = _child(properties, "w:tblBorders")
            for side in ("top", "left", "bottom", "right", "insideH"):
                _child(borders, f"w:{side}", val="dashed", sz=4, space=0, color="808080")
        _child(properties, "w:tblLayout", type="fixed")
        grid = _child(table, "w:tblGrid")
        for column in columns:
            _child(grid, "w:gridCol", w=column)
        for start in range(0, len(item["cells"]), item["columns"]):
            row = _child(table, "w:tr")
            settings = _child(row, "w:trPr")
            _child(settings, "w:cantSplit")
            _child(settings, "w:trHeight", val=_millimetres(item["height"]), hRule="atLeast")
            cells = item["cells"][start : start + item["columns"]]
            for cell in cells:
                self._code(row, item, cell, columns)
            for _ in range(item["columns"] - len(cells)):  # the last row may be short
                for width in columns[:2]:
                    self._loose_paragraph(self._code_cell(row, width))
        return table

    def _code(self, row: Any, item: Item, cell: Item, columns: list[int]) -> None:
        picture = self.word.part.new_pic_inline(
            io.BytesIO(qr.png(cell["link"])), Mm(item["size"]), Mm(item["size"])
        )
        picture.docPr.set("descr", cell["link"])
        place = self._code_cell(row, columns[0])
        side = "center" if item["stacked"] else ""
        paragraph = self._loose_paragraph(place, side)
        _child(self._run(paragraph, "", "body", item["text"]), "w:drawing").append(picture)
        if not item["stacked"]:
            place = self._code_cell(row, columns[1])
        for line in cell["lines"] or [""]:
            pitch = _points(item["text"] * QR_LEADING)
            paragraph = self._loose_paragraph(place, side, line=pitch, lineRule="exact")
            self._run(paragraph, line, "body", item["text"])

    def _pictures(self, item: Item, new_page: bool) -> None:
        """All in one centred line."""
        self._spacer(new_page=new_page, height=item["gap"] * MM_TO_POINTS)
        paragraph = self._loose_paragraph(self.body, "center")
        self.end.addprevious(paragraph)
        for cell in item["cells"]:
            stream = io.BytesIO(base64.b64decode(cell["jpeg"]))
            picture = self.word.part.new_pic_inline(stream, Mm(cell["width"]), Mm(cell["high"]))
            picture.docPr.set("descr", cell["text"])
            _child(self._run(paragraph, "", "body", 9), "w:drawing").append(picture)
            if cell is not item["cells"][-1]:
                self._run(paragraph, "\u2003", "body", 9)
        self._spacer(height=item["gap"] * MM_TO_POINTS)

    def _loose_paragraph(self, parent: Any, side: str = "", **spacing: Any) -> Any:
        """A paragraph off the grid; without ``spacing`` its line is as high as its picture."""
        paragraph = _child(parent, "w:p")
        properties = _child(paragraph, "w:pPr")
        _child(properties, "w:snapToGrid", val=0)
        _child(properties, "w:spacing", before=0, after=0, **spacing)
        if side:
            _child(properties, "w:jc", val=side)
        return paragraph

    def _code_cell(self, row: Any, width: int) -> Any:
        written = _child(row, "w:tc")
        settings = _child(written, "w:tcPr")
        _child(settings, "w:tcW", w=width, type="dxa")
        _child(settings, "w:vAlign", val="center")
        return written

    def _row(self, table: Any, grid: Item, row: Item, columns: list[int]) -> None:
        element = _child(table, "w:tr")
        properties = _child(element, "w:trPr")
        _child(properties, "w:cantSplit")
        _child(properties, "w:trHeight", val=_millimetres(row["least"]), hRule="atLeast")
        if row["header"]:
            _child(properties, "w:tblHeader")
        _child(properties, "w:jc", val="center")
        at = 0
        for cell in row["cells"]:
            written = _child(element, "w:tc")
            settings = _child(written, "w:tcPr")
            _child(settings, "w:tcW", w=sum(columns[at : at + cell["span"]]), type="dxa")
            at += cell["span"]
            if cell["span"] > 1:
                _child(settings, "w:gridSpan", val=cell["span"])
            if cell["down"] != 1:
                _child(settings, "w:vMerge", val="restart" if cell["down"] else "continue")
            _child(settings, "w:vAlign", val="center")
            for line in cell["text"].split("\n"):
                self._cell_line(written, grid, cell, line)

    def _cell_line(self, written: Any, grid: Item, cell: Item, line: str) -> None:
        paragraph = _child(written, "w:p")
        properties = _child(paragraph, "w:pPr")
        _child(properties, "w:widowControl", val=0)
        _child(properties, "w:autoSpaceDE", val=0)
        _child(properties, "w:autoSpaceDN", val=0)
        _child(properties, "w:snapToGrid", val=0)
        _child(properties, "w:spacing", before=0, after=0, line=_points(grid["pitch"]), lineRule="exact")
        _child(properties, "w:jc", val={"left": "left", "right": "right"}.get(cell["align"], "center"))
        self._run(paragraph, line, cell["font"], grid["size"])
