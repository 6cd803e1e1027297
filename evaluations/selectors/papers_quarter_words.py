"""The document of a quarter, read for its papers: figures by key, its frame, and how things are said in a sentence.

A document is what ``assessments.document`` gives and filing freezes; papers are made from nothing else. Scores are
strings with one decimal or None; days are ISO; texts may be empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from alliances.documents import chinese_date
from evaluations.selectors.quarter_shapes import RATE

Document = Mapping[str, Any]
NOTHING = "—"


def index(facts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The figures of a quarter by key: sections, tables and means (members' are in their lines)."""
    found: dict[str, dict[str, Any]] = {}
    for section in facts["sections"]:
        found.update((one["key"], one) for one in section["figures"])
    for table in facts["tables"].values():
        found.update((one["key"], one) for one in table)
    found.update((one["key"], one) for one in facts["mean"].values())
    return found


def number(figure: Mapping[str, Any] | None) -> int:
    """The count behind a figure; 0 where there is none."""
    return (figure or {}).get("numerator") or 0


def rate_words(figure: Mapping[str, Any] | None) -> str:
    """``97.8%（269/275）``, or the sentence that nothing was due: a rate never stands without its two numbers."""
    if figure is None:
        return NOTHING
    whole = figure["denominator"]
    return f"{figure['value']}（{figure['numerator']}/{whole}）" if whole else figure["value"]


def said(title: str, figure: Mapping[str, Any] | None) -> str:
    """``满意率97.8%（269/275）`` in a sentence; ``满意率：本季度无回访`` where nothing was due."""
    between = "" if figure is not None and figure["denominator"] else "："
    return f"{title}{between}{rate_words(figure)}"


def rate_cell(figure: Mapping[str, Any] | None) -> str:
    """The same in a narrow cell: two lines, or a dash."""
    if figure is None or not figure["denominator"]:
        return NOTHING
    return f"{figure['value']}\n{figure['numerator']}/{figure['denominator']}"


def value_words(figure: Mapping[str, Any]) -> str:
    return rate_words(figure) if figure["kind"] == RATE else str(figure["value"])


def parts_words(figures: Iterable[Mapping[str, Any]], unit: str) -> str:
    """``机关5家、事业单位8家``: what is not nought, most first as given; empty if all are."""
    return "、".join(f"{one['label']}{number(one)}{unit}" for one in figures if number(one))


def iso_words(day: str) -> str:
    """2026-03-02 as ``3月2日``; a dash for none."""
    if not day:
        return NOTHING
    found = date.fromisoformat(day)
    return f"{found.month}月{found.day}日"


def quoted(text: str) -> str:
    """``text`` in quotation marks, its own ones made single."""
    return f"“{text.translate(str.maketrans('“”', '‘’'))}”"


def chair_names(row: Mapping[str, Any]) -> str:
    """Names of a month's chairs, which are given as names or with their member's number."""
    names = [one if isinstance(one, str) else one.get("unit") or one.get("name", "") for one in row["chairs"]]
    return "、".join(names)


def short_score(text: str) -> str:
    """``92.3分（优秀，有效23票，±2.4）`` as ``92.3分\n优秀`` for a narrow cell, whose table or chart has the rest; other words as
    they are."""
    found = re.match(r"([\d.]+分)（([^，）]+)", text)
    return f"{found[1]}\n{found[2]}" if found else text


def group_mean(result: Mapping[str, Any], key: str) -> str:
    """The mean of one group of voters; a dash where it is not used."""
    return next((one["mean"] for one in result["groups"] if one["key"] == key and one["mean"]), NOTHING)


def between(result: Mapping[str, Any]) -> str:
    return f"{result['low']}—{result['high']}" if result["low"] is not None else NOTHING


def signed(points: str | None) -> str:
    """Points with their sign: ``+2.0``, ``-3.0``; empty for none."""
    text = points or "0"
    return "" if float(text) == 0 else text if text.startswith(("-", "+")) else f"+{text}"


def adjustment_words(line: Mapping[str, Any]) -> str:
    """A line's adjustment; where the limits 0 and 100 left less of it, also what was counted."""
    given, counted = signed(line["adjustment"]), signed(line["applied"])
    if not given or given == counted or line["score"] is None:
        return given
    return f"{given}\n（计{counted or '0'}）"


def adjusted(document: Document) -> list[Mapping[str, Any]]:
    return [line for line in document["assessment"]["lines"] if signed(line["adjustment"])]


# --- how it is sent -----------------------------------------------------------------------------------------------

DAY_TO_COME = "　　年　　月　　日"


@dataclass(frozen=True)
class Frame:
    """Who sends the report to whom. ``day`` and ``number`` are empty of a draft."""

    issuer: str
    recipient: str
    copies: str
    number: str
    day: str
    signer: str

    @property
    def date(self) -> str:
        """``2026年4月8日``, or the blanks of a draft."""
        return chinese_date(date.fromisoformat(self.day)) if self.day else DAY_TO_COME


def frame_of(document: Document) -> Frame:
    report = document["report"]
    return Frame(
        issuer=f"{document['alliance']['community']}党支部",
        recipient=committee_of(report["to"]),
        copies="、".join(report["copy_to"]),
        number=report["number"],
        day=report["filed_on"],
        signer=report["signer"],
    )


def committee_of(office: str) -> str:
    """The party committee of a street (党工委), a town or township (党委); other offices by their own name."""
    if office.endswith("街道"):
        return f"{office}党工委"
    return f"{office}党委" if office.endswith(("镇", "乡")) else office
