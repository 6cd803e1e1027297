"""Keyset pages: the hundredth page costs what the first does. For lists ordered by primary key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

SIZE = 50


@dataclass(frozen=True)
class Page:
    """One page: ``older`` leads to the next one, ``newer`` to the one before; query strings, empty at an end."""

    rows: list[Any]
    older: str
    newer: str


def page(rows: QuerySet, params: QueryDict, size: int = SIZE, *, ascending: bool = False) -> Page:
    """The page that ``params`` ask for (``before``/``after`` a primary key). Wrong values mean the first page.

    Newest first; ``ascending`` gives the order of a roster, the oldest first.
    """
    onward, back = ("after", "before") if ascending else ("before", "after")
    forward, reverse = ("pk", "-pk") if ascending else ("-pk", "pk")
    lookups = {"before": "pk__lt", "after": "pk__gt"}
    start, end = _number(params.get(onward)), _number(params.get(back))
    if end is not None:
        found = list(rows.filter(**{lookups[back]: end}).order_by(reverse)[: size + 1])
        has_previous, has_next = len(found) > size, True
        found = found[:size][::-1]
    else:
        if start is not None:
            rows = rows.filter(**{lookups[onward]: start})
        found = list(rows.order_by(forward)[: size + 1])
        has_previous, has_next = start is not None, len(found) > size
        found = found[:size]
    if not found:
        return Page([], "", _query(params) if start is not None or end is not None else "")
    return Page(
        found,
        older=_query(params, **{onward: found[-1].pk}) if has_next else "",
        newer=_query(params, **{back: found[0].pk}) if has_previous else "",
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _query(params: QueryDict, **cursor: int) -> str:
    """The same filters at another place, e.g. ``?state=due&before=118``."""
    query = params.copy()
    for key in ("before", "after", "total"):
        query.pop(key, None)
    for key, value in cursor.items():
        query[key] = str(value)
    return f"?{query.urlencode()}"
