"""The quarter as offices read it; last quarter nobody had filed, so that there is no trend to draw yet."""

from __future__ import annotations

from tests.matrix import ALL, OFFICES, Row, get, post, who

TAKES: Row = {200: OFFICES, 404: who("administrator auditor"), 403: ALL}

ROWS: dict[str, tuple[Row, Row]] = {
    "evaluations:quarter-office": get({200: OFFICES, 403: ALL}),
    "evaluations:quarter-urge": post({302: OFFICES, 403: ALL}),
    "evaluations:quarter-trend": get({404: OFFICES, 403: ALL}),
    "alliances:export quarter-digest": (TAKES, TAKES),
    "alliances:export quarter-reports": (TAKES, TAKES),
}
