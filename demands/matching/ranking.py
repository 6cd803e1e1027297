"""Scores every pair of unit and demand and tells why in a sentence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from .duties import duties_of
from .problem import WEIGHTS, Deed, Need, Part, Resource, Suggestion, Unit, Weights
from .words import Lexicon, words_of

# A category is known as if this many demands of the next wider one had been seen beside its own.
SHRINKAGE = 2.0
# From here on a past deed is near enough to be named in the reason; its words count in the score below that too.
TELLING = 0.2
# What was returned or handed back: near to the demand perhaps, but nothing that speaks for the unit.
FAILED = "failed"
# What stands in the reason's first place where nothing speaks for the pair.
UNFOUNDED = "无直接依据"
# Standing claims at which a unit counts as half free.
HALF_FREE = 3.0


@dataclass(frozen=True)
class _Document:
    """Words that speak for a unit: its name, its duties, a resource, or something it has done."""

    words: tuple[str, ...]
    length: float
    kind: str
    resource: Resource | None = None


@dataclass(frozen=True)
class _Best:
    likeness: float = 0.0
    document: _Document | None = None


class _Asked:
    """A demand with its words, taken apart once for all units."""

    def __init__(self, need: Need, lexicon: Lexicon) -> None:
        self.need = need
        self.words = words_of(f"{need.text} {need.minor}")
        self.length = lexicon.length(self.words)


@dataclass(frozen=True)
class _Pair:
    asked: _Asked
    unit: Unit
    score: float
    parts: dict[Part, float]
    best: _Best
    done: _Best
    is_founded: bool


class Matcher:
    """Built once from the units and the deeds of the past, then asked for any number of demands.

    Input order does not matter. A unit's resources count for that unit alone: listing one more never lowers its own
    score and changes nobody else's. Deeds of the demand that is asked about are never used, so measuring needs no
    second copy.
    """

    def __init__(
        self,
        units: Iterable[Unit],
        deeds: Iterable[Deed] = (),
        *,
        weights: Weights = WEIGHTS,
        use_duties: bool = True,
    ) -> None:
        self.weights = weights
        self.units = {unit.key: unit for unit in units}
        # Deeds of units that are not asked about still tell how many demands of a category there were.
        self.deeds = sorted(deeds, key=_in_order)
        duties = {key: duties_of(unit.name) if use_duties else "" for key, unit in self.units.items()}
        told = {d.need: d.text for d in self.deeds if not d.sensitive}
        # Names and duties of the units, words of the demands: not the resources, see the class.
        self.lexicon = Lexicon([*(u.name for u in self.units.values()), *duties.values(), *told.values()])
        self._own = {key: self._documents(unit, duties[key]) for key, unit in self.units.items()}
        self._done: dict[Hashable, list[tuple[Hashable, _Document]]] = defaultdict(list)
        self._takers: dict[Hashable, set[Hashable]] = defaultdict(set)
        self._needs: dict[tuple[str, str], set[Hashable]] = defaultdict(set)
        self._taken: Counter[tuple[tuple[str, str], Hashable]] = Counter()
        self._visits: Counter[tuple[Hashable, bool]] = Counter()
        # Demands of a category that a unit took without failing: experience that speaks for it.
        self._served: dict[tuple[str, str, Hashable], set[Hashable]] = defaultdict(set)
        for deed in self.deeds:
            self._learn(deed)

    def units_for(self, need: Need, limit: int | None = 5) -> list[Suggestion]:
        """The units for ``need``, best first, equal ones by name; those for which nothing speaks come last and say so."""
        asked = _Asked(need, self.lexicon)
        found = [self._pair(asked, unit) for unit in self.units.values()]
        found.sort(key=lambda p: (not p.is_founded, -p.score, p.unit.name, str(p.unit.key)))
        return [self._suggest(pair) for pair in found[:limit]]

    def needs_for(self, unit_key: Hashable, needs: Iterable[Need], limit: int | None = 5) -> list[Suggestion]:
        """The demands that suit a unit, best first; only those for which a resource, a duty or a past deed speaks."""
        unit = self.units[unit_key]
        found = [self._pair(_Asked(need, self.lexicon), unit) for need in needs]
        found = [pair for pair in found if pair.is_founded]
        found.sort(key=lambda p: (-p.score, str(p.asked.need.key)))
        return [self._suggest(pair) for pair in found[:limit]]

    def _pair(self, asked: _Asked, unit: Unit) -> _Pair:
        own = [(self._likeness(asked, d), d) for d in self._own[unit.key]]
        value, document = max(own, key=lambda pair: pair[0], default=(0.0, None))
        best = _Best(value, document if value else None)
        done, is_telling = _Best(), False
        for key, past in self._done[unit.key]:
            if key == asked.need.key:
                continue
            value = self._likeness(asked, past)
            is_telling = is_telling or (value >= TELLING and past.kind != FAILED)
            if value > done.likeness:
                done = _Best(value, past)
        parts = {
            Part.WORDS: best.likeness,
            Part.DEEDS: done.likeness,
            Part.CATEGORY: self._share(asked.need, unit.key),
            Part.NEAR: nearness(asked.need.path, unit.paths),
            Part.FREE: 1 / (1 + unit.standing / HALF_FREE),
            Part.SUCCESS: self._success(unit.key),
        }
        is_founded = bool(best.likeness) or is_telling or self._has_served(asked.need, unit.key)
        return _Pair(asked, unit, self.weights.score(parts), parts, best, done, is_founded)

    def _suggest(self, pair: _Pair) -> Suggestion:
        own = [(self._likeness(pair.asked, d), d.resource) for d in self._own[pair.unit.key]]
        fitting = [(value, resource) for value, resource in own if value and resource]
        fitting.sort(key=lambda row: (-row[0], str(row[1].key)))
        return Suggestion(
            unit=pair.unit.key,
            need=pair.asked.need.key,
            score=pair.score,
            parts=pair.parts,
            resources=tuple(resource.key for _, resource in fitting),
            reason=self._reason(pair),
            is_founded=pair.is_founded,
        )

    # --- what is known ------------------------------------------------------------------------------------------

    def _documents(self, unit: Unit, duties: str) -> list[_Document]:
        resources = sorted(unit.resources, key=lambda r: str(r.key))
        # A resource comes before duties and name: where they are equally alike, the reason names what is on offer.
        rows: list[tuple[str, str, Resource | None]] = [
            ("resource", f"{r.name} {r.text}", r) for r in resources
        ]
        rows += [("duty", duties, None), ("name", unit.name, None)]
        return [self._document(text, kind, resource) for kind, text, resource in rows if text]

    def _document(self, text: str, kind: str, resource: Resource | None = None) -> _Document:
        words = words_of(text)
        return _Document(words, self.lexicon.length(words), kind, resource)

    def _learn(self, deed: Deed) -> None:
        if deed.unit not in self._takers[deed.need]:
            self._takers[deed.need].add(deed.unit)
            for category in {(deed.major, deed.minor), (deed.major, ""), ("", "")}:
                self._needs[category].add(deed.need)
                self._taken[category, deed.unit] += 1
        if deed.good is not False:
            self._served[deed.major, deed.minor, deed.unit].add(deed.need)
        if deed.good is not None:
            self._visits[deed.unit, deed.good] += 1
        if deed.unit in self.units and not deed.sensitive:
            for text in (f"{deed.text} {deed.minor}", deed.measures):
                if text.strip():
                    kind = FAILED if deed.good is False else "deed"
                    self._done[deed.unit].append((deed.need, self._document(text, kind)))

    # --- parts --------------------------------------------------------------------------------------------------

    def _likeness(self, asked: _Asked, document: _Document) -> float:
        return self.lexicon.likeness(asked.words, document.words, asked.length * document.length)

    def _counts(self, need: Need, unit: Hashable, category: tuple[str, str]) -> tuple[int, int]:
        """(demands of the category that ``unit`` took, demands of it that anybody took), without ``need`` itself."""
        mine, all_ = self._taken[category, unit], len(self._needs.get(category, ()))
        if need.key in self._needs.get(category, ()):
            mine, all_ = mine - (unit in self._takers[need.key]), all_ - 1
        return mine, all_

    def _has_served(self, need: Need, unit: Hashable) -> bool:
        served = self._served.get((need.major, need.minor, unit), set())
        return len(served) > (need.key in served)

    def _share(self, need: Need, unit: Hashable) -> float:
        """The share of demands of this category that ``unit`` took, leaning on the wider one where there are few."""
        mine, all_ = self._counts(need, unit, ("", ""))
        share = mine / (all_ + SHRINKAGE)
        for category in ((need.major, ""), (need.major, need.minor)):
            mine, all_ = self._counts(need, unit, category)
            share = (mine + SHRINKAGE * share) / (all_ + SHRINKAGE)
        return share

    def _success(self, unit: Hashable) -> float:
        """Share of good visits; a unit of which nothing is known counts as good."""
        good, bad = self._visits[unit, True], self._visits[unit, False]
        return (good + 1) / (good + bad + 1)

    # --- the sentence -------------------------------------------------------------------------------------------

    def _reason(self, pair: _Pair) -> str:
        need, unit = pair.asked.need, pair.unit
        clauses = [self._own_clause(pair) if pair.is_founded else UNFOUNDED]
        mine, _ = self._counts(need, unit.key, (need.major, need.minor))
        wide, _ = self._counts(need, unit.key, (need.major, ""))
        if mine:
            clauses.append(f"认领过“{need.minor or need.major}”类需求{mine}件")
        elif wide:
            clauses.append(f"认领过“{need.major}”类需求{wide}件")
        if pair.is_founded and pair.done.document and pair.done.likeness >= TELLING:
            quoted = "" if need.sensitive else f"（{self._quoted(pair.asked, pair.done.document)}）"
            clauses.append(f"办过相近的事{quoted}")
        if pair.parts[Part.NEAR]:
            clauses.append("是本联盟成员" if pair.parts[Part.NEAR] == 1 else "是邻近联盟的成员")
        clauses.append(f"在办{unit.standing}件" if unit.standing else "目前没有在办项目")
        if bad := self._visits[unit.key, False]:
            clauses.append(f"曾有{bad}件未一次通过验收")
        return "，".join(clause for clause in clauses if clause) + "。"

    def _own_clause(self, pair: _Pair) -> str:
        document = pair.best.document
        if document is None:
            return ""
        # A resource that fits well is named also where the duties fit better: it is what can be asked for.
        offered = [(self._likeness(pair.asked, d), d) for d in self._own[pair.unit.key] if d.resource]
        value, best = max(offered, key=lambda row: row[0], default=(0.0, document))
        if value >= TELLING:
            document = best
        if document.resource:
            return f"有“{document.resource.name}”可用"
        if pair.asked.need.sensitive:
            return "职责相近"
        quoted = self._quoted(pair.asked, document)
        return f"职责涉及{quoted}" if document.kind == "duty" else f"业务涉及{quoted}"

    def _quoted(self, asked: _Asked, document: _Document) -> str:
        return "、".join(f"“{word}”" for word in self.lexicon.shared(asked.words, document.words))


def _in_order(deed: Deed) -> tuple[str, ...]:
    return (str(deed.need), str(deed.unit), deed.text, deed.measures, str(deed.good))


def nearness(path: str, paths: Iterable[str]) -> float:
    """How close a demand's community is to the nearest of ``paths``: 1 the same, 0 nothing below the root in common.

    Paths are materialised ("01/02/01/"); in a county of streets and communities a neighbour under the same street is 0.5.
    """
    here = path.strip("/").split("/")
    best = 0.0
    for other in paths:
        if other == path:
            return 1.0
        common = 0
        for left, right in zip(here, other.strip("/").split("/"), strict=False):
            if left != right:
                break
            common += 1
        if len(here) > 1:
            best = max(best, (common - 1) / (len(here) - 1))
    return best
