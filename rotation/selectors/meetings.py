"""Meetings as screens and services need them: which, who is invited, what the notice form is filled with, who answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from alliances import clock
from alliances.enums import Role, Sector
from alliances.models import Alliance, Member
from alliances.registry import registries
from alliances.selectors import directory
from rotation.enums import MeetingKind, MeetingState, OpinionTheme, ReplyState, TaskState
from rotation.models import Duty, Meeting, Reply, Slip, Task
from rotation.selectors import tables
from rotation.selectors.deadlines import Office

USUAL_HOUR = time(9, 30)
PREPARE = "请考虑本单位可以参与的事项和可以提供的场地、人员、物资等资源。"
NEW_SECTORS = (Sector.PRIVATE_ENTERPRISE, Sector.SOCIAL_ORGANISATION)
OF_A_PART = (MeetingKind.COMMITTEE, MeetingKind.RESIDENT_UNITS, MeetingKind.LIAISONS)
# What a meeting outside the rotation usually begins with; the notice form shows it to be changed.
USUAL_AGENDA = {
    MeetingKind.YEARLY: ("通报上年度共建工作情况", "审议本年度轮值主席安排表", "部署本年度共建工作"),
    MeetingKind.QUARTERLY: ("通报上季度共建工作情况", "研究本季度共建事项"),
    MeetingKind.COMMITTEE: ("研究社区党建和共建重要事项",),
    MeetingKind.RESIDENT_UNITS: ("交流驻社区单位党组织参与共建情况", "研究下一步共建事项"),
    MeetingKind.TWO_NEW: ("交流两新组织党建工作情况", "研究下一步共建事项"),
    MeetingKind.LIAISONS: ("通报近期共建工作情况", "安排下一步联络事项"),
}
OPEN_STATES = (MeetingState.PLANNED, MeetingState.NOTICED)


def path_of(meeting: Meeting) -> str:
    return f"/meetings/{meeting.pk}/"


def paper_path(meeting: Meeting, name: str, extension: str = "docx") -> str:
    """``name``: notice, replies, opinions or minutes."""
    return f"/meetings/{meeting.pk}/{name}.{extension}"


def full() -> QuerySet[Meeting]:
    """Meetings with everything that policies and papers ask of one."""
    return Meeting.objects.select_related(
        "alliance__organisation", "convenor__unit", "duty__plan", "duty__alliance"
    ).prefetch_related(Prefetch("duty__chairs", queryset=tables.CHAIRS.queryset))


def meetings_of(user: Any, alliance: Alliance | None = None) -> QuerySet[Meeting]:
    """Meetings that ``user`` may see, newest first, with the counts a row shows (invited, answered, came)."""
    rows = Meeting.objects.visible_to(user)
    if alliance is not None:
        rows = rows.filter(alliance=alliance)
    return (
        with_counts(rows)
        .select_related("alliance", "convenor__unit", "duty__plan")
        .defer("paper", "minutes_paper")
        .order_by("-pk")
    )


def with_counts(rows: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """``rows`` with counts of their replies; counted for the rows that are read alone, however long the list is."""
    replies = Reply.objects.filter(meeting=OuterRef("pk"))
    return rows.annotate(
        invited=_count(replies),
        answered=_count(replies.exclude(state=ReplyState.WAITING)),
        came=_count(replies.filter(has_attended=True)),
    )


def _count(replies: QuerySet[Reply]) -> Coalesce:
    return Coalesce(Subquery(replies.order_by().values("meeting").annotate(n=Count("pk")).values("n")), 0)


def seminar_of(duty: Duty) -> Meeting | None:
    """The standing seminar of a duty month."""
    return full().filter(duty=duty).exclude(state=MeetingState.CANCELLED).first()


def convenor_names(meeting: Meeting) -> str:
    """Who calls: the units on duty, the lead first; the community where no unit does."""
    if meeting.duty is not None:
        return tables.chair_names(meeting.duty)
    return meeting.convenor.unit.name if meeting.convenor else meeting.alliance.organisation.name


# --- the notice ---------------------------------------------------------------------------------------------------


def invited_by_default(meeting: Meeting, members: list[Member] | None = None) -> list[Member]:
    """Current members; to a meeting of new economic and social organisations only those; to a meeting of a part of
    the alliance those who were invited to the last one. ``members``: the current ones, where they are already read."""
    found = list(directory.members_of(meeting.alliance)) if members is None else members
    if meeting.kind == MeetingKind.TWO_NEW:
        return [member for member in found if member.unit.sector in NEW_SECTORS]
    if meeting.kind in OF_A_PART:
        last = set(
            Reply.objects.filter(
                meeting=Meeting.objects.filter(alliance_id=meeting.alliance_id, kind=meeting.kind)
                .exclude(noticed_at=None)
                .order_by("-noticed_at", "-pk")
                .values("pk")[:1]
            ).values_list("member_id", flat=True)
        )
        return [member for member in found if member.pk in last] or found
    return found


@dataclass(frozen=True)
class NoticeDraft:
    """What the notice form is filled with before anybody types. ``earliest`` and ``latest`` bound a seminar that is
    noticed today; ``notice_by`` is the notice's own last day; both empty for meetings outside the rotation.
    ``members`` are all that can be invited."""

    members: list[Member]
    invited: list[Member]
    starts_at: datetime
    place: str
    agenda: list[dict[str, str]]
    prepare: str
    reply_by: date
    earliest: date | None = None
    latest: date | None = None
    notice_by: date | None = None


def notice_draft(meeting: Meeting, office: Office | None = None) -> NoticeDraft:
    """Today's proposal for the notice of a planned meeting."""
    office = office or Office(meeting.alliance.organisation)
    today = clock.today()
    former = meeting.replaces
    earliest, latest = office.seminar_window(today)
    day = min(office.days.next_working(earliest), latest)
    is_seminar = meeting.kind == MeetingKind.SEMINAR
    members = list(directory.members_of(meeting.alliance).prefetch_related(None))
    return NoticeDraft(
        members=members,
        invited=invited_by_default(meeting, members),
        starts_at=datetime.combine(day, USUAL_HOUR, tzinfo=clock.ZONE),
        place=meeting.place or last_place(meeting),
        agenda=list(former.agenda) if former and former.agenda else agenda_for(meeting),
        prepare=(former.prepare if former else "") or PREPARE,
        reply_by=reply_by_default(office, day, today),
        earliest=earliest if is_seminar else None,
        latest=latest if is_seminar else None,
        notice_by=notice_by(meeting) if is_seminar else None,
    )


