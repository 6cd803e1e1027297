"""Typing a pile of paper ballots: one row a sheet, one short box an item."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from evaluations.models import Round
from evaluations.selectors.rubrics import Items
from evaluations.services.paper import MOST_HANDED_OUT, Sheet

ROWS = (10, 20, 40)  # rows a page offers
NOT_KNOWN = frozenset({"-", "—", "－", "–", "x", "×", "/", "√", "不了解", "不"})
_LINK = re.compile(r"/b/([^/\s]+)/?\s*$")


@dataclass
class Cell:
    """One box: ``name`` of the field, ``label`` in full and ``short`` under it, ``value`` as typed."""

    name: str
    label: str
    short: str
    most: int
    value: str
    is_wrong: bool = False
    points: int | None = None


@dataclass
class Line:
    number: int
    activity: list[Cell]
    chair: list[Cell]
    code: Cell

    @property
    def is_filled(self) -> bool:
        return any(cell.value for cell in (*self.activity, *self.chair, self.code))


class CountsForm(forms.Form):
    """How many sheets there are: all that were handed out at this activity, and void ones of the pile at hand."""

    handed_out = forms.IntegerField(
        label="共发放",
        min_value=0,
        max_value=MOST_HANDED_OUT,
        help_text="这次活动一共发出的纸质票，含没有交回的。",
        error_messages={
            "required": "请填写发放张数。",
            "invalid": "发放张数应是整数。",
            "min_value": "发放张数不能小于 0。",
            "max_value": f"发放张数最多 {MOST_HANDED_OUT}。",
        },
    )
    void = forms.IntegerField(
        label="作废",
        min_value=0,
        max_value=MOST_HANDED_OUT,
        initial=0,
        error_messages={
            "required": "请填写作废张数，没有填 0。",
            "invalid": "作废张数应是整数。",
            "min_value": "作废张数不能小于 0。",
            "max_value": f"作废张数最多 {MOST_HANDED_OUT}。",
        },
    )


class SheetsForm(CountsForm):
    """A pile. Fields of row n: ``r<n>-a<i>`` the activity's items, ``r<n>-c<i>`` the chair's, ``r<n>-code``.

    A box left empty in a row that has anything typed is 不了解; a row without anything is no sheet. A sheet that knew
    nothing at all is one dash. Where all of the chair's boxes are empty its part was left blank.
    """

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, round: Round, rows: int, handed_out: int
    ) -> None:
        super().__init__(data, initial={"handed_out": handed_out, "void": 0})
        self.fields["void"].label = "这一批作废"
        self.fields["void"].help_text = "涂改、看不清的，不用逐张录。"
        self.activity_items, self.chair_items = round.activity_items, round.chair_items
        typed = data or {}
        self.lines = [self._line(typed, number) for number in range(1, rows + 1)]

    def _line(self, data: Mapping[str, Any], number: int) -> Line:
        def cells(letter: str, items: Items, part: str) -> list[Cell]:
            found = []
            for index, item in enumerate(items):
                name = f"r{number}-{letter}{index}"
                label = f"第 {number} 张 {part}{item['title']}（满分 {item['weight']}）"
                short = f"{part}{item['title']} {item['weight']}"
                found.append(Cell(name, label, short, item["weight"], str(data.get(name, "")).strip()[:20]))
            return found

        name = f"r{number}-code"
        code = Cell(name, f"第 {number} 张 评议码", "评议码", 0, str(data.get(name, "")).strip()[:300])
        chair = cells("c", self.chair_items, "主席：")
        return Line(number, cells("a", self.activity_items, ""), chair, code)

    @property
    def spoilt(self) -> list[Cell]:
        """Boxes that hold no points, for the list of errors."""
        return [cell for line in self.lines for cell in (*line.activity, *line.chair) if cell.is_wrong]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for line in self.lines:
            for cell in (*line.activity, *line.chair):
                self._read(cell)
        if spoilt := self.spoilt:
            self.add_error(None, f"有 {len(spoilt)} 格不对：只填 0 到满分的整数，不了解的留空或填“-”。")
        elif not self.sheets and not values.get("void"):
            self.add_error(None, "还没有录入：至少填一张票，或填写作废张数。")
        return values

    @staticmethod
    def _read(cell: Cell) -> None:
        text = unicodedata.normalize("NFKC", cell.value).strip()
        if not text or cell.value in NOT_KNOWN or text.lower() in NOT_KNOWN:
            return
        if re.fullmatch("[0-9]{1,3}", text) and int(text) <= cell.most:
            cell.points = int(text)
        else:
            cell.is_wrong = True

    @property
    def sheets(self) -> list[Sheet]:
        """The sheets of the filled rows, in order; only of a form that was cleaned."""
        return [self._sheet(line) for line in self.lines if line.is_filled]

    def _sheet(self, line: Line) -> Sheet:
        chair = None
        if any(cell.value for cell in line.chair):
            chair = {
                item["key"]: cell.points for item, cell in zip(self.chair_items, line.chair, strict=True)
            }
        link = _LINK.search(line.code.value)
        return Sheet(
            activity={
                item["key"]: cell.points
                for item, cell in zip(self.activity_items, line.activity, strict=True)
            },
            chair=chair,
            code=link.group(1) if link else line.code.value,
        )
