"""The county with its four lists, imported once for the tests of a module; each test's own changes are undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import transaction

from alliances import clock
from tests.demands.planted_world import World, planted_world
from tests.import_runs import LISTS, Run, import_county

COUNTY_DAY = "2026-03-31T09:00"


@pytest.fixture(scope="module")
def county_lists(
    django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Run]]:
    """The runs of the county's imports, in force while the module's tests run."""
    folder = tmp_path_factory.mktemp("county")
    with django_db_blocker.unblock(), clock.at(datetime.fromisoformat(COUNTY_DAY)), transaction.atomic():
        yield import_county(folder, "organisations", "members", *LISTS)
        transaction.set_rollback(True)


@pytest.fixture
def lists_county(county_lists: dict[str, Run], db: None) -> dict[str, Run]:
    """The same for one test, whose own writing ends with it (``db`` lies inside the module's transaction)."""
    return county_lists


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[World]:
    """Residents planted all over the loop, built once: what a request writes its test undoes."""
    with django_db_blocker.unblock(), planted_world() as built:
        yield built
