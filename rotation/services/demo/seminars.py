"""The demo's seminars: called, answered, held, minuted; and what was resolved there, done by most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from alliances import clock
from alliances.enums import Role, Via
from alliances.models import Member, User
from alliances.selectors import directory
from alliances.services.demo_people import at_work, holder, read_inbox
from rotation.enums import MeetingState, ReplyState, SlipState, TaskState
from rotation.models import Duty, Meeting, Opinion, Receipt, Reply, Slip, Task
from rotation.selectors import meetings as reads
from rotation.selectors.deadlines import Office
from rotation.selectors.papers import day_text
from rotation.services import meetings, minutes, replies
from rotation.services.demo import words
from rotation.services.demo.quarter import Deed, Quarter
from rotation.services.replies import Answer, OpinionIn

# Months in which the notice comes late (working days after its date), or not at all.
LATE = {("迎宾社区", 2): 2, ("文苑社区", 3): 1}
NEVER = {("新城社区", 3)}
# A month that was postponed begins anew on these days: notice and seminar.
POSTPONED = {("南湖社区", 2): (date(2026, 2, 27), date(2026, 3, 4))}
HOURS = (time(9, 30), time(10, 0), time(15, 0))
PATIENCE = 3  # working days that a notice waits for its unit to sign; then the community writes it on paper


@dataclass
class Seminars:
    """Every month's seminar, from its notice to the last task."""

    quarter: Quarter
    # Lines that a month's minutes have besides, and that nobody has done yet.
    more: dict[tuple[str, int], list[minutes.TaskIn]] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.random = self.quarter.cast.random
        self.days = self.quarter.days

    def look(self) -> None:
        """Seminars whose notice has become due."""
        begun = Slip.objects.filter(notice_by__isnull=False).exclude(state=SlipState.WITHDRAWN)
        rows = Meeting.objects.filter(state=MeetingState.PLANNED, duty__in=begun.values("duty"))
        rows = rows.exclude(pk__in=self._seen).select_related("duty__alliance__organisation", "duty__plan")
        for meeting in rows.order_by("pk"):
            self._seen.add(meeting.pk)
            key = (meeting.duty.alliance.organisation.name, meeting.duty.month)
            if key not in NEVER:
                self.quarter.soon(self._notice_day(meeting, key), self._notice(meeting.pk, PATIENCE))

    def _notice_day(self, meeting: Meeting, key: tuple[str, int]) -> date:
        if key in POSTPONED and meeting.replaces_id:
            return POSTPONED[key][0]
        due = reads.notice_by(meeting) or clock.today()
        if key in LATE:
            return self.days.add(due, LATE[key])
        return self.days.add(due, -self.random.randint(0, 2)) if self.random.random() < 0.7 else due

    # --- the notice -----------------------------------------------------------------------------------------------

    def _notice(self, pk: int, patience: int) -> Deed:
        def deed() -> None:
            meeting = reads.full().get(pk=pk)
            if meeting.state != MeetingState.PLANNED or meeting.duty is None or meeting.convenor is None:
                return
            signed = self._has_signed(meeting)
            if not signed and patience:
                self.quarter.soon(self.days.add(clock.today(), 1), self._notice(pk, patience - 1))
                return
            self.send(meeting, on_screen=signed and self._is_online(meeting.convenor))

        return deed

    def _has_signed(self, meeting: Meeting) -> bool:
        waiting = Receipt.objects.filter(
            slip__duty=meeting.duty_id,
            slip__state=SlipState.ISSUED,
            member=meeting.convenor_id,
            signed_at=None,
        )
        return not waiting.exists()

    def _is_online(self, member: Member) -> bool:
        return member.pk not in self.quarter.offline

    def send(self, meeting: Meeting, *, on_screen: bool, starts_at: datetime | None = None) -> None:
        """The notice, by the convenor or recorded from paper; then everybody's answers and the meeting itself."""
        draft = reads.notice_draft(meeting)
        starts_at = starts_at or datetime.combine(
            self._seminar_day(meeting, draft), self.random.choice(HOURS), tzinfo=clock.ZONE
        )
        actor = self.actor(meeting) if on_screen else at_work(Role.STAFF, meeting.alliance)
        meetings.send_notice(
            meeting,
            starts_at=starts_at,
            place=draft.place or f"{meeting.alliance.organisation.name}党群服务中心二楼会议室",
            agenda=[item["text"] for item in draft.agenda] or ["通报一季度工作", "研究下步安排"],
            prepare=words.PREPARE,
            reply_by=reads.reply_by_default(
                Office(meeting.alliance.organisation), starts_at.date(), clock.today()
            ),
            via=Via.SCREEN if on_screen else Via.PAPER,
            actor=actor,
        )
        read_inbox(actor)
        self._expect_replies(meeting, starts_at)
        self.quarter.at(starts_at.date(), min(starts_at.hour + 2, 17), 15, lambda: self._hold(meeting.pk))

    def _seminar_day(self, meeting: Meeting, draft: reads.NoticeDraft) -> date:
        key = (meeting.alliance.organisation.name, meeting.duty.month if meeting.duty else 0)
        if key in POSTPONED and meeting.replaces_id:
            return POSTPONED[key][1]
        earliest, latest = draft.earliest or clock.today(), draft.latest or clock.today()
        span = [earliest + timedelta(days=n) for n in range((latest - earliest).days + 1)]
        return self.random.choice([day for day in span if self.days.is_working(day)][:2] or [latest])

    def actor(self, meeting: Meeting) -> User:
        """Who runs it: the convenor's liaison if there is an account, else the community's staff."""
        if meeting.convenor is not None and self._is_online(meeting.convenor):
            return self.quarter.liaison(meeting.convenor)
        return at_work(Role.STAFF, meeting.alliance)

    # --- answers --------------------------------------------------------------------------------------------------

    def _expect_replies(self, meeting: Meeting, starts_at: datetime) -> None:
        """Most answer in time, some on the meeting's morning, a few not at all."""
        rows = Reply.objects.filter(meeting=meeting, state=ReplyState.WAITING).order_by("pk")
        pool = list(words.OPINIONS)
        self.random.shuffle(pool)
        last = meeting.reply_by or starts_at.date()
        for pk, member in rows.values_list("pk", "member_id"):
            fate = self.random.random()
            mine = [pool.pop() for _ in range(self.random.choice((0, 0, 1, 1, 2))) if pool]
            if fate < 0.06 or (member in self.quarter.offline and fate < 0.3):
                continue
            deed = self._reply(pk, mine)
            if fate < 0.16 and starts_at.date() > last:
                self.quarter.at(starts_at.date(), 8, self.random.randint(31, 59), deed)
            else:
                span = (last - clock.today()).days
                self.quarter.soon(clock.today() + timedelta(days=self.random.randint(0, max(span, 0))), deed)

    def _reply(self, pk: int, mine: Sequence[tuple[str, str]]) -> Deed:
        def deed() -> None:
            rows = Reply.objects.select_related("meeting__alliance__organisation", "member__unit")
            reply = rows.filter(pk=pk, state=ReplyState.WAITING, meeting__state=MeetingState.NOTICED).first()
            if reply is None:
                return
            given = self._answer(reply.member, mine)
            if self._is_online(reply.member):
                user = self.quarter.liaison(reply.member)
                replies.answer(reply, given, actor=user)
            else:
                user = at_work(Role.STAFF, reply.meeting.alliance)
                via = Via.PHONE if self.random.random() < 0.6 else Via.PAPER
                replies.record(reply, given, via=via, actor=user)
            read_inbox(user)

        return deed

    def _answer(self, member: Member, mine: Sequence[tuple[str, str]]) -> Answer:
        opinions = [
            OpinionIn(text, theme, self.random.choice((1, 1, 2, 3, 5, 8, 12))) for theme, text in mine
        ]
        if self.random.random() < 0.14:
            return Answer(False, leave_reason=self.random.choice(words.LEAVE_REASONS), opinions=opinions)
        leader = directory.holder(member, Role.LEADER)
        if leader is not None and self.random.random() < 0.25:
            return Answer(True, leader.person.name, "负责人", leader.person.phone, opinions=opinions)
        liaison = holder(Role.LIAISON, member).person
        return Answer(True, liaison.name, "联络员", liaison.phone, opinions=opinions)

    # --- the meeting ----------------------------------------------------------------------------------------------

    def _hold(self, pk: int) -> None:
        meeting = reads.full().get(pk=pk)
        if meeting.state != MeetingState.NOTICED:
            return
        came = []
        for reply in Reply.objects.filter(meeting=meeting).order_by("pk"):
            chance = {ReplyState.ATTENDING: 0.95, ReplyState.WAITING: 0.4, ReplyState.LEAVE: 0.0}
            is_host = reply.member_id == meeting.convenor_id
            if is_host or self.random.random() < chance[ReplyState(reply.state)]:
                came.append(reply.member_id)
        actor = self.actor(meeting)
        meetings.hold(meeting, held_on=clock.today(), attended=came, actor=actor)
        if meeting.duty is not None:
            following = self.days.add(clock.today(), 1)
            today = clock.today() if self.random.random() < 0.4 and clock.now().hour < 16 else following
            self.quarter.soon(today, lambda: self._minute(pk))

    def _minute(self, pk: int) -> None:
        meeting = reads.full().get(pk=pk)
        if meeting.state != MeetingState.HELD or meeting.duty is None or meeting.held_on is None:
            return
        day = activity_day(self.quarter, meeting.duty, meeting.held_on)
        story = words.story_of(meeting.duty.theme)
        summary = self.random.choice(words.SUMMARIES).format(
            theme=meeting.duty.theme, day=day_text(day), place=story.place
        )
        actor = self.actor(meeting)
        more = self.more.get((meeting.alliance.organisation.name, meeting.duty.month), [])
        minutes.write(meeting, summary=summary, tasks=[*self._tasks(meeting, day), *more], actor=actor)
        read_inbox(actor)
        for task in Task.objects.filter(meeting=meeting).order_by("pk"):
            if task.text not in {line.text for line in more}:
                self._expect_done(task)

    def _tasks(self, meeting: Meeting, day: date) -> list[minutes.TaskIn]:
        """The chair's plan, the community's sign-up, a unit's thing, an opinion to follow up."""
        duty, held = meeting.duty, meeting.held_on or clock.today()
        rows = Reply.objects.filter(meeting=meeting, has_attended=True).select_related("member__unit")
        others = [reply.member for reply in rows.order_by("pk") if reply.member_id != meeting.convenor_id]
        before = max(self.days.add(day, -1), held)
        theme = duty.theme if duty else ""
        tasks = [
            minutes.TaskIn(words.CHAIR_TASK.format(theme=theme), meeting.convenor, self.days.add(held, 2)),
            minutes.TaskIn(words.COMMUNITY_TASK, None, before),
        ]
        for member in self.random.sample(others, min(2, len(others))):
            tasks.append(minutes.TaskIn(self.random.choice(words.UNIT_TASKS), member, before))
        opinion = Opinion.objects.filter(reply__meeting=meeting).order_by("-voices", "pk").first()
        if opinion is not None and others:
            text = words.FOLLOW_UP_TASK.format(opinion=opinion.text.rstrip("。"))
            tasks.append(minutes.TaskIn(text[:200], self.random.choice(others), self.days.add(held, 10)))
        return tasks

    def _expect_done(self, task: Task) -> None:
        fate, due = self.random.random(), task.due_on or clock.today()
        if fate < 0.05:
            return
        late = fate < 0.15
        day = self.days.add(due, self.random.randint(1, 3)) if late else self.days.next_working(due)
        self.quarter.soon(day, lambda: self._finish(task.pk))

    def _finish(self, pk: int) -> None:
        rows = Task.objects.select_related("alliance__organisation", "member__unit", "meeting")
        task = rows.filter(pk=pk, state=TaskState.OPEN).first()
        if task is None:
            return
        online = task.member is not None and self._is_online(task.member)
        actor = (
            self.quarter.liaison(task.member)
            if task.member and online
            else at_work(Role.STAFF, task.alliance)
        )
        minutes.finish(task, result=self.random.choice(words.RESULTS), actor=actor)
        read_inbox(actor)


# Activities that stand on a day of their own; the stage's are in the middle of scoring at the end of March.
DAYS = {
    ("同心社区", 3): date(2026, 3, 25),
    ("南湖社区", 2): date(2026, 3, 11),
    ("北关社区", 3): date(2026, 3, 22),
}


def activity_day(quarter: Quarter, duty: Duty, held_on: date) -> date:
    """The month's activity: some days after its seminar, by the 25th and not in the Spring Festival."""
    key = (duty.alliance.organisation.name, duty.month)
    if key in DAYS:
        return DAYS[key]
    last = min(date(duty.plan.year, duty.month, 25), duty.ends_on)
    first = min(held_on + timedelta(days=4), last)
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    suits = [day for day in span if quarter.days.is_working(day) or day.weekday() == 5]
    quiet = [day for day in suits if not date(2026, 2, 13) <= day <= date(2026, 2, 23)]
    choice = quiet or suits or [last]
    return choice[(int(duty.alliance.code[-2:]) * 7 + duty.month) % len(choice)]
