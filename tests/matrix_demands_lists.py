"""The four lists as pages, their rates and gaps: who gets what."""

from __future__ import annotations

from tests.matrix import Row

ROWS: dict[str, tuple[Row, Row]] = {}
