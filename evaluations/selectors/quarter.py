"""The facts of a quarter for the assessment and its report: what the other apps' records say, joined with the scores.

``facts(alliance, quarter)`` reads everything by a number of queries that does not grow with the rows or the members.
``QuarterFacts.as_figures()`` is the JSON that is frozen when the report is filed; papers, workbook and page are made from it
and from nothing else:

    {"version": 1,
     "alliance": {"code", "name", "community", "street", "brand"},
     "quarter": {"year", "n", "label", "since", "until"},                     # days ISO, both included
     "sections": [{"key", "title", "figures": [Figure, ...]}, ...],           # basics, duty, lists, results: parts 1-4
     "months": [Month, ...],                                                  # attachment 1, and participation by month
     "activities": [Activity, ...],                                           # attachment 2
     "tables": {"resources" | "demands" | "groups" | "claims" | "acceptances" | "answers" | "rates": [Figure, ...]},
                                                                              # attachment 3
     "results": [Result, ...],                                                # attachment 4
     "members": [Line, ...],                                                  # attachment 5
     "mean": {"attendance": Figure, ...},                                     # the alliance's, beside a unit's own line
     "trend": [{"year", "n", "label", "response", "resolved", "satisfied"}],  # four quarters, the oldest first; each a
                                                                              # {"part", "whole", "percent"}, percent a
                                                                              # string or None
     "offered": {"overdue" | "unmatched" | "dormant" | "repeated": [{"text", "url"}, ...]}}

A Figure is ``{"key", "label", "kind", "value", "numerator", "denominator", "url", "whole_url"}``. ``value`` is what papers
print (``12``, ``97.8%``, ``92.3``, or a sentence such as 本季度无派单). ``kind`` says what ``url`` opens: of a ``count`` a list
of exactly ``numerator`` rows; of a ``rate`` the numerator's rows, and ``whole_url`` the denominator's; of a ``sum`` the rows
that add up to ``numerator``; of a ``score`` the page of the round. An address is empty where there are no rows. Keys are
unique in a document and steady from quarter to quarter; ``figure(figures, key)`` finds one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

COUNT, RATE, SUM, SCORE = "count", "rate", "sum", "score"


@dataclass(frozen=True)
class Figure:
    """One printed number with the address of the rows behind it (see the module)."""

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
    """All figures of a document, each key once: those of the sections, tables, means and members."""
    for section in figures["sections"]:
        yield from section["figures"]
    for table in figures["tables"].values():
        yield from table
    yield from figures["mean"].values()
    for line in figures["members"]:
        yield from line["figures"].values()
