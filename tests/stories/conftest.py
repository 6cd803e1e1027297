"""Fixtures of the stories."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from alliances import clock
from tests.stories.browsing import OfficeClock


@pytest.fixture
def calendar() -> Iterator[OfficeClock]:
    yield OfficeClock()
    clock.use_shift(None)
