"""What scoring lays on a person's desk, and its steps of the month's chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance
from alliances.registry import ChainStep, DeskLine, MonthPart, MonthView
from alliances.selectors import directory
from evaluations import paths, policies
from evaluations.enums import FeedbackState, RoundState
from evaluations.models import Feedback, Round
from evaluations.selectors import comments, results
from evaluations.selectors import rounds as selector
from rotation.models import Duty
from rotation.selectors import month, tables

WARNED_DAYS = 30


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


# --- the desk -----------------------------------------------------------------------------------------------------


def lines(user: Any, alliance: Alliance | None) -> list[DeskLine]:
    """Everything of scoring that is the user's to do in ``alliance``."""
    if alliance is None:
        return []
    found = _to_score(user, alliance)
    leads = policies.can_comment(user, alliance)
    if user.holds(Role.PRESIDENT, Role.SECRETARY) and (drafts := _drafts(alliance)):
        if policies.can_write_feedback(user, alliance):
            found += _to_feed_back(drafts)
        elif leads:
            found += _escalated(drafts)
    if leads:
        found += _to_comment(alliance)
    if policies.can_enter_paper(user, alliance):
        found += _of_rounds(alliance, warnings=leads)
    return found


def _to_score(user: Any, alliance: Alliance) -> list[DeskLine]:
    members = [m.pk for m in directory.own_members(user, alliance)] if user.holds(Role.LIAISON) else []
    if not members:
        return []
    return [
        DeskLine(
            title=f"评议：{mark.round.activity.title}",
            url=paths.unit_ballot(mark.pk),
            action="去评议",
            detail=f"{mark.member.unit.name} · 约 40 秒",
            state=f"{_day(mark.round.closes_on)}前",
            tone="wait",
            urgency=18,
        )
        for mark in selector.waiting_marks(members)
        if policies.can_vote_for_unit(user, mark)
    ]


def _drafts(alliance: Alliance) -> list[Feedback]:
    rows = Feedback.objects.filter(alliance=alliance, state=FeedbackState.DRAFT).defer("figures", "paper")
    return list(
        rows.select_related("duty__plan").prefetch_related("duty__chairs__member__unit").order_by("pk")
    )


def _is_late(feedback: Feedback) -> bool:
    return feedback.due_on is not None and feedback.due_on < clock.today()


def _to_feed_back(drafts: list[Feedback]) -> list[DeskLine]:
    found = []
    for feedback in drafts:
        is_late = _is_late(feedback)
        words = "更正" if feedback.revision > 1 else "写"
        state = ""
        if feedback.due_on:
            state = f"{_day(feedback.due_on)}已过期" if is_late else f"{_day(feedback.due_on)}前"
        found.append(
            DeskLine(
                title=f"{words}{feedback.duty.month}月评议反馈",
                url=paths.feedback(feedback.duty_id),
                action="去写",
                detail=f"{tables.chair_names(feedback.duty)}轮值，评议已出结果",
                state=state,
                tone="late" if is_late else "wait",
                urgency=6 if is_late else 14,
            )
        )
    return found


def _escalated(drafts: list[Feedback]) -> list[DeskLine]:
    """The president's overdue feedback, for a secretary who does not write it."""
    return [
        DeskLine(
            title=f"{feedback.duty.month}月评议反馈仍未通报",
            url=paths.feedback(feedback.duty_id),
            action="查看",
            detail=f"会长撰写 · {_day(feedback.due_on)}到期，已催办",
            state="已报书记",
            tone="late",
            urgency=9,
        )
        for feedback in drafts
        if feedback.escalated_at is not None and feedback.due_on
    ]


def _to_comment(alliance: Alliance) -> list[DeskLine]:
    duties = list(comments.to_write(alliance))
    meeting = comments.next_seminar(alliance, clock.today()) if duties else None
    starts_at = meeting.starts_at if meeting else None
    return [
        DeskLine(
            title=f"写{duty.month}月轮值工作点评",
            url=paths.comment(duty.pk),
            action="去写",
            detail=f"{tables.chair_names(duty)}轮值，评议反馈已通报",
            state=f"{_day(clock.local(starts_at).date())}研讨会用" if starts_at else "下次研讨会用",
            tone="wait",
            urgency=22,
        )
        for duty in duties
    ]


