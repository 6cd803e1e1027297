"""Who walks the site on every run, and who where CI runs what is slow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def walkers(everybody: Iterable[str], *, first: Iterable[str]) -> list[Any]:
    """Parameters of a test: ``first`` are those of ``everybody`` that no run leaves out, the others are marked slow."""
    now = frozenset(first)
    found = sorted(everybody)
    assert now <= set(found), now - set(found)
    return [part if part in now else pytest.param(part, marks=pytest.mark.slow) for part in found]
