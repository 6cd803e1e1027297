"""A report in brief: what the offices' tables need of a frozen document, stored beside it when it is filed.

A document has some 80 KB; a county's table would read 400 of them for a dozen numbers each. The brief has half a KB::

    {"counts": {key: number}, "rates": {key: [numerator, denominator]}, "mean": text or None, "rated": number,
     "trend": [year, n, part, whole, part, whole, part, whole, year, n, ...]}

Keys are those of a quarter's figures (``papers_quarter_digest.COUNTS`` and ``RATES``); the shares of the trend are in the order of
``papers_quarter_charts.RATES``, eight numbers a quarter, flat because reading it is most of what a county's page costs. ``as_document`` gives the digest what it reads of a document. ``integrity_quarter`` holds briefs
and documents together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from alliances.calendars import QUARTER_NUMERALS, Quarter
from demands.selectors.record import Share
from evaluations.selectors import papers_quarter_words as words
from evaluations.selectors.papers_quarter_charts import RATES as TREND
from evaluations.selectors.papers_quarter_digest import COUNTS, RATES

Brief = Mapping[str, Any]
SIZE = 2 + 2 * len(TREND)  # numbers a quarter in a trend


def brief_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The brief of a filed report's document; empty of an empty one."""
    if not document:
        return {}
    known = words.index(document)
    rates = {key: known[key] for key, _ in RATES if key in known}
    return {
        "counts": {key: words.number(known[key]) for key, _ in COUNTS if key in known},
        "rates": {key: [words.number(one), one["denominator"] or 0] for key, one in rates.items()},
        "mean": document["assessment"]["mean"],
        "rated": document["assessment"]["rated"],
        "trend": [
            number for point in document["trend"] for number in (point["year"], point["n"], *_numbers(point))
        ],
    }


def as_document(brief: Brief) -> dict[str, Any]:
    """A document with nothing but what ``papers_quarter_digest`` reads."""
    figures = [
        {"key": key, "value": str(number), "numerator": number, "denominator": None}
        for key, number in brief["counts"].items()
    ]
    for key, (part, whole) in brief["rates"].items():
        value = percent(part, whole) if whole else ""
        figures.append({"key": key, "value": value, "numerator": part, "denominator": whole})
    return {
        "sections": [{"figures": figures}],
        "tables": {},
        "mean": {},
        "assessment": {"mean": brief["mean"], "rated": brief["rated"]},
    }


def _numbers(point: Mapping[str, Any]) -> Iterator[int]:
    for key, _ in TREND:
        yield point[key]["part"]
        yield point[key]["whole"]


def trend_of(briefs: Iterable[Brief]) -> list[int]:
    """The shares of several reports together over the quarters, in the shape of one brief's ``trend``."""
    found: dict[tuple[int, int], list[int]] = {}
    for brief in briefs:
        for year, n, shares in quarters_of(brief["trend"]):
            known = found.get((year, n))
            found[year, n] = [a + b for a, b in zip(known, shares, strict=True)] if known else list(shares)
    return [number for at in sorted(found) for number in (*at, *found[at])]


def quarters_of(trend: Sequence[int]) -> Iterator[tuple[int, int, Sequence[int]]]:
    """(year, quarter, its shares as six numbers) of a brief's ``trend``."""
    for at in range(0, len(trend), SIZE):
        yield trend[at], trend[at + 1], trend[at + 2 : at + SIZE]


def points_of(trend: Sequence[int]) -> list[dict[str, Any]]:
    """A brief's trend as a document has it, for ``papers_quarter_charts.trend``."""
    return [
        {"year": year, "n": n, "label": Quarter(year, n).label}
        | {key: _share(*shares[2 * at : 2 * at + 2]) for at, (key, _) in enumerate(TREND)}
        for year, n, shares in quarters_of(trend)
    ]


def words_of(trend: Sequence[int]) -> str:
    """What the chart of a trend shows, in the words of ``papers_quarter_charts.trend``; empty where there are fewer than two
    quarters to show. Made of whole numbers: a table has a hundred of these."""
    quarters = list(quarters_of(trend))
    known = [at for at, (_, _, shares) in enumerate(quarters) if any(shares[1::2])]
    if len(known) < 2:
        return ""
    told = [
        f"{year}年第{QUARTER_NUMERALS[n - 1]}季度"
        + "、".join(_told(name, *shares[2 * at : 2 * at + 2]) for at, (_, name) in enumerate(TREND))
        for year, n, shares in quarters[known[0] :]
    ]
    return f"{'；'.join(told)}。"


def _told(name: str, part: int, whole: int) -> str:
    return f"{name}{percent(part, whole)}（{part}/{whole}）" if whole else f"{name}无"


def percent(part: int, whole: int) -> str:
    """``Share.percent`` with its sign, without decimals' cost: half-up to a tenth. ``whole`` is not nought."""
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"


def _share(part: int, whole: int) -> dict[str, Any]:
    found = Share(part, whole).percent
    return {"part": part, "whole": whole, "percent": None if found is None else str(found)}
