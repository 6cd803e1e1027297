"""The frozen document of a quarter, read for its papers: figures by key, and how they are said in a sentence.

A document is what the assessment freezes when it is filed, and papers are made from nothing else:

    {"facts": ``quarter.QuarterFacts.as_figures()``,
     "lines": [{"member", "unit", "parts": ``assessing.parts_as_json``, "raw", "adjustment", "reason", "score", "grade"}],
     "mean": "88.1" or None,                         # of the rated lines
     "words": {"problems", "next_steps"},            # parts five and six
     "frame": {"number", "issuer", "signer", "recipient", "copies", "date", "contact", "revision",
               "replaces": {"number", "date"} or None, "reason", "style": "plain" or "red"}}

Scores are strings with one decimal or None; days are ISO; texts of ``frame`` may be empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

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


def group_mean(result: Mapping[str, Any], key: str) -> str:
    """The mean of one group of voters; a dash where it is not used."""
    return next((one["mean"] for one in result["groups"] if one["key"] == key and one["mean"]), NOTHING)


def between(result: Mapping[str, Any]) -> str:
    return f"{result['low']}—{result['high']}" if result["low"] is not None else NOTHING


def signed(points: str) -> str:
    """An adjustment with its sign: ``+2.0``, ``-3.0``; empty for none."""
    return "" if float(points or 0) == 0 else points if points.startswith(("-", "+")) else f"+{points}"
