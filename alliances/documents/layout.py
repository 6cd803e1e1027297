"""The official layout (GB/T 9704-2012) as settings, and the small sums it needs. No Django, no rendering library."""

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

MM_TO_POINTS = 72 / 25.4
MM_TO_TWIPS = 1440 / 25.4


@dataclass(frozen=True)
class Density:
    """Sizes of a working form or table in points; ``row`` is the least height of a table row in mm."""

    text: float
    text_pitch: float
    cell: float
    cell_pitch: float
    row: float
    gap: float


@dataclass(frozen=True)
class OfficialLayout:
    """Geometry in mm, sizes and pitches in points, fonts by name. Offices deviate: make another one with ``replace``.

    Defaults: GB/T 9704-2012. Type area 156 x 225 mm holds 22 lines of 28 characters; 28 characters of 16 pt are
    448 pt in 442.2 pt, hence ``tracking`` (points added after each body character).
    """

    page_width: float = 210
    page_height: float = 297
    margin_top: float = 37
    margin_left: float = 28
    margin_right: float = 26
    margin_bottom: float = 35
    line_pitch_twips: int = 579
    line_pitch: float = 28.95
    lines: int = 22
    characters: int = 28
    tracking: float = -0.25

    title_font: str = "方正小标宋简体"
    body_font: str = "仿宋_GB2312"
    heading_font: str = "黑体"
    subheading_font: str = "楷体_GB2312"
    number_font: str = "宋体"

    title_size: float = 22
    title_pitch: float = 33
    body_size: float = 16
    number_size: float = 14
    head_size: float = 48
    red: str = "E60012"
    head_top: float = 35  # mm from the type area's upper edge to the issuer's name
    rule_gap: float = 4  # mm from the number to the red line
    number_drop: float = 7  # mm from the type area's lower edge to the dashes of the page number
    issuer_size: float = 16  # of forms and tables
    poster_size: float = 20  # the words under a poster's code
    label_width: float = 26  # mm, the label column of forms
    cell_padding: float = 1.6  # mm left and right in table cells

    # Tried in this order until the paper fits one page; the last is kept for papers that need several.
    form_densities: tuple[Density, ...] = (
        Density(text=16, text_pitch=27, cell=14, cell_pitch=22, row=11, gap=6),
        Density(text=16, text_pitch=25, cell=12, cell_pitch=19, row=9.5, gap=5),
        Density(text=14, text_pitch=22, cell=12, cell_pitch=17, row=8, gap=4),
        Density(text=12, text_pitch=18, cell=10.5, cell_pitch=14, row=7, gap=3),
        Density(text=12, text_pitch=16, cell=10.5, cell_pitch=13, row=6.2, gap=2),
        Density(text=10.5, text_pitch=15, cell=9, cell_pitch=11.5, row=5.8, gap=1.5),
        Density(text=12, text_pitch=18, cell=10.5, cell_pitch=14, row=7, gap=3),
    )
    table_densities: tuple[Density, ...] = (
        Density(text=14, text_pitch=22, cell=12, cell_pitch=17, row=10, gap=4),
        Density(text=12, text_pitch=18, cell=10.5, cell_pitch=14.5, row=9, gap=3),
        Density(text=10.5, text_pitch=15, cell=9, cell_pitch=12, row=7.5, gap=2),
        Density(text=9, text_pitch=12, cell=9, cell_pitch=11, row=6.5, gap=1),
        Density(text=9, text_pitch=11, cell=8, cell_pitch=9.5, row=6, gap=1),
        Density(text=12, text_pitch=18, cell=10.5, cell_pitch=14.5, row=8.5, gap=3),
    )

    def page(self, orientation: str) -> "Page":
        """The page turned as it is bound: a landscape page has its upper edge at the binding side."""
        if orientation == "landscape":
            return Page(
                self.page_height,
                self.page_width,
                self.margin_left,
                self.margin_top,
                self.margin_right,
                self.margin_bottom,
            )
        return Page(
            self.page_width,
            self.page_height,
            self.margin_top,
            self.margin_right,
            self.margin_bottom,
            self.margin_left,
        )


@dataclass(frozen=True)
class Page:
    """Width, height and margins in mm."""

    width: float
    height: float
    top: float
    right: float
    bottom: float
    left: float

    @property
    def text_width(self) -> float:
        return self.width - self.left - self.right

    @property
    def text_height(self) -> float:
        return self.height - self.top - self.bottom


OFFICIAL = OfficialLayout()


def on_wall(layout: OfficialLayout) -> OfficialLayout:
    """``layout`` for a form that is read from two steps away: narrow margins, everything larger, still one page."""
    return replace(
        layout,
        margin_top=14,
        margin_left=14,
        margin_right=14,
        margin_bottom=12,
        title_size=30,
        issuer_size=20,
        poster_size=28,
        form_densities=(
            Density(text=20, text_pitch=30, cell=16, cell_pitch=22, row=11, gap=6),
            Density(text=20, text_pitch=30, cell=15, cell_pitch=20.5, row=10, gap=5),
            Density(text=20, text_pitch=30, cell=14.5, cell_pitch=19.5, row=9, gap=4),
            Density(text=18, text_pitch=27, cell=14, cell_pitch=18.5, row=9, gap=3),
            Density(text=16, text_pitch=24, cell=13, cell_pitch=17, row=8, gap=3),
            Density(text=14, text_pitch=21, cell=12, cell_pitch=15.5, row=7, gap=2),
            Density(text=12, text_pitch=18, cell=10.5, cell_pitch=13.5, row=6, gap=2),
        ),
    )


