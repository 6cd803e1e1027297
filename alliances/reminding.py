"""Base of reminders: what an app registers so that a digest can ask whether a line is still due."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reminder:
    """``still_due(object_id)`` is False once everybody who had to act has acted."""

    name: str
    title: str
    still_due: Callable[[int], bool]
