"""Finding a unit by the name somebody typed: the same, nearly the same, or none."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

_NOTE = re.compile(r"\([^()]*\)")
_MARKS = re.compile(r"[\s\"'“”‘’「」《》·.]")
_MOST_OFFERED = 3


@lru_cache(maxsize=8192)
def plain(name: str) -> str:
    """``name`` without width, spaces, quotation marks and case: what must be equal for two names to be one."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", name)).casefold()


def _bare(name: str) -> str:
    """A plain name without what stands in brackets."""
    return _NOTE.sub("", name) or name


def _abbreviates(short: str, long: str) -> bool:
    """Whether ``short`` keeps the first letter of ``long`` and leaves out some of the others."""
    if not 3 <= len(short) < len(long) or short[0] != long[0]:
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)


class UnitNames:
    """The names by which units are known here, each leading to the unit's proper name."""

    def __init__(self, names: Iterable[tuple[str, Iterable[str]]] = ()) -> None:
        """``names``: (proper name, other names of the unit)."""
        self._proper: dict[str, str] = {}
        self._letters: dict[str, Counter[str]] = {}
        for name, aliases in names:
            self.add(name, aliases)

    def add(self, name: str, aliases: Iterable[str] = ()) -> None:
        for known in (name, *aliases):
            self._proper.setdefault(plain(known), name)
            self._letters.setdefault(plain(known), Counter(plain(known)))

    def find(self, typed: str) -> str | None:
        """The proper name of the unit meant, ``None`` if no name or alias is the same."""
        return self._proper.get(plain(typed))

    def near(self, typed: str, *, likeness: float = 0.86, abbreviations: bool = False) -> list[str]:
        """Proper names that ``typed`` may be a slip or variant of, the likeliest first, at most three.

        ``likeness`` is difflib's ratio. A name with and without a note in brackets counts as near; an abbreviation
        (县住建局 for 县住房和城乡建设局) only with ``abbreviations``, for there are pairs such as 县医院 and
        县中医医院 that are two units.
        """
        wanted = plain(typed)
        letters = Counter(wanted)
        found: dict[str, float] = {}
        for known, counts in self._letters.items():
            score = self._likeness(wanted, letters, known, counts, likeness)
            if abbreviations and score < likeness and _abbreviates(*sorted((wanted, known), key=len)):
                score = likeness
            if score >= likeness:
                name = self._proper[known]
                found[name] = max(found.get(name, 0.0), score)
        return sorted(found, key=lambda name: (-found[name], name))[:_MOST_OFFERED]

    @staticmethod
    def _likeness(
        wanted: str, letters: Counter[str], known: str, counts: Counter[str], least: float
    ) -> float:
        both = len(wanted) + len(known)
        if ("(" in wanted or "(" in known) and _bare(wanted) == _bare(known):
            return 1.0
        if 2 * min(len(wanted), len(known)) < least * both:
            return 0.0
        if 2 * sum(min(n, counts[letter]) for letter, n in letters.items()) < least * both:
            return 0.0
        return SequenceMatcher(None, wanted, known, autojunk=False).ratio()
