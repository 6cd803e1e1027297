"""Several people at the very same moment: threads with connections of their own, started together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextvars import copy_context
from typing import Any

from django.db import connections


def together(deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run all deeds at once; returns for each its result or the exception it raised, in order.

    Each thread sees the frozen clock of the test and its own connection to the database.
    """
    start = threading.Barrier(len(deeds))
    outcomes: list[Any] = [None] * len(deeds)

    def run(number: int, deed: Callable[[], Any]) -> None:
        try:
            connections["default"].ensure_connection()
            start.wait(30)
            outcomes[number] = deed()
        except Exception as problem:  # the test looks at it
            outcomes[number] = problem
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=copy_context().run, args=(run, number, deed))
        for number, deed in enumerate(deeds)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a deadlock"
    return outcomes
