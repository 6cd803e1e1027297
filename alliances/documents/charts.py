"""Charts of papers, drawn once: a chart block becomes one SVG, which PDF embeds, Word shows as a picture, a page shows.

A block is ``{"type": "chart", "shape", "title", "text", "unit", "labels", "series", "least", "most", "step"}``. All
values are whole tenths (978 is 97.8; floats are refused in papers), None where there is none. ``shape``: "lines" (a
trend), "intervals" (each value with ``low`` and ``high``) or "bars" (groups). ``text`` says the same in a sentence, for
readers who see no picture. Black and grey only (GB/T 9704: nothing but the head is red), told apart by dash and mark,
so that a photocopy still reads. No library is needed for three shapes; the words are XML text, never markup.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from xml.etree import ElementTree

from alliances.documents.layout import MM_TO_POINTS, text_width
from alliances.documents.paper import Block

WIDTH, HEIGHT = 156.0, 58.0  # mm: the type area's width
FONT = "Noto Serif SC, FangSong, STFangsong, SimSun, serif"
SIZE, SMALL = 9.0, 8.0  # points
LEFT, RIGHT, TOP = 30.0, 30.0, 32.0  # points around the plot: axis figures, last values, legend
DASHES = ("", "6 2.5", "1.5 2")
FILLS = ("#333333", "#b5b5b5", "#ffffff")
GREY = "#c8c8c8"


def svg(block: Block, width: float = WIDTH, height: float = HEIGHT) -> str:
    """The chart as SVG of ``width`` x ``height`` mm; same block, same text. The block is a validated one."""
    return _Chart(block, width * MM_TO_POINTS, height * MM_TO_POINTS).draw()


def data_uri(block: Block) -> str:
    """The SVG as an address for an ``img`` of a page."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg(block).encode()).decode()}"


def figure(tenths: int) -> str:
    """978 as ``97.8``, 1000 as ``100``: how a value is written at its mark."""
    sign, size = "-" if tenths < 0 else "", abs(tenths)
    return f"{sign}{size // 10}" + (f".{size % 10}" if size % 10 else "")


def _wrapped(label: str, ems: float, most: int = 2) -> list[str]:
    """``label`` in at most ``most`` lines of ``ems``; what does not fit ends in an ellipsis."""
    lines = [""]
    for character in label.replace("\n", ""):
        if lines[-1] and text_width(lines[-1] + character) > ems:
            if len(lines) == most:
                lines[-1] = lines[-1][:-1] + "…"
                break
            lines.append("")
        lines[-1] += character
    return lines


