"""The secretary's comments: written ones that wait for a seminar, months that still want one, agenda items."""

from __future__ import annotations

from datetime import date, datetime, time

from django.db.models import Exists, OuterRef, Q, QuerySet

from alliances import clock
from alliances.calendars import Month
from alliances.models import Alliance
from evaluations.enums import FeedbackState
from evaluations.models import Comment, Feedback
from evaluations.selectors import results
from rotation.enums import MeetingKind, MeetingState
from rotation.models import Duty, Meeting
from rotation.selectors import tables

MONTHS_BACK = 3


def waiting_for(alliance: Alliance) -> QuerySet[Comment]:
    """Comments that have not been given yet, oldest month first."""
    return (
        Comment.objects.filter(alliance=alliance, given_in=None)
        .select_related("duty__plan", "duty__alliance__organisation")
        .prefetch_related("duty__chairs__member__unit")
        .order_by("duty__plan__year", "duty__month")
    )


def given_in(meeting: Meeting) -> QuerySet[Comment]:
    """Comments that were given in ``meeting``: part of its minutes."""
    return Comment.objects.filter(given_in=meeting).select_related("duty__plan").order_by("pk")


def to_write(alliance: Alliance) -> QuerySet[Duty]:
    """Recent months with a published feedback on which the secretary has not commented, oldest first."""
    today = clock.today()
    since = today.year * 12 + today.month - MONTHS_BACK
    years = [today.year - 1, today.year]
    published = Feedback.objects.filter(duty=OuterRef("pk"), state=FeedbackState.PUBLISHED)
    rows = Duty.objects.filter(alliance=alliance, comment=None, plan__year__in=years).filter(
        Exists(published)
    )
    first = Q()
    for year in years:
        first |= Q(plan__year=year, month__gte=since - year * 12)
    return (
        rows.filter(first)
        .select_related("plan", "alliance__organisation")
        .prefetch_related(tables.CHAIRS)
        .order_by("plan__year", "month")
    )


def agenda_items(meeting: Meeting) -> list[str]:
    """What the secretary's comment puts on a seminar's agenda: the month before if it has results or a comment, and
    earlier months whose comment still waits."""
    if meeting.duty is None:
        return []
    now = Month(meeting.duty.plan.year, meeting.duty.month)
    before = now.prev()
    waiting = Q(comment__isnull=False, comment__given_in=None)
    last = Q(comment=None, plan__year=before.year, month=before.month)
    rows = Duty.objects.filter(waiting | last, alliance=meeting.alliance_id, plan__state__in=tables.STANDING)
    duties = rows.select_related("plan", "comment").prefetch_related(tables.CHAIRS)
    return [
        f"社区党组织书记点评{duty.month}月轮值工作（{tables.chair_names(duty)}）"
        for duty in duties.order_by("plan__year", "month")
        if Month(duty.plan.year, duty.month) < now and (hasattr(duty, "comment") or results.has_begun(duty))
    ]


def next_seminar(alliance: Alliance, after: date) -> Meeting | None:
    """The next seminar that has been called for a day from ``after`` on."""
    return (
        Meeting.objects.filter(
            alliance=alliance,
            kind=MeetingKind.SEMINAR,
            state=MeetingState.NOTICED,
            starts_at__gte=datetime.combine(after, time.min, tzinfo=clock.ZONE),
        )
        .order_by("starts_at")
        .first()
    )
