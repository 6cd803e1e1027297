"""From a paper to what is drawn: paragraphs and grids with fonts, sizes and spans, the same for Word and PDF.

A drawing is JSON-able: ``{"page": …, "items": […], …}``. Items: ``p`` (paragraph; ``lines``, font role, sizes in points,
indents in characters of its own size; in a ``spread`` line the tab parts left from right), ``grid`` (one continuous bordered table; columns in mm, cells with spans),
``cut`` (the line where a receipt is cut off), ``qr`` (links to be drawn as codes, with text beside them, under them on a
poster; several are cut apart along thin lines), ``pictures`` (JPEG in base64, sizes in mm), ``chart`` (an SVG),
``imprint`` (rows of one or two texts at the foot of the page), ``gap`` (empty height in mm) and ``break`` (new page). Neighbouring fields and tables of a form become
*one* grid, as on a printed form.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from alliances.documents.figures import chart_item, imprint_item, pictures_item, qr_item
from alliances.documents.grids import GridPen, Item, make_cell
from alliances.documents.layout import (
    MM_TO_POINTS,
    Density,
    OfficialLayout,
    break_title,
    line_count,
    on_wall,
    signature_indents,
    text_width,
)
from alliances.documents.paper import Block, Paper

LINE_AFTER_GRID = 1.0  # mm
RESERVE = (
    6.0  # mm kept free on one-page papers: fonts of the reader's machine differ a little from the estimate
)
MOST_MORE = 3.0  # mm by which a row may grow to fill the page
DENSE = Density(text=10.5, text_pitch=16, cell=10.5, cell_pitch=13.5, row=6.4, gap=4)


def draw(paper: Paper, layout: OfficialLayout) -> dict[str, Any]:
    """The drawing of a validated, normalised paper, in the roomiest density that fits a page."""
    if paper.get("wall"):
        layout = on_wall(layout)
    page = layout.page(paper.get("orientation", "portrait"))
    drawing = {
        "kind": paper["kind"],
        "title": paper["title"].replace("\n", ""),
        "page": {
            "width": page.width,
            "height": page.height,
            "top": page.top,
            "right": page.right,
            "bottom": page.bottom,
            "left": page.left,
        },
        "page_numbers": paper.get("page_numbers", paper["layout"] != "form"),
        "items": [],
    }
    if paper["layout"] == "official":
        body = Density(layout.body_size, layout.line_pitch, 12, 18, 8, 4)
        drawing["items"] = list(_Pen(paper, layout, body).items())
        return drawing
    densities = layout.form_densities if paper["layout"] == "form" else layout.table_densities
    several_pages = any(block["type"] == "attachment" for block in paper["blocks"])
    for density in densities:
        drawing["items"] = list(_Pen(paper, layout, density).items())
        tallest = max(estimate(sheet, page.text_width, layout) for sheet in _sheets(drawing["items"]))
        room = page.text_height - RESERVE - tallest
        if several_pages:
            break
        if room >= 0:
            for sheet in _sheets(drawing["items"]):
                spare = page.text_height - RESERVE - estimate(sheet, page.text_width, layout)
                _stretch(sheet, spare / 2, layout)
            break
    return drawing


def _sheets(items: list[Item]) -> list[list[Item]]:
    """The items between page breaks: each sheet of a form is to fit its page."""
    sheets: list[list[Item]] = [[]]
    for item in items:
        if item["kind"] == "break":
            sheets.append([])
        else:
            sheets[-1].append(item)
    return sheets


def _stretch(items: list[Item], room: float, layout: OfficialLayout) -> None:
    """Give ``room`` mm of spare height to the rows of the tables, so that a sheet looks filled and is easy to write on."""
    grids = [item for item in items if item["kind"] == "grid" and item["borders"]]
    rows = sum(len(grid["rows"]) for grid in grids)
    if not rows:
        return
    more = min(MOST_MORE, room / rows)
    for grid in grids:
        for row, estimated in zip(grid["rows"], list(estimated_rows(grid, layout)), strict=True):
            row["least"] = round(estimated["height"] + more, 2)


def estimate(items: list[Item], width: float, layout: OfficialLayout) -> float:
    """Height of ``items`` in mm, counted in lines of full-width characters."""
    total = 0.0
    for item in items:
        if item["kind"] == "p":
            ems = width * MM_TO_POINTS / (item["size"] + item["tracking"])
            ems -= item["left"] + item["right"]
            lines = sum(line_count("　" * int(item["first"]) + line, ems) for line in item["lines"])
            total += (lines * item["pitch"] + item["before"] + item["after"]) / MM_TO_POINTS
        elif item["kind"] == "grid":
            total += sum(row["height"] for row in estimated_rows(item, layout)) + LINE_AFTER_GRID
        elif item["kind"] == "qr":
            total += item["height"] * -(-len(item["cells"]) // item["columns"])
        elif item["kind"] in ("cut", "gap", "pictures", "chart", "imprint"):
            total += item["height"]
    return total


def estimated_rows(grid: Item, layout: OfficialLayout) -> Iterator[Item]:
    """Each row with the height in mm that its longest cell needs (cells over several rows are left out)."""
    for row in grid["rows"]:
        at, lines = 0, 1
        for cell in row["cells"]:
            room = sum(grid["columns"][at : at + cell["span"]]) - 2 * layout.cell_padding
            if cell["down"] == 1:
                lines = max(lines, line_count(cell["text"], room * MM_TO_POINTS / grid["size"]))
            at += cell["span"]
        needed = lines * grid["pitch"] / MM_TO_POINTS + 2 * grid["inset"]
        yield {**row, "height": max(row["least"], needed)}


class _Pen:
    """Draws one paper in one density."""

    def __init__(self, paper: Paper, layout: OfficialLayout, density: Density) -> None:
        self.paper, self.layout, self.density = paper, layout, density
        self.kind = paper["layout"]
        self.width = layout.page(paper.get("orientation", "portrait")).text_width
        self.grids = GridPen(layout, density, self.width, self.kind)
        # Wide tables of an attachment: 5号 with room for ten columns.
        self.dense = GridPen(layout, DENSE, self.width, self.kind)
        self.inside = False  # an attachment

    def items(self) -> Iterator[Item]:
        drawn = [*self._opening(), *self._blocks(self.paper["blocks"])]
        for above, below in zip(drawn, drawn[1:], strict=False):
            # Air between text and table; a signature never stands alone on a page.
            if above["kind"] == "p" and below["kind"] == "grid":
                above["after"] = max(above["after"], self.density.gap)
            elif above["kind"] == "grid" and below["kind"] == "p":
                below["before"] = max(below["before"], self.density.gap)
            elif above["kind"] == "p" and below.get("role") == "issuer":
                above["keep"] = True
        for above, below in zip([{}, *drawn], drawn, strict=False):
            if above.get("borders") and below.get("borders"):
                yield {"kind": "gap", "height": 2 * self.density.gap / MM_TO_POINTS}
            yield below

    def _p(self, role: str, text: str | list[str], **changes: Any) -> Item:
        item = {
            "kind": "p",
            "role": role,
            "lines": text if isinstance(text, list) else text.split("\n"),
            "align": "both",
            "font": "body",
            "size": self.density.text,
            "pitch": self.density.text_pitch,
            "tracking": self.layout.tracking if self.kind == "official" else 0,
            "first": 0,
            "left": 0,
            "right": 0,
            "hang": 0,
            "before": 0,
            "after": 0,
            "color": "",
            "rule": "",
            "spread": False,
            "keep": False,
        }
        item.update(changes)
        return item

    # --- title and head -------------------------------------------------------------------------------------------

    def _opening(self) -> Iterator[Item]:
        layout, number = self.layout, self.paper.get("number") or ""
        head = self.paper.get("head") or {"style": "plain", "issuer": ""}
        red = head["style"] == "red"
        if red:
            yield from self._red_head(head, number)
        elif head["issuer"] and self.kind != "official":
            yield self._p(
                "issuer",
                head["issuer"],
                align="center",
                size=layout.issuer_size,
                pitch=layout.issuer_size * 1.5,
                after=2,
                font="heading",
                tracking=0,
            )
        lines = break_title(self.paper["title"], self.width * MM_TO_POINTS / layout.title_size)
        yield self._p(
            "title",
            lines,
            align="center",
            font="title",
            size=layout.title_size,
            pitch=layout.title_pitch if self.kind == "official" else layout.title_size + 8,
            tracking=0,
            before=2 * layout.line_pitch if red else 0,
            after=0 if self.kind == "official" else self.density.gap,
            keep=True,
        )
        left, right = self.paper.get("subline") or ["", ""]
        if self.kind == "table":
            if number and right:
                right = f"{right}　　{number}"
            if left or right or number:
                yield self._spread([left, right or number], "subline")
        elif number and not red:
            if self.kind == "official":
                yield self._p("number", number, align="center")
            else:
                yield self._p("number", f"编号：{number}", align="right", size=12, pitch=18, after=2)

    def _red_head(self, head: Mapping[str, Any], number: str) -> Iterator[Item]:
        layout, issuer = self.layout, head["issuer"]
        room = self.width * MM_TO_POINTS
        size = min(layout.head_size, int(room / max(1.0, text_width(issuer)) - 0.5))
        yield self._p(
            "head",
            issuer,
            align="center",
            font="title",
            size=size,
            pitch=size + 4,
            tracking=0,
            color=layout.red,
            before=layout.head_top * MM_TO_POINTS,
            after=layout.line_pitch,
        )
        rule = {"rule": layout.red, "rule_gap": layout.rule_gap}
        if head.get("signer"):
            # An upward paper: number one character in on the left, the signer one in on the right.
            line = f"　{number}\t签发人：{head['signer']}　".replace("\n", "")
            yield self._p("number", [line], align="left", spread=True, **rule)
        else:
            yield self._p("number", number, align="center", **rule)

    # --- blocks ---------------------------------------------------------------------------------------------------

    def _blocks(self, blocks: list[Block]) -> Iterator[Item]:
        index = 0
        while index < len(blocks):
            block = blocks[index]
            if block["type"] in ("fields", "table"):
                run = [block]
                if self.kind == "form":
                    while index + len(run) < len(blocks) and blocks[index + len(run)]["type"] in (
                        "fields",
                        "table",
                    ):
                        run.append(blocks[index + len(run)])
                dense = self.kind == "official" and block.get("dense", False)
                yield (self.dense if dense else self.grids).of(run)
                index += len(run)
                continue
            yield from getattr(self, f"_{block['type']}")(block)
            index += 1

    def _recipient(self, block: Block) -> Iterator[Item]:
        blank = self.layout.line_pitch if self.kind == "official" else self.density.gap
        yield self._p("recipient", block["text"], align="left", before=blank)

    def _para(self, block: Block) -> Iterator[Item]:
        for line in block["text"].split("\n"):
            yield self._p(
                "para", [line], first=2, after=0 if self.kind == "official" else self.density.gap / 2
            )

    def _heading(self, block: Block) -> Iterator[Item]:
        font = {1: "heading", 2: "subheading"}.get(block["level"], "body")
        yield self._p(f"heading{block['level']}", block["text"], first=2, font=font, keep=True)

    def _note(self, block: Block) -> Iterator[Item]:
        if self.kind == "official" and not self.inside:
            # 附注: two characters in, in round brackets, under the date.
            text = block["text"]
            yield self._p("note", text if re.match(r"[（(]", text) else f"（{text}）", first=2)
            return
        small = DENSE if self.inside and self.kind == "official" else self.density
        yield self._p(
            "note",
            block["text"],
            align="left",
            size=small.cell,
            pitch=small.cell_pitch + 2,
            before=self.density.gap / 2,
        )

    def _signature(self, block: Block) -> Iterator[Item]:
        sealed = block.get("sealed", False)
        issuer, day = block["issuer"], block["date"]
        right_issuer, right_day = signature_indents(issuer, day, sealed=sealed)
        if self.kind != "official" and sealed:
            issuer += "（盖章）"
            right_issuer = max(0.0, right_issuer - 4)
            right_day = max(right_day, right_issuer + (text_width(issuer) - text_width(day)) / 2)
        blank = self.layout.line_pitch if self.kind == "official" else self.density.text_pitch / 2
        after = 0 if self.kind == "official" else self.density.gap
        yield self._p("issuer", issuer, align="right", right=right_issuer, before=blank, keep=True)
        yield self._p("date", day, align="right", right=right_day, after=after)

    def _receipt(self, block: Block) -> Iterator[Item]:
        number = self.paper.get("number") or ""
        yield {"kind": "cut", "text": "裁剪线　请将回执交回社区", "height": 9}
        yield self._p(
            "receipt",
            f"{self.paper['title']}　{block['title']}".replace("\n", ""),
            align="center",
            font="heading",
            size=16,
            pitch=24,
            tracking=0,
            keep=True,
        )
        if number:
            yield self._p(
                "number", f"编号：{number}", align="right", size=12, pitch=18, after=2, tracking=0, keep=True
            )
        yield self.grids.of([{"type": "fields", "rows": block["rows"]}])
        if block.get("note"):
            yield from self._note({"text": block["note"]})

    def _attachment_note(self, block: Block) -> Iterator[Item]:
        items = block["items"]
        for index, item in enumerate(items):
            label = "附件：" if index == 0 else ""
            mark = f"{index + 1}. " if len(items) > 1 else ""
            lead = 3 + text_width(mark)
            yield self._p(
                "attachment_note",
                f"{label}{mark}{item}",
                align="left",
                left=2 + lead,
                hang=lead if index == 0 else lead - 3,
                before=self.layout.line_pitch if index == 0 else 0,
            )

    def _attachment(self, block: Block) -> Iterator[Item]:
        yield {"kind": "break"}
        yield self._p(
            "attachment", f"附件{block['no']}" if block["no"] else "附件", align="left", font="heading"
        )
        lines = break_title(block["title"], self.width * MM_TO_POINTS / self.layout.title_size)
        yield self._p(
            "attachment_title",
            lines,
            align="center",
            font="title",
            size=self.layout.title_size,
            pitch=self.layout.title_pitch,
            tracking=0,
            before=self.layout.line_pitch,
            after=self.layout.line_pitch / 2,
            keep=True,
        )
        self.inside = True
        yield from self._blocks(block["blocks"])
        self.inside = False

    def _foot(self, block: Block) -> Iterator[Item]:
        yield self._spread(block["items"], "foot")

    def _qr(self, block: Block) -> Iterator[Item]:
        yield qr_item(block, self.width, self.layout)

    def _pictures(self, block: Block) -> Iterator[Item]:
        yield pictures_item(block, self.width)

    def _chart(self, block: Block) -> Iterator[Item]:
        """The drawing, kept with its title below it."""
        yield chart_item(block, self.width)
        yield self._p(
            "caption", block["title"], align="center", size=12.0, pitch=20, tracking=0, after=self.density.gap
        )

    def _imprint(self, block: Block) -> Iterator[Item]:
        yield imprint_item(block, self.layout)

    def _pagebreak(self, block: Block) -> Iterator[Item]:
        yield {"kind": "break"}
        if block.get("again"):
            yield from self._opening()

    def _spread(self, texts: list[str], role: str) -> Item:
        """Short texts over the whole width without borders: first left, last right."""
        count = len(texts)
        if role == "foot":
            aligns = ["left"] * count
        else:
            aligns = ["left", *["center"] * (count - 2), "right"][:count]
        cells = [make_cell(text, align=align) for text, align in zip(texts, aligns, strict=True)]
        columns = [self.width / count] * count
        return self.grids.sheet(
            role,
            columns,
            [{"cells": cells, "header": False, "least": 0.75 * self.density.row}],
            borders=False,
        )
