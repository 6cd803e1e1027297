"""Meetings: the list, one meeting's page with the one thing that is the reader's to do, and its papers."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from alliances import clock
from alliances.enums import Role
from alliances.models import Appointment, Person
from alliances.policies import reads_unit_records
from alliances.selectors import directory, paging
from alliances.views.base import alliance_or_404, require, visible_or_404
from rotation import policies
from rotation.documents import chat_text, paper_response
from rotation.enums import MeetingKind, MeetingState, ReplyState
from rotation.models import Meeting, Reply, Task
from rotation.selectors import meetings as reads
from rotation.selectors import month, papers_meeting
from rotation.selectors.asked import Asked
from rotation.views.meetings_story import story

TONES = {
    MeetingState.PLANNED: "wait",
    MeetingState.NOTICED: "wait",
    MeetingState.HELD: "wait",
    MeetingState.MINUTED: "done",
    MeetingState.CANCELLED: "off",
}
# Tones of those who have answered.
TOLD = {ReplyState.ATTENDING.value: "done", ReplyState.LEAVE.value: "off"}
YEARS_OFFERED = 5
READS_REPLIES = "参会名单和电话只给召集单位、社区和上级办公室看。"


# --- the list -----------------------------------------------------------------------------------------------------


@login_required
@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """The chosen alliance's meetings, newest first; ``?total=1`` is the count alone."""
    if request.user.holds(Role.OFFICE) and directory.chosen_alliance(request) is None:
        return redirect("alliances:office")
    alliance = alliance_or_404(request)
    chosen = _filters(request)
    rows = reads.meetings_of(request.user, alliance)
    if chosen["kind"]:
        rows = rows.filter(kind=chosen["kind"])
    if chosen["state"]:
        rows = rows.filter(state=chosen["state"])
    if chosen["year"]:
        year = int(chosen["year"])
        rows = rows.filter(Q(year=year) | Q(year=None, created_at__year=year))
    more = Asked.read(request.GET)
    rows = more.meetings(rows)
    if request.GET.get("total") == "1":
        return render(request, "alliances/_total.html", {"total": rows.count()})
    page = paging.page(rows, request.GET)
    this = clock.today().year
    context = {
        "alliance": alliance,
        "page": page,
        "rows": [{"meeting": m, "tone": TONES[MeetingState(m.state)], "when": when(m)} for m in page.rows],
        "chosen": chosen,
        "is_filtered": any(chosen.values()) or bool(more),
        "narrowed": more.words(),
        "kinds": MeetingKind.choices,
        "states": MeetingState.choices,
        "years": [str(this - back) for back in range(YEARS_OFFERED)],
        "may_call": policies.can_call_meeting(request.user, alliance),
        "reads_attendance": reads_unit_records(request.user, alliance),
        "total_url": _total_url(request),
    }
    return render(request, "rotation/meetings.html", context)


def _filters(request: HttpRequest) -> dict[str, str]:
    """Wrong values count as none."""
    kind, state, year = (request.GET.get(name, "") for name in ("kind", "state", "year"))
    return {
        "kind": kind if kind in MeetingKind.values else "",
        "state": state if state in MeetingState.values else "",
        "year": year if len(year) == 4 and year.isascii() and year.isdigit() and int(year) >= 2000 else "",
    }


def _total_url(request: HttpRequest) -> str:
    query = request.GET.copy()
    for key in ("before", "after"):
        query.pop(key, None)
    query["total"] = "1"
    return f"?{query.urlencode()}"


def when(meeting: Meeting) -> str:
    """When and where, as a line: announced, held, or nothing yet."""
    if meeting.held_on:
        words = f"{meeting.held_on.month}月{meeting.held_on.day}日召开"
    elif meeting.starts_at:
        local = clock.local(meeting.starts_at)
        words = f"{local.month}月{local.day}日{local.hour}:{local.minute:02d}"
    else:
        return "时间待定"
    return f"{words} · {meeting.place}" if meeting.place else words


# --- one meeting --------------------------------------------------------------------------------------------------


def meeting_or_404(request: HttpRequest, pk: int) -> Meeting:
    return visible_or_404(reads.full(), request.user, pk=pk)


