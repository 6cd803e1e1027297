"""Meetings from the first thought to the roll call: prepared, noticed, cancelled, held (seed 000, steps 3 and 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from alliances import clock
from alliances.enums import Role, Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Alliance, Member, User
from alliances.selectors import directory
from alliances.services import audit, numbering, outbox, sweeps
from rotation import policies
from rotation.enums import MeetingKind, MeetingState, PlanState, ReplyState, SlipState
from rotation.lifecycles import MEETING
from rotation.models import Duty, Meeting, Reply, Slip
from rotation.selectors import meetings as reads
from rotation.selectors import papers_meeting
from rotation.selectors.deadlines import Office
from rotation.selectors.papers import day_text, freeze_paper

MOST_AGENDA_ITEMS = 12
CALLED_AGAIN = "这次会议已经重新召集。"


# --- planned ------------------------------------------------------------------------------------------------------


def prepare(duty: Duty, *, actor: User | None = None) -> Meeting | None:
    """The standing seminar of ``duty``, planned now if there is none; None for a month whose units have all left.

    Called when the month's slip is issued, so that screens only have to look. Safe to repeat, also in parallel.
    """
    standing = reads.seminar_of(duty)
    if standing is not None:
        return standing
    today = clock.today()
    chairs = [chair.member for chair in duty.chairs.select_related("member").order_by("order", "pk")]
    lead = next((m for m in chairs if m.left_on is None or m.left_on > today), None)
    if lead is None:
        return None
    former = Meeting.objects.filter(duty=duty, replaced_by=None).order_by("-pk").first()
    try:
        with transaction.atomic():
            meeting = Meeting.objects.create(
                alliance=duty.alliance,
                kind=MeetingKind.SEMINAR,
                duty=duty,
                convenor=lead,
                title=f"{duty}研讨会",
                replaces=former,
                created_by=actor,
            )
            audit.record("rotation.meeting.prepare", meeting, actor=actor, after=meeting.state)
    except IntegrityError:
        if reads.seminar_of(duty) is None:
            raise  # not a race but something wrong
    return reads.seminar_of(duty)


def prepare_missing(now: datetime) -> list[str]:
    """Sweep: a planned seminar for every month under way that has a slip and no standing seminar."""
    today = clock.local(now).date()
    standing = Meeting.objects.filter(duty=OuterRef("pk")).exclude(state=MeetingState.CANCELLED)
    slips = Slip.objects.filter(duty=OuterRef("pk")).exclude(state=SlipState.WITHDRAWN)
    due = (
        Duty.objects.filter(plan__state=PlanState.PASSED, ends_on__gte=today)
        .filter(Exists(slips), ~Exists(standing))
        .select_related("plan", "alliance__organisation")
        .order_by("pk")
    )

    def prepare_one(duty: Duty) -> list[str]:
        meeting = prepare(duty)
        return [f"筹备{duty.alliance.name}{meeting.title}"] if meeting else []

    return sweeps.each(due, prepare_one)


def call(
    alliance: Alliance,
    *,
    kind: str,
    title: str = "",
    convenor: Member | None = None,
    replaces: Meeting | None = None,
    actor: User,
) -> Meeting:
    """Secretary or staff plan a meeting outside the rotation: yearly, quarterly, 大党委会 and the others.

    ``replaces`` is the cancelled meeting that it takes the place of.
    """
    if not policies.can_call_meeting(actor, alliance):
        raise NotAllowed("只有社区书记和工作人员可以召集会议。")
    if kind == MeetingKind.SEMINAR or kind not in MeetingKind.values:
        raise OfficeError("请选择会议类型；研讨会由当月轮值主席召集。")
    if convenor is not None and convenor.alliance_id != alliance.pk:
        raise OfficeError("请选择本联盟的一家成员单位。")
    if replaces is not None:
        _check_replaced(alliance, replaces)
    try:
        with transaction.atomic():
            meeting = Meeting.objects.create(
                alliance=alliance,
                kind=kind,
                convenor=convenor,
                title=title.strip()[:80] or f"{clock.today().year}年{MeetingKind(kind).label}",
                replaces=replaces,
                created_by=actor,
            )
            audit.record("rotation.meeting.prepare", meeting, actor=actor, after=meeting.state)
    except IntegrityError as problem:
        if replaces is None:
            raise
        raise OfficeError(CALLED_AGAIN) from problem
    return reads.full().get(pk=meeting.pk)


def _check_replaced(alliance: Alliance, former: Meeting) -> None:
    if former.alliance_id != alliance.pk or former.kind == MeetingKind.SEMINAR:
        raise OfficeError("只能重新召集本联盟轮值以外的会议。")
    if former.state != MeetingState.CANCELLED:
        raise OfficeError("会议没有取消，不用重新召集。")
    if Meeting.objects.filter(replaces=former).exists():
        raise OfficeError(CALLED_AGAIN)


# --- noticed ------------------------------------------------------------------------------------------------------


def send_notice(
    meeting: Meeting,
    *,
    starts_at: datetime,
    place: str,
    agenda: Sequence[str],
    reply_by: date,
    prepare: str = "",
    invited: Iterable[Member] | None = None,
    reason: str = "",
    via: str = Via.SCREEN,
    noticed_on: date | None = None,
    actor: User,
) -> Meeting:
    """Number and freeze the notice, write a reply per invited member, and message those who can answer.

    All of it is one transaction: whatever dies in between, there is either a notice with its messages or neither.
    ``via`` paper or phone records a notice that went out without the system, on ``noticed_on``; it messages nobody.
    ``reason`` is needed for a seminar outside the days the rules give. Raises OfficeError, NotAllowed, TooLate.
    """
    if not policies.can_send_notice(actor, meeting):
        raise NotAllowed("只有召集单位联络员和社区可以发出通知单。")
    noticed_at = _noticed_at(meeting, via, noticed_on, actor)
    office = Office(meeting.alliance.organisation)
    due_on = _check_day(meeting, office, starts_at, noticed_at.date(), reason.strip(), via)
    members = _invited(meeting, reads.invited_by_default(meeting) if invited is None else list(invited))
    content = {
        "starts_at": starts_at,
        "place": _said(place, "会议地点")[:80],
        "agenda": _agenda(meeting, agenda),
        "prepare": prepare.strip()[:300],
        "reply_by": _reply_day(reply_by, noticed_at.date(), starts_at, via),
        "due_on": due_on,
        "timing_reason": reason.strip()[:200],
        "noticed_at": noticed_at,
        "noticed_via": via,
    }
    with transaction.atomic():
        year = noticed_at.year
        serial = numbering.take(meeting.alliance.organisation, "rotation.meeting", year)
        number = f"{meeting.alliance.number_prefix}会〔{year}〕{serial}号"
        shown = reads.full().get(pk=meeting.pk)
        for name, value in content.items():
            setattr(shown, name, value)
        paper, digest = freeze_paper(
            papers_meeting.notice_paper(
                shown, members, number=number, is_whole_alliance=_is_everybody(meeting, members)
            )
        )
        numbers = {"year": year, "serial": serial, "number": number, "paper": paper, "paper_hash": digest}
        MEETING.apply(
            meeting,
            "notice",
            actor=actor,
            fields=content | numbers,
            data={"invited": len(members), "via": via},
        )
        Reply.objects.bulk_create(Reply(meeting=meeting, member=member) for member in members)
        host_attends(meeting)
        if via == Via.SCREEN:
            _tell_invited(meeting)
    return meeting


def _noticed_at(meeting: Meeting, via: str, noticed_on: date | None, actor: User) -> datetime:
    """Now; or the day on which it went out on paper, which only the community records."""
    now = clock.now()
    if via == Via.SCREEN:
        return now
    if via not in (Via.PAPER, Via.PHONE):
        raise OfficeError("请选择纸质或电话。")
    if not policies.can_call_meeting(actor, meeting):
        raise NotAllowed("只有社区书记和工作人员可以代录通知单。")
    if noticed_on is None or noticed_on == now.date():
        return now
    first = meeting.duty.starts_on if meeting.duty else date(now.year - 1, 1, 1)
    if not first <= noticed_on < now.date():
        raise OfficeError("发出日期应在轮值月开始之后、今天之前。")
    return datetime.combine(noticed_on, datetime.min.time(), tzinfo=clock.ZONE)


def _check_day(
    meeting: Meeting, office: Office, starts_at: datetime, noticed_on: date, reason: str, via: str
) -> date | None:
    """The seminar's latest day (None for other meetings). Outside the window a reason is asked for; what was already
    done on paper is recorded as it was."""
    day = clock.local(starts_at).date()
    if via == Via.SCREEN and starts_at <= clock.now():
        raise OfficeError("会议时间应在现在之后。")
    if day < noticed_on:
        raise OfficeError("会议时间应在发出通知之后。")
    if meeting.kind != MeetingKind.SEMINAR:
        return None
    earliest, latest = office.seminar_window(noticed_on)
    if via == Via.SCREEN and not reason and not earliest <= day <= latest:
        raise OfficeError(
            f"研讨会应在{day_text(earliest)}至{day_text(latest)}之间召开"
            f"（通知后至少{office.settings.seminar_not_before}天、最迟{office.settings.seminar_within}个工作日）；"
            "确需安排在其他时间的，请写明原因。"
        )
    return latest


def _said(text: str, what: str) -> str:
    if not text.strip():
        raise OfficeError(f"请填写{what}。")
    return text.strip()


def _agenda(meeting: Meeting, lines: Sequence[str]) -> list[dict[str, str]]:
    """Typed lines with the source of those that another part proposed."""
    sources = {item["text"]: item["source"] for item in reads.agenda_for(meeting)}
    found = [line.strip()[:200] for line in lines if line.strip()]
    if not found:
        raise OfficeError("请至少写一项议程。")
    if len(found) > MOST_AGENDA_ITEMS:
        raise OfficeError(f"议程最多{MOST_AGENDA_ITEMS}项。")
    return [{"text": line, "source": sources.get(line, "")} for line in found]


def _reply_day(reply_by: date, noticed_on: date, starts_at: datetime, via: str) -> date:
    if not noticed_on <= reply_by <= clock.local(starts_at).date() and via == Via.SCREEN:
        raise OfficeError("回执期限应在发出通知之后、会议当天或之前。")
    return reply_by


def _invited(meeting: Meeting, members: list[Member]) -> list[Member]:
    """At least one besides the convenor; the convenor is always there."""
    strangers = [m for m in members if m.alliance_id != meeting.alliance_id or m.left_on is not None]
    if strangers:
        raise OfficeError("只能邀请本联盟现有的成员单位。")
    if meeting.convenor is not None and meeting.convenor_id not in {m.pk for m in members}:
        members = [meeting.convenor, *members]
    if not any(m.pk != meeting.convenor_id for m in members):
        raise OfficeError("请至少邀请一家成员单位。")
    return members


def _is_everybody(meeting: Meeting, members: list[Member]) -> bool:
    others = meeting.alliance.members.current().exclude(pk__in=[m.pk for m in members])
    return not others.exists()


def host_attends(meeting: Meeting) -> None:
    """Who calls the meeting has answered by calling it; the name can be changed like any reply."""
    if meeting.convenor is None:
        return
    post = directory.holder(meeting.convenor, Role.LIAISON)
    Reply.objects.filter(meeting=meeting, member=meeting.convenor, state=ReplyState.WAITING).update(
        state=ReplyState.ATTENDING,
        attendee=post.person.name if post else meeting.convenor.unit.name[:40],
        attendee_title="联络员" if post else "",
        attendee_phone=post.person.phone if post else "",
        answered_at=clock.now(),
        via=meeting.noticed_via or Via.SCREEN,
    )


def _tell_invited(meeting: Meeting) -> None:
    own = policies.can_answer_notice.holders(meeting)
    hosts = {person.pk for person in _convenor_liaisons(meeting)}
    outbox.post(
        [person for person in own if person.pk not in hosts],
        kind="rotation.meeting.noticed",
        subject=f"请回复：{meeting.title}通知单",
        body=(
            f"{meeting.number}：定于{papers_meeting.moment_text(meeting.starts_at)}在{meeting.place}召开{meeting.title}，"
            f"请于{day_text(meeting.reply_by) if meeting.reply_by else '会议'}前回复，并报送征求到的意见建议。"
        ),
        path=reads.path_of(meeting),
        dedupe_key=f"rotation.meeting.noticed:{meeting.pk}",
        alliance=meeting.alliance,
    )


def _convenor_liaisons(meeting: Meeting) -> list[Any]:
    post = directory.holder(meeting.convenor, Role.LIAISON) if meeting.convenor else None
    return [post.person] if post else []


# --- cancelled, held ----------------------------------------------------------------------------------------------


def cancel(meeting: Meeting, *, reason: str, actor: User) -> Meeting:
    """Call a meeting off, with a reason the invited read. A seminar is then planned anew: the month still owes it."""
    reason = _said(reason, "取消原因")[:200]
    was_noticed = meeting.state == MeetingState.NOTICED
    with transaction.atomic():
        MEETING.apply(meeting, "cancel", actor=actor, fields={"cancel_reason": reason})
        if was_noticed and meeting.noticed_via == Via.SCREEN:
            outbox.post(
                [p for p in policies.can_answer_notice.holders(meeting) if p.pk != actor.person_id],
                kind="rotation.meeting.cancelled",
                subject=f"取消：{meeting.title}",
                body=f"原定{papers_meeting.moment_text(meeting.starts_at)}召开的{meeting.title}取消。原因：{reason}",
                path=reads.path_of(meeting),
                dedupe_key=f"rotation.meeting.cancelled:{meeting.pk}",
                alliance=meeting.alliance,
            )
        if meeting.duty is not None and meeting.duty.ends_on >= clock.today():
            prepare(meeting.duty, actor=actor)
    return meeting


def hold(
    meeting: Meeting, *, held_on: date, attended: Iterable[int], place: str = "", actor: User
) -> Meeting:
    """The roll call: ``attended`` are the ids of the invited members that came. ``held_on`` may be a past day."""
    came = set(attended)
    noticed_on = clock.local(meeting.noticed_at).date() if meeting.noticed_at else held_on
    if not noticed_on <= held_on <= clock.today():
        raise OfficeError("召开日期应在发出通知之后、今天或之前。")
    with transaction.atomic():
        fields = {"held_on": held_on, **({"place": place.strip()[:80]} if place.strip() else {})}
        MEETING.apply(meeting, "hold", actor=actor, fields=fields, data={"came": len(came)})
        replies = Reply.objects.filter(meeting=meeting)
        known = set(replies.values_list("member_id", flat=True))
        if not came or came - known:
            raise OfficeError("请勾选到会单位。" if not came else "到会单位应在受邀单位之中。")
        replies.filter(member_id__in=came).update(has_attended=True)
        replies.exclude(member_id__in=came).update(has_attended=False)
    return meeting
