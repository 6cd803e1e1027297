"""A report in brief: what the offices' tables need of a frozen document, stored beside it when it is filed.

A document has some 80 KB. A county's table would read 400 of them for a dozen numbers each; the brief has 2 KB. It is a
document of the same shape with most of it left out, so that the digest reads either::

    {"sections": [{"figures": [Figure, ...]}], "tables": {}, "mean": {}, "trend": [...],
     "assessment": {"mean", "rated"}}

A Figure has no addresses here. ``integrity_quarter`` holds briefs and documents together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluations.selectors import papers_quarter_words as words
from evaluations.selectors.papers_quarter_digest import COUNTS, RATES

KEPT = ("key", "label", "kind", "value", "numerator", "denominator")


def brief_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The brief of a filed report's document; empty of an empty one."""
    if not document:
        return {}
    known = words.index(document)
    figures = [
        {name: one[name] for name in KEPT}
        for key, _ in (*COUNTS, *RATES)
        if (one := known.get(key)) is not None
    ]
    return {
        "sections": [{"figures": figures}],
        "tables": {},
        "mean": {},
        "trend": document["trend"],
        "assessment": {"mean": document["assessment"]["mean"], "rated": document["assessment"]["rated"]},
    }
