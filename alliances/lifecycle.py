"""The one door for changes of state. A lifecycle is a table of moves; the engine checks, swaps, and logs.

The same table draws the buttons (``open_to``), the reference ``docs/states.md`` and the tests over every move and
every non-move. Knows no app: models and rules come in with the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction

from alliances import clock
from alliances.errors import OfficeError
from alliances.policies import NOBODY, Rule
from alliances.registry import LogCode, registries
from alliances.services import audit


class NotAllowed(OfficeError):
    """The person may see the object but not do this to it (403)."""


class TooLate(OfficeError):
    """The object is no longer in a state from which this move starts; often somebody was faster."""


@dataclass(frozen=True)
class Move:
    """One arrow: from any of ``sources`` to ``target``.

    ``who`` may make it; ``system`` moves are made by the clock or as part of another move, never by a button.
    ``guard(obj)`` returns a sentence why not, or an empty string. ``stamp`` names a date-time field set to now.
    """

    name: str
    label: str
    sources: tuple[str, ...]
    target: str
    who: Rule = NOBODY
    system: bool = False
    guard: Callable[[Any], str] | None = None
    stamp: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Lifecycle:
    """All moves of one model. ``name`` is the prefix of its log codes, e.g. "rotation.slip"."""

    name: str
    title: str
    model: type[models.Model]
    states: type[models.TextChoices]
    initial: str
    moves: tuple[Move, ...]
    state_field: str = "state"
    _by_name: dict[str, Move] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {move.name: move for move in self.moves})
        if len(self._by_name) != len(self.moves):
            raise ValueError(f"{self.name}: two moves of one name")
        for move in self.moves:
            for state in (*move.sources, move.target):
                if state not in self.states.values:
                    raise ValueError(f"{self.name}.{move.name}: unknown state {state!r}")

    def register(self) -> Lifecycle:
        """Make the lifecycle and its log codes known; called from ``apps.ready``."""
        registries.lifecycles.register(self)
        for move in self.moves:
            registries.log_codes.register(
                LogCode(f"{self.name}.{move.name}", move.sentence or f"{self.title}：{move.label}")
            )
        return self

    def move(self, name: str) -> Move:
        return self._by_name[name]

    def open_to(self, user: Any, obj: Any) -> list[Move]:
        """The moves that ``user`` could make now: the buttons of the object's page."""
        state = getattr(obj, self.state_field)
        return [
            move
            for move in self.moves
            if not move.system
            and state in move.sources
            and move.who(user, obj)
            and not (move.guard and move.guard(obj))
        ]

    def apply(
        self,
        obj: Any,
        name: str,
        *,
        actor: Any,
        data: dict[str, Any] | None = None,
        fields: dict[str, Any] | None = None,
    ) -> Any:
        """Make the move: check who and whether, swap the state, write the log row, all in one transaction.

        ``fields`` are written with the state in the same UPDATE. ``actor`` None means the clock and is accepted for
        system moves only. Raises ``NotAllowed`` or ``TooLate``; then nothing has changed.
        """
        move = self._by_name[name]
        before = getattr(obj, self.state_field)
        capacity = ""
        if not move.system:
            capacity = move.who.capacity(actor, obj)
            if not capacity:
                raise NotAllowed(f"您的身份不能{move.label}。")
        if before not in move.sources:
            raise TooLate(self._too_late(move, before))
        if move.guard and (reason := move.guard(obj)):
            raise OfficeError(reason)
        changes = {self.state_field: move.target, **(fields or {})}
        if move.stamp:
            changes[move.stamp] = clock.now()
        with transaction.atomic():
            hit = self.model._default_manager.filter(pk=obj.pk, **{self.state_field: before}).update(
                **changes
            )
            if hit != 1:
                current = self.model._default_manager.values_list(self.state_field, flat=True).get(pk=obj.pk)
                raise TooLate(self._too_late(move, current))
            audit.record(
                f"{self.name}.{name}",
                obj,
                actor=actor,
                capacity=capacity,
                before=before,
                after=move.target,
                data=data,
            )
        for key, value in changes.items():
            setattr(obj, key, value)
        return obj

    def _too_late(self, move: Move, state: str) -> str:
        return f"{self.title}现在是“{self.states(state).label}”，不能再{move.label}；可能有人先办理了，请刷新后查看。"
