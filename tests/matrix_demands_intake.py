"""Taking in, reviewing, sharing; a demand's whole story; units' own demands; contacts: who gets what."""

from __future__ import annotations

from tests.matrix import Row

ROWS: dict[str, tuple[Row, Row]] = {}