def _of_rounds(alliance: Alliance, *, warnings: bool) -> list[DeskLine]:
    """Paper ballots to enter; for the secretary alone, warnings of rounds settled lately."""
    since = clock.now() - timedelta(days=WARNED_DAYS)
    closed = Q(state=RoundState.CLOSED, paper_until__gte=clock.today())
    settled = Q(state=RoundState.SETTLED, settled_at__gte=since)
    rows = Round.objects.filter(closed | settled if warnings else closed, alliance=alliance)
    found = []
    for round in rows.select_related("activity").defer("figures").order_by("-pk"):
        found += _warned(round) if round.state == RoundState.SETTLED else [_paper_to_enter(round)]
    return found


def _paper_to_enter(round: Round) -> DeskLine:
    return DeskLine(
        title=f"录入“{round.activity.title}”纸质评议票",
        url=paths.paper_entry(round.pk),
        action="去录入",
        detail="录完可直接出结果；到期自动出结果",
        state=f"{_day(round.paper_until)}前",
        tone="wait",
        urgency=16,
    )


def _warned(round: Round) -> list[DeskLine]:
    return [
        DeskLine(
            title=f"“{round.activity.title}”评议提醒",
            url=paths.round_page(round.pk),
            action="查看",
            detail=sentence,
            state="仅书记可见",
            urgency=40,
        )
        for sentence in round.warnings
    ]


# --- the month's chain --------------------------------------------------------------------------------------------


def month_part(view: MonthView) -> MonthPart:
    """Scoring, feedback and comment of a month; who is on duty is the rotation's to say."""
    duty = month.duty_of(view)
    if duty is None:
        return MonthPart()
    slip = month.slip_of(view)
    rounds = _rounds(view.user, duty) if month.has_activities(view) else []
    if slip is None and not rounds:
        return MonthPart()
    return MonthPart(steps=month_steps(view.user, duty, rounds, slip.deadlines if slip else {}))


def _rounds(user: Any, duty: Duty) -> list[Round]:
    """The month's rounds with their counts and ``own_mark``, the ballot that ``user`` as a unit's liaison has still to cast."""
    members = [m.pk for m in directory.own_members(user, duty.alliance)] if user.holds(Role.LIAISON) else []
    waiting = selector.waiting_marks(members).filter(round=OuterRef("pk"))
    rows = selector.with_counts(selector.of_duty(duty))
    return list(rows.annotate(own_mark=Subquery(waiting.values("pk")[:1])))


def month_steps(user: Any, duty: Duty, rounds: list[Round], dates: dict[str, str]) -> list[ChainStep]:
    """Scoring, feedback and comment as they stand; while they are ahead with ``dates``, the slip's latest ones."""
    feedback, comment = _words_on(duty)
    return [
        *_scoring_steps(user, duty.alliance, rounds, dates.get("scoring_by", "")),
        _feedback_step(user, duty, feedback, dates.get("feedback_by", "")),
        _comment_step(user, duty, feedback, comment),
    ]


@dataclass(frozen=True)
class _Given:
    """The secretary's comment: whether it was given in a seminar, and when that was held."""

    is_given: bool
    held_on: date | None


def _words_on(duty: Duty) -> tuple[Feedback | None, _Given | None]:
    """What the chain shows of the month's feedback (the published one, else the draft) and comment; one query."""
    rows = Duty.objects.filter(pk=duty.pk).order_by("feedbacks__pk")
    names = ("feedbacks__state", "feedbacks__published_at", "feedbacks__due_on")
    more = ("comment__pk", "comment__given_in", "comment__given_in__held_on")
    found: dict[str, Feedback] = {}
    comment = None
    for state, published_at, due_on, pk, given_in, held_on in rows.values_list(*names, *more):
        if state:
            found[state] = Feedback(state=state, published_at=published_at, due_on=due_on)
        if pk:
            comment = _Given(given_in is not None, held_on)
    return found.get(FeedbackState.PUBLISHED) or found.get(FeedbackState.DRAFT), comment


