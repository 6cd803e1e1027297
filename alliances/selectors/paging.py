"""Keyset pages: the hundredth page costs what the first does. For lists ordered by descending primary key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

SIZE = 50


@dataclass(frozen=True)
class Page:
    """One page: ``rows`` newest first, ``older`` and ``newer`` are query strings or empty at an end."""

    rows: list[Any]
    older: str
    newer: str


def page(rows: QuerySet, params: QueryDict, size: int = SIZE) -> Page:
    """The page that ``params`` ask for (``before``/``after`` a primary key). Wrong values mean the first page."""
    before, after = _number(params.get("before")), _number(params.get("after"))
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
        has_newer, has_older = len(found) > size, True
        found = found[:size][::-1]
    else:
        if before is not None:
            rows = rows.filter(pk__lt=before)
        found = list(rows.order_by("-pk")[: size + 1])
        has_newer, has_older = before is not None, len(found) > size
        found = found[:size]
    if not found:
        return Page([], "", _query(params) if before is not None else "")
    return Page(
        found,
        older=_query(params, before=found[-1].pk) if has_older else "",
        newer=_query(params, after=found[0].pk) if has_newer else "",
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
