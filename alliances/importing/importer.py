"""What every importer is made of: the request, the fate of each row, the questions, the outcome.

An importer is a subclass of ``SheetImport``, registered under its ``name``. One instance is one import of one
file; ``services.imports`` runs it inside a transaction and decides whether the transaction stands.
"""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath
from typing import Any, ClassVar

from django.db import transaction

from alliances.enums import DutyMode
from alliances.errors import OfficeError
from alliances.importing.base import Column, Refusal, Row, Table, Tables
from alliances.importing.parsers import text
from alliances.models import Alliance, User
from alliances.selectors.unit_names import UnitNames, plain

ADDED, CHANGED, UNCHANGED = "added", "changed", "unchanged"
NEW = "new"
SAME = "same:"
NONE = "none"

# How a unit chairs, as the rosters and the tables write it.
DUTY_MODES = {
    DutyMode.SOLO: ("单独", "单独轮值", "单家", "独立"),
    DutyMode.COLLECTIVE: ("集体", "集体轮值", "联合", "联合轮值"),
}


class Refused(Exception):
    """A row that cannot be taken; ``key`` is the column that is to blame."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key, self.reason = key, reason


@dataclass(frozen=True)
class Request:
    """Who imports, for which alliances, and what has been answered.

    ``alliances`` are those whose rows are taken (``only`` says that the person chose this one; then sheets without
    a community column belong to it). ``answers`` maps a name in the file to ``NEW``, ``NONE`` or ``SAME`` + a unit's name.
    """

    alliances: Sequence[Alliance]
    today: date
    actor: User | None = None
    only: Alliance | None = None
    year: int | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    file_name: str = ""


@dataclass(frozen=True)
class Question:
    """Something only a person knows. ``options`` are (answer, words) pairs; unanswered, its row is refused."""

    sheet: str
    row: int
    column: str
    value: str
    words: str
    options: tuple[tuple[str, str], ...]
    answer: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "question": self.words,
            "options": [{"answer": answer, "label": label} for answer, label in self.options],
            "answer": self.answer,
        }


@dataclass
class Fate:
    """What becomes of one row: ``kind`` is added, changed or unchanged; ``detail`` says what changes."""

    kind: str
    what: str
    detail: str = ""


@dataclass
class Outcome:
    """What an import did, or would do. ``details`` counts added things by kind, e.g. 单位 70."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    details: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    committed: bool = False

    @property
    def moves(self) -> bool:
        """Whether anything is added or changed."""
        return bool(self.added or self.changed)

    @property
    def open_questions(self) -> list[Question]:
        return [question for question in self.questions if not question.answer]

    def as_dict(self) -> dict[str, Any]:
        """The report: counts of rows, every refusal, the questions still open, what became of each row."""
        return {
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": [refusal.as_dict() for refusal in self.refused],
            "questions": [question.as_dict() for question in self.open_questions],
            "answered": [question.as_dict() for question in self.questions if question.answer],
            "details": self.details,
            "notes": self.notes,
            "rows": self.rows,
            "committed": self.committed,
        }


def limited(length: int) -> Callable[[Any], str]:
    """A parser for text of at most ``length`` characters, the room its column in the database has."""

    def parse(value: Any) -> str:
        typed = text(value)
        if len(typed) > length:
            raise ValueError(f"最多 {length} 字，现在有 {len(typed)} 字")
        return typed

    return parse