def _latest(due: str) -> str:
    return f"最迟{_day(date.fromisoformat(due))}" if due else ""


def _scoring_steps(user: Any, alliance: Alliance, rounds: list[Round], due: str) -> list[ChainStep]:
    begun = [round for round in rounds if round.state != RoundState.PREPARED]
    if not begun:
        url = paths.round_page(rounds[0].pk) if rounds and policies.can_print_codes(user, alliance) else ""
        return [
            ChainStep(
                "评议打分",
                _latest(due) or "活动后开放",
                "ahead",
                due=due,
                url=url,
                who="参加单位、居民",
                action="准备评议票" if url else "",
            )
        ]
    return [_scoring_step(user, alliance, round) for round in begun]


def _scoring_step(user: Any, alliance: Alliance, round: Any) -> ChainStep:
    """``round`` carries its counts and ``own_mark``."""
    title, url, due = f"评议：{round.activity.title}", paths.round_page(round.pk), round.closes_on.isoformat()
    if round.state == RoundState.SETTLED:
        words = results.score_words((round.figures or {}).get("activity"))
        return ChainStep(title, words, "done", due=due, url=url)
    counts = selector.counts(round)
    words = f"{counts.units_returned}/{counts.units_asked} 家单位、{counts.residents_returned} 位居民已评"
    if round.state == RoundState.CLOSED:
        may = policies.can_enter_paper(user, alliance)
        return ChainStep(
            title,
            f"{words}，已截止，待出结果",
            "now",
            due=due,
            url=paths.paper_entry(round.pk) if may else url,
            who="社区",
            action="录入纸质票" if may else "",
        )
    return ChainStep(
        title,
        f"{words}，{_day(round.closes_on)}截止",
        "now",
        due=due,
        url=paths.unit_ballot(round.own_mark) if round.own_mark else url,
        who="参加单位、居民",
        action="去评议" if round.own_mark else "",
    )


def _feedback_step(user: Any, duty: Duty, feedback: Feedback | None, due: str) -> ChainStep:
    url = paths.feedback(duty.pk)
    if feedback is None:
        return ChainStep("评议反馈", _latest(due) or "评议后通报", "ahead", due=due, who="会长")
    if feedback.state == FeedbackState.PUBLISHED and feedback.published_at:
        day = clock.local(feedback.published_at).date()
        return ChainStep("评议反馈", f"{_day(day)}通报", "done", url=url, paper_url=f"{url}paper.docx")
    may = policies.can_write_feedback(user, duty)
    due = feedback.due_on.isoformat() if feedback.due_on else ""
    return ChainStep(
        "评议反馈",
        _latest(due) or "待通报",
        "late" if _is_late(feedback) else "now",
        due=due,
        url=url if may or policies.can_run_round(user, duty) else "",
        who="会长",
        action="去写" if may else "",
    )


def _comment_step(user: Any, duty: Duty, feedback: Feedback | None, comment: _Given | None) -> ChainStep:
    may = policies.can_comment(user, duty)
    url = paths.comment(duty.pk)
    if comment is not None and comment.is_given:
        words = f"{_day(comment.held_on)}研讨会通报" if comment.held_on else "已通报"
        return ChainStep("书记点评", words, "done", url=url, paper_url=f"{url}paper.docx")
    if comment is not None:
        return ChainStep(
            "书记点评",
            "已写好，待下次研讨会通报",
            "now",
            url=url if may else "",
            who="社区书记",
            action="修改" if may else "",
        )
    ready = feedback is not None and feedback.state == FeedbackState.PUBLISHED
    return ChainStep(
        "书记点评",
        "下次研讨会通报",
        "now" if ready else "ahead",
        url=url if may and ready else "",
        who="社区书记",
        action="去写" if may and ready else "",
    )


def hand_over_tasks(member: Any) -> list[str]:
    """What a new liaison of ``member`` takes over from scoring."""
    return [f"评议“{mark.round.activity.title}”" for mark in selector.waiting_marks([member.pk])]
