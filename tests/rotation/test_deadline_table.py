"""Every date of every month of 2025 and 2026, against a table that owes nothing to ``alliances.calendars``.

``tests/data/deadlines_2025_2026.csv`` is the table: for each month the latest dates that the slip prints and the days on
which somebody is reminded (提示), nudged (催办) and reported (报书记). It follows from the State Council's days by the
rules of the design, which ``state_days`` walks day by day. Three communities then live both years, one tick every morning:

- in the first nobody ever does anything;
- in the second everything is done on its last day, but no invited unit answers, no seminar is held and no feedback written;
- in the third everything is done on the first day possible, but for one task of each month's minutes.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import pytest

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance, Member, Message, ReminderLine, User
from alliances.services import digests, organisations, sweeps
from evaluations.models import Feedback, Round, UnitMark
from evaluations.services import drafting, feedbacks
from rotation.enums import ActivityKind
from rotation.models import Activity, Duty, Meeting, Receipt, Reply, Slip, StepMark, Task
from rotation.selectors import meetings as reads
from rotation.services import activities, meetings, minutes, slips
from tests.cast import Cast
from tests.conftest import Frozen
from tests.factories import people
from tests.factories import rotation as tables
from tests.rotation.month_cast import notify, seminar
from tests.rotation.state_days import DATA, ONE, after, before, first_of, works

MONTHS = [(year, month) for year in (2025, 2026) for month in range(1, 13)]
MORNING, DAY_WORK = time(8, 30), time(15, 0)
TASK_DAY = 18  # of every month, working day or not


def table() -> dict[tuple[int, int], dict[str, date]]:
    """The checked-in table: (year, month) → column → day."""
    with (DATA / "deadlines_2025_2026.csv").open(encoding="utf-8") as file:
        return {
            (int(row.pop("year")), int(row.pop("month"))): {k: date.fromisoformat(v) for k, v in row.items()}
            for row in csv.DictReader(file)
        }


def computed(year: int, month: int) -> dict[str, date]:
    """A row of the table by the design's clock: in working days unless said otherwise, each from the latest start of the
    one before."""
    issued = first_of(year, month)
    sign = after(issued, 2)
    notice = after(sign, 3)
    seminar = after(notice, 5)
    activity = max(date(year, month, 25), seminar)
    scoring = activity + timedelta(days=5)  # calendar days
    feedback = after(scoring, 3)
    reply = after(notice, 1)
    task = date(year, month, TASK_DAY)
    row = {
        "issued": issued,
        "acknowledge_by": sign,
        "notice_by": notice,
        "seminar_from": min(notice + timedelta(days=3), seminar),  # calendar days
        "seminar_by": seminar,
        "activity_by": activity,
        "scoring_by": scoring,
        "feedback_by": feedback,
        "early_notice_by": after(issued, 3),
        "early_seminar_by": after(issued, 5),
    }
    due = {"sign": sign, "notice": notice, "reply": reply, "seminar": seminar, "activity": activity}
    for step, day in (due | {"feedback": feedback}).items():
        row |= {
            f"{step}_remind": before(day),
            f"{step}_nudge": after(day, 1),
            f"{step}_escalate": after(day, 3),
        }
    # The notice was a message of its day: the reminder to answer it waits for the next working one.
    row["reply_remind"] = max(before(reply), after(notice, 1))
    return row | {"vote_remind": before(scoring), "task_remind": before(task), "task_nudge": after(task, 1)}


@pytest.mark.parametrize(("year", "month"), MONTHS)
def test_table_follows_from_the_state_councils_days(year: int, month: int) -> None:
    assert table()[year, month] == computed(year, month)


@dataclass
class Village:
    """A community with two units: one on duty every month, one that is invited; and their liaisons."""

    alliance: Alliance
    chair: Member
    guest: Member
    liaison: User
    secretary: User
    duties: dict[tuple[int, int], Duty] = field(default_factory=dict)

    def lines(self, kind: str, objects: dict[int, tuple[int, int]]) -> dict[tuple[int, int], date]:
        """Month → the day on which a line of ``kind`` was written, for objects whose months are given."""
        rows = ReminderLine.objects.filter(alliance=self.alliance, kind=kind)
        found = [
            (objects[pk], clock.local(at).date()) for pk, at in rows.values_list("object_id", "created_at")
        ]
        assert len(found) == len(dict(found)), f"{kind} twice"
        return dict(found)


def village(name: str) -> Village:
    alliance = people.alliance(people.place(name))
    chair, guest = people.members(alliance, {f"{name}轮值单位": "solo", f"{name}成员单位": "solo"})
    people.liaison(guest, f"{name}客")
    people.user(f"{name}会长", Role.PRESIDENT, alliance.organisation)
    one = Village(
        alliance,
        chair,
        guest,
        people.liaison(chair, f"{name}主"),
        people.user(f"{name}书记", Role.SECRETARY, alliance.organisation),
    )
    for year in (2025, 2026):
        passed = datetime(year - 1, 12, 30, 15, tzinfo=clock.ZONE)
        plan = tables.plan(alliance, year, {month: [chair] for month in range(1, 13)}, passed_at=passed)
        rows = plan.duties.select_related("plan", "alliance__organisation")
        one.duties |= {(year, duty.month): duty for duty in rows}
    return one


def morning(day: date) -> None:
    outcomes = sweeps.run_all(datetime.combine(day, MORNING, tzinfo=clock.ZONE))
    assert not [outcome.error for outcome in outcomes if outcome.error]


def slip_of(duty: Duty) -> Slip:
    return Slip.objects.select_related("duty__plan", "alliance__organisation").get(duty=duty)


def sign(duty: Duty, actor: User) -> None:
    for receipt in slip_of(duty).receipts.select_related("slip__alliance__organisation", "member__unit"):
        slips.acknowledge(receipt, actor=actor)


def call(one: Village, duty: Duty, day: date, reply_by: date) -> Meeting:
    meeting = reads.seminar_of(duty)
    assert meeting is not None
    return meetings.send_notice(
        meeting,
        starts_at=datetime.combine(day, time(9, 30), tzinfo=clock.ZONE),
        place="社区会议室",
        agenda=["协商本月活动"],
        reply_by=reply_by,
        actor=one.liaison,
    )


def act(one: Village, duty: Duty, day: date) -> Activity:
    """Planned, held and recorded on one day, together with the guest."""
    activity = activities.plan(
        one.alliance,
        kind=ActivityKind.VOLUNTEERING,
        title=f"{duty.plan.year}年{duty.month}月志愿服务",
        planned_on=day,
        duty=duty,
        actor=one.liaison,
    )
    return activities.record(
        activity, heads={one.chair.pk: 5, one.guest.pk: 3}, held_on=day, actor=one.liaison
    )


def on_the_last_day(one: Village, day: date, row: dict[str, date], duty: Duty) -> None:
    if day == row["acknowledge_by"]:
        sign(duty, one.liaison)
    if day == row["notice_by"]:
        call(one, duty, row["seminar_by"], after(day, 1))
    if day == row["activity_by"]:
        act(one, duty, day)


def on_the_first_day(one: Village, day: date, row: dict[str, date], duty: Duty) -> None:
    seminar_day = row["issued"] + timedelta(days=3)
    if day == row["issued"]:
        sign(duty, one.liaison)
        call(one, duty, seminar_day, day)
    if day == seminar_day:
        meeting = reads.seminar_of(duty)
        assert meeting is not None
        held = meetings.hold(meeting, held_on=day, attended=[one.chair.pk, one.guest.pk], actor=one.liaison)
        task = minutes.TaskIn("准备活动场地", one.guest, date(duty.plan.year, duty.month, TASK_DAY))
        minutes.write(held, summary="商定本月活动。", tasks=[task], actor=one.liaison)
        act(one, duty, day)


@pytest.fixture
def two_years(db: None) -> tuple[Village, Village, Village]:
    """Both years lived through, from the last day of 2024 to the second week of 2027."""
    with clock.at(datetime(2024, 12, 31, 9, tzinfo=clock.ZONE)):
        idle, late, early = (village(name) for name in ("静里", "慢里", "快里"))
    rows, day = table(), date(2024, 12, 31)
    while day < date(2027, 1, 12):
        morning(day)
        for key in {(day.year, day.month)} & set(MONTHS):
            with clock.at(datetime.combine(day, DAY_WORK, tzinfo=clock.ZONE)):
                on_the_last_day(late, day, rows[key], late.duties[key])
                on_the_first_day(early, day, rows[key], early.duties[key])
        day += ONE
    return idle, late, early


@pytest.mark.slow
def test_two_years_on_the_clock_keep_to_the_table(two_years: tuple[Village, Village, Village]) -> None:
    idle, late, early = two_years
    for one in two_years:
        _slips_print_the_table(one)
    _idle_community(idle)
    _last_day_community(late)
    _first_day_community(early)
    # A round settles and a quarter ends on any day; the line they write waits. Everything else is pressed on working days only.
    pressed = ReminderLine.objects.exclude(kind__in=[feedbacks.BEGUN, drafting.DRAFTED]).values_list(
        "created_at", flat=True
    )
    assert pressed and all(works(clock.local(moment).date()) for moment in pressed)
    sent = Message.objects.filter(kind=digests.KIND).values_list("created_at", flat=True)
    assert sent and all(works(clock.local(moment).date()) and digests.in_hours(moment) for moment in sent)


def column(name: str) -> dict[tuple[int, int], date]:
    return {key: row[name] for key, row in table().items()}


def _slips_print_the_table(one: Village) -> None:
    """Issued at 08:30 of the first working day, with all latest dates."""
    printed = (
        "acknowledge_by",
        "notice_by",
        "seminar_from",
        "seminar_by",
        "activity_by",
        "scoring_by",
        "feedback_by",
    )
    for key, duty in one.duties.items():
        slip = slip_of(duty)
        assert clock.local(slip.issued_at) == datetime.combine(
            table()[key]["issued"], MORNING, tzinfo=clock.ZONE
        )
        assert slip.acknowledge_by == table()[key]["acknowledge_by"]
        assert slip.deadlines == {name: table()[key][name].isoformat() for name in printed}


def _months(one: Village, model: type, path: str = "duty") -> dict[int, tuple[int, int]]:
    """pk → month of every row of ``model`` in the community."""
    rows = model.objects.filter(**{f"{path}__alliance": one.alliance})
    return {
        pk: (year, month)
        for pk, year, month in rows.values_list("pk", f"{path}__plan__year", f"{path}__month")
    }


def _day(moment: datetime | None) -> date | None:
    return clock.local(moment).date() if moment else None


def _marks(one: Village, step: str) -> tuple[dict, dict]:
    """Month → day of the nudge, and of the report, of one step."""
    rows = StepMark.objects.filter(slip__alliance=one.alliance, step=step).select_related("slip__duty__plan")
    months = {mark.pk: (mark.slip.duty.plan.year, mark.slip.duty.month) for mark in rows}
    return (
        {months[mark.pk]: _day(mark.nudged_at) for mark in rows if mark.nudged_at},
        {months[mark.pk]: _day(mark.escalated_at) for mark in rows if mark.escalated_at},
    )


def _idle_community(one: Village) -> None:
    """Nobody signs: the clock of the notice starts when signing was due."""
    for key, duty in one.duties.items():
        slip = slip_of(duty)
        row = table()[key]
        assert (_day(slip.nudged_at), _day(slip.escalated_at)) == (row["sign_nudge"], row["sign_escalate"])
        assert (slip.received_on, slip.notice_by) == (row["acknowledge_by"], row["notice_by"])
        assert slip.state == "unacknowledged"
    receipts = _months(one, Receipt, "slip__duty")
    slips_ = _months(one, Slip)
    assert one.lines("rotation.slip.remind", receipts) == column("sign_remind")
    assert one.lines("rotation.slip.nudge", receipts) == column("sign_nudge")
    assert one.lines("rotation.slip.escalate", slips_) == column("sign_escalate")
    for step in ("notice", "activity"):
        assert _marks(one, step) == (column(f"{step}_nudge"), column(f"{step}_escalate"))
        assert one.lines(f"rotation.{step}.nudge", slips_) == column(f"{step}_nudge")
        assert one.lines(f"rotation.{step}.escalate", slips_) == column(f"{step}_escalate")
    assert one.lines("rotation.activity.remind", slips_) == column("activity_remind")
    assert _marks(one, "seminar") == ({}, {}), "a seminar is owed from its notice on"


def _last_day_community(one: Village) -> None:
    """What was done on its last day is never nudged; what follows from it is counted from that day."""
    slips_ = _months(one, Slip)
    for key, duty in one.duties.items():
        slip, meeting, row = slip_of(duty), Meeting.objects.get(duty=duty), table()[key]
        assert (slip.received_on, slip.notice_by) == (row["acknowledge_by"], row["notice_by"])
        assert (slip.nudged_at, slip.escalated_at) == (None, None)
        assert meeting.due_on == row["seminar_by"]
        assert (_day(meeting.nudged_at), _day(meeting.escalated_at)) == (
            row["reply_nudge"],
            row["reply_escalate"],
        )
        held = Round.objects.get(duty=duty)
        assert (held.opens_on, held.closes_on) == (max(row["activity_by"], held.opens_on), row["scoring_by"])
        feedback = Feedback.objects.get(duty=duty)
        assert feedback.due_on == row["feedback_by"]
        assert (_day(feedback.nudged_at), _day(feedback.escalated_at)) == (
            row["feedback_nudge"],
            row["feedback_escalate"],
        )
    for step in ("notice", "activity"):
        assert _marks(one, step) == ({}, {})
        assert one.lines(f"rotation.{step}.remind", slips_) == column(f"{step}_remind")
    assert _marks(one, "seminar") == (column("seminar_nudge"), column("seminar_escalate"))
    assert one.lines("rotation.seminar.remind", slips_) == column("seminar_remind")
    replies = _months(one, Reply, "meeting__duty")
    assert one.lines("rotation.reply.remind", replies) == column("reply_remind")
    assert one.lines("rotation.reply.nudge", replies) == column("reply_nudge")
    assert one.lines("evaluations.round.remind", _months(one, UnitMark)) == column("vote_remind")
    assert one.lines("evaluations.feedback.remind", _months(one, Feedback)) == column("feedback_remind")


def _first_day_community(one: Village) -> None:
    """Nothing is nudged but the task; dates count from what happened early."""
    for key, duty in one.duties.items():
        slip, meeting, row = slip_of(duty), Meeting.objects.get(duty=duty), table()[key]
        assert (slip.received_on, slip.notice_by) == (row["issued"], row["early_notice_by"])
        assert meeting.due_on == row["early_seminar_by"]
        held = row["issued"] + timedelta(days=3)
        closing = Round.objects.get(duty=duty).closes_on
        assert closing == held + timedelta(days=5)
        assert Feedback.objects.get(duty=duty).due_on == after(closing, 3)
    assert not StepMark.objects.filter(slip__alliance=one.alliance).exists()
    tasks = _months(one, Task, "meeting__duty")
    assert one.lines("rotation.task.remind", tasks) == column("task_remind")
    assert one.lines("rotation.task.nudge", tasks) == column("task_nudge")


# --- corrected days -----------------------------------------------------------------------------------------------


def correct(cast: Cast, day: date, *, is_working: bool) -> None:
    organisations.correct_day(
        cast.community, day, is_working=is_working, reason="停电检修", actor=cast.secretary
    )


def test_corrected_day_leaves_what_has_begun_and_moves_what_has_not(cast: Cast, frozen: Frozen) -> None:
    row = table()[2026, 3]
    slip = slips.issue(cast.duties[3])
    assert slip is not None
    printed = dict(slip.deadlines)
    # Signing has begun, the notice has not: a day off before each of their ends.
    correct(cast, date(2026, 3, 3), is_working=False)
    morning(date(2026, 3, 3))
    slip.refresh_from_db()
    assert (slip.acknowledge_by, slip.deadlines) == (row["acknowledge_by"], printed)

    frozen.to("2026-03-04T16:00")
    sign_first(slip, cast)
    slip.refresh_from_db()
    assert slip.notice_by == row["notice_by"] == date(2026, 3, 9)
    correct(cast, date(2026, 3, 6), is_working=False)  # the notice has begun: its date stays
    frozen.to("2026-03-09T15:00")
    slip.refresh_from_db()
    assert slip.notice_by == date(2026, 3, 9)
    # The seminar begins with the notice, by the calendar as it then is: the 12th will be a day off.
    correct(cast, date(2026, 3, 12), is_working=False)
    meeting = notify(seminar(cast), cast.liaison)
    assert meeting.due_on == date(2026, 3, 17) == after(row["seminar_by"], 1)
    correct(cast, date(2026, 3, 14), is_working=True)  # a Saturday worked instead, too late for this seminar
    meeting.refresh_from_db()
    assert meeting.due_on == date(2026, 3, 17)
    assert slip_of(cast.duties[3]).deadlines == printed


def sign_first(slip: Slip, cast: Cast) -> None:
    receipt = slip.receipts.select_related("slip__alliance__organisation", "member__unit").get(
        member=cast.members["县图书馆"]
    )
    slips.acknowledge(receipt, actor=cast.liaison)


def test_corrected_day_moves_the_next_slip_and_only_in_its_community(cast: Cast, frozen: Frozen) -> None:
    correct(cast, date(2026, 3, 2), is_working=False)
    correct(cast, date(2026, 3, 9), is_working=False)
    morning(date(2026, 3, 2))
    assert not Slip.objects.filter(duty=cast.duties[3]).exists()
    assert slip_of(cast.foreign_duties[3]).notice_by is None
    assert slip_of(cast.foreign_duties[3]).deadlines["notice_by"] == "2026-03-09"
    morning(date(2026, 3, 3))
    slip = slip_of(cast.duties[3])
    assert _day(slip.issued_at) == date(2026, 3, 3)
    assert (slip.acknowledge_by, slip.deadlines["notice_by"]) == (date(2026, 3, 5), "2026-03-11")


def test_a_round_and_a_feedback_keep_their_days_when_one_is_corrected(cast: Cast, frozen: Frozen) -> None:
    one = Village(
        cast.alliance, cast.members["县图书馆"], cast.members["县实验小学"], cast.liaison, cast.secretary
    )
    frozen.to("2026-03-10T15:00")
    act(one, cast.duties[3], date(2026, 3, 10))
    morning(date(2026, 3, 11))
    assert Round.objects.get().closes_on == date(2026, 3, 15)
    correct(cast, date(2026, 3, 17), is_working=False)  # feedback has not begun: it counts around this day
    morning(date(2026, 3, 16))
    feedback = Feedback.objects.get()
    assert feedback.due_on == date(2026, 3, 19) == after(date(2026, 3, 15), 4)
    correct(cast, date(2026, 3, 18), is_working=False)
    morning(date(2026, 3, 19))
    feedback.refresh_from_db()
    assert (feedback.due_on, Round.objects.get().closes_on) == (date(2026, 3, 19), date(2026, 3, 15))
