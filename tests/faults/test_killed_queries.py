"""A worker killed in the middle of a query: PostgreSQL notices, ends the query and frees its rows."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.db import connection

from tests.faults.processes import start

pytestmark = [pytest.mark.faults, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

# Holds a row's lock as an advisory one does, and is busy for longer than the test.
PROGRAM = (
    "import django; django.setup(); from django.db import connection; c = connection.cursor();"
    "c.execute('SELECT pg_advisory_lock(4711)'); c.execute('SELECT pg_sleep(120)')"
)
SECONDS = 1


def sleepers() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(120)'"
            " AND datname = current_database()"
        )
        return int(cursor.fetchone()[0])


def is_free() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(4711)")
        free = bool(cursor.fetchone()[0])
        cursor.execute("SELECT pg_advisory_unlock_all()")
        return free


def waited_for(is_so: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if is_so():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(("seconds", "is_noticed"), [(SECONDS, True), (0, False)], ids=["looking", "twin"])
def test_query_of_a_killed_process_ends(
    seconds: int, is_noticed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_CHECK_SECONDS", str(seconds))
    worker = start("-c", PROGRAM)
    assert waited_for(lambda: sleepers() == 1, 30)
    assert not is_free()
    worker.kill()
    worker.wait(30)
    try:
        assert waited_for(is_free, 6 * SECONDS) is is_noticed
        assert sleepers() == (not is_noticed)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(120)'"
            )
