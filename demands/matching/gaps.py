"""What is asked for and offered by nobody, and what is offered and never used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass

from .problem import Deed, Need, Resource, Unit
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


class Comparison:
    """Demands beside the resources of some units. What is missing needs no deeds, and what is idle no claims: each is asked
    for alone, and compares only then."""

    def __init__(self, needs: Iterable[Need], units: Iterable[Unit]) -> None:
        rows = sorted(units, key=lambda unit: (unit.name, str(unit.key)))
        self._resources = [
            (unit.key, resource)
            for unit in rows
            for resource in sorted(unit.resources, key=lambda resource: str(resource.key))
        ]
        self._groups: dict[tuple[str, str], list[Need]] = defaultdict(list)
        for need in needs:
            self._groups[need.major, need.minor].append(need)
        texts = [need.text for group in self._groups.values() for need in group]
        self._lexicon = Lexicon([*texts, *(_text(resource) for _, resource in self._resources)])

    def missing(self, claimed: Collection[Hashable] = ()) -> list[CategoryGap]:
        """Categories that no resource answers, most asked first. ``claimed``: keys of demands that somebody took."""
        menu = _Menu(self._lexicon, (words_of(_text(resource)) for _, resource in self._resources))
        found = [
            CategoryGap(major, minor, len(group), sum(need.key in claimed for need in group))
            for (major, minor), group in self._groups.items()
            if not menu.offers(major, minor, (need.text for need in group))
        ]
        return sorted(found, key=lambda gap: (-gap.asked, gap.major, gap.minor))

    def idle(self, used: Collection[Hashable] = (), deeds: Iterable[Deed] = ()) -> list[Hashable]:
        """Keys of resources never used, in the order of unit and key. ``used``: keys of resources that were.

        A resource counts as used also where one of its unit's own ``deeds`` is of its kind, by category or words: units
        seldom name the resource that they serve with.
        """
        done: dict[Hashable, list[Deed]] = defaultdict(list)
        for deed in deeds:
            done[deed.unit].append(deed)
        records = {unit: _Record(self._lexicon, rows) for unit, rows in done.items()}
        return [
            resource.key
            for unit, resource in self._resources
            if resource.key not in used and not (unit in records and records[unit].uses(resource))
        ]


def _text(resource: Resource) -> str:
    return f"{resource.name} {resource.text}"


class _Menu:
    """Texts (resources, deeds) by their words, those of the same words once: only what shares a word is compared."""

    def __init__(self, lexicon: Lexicon, menu: Iterable[tuple[str, ...]]) -> None:
        self.lexicon = lexicon
        distinct = list(dict.fromkeys(menu))
        self.lengths = [lexicon.length(words) for words in distinct]
        self.places: dict[str, list[int]] = defaultdict(list)
        for place, words in enumerate(distinct):
            for word in words:
                self.places[word].append(place)

    def offers(self, major: str, minor: str, texts: Iterable[str]) -> bool:
        """Whether a resource names the category, or is alike to one of the texts; both as words."""
        if any(word in self.places for word in words_of(minor or major)):
            return True
        return any(self.has_like(words) for words in {words_of(text) for text in texts})

    def has_like(self, words: tuple[str, ...]) -> bool:
        shared: dict[int, float] = defaultdict(float)
        for word in words:
            for place in self.places.get(word, ()):
                shared[place] += self.lexicon.weight(word) ** 2
        if not shared:
            return False
        length = self.lexicon.length(words)
        return any(value >= ANSWERS * length * self.lengths[place] for place, value in shared.items())


class _Record:
    """What one unit has done: the categories by their words, the words of demands and measures."""

    def __init__(self, lexicon: Lexicon, deeds: list[Deed]) -> None:
        self.categories = {word for deed in deeds for word in words_of(deed.minor or deed.major)}
        texts = (text for deed in deeds for text in (deed.text, deed.measures))
        self.menu = _Menu(lexicon, (words_of(text) for text in texts))

    def uses(self, resource: Resource) -> bool:
        words = words_of(_text(resource))
        return not self.categories.isdisjoint(words) or self.menu.has_like(words)
