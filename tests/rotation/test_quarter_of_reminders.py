"""A quarter of eight communities on the clock: who is reminded, when, and whether they could and should have acted.

January to March 2026, one tick at opening and closing time of every working day, at night, and on days off. In between
people act through the services: most at once, some late, some never. After every tick each new reminder is looked at with
the state as it stands, by questions to the tables that share nothing with the services that wrote it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

import pytest
from django.db.models import Q

from alliances import clock
from alliances.enums import Channel, DutyMode, Role
from alliances.models import Alliance, Appointment, Member, Message, ReminderLine, User
from alliances.registry import registries
from alliances.services import appointments, sweeps
from evaluations.models import Assessment, Comment, Feedback, UnitMark
from evaluations.services import ballots, comments, feedbacks
from rotation.enums import ActivityKind
from rotation.models import Activity, Duty, DutyChair, Meeting, Receipt, Reply, Slip, Task
from rotation.selectors import activities as activity_reads
from rotation.selectors import meetings as reads
from rotation.services import activities, meetings, minutes, replies, slips
from rotation.services.replies import Answer
from tests.factories import people
from tests.factories import rotation as tables
from tests.rotation.state_days import ONE, works

COMMUNITIES, MONTHS = 8, (1, 2, 3)
FIRST, LAST = date(2025, 12, 31), date(2026, 4, 3)
TICKS = {True: (time(8, 30), time(16, 45), time(22, 0)), False: (time(10, 0), time(22, 0))}
DEEDS = time(11, 0)
DIGEST = "alliances.digest"
# How likely somebody does today what lies on the desk: at once, in some days, never.
TEMPERS = (0.8, 0.8, 0.25, 0.25, 0.0)
FULL = {"theme": 18, "planning": 18, "cooperation": 18, "attendance": 13, "effect": 22}
CHAIR = {"notice": 22, "seminar": 22, "liaison": 22, "style": 22}


class County:
    """Eight alliances of 13 to 20 members; the last unit of each sits in the next alliance too, with one liaison."""

    def __init__(self) -> None:
        self.chance = random.Random(2026)
        self.tempers: dict[int, float] = {}
        with clock.at(datetime(2025, 12, 30, 16, tzinfo=clock.ZONE)):
            self.alliances = [self._alliance(i) for i in range(COMMUNITIES)]
            for one, other in zip(self.alliances, self.alliances[1:], strict=False):
                self._sit_in(one, other)

    def _alliance(self, number: int) -> Alliance:
        alliance = people.alliance(people.place(f"己{number}社区"))
        members = people.members(alliance, {f"己{number}单位{n}": DutyMode.SOLO for n in range(12 + number)})
        for member in members:
            self._temper(people.liaison(member, f"联络员{member.pk}"))
        for role in (Role.SECRETARY, Role.STAFF, Role.PRESIDENT):
            self._temper(people.user(f"{role}{number}", role, alliance.organisation))
        chairs = {month: members[month : month + 1 + (number + month) % 3] for month in MONTHS}
        tables.plan(alliance, 2026, chairs)
        return alliance

    def _temper(self, user: User) -> None:
        self.tempers[user.person_id] = self.chance.choice(TEMPERS)

    def _sit_in(self, one: Alliance, other: Alliance) -> None:
        home = one.members.order_by("pk").last()
        assert home is not None
        guest = people.member(other, home.unit.name)
        people.appoint(home.appointments.get().person, Role.LIAISON, guest)

    def user(self, role: str, alliance: Alliance) -> User:
        return User.objects.get(
            person__appointments__role=role, person__appointments__organisation=alliance.organisation
        )

    def liaison(self, member: Member) -> User:
        """With today's appointments."""
        post = Appointment.objects.get(member=member, role=Role.LIAISON, ends_on=None)
        return User.objects.select_related("person").get(person=post.person_id)

    def feels_like_it(self, user: User) -> bool:
        return self.chance.random() < self.tempers.get(user.person_id, 0.8)


# --- what people do -----------------------------------------------------------------------------------------------


def act(county: County) -> None:
    """One working morning: everybody looks at what is theirs and does it or not."""
    sign(county)
    call_and_hold(county)
    reply(county)
    hold_activities(county)
    finish_tasks(county)
    vote(county)
    give_feedback(county)


def willing(county: County, member: Member) -> User | None:
    user = county.liaison(member)
    return user if county.feels_like_it(user) else None


