"""The simulated quarter, seeded once for the tests of a module and taken back after them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import transaction

from alliances import clock
from alliances.models import Alliance
from bench import quarter as seeds


@pytest.fixture(scope="module")
def county(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Alliance]]:
    """The county's eight communities on the first day after their quarter."""
    with django_db_blocker.unblock(), ExitStack() as stack:
        stack.enter_context(transaction.atomic())
        alliances = seeds.seed()
        stack.enter_context(clock.at(seeds.SEEN_AT))
        yield alliances
        transaction.set_rollback(True)