class _Chart:
    """One drawing, in points from the upper left corner."""

    def __init__(self, block: Block, width: float, height: float) -> None:
        self.block, self.width, self.height = block, width, height
        self.labels, self.series = block["labels"], block["series"]
        self.slot = (width - LEFT - RIGHT) / max(1, len(self.labels))
        self.names = [_wrapped(label, max(1.5, self.slot / SMALL - 0.3)) for label in self.labels]
        self.floor = height - 8 - (SMALL + 2) * max((len(lines) for lines in self.names), default=1)
        size = {
            "width": f"{width:.2f}pt",
            "height": f"{height:.2f}pt",
            "viewBox": f"0 0 {width:.2f} {height:.2f}",
        }
        self.root = ElementTree.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size})

    def draw(self) -> str:
        self._axes()
        self._legend()
        {"lines": self._lines, "intervals": self._intervals, "bars": self._bars}[self.block["shape"]]()
        return ElementTree.tostring(self.root, encoding="unicode")

    # --- primitives -----------------------------------------------------------------------------------------------

    def _add(self, tag: str, **attributes: float | str) -> ElementTree.Element:
        written = {
            name.replace("_", "-"): f"{value:.2f}" if isinstance(value, float) else str(value)
            for name, value in attributes.items()
        }
        return ElementTree.SubElement(self.root, tag, written)

    def _line(
        self, x1: float, y1: float, x2: float, y2: float, *, stroke: str = "#000000", width: float = 0.7
    ) -> None:
        self._add("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width)

    def _text(self, x: float, y: float, words: str, *, anchor: str = "middle", size: float = SMALL) -> None:
        self._add(
            "text", x=x, y=y, font_family=FONT, font_size=size, text_anchor=anchor, fill="#000000"
        ).text = words

    def _mark(self, kind: int, x: float, y: float, size: float = 2.4) -> None:
        look: dict[str, float | str] = {"fill": FILLS[kind], "stroke": "#000000", "stroke_width": 0.8}
        if kind == 0:
            self._add("circle", cx=x, cy=y, r=size, **look)
        elif kind == 1:
            self._add("rect", x=x - size, y=y - size, width=2 * size, height=2 * size, **look)
        else:
            corners = ((x, y - 1.3 * size), (x + 1.2 * size, y + size), (x - 1.2 * size, y + size))
            self._add("polygon", points=" ".join(f"{a:.2f},{b:.2f}" for a, b in corners), **look)

    def _y(self, tenths: int) -> float:
        least, most = self.block["least"], self.block["most"]
        share = (min(max(tenths, least), most) - least) / (most - least)
        return self.floor - share * (self.floor - TOP)

    def _x(self, index: int) -> float:
        return LEFT + self.slot * (index + 0.5)

    # --- frame ----------------------------------------------------------------------------------------------------

    def _axes(self) -> None:
        right = self.width - RIGHT
        for tenths in range(self.block["least"], self.block["most"] + 1, self.block["step"]):
            y = self._y(tenths)
            self._line(LEFT, y, right, y, stroke=GREY, width=0.4)
            self._text(LEFT - 4, y + SMALL * 0.35, figure(tenths), anchor="end")
        self._line(LEFT, self.floor, right, self.floor)
        self._line(LEFT, TOP - 4, LEFT, self.floor)
        self._text(LEFT - 4, TOP - 9, self.block["unit"], anchor="middle")
        for index, lines in enumerate(self.names):
            for row, line in enumerate(lines):
                self._text(self._x(index), self.floor + (row + 1) * (SMALL + 2), line)

    def _legend(self) -> None:
        """One row above the plot, set from the right."""
        x = self.width - RIGHT
        for kind, series in reversed(list(enumerate(self.series))):
            x -= text_width(series["name"]) * SIZE
            self._text(x, 11.0, series["name"], anchor="start", size=SIZE)
            if self.block["shape"] == "bars":
                self._bar(kind, x - 14, 4.0, 10.0, 7.0)
            else:
                if self.block["shape"] == "lines":
                    self._path(kind, [(x - 22, 8.0), (x - 4, 8.0)])
                self._mark(kind, x - 13, 8.0)
            x -= 34

    # --- shapes ---------------------------------------------------------------------------------------------------

    def _path(self, kind: int, points: list[tuple[float, float]]) -> None:
        dash: dict[str, float | str] = {"stroke_dasharray": DASHES[kind]} if DASHES[kind] else {}
        drawn = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
        self._add("polyline", points=drawn, fill="none", stroke="#000000", stroke_width=1.1, **dash)

    def _runs(self, values: list[int | None]) -> Iterator[list[tuple[float, float]]]:
        """Neighbouring values as points; a missing value parts the line."""
        run: list[tuple[float, float]] = []
        for index, value in enumerate([*values, None]):
            if value is not None:
                run.append((self._x(index), self._y(value)))
            elif run:
                yield run
                run = []

    def _lines(self) -> None:
        last: list[tuple[float, float, str]] = []
        for kind, series in enumerate(self.series):
            runs = list(self._runs(series["values"]))
            for run in runs:
                if len(run) > 1:
                    self._path(kind, run)
                for x, y in run:
                    self._mark(kind, x, y)
            if runs:
                value = next(value for value in reversed(series["values"]) if value is not None)
                last.append((runs[-1][-1][1], runs[-1][-1][0], figure(value)))
        below = 0.0
        for y, x, words in sorted(last):  # the newest figures beside their marks, never one over another
            y = max(y + SMALL * 0.35, below)
            self._text(x + 6, y, words, anchor="start")
            below = y + SMALL + 0.5

    def _intervals(self) -> None:
        wide = self.slot / max(1, len(self.series)) * 0.9
        for kind, series in enumerate(self.series):
            for index, value in enumerate(series["values"]):
                if value is None:
                    continue
                x = self._x(index) + (kind - (len(self.series) - 1) / 2) * wide
                low, high = series["low"][index], series["high"][index]
                top = self._y(value)
                if low is not None and high is not None:
                    top, foot = self._y(high), self._y(low)
                    self._line(x, top, x, foot, width=1.0)
                    for y in (top, foot):
                        self._line(x - 4, y, x + 4, y, width=1.0)
                self._mark(kind, x, self._y(value))
                self._text(x, max(top - 4, TOP - 2), figure(value))

    def _bar(self, kind: int, x: float, y: float, width: float, height: float) -> None:
        self._add(
            "rect", x=x, y=y, width=width, height=height, fill=FILLS[kind], stroke="#000000", stroke_width=0.6
        )

    def _bars(self) -> None:
        wide = min(26.0, self.slot * 0.7 / max(1, len(self.series)))
        for kind, series in enumerate(self.series):
            for index, value in enumerate(series["values"]):
                if value is None:
                    continue
                x = self._x(index) + (kind - len(self.series) / 2) * wide
                y = self._y(value)
                self._bar(kind, x, y, wide, self.floor - y)
                if wide >= text_width(figure(value)) * SMALL * 0.9:
                    self._text(x + wide / 2, y - 3, figure(value))