class SheetImport(ABC):
    """One import of one file. Subclasses set the class attributes and say in ``take`` what a row means."""

    name: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    columns: ClassVar[Sequence[Column]]
    examples: ClassVar[Sequence[Mapping[str, Any]]]
    asks_year: ClassVar[bool] = False
    by_alliance: ClassVar[bool] = True
    at_root_only: ClassVar[bool] = False
    do_not_call_in_templates: ClassVar[bool] = True  # screens are given the class, templates would call it

    def __init__(self, tables: Tables, request: Request) -> None:
        self.tables, self.request = tables, request
        self.outcome = Outcome(notes=list(tables.notes))
        self._asked: set[tuple[str, str]] = set()
        self._answers = {plain(name): answer for name, answer in request.answers.items()}

    @abstractmethod
    def take(self, row: Row) -> Fate:
        """Write what the row says. Raises ``Refused`` or ``OfficeError``; then nothing of the row stays."""

    def order(self, rows: Iterable[Row]) -> Iterable[Row]:
        """The order in which rows are taken; that of the file unless a row needs a later one first."""
        return rows

    def run(self) -> Outcome:
        """Take every row. Must run inside a transaction that the caller lets stand or rolls back."""
        self.outcome.refused.extend(self.tables.refusals())
        self.take_all()
        place = {table.sheet: number for number, table in enumerate(self.tables)}
        self.outcome.refused.sort(key=lambda refusal: (place[refusal.sheet], refusal.row))
        self.outcome.rows.sort(key=lambda entry: (place[entry["sheet"]], entry["row"]))
        return self.outcome

    def take_all(self) -> None:
        for row in self.order(self.tables.rows()):
            self.try_row(row)

    def try_row(self, row: Row) -> None:
        """Take one row, or refuse it and leave nothing of it."""
        try:
            with transaction.atomic():
                fate = self.take(row)
        except Refused as problem:
            self.refuse(row, problem.key, problem.reason)
        except OfficeError as problem:
            self.refuse(row, self.columns[0].key, problem.message)
        else:
            self.settle(row, fate)

    def refuse(self, row: Row, key: str, reason: str) -> None:
        refusal = row.refuse(key, reason)
        if key not in row.columns:  # the file has no such column: name it as our template does
            refusal.column = next((c.title for c in self.columns if c.key == key), key)
        self.outcome.refused.append(refusal)

    def settle(self, row: Row, fate: Fate) -> None:
        """Count a row that was taken."""
        outcome = self.outcome
        setattr(outcome, fate.kind, getattr(outcome, fate.kind) + 1)
        outcome.rows.append(
            {
                "sheet": row.sheet,
                "row": row.number,
                "what": fate.what,
                "fate": fate.kind,
                "detail": fate.detail,
            }
        )

    def count(self, what: str) -> None:
        self.outcome.details[what] = self.outcome.details.get(what, 0) + 1

    def ask(
        self, row: Row, key: str, value: str, words: str, options: Sequence[tuple[str, str]], given: str = ""
    ) -> str:
        """The answer to a question about ``value``; one question for all rows with that value.

        ``given`` is an answer that was found elsewhere. Raises ``Refused`` while there is none.
        """
        answer = given or self.answer_to(value)
        if answer not in [option for option, _ in options]:
            answer = ""
        if (key, plain(value)) not in self._asked:
            self._asked.add((key, plain(value)))
            column = row.columns.get(key, key)
            question = Question(row.sheet, row.number, column, value, words, tuple(options), answer)
            self.outcome.questions.append(question)
        if not answer:
            raise Refused(key, f"{words}（请先回答）")
        return answer

    def answer_to(self, value: str) -> str:
        """What was answered about ``value``; empty if nothing was."""
        return self._answers.get(plain(value), "")

    def unit_meant(self, row: Row, key: str, typed: str, known: UnitNames, stranger: str = "") -> str | None:
        """The proper name of the unit that ``typed`` means among ``known``.

        ``stranger`` is the reason for which a unit that is not known is refused; without it the unit may be new and
        ``None`` is returned for it. A name that is nearly a known one is asked about, never guessed.
        """
        if name := known.find(typed):
            return name
        near = known.near(typed, likeness=0.7, abbreviations=True) if stranger else known.near(typed)
        given = self._unit_answered(key, typed, known)
        if given.startswith(SAME) and (told := given.removeprefix(SAME)) not in near:
            near = [told, *near]
        if not near:
            if stranger:
                raise Refused(key, stranger)
            return None
        options = [(SAME + name, f"就是“{name}”") for name in near]
        if stranger:
            words = f"{stranger}。是不是“{'”“'.join(near)}”？"
            options.append((NONE, "都不是，不导入"))
        else:
            words = f"“{typed}”与“{'”“'.join(near)}”名称相近，是不是同一家单位？"
            options.append((NEW, "是另一家单位，新登记"))
        answer = self.ask(row, key, typed, words, options, given)
        if answer == NONE:
            raise Refused(key, stranger)
        return None if answer == NEW else answer.removeprefix(SAME)

    def _unit_answered(self, key: str, typed: str, known: UnitNames) -> str:
        """The answer about ``typed``; of "it is that unit" the one with the unit's proper name."""
        given = self.answer_to(typed)
        if not given.startswith(SAME):
            return given
        told = given.removeprefix(SAME)
        name = known.find(told)
        if name is None:
            raise Refused(key, f"“{typed}”的答复“{told}”没有登记")
        return SAME + name

    def alliance_of(self, row: Row, key: str = "community") -> Alliance:
        """The alliance a row belongs to: the one its community column names, else the one that was chosen."""
        typed = row.values.get(key) or ""
        only = self.request.only
        if not typed and only is not None:
            return only
        if not typed:
            raise Refused(key, "没有写明是哪个社区")
        return self.alliance_named(typed, key)

    def alliance_named(self, typed: str, key: str) -> Alliance:
        """The alliance of this name, community or code among those of the request."""
        found = [a for a in self.request.alliances if plain(typed) in names_of(a)]
        if len(found) == 1:
            return found[0]
        if found:
            raise Refused(key, f"名为“{typed}”的社区不止一个，请按社区分开导入")
        if self.request.only is not None:
            here = self.request.only.organisation.name
            raise Refused(key, f"本次只导入{here}，这里写的是“{typed}”")
        raise Refused(key, f"没有“{typed}”这个社区，请先导入组织架构")

    def year_of(self, table: Table) -> int:
        """The year a sheet is about: chosen, in its title, in its name or in the file's. Raises ``Refused``."""
        places = (table.title, table.sheet, PurePath(self.request.file_name).stem)
        written = next(filter(None, map(_year_in, places)), None)
        chosen = self.request.year
        if chosen and written and chosen != written:
            raise Refused("year", f"表上写的是{written}年度，选择的是{chosen}年度")
        if not (chosen or written):
            raise Refused("year", "看不出是哪个年度的表，请在标题写明“2025年度”，或在导入时指定年度")
        return chosen or written or 0

    def refuse_sheet(self, table: Table, column: str, value: str, reason: str) -> None:
        """Refuse a sheet as a whole; its rows are not looked at."""
        words = f"{reason}（整张工作表没有导入）"
        self.outcome.refused.append(Refusal(table.sheet, table.header_row, column, value, words))


def _year_in(words: str) -> int | None:
    """The year named in a title: "2025年度" first, else the only year that is not part of a date."""
    normal = unicodedata.normalize("NFKC", words)
    years = re.findall(r"(?<!\d)(20\d\d) ?年度", normal)
    years = years or re.findall(r"(?<![\d./-])(20\d\d)(?!\d| ?[年./-] ?\d)", normal)
    return int(years[0]) if len(set(years)) == 1 else None


def names_of(alliance: Alliance) -> set[str]:
    """What a sheet may call an alliance: its community, its own name, its code."""
    return {plain(alliance.organisation.name), plain(alliance.name), plain(alliance.code)}
