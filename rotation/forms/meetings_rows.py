"""Forms with a few equal rows (opinions, tasks): some are shown, a button gives more, without any script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

SHOWN = 3


class RowsForm(forms.Form):
    """``rows`` says how many rows the page has, ``most`` how many it may have. Fields of a row end in ``_1``, ``_2``…

    ``wants_more``: the reader pressed the button for more rows; the form comes back unbound, with everything typed.
    Subclasses give ``row_fields`` and call ``keep_typed`` when their ``initial`` is set.
    """

    most = 20
    shown = SHOWN

    rows = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, filled: int = 0, initial: dict[str, Any] | None = None
    ) -> None:
        self.typed = data
        self.wants_more = data is not None and "more" in data
        super().__init__(None if self.wants_more else data, initial=initial)
        self.count = self._count(filled)
        self.initial["rows"] = self.count
        for number in self.numbers:
            self.fields |= self.row_fields(number)

    def _count(self, filled: int) -> int:
        if self.typed is None:
            return min(max(self.shown, filled + 1), self.most)
        sent = str(self.typed.get("rows", ""))
        count = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else self.shown
        return min(max(count, 1) + (self.shown if self.wants_more else 0), self.most)

    @property
    def numbers(self) -> range:
        return range(1, self.count + 1)

    @property
    def has_room(self) -> bool:
        return self.count < self.most

    def row_fields(self, number: int) -> dict[str, forms.Field]:
        raise NotImplementedError

    def keep_typed(self) -> None:
        """After the button for more rows: what was typed is what the page shows."""
        if self.wants_more and self.typed is not None:
            self.initial |= {name: self.typed[name] for name in self.fields if name in self.typed} | {
                "rows": self.count
            }

    def row_groups(self) -> list[list[BoundField]]:
        """The bound fields row by row, for the page."""
        return [[self[name] for name in self.row_fields(number)] for number in self.numbers]

    def plain_fields(self) -> list[BoundField]:
        """The visible fields outside the rows."""
        inside = {name for number in self.numbers for name in self.row_fields(number)}
        return [field for field in self.visible_fields() if field.name not in inside]
