"""What matching is told and what it answers. Keys are the caller's (row ids, or names in a bench)."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Need:
    """A demand. ``path`` is the materialised path of its community ("01/02/01/").

    Of a ``sensitive`` one no word of its text appears in a reason: reasons are read beyond the community.
    """

    key: Hashable
    major: str
    minor: str = ""
    text: str = ""
    path: str = ""
    sensitive: bool = False


@dataclass(frozen=True)
class Resource:
    """A listed resource of a unit."""

    key: Hashable
    name: str
    text: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Unit:
    """A unit that could serve. ``paths`` of every community it is a member in; ``standing`` claims it has now."""

    key: Hashable
    name: str
    paths: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    standing: int = 0


@dataclass(frozen=True)
class Deed:
    """A claim of the past: who took which demand and what was done.

    ``good`` is the station's verdict: True accepted, False returned or handed back, None not yet known.
    ``sensitive``: of its demand only the category counts, so that no word of it comes back in another's reason.
    """

    unit: Hashable
    need: Hashable
    major: str
    minor: str = ""
    text: str = ""
    measures: str = ""
    good: bool | None = None
    sensitive: bool = False


class Part(StrEnum):
    """What a score is made of; each part is between 0 and 1."""

    WORDS = "words"  # the demand's words among those of the unit: name, duties, resources
    DEEDS = "deeds"  # the demand's words among those of what the unit has done
    CATEGORY = "category"  # how often the unit took demands of this category
    NEAR = "near"  # levels of the organisation tree the two have in common
    FREE = "free"  # few standing claims
    SUCCESS = "success"  # accepted at the first visit


@dataclass(frozen=True)
class Weights:
    """How much each part counts; only their ratio matters. Reasons and the measurement: docs/decisions/0012."""

    words: float = 2.0
    deeds: float = 0.5
    category: float = 1.0
    near: float = 0.2
    free: float = 0.1
    success: float = 0.1

    def score(self, parts: dict[Part, float]) -> float:
        """The weighted mean, 0 to 1; never falls when a part rises."""
        total = sum(getattr(self, part) for part in Part)
        return sum(getattr(self, part) * parts[part] for part in Part) / total


WEIGHTS = Weights()


@dataclass(frozen=True)
class Suggestion:
    """One pair of unit and demand. ``resources`` are those that fit, best first; ``reason`` is one Chinese sentence.

    ``is_founded``: something speaks for the pair and is named in the reason - a resource, a word of the unit's duties or
    name, a past deed in the category or in words - not merely its place in the tree or its free hands.
    """

    unit: Hashable
    need: Hashable
    score: float
    parts: dict[Part, float]
    resources: tuple[Hashable, ...]
    reason: str
    is_founded: bool
