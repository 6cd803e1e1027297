"""Word, the tables of a drawing: grids with spans, codes and pictures. Written as XML: python-docx's cells are slow."""

import base64
import io
from typing import Any

from docx.shared import Mm

from alliances.documents import pdf, qr
from alliances.documents.docx_text import TextWriter, child, element, millimetres, points
from alliances.documents.figures import QR_LEADING
from alliances.documents.grids import Item
from alliances.documents.layout import MM_TO_POINTS


class TableWriter(TextWriter):
    def _grid(self, grid: Item) -> Any:
        columns = [millimetres(column) for column in grid["columns"]]
        table = element("w:tbl")
        properties = child(table, "w:tblPr")
        child(properties, "w:tblW", w=sum(columns), type="dxa")
        child(properties, "w:jc", val="center")
        if grid["borders"]:
            borders = child(properties, "w:tblBorders")
            for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
                size = grid["outer"] if not side.startswith("inside") else 0.5
                child(borders, f"w:{side}", val="single", sz=round(size * 8), space=0, color="000000")
        child(properties, "w:tblLayout", type="fixed")
        margins = child(properties, "w:tblCellMar")
        inset = millimetres(grid["inset"])
        padding = millimetres(self.layout.cell_padding) if grid["borders"] else 0
        for side, size in (("top", inset), ("left", padding), ("bottom", inset), ("right", padding)):
            child(margins, f"w:{side}", w=size, type="dxa")
        widths = child(table, "w:tblGrid")
        for column in columns:
            child(widths, "w:gridCol", w=column)
        for row in grid["rows"]:
            self._row(table, grid, row, columns)
        return table

    def _codes(self, item: Item) -> Any:
        """Codes and their texts as a table: two cells each, rows kept whole."""
        size, width = millimetres(item["size"] + 2), millimetres(item["width"])
        columns = [width] if item["stacked"] else [size, width - size] * item["columns"]
        table = element("w:tbl")
        properties = child(table, "w:tblPr")
        child(properties, "w:tblW", w=sum(columns), type="dxa")
        child(properties, "w:jc", val="center")
        if item["columns"] > 1 or len(item["cells"]) > 1:
            borders = child(properties, "w:tblBorders")
            for side in ("top", "left", "bottom", "right", "insideH"):
                child(borders, f"w:{side}", val="dashed", sz=4, space=0, color="808080")
        child(properties, "w:tblLayout", type="fixed")
        grid = child(table, "w:tblGrid")
        for column in columns:
            child(grid, "w:gridCol", w=column)
        for start in range(0, len(item["cells"]), item["columns"]):
            row = child(table, "w:tr")
            settings = child(row, "w:trPr")
            child(settings, "w:cantSplit")
            child(settings, "w:trHeight", val=millimetres(item["height"]), hRule="atLeast")
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
        child(self._run(paragraph, "", "body", item["text"]), "w:drawing").append(picture)
        if not item["stacked"]:
            place = self._code_cell(row, columns[1])
        for line in cell["lines"] or [""]:
            pitch = points(item["text"] * QR_LEADING)
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
            child(self._run(paragraph, "", "body", 9), "w:drawing").append(picture)
            if cell is not item["cells"][-1]:
                self._run(paragraph, "\u2003", "body", 9)
        self._spacer(height=item["gap"] * MM_TO_POINTS)

    def _chart(self, item: Item, new_page: bool) -> None:
        """The drawing as a picture; it keeps with its title."""
        if new_page:
            self._spacer(new_page=True)
        paragraph = self._loose_paragraph(self.body, "center", keep=True)
        self.end.addprevious(paragraph)
        stream = io.BytesIO(pdf.to_png(item["svg"], item["width"], item["height"], self.layout))
        picture = self.word.part.new_pic_inline(stream, Mm(item["width"]), Mm(item["height"]))
        picture.docPr.set("descr", item["text"])
        child(self._run(paragraph, "", "body", 9), "w:drawing").append(picture)

    def _imprint(self, item: Item) -> None:
        """版记 as a table without sides that stands at the foot of the last page's type area."""
        width, size = self.text_width, item["size"]
        table = element("w:tbl")
        properties = child(table, "w:tblPr")
        child(
            properties,
            "w:tblpPr",
            leftFromText=0,
            rightFromText=0,
            vertAnchor="margin",
            horzAnchor="margin",
            tblpXSpec="center",
            tblpYSpec="bottom",
        )
        child(properties, "w:tblW", w=width, type="dxa")
        borders = child(properties, "w:tblBorders")
        for side, eighths in (
            ("top", 8),
            ("bottom", 8),
            ("insideH", 6),
        ):  # 0.35 mm is 1 pt, 0.25 mm is 0.75 pt
            child(borders, f"w:{side}", val="single", sz=eighths, space=0, color="000000")
        child(properties, "w:tblLayout", type="fixed")
        child(child(table, "w:tblGrid"), "w:gridCol", w=width)
        for texts in item["rows"]:
            row = child(table, "w:tr")
            child(child(row, "w:trPr"), "w:cantSplit")
            paragraph = child(self._code_cell(row, width), "w:p")
            style = child(paragraph, "w:pPr")
            if len(texts) > 1:
                self._tab(child(style, "w:tabs"), "right", width - points(size))
            child(style, "w:snapToGrid", val=0)
            child(style, "w:spacing", before=0, after=0, line=points(item["pitch"]), lineRule="exact")
            sides = {"left": points(size), "leftChars": 100, "right": points(size), "rightChars": 100}
            child(style, "w:ind", **sides)
            self._run(paragraph, "\t".join(texts), "body", size)
        self.end.addprevious(table)
        self._spacer()

    def _loose_paragraph(self, parent: Any, side: str = "", *, keep: bool = False, **spacing: Any) -> Any:
        """A paragraph off the grid; without ``spacing`` its line is as high as its picture."""
        paragraph = child(parent, "w:p")
        properties = child(paragraph, "w:pPr")
        if keep:
            child(properties, "w:keepNext")
        child(properties, "w:snapToGrid", val=0)
        child(properties, "w:spacing", before=0, after=0, **spacing)
        if side:
            child(properties, "w:jc", val=side)
        return paragraph

    def _code_cell(self, row: Any, width: int) -> Any:
        written = child(row, "w:tc")
        settings = child(written, "w:tcPr")
        child(settings, "w:tcW", w=width, type="dxa")
        child(settings, "w:vAlign", val="center")
        return written

    def _row(self, table: Any, grid: Item, row: Item, columns: list[int]) -> None:
        across = child(table, "w:tr")
        properties = child(across, "w:trPr")
        child(properties, "w:cantSplit")
        child(properties, "w:trHeight", val=millimetres(row["least"]), hRule="atLeast")
        if row["header"]:
            child(properties, "w:tblHeader")
        child(properties, "w:jc", val="center")
        at = 0
        for cell in row["cells"]:
            written = child(across, "w:tc")
            settings = child(written, "w:tcPr")
            child(settings, "w:tcW", w=sum(columns[at : at + cell["span"]]), type="dxa")
            at += cell["span"]
            if cell["span"] > 1:
                child(settings, "w:gridSpan", val=cell["span"])
            if cell["down"] != 1:
                child(settings, "w:vMerge", val="restart" if cell["down"] else "continue")
            child(settings, "w:vAlign", val="center")
            for line in cell["text"].split("\n"):
                self._cell_line(written, grid, cell, line)

    def _cell_line(self, written: Any, grid: Item, cell: Item, line: str) -> None:
        paragraph = child(written, "w:p")
        properties = child(paragraph, "w:pPr")
        child(properties, "w:widowControl", val=0)
        child(properties, "w:autoSpaceDE", val=0)
        child(properties, "w:autoSpaceDN", val=0)
        child(properties, "w:snapToGrid", val=0)
        child(properties, "w:spacing", before=0, after=0, line=points(grid["pitch"]), lineRule="exact")
        child(properties, "w:jc", val={"left": "left", "right": "right"}.get(cell["align"], "center"))
        self._run(paragraph, line, cell["font"], grid["size"])
