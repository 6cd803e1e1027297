"""Shapes of a quarter's figures; what they mean is written in ``quarter``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

COUNT, RATE, SUM, SCORE = "count", "rate", "sum", "score"


@dataclass(frozen=True)
class Figure:
    """One printed number with the address of the rows behind it (see ``quarter``)."""

    key: str
    label: str
    value: str
    numerator: int | None = None
    denominator: int | None = None
    url: str = ""
    whole_url: str = ""
    kind: str = COUNT

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "label": self.label,
            "kind": self.kind,
            "value": self.value,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "url": self.url,
            "whole_url": self.whole_url,
        }


@dataclass(frozen=True)
class MonthRow:
    """Attachment 1. ``slip``, ``notice``, ``seminar``, ``activity``, ``feedback``: {"due", "done", "words", "in_time"}, days ISO or
    empty, ``in_time`` None where nothing was due. ``units`` is how many members took part in the month, of ``members``.
    ``chair`` is the month's result as ``selectors.results.as_json`` gives it or None; ``chair_words`` prints it, or
    评议未结束, or 无评议."""

    month: int
    label: str
    mode: str
    theme: str
    chairs: list[dict[str, Any]]
    slip_number: str
    slip: dict[str, Any]
    notice: dict[str, Any]
    seminar: dict[str, Any]
    activity: dict[str, Any]
    feedback: dict[str, Any]
    comment: bool
    activities: int
    units: int
    members: int
    chair: dict[str, Any] | None
    chair_words: str
    url: str


@dataclass(frozen=True)
class ActivityRow:
    """Attachment 2, by day. ``formula`` is X+N; ``heads`` and ``beneficiaries`` None: nobody counted."""

    id: int
    held_on: str
    month: int | None
    kind: str
    title: str
    place: str
    chairs: list[str]
    others: list[str]
    formula: str
    heads: int | None
    beneficiaries: int | None
    claims: int
    score_words: str
    url: str


@dataclass(frozen=True)
class ResultRow:
    """Attachment 4: an activity's or a month's chair result. ``subject``: activity or chair; ``state``: settled, open (评议
    未结束), few (有效票数不足). ``result`` is as ``selectors.results.as_json`` gives it, None while open; ``counts`` are the
    sheets 发放, 收回, 有效, 弃权, 作废 of an activity's round, None for a chair."""

    month: int
    subject: str
    title: str
    chairs: list[str]
    state: str
    words: str
    result: dict[str, Any] | None
    counts: dict[str, int] | None
    url: str


@dataclass(frozen=True)
class MemberLine:
    """Attachment 5 and a unit's own line: its figures by key (``duty``, ``attendance``, ``months``, ``activities``,
    ``response``, ``resolved``, ``on_time``, ``satisfied``, ``strictly``, ``claimed``, ``delivered``, ``commitments``) and ``facts``, what
    the assessment is computed from."""

    member: int
    unit: str
    sector: str
    figures: dict[str, Figure]
    facts: Any


@dataclass(frozen=True)
class Offered:
    """A fact offered for the parts that wait for the secretary's words: a sentence, and where it can be looked at."""

    text: str
    url: str


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    figures: list[Figure]


def figure(figures: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The figure ``key`` of a document made by ``as_figures``. Raises KeyError for one that is not there."""
    for found in every(figures):
        if found["key"] == key:
            return found
    raise KeyError(key)


def every(figures: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All figures of a document: those of the sections, the tables, the means and the members, each key once."""
    for section in figures["sections"]:
        yield from section["figures"]
    for table in figures["tables"].values():
        yield from table
    yield from figures["mean"].values()
    for line in figures["members"]:
        yield from line["figures"].values()