def text_width(text: str) -> float:
    """Width of ``text`` in ems: a Chinese character or full-width sign is 1, a Latin letter or digit a half."""
    return sum(
        0.0
        if unicodedata.combining(character)
        else 1.0
        if unicodedata.east_asian_width(character) in "WFA"
        else 0.5
        for character in text
    )


def line_count(text: str, ems: float) -> int:
    """Lines that ``text`` takes when a line holds ``ems``; at least 1."""
    room = max(1.0, math.floor(ems * 2 + 0.01) / 2)
    return sum(max(1, math.ceil(text_width(line) / room)) for line in text.split("\n"))


def signature_indents(issuer: str, day: str, *, sealed: bool) -> tuple[float, float]:
    """Characters to leave free right of the issuer and of the date (GB/T 9704-2012, 7.3.5).

    Sealed: date 4 in, issuer centred above it. Unsealed: issuer 2 in, the date begins 2 characters further right.
    """
    issuer_width, day_width = text_width(issuer), text_width(day)
    if sealed:
        return max(0.0, 4 + (day_width - issuer_width) / 2), 4.0
    date_right = issuer_width - day_width
    if date_right < 2:
        return max(0.0, 4 + day_width - issuer_width), 2.0
    return 2.0, date_right


# Never parted at the end of a title's line.
# fmt: off
_WORDS = (
    "共驻共建", "第一季度", "第二季度", "第三季度", "第四季度", "轮值主席", "安排表", "提醒单", "通知单", "党支部", "党总支", "党委",
    "党建", "联盟", "联合会", "社区", "街道", "共建", "年度", "季度", "专项", "考核", "评议", "报告",
    "情况", "工作", "会议", "纪要", "研讨会", "意见", "建议", "汇总", "清单", "责任", "书记", "项目",
    "台账", "协议书", "目标", "反馈", "通报", "点评", "服务", "资源", "群众", "需求", "认领", "验收",
    "结果", "关于", "开展", "进行", "组织", "活动", "记录", "委员会", "领导", "小组", "办公室", "治理",
    "社会", "成员", "单位",
)
# fmt: on
_NOT_FIRST = set("，。、；：？！）》”’〉】〕的了")
_NOT_LAST = set("（《“‘〈【〔")


def _break_costs(title: str) -> list[float]:
    """Cost of breaking before each index: 0 is a good place."""
    costs = [6.0] * (len(title) + 1)
    for word in _WORDS:
        start = title.find(word)
        while start >= 0:
            costs[start] = min(costs[start], 1.0)
            end = start + len(word)
            costs[end] = min(costs[end], 1.0)
            start = title.find(word, start + 1)
    for word in _WORDS:
        start = title.find(word)
        while start >= 0:
            for index in range(start + 1, start + len(word)):
                costs[index] = 40.0
            start = title.find(word, start + 1)
    for index in range(1, len(title)):
        before, after = title[index - 1], title[index]
        if after in _NOT_FIRST or before in _NOT_LAST or (before + after).isascii():
            costs[index] = 90.0
        elif before in "的、和与及》":
            costs[index] = 0.0
    return costs


def _splits(length: int, parts: int, start: int = 1) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield ()
        return
    for first in range(start, length - parts + 2):
        for rest in _splits(length, parts - 1, first + 1):
            yield (first, *rest)


def _shape_cost(widths: list[float]) -> float:
    """How far a title's lines are from a trapezium (2 lines) or a diamond (3): neither a block nor an hourglass."""
    if len(widths) == 2:
        return 2 * abs(abs(widths[0] - widths[1]) - 4)
    first, middle, last = widths
    if first < middle > last:
        return abs(middle - first - 3) + abs(middle - last - 3) + abs(first - last)
    if first < middle < last or first > middle > last:
        return 8 + abs(abs(middle - first) - 3) + abs(abs(last - middle) - 3)
    return 200.0


def break_title(title: str, ems: float) -> list[str]:
    """Lines of a title: broken in trapezium or diamond where it is longer than ``ems``; given breaks are kept."""
    if "\n" in title:
        return [line.strip() for line in title.split("\n") if line.strip()]
    width = text_width(title)
    if width <= ems:
        return [title]
    # Two full lines could be no trapezium: leave room for the shape.
    parts = math.ceil((width + 2) / ems)
    if parts > 3:
        lines = [""]
        for character in title:
            if text_width(lines[-1] + character) > ems:
                lines.append("")
            lines[-1] += character
        return lines
    costs = _break_costs(title)
    best: tuple[float, list[str]] | None = None
    for breaks in _splits(len(title), parts):
        edges = (0, *breaks, len(title))
        lines = [title[start:end] for start, end in zip(edges, edges[1:], strict=False)]
        widths = [text_width(line) for line in lines]
        if max(widths) > ems:
            continue
        cost = _shape_cost(widths) + sum(costs[index] for index in breaks)
        if best is None or cost < best[0]:
            best = cost, lines
    return best[1] if best else [title]
