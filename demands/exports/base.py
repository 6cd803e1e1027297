"""What the exports of the four lists share: the question of the page, batches, the list as it is printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import count, islice
from typing import Any, BinaryIO, ClassVar, Self

from django.db.models import QuerySet

from alliances import clock
from alliances.documents import Paper
from alliances.errors import OfficeError
from alliances.exporting import PAPER_WRITERS, Cell, Column, RowExport, Several, alliances_in
from demands import policies
from demands.selectors import lists
from demands.selectors.lists import Question
from demands.selectors.reading import Operator, Reader

_BATCH = 500
MOST_PRINTED = 2_000  # rows of a Word or PDF list: more is a workbook, not a paper


class ListExport(RowExport):
    """Base of the four. Subclasses say ``found`` (the rows asked for), ``batch`` (their cells), and ``printed`` columns.

    ``asker``: who takes it, and so whose rows and words it holds, as the page has them; None on the command line.
    """

    formats: ClassVar[tuple[str, ...]] = ("xlsx", "docx", "pdf", "csv")
    over_many = True
    foot = ("制表人：", "审核人：", "负责人：")
    summed: ClassVar[tuple[str, ...]] = ()
    printed: ClassVar[tuple[Column, ...]]

    def __init__(self, params: Mapping[str, Any] | None = None, asker: Any = None) -> None:
        self.params = params or {}
        self.asker = asker
        self.reader = self._reader()

    def narrowed(self, params: Mapping[str, Any]) -> Self:
        kept = {key: params[key] for key in (*lists.FILTERS, "alliance") if params.get(key)}
        return type(self)(kept, self.asker)

    def asked_by(self, user: Any) -> Self:
        return type(self)(self.params, user)

    def _reader(self) -> Reader:
        """Who says what the asker gets to read of a row."""
        return Operator() if self.asker is None else Reader(self.asker)

    def who_may(self, user: Any, alliance: Any) -> bool:
        return policies.can_export_lists(user, alliance)

    def question(self, scope: Any) -> Question:
        return Question.read(self.params, alliances_in(scope))

    def found(self, question: Question) -> QuerySet[Any]:
        raise NotImplementedError

    def readable(self, rows: Any) -> Any:
        """``rows`` of alliances that the asker may export, as the asker's page shows them."""
        return rows if self.asker is None else rows.within(self.asker)

    def batch(self, rows: list[Any]) -> Iterable[dict[str, Cell]]:
        """The cells of some rows, read together."""
        raise NotImplementedError

    def size(self, alliance: Any, year: int | None = None) -> int | None:
        return self.found(self.question(alliance)).order_by().count()

    def rows(self, alliance: Any, year: int | None) -> Iterator[Mapping[str, Cell]]:
        rows = iter(self.found(self.question(alliance)).iterator(_BATCH))
        numbers = count(1)
        while some := list(islice(rows, _BATCH)):
            self.reader = self._reader()  # knows the residents of some rows, never of all
            yield from ({"no": next(numbers), **cells} for cells in self.batch(some))

    # --- as a paper ------------------------------------------------------------------------------------------------

    def heading(self, alliance: Any, year: int | None) -> str:
        question = self.question(alliance)
        place = question.place
        whose = f"{place.name}" if place is not None else f"{alliance}"
        return f"{whose}{self.title}"

    def subline(self, alliance: Any, year: int | None) -> tuple[str, str]:
        question = self.question(alliance)
        unit = alliance.organisation if isinstance(alliance, Several) else alliance.organisation.name
        since, until = question.since, question.until
        period = (
            f"{_day(since)}至{_day(until or clock.today())}"
            if since or until
            else f"截至{_day(clock.today())}"
        )
        return f"填报单位：{unit}", period

    def write(self, suffix: str, target: BinaryIO, alliance: Any, year: int | None = None) -> int:
        if suffix not in ("docx", "pdf"):
            return super().write(suffix, target, alliance, year)
        paper = self.paper(alliance, year)
        target.write(PAPER_WRITERS[suffix](paper))
        return len(paper["blocks"][0]["rows"])

    def paper(self, alliance: Any, year: int | None) -> Paper:
        """The list as it is printed; raises OfficeError for one that is too long to print."""
        table: list[list[str]] = []
        for row in self.rows(alliance, year):
            if len(table) == MOST_PRINTED:
                raise OfficeError(f"超过 {MOST_PRINTED} 行，打印不便；请按站点、时间筛选，或导出 Excel。")
            table.append([_words(row.get(column.key)) for column in self.printed])
        columns = [
            {"title": column.title, "width": column.width, "align": "left" if column.width > 14 else "center"}
            for column in self.printed
        ]
        total = ["合计", f"{len(table)}项", *[""] * (len(columns) - 2)]
        return {
            "kind": f"demands.{self.name}",
            "layout": "table",
            "orientation": "landscape",
            "title": self.heading(alliance, year),
            "subline": list(self.subline(alliance, year)),
            "date": clock.today().isoformat(),
            "blocks": [
                {"type": "table", "repeat_header": True, "columns": columns, "rows": table, "total": total},
                {"type": "foot", "items": list(self.foot)},
            ],
        }


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def _words(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{clock.local(value):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)
