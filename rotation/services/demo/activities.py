"""The demo's activities: planned from the seminar, joined by the other units, held, recorded, two with a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from alliances import clock
from alliances.enums import Role, Via
from alliances.models import Member, User
from alliances.selectors import directory
from alliances.services.demo_people import at_work, read_inbox
from rotation.enums import ActivityState, MeetingState
from rotation.models import Activity, Meeting
from rotation.selectors import activities as reads
from rotation.services import activities, photos
from rotation.services.demo import pictures, words
from rotation.services.demo.quarter import Deed, Quarter
from rotation.services.demo.seminars import activity_day

NEVER = {("和顺社区", 3)}  # the seminar is held, but nobody has planned the activity yet
# Themes that name their activity as they stand.
NAMED = (
    "活动",
    "会",
    "集市",
    "展演",
    "课堂",
    "宣传",
    "庭审",
    "驿站",
    "维权",
    "快检",
    "清障",
    "进社区",
    "慰问",
    "阅读",
    "万家",
)
PICTURED = {("同心社区", 1): 0, ("同心社区", 2): 1}


@dataclass
class Activities:
    """Every month's activity after its seminar's minutes."""

    quarter: Quarter
    _seen: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.random = self.quarter.cast.random
        self.days = self.quarter.days

    def look(self) -> None:
        """Minutes that say what will be done."""
        rows = Meeting.objects.filter(state=MeetingState.MINUTED, duty__isnull=False)
        for pk in rows.exclude(pk__in=self._seen).order_by("pk").values_list("pk", flat=True):
            self._seen.add(pk)
            self.quarter.soon(clock.today(), self._plan(pk))

    def _plan(self, pk: int) -> Deed:
        def deed() -> None:
            meeting = Meeting.objects.select_related("duty__plan", "alliance__organisation").get(pk=pk)
            duty, held_on = meeting.duty, meeting.held_on
            if duty is None or held_on is None:
                return
            if (meeting.alliance.organisation.name, duty.month) in NEVER:
                return
            story, today = words.story_of(duty.theme), clock.today()
            day = max(activity_day(self.quarter, duty, held_on), self.days.add(today, 1))
            if day > duty.ends_on:
                return
            activity = activities.plan(
                meeting.alliance,
                kind=story.kind,
                title=duty.theme if duty.theme.endswith(NAMED) else f"{duty.theme}活动",
                planned_on=day,
                place=story.place,
                plan=story.plan,
                duty=duty,
                meeting=meeting,
                actor=self.lead(duty.chairs.order_by("order")[0].member),
            )
            self.expect(activity, story)

        return deed

    def lead(self, member: Member) -> User:
        """The unit's liaison, or staff for one that uses no computer."""
        if member.pk in self.quarter.offline:
            return at_work(Role.STAFF, member.alliance)
        return self.quarter.liaison(member)

    def expect(self, activity: Activity, story: words.Story, *, is_recorded: bool = True) -> None:
        """The other units answer, the day comes, the record is written (unless it is left for later)."""
        chairs = {row.member_id for row in activity.participations.all() if row.is_chair}
        ahead = (activity.planned_on - clock.today()).days
        for member in directory.members_of(activity.alliance):
            if member.pk in chairs or self.random.random() < 0.35:
                continue
            day = clock.today() + timedelta(days=self.random.randint(0, max(ahead - 1, 0)))
            self.quarter.soon(day, self._join(activity.pk, member))
        minute = self.random.randint(5, 50)
        self.quarter.at(activity.planned_on, 12, minute, lambda: self._hold(activity.pk))
        if is_recorded:
            day = self.days.add(activity.planned_on, self.random.randint(1, 2))
            wait = day if self.random.random() < 0.5 else activity.planned_on
            self.quarter.at(wait, 17, minute, lambda: self._record(activity.pk, story))

    def _join(self, pk: int, member: Member) -> Deed:
        def deed() -> None:
            activity = reads.full().get(pk=pk)
            if activity.state != ActivityState.PLANNED:
                return
            user = self.lead(member)
            via = Via.PHONE if member.pk in self.quarter.offline else Via.SCREEN
            activities.join(activity, member, heads=self.random.randint(2, 9), via=via, actor=user)
            read_inbox(user)

        return deed

    def _chair(self, activity: Activity) -> User:
        chairs = [row.member for row in activity.participations.all() if row.is_chair]
        return self.lead(chairs[0]) if chairs else at_work(Role.STAFF, activity.alliance)

    def _hold(self, pk: int) -> None:
        activity = reads.full().get(pk=pk)
        if activity.state == ActivityState.PLANNED:
            activities.hold(activity, held_on=clock.today(), actor=self._chair(activity))

    def _record(self, pk: int, story: words.Story) -> None:
        activity = reads.full().get(pk=pk)
        if activity.state != ActivityState.HELD:
            return
        heads: dict[int, int | None] = {
            row.member_id: row.heads or self.random.randint(4, 12) for row in activity.participations.all()
        }
        actor = self._chair(activity)
        key = (activity.alliance.organisation.name, activity.duty.month if activity.duty else 0)
        if key in PICTURED:
            photos.add(activity, pictures.draw(PICTURED[key]), actor=actor)
        activities.record(
            activity,
            heads=heads,
            beneficiaries=self.random.randrange(45, 260, 5),
            summary=story.summary,
            actor=actor,
        )
        read_inbox(actor)
