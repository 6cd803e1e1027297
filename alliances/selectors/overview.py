"""The offices' table: every alliance below an office with the month's figures that the apps contribute."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from alliances.enums import Level
from alliances.models import Alliance, Member
from alliances.registry import OfficeCell, registries

SIZE = 100


@dataclass(frozen=True)
class Row:
    """One alliance: ``cells`` are (column title, cell), in the order of ``Overview.titles``."""

    alliance: Alliance
    street: str
    cells: list[tuple[str, OfficeCell]]


@dataclass(frozen=True)
class Overview:
    """``sums``: for every column the words that stand in it and how often. ``after``: where the next page begins."""

    titles: list[str]
    rows: list[Row]
    sums: list[tuple[str, list[tuple[OfficeCell, int]]]]
    after: str


def overview(user: Any, year: int, month: int, *, after: str = "", size: int = SIZE) -> Overview:
    """Alliances that ``user`` may see, in the order of the tree, from the path ``after`` on.

    A head office's own alliance (总站) is listed once it has members of its own.
    """
    members = Member.objects.filter(alliance=OuterRef("pk"), left_on=None)
    rows = Alliance.objects.visible_to(user).select_related("organisation__parent")
    rows = rows.filter(Q(organisation__level=Level.COMMUNITY) | Exists(members))
    alliances = list(rows.filter(organisation__path__gt=after).order_by("organisation__path")[: size + 1])
    more, alliances = len(alliances) > size, alliances[:size]
    titles: list[str] = []
    cells: dict[int, list[tuple[str, OfficeCell]]] = {alliance.pk: [] for alliance in alliances}
    for columns in registries.office_columns:
        titles += columns.titles
        found = columns.cells(alliances, year, month)
        for pk, row in cells.items():
            row += zip(columns.titles, found[pk], strict=True)
    return Overview(
        titles=titles,
        rows=[
            Row(a, a.organisation.parent.name if a.organisation.parent else "", cells[a.pk])
            for a in alliances
        ],
        sums=_sums(titles, list(cells.values())),
        after=alliances[-1].organisation.path if more else "",
    )


def _sums(
    titles: list[str], rows: list[list[tuple[str, OfficeCell]]]
) -> list[tuple[str, list[tuple[OfficeCell, int]]]]:
    """Columns of states only (their cells carry a tone): how often each word stands there, the commonest first."""
    sums = []
    for number, title in enumerate(titles):
        column = [row[number][1] for row in rows if row[number][1].tone]
        first = {cell.word: cell for cell in reversed(column)}
        counts = Counter(cell.word for cell in column)
        if counts:
            sums.append((title, [(first[word], n) for word, n in counts.most_common()]))
    return sums