def sign(county: County) -> None:
    rows = Receipt.objects.filter(signed_at=None, slip__state="issued")
    for receipt in rows.select_related("slip__alliance__organisation", "slip__duty__plan", "member__unit"):
        if user := willing(county, receipt.member):
            slips.acknowledge(receipt, actor=user)


def call_and_hold(county: County) -> None:
    begun = Q(duty__slips__notice_by__isnull=False)
    for meeting in list(reads.full().filter(begun, state="planned")):
        if user := willing(county, meeting.convenor):
            draft = reads.notice_draft(meeting)
            # Some leave little time to answer, some wait long for the answers.
            starts_at, reply_by = draft.starts_at, draft.reply_by
            if county.chance.random() < 0.5 and draft.latest:
                starts_at = datetime.combine(draft.latest, time(15), tzinfo=clock.ZONE)
                reply_by = clock.today() + ONE
            meetings.send_notice(
                meeting,
                starts_at=starts_at,
                place="社区会议室",
                agenda=[item["text"] for item in draft.agenda],
                reply_by=reply_by,
                actor=user,
            )
    for meeting in list(reads.full().filter(state="noticed", starts_at__lte=clock.now())):
        if user := willing(county, meeting.convenor):
            invited = list(meeting.replies.values_list("member_id", flat=True))
            held = meetings.hold(meeting, held_on=clock.today(), attended=invited[:9], actor=user)
            owners = list(Member.objects.filter(pk__in=invited[1:4]))
            days = (county.chance.randint(0, 9) for _ in owners)
            lines = [
                minutes.TaskIn("做好活动准备", owner, clock.today() + timedelta(days=n))
                for owner, n in zip(owners, days, strict=True)
            ]
            lines.append(minutes.TaskIn("布置活动场地", None, clock.today() + timedelta(days=4)))
            minutes.write(held, summary="商定本月活动。", tasks=lines, actor=user)


def reply(county: County) -> None:
    for row in Reply.objects.filter(state="waiting", meeting__state="noticed").select_related(
        "meeting__alliance__organisation", "member__unit"
    ):
        if user := willing(county, row.member):
            given = (
                Answer(True, attendee="来人")
                if county.chance.random() < 0.8
                else Answer(False, leave_reason="出差")
            )
            replies.answer(row, given, actor=user)


def hold_activities(county: County) -> None:
    ready = Duty.objects.filter(
        meetings__state="minuted", activities=None, ends_on__gte=clock.today()
    ).select_related("plan", "alliance__organisation")
    for duty in ready.prefetch_related("chairs__member"):
        if user := willing(county, duty.chairs.all()[0].member):
            day = min(clock.today() + timedelta(days=county.chance.randint(1, 8)), duty.ends_on)
            activities.plan(
                duty.alliance,
                kind=ActivityKind.VOLUNTEERING,
                title="志愿服务",
                planned_on=day,
                duty=duty,
                actor=user,
            )
    for activity in list(activity_reads.full().filter(state="planned", planned_on__lte=clock.today())):
        lead = activity.duty.chairs.order_by("order")[0].member
        if user := willing(county, lead):
            coming = activity.alliance.members.order_by("pk").values_list("pk", flat=True)[:10]
            activities.record(
                activity, heads=dict.fromkeys(coming, 3), held_on=activity.planned_on, actor=user
            )


def finish_tasks(county: County) -> None:
    for task in Task.objects.filter(state="open").select_related("alliance__organisation", "member"):
        user = county.liaison(task.member) if task.member else county.user(Role.STAFF, task.alliance)
        if county.feels_like_it(user):
            minutes.finish(task, result="已办", actor=user)


def vote(county: County) -> None:
    rows = UnitMark.objects.filter(voted_on=None, round__state="open")
    for mark in rows.select_related(
        "round__alliance__organisation", "round__activity", "round__duty", "member__unit"
    ):
        if user := willing(county, mark.member):
            ballots.cast_unit(mark, FULL, CHAIR, actor=user)


def give_feedback(county: County) -> None:
    for draft in Feedback.objects.filter(state="draft").select_related(
        "alliance__organisation", "duty__plan"
    ):
        president = county.user(Role.PRESIDENT, draft.alliance)
        if county.feels_like_it(president):
            written = feedbacks.write(draft, good="组织有力。", mend="通知再早些。", actor=president)
            feedbacks.publish(written, actor=president)
    published = Duty.objects.filter(feedbacks__state="published", comment=None)
    for duty in published.select_related("plan", "alliance__organisation"):
        secretary = county.user(Role.SECRETARY, duty.alliance)
        if county.feels_like_it(secretary):
            comments.write(duty, "配合得好。", actor=secretary)


