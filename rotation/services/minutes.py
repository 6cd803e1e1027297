"""Minutes and what comes of them: who does what by when, on the desk of that unit until it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from alliances import clock
from alliances.enums import Role
from alliances.errors import OfficeError
from alliances.models import Member, Person, User
from alliances.policies import can_run_alliance
from alliances.selectors import directory
from alliances.services import audit, digests, outbox, sweeps
from rotation import policies
from rotation.enums import MeetingState, TaskState
from rotation.lifecycles import MEETING, TASK
from rotation.models import Meeting, Task
from rotation.selectors import meetings as reads
from rotation.selectors import papers_meeting
from rotation.selectors.deadlines import Offices
from rotation.selectors.papers import day_text, freeze_paper

REMIND, NUDGE = "rotation.task.remind", "rotation.task.nudge"
MOST_TASKS = 20
# Longer than any run of holidays: a task due after it is not yet a working day away.
AHEAD = timedelta(days=12)


@dataclass(frozen=True)
class TaskIn:
    """A line as typed; ``member`` None gives it to the community."""

    text: str
    member: Member | None = None
    due_on: date | None = None


def write(meeting: Meeting, *, summary: str, tasks: Sequence[TaskIn] = (), actor: User) -> Meeting:
    """Freeze the minutes of a held meeting and put its tasks on the desks of those who have them."""
    summary = summary.strip()
    rows = _checked(meeting, tasks)
    if not summary and not rows:
        raise OfficeError("请写明会议议定的内容，或至少一项议定事项。")
    with transaction.atomic():
        MEETING.apply(meeting, "minute", actor=actor, fields={"summary": summary}, data={"tasks": len(rows)})
        Task.objects.bulk_create(rows)
        for task in Task.objects.filter(meeting=meeting):
            # The first log row of every task, from which its state can be followed.
            _log_given(task, actor)
        paper, digest = freeze_paper(papers_meeting.minutes_paper(reads.full().get(pk=meeting.pk)))
        Meeting.objects.filter(pk=meeting.pk).update(minutes_paper=paper, minutes_hash=digest)
        _tell_responsible(meeting, rows, actor)
    meeting.minutes_paper, meeting.minutes_hash = paper, digest
    return meeting


def _checked(meeting: Meeting, tasks: Sequence[TaskIn]) -> list[Task]:
    rows = []
    for given in tasks:
        text = given.text.strip()
        if not text:
            continue
        if len(text) > 200:
            raise OfficeError("每项议定事项最多200字，请分成几项。")
        if given.member is not None and given.member.alliance_id != meeting.alliance_id:
            raise OfficeError("责任单位应是本联盟的成员单位。")
        if given.due_on is not None and meeting.held_on and given.due_on < meeting.held_on:
            raise OfficeError("完成期限不能早于会议召开日期。")
        rows.append(
            Task(
                alliance=meeting.alliance,
                meeting=meeting,
                member=given.member,
                text=text,
                due_on=given.due_on,
            )
        )
    if len(rows) > MOST_TASKS:
        raise OfficeError(f"议定事项最多{MOST_TASKS}项。")
    return rows


def _log_given(task: Task, actor: User) -> None:
    audit.record("rotation.task.give", task, actor=actor, after=task.state, data={"member": task.member_id})


def _tell_responsible(meeting: Meeting, tasks: list[Task], actor: User) -> None:
    """One message to each unit's liaison, with all that is given to the unit."""
    given: dict[int, tuple[Person, list[Task]]] = {}
    for task in tasks:
        post = directory.holder(task.member, Role.LIAISON) if task.member else None
        if post and post.person_id != actor.person_id:
            given.setdefault(post.person_id, (post.person, []))[1].append(task)
    for person, own in given.values():
        outbox.post(
            [person],
            kind="rotation.task.given",
            subject=f"{meeting.title}议定事项：贵单位 {len(own)} 项",
            body="\n".join(f"· {task.text}{_by(task)}" for task in own),
            path=reads.path_of(meeting),
            dedupe_key=f"rotation.task.given:{meeting.pk}",
            alliance=meeting.alliance,
        )


def _by(task: Task) -> str:
    return f"（{day_text(task.due_on)}前）" if task.due_on else ""


def finish(task: Task, *, result: str, actor: User) -> Task:
    """The responsible unit reports a task done; the community its own, or what it was told by telephone."""
    if not result.strip():
        raise OfficeError("请简要写明办理情况。")
    return TASK.apply(task, "finish", actor=actor, fields={"result": result.strip()[:200]})


def drop(task: Task, *, reason: str, actor: User) -> Task:
    """Secretary or staff close a task that has become pointless, with the reason."""
    if not reason.strip():
        raise OfficeError("请写明不再办理的原因。")
    return TASK.apply(task, "drop", actor=actor, fields={"result": reason.strip()[:200]})


def follow_up(now: datetime) -> list[str]:
    """Sweep: a task is called to mind a working day before it is due, and once when it is overdue."""
    if not digests.in_hours(now):
        return []
    today = clock.local(now).date()
    offices = Offices()

    def follow_one(task: Task) -> list[str]:
        office = offices.of(task.alliance)
        if task.due_on is None or not digests.is_working_day(office.days, now):
            return []
        if today > task.due_on:
            _queue(task, NUDGE, f"催办：{task.text}")
        elif office.days.add(task.due_on, -1) <= today:
            _queue(task, REMIND, f"请于{task.due_on.month}月{task.due_on.day}日前办结：{task.text}")
        return []

    due = reads.open_tasks().filter(due_on__lte=today + AHEAD, meeting__state=MeetingState.MINUTED)
    return sweeps.each(due, follow_one)


def _queue(task: Task, kind: str, text: str) -> None:
    people = policies.can_do_task.holders(task) if task.member_id else can_run_alliance.holders(task.alliance)
    digests.queue(
        people,
        kind=kind,
        object_id=task.pk,
        text=text,
        path=f"/meetings/{task.meeting_id}/",
        alliance=task.alliance,
    )


def task_still_due(object_id: int) -> bool:
    return Task.objects.filter(pk=object_id, state=TaskState.OPEN).exists()
