"""What must agree between rounds, marks, codes, batches, ballots and what was published from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, F, QuerySet

from alliances.registry import IntegrityCheck
from evaluations.enums import BallotSource, FeedbackState, RoundState, RubricSubject, VoterGroup
from evaluations.models import Ballot, Comment, Feedback, PaperBatch, ResidentCode, Round, UnitMark
from evaluations.selectors import results
from evaluations.selectors.papers import freeze_paper

CHUNK = 200


def _rounds() -> Iterator[Round]:
    rows = Round.objects.exclude(state=RoundState.PREPARED).select_related("activity").order_by("pk")
    return rows.iterator(chunk_size=CHUNK)


def ballots() -> list[str]:
    """Of every round as many ballots as marks, used codes and entered sheets say: one each, none lost, none extra."""
    tally: Counter[tuple[int, str, str]] = Counter()
    rows = (
        Ballot.objects.order_by().values_list("round", "group", "source", "subject").annotate(n=Count("pk"))
    )
    scored_chair: Counter[int] = Counter()
    for pk, group, source, subject, n in rows:
        if subject == RubricSubject.ACTIVITY:
            tally[pk, group, source] += n
        elif group == VoterGroup.UNITS:
            scored_chair[pk] += n
    marks = UnitMark.objects.filter(voted_on__isnull=False).order_by()
    voted = _by_round(marks)
    chairs = _by_round(marks.filter(has_scored_chair=True))
    codes = _by_round(ResidentCode.objects.filter(used_as=BallotSource.SCREEN).order_by())
    sheets: Counter[int] = Counter()
    for pk, entered, void in PaperBatch.objects.order_by().values_list("round", "entered", "void"):
        sheets[pk] += entered - void
    found = []
    for round in _rounds():
        pk = round.pk
        for what, there, expected in (
            ("单位评议票", tally[pk, VoterGroup.UNITS, ""], voted[pk]),
            ("单位评轮值主席的票", scored_chair[pk], chairs[pk]),
            ("居民在线评议票", tally[pk, VoterGroup.RESIDENTS, BallotSource.SCREEN], codes[pk]),
            ("居民纸质评议票", tally[pk, VoterGroup.RESIDENTS, BallotSource.PAPER], sheets[pk]),
        ):
            if there != expected:
                found.append(f"“{round.activity.title}”{what} {there} 张，登记 {expected} 张")
    return found


def _by_round(rows: QuerySet) -> Counter[int]:
    return Counter(dict(rows.values_list("round").annotate(n=Count("pk"))))


def figures() -> list[str]:
    """The stored figures of every settled round are those that its ballots give."""
    return [
        f"“{round.activity.title}”评议结果与评议票重新计算的不同"
        for round in _rounds()
        if round.state == RoundState.SETTLED and round.figures != results.activity_figures(round)
    ]


def chairs() -> list[str]:
    """No unit was asked about its own month."""
    own = UnitMark.objects.filter(duty__chairs__member=F("member")).select_related(
        "member__unit", "round__activity"
    )
    return [
        f"{mark.member.unit.name}是当月轮值主席，却列入“{mark.round.activity.title}”评议单位" for mark in own
    ]


def papers() -> list[str]:
    """What was published is what is stored; figures of a standing feedback are those of its rounds."""
    found = []
    for feedback in (
        Feedback.objects.exclude(state=FeedbackState.DRAFT)
        .select_related("duty__plan")
        .iterator(chunk_size=CHUNK)
    ):
        if feedback.paper is None or freeze_paper(feedback.paper)[1] != feedback.paper_hash:
            found.append(f"{feedback}第{feedback.revision}版的内容与通报时不同")
        stored = dict(
            Round.objects.filter(
                pk__in=[row["round"] for row in feedback.figures.get("activities", [])]
            ).values_list("pk", "figures")
        )
        for row in feedback.figures.get("activities", []):
            if stored.get(row["round"], {}).get("activity") != row["activity"]:
                found.append(f"{feedback}第{feedback.revision}版的得分与评议结果不同")
    for comment in Comment.objects.filter(given_in__isnull=False).select_related("duty__plan"):
        if comment.paper is None or freeze_paper(comment.paper)[1] != comment.paper_hash:
            found.append(f"{comment}的内容与通报时不同")
    return found


CHECKS = (
    IntegrityCheck("evaluations.ballots", "评议票张数", ballots),
    IntegrityCheck("evaluations.chairs", "轮值主席不评本月", chairs),
    IntegrityCheck("evaluations.figures", "评议结果", figures),
    IntegrityCheck("evaluations.papers", "评议反馈与点评内容", papers),
)
