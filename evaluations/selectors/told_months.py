"""What was said about duty months: the president's feedback and the secretary's comment, a month each.

The two steps after the rotation's own (``rotation.selectors.duty_months``). That a comment was written is told to everybody,
as the month's chain does; what it says is read where ``Comment.visible_to`` allows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from alliances import clock
from alliances.models import Alliance
from alliances.selectors import periods
from alliances.selectors.periods import Period
from evaluations.models import Comment
from evaluations.selectors.quarter_results import feedback_of
from rotation.selectors.duty_months import DUE, IN_TIME, LATE, DutyRecord, Step, is_so, of_months

FEEDBACK, COMMENT = "feedback", "comment"
DONE = "done"
STEPS = {FEEDBACK: "通报评议反馈", COMMENT: "书记点评"}
# Of a feedback the first three, of a comment the last.
STATES = {DUE: "已完成或到期的", IN_TIME: "按时完成的", LATE: "超期的", DONE: "已完成的"}


@dataclass(frozen=True)
class ToldMonth:
    """``feedback``: when it was due and first published, None where nothing was to be told (yet)."""

    duty: DutyRecord
    feedback: Step | None
    is_commented: bool


@dataclass(frozen=True)
class Question:
    """Duty months of a period; with ``state`` those whose ``step`` (the feedback without one) is in it."""

    period: Period
    step: str = ""
    state: str = ""

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Self:
        """The question of an address; without a period that of this quarter. What makes no sense is not asked."""
        step, state = params.get("step", ""), params.get("state", "")
        step = step if step in STEPS else ""
        state = state if state in STATES else ""
        if step == COMMENT and state in (DUE, IN_TIME, LATE):
            state = ""  # a comment has no date
        return cls(Period.read(params.get("period")) or periods.this_quarter(), step, state)

    def params(self) -> dict[str, str]:
        return {"period": self.period.value, "step": self.step, "state": self.state}

    def rows(self, alliance: Alliance) -> list[ToldMonth]:
        return self.of(told(of_months(alliance, self.period.year, self.period.months)))

    def of(self, months: Iterable[ToldMonth]) -> list[ToldMonth]:
        """Those of ``months`` that are asked for: what figures count and the page lists."""
        return [one for one in months if not self.state or self._is_meant(one)]

    def _is_meant(self, one: ToldMonth) -> bool:
        if self.step == COMMENT:
            return one.is_commented
        if self.state == DONE:
            return one.feedback is not None and one.feedback.done is not None
        return is_so(one.feedback, self.state, clock.today())


def told(duties: Iterable[DutyRecord]) -> list[ToldMonth]:
    """``duties`` with what was said about them; two queries."""
    found = list(duties)
    ids = [duty.id for duty in found]
    return join(found, feedback_of(ids), commented_of(ids))


def join(
    duties: Iterable[DutyRecord], feedback: Mapping[int, Step], commented: Iterable[int]
) -> list[ToldMonth]:
    known = frozenset(commented)
    return [ToldMonth(duty, feedback.get(duty.id), duty.id in known) for duty in duties]


def commented_of(duties: Iterable[int]) -> frozenset[int]:
    return frozenset(Comment.objects.filter(duty__in=list(duties)).values_list("duty_id", flat=True))
