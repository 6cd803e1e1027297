"""What the demo's stage and the circle have besides the month's round: other meetings, further activities, news.

Put together so that on 31 March every kind of work lies on the desk of somebody whose password the visitor has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance, Member, Organisation, User
from alliances.services import bulletins
from alliances.services.demo_people import at_work, holder
from rotation.enums import ActivityKind, MeetingKind, MeetingState, SwapKind
from rotation.models import Meeting, Reply
from rotation.selectors import meetings as reads
from rotation.selectors import tables
from rotation.services import activities, meetings, minutes, replies, swaps
from rotation.services.demo import words
from rotation.services.demo.activities import Activities
from rotation.services.demo.quarter import Deed, Quarter
from rotation.services.demo.seminars import Seminars
from rotation.services.replies import Answer

SECOND = words.Story(
    (),
    ActivityKind.VISIT,
    "辖区各小区",
    "社工和志愿者结对入户，看望独居和高龄老人，登记代买、陪诊、家电检修等需要，落实结对人。",
    "入户看望独居和高龄老人，逐户登记需要，明确结对人和联系电话。",
)


def at(month: int, day: int, hour: int, minute: int) -> datetime:
    """A moment of 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=clock.ZONE)


@dataclass
class Stage:
    """The community whose people the visitor can be."""

    quarter: Quarter
    alliance: Alliance
    on_duty: Member
    coming: Member
    seminars: Seminars
    lively: Activities

    def __post_init__(self) -> None:
        self.seminars.more[self.alliance.organisation.name, 3] = [
            minutes.TaskIn("把独居老人结对名单报社区备案", self.on_duty, date(2026, 4, 3)),
            minutes.TaskIn("印制“一件事一次办”明白纸500份送到社区", self.coming, date(2026, 3, 27)),
            minutes.TaskIn("汇总一季度未办结的意见建议，逐项注明办理时限", None, date(2026, 4, 2)),
        ]
        for (month, day, hour), deed in {
            (1, 8, 10): self._yearly,
            (1, 16, 11): self._yearly_held,
            (3, 12, 16): self._more_activities,
            (3, 24, 9): self._liaisons,
            (3, 26, 15): self._quarterly,
            (3, 26, 10): self._committee,
            (3, 27, 17): self._committee_held,
            (3, 30, 14): self._ask_coming,
            (3, 30, 16): self._resident_units,
        }.items():
            self.quarter.at(date(2026, month, day), hour, 20, deed)

    def look(self) -> None:
        """Everything of the stage has its day."""

    @property
    def staff(self) -> User:
        return at_work(Role.STAFF, self.alliance)

    def _call(
        self, kind: str, title: str, starts_at: datetime, agenda: list[str], convenor: Member | None = None
    ) -> Meeting:
        meeting = meetings.call(self.alliance, kind=kind, title=title, convenor=convenor, actor=self.staff)
        meetings.send_notice(
            meeting,
            starts_at=starts_at,
            place="同心社区党群服务中心二楼会议室",
            agenda=agenda,
            prepare=words.PREPARE,
            reply_by=self.quarter.days.add(starts_at.date(), -1),
            actor=self.quarter.liaison(convenor) if convenor else self.staff,
        )
        return meeting

    def _answers(self, meeting: Meeting, *silent: Member) -> None:
        """Everybody but ``silent`` says that the liaison comes."""
        quiet = {member.pk for member in silent}
        rows = Reply.objects.filter(meeting=meeting, state="waiting").exclude(member__in=quiet).order_by("pk")
        for reply in rows.select_related("meeting__alliance__organisation", "member__unit"):
            if reply.member_id in self.quarter.offline:
                continue
            person = holder(Role.LIAISON, reply.member).person
            given = Answer(True, person.name, "联络员", person.phone)
            replies.answer(reply, given, actor=self.quarter.liaison(reply.member))

    def _hold(self, meeting: Meeting) -> Meeting:
        came = list(
            Reply.objects.filter(meeting=meeting, state="attending").values_list("member_id", flat=True)
        )
        return meetings.hold(meeting, held_on=clock.today(), attended=came, actor=self.staff)

    def _latest(self, kind: str) -> Meeting:
        return reads.full().filter(alliance=self.alliance, kind=kind, state=MeetingState.NOTICED).latest("pk")

    # --- other meetings -------------------------------------------------------------------------------------------

    def _yearly(self) -> None:
        agenda = ["通报2025年共建工作", "签订2026年共驻共建协议书", "商定全年重点项目"]
        meeting = self._call(MeetingKind.YEARLY, "2026年年初全体联席会", at(1, 16, 9, 30), agenda)
        self._answers(meeting)

    def _yearly_held(self) -> None:
        meeting = self._hold(self._latest(MeetingKind.YEARLY))
        minutes.write(
            meeting,
            summary="会议总结了2025年共建工作，通报了轮值主席安排，商定全年办好八件实事，各单位签订了共驻共建协议书。",
            tasks=[minutes.TaskIn("汇总各单位承诺事项，在社区公示栏公示", None, date(2026, 1, 30))],
            actor=self.staff,
        )
        self.quarter.at(date(2026, 1, 28), 15, 0, lambda: self._finish(meeting))

    def _finish(self, meeting: Meeting) -> None:
        for task in meeting.tasks.select_related("alliance__organisation", "meeting"):
            minutes.finish(task, result="已在公示栏公示。", actor=self.staff)

    def _liaisons(self) -> None:
        """Called by the unit on duty, held yesterday: its roll call is still to be written down."""
        meeting = self._call(
            MeetingKind.LIAISONS,
            "3月联络员会",
            at(3, 30, 15, 0),
            ["核对一季度参加会议和活动的记录", "说明评议打分的办法"],
            convenor=self.on_duty,
        )
        self._answers(meeting)

    def _quarterly(self) -> None:
        """For Thursday: the two liaisons whom the visitor can be have not answered."""
        meeting = self._call(
            MeetingKind.QUARTERLY,
            "2026年第一季度联席会",
            at(4, 2, 15, 0),
            ["通报一季度轮值和四项清单运行情况", "研究老旧小区楼道照明问题", "商量二季度重点活动"],
        )
        self._answers(meeting, self.on_duty, self.coming)

    def _committee(self) -> None:
        agenda = ["研究社区“两委”换届准备", "审议党群服务中心开放时间"]
        meeting = self._call(MeetingKind.COMMITTEE, "同心社区大党委会", at(3, 27, 15, 0), agenda)
        self._answers(meeting)

    def _committee_held(self) -> None:
        self._hold(self._latest(MeetingKind.COMMITTEE))

    def _resident_units(self) -> None:
        """Thought of for April; the notice is still to be written."""
        meetings.call(
            self.alliance,
            kind=MeetingKind.RESIDENT_UNITS,
            title="4月驻社区单位党组织联席会",
            actor=self.staff,
        )

    # --- further activities, a question ---------------------------------------------------------------------------

    def _more_activities(self) -> None:
        """Held on Saturday but not recorded yet; and one for today, of which the coming unit has not heard enough."""
        duty = tables.duty_in(self.alliance, 2026, 3)
        if duty is None:
            return
        lead = self.quarter.liaison(self.on_duty)
        visit = activities.plan(
            self.alliance,
            kind=ActivityKind.VISIT,
            title="独居老人结对关爱行动",
            planned_on=date(2026, 3, 28),
            place=SECOND.place,
            plan=SECOND.plan,
            duty=duty,
            actor=lead,
        )
        self.lively.expect(visit, SECOND, is_recorded=False)
        activities.join(visit, self.coming, heads=3, actor=self.quarter.liaison(self.coming))
        self.quarter.at(date(2026, 3, 27), 10, 40, self._repair_day)

    def _repair_day(self) -> None:
        duty = tables.duty_in(self.alliance, 2026, 3)
        activities.plan(
            self.alliance,
            kind=ActivityKind.VOLUNTEERING,
            title="小家电维修便民日",
            planned_on=date(2026, 3, 31),
            place="社区文化广场",
            plan="志愿者现场维修小家电，家政企业讲解油烟机清洗，社工登记上门维修需求。",
            duty=duty,
            actor=self.quarter.liaison(self.on_duty),
        )

    def _ask_coming(self) -> None:
        """The unit of a later month would rather have April."""
        first = tables.duty_in(self.alliance, 2026, 4)
        for month in range(5, 13):
            duty = tables.duty_in(self.alliance, 2026, month)
            chairs = list(duty.chairs.all()) if duty else []
            if duty is None or first is None or len(chairs) != 1 or chairs[0].member_id in self._engaged():
                continue
            asker = chairs[0].member
            swaps.ask(
                duty,
                asker,
                kind=SwapKind.SWAP,
                reason="当月承担全县集中培训任务，想与贵单位对调。",
                other=self.coming,
                other_duty=first,
                actor=self.quarter.liaison(asker),
            )
            return

    def _engaged(self) -> set[int]:
        """Units that ask or are asked already, the coming one, and those who are on paper."""
        rows = self.alliance.swaps.filter(state__in=["asked", "agreed"]).values_list("asker", "other")
        return (
            {pk for row in rows for pk in row if pk}
            | {self.coming.pk, self.on_duty.pk}
            | self.quarter.offline
        )


@dataclass
class Circle:
    """What the communities put into their circle besides the feedback."""

    quarter: Quarter
    stage: str

    def __post_init__(self) -> None:
        for name, alliance in self.quarter.alliances.items():
            news = words.NEWS + (words.STAGE_NEWS if name == self.stage else ())
            for number, (day, *entry) in enumerate(news):
                self.quarter.at(date.fromisoformat(day), 10 + number, 7, self._post(alliance, *entry))

    def look(self) -> None:
        """The news has its days."""

    def _post(self, alliance: Alliance, kind: str, visibility: str, title: str, body: str) -> Deed:
        place: Organisation = alliance.organisation

        def deed() -> None:
            bulletins.publish(
                alliance,
                kind=kind,
                visibility=visibility,
                title=title.format(place=place.name),
                body=body,
                actor=at_work(Role.STAFF, alliance),
            )

        return deed
