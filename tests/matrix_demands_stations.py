"""Acceptance and call-back: who gets what."""

from __future__ import annotations

from tests.matrix import Row

ROWS: dict[str, tuple[Row, Row]] = {}
