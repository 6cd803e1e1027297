"""The open hall, offers, taking a demand: who gets what."""

from __future__ import annotations

from tests.matrix import Row

ROWS: dict[str, tuple[Row, Row]] = {}
