"""Items of a drawing that are pictures or stand by themselves: codes, photographs, charts, the imprint (see ``drawing``)."""

from alliances.documents import charts
from alliances.documents.grids import Item
from alliances.documents.layout import MM_TO_POINTS, OfficialLayout
from alliances.documents.paper import Block

PICTURE_HEIGHT = 60.0  # mm
PICTURE_GAP = 3.0  # mm between pictures, above and below them
QR_SIZE = 30  # mm
QR_INSET = 2.0  # mm around a code and its text
QR_LEADING = 1.45  # pitch of the text at a code, in its size
QR_BELOW = 6.0  # mm between a poster's code and the text under it
IMPRINT_PITCH = 26.0  # points a line of the 版记 takes
POSTER_SIZE = 60  # mm from which a code stands alone on the page with its text under it


def qr_item(block: Block, width: float, layout: OfficialLayout) -> Item:
    """Codes with their texts; as many pages as the cells need, each row stays whole."""
    columns, size = block.get("columns", 1), float(block.get("size", QR_SIZE))
    stacked = columns == 1 and size >= POSTER_SIZE
    beside = 10.5 if columns > 1 else 12 if size <= QR_SIZE else layout.body_size
    text = layout.poster_size if stacked else beside
    lines = max(len(item["lines"]) for item in block["items"]) if stacked else 0
    return {
        "kind": "qr",
        "columns": columns,
        "stacked": stacked,
        "width": width / columns,
        "size": size,
        "height": size
        + 2 * QR_INSET
        + (QR_BELOW + lines * text * QR_LEADING / MM_TO_POINTS if stacked else 0),
        "below": QR_BELOW,
        "inset": QR_INSET,
        "text": text,
        "cells": [{"link": item["link"], "lines": item["lines"]} for item in block["items"]],
    }


def pictures_item(block: Block, width: float) -> Item:
    """Beside each other in one row, none higher than ``PICTURE_HEIGHT``."""
    room = width / max(len(block["items"]), 2) - PICTURE_GAP
    cells = []
    for item in block["items"]:
        wide = min(room, PICTURE_HEIGHT * item["width"] / item["height"])
        high = wide * item["height"] / item["width"]
        cells.append({"jpeg": item["jpeg"], "text": item["text"], "width": wide, "high": high})
    height = max(cell["high"] for cell in cells) + 2 * PICTURE_GAP
    return {"kind": "pictures", "height": height, "gap": PICTURE_GAP, "cells": cells}


def chart_item(block: Block, width: float) -> Item:
    """The chart as an SVG of the type area's width."""
    wide = min(width, charts.WIDTH)
    drawn = charts.svg(block, wide, charts.HEIGHT)
    return {"kind": "chart", "width": wide, "height": charts.HEIGHT, "svg": drawn, "text": block["text"]}


def imprint_item(block: Block, layout: OfficialLayout) -> Item:
    """版记: copies in the first row, printer and day in the last."""
    rows = [[f"抄送：{block['copies']}"]] if block.get("copies") else []
    rows.append([block["issuer"], block["date"]])
    height = len(rows) * IMPRINT_PITCH / MM_TO_POINTS
    return {
        "kind": "imprint",
        "rows": rows,
        "size": layout.number_size,
        "pitch": IMPRINT_PITCH,
        "height": height,
    }
