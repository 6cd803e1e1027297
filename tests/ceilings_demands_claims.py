"""A claim from promise to delivery: what the pages cost, in queries: (who looks, address, how many)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

PAGES: dict[str, tuple[str, Callable[[Any], str], int]] = {}
FORMS: set[str] = set()  # forms and files, which list nothing
