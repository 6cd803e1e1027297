"""Figures of rounds and months, always recomputed from the ballots, as JSON-able data with decimals as strings.

A result is ``{"score", "grade", "n", "half", "low", "high", "abstained", "groups": [...], "items": [...]}``: score and
interval in points to 0.1 or None; a group below its minimum has no mean. Nothing here asks whether the round is
settled: services store the figures then, and screens show only stored ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from alliances.calendars import Month
from evaluations import arithmetic
from evaluations.enums import BallotSource, FeedbackState, RoundState, RubricSubject, VoterGroup
from evaluations.models import Feedback, ResidentCode, Round
from evaluations.selectors import rounds as selector
from evaluations.selectors.rubrics import Items, weights_of
from rotation.models import Duty
from rotation.selectors import tables

Figures = dict[str, Any]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def as_json(result: arithmetic.Result, items: Items) -> Figures:
    """``result`` of a rubric of ``items`` as it is stored and frozen into papers."""
    titles = {item["key"]: item for item in items}
    return {
        "score": _text(result.score),
        "grade": result.grade,
        "n": result.n,
        "half": _text(result.half),
        "low": _text(result.low),
        "high": _text(result.high),
        "abstained": result.abstained,
        "groups": [
            {
                "key": key,
                "name": VoterGroup(key).label,
                "n": group.n,
                "is_used": group.is_used,
                "mean": _text(group.mean),
                "weight": _text(group.weight),
            }
            for key, group in result.groups.items()
        ],
        "items": [
            {
                "key": item.key,
                "title": titles[item.key]["title"],
                "weight": titles[item.key]["weight"],
                "n": item.n,
                "rate": _text(item.rate),
            }
            for item in result.items
        ],
    }


def activity_figures(round: Round) -> Figures:
    """The activity's result and the counts of the round: what settling stores in ``Round.figures``."""
    ballots = selector.ballot_rows([round.pk], RubricSubject.ACTIVITY)
    result = arithmetic.evaluate(weights_of(round.activity_items), ballots)
    counts = selector.counts(round)
    return {
        "activity": as_json(result, round.activity_items),
        "counts": {
            "handed_out": counts.handed_out,
            "returned": counts.returned,
            "valid": sum(group.n for group in result.groups.values()),
            "abstained": result.abstained,
            "void": counts.void,
        },
    }


def chair_figures(rounds: Sequence[Round]) -> Figures | None:
    """The chair's result over the month's ``rounds`` together; None when none of them asked about a chair."""
    asked = [round for round in rounds if round.chair_items]
    if not asked:
        return None
    ballots = selector.ballot_rows([round.pk for round in asked], RubricSubject.CHAIR)
    return as_json(arithmetic.evaluate(weights_of(asked[0].chair_items), ballots), asked[0].chair_items)


def month_figures(duty: Duty) -> Figures:
    """All results of a month from its settled rounds: what a feedback shows and freezes."""
    rounds = list(selector.settled_of(duty))
    return {
        "year": duty.plan.year,
        "month": duty.month,
        "chair_members": [chair.member_id for chair in duty.chairs.all()],
        "activities": [
            {
                "round": round.pk,
                "activity": round.activity_id,
                "title": round.activity.title,
                "held_on": round.activity.held_on.isoformat() if round.activity.held_on else "",
                **(round.figures or {}),
            }
            for round in rounds
        ],
        "chair": chair_figures(rounds),
    }


def published_feedback(duty: Duty) -> Feedback | None:
    return Feedback.objects.filter(duty=duty, state=FeedbackState.PUBLISHED).first()


# --- in words -----------------------------------------------------------------------------------------------------


def score_words(result: Figures | None) -> str:
    """``92.3分（优秀，有效23票，±2.4）``, or why there is none."""
    if result is None:
        return ""
    if result["score"] is None:
        return arithmetic.TOO_FEW
    half = f"，±{result['half']}" if result["half"] is not None else ""
    return f"{result['score']}分（{result['grade']}，有效{result['n']}票{half}）"


def month_words(duty: Duty) -> str:
    """The month's results in one line for slips and the month's chain; empty when nothing was scored."""
    rounds = [round for round in selector.of_duty(duty) if round.state != RoundState.PREPARED]
    if not rounds:
        return ""
    words = []
    for round in rounds:
        if round.state == RoundState.SETTLED:
            words.append(f"“{round.activity.title}”{score_words((round.figures or {}).get('activity'))}")
        else:
            words.append(f"“{round.activity.title}”评议未结束")
    settled = [round for round in rounds if round.state == RoundState.SETTLED]
    if len(settled) == len(rounds) and (chair := chair_figures(settled)):
        words.append(f"轮值主席{score_words(chair)}")
    return "；".join(words)


def has_begun(duty: Duty) -> bool:
    """Whether any of the month's rounds has been opened: then there is something to comment on."""
    return selector.of_duty(duty).exclude(state=RoundState.PREPARED).exists()


def last_month(duty: Duty) -> Duty | None:
    """The duty of the month before."""
    before = Month(duty.plan.year, duty.month).prev()
    return tables.duty_in(duty.alliance, before.year, before.month)


# --- for the secretary's eyes -------------------------------------------------------------------------------------


def warnings(round: Round) -> list[str]:
    """What the secretary should look at in a settled round: groups far apart, equal ballots, bursts of code use."""
    parts: list[tuple[str, Items, str]] = [("活动", round.activity_items, RubricSubject.ACTIVITY)]
    if round.chair_items:
        parts.append(("轮值主席", round.chair_items, RubricSubject.CHAIR))
    found = [
        f"{name}：{sentence}"
        for name, items, subject in parts
        for sentence in arithmetic.warnings(weights_of(items), selector.ballot_rows([round.pk], subject))
    ]
    # Codes of a pile of paper ballots are used up at once, when it is typed in.
    used = ResidentCode.objects.filter(round=round, used_as=BallotSource.SCREEN)
    times = used.values_list("used_at", flat=True)
    most = arithmetic.most_within(moment for moment in times if moment)
    if most >= arithmetic.BURST_CODES:
        seconds = int(arithmetic.BURST_WITHIN.total_seconds())
        found.append(f"评议码使用集中：{seconds} 秒内用了 {most} 个")
    return found
