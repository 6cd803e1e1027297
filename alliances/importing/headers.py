"""Finding the header row of a sheet by the names offices give their columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from alliances.importing.base import Bad, Column, Sheet, shown

_LOOK_AT_ROWS, _DEEPEST_ROW = 15, 60
_NOTE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
_SIGNS = re.compile(r"[\s*:：_·・.()\[\]【】〔〕\"'“”/\\-]")


def folded(text: str) -> str:
    """A column name without spaces, line breaks, width, case, signs."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def spellings(text: str) -> tuple[str, ...]:
    """The ways a header cell may be understood: as it stands, then without notes such as （必填）."""
    normal = unicodedata.normalize("NFKC", text)
    return tuple(dict.fromkeys(name for name in (folded(normal), folded(_NOTE.sub("", normal))) if name))


@dataclass(frozen=True)
class Header:
    """Where the columns are: ``places`` maps key → column number, ``titles`` key → title in the file.

    ``last`` is the last row of the header (it may have two); ``doubled`` lists (key, title, column
    numbers) of columns found twice with equal right; ``ignored`` are titles of columns nobody asked for.
    """

    row: int
    last: int
    places: dict[str, int]
    titles: dict[str, str]
    doubled: tuple[tuple[str, str, tuple[int, ...]], ...]
    ignored: tuple[str, ...]

    def missing(self, columns: Sequence[Column]) -> list[Column]:
        """The required columns that the sheet lacks."""
        return [column for column in columns if column.required and column.key not in self.places]


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, Bad) else shown(value)


def _one_line(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _header_cells(sheet: Sheet, number: int) -> tuple[int, dict[int, tuple[str, ...]]]:
    """The names each column bears when row ``number`` is the header, best first, and the header's last
    row.

    A header of two rows is known by its merges: some cell of the first row reaches down into the second,
    or spans several columns (联络员 over 姓名 and 电话 is read as 联络员姓名 and 联络员电话).
    """
    upper = {column: _text(value) for column, value in sheet.rows[number].items()}
    last = number
    for first_row, first, last_row, end in sheet.merges:
        if first_row != number or first not in upper:
            continue
        if last_row > number:
            last = max(last, min(last_row, number + 1))
        for column in range(first + 1, min(end, first + 100) + 1):
            upper[column] = upper[first]
    if last == number:
        return number, {column: (text,) for column, text in upper.items() if text}
    lower = {column: _text(value) for column, value in sheet.rows.get(last, {}).items()}
    covered = {first for row, first, last_row, _ in sheet.merges if row == number and last_row > number}
    names: dict[int, tuple[str, ...]] = {}
    for column in sorted(upper.keys() | lower.keys()):
        above, below = upper.get(column, ""), "" if column in covered else lower.get(column, "")
        names[column] = tuple(name for name in (above + below, below, above) if name)
    return last, {column: given for column, given in names.items() if given}


def _match(cells: dict[int, tuple[str, ...]], columns: Sequence[Column]) -> dict[str, list[tuple[int, int]]]:
    """For each key the (rank, column number) of the cells that may be it; each cell belongs to one key
    only.
    """
    known: dict[str, tuple[str, int]] = {}
    for column in columns:
        for synonym in column.synonyms:
            known.setdefault(folded(synonym), (column.key, 1))
    for column in columns:  # a title outranks every synonym
        known[folded(column.title)] = (column.key, 0)
    found: dict[str, list[tuple[int, int]]] = {}
    for place, given in sorted(cells.items()):
        for step, name in enumerate(form for text in given for form in spellings(text)):
            if name in known:
                key, rank = known[name]
                found.setdefault(key, []).append((rank + 2 * step, place))
                break
    return found


def find(sheet: Sheet, columns: Sequence[Column]) -> Header | None:
    """The header of a sheet, or ``None``. Among the first rows with content the one that knows most
    columns wins.
    """
    best: tuple[int, int] | None = None
    enough = min(2, len(columns))
    for number in sorted(sheet.rows)[:_LOOK_AT_ROWS]:
        if number > _DEEPEST_ROW:
            break
        count = len(_match(_header_cells(sheet, number)[1], columns))
        if count >= enough and (best is None or count > best[0]):
            best = (count, number)
    if best is None:
        return None
    number = best[1]
    last, cells = _header_cells(sheet, number)
    places: dict[str, int] = {}
    titles: dict[str, str] = {}
    doubled = []
    for key, candidates in _match(cells, columns).items():
        top = min(candidates)[0]
        equals = [place for rank, place in candidates if rank == top]
        places[key], titles[key] = equals[0], _one_line(cells[equals[0]][0])
        if len(equals) > 1 and not _same_merge(sheet, number, equals):
            doubled.append((key, titles[key], tuple(equals)))
    others = [given[0] for place, given in sorted(cells.items()) if place not in places.values()]
    return Header(number, last, places, titles, tuple(doubled), tuple(map(_one_line, others)))


def _same_merge(sheet: Sheet, number: int, places: list[int]) -> bool:
    """Whether the columns are one header cell merged across them (its value stands in the first)."""
    return any(
        row <= number <= last_row and first <= places[0] and places[-1] <= last
        for row, first, last_row, last in sheet.merges
    )