# --- who should have been written to ------------------------------------------------------------------------------


def liaisons(*members: int | None) -> set[int]:
    rows = Appointment.objects.filter(role=Role.LIAISON, member__in=[m for m in members if m], ends_on=None)
    return set(rows.values_list("person", flat=True))


def post_of(role: str, alliance: Alliance) -> set[int]:
    rows = Appointment.objects.filter(role=role, organisation=alliance.organisation, ends_on=None)
    return set(rows.values_list("person", flat=True))


def lead_of(slip: Slip) -> int:
    return DutyChair.objects.filter(duty=slip.duty_id).order_by("order").values_list("member", flat=True)[0]


def secretary(line: ReminderLine) -> set[int]:
    return post_of(Role.SECRETARY, line.alliance)


def unsigned(line: ReminderLine) -> set[int]:
    receipt = Receipt.objects.get(pk=line.object_id)
    is_open = receipt.signed_at is None and receipt.slip.state == "issued"
    return liaisons(receipt.member_id) if is_open else set()


def silent(line: ReminderLine) -> set[int]:
    row = Reply.objects.get(pk=line.object_id)
    is_open = row.state == "waiting" and row.meeting.state == "noticed"
    return liaisons(row.member_id) if is_open else set()


def undone(step: str) -> Callable[[ReminderLine], bool]:
    def is_undone(line: ReminderLine) -> bool:
        duty = Slip.objects.get(pk=line.object_id).duty_id
        if step == "activity":
            return not Activity.objects.filter(duty=duty, state__in=["held", "recorded"]).exists()
        wanted = "planned" if step == "notice" else "noticed"
        return Meeting.objects.filter(duty=duty, state=wanted).exists()

    return is_undone


def lead(step: str) -> Callable[[ReminderLine], set[int]]:
    return lambda line: (
        liaisons(lead_of(Slip.objects.get(pk=line.object_id))) if undone(step)(line) else set()
    )


def told(step: str) -> Callable[[ReminderLine], set[int]]:
    return lambda line: secretary(line) if undone(step)(line) else set()


def task(line: ReminderLine) -> set[int]:
    row = Task.objects.get(pk=line.object_id)
    if row.state != "open":
        return set()
    return liaisons(row.member_id) if row.member_id else secretary(line) | post_of(Role.STAFF, line.alliance)


def vote_open(line: ReminderLine) -> set[int]:
    mark = UnitMark.objects.get(pk=line.object_id)
    return liaisons(mark.member_id) if mark.voted_on is None and mark.round.state == "open" else set()


def unpublished(role: str) -> Callable[[ReminderLine], set[int]]:
    return lambda line: (
        post_of(role, line.alliance) if Feedback.objects.get(pk=line.object_id).state == "draft" else set()
    )


def unfiled(line: ReminderLine) -> set[int]:
    """The nudges of a report fall after the last day that is lived here."""
    return secretary(line) if Assessment.objects.get(pk=line.object_id).state == "draft" else set()


def any_where(rows: Iterable[object], line: ReminderLine) -> set[int]:
    return secretary(line) if list(rows) else set()


# Kind → persons who could act on its object at this moment and have not.
SHOULD: dict[str, Callable[[ReminderLine], set[int]]] = {
    "rotation.slip.remind": unsigned,
    "rotation.slip.nudge": unsigned,
    "rotation.slip.escalate": lambda line: any_where(
        Receipt.objects.filter(slip=line.object_id, slip__state="issued", signed_at=None), line
    ),
    "rotation.reply.remind": silent,
    "rotation.reply.nudge": silent,
    "rotation.reply.escalate": lambda line: any_where(
        Reply.objects.filter(meeting=line.object_id, meeting__state="noticed", state="waiting"), line
    ),
    "rotation.task.remind": task,
    "rotation.task.nudge": task,
    "evaluations.round.remind": vote_open,
    "evaluations.feedback.begun": unpublished(Role.PRESIDENT),
    "evaluations.feedback.remind": unpublished(Role.PRESIDENT),
    "evaluations.feedback.nudge": unpublished(Role.PRESIDENT),
    "evaluations.feedback.escalate": unpublished(Role.SECRETARY),
    "evaluations.assessment.drafted": unfiled,
    "evaluations.comment.remind": lambda line: (
        set() if Comment.objects.filter(duty=line.object_id).exists() else secretary(line)
    ),
    **{
        f"rotation.{step}.{word}": lead(step)
        for step in ("notice", "seminar", "activity")
        for word in ("remind", "nudge")
    },
    **{f"rotation.{step}.escalate": told(step) for step in ("notice", "seminar", "activity")},
}


