"""What a chapter of the demo is told in, and how one demand's life is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from alliances.calendars import WorkingDays
from alliances.models import Alliance, Member, User
from alliances.services.demo_people import Cast
from demands.enums import DemandSource, Urgency

# Where a demand comes in: the source that staff choose for it; a unit asks for itself, a resident scans.
QR, UNIT = "qr", "unit"
DOORS = {
    "slip": DemandSource.OPINION_BOX,
    "phone": DemandSource.HOTLINE,
    "visit": DemandSource.VISIT,
    "wish": DemandSource.WISH,
    "station": DemandSource.STATION,
}


class Story(Protocol):
    """The demo's quarter, of which chapters of every app know this much."""

    cast: Cast
    alliances: dict[str, Alliance]
    offline: frozenset[int]
    days: WorkingDays

    def at(self, day: date, hour: int, minute: int, deed: Callable[[], None]) -> None:
        """``deed`` will be done then, with the clock standing there."""

    def liaison(self, member: Member) -> User:
        """The unit's liaison as they log in."""


@dataclass(frozen=True)
class Step:
    """``after`` working days after the step before (0: the same day, a little later), ``verb`` of ``deeds.Deeds``."""

    after: int
    verb: str
    what: dict[str, Any]


def step(after: int, verb: str, **what: Any) -> Step:
    return Step(after, verb, what)


@dataclass(frozen=True)
class Course:
    """One demand from the day it was said. ``station`` counts the community's stations from 0; None is the community.

    ``name`` and ``phone`` are fictional and may be empty; ``unit`` asks where ``door`` is ``UNIT``. ``key`` is by what
    other courses and steps name it.
    """

    raised: date
    door: str
    category: tuple[str, str]
    content: str
    steps: tuple[Step, ...] = ()
    name: str = ""
    phone: str = ""
    station: int | None = 0
    urgency: str = Urgency.NORMAL
    unit: str = ""
    key: str = ""
