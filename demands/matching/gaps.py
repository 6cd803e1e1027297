"""What is asked for and offered by nobody, and what is offered and never used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass

from .problem import Need, Resource, Unit
from .words import Lexicon, words_of

# A resource answers a demand from this likeness on; below it the two merely share a common word.
ANSWERS = 0.15


@dataclass(frozen=True)
class CategoryGap:
    """A category of which ``asked`` demands exist, ``claimed`` of them taken by somebody, and no listed resource."""

    major: str
    minor: str
    asked: int
    claimed: int


@dataclass(frozen=True)
class Gaps:
    """``missing``: most asked first. ``idle``: keys of resources never used, in the order of unit and key."""

    missing: tuple[CategoryGap, ...]
    idle: tuple[Hashable, ...]


def gaps(
    needs: Iterable[Need],
    units: Iterable[Unit],
    *,
    claimed: Collection[Hashable] = (),
    used: Collection[Hashable] = (),
) -> Gaps:
    """Compare demands with resources. ``claimed``: keys of demands that somebody took; ``used``: of resources."""
    rows = sorted(units, key=lambda unit: (unit.name, str(unit.key)))
    resources = [r for unit in rows for r in sorted(unit.resources, key=lambda r: str(r.key))]
    groups: dict[tuple[str, str], list[Need]] = defaultdict(list)
    for need in needs:
        groups[need.major, need.minor].append(need)
    texts = [need.text for group in groups.values() for need in group]
    lexicon = Lexicon([*texts, *(_text(resource) for resource in resources)])
    missing = [
        CategoryGap(major, minor, len(group), sum(need.key in claimed for need in group))
        for (major, minor), group in groups.items()
        if not any(_answers(lexicon, resource, major, minor, group) for resource in resources)
    ]
    return Gaps(
        missing=tuple(sorted(missing, key=lambda gap: (-gap.asked, gap.major, gap.minor))),
        idle=tuple(resource.key for resource in resources if resource.key not in used),
    )


def _text(resource: Resource) -> str:
    return f"{resource.name} {resource.text}"


def _answers(lexicon: Lexicon, resource: Resource, major: str, minor: str, group: list[Need]) -> bool:
    """Whether the resource names the category, or is alike to one of its demands."""
    offered = words_of(_text(resource))
    if set(words_of(minor or major)) & set(offered):
        return True
    length = lexicon.length(offered)
    return any(
        lexicon.likeness(words, offered, lexicon.length(words) * length) >= ANSWERS
        for words in (words_of(need.text) for need in group)
    )
