"""Results of a quarter: rounds, ballots, feedback and comments of its duty months, read together.

A result belongs to the quarter of its duty month, whenever the activity was held; a round outside the rotation to the day of its
activity (design, scores). The month's chair is known when none of its rounds runs any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max

from alliances import clock
from alliances.calendars import Quarter
from alliances.models import Alliance
from evaluations import arithmetic, paths
from evaluations.enums import FeedbackState, RoundState, RubricSubject, VoterGroup
from evaluations.models import Ballot, Comment, Feedback, Round, UnitMark
from evaluations.selectors import results
from evaluations.selectors import rounds as selector
from evaluations.selectors.rubrics import weights_of
from rotation.selectors.record import DutyRecord, Step

RUNNING = "评议未结束"
NONE = "无评议"
SETTLED, OPEN, FEW = "settled", "open", "few"


@dataclass(frozen=True)
class RoundRecord:
    """A round of the quarter. ``result`` is its activity's as stored, None while it runs; ``counts`` its sheets, if settled."""

    id: int
    activity_id: int
    duty_id: int | None
    month: int
    title: str
    is_settled: bool
    result: Mapping[str, Any] | None
    counts: Mapping[str, int] | None
    asks_chair: bool

    @property
    def path(self) -> str:
        return paths.round_page(self.id)

    @property
    def state(self) -> str:
        if not self.is_settled:
            return OPEN
        return SETTLED if self.result and self.result["score"] is not None else FEW

    @property
    def words(self) -> str:
        return results.score_words(dict(self.result)) if self.result else RUNNING


@dataclass(frozen=True)
class ChairRecord:
    """The chair's result of one duty month: ``result`` None while a round runs, or where nobody was asked."""

    duty_id: int
    is_running: bool
    result: Mapping[str, Any] | None

    @property
    def state(self) -> str:
        if self.is_running:
            return OPEN
        return SETTLED if self.result and self.result["score"] is not None else FEW

    @property
    def words(self) -> str:
        if self.is_running:
            return RUNNING
        return results.score_words(dict(self.result)) if self.result else NONE


@dataclass(frozen=True)
class QuarterRecord:
    """``rounds`` by month and number; ``chairs`` and ``feedback`` by duty; ``commented``: duties with a comment."""

    rounds: tuple[RoundRecord, ...]
    chairs: Mapping[int, ChairRecord]
    feedback: Mapping[int, Step]
    commented: frozenset[int]
    last_vote: Mapping[int, date]

    def of_duty(self, duty: int) -> list[RoundRecord]:
        return [one for one in self.rounds if one.duty_id == duty]

    def of_activity(self, activity: int) -> RoundRecord | None:
        return next((one for one in self.rounds if one.activity_id == activity), None)

    def sheets(self, key: str) -> int:
        """Sum over the settled rounds of 发放 handed_out, 收回 returned, 有效 valid, 弃权 abstained, 作废 void."""
        return sum(one.counts[key] for one in self.rounds if one.counts)

    def member_results(self, duties: Iterable[int]) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...], int]:
        """Of a member on duty in ``duties``: chair scores, activity scores, rounds still running."""
        chairs, scores, running = [], [], 0
        for duty in duties:
            if (chair := self.chairs.get(duty)) and (score := _score(chair.result)) is not None:
                chairs.append(score)
            for one in self.of_duty(duty):
                if not one.is_settled:
                    running += 1
                elif (score := _score(one.result)) is not None:
                    scores.append(score)
        return tuple(chairs), tuple(scores), running


def _score(result: Mapping[str, Any] | None) -> Decimal | None:
    return Decimal(result["score"]) if result and result["score"] is not None else None


def for_quarter(alliance: Alliance, quarter: Quarter, duties: Iterable[DutyRecord]) -> QuarterRecord:
    """Results of the duty months ``duties`` and of other activities of ``quarter``; six queries."""
    ids = {duty.id: duty.month for duty in duties}
    rounds = _rounds(alliance, quarter)
    votes = UnitMark.objects.filter(member__alliance=alliance, voted_on__lte=quarter.end).order_by()
    return QuarterRecord(
        rounds=tuple(_record(round, ids) for round in rounds),
        chairs=_chairs(rounds),
        feedback=feedback_of(ids),
        commented=frozenset(Comment.objects.filter(duty__in=ids).values_list("duty_id", flat=True)),
        last_vote=dict(votes.values_list("member").annotate(Max("voted_on"))),
    )


def _rounds(alliance: Alliance, quarter: Quarter) -> list[Round]:
    """The quarter's rounds with their activities, in order of their numbers."""
    rows = selector.of_quarter(selector.standing(Round.objects.filter(alliance=alliance)), quarter)
    return list(rows.select_related("activity").defer("warnings", "venue_token").order_by("pk"))


def _record(round: Round, months: Mapping[int, int]) -> RoundRecord:
    settled = round.state == RoundState.SETTLED
    figures = round.figures if settled and round.figures else {}
    held_on = round.activity.held_on or round.activity.planned_on
    return RoundRecord(
        id=round.pk,
        activity_id=round.activity_id,
        duty_id=round.duty_id,
        month=months.get(round.duty_id or 0, held_on.month),
        title=round.activity.title,
        is_settled=settled,
        result=figures.get("activity"),
        counts=figures.get("counts"),
        asks_chair=bool(round.chair_items),
    )


def _chairs(rounds: list[Round]) -> dict[int, ChairRecord]:
    """The chair's result of each duty over its rounds, from the ballots of all of them in one query."""
    by_duty: dict[int, list[Round]] = defaultdict(list)
    for round in rounds:
        if round.duty_id is not None:
            by_duty[round.duty_id].append(round)
    running = {duty for duty, ones in by_duty.items() if any(one.state != RoundState.SETTLED for one in ones)}
    asked = {
        round.pk: duty
        for duty, ones in by_duty.items()
        if duty not in running
        for round in ones
        if round.chair_items
    }
    ballots: dict[int, dict[str, list[dict[str, int | None]]]] = defaultdict(
        lambda: {group: [] for group in VoterGroup.values}
    )
    rows = Ballot.objects.filter(round__in=asked, subject=RubricSubject.CHAIR).order_by("key")
    for round_id, group, scores in rows.values_list("round", "group", "scores"):
        ballots[asked[round_id]][group].append(scores)
    found = {}
    for duty, ones in by_duty.items():
        items = next((one.chair_items for one in ones if one.chair_items), None)
        result = None
        if duty not in running and items:
            result = results.as_json(arithmetic.evaluate(weights_of(items), ballots[duty]), items)
        found[duty] = ChairRecord(duty, duty in running, result)
    return found


def feedback_of(duties: Iterable[int]) -> dict[int, Step]:
    """When each month's feedback was due and first published."""
    found: dict[int, Step] = {}
    rows = Feedback.objects.filter(duty__in=list(duties)).order_by("duty", "revision")
    for duty, state, due, published in rows.values_list("duty", "state", "due_on", "published_at"):
        if duty in found:
            continue  # a correction: the month was told before
        done = clock.local(published).date() if published and state != FeedbackState.DRAFT else None
        found[duty] = Step("feedback", due, done)
    return found