# --- the quarter --------------------------------------------------------------------------------------------------


class Watch:
    """Looks at every message that a tick has written."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.digests: Counter[tuple[int, date]] = Counter()
        self.other: Counter[str] = Counter()
        self.seen = 0

    def look(self, moment: datetime) -> None:
        is_open = works(moment.date()) and time(8, 30) <= moment.time() < time(17, 30)
        for message in Message.objects.filter(pk__gt=self.seen, channel=Channel.INBOX).order_by("pk"):
            self.seen = message.pk
            assert is_open or message.kind == "evaluations.round.opened", f"{message} at {moment}"
            if message.kind != DIGEST:
                self.other[message.kind] += 1
                continue
            self.digests[message.recipient_id, moment.date()] += 1
            lines = list(
                ReminderLine.objects.filter(message=message).select_related("alliance__organisation")
            )
            assert lines, "a reminder without anything to do"
            assert message.body == "\n".join(f"· {line.text}" for line in lines)
            for line in lines:
                assert message.recipient_id in SHOULD[line.kind](line), (
                    f"{line.kind} {line.object_id}: {line}"
                )
                self.counts[_role(message.recipient_id, line), line.kind] += 1

    def skip(self) -> None:
        """What people's own deeds have written since is no reminder."""
        self.seen = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def report(self) -> None:
        titles = {entry.name: entry.title for entry in registries.reminders}
        print(
            f"\n{sum(self.digests.values())} messages with {sum(self.counts.values())} lines, to "
            f"{len({person for person, _ in self.digests})} persons"
        )
        for (role, kind), number in sorted(self.counts.items()):
            print(f"  {Role(role).label:　<6} {titles[kind]:　<10} {number:>5}")
        print("  beside them:", dict(self.other))


def _role(person: int, line: ReminderLine) -> str:
    rows = Appointment.objects.filter(person=person, ends_on=None)
    here = Q(organisation=line.alliance.organisation) | Q(member__alliance=line.alliance)
    return rows.filter(here).values_list("role", flat=True)[0]


def live(county: County, watch: Watch) -> None:
    day = FIRST
    while day <= LAST:
        hours = TICKS[works(day)]
        for hour in hours:
            moment = datetime.combine(day, hour, tzinfo=clock.ZONE)
            outcomes = sweeps.run_all(moment)
            assert not [outcome.error for outcome in outcomes if outcome.error]
            watch.look(moment)
            if works(day) and hour == hours[0]:
                with clock.at(datetime.combine(day, DEEDS, tzinfo=clock.ZONE)):
                    act(county)
                    if day == date(2026, 2, 4):
                        new_liaisons(county)
                    watch.skip()
        day += ONE


def new_liaisons(county: County) -> None:
    """On the day signing is due, in two communities the unit on duty has a new liaison who uses no computer."""
    for alliance in county.alliances[:2]:
        member = Duty.objects.get(alliance=alliance, month=2).chairs.order_by("order")[0].member
        appointment = appointments.hand_over(
            member, name="新来的", phone=people.phone(), actor=county.user(Role.STAFF, alliance)
        )
        people.account(appointment.person)
        county.tempers[appointment.person_id] = 0.0


@pytest.mark.slow
def test_a_quarter_of_reminders(db: None) -> None:
    county, watch = County(), Watch()
    live(county, watch)
    watch.report()
    assert max(watch.digests.values()) == 1, "more than one reminder message a day"
    assert {kind for _, kind in watch.counts} == set(SHOULD), "a kind of reminder never came up"
    assert not ReminderLine.objects.filter(settled_at=None, created_at__date__lt=LAST).exists()
    # Whoever has done everything in time has hardly been written to.
    assert Slip.objects.filter(state="acknowledged").count() >= COMMUNITIES
    assert Feedback.objects.filter(state="published").exists()
