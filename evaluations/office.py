"""Scoring's column of the offices' table: how far the month's scoring and its feedback are."""

from __future__ import annotations

from alliances import clock
from alliances.models import Alliance
from alliances.registry import OfficeCell
from evaluations import paths
from evaluations.enums import FeedbackState, RoundState
from evaluations.models import Feedback, Round
from rotation.enums import ActivityState

TITLES = ("评议与反馈",)


def cells(alliances: list[Alliance], year: int, month: int) -> dict[int, list[OfficeCell]]:
    """For every alliance one word about the month. Two queries."""
    rounds = Round.objects.filter(alliance__in=alliances, duty__plan__year=year, duty__month=month)
    rounds = rounds.exclude(activity__state=ActivityState.CANCELLED).exclude(state=RoundState.PREPARED)
    running: dict[int, bool] = {}
    for pk, state in rounds.order_by("pk").values_list("alliance_id", "state"):
        running[pk] = running.get(pk, False) or state != RoundState.SETTLED
    feedbacks: dict[int, Feedback] = {}
    rows = Feedback.objects.filter(alliance__in=alliances, duty__plan__year=year, duty__month=month)
    for feedback in rows.only("alliance_id", "duty_id", "state", "due_on").order_by("revision"):
        if feedback.state == FeedbackState.PUBLISHED or feedback.alliance_id not in feedbacks:
            feedbacks[feedback.alliance_id] = feedback
    return {a.pk: [_cell(running.get(a.pk), feedbacks.get(a.pk))] for a in alliances}


def _cell(running: bool | None, feedback: Feedback | None) -> OfficeCell:
    """``running``: whether a round of the month takes ballots or waits for its figures; None without any round."""
    if feedback is not None and feedback.state == FeedbackState.PUBLISHED:
        return OfficeCell("已通报", "done", paths.feedback(feedback.duty_id))
    if running:
        return OfficeCell("评议中", "wait")
    if feedback is not None and feedback.due_on is not None and feedback.due_on < clock.today():
        return OfficeCell("反馈过期", "late")
    if feedback is not None:
        return OfficeCell("待反馈", "wait")
    return OfficeCell("未评议", "off")
