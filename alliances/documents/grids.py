"""Grids: fields and tables of a paper as one bordered table with spans, for Word and PDF alike."""

import re
from collections.abc import Iterator
from typing import Any

from alliances.documents.layout import MM_TO_POINTS, Density, OfficialLayout, text_width
from alliances.documents.paper import Block

Item = dict[str, Any]

SNAP = 3.0  # mm: column edges closer than this in one grid become one
KEPT = 0.6  # share of its given width that a column keeps though its texts are short (an empty one is for handwriting)


class GridPen:
    """Draws grids over ``width`` mm in one density; ``kind`` is the paper's layout."""

    def __init__(self, layout: OfficialLayout, density: Density, width: float, kind: str) -> None:
        self.layout, self.density, self.width, self.kind = layout, density, width, kind

    def sheet(self, role: str, columns: list[float], rows: list[Item], *, borders: bool = True) -> Item:
        return {
            "kind": "grid",
            "role": role,
            "columns": [round(column, 3) for column in columns],
            "rows": rows,
            "borders": borders,
            "outer": 1.0 if self.kind == "form" else 0.5,
            "size": self.density.cell,
            "pitch": self.density.cell_pitch,
            "inset": (0.9 if self.density.cell > 9 else 0.5) if borders else 0.2,
        }

    def of(self, blocks: list[Block]) -> Item:
        """One grid for neighbouring blocks: its columns are the union of all their edges."""
        edges = [0.0, self.width]
        placed: list[tuple[list[float], Item]] = []
        for block in blocks:
            for widths, row in self._fields(block) if block["type"] == "fields" else self._table(block):
                at = 0.0
                ends: list[float] = []
                for width in widths:
                    at += width
                    near = min(edges, key=lambda edge: abs(edge - at))
                    if abs(near - at) < SNAP and near > (ends[-1] if ends else 0):
                        ends.append(near)
                    else:
                        ends.append(at)
                        edges.append(at)
                placed.append((ends, row))
        edges = sorted(set(edges))
        rows = []
        for ends, row in placed:
            marks = [edges.index(end) for end in [0.0, *ends]]
            spans = [after - before for before, after in zip(marks, marks[1:], strict=False)]
            cells = [{**cell, "span": span} for cell, span in zip(row["cells"], spans, strict=True)]
            rows.append({**row, "cells": cells})
        columns = [after - before for before, after in zip(edges, edges[1:], strict=False)]
        return self.sheet("grid", columns, rows)

    def _fields(self, block: Block) -> Iterator[tuple[list[float], Item]]:
        label, half = self.layout.label_width, self.width / 2
        for row in block["rows"]:
            texts = [_as_text(value) for value in row]
            if len(row) == 4:
                widths = [label, half - label, label, half - label]
                cells = [
                    make_cell(texts[0], label=True),
                    make_cell(texts[1]),
                    make_cell(texts[2], label=True),
                    make_cell(texts[3]),
                ]
            else:
                widths = [label, self.width - label]
                # A short value stands in the middle, a text of several lines reads from the left.
                room = (self.width - label) * MM_TO_POINTS / self.density.cell - 1
                long = "\n" in texts[1] or text_width(texts[1]) > room * 0.75
                cells = [
                    make_cell(texts[0], label=True),
                    make_cell(texts[1], align="left" if long else "center"),
                ]
            yield widths, {"cells": cells, "header": False, "least": self.density.row}

    def _widths(self, block: Block, widths: list[float]) -> list[float]:
        """``widths`` in mm, moved a little: no month, name or phone is broken, then as few lines wrap as possible."""
        em = self.density.cell / MM_TO_POINTS
        texts = [[column["title"]] for column in block["columns"]]
        for row in block["rows"]:
            for column, value in zip(texts, row, strict=True):
                column.append(_as_text(value))

        def room_for(ems: float) -> float:
            # A little more than counted: digits of open fonts are wider than half an em.
            return (ems * 1.04 + 0.25) * em + 2 * self.layout.cell_padding

        least = [room_for(max(map(_unbroken, column))) for column in texts]
        whole = [
            room_for(max(text_width(line) for text in column for line in text.split("\n")))
            for column in texts
        ]
        widths = _move(widths, least, least)
        kept = [max(need, KEPT * width) for need, width in zip(least, widths, strict=True)]
        keeps = [max(width, min(full, given)) for width, full, given in zip(kept, whole, widths, strict=True)]
        return _move(widths, whole, keeps)

    def _table(self, block: Block) -> Iterator[tuple[list[float], Item]]:
        columns, side = block["columns"], block.get("label")
        weights = [column.get("width", 10) for column in columns]
        room = self.width - (self.layout.label_width if side else 0)
        widths = self._widths(block, [room * weight / sum(weights) for weight in weights])
        rows = [(row, False) for row in block["rows"]]
        if block.get("total"):
            rows.append((block["total"], True))
        header: Item = {
            "cells": [make_cell(column["title"], label=True) for column in columns],
            "header": block.get("repeat_header", True) and not side,
            "least": self.density.row,
        }
        drawn = [header]
        for row, total in rows:
            cells = [
                make_cell(
                    _as_text(value), align="center" if total else column.get("align", "center"), label=total
                )
                for value, column in zip(row, columns, strict=True)
            ]
            drawn.append({"cells": cells, "header": False, "least": self.density.row})
        for index, row in enumerate(drawn):
            if side:
                # The side label goes down over all rows; the rows below carry a covered cell.
                down = len(drawn) if index == 0 else 0
                row["cells"].insert(0, make_cell(side if index == 0 else "", label=True, down=down))
            yield ([self.layout.label_width, *widths] if side else widths), row


def _move(widths: list[float], wants: list[float], keeps: list[float]) -> list[float]:
    """Give columns narrower than ``wants`` what the others have above ``keeps``, those that lack least first."""
    lacks = [max(0.0, want - width) for width, want in zip(widths, wants, strict=True)]
    spares = [
        0.0 if lack else max(0.0, width - keep)
        for width, keep, lack in zip(widths, keeps, lacks, strict=True)
    ]
    left = total = sum(spares)
    if not total:
        return widths
    grown = list(widths)
    for lack, index in sorted((lack, index) for index, lack in enumerate(lacks)):
        given = min(lack, left)
        grown[index] += given
        left -= given
    share = (total - left) / total
    return [width - spare * share for width, spare in zip(grown, spares, strict=True)]


def _unbroken(text: str) -> float:
    """Width in ems of the longest piece of ``text`` that looks ugly when broken: short words, numbers, phones."""
    pieces = [0.0]
    for piece in re.split(r"\s+", text):
        width = text_width(piece)
        if width <= 4 or (piece.isascii() and width <= 9):
            pieces.append(width)
    return max(pieces)


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)


def make_cell(text: str, *, align: str = "center", label: bool = False, down: int = 1) -> Item:
    """``down``: rows it covers; 0 marks a cell covered from above."""
    return {"text": text, "align": align, "font": "heading" if label else "body", "span": 1, "down": down}
