"""Fixtures for every test: the cast, the frozen clock, clients that are logged in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.db import connections
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as properties

from alliances import clock
from alliances.models import User
from rotation.models import Slip
from rotation.services import slips
from tests import cast as cast_module
from tests.cast import NOW, Cast

# A property is judged by what it says, not by how busy the machine is.
properties.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
properties.load_profile("patient")

LOGIN_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_log(django_db_modify_db_settings: None) -> Iterator[None]:
    """The log refuses to be emptied, also by the flush after a transactional test: lift its triggers for that."""
    log = import_module("alliances.migrations.0002_append_only_log")
    # On the class, because a test that drives a browser gets a connection of its own (asgiref keeps one per loop).
    ops = type(connections["default"].ops)
    flush = ops.execute_sql_flush
    sqlite = connections["default"].vendor == "sqlite"
    lift = log.UNDO_SQLITE if sqlite else log.UNDO_POSTGRESQL
    restore = log.SQLITE if sqlite else log.POSTGRESQL
    ops.execute_sql_flush = lambda self, statements: flush(self, [*lift, *statements, *restore])
    yield
    ops.execute_sql_flush = flush


class Frozen:
    """The office's time, standing still until a test moves it. Threads that a test starts do not inherit it."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.to(NOW)

    def to(self, moment: datetime | str) -> datetime:
        """Set the time: a datetime or ISO text, naive values read as Asia/Shanghai."""
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        self._stack.close()
        self._stack.enter_context(clock.at(moment))
        return clock.now()

    def forward(self, **by: float) -> datetime:
        """Move on by ``timedelta(**by)``."""
        return self.to(clock.now() + timedelta(**by))


@pytest.fixture
def frozen() -> Iterator[Frozen]:
    """Monday 2 March 2026, 09:00, standing still; ``frozen.to("2026-03-05T09:00")`` moves it."""
    with ExitStack() as stack:
        yield Frozen(stack)


@pytest.fixture
def cast(db: None, frozen: Frozen) -> Cast:
    """The whole cast, see ``tests/cast.py``; the clock stands on the first working morning of March 2026."""
    return cast_module.build()


@pytest.fixture
def march(cast: Cast) -> Slip:
    """March's slip, just issued to its three chair units."""
    slip = slips.issue(cast.duties[3])
    assert slip is not None
    return slip


def client_of(user: User | None) -> Client:
    """A browser in which ``user`` is logged in; None is anonymous."""
    client = Client()
    if user is not None:
        client.force_login(user, backend=LOGIN_BACKEND)
    return client


@pytest.fixture
def client_for(db: None) -> Callable[[User | None], Client]:
    return client_of