def crumbs(meeting: Meeting | None = None) -> list[dict[str, str]]:
    found = [{"label": "会议", "url": reverse("rotation:meetings")}]
    if meeting is not None:
        found.append({"label": meeting.title, "url": reads.path_of(meeting)})
    return found


@login_required
@require_safe
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    rows = reads.full().select_related("replaces", "replaced_by")
    meeting = visible_or_404(
        rows.defer("replaces__paper", "replaced_by__paper", "replaces__minutes_paper"), request.user, pk=pk
    )
    replies = reads.replies_of(meeting)
    tasks = _tasks(request.user, meeting)
    hosts = policies.can_hold_meeting(request.user, meeting)
    runs = policies.can_call_meeting(request.user, meeting)
    is_open = meeting.state == MeetingState.NOTICED
    own = _own(request.user, replies)
    steps = _to_do(request.user, meeting, own, tasks, hosts=hosts)
    paper = meeting.minutes_paper or meeting.paper
    context = {
        "meeting": meeting,
        "tone": TONES[MeetingState(meeting.state)],
        "when": when(meeting),
        "month_url": month.path_of(meeting.duty) if meeting.duty else "",
        "convenor": reads.convenor_names(meeting),
        "steps": steps,
        "waiting_for": "" if steps else _waiting_for(meeting),
        "own": [{"reply": r, "may": is_open and policies.can_answer_reply(request.user, r)} for r in own],
        "counts": _counts(replies),
        "sees_replies": policies.can_read_replies(request.user, meeting),
        "rows": _reply_rows(meeting, replies, calls=hosts),
        "may_record": runs and is_open,
        "opinions": reads.group_opinions(replies),
        "tasks": tasks,
        "paper": paper,
        "notice": meeting.paper if meeting.minutes_paper else None,
        "chat_text": chat_text(paper, reads.path_of(meeting)) if paper and not _is_off(meeting) else "",
        "may_write": meeting.state == MeetingState.PLANNED
        and policies.can_send_notice(request.user, meeting),
        "may_hold": is_open and hosts,
        "may_cancel": meeting.state in reads.OPEN_STATES
        and policies.can_cancel_meeting(request.user, meeting),
        "may_call_again": runs and _is_off(meeting) and not meeting.duty_id and not _newer(meeting),
        "newer": _newer(meeting),
        "story": story(meeting, tasks),
        "crumbs": crumbs(),
    }
    return render(request, "rotation/meeting.html", context)


def _is_off(meeting: Meeting) -> bool:
    return meeting.state == MeetingState.CANCELLED


def _newer(meeting: Meeting) -> Meeting | None:
    return getattr(meeting, "replaced_by", None)


def _tasks(user: Any, meeting: Meeting) -> list[Task]:
    """The tasks of the minutes; each says what ``user`` may do with it."""
    tasks = reads.tasks_of(meeting) if meeting.state == MeetingState.MINUTED else []
    for task in tasks:
        task.meeting, task.alliance = meeting, meeting.alliance
        is_open = task.state == "open"
        task.may_report = is_open and policies.can_report_task(user, task)  # type: ignore[attr-defined]  # for the page
        task.may_drop = is_open and policies.can_drop_task(user, task)  # type: ignore[attr-defined]
    return tasks


def _own(user: Any, replies: list[Reply]) -> list[Reply]:
    """Replies of the units whose liaison or leader ``user`` is, those still silent first."""
    own = {member.pk for member in directory.own_members(user)}
    mine = [reply for reply in replies if reply.member_id in own]
    return sorted(mine, key=lambda reply: (reply.state != ReplyState.WAITING, reply.pk))


def _counts(replies: list[Reply]) -> dict[str, int]:
    states = [reply.state for reply in replies]
    return {
        "invited": len(states),
        "attending": states.count(ReplyState.ATTENDING),
        "leave": states.count(ReplyState.LEAVE),
        "waiting": states.count(ReplyState.WAITING),
        "came": sum(bool(reply.has_attended) for reply in replies),
    }


def _reply_rows(meeting: Meeting, replies: list[Reply], *, calls: bool) -> list[dict[str, Any]]:
    """A row per invited unit; whom to telephone where it is silent, for those who may call."""
    is_open = meeting.state == MeetingState.NOTICED
    silent = [reply.member_id for reply in replies if reply.state == ReplyState.WAITING]
    people = _liaisons(silent) if is_open and calls else {}
    return [
        {
            "reply": reply,
            "liaison": people.get(reply.member_id),
            "words": reply.get_state_display() if is_open or reply.state in TOLD else "未回复",
            "tone": TOLD.get(reply.state, "wait" if is_open else "off"),
        }
        for reply in replies
    ]


