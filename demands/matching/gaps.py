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
    menu = [words_of(_text(resource)) for resource in resources]
    missing = [
        CategoryGap(major, minor, len(group), sum(need.key in claimed for need in group))
        for (major, minor), group in groups.items()
        if not _offered(lexicon, menu, major, minor, [words_of(need.text) for need in group])
    ]
    return Gaps(
        missing=tuple(sorted(missing, key=lambda gap: (-gap.asked, gap.major, gap.minor))),
        idle=tuple(resource.key for resource in resources if resource.key not in used),
    )


def _text(resource: Resource) -> str:
    return f"{resource.name} {resource.text}"


def _offered(
    lexicon: Lexicon, menu: list[tuple[str, ...]], major: str, minor: str, needs: list[tuple[str, ...]]
) -> bool:
    """Whether a resource names the category, or is alike to one of its demands; both as words."""
    named = set(words_of(minor or major))
    if any(named & set(offered) for offered in menu):
        return True
    lengths = [(words, lexicon.length(words)) for words in needs]
    return any(
        lexicon.likeness(words, offered, length * lexicon.length(offered)) >= ANSWERS
        for offered in menu
        for words, length in lengths
    )
