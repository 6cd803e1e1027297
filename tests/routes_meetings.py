"""A meeting in each state, for every route of meetings; all called by 县图书馆 for 同心社区."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from alliances import clock
from alliances.enums import Via
from alliances.models import Alliance, Member, User
from rotation.enums import MeetingKind
from rotation.models import Meeting
from rotation.selectors import meetings as reads
from rotation.services import meetings, minutes, replies
from rotation.services.replies import Answer, OpinionIn
from tests.cast import Cast

KINDS = (MeetingKind.QUARTERLY, MeetingKind.COMMITTEE, MeetingKind.YEARLY)


def furnish_meetings(cast: Cast) -> dict[str, dict[str, Any]]:
    """Route → arguments, as ``tests.routes.furnish`` wants them."""
    lead = cast.members["县图书馆"]
    planned = reads.seminar_of(cast.duties[3])
    assert planned
    noticed = _noticed(cast.alliance, KINDS[0], cast.secretary, lead)
    held = _held(cast.alliance, KINDS[1], cast.secretary, lead, lead)
    minuted = _minuted(cast.alliance, KINDS[2], cast.secretary, [lead], lead)
    reply = noticed.replies.get(member=cast.members["县实验小学"])
    task = minuted.tasks.get()
    found: dict[str, dict[str, Any]] = {
        "rotation:meeting-write": {"pk": planned.pk},
        "rotation:meeting-minutes": {"pk": held.pk},
        "rotation:meeting-reply-record": {"pk": noticed.pk, "reply": reply.pk},
    }
    for name in ("meeting", "meeting-cancel", "meeting-reply", "meeting-hold"):
        found[f"rotation:{name}"] = {"pk": noticed.pk}
    for name in ("task-done", "task-drop"):
        found[f"rotation:{name}"] = {"pk": minuted.pk, "task": task.pk}
    for name in ("notice", "replies", "opinions", "minutes"):
        found[f"rotation:meeting-paper {name}"] = {"pk": minuted.pk, "name": name, "fmt": "pdf"}
    return found


def town_meetings(
    alliance: Alliance, members: list[Member], planned: Meeting, actor: User
) -> dict[str, Meeting]:
    """For the query ceilings: a meeting in each state, to which as many units are invited as the town has, each
    with an opinion and a task."""
    noticed = _noticed(alliance, KINDS[0], actor)
    held = _held(alliance, KINDS[1], actor, members[0])
    done = _minuted(alliance, KINDS[2], actor, members)
    return {"planned": planned, "noticed": noticed, "held": held, "minuted": done}


def _noticed(
    alliance: Alliance, kind: str, actor: User, convenor: Member | None = None, **more: Any
) -> Meeting:
    """Noticed, for tomorrow week."""
    meeting = meetings.call(alliance, kind=kind, convenor=convenor, actor=actor)
    draft = reads.notice_draft(meeting)
    given: dict[str, Any] = {
        "starts_at": datetime.combine(clock.today() + timedelta(days=8), time(9, 30), tzinfo=clock.ZONE),
        "place": "社区会议室",
        "agenda": [item["text"] for item in draft.agenda],
        "reply_by": draft.reply_by,
    } | more
    return meetings.send_notice(meeting, **given, actor=actor)


def _held(
    alliance: Alliance, kind: str, actor: User, came: Member, convenor: Member | None = None
) -> Meeting:
    """Noticed on paper and held this morning; every unit reported an opinion."""
    this_morning = clock.now().replace(hour=8)
    meeting = _noticed(
        alliance,
        kind,
        actor,
        convenor,
        starts_at=this_morning,
        reply_by=clock.today(),
        via=Via.PAPER,
        noticed_on=clock.today() - timedelta(days=1),
    )
    for reply in reads.replies_of(meeting):
        given = Answer(True, attendee="某某", opinions=[OpinionIn(f"{reply.member.unit.name}门前路灯不亮")])
        replies.record(reply, given, via=Via.PHONE, actor=actor)
    return meetings.hold(meeting, held_on=clock.today(), attended=[came.pk], actor=actor)


def _minuted(
    alliance: Alliance, kind: str, actor: User, busy: list[Member], convenor: Member | None = None
) -> Meeting:
    """Minuted with a task for each of ``busy``."""
    meeting = _held(alliance, kind, actor, busy[0], convenor)
    tasks = [minutes.TaskIn(f"请{member.unit.name}修好路灯", member) for member in busy]
    return minutes.write(meeting, summary="商定修路灯。", tasks=tasks, actor=actor)
