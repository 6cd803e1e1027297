"""The secretary's comment (点评) on a month: written, kept for the next seminar, given there (seed 000, step 7)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import User
from alliances.services import audit, digests
from evaluations import paths, policies
from evaluations.models import Comment
from evaluations.selectors import papers, results
from rotation.enums import MeetingKind, MeetingState
from rotation.models import Duty, Meeting
from rotation.selectors.deadlines import Offices

REMIND = "evaluations.comment.remind"
LONGEST = 1000
HELD = (MeetingState.HELD, MeetingState.MINUTED)


def write(duty: Duty, text: str, *, actor: User) -> Comment:
    """The secretary writes or changes the comment on a month, until it has been given in a seminar."""
    if not policies.can_comment(actor, duty):
        raise NotAllowed("点评由社区书记撰写。")
    text = text.strip()
    if not text:
        raise OfficeError("请写点评内容。")
    if len(text) > LONGEST:
        raise OfficeError(f"文字太长，请控制在 {LONGEST} 字以内。")
    if duty.period.start > clock.today():
        raise OfficeError(f"{duty.month}月还没有开始，不能点评。")
    with transaction.atomic():
        comment, is_new = Comment.objects.get_or_create(
            duty=duty,
            defaults={
                "alliance": duty.alliance,
                "text": text,
                "written_by": actor,
                "written_at": clock.now(),
            },
        )
        if not is_new:
            hit = Comment.objects.filter(pk=comment.pk, given_in=None).update(
                text=text, written_by=actor, written_at=clock.now()
            )
            if not hit:
                raise OfficeError(f"{duty.month}月的点评已经在研讨会上通报，不能再改。")
            comment.refresh_from_db()
        audit.record("evaluations.comment.write", comment, actor=actor, data={"duty": duty.pk})
    return comment


def settle_given(now: datetime) -> list[str]:
    """Sweep: a comment is given in the first later month's seminar that is held after it was written."""
    lines = []
    waiting = Comment.objects.filter(given_in=None).select_related(
        "duty__plan", "duty__alliance__organisation"
    )
    for comment in waiting.order_by("pk"):
        meeting = _seminar_of(comment)
        if meeting is not None and _give(comment, meeting):
            lines.append(f"{comment.duty}点评已在研讨会通报")
    return lines


def _seminar_of(comment: Comment) -> Meeting | None:
    written = clock.local(comment.written_at)
    held = Meeting.objects.filter(
        alliance=comment.alliance_id,
        kind=MeetingKind.SEMINAR,
        state__in=HELD,
        held_on__gte=written.date(),
    ).select_related("duty__plan")
    for meeting in held.order_by("held_on", "pk"):
        if meeting.duty is None or meeting.held_on is None:
            continue
        now, then = meeting.duty, comment.duty
        is_later = (now.plan.year, now.month) > (then.plan.year, then.month)
        # Written on the seminar's day: only if before it began.
        in_time = meeting.held_on > written.date() or (meeting.starts_at and written <= meeting.starts_at)
        if is_later and in_time:
            return meeting
    return None


def _give(comment: Comment, meeting: Meeting) -> bool:
    paper, digest = papers.freeze_paper(papers.comment_paper(comment, given_on=meeting.held_on))
    with transaction.atomic():
        hit = Comment.objects.filter(pk=comment.pk, given_in=None, text=comment.text).update(
            given_in=meeting, paper=paper, paper_hash=digest
        )
        if hit:
            audit.record("evaluations.comment.give", comment, actor=None, data={"meeting": meeting.pk})
    return bool(hit)


def remind(now: datetime) -> list[str]:
    """Sweep: a working day before a seminar, the secretary who has not written the comment on the month before."""
    if not digests.in_hours(now):
        return []
    today = clock.local(now).date()
    offices = Offices()
    called = Meeting.objects.filter(
        kind=MeetingKind.SEMINAR, state=MeetingState.NOTICED, starts_at__gt=now
    ).select_related("alliance__organisation", "duty__plan", "duty__alliance__organisation")
    for meeting in called.order_by("pk"):
        if meeting.starts_at is None or meeting.duty is None:
            continue
        day, days = clock.local(meeting.starts_at).date(), offices.of(meeting.alliance).days
        if not days.is_working(today) or days.add(day, -1) > today:
            continue
        last = results.last_month(meeting.duty)
        if last is not None and comment_still_due(last.pk) and results.has_begun(last):
            digests.queue(
                policies.can_comment.holders(last),
                kind=REMIND,
                object_id=last.pk,
                text=f"{day.month}月{day.day}日召开研讨会，请写好{last.month}月轮值工作点评",
                path=paths.comment(last.pk),
                alliance=meeting.alliance,
            )
    return []


def comment_still_due(duty_id: int) -> bool:
    return not Comment.objects.filter(duty=duty_id).exists()