def reply_by_default(office: Office, meeting_day: date, noticed_on: date) -> date:
    """A working day before the meeting, never before the notice."""
    return max(office.days.add(meeting_day, -1), noticed_on)


def agenda_for(meeting: Meeting) -> list[dict[str, str]]:
    """Proposed items in order: what other parts bring (the comment on last month), what was asked of the units, the
    month's activity; for the other meetings what they usually begin with."""
    items = [
        {"text": text, "source": entry.name}
        for entry in registries.agenda_items
        for text in entry.items(meeting)
    ]
    if meeting.duty is not None:
        theme = f"（主题：{meeting.duty.theme}）" if meeting.duty.theme else ""
        items += [
            {"text": "各单位通报会前征求到的党员群众意见建议", "source": ""},
            {"text": f"协商策划{meeting.duty.month}月共建活动{theme}", "source": ""},
        ]
    usual = USUAL_AGENDA.get(MeetingKind(meeting.kind), ())
    return items + [{"text": text, "source": ""} for text in usual]


def with_last_place(rows: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """``rows`` with what ``last_place`` says of them, so that it need not ask again."""
    return rows.annotate(place_before=Subquery(_places_before(OuterRef("alliance_id"), OuterRef("pk"))[:1]))


def last_place(meeting: Meeting) -> str:
    """Where the alliance met last."""
    if hasattr(meeting, "place_before"):
        return meeting.place_before or ""
    return _places_before(meeting.alliance_id, meeting.pk).first() or ""


def _places_before(alliance: Any, meeting: Any) -> Any:
    rows = Meeting.objects.filter(alliance_id=alliance).exclude(Q(place="") | Q(starts_at=None))
    return rows.exclude(pk=meeting).order_by("-starts_at").values_list("place", flat=True)


def notice_by(meeting: Meeting) -> date | None:
    """The last day of a seminar's notice: as begun by the first receipt, before that as the slip prints it."""
    if meeting.duty_id is None:
        return None
    slip = (
        Slip.objects.filter(duty_id=meeting.duty_id)
        .exclude(state="withdrawn")
        .only("notice_by", "deadlines")
        .first()
    )
    if slip is None:
        return None
    printed = slip.deadlines.get("notice_by")
    return slip.notice_by or (date.fromisoformat(printed) if printed else None)


# --- replies ------------------------------------------------------------------------------------------------------


def replies_of(meeting: Meeting) -> list[Reply]:
    """Every invited member's reply in roster order, with unit and opinions (two queries)."""
    rows = (
        Reply.objects.filter(meeting=meeting)
        .select_related("member__unit")
        .prefetch_related("opinions")
        .order_by("member_id")
    )
    found = list(rows)
    for reply in found:
        reply.meeting = meeting
    return found


@dataclass(frozen=True)
class ReplyCounts:
    invited: int
    attending: int
    leave: int
    waiting: int


def reply_counts(meeting: Meeting) -> ReplyCounts:
    states = list(Reply.objects.filter(meeting=meeting).values_list("state", flat=True))
    return ReplyCounts(
        invited=len(states),
        attending=states.count(ReplyState.ATTENDING),
        leave=states.count(ReplyState.LEAVE),
        waiting=states.count(ReplyState.WAITING),
    )


def own_reply(user: Any, meeting: Meeting) -> Reply | None:
    """The reply that ``user`` answers for: one they are liaison of, a waiting one first."""
    rows = Reply.objects.filter(meeting=meeting).of_own_members(user).select_related("member__unit")
    found = sorted(rows.prefetch_related("opinions"), key=lambda r: (r.state != ReplyState.WAITING, r.pk))
    for reply in found:
        reply.meeting = meeting
    return found[0] if found else None


@dataclass(frozen=True)
class ReplyDraft:
    attendee: str
    attendee_title: str
    attendee_phone: str


def reply_draft(reply: Reply) -> ReplyDraft:
    """Who probably comes: as answered, else as last time, else the liaison. Nothing to type in the usual case."""
    if reply.attendee:
        return ReplyDraft(reply.attendee, reply.attendee_title, reply.attendee_phone)
    last = (
        Reply.objects.filter(member_id=reply.member_id)
        .exclude(Q(attendee="") | Q(pk=reply.pk))
        .order_by("-pk")
        .first()
    )
    post = directory.holder(reply.member, Role.LIAISON)
    # A person who has left the unit must not be proposed for ever: only the liaison of today, or a named other.
    if last and (post is None or last.attendee_title):
        return ReplyDraft(last.attendee, last.attendee_title, last.attendee_phone)
    if post:
        return ReplyDraft(post.person.name, "联络员", post.person.phone)
    return ReplyDraft("", "", "")


@dataclass(frozen=True)
class OpinionGroup:
    """Opinions of one theme: rows are (text, voices, unit names), ``voices`` their sum."""

    theme: str
    rows: list[tuple[str, int, str]]
    voices: int


def opinions_by_theme(meeting: Meeting) -> list[OpinionGroup]:
    """All opinions gathered before ``meeting``; the same words from several units are one row."""
    return group_opinions(replies_of(meeting))


def group_opinions(replies: Iterable[Reply]) -> list[OpinionGroup]:
    """The opinions of replies as ``replies_of`` reads them."""
    found: dict[str, dict[str, tuple[int, list[str]]]] = {theme: {} for theme in OpinionTheme.values}
    for reply in replies:
        name = reply.member.unit.name
        for opinion in sorted(reply.opinions.all(), key=lambda row: row.pk):
            same = found[opinion.theme]
            voices, units = same.get(opinion.text, (0, []))
            same[opinion.text] = (voices + opinion.voices, units if name in units else [*units, name])
    return [
        OpinionGroup(
            theme=OpinionTheme(theme).label,
            rows=[(text, voices, "、".join(units)) for text, (voices, units) in same.items()],
            voices=sum(voices for voices, _ in same.values()),
        )
        for theme, same in found.items()
        if same
    ]


# --- what is open -------------------------------------------------------------------------------------------------


def waiting_replies(members: Iterable[int]) -> QuerySet[Reply]:
    """Notices that these members have not answered and still can, the nearest first."""
    return (
        Reply.objects.filter(
            member_id__in=list(members), state=ReplyState.WAITING, meeting__state=MeetingState.NOTICED
        )
        .select_related("meeting__alliance", "member__unit")
        .defer("meeting__paper", "meeting__minutes_paper")
        .order_by("meeting__reply_by", "pk")
    )


def open_tasks(alliance: Alliance | None = None, members: Iterable[int] | None = None) -> QuerySet[Task]:
    """Open lines of minutes, the nearest deadline first; those without one last."""
    rows = Task.objects.filter(state=TaskState.OPEN)
    if alliance is not None:
        rows = rows.filter(alliance=alliance)
    if members is not None:
        rows = rows.filter(member_id__in=list(members))
    return (
        rows.select_related("meeting", "member__unit", "alliance__organisation")
        .defer("meeting__paper", "meeting__minutes_paper")
        .order_by(F("due_on").asc(nulls_last=True), "pk")
    )


def tasks_of(meeting: Meeting) -> list[Task]:
    return list(Task.objects.filter(meeting=meeting).select_related("member__unit").order_by("pk"))


def previous_tasks(meeting: Meeting) -> list[Task]:
    """Lines of the last minutes before ``meeting``, for looking back at its beginning."""
    last = (
        Meeting.objects.filter(alliance_id=meeting.alliance_id, state=MeetingState.MINUTED, kind=meeting.kind)
        .exclude(pk=meeting.pk)
        .order_by("-held_on", "-pk")
        .first()
    )
    return tasks_of(last) if last else []