def _liaisons(members: list[int]) -> dict[int | None, Person]:
    posts = Appointment.objects.current().filter(member__in=members, role=Role.LIAISON)
    return {post.member_id: post.person for post in posts.select_related("person").order_by("-pk")}


# --- what is to be done -------------------------------------------------------------------------------------------


def _step(title: str, detail: str, label: str, url: str) -> dict[str, str]:
    return {"title": title, "detail": detail, "label": label, "url": url}


def _to_do(
    user: Any, meeting: Meeting, own: list[Reply], tasks: list[Task], *, hosts: bool
) -> list[dict[str, str]]:
    """What the reader has to do with the meeting now, the nearest first: the page's top."""

    def to(name: str) -> str:
        return reverse(f"rotation:{name}", args=[meeting.pk])

    if meeting.state == MeetingState.PLANNED and policies.can_send_notice(user, meeting):
        due = reads.notice_by(meeting)
        detail = f"最迟{due.month}月{due.day}日发出。" if due else "填好时间、地点就能发出。"
        return [_step("发出会议通知单", detail, "写通知单", to("meeting-write"))]
    if meeting.state == MeetingState.NOTICED:
        answers = [
            _step(
                f"{reply.member.unit.name}还没有回复",
                "谁参加会议，征求到哪些意见建议，一张表填完。",
                "回复",
                f"{to('meeting-reply')}?reply={reply.pk}",
            )
            for reply in own
            if reply.state == ReplyState.WAITING and policies.can_answer_reply(user, reply)
        ]
        has_begun = meeting.starts_at is not None and meeting.starts_at <= clock.now()
        if hosts and has_begun:
            roll = _step("登记到会情况", "表示参加的单位已经勾好。", "登记到会", to("meeting-hold"))
            return [roll, *answers]
        return answers
    if meeting.state == MeetingState.HELD and hosts:
        return [_step("写会议纪要", "议定了什么，谁在什么时候前办。", "写纪要", to("meeting-minutes"))]
    return [
        _step(
            task.text,
            _by(task),
            "报办理情况",
            reverse("rotation:task-done", args=[meeting.pk, task.pk]),
        )
        for task in tasks
        if task.state == "open" and _is_mine(user, task)
    ]


def _is_mine(user: Any, task: Task) -> bool:
    """The unit's own tasks, and for the community its own."""
    return policies.can_do_task(user, task) if task.member_id else policies.can_report_task(user, task)


def _by(task: Task) -> str:
    return f"请在{task.due_on.month}月{task.due_on.day}日前办结。" if task.due_on else ""


def _waiting_for(meeting: Meeting) -> str:
    """Whom everybody waits for, where it is not the reader."""
    names = meeting.convenor.unit.name if meeting.convenor else meeting.alliance.organisation.name
    if meeting.state == MeetingState.PLANNED:
        return f"等{names}发出通知单。"
    if meeting.state == MeetingState.HELD:
        return f"会议已召开，等{names}写纪要。"
    if meeting.state == MeetingState.NOTICED and meeting.starts_at and meeting.starts_at <= clock.now():
        return f"等{names}登记到会情况。"
    return ""


# --- papers -------------------------------------------------------------------------------------------------------


@login_required
@require_safe
def paper(request: HttpRequest, pk: int, name: str, fmt: str) -> HttpResponse:
    """Notice and minutes as they were frozen; replies and opinions as they stand."""
    meeting = meeting_or_404(request, pk)
    if name == "replies":
        require(policies.can_read_replies(request.user, meeting), READS_REPLIES)
    if meeting.paper is None or (name == "minutes" and meeting.minutes_paper is None):
        raise Http404("还没有这份材料。")
    if name == "replies":
        return paper_response(papers_meeting.replies_paper(meeting), fmt)
    if name == "opinions":
        return paper_response(papers_meeting.opinions_paper(meeting), fmt)
    return paper_response(meeting.minutes_paper if name == "minutes" else meeting.paper, fmt)
