"""What residents reach without an account: orders, progress by code, answers by link, venues; and the office's doors to it (QR codes, posters): who gets what."""

from __future__ import annotations

from tests.matrix import Row

ROWS: dict[str, tuple[Row, Row]] = {}
