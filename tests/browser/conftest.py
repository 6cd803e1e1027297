"""Fixtures of the browser tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from alliances import clock
from tests.cast import NOW


@pytest.fixture
def office_time() -> Iterator[None]:
    """The server's threads see the cast's March: the clock is shifted for the process, not for one thread."""
    clock.use_shift(lambda: NOW - clock.machine_time())
    yield
    clock.use_shift(None)
