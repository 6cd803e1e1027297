"""March's month played by the cast: short verbs for tests of meetings and activities."""

from __future__ import annotations

from datetime import date, datetime

from alliances import clock
from alliances.models import Member, User
from alliances.services import sweeps
from rotation.models import Meeting, Reply, Slip
from rotation.selectors import meetings as reads
from rotation.services import meetings, minutes, replies, slips
from rotation.services.replies import Answer
from tests.cast import Cast
from tests.conftest import Frozen

HOSTS = ("县图书馆", "县文体广电局", "县人民医院")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.ZONE)


def tick() -> list[str]:
    """Every sweep once, as of the frozen clock; what the sweeps said they did."""
    outcomes = sweeps.run_all(clock.now())
    assert not [outcome.error for outcome in outcomes if outcome.error]
    return [line for outcome in outcomes for line in outcome.lines]


def seminar(cast: Cast) -> Meeting:
    found = reads.seminar_of(cast.duties[3])
    assert found is not None
    return found


def sign_all(slip: Slip, cast: Cast) -> None:
    signers = dict(zip(HOSTS, (cast.liaison, cast.second_liaison, cast.third_liaison), strict=True))
    for receipt in slip.receipts.select_related("slip__alliance__organisation", "member__unit"):
        slips.acknowledge(receipt, actor=signers[receipt.member.unit.name])


def notify(meeting: Meeting, actor: User, **more: object) -> Meeting:
    """The notice as the form proposes it."""
    draft = reads.notice_draft(meeting)
    given = {
        "starts_at": draft.starts_at,
        "place": draft.place or "同心社区二楼会议室",
        "agenda": [item["text"] for item in draft.agenda],
        "prepare": draft.prepare,
        "reply_by": draft.reply_by,
        **more,
    }
    return meetings.send_notice(meeting, **given, actor=actor)  # type: ignore[arg-type]  # a form's values


def reply_of(meeting: Meeting, member: Member) -> Reply:
    rows = Reply.objects.select_related("meeting__alliance__organisation", "member__unit")
    return rows.get(meeting=meeting, member=member)


def coming(name: str = "陶老师", **more: object) -> Answer:
    return Answer(True, attendee=name, **more)  # type: ignore[arg-type]  # a form's values


def held(cast: Cast, frozen: Frozen, march: Slip) -> Meeting:
    """Noticed on 2 March, held on 5 March with three units present."""
    meeting = notify(seminar(cast), cast.liaison)
    replies.answer(reply_of(meeting, cast.members["县实验小学"]), coming(), actor=cast.other_liaison)
    frozen.to("2026-03-05T16:00")
    came = [cast.members[name].pk for name in ("县图书馆", "县文体广电局", "县实验小学")]
    meetings.hold(meeting, held_on=date(2026, 3, 5), attended=came, actor=cast.liaison)
    return meeting


def minuted(cast: Cast, frozen: Frozen, march: Slip, *tasks: minutes.TaskIn) -> Meeting:
    meeting = held(cast, frozen, march)
    return minutes.write(meeting, summary="商定3月20日举办读书会。", tasks=tasks, actor=cast.liaison)
