"""The rubric editor: one row an item, some empty rows to add more; an emptied row is an item taken out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from evaluations.arithmetic import FULL
from evaluations.selectors.rubrics import Items
from evaluations.services.rubrics import MOST_ITEMS, TITLE_LENGTH

SPARE_ROWS = 3


@dataclass
class Row:
    """One line of the editor as it is shown: words as they were typed."""

    number: int
    key: str
    title: str
    weight: str
    is_wrong: bool = False


class RubricForm(forms.Form):
    """``items`` are those that stand. Fields of row n are ``title-n``, ``weight-n``, and ``key-n`` of a standing item."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, subject: str, items: Items) -> None:
        super().__init__(data)
        self.subject = subject
        self.keys = {item["key"] for item in items}
        if data is None:
            filled = [Row(0, item["key"], item["title"], str(item["weight"])) for item in items]
            spare = min(SPARE_ROWS, MOST_ITEMS - len(filled))
            self.rows = filled + [Row(0, "", "", "") for _ in range(max(0, spare))]
        else:
            self.rows = [self._typed(data, number) for number in range(1, MOST_ITEMS + 1)]
            while len(self.rows) > len(items) + SPARE_ROWS and not self._is_filled(self.rows[-1]):
                self.rows.pop()
        for number, row in enumerate(self.rows, 1):
            row.number = number

    def _typed(self, data: Mapping[str, Any], number: int) -> Row:
        key = data.get(f"key-{number}", "")
        title, weight = (str(data.get(f"{name}-{number}", "")) for name in ("title", "weight"))
        return Row(number, key if key in self.keys else "", title[:100], weight[:20])

    @staticmethod
    def _is_filled(row: Row) -> bool:
        return bool(row.title.strip() or row.weight.strip())

    @property
    def total(self) -> int:
        """The sum of what is typed, as far as it is whole numbers."""
        return sum(int(row.weight) for row in self.rows if re.fullmatch(r"\s*[0-9]{1,4}\s*", row.weight))

    @property
    def is_full(self) -> bool:
        return self.total == FULL

    def clean(self) -> dict[str, Any]:
        """``items`` for the service. A row that is empty but for its key is taken out."""
        items, taken = [], set()
        for row in self.rows:
            if not self._is_filled(row):
                continue
            title, weight = row.title.strip(), row.weight.strip()
            if not title or len(title) > TITLE_LENGTH or "\0" in title:  # PostgreSQL keeps no NUL
                row.is_wrong = True
                self.add_error(None, f"第 {row.number} 行：请填写名称，不超过 {TITLE_LENGTH} 个字。")
            if not re.fullmatch("[0-9]{1,3}", weight) or not 1 <= int(weight) <= FULL:
                row.is_wrong = True
                self.add_error(None, f"第 {row.number} 行：分值应是 1 至 {FULL} 的整数。")
            if not row.is_wrong:
                item = {"title": title, "weight": int(weight)}
                if row.key and row.key not in taken:
                    taken.add(row.key)
                    item["key"] = row.key
                items.append(item)
        return {"items": items}
