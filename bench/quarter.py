"""A simulated first quarter of 2026 for the county's eight communities: the same rows at every run.

``python -m bench.facts`` seeds it into a throw-away database and prints how long the facts of each community take.

The county itself comes from its workbooks through the importers; duties, slips, meetings, activities, ballots, offers and
commitments are drawn by one random generator with a fixed seed and written straight into the tables. Some come late, some not at
all, some from outside the quarter, so that every figure has something to leave out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from django.db import transaction

from alliances import clock
from alliances.calendars import Month
from alliances.enums import AgreementKind, CommitmentState, DutyMode, Level, Via
from alliances.models import Agreement, Alliance, Commitment, Member
from alliances.selectors.settings import working_days
from alliances.services.demo_books import load
from demands.enums import CLAIM_STANDING, OfferState
from demands.models import Claim, Demand, Offer
from evaluations.enums import BallotSource, CodeOrigin, FeedbackState, RoundState, VoterGroup
from evaluations.models import Ballot, Comment, Feedback, PaperBatch, ResidentCode, Round, UnitMark
from evaluations.selectors import results
from evaluations.selectors.rubrics import DEFAULTS, Items
from rotation.enums import (
    ActivityKind,
    ActivityState,
    MeetingKind,
    MeetingState,
    PlanState,
    ReplyState,
    SlipState,
)
from rotation.models import Activity, Duty, DutyChair, Meeting, Participation, Plan, Receipt, Reply, Slip

YEAR = 2026
SEEN_AT = datetime(2026, 4, 1, 8, 0, tzinfo=clock.ZONE)  # the first day after the quarter
IMPORTED_AT = datetime(2026, 3, 31, 17, 0, tzinfo=clock.ZONE)
BOOKS = (
    ("organisations", "组织架构.xlsx"),
    ("members", "成员单位名册.xlsx"),
    ("plan", "年度轮值主席安排表-2025.xlsx"),
    ("resources", "服务资源清单.xlsx"),
    ("demands", "群众需求清单.xlsx"),
    ("claims", "认领项目清单.xlsx"),
    ("acceptances", "验收结果清单.xlsx"),
)  # fmt: skip
THEMES = {1: "迎新春送温暖", 2: "元宵敬老志愿服务", 3: "学雷锋便民服务"}
TITLES = ("社区义诊进小区", "平安用电宣讲", "阅读分享会", "环境清洁志愿行动", "困难家庭走访慰问")
KINDS = (
    ActivityKind.VOLUNTEERING, ActivityKind.LECTURE, ActivityKind.CULTURE, ActivityKind.VOLUNTEERING, ActivityKind.VISIT,
)  # fmt: skip
PROMISES = ("全年提供场地不少于12次", "组织党员到社区报到服务", "认领微心愿不少于5个", "每季度开展一次宣讲")
OUTSIDE = (MeetingKind.YEARLY, MeetingKind.QUARTERLY, MeetingKind.COMMITTEE, MeetingKind.TWO_NEW)
PAPER = {"kind": "bench", "layout": "form", "title": "模拟", "blocks": []}


def seed(number: int = YEAR) -> list[Alliance]:
    """Fill an empty database; the communities in the tree's order. Draws are fixed by ``number``."""
    with clock.at(IMPORTED_AT), transaction.atomic():
        for kind, book in BOOKS:
            load(kind, book, actor=None)
        alliances = list(
            Alliance.objects.filter(organisation__level=Level.COMMUNITY)
            .select_related("organisation__parent")
            .order_by("organisation__path")
        )
        for place, alliance in enumerate(alliances):
            _Community(alliance, place, Random(number * 100 + place)).live()
    return alliances


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=clock.ZONE)


@dataclass
class _Community:
    """One community's quarter. ``place`` is its number, by which it differs from the others on purpose."""

    alliance: Alliance
    place: int
    random: Random

    def live(self) -> None:
        self.members = list(Member.objects.filter(alliance=self.alliance).order_by("pk"))
        self.quiet = self.members[-1]  # takes part in nothing
        self.days = working_days(self.alliance.organisation)
        self._membership()
        self.serial = 0
        for duty in self._plan()[:3]:
            self._month(duty)
        self._outside()
        self._before_and_after()
        self._offers()
        self._commitments()

    def _membership(self) -> None:
        """One unit joins in February, another leaves in March."""
        late, leaving = self.members[-2], self.members[-3]
        Member.objects.filter(pk=late.pk).update(joined_on=date(YEAR, 2, 10))
        if self.place % 2:
            Member.objects.filter(pk=leaving.pk).update(left_on=date(YEAR, 3, 15))

    # --- the chair's month ----------------------------------------------------------------------------------------

    def _plan(self) -> list[Duty]:
        """Two units chair March together, one every other month."""
        plan = Plan.objects.create(
            alliance=self.alliance,
            year=YEAR,
            state=PlanState.PASSED,
            passed_meeting="年度全体联席会",
            passed_on=date(2025, 12, 30),
            passed_at=at(date(2025, 12, 30), 15),
        )
        duties = []
        for month in range(1, 13):
            chairs = [self.members[(month + self.place) % 6]]
            if month == 3:
                chairs.append(self.members[(month + self.place + 1) % 6])
            duty = Duty.objects.create(
                alliance=self.alliance,
                plan=plan,
                month=month,
                mode=DutyMode.COLLECTIVE if len(chairs) > 1 else DutyMode.SOLO,
                theme=THEMES.get(month, f"{month}月共建活动"),
                ends_on=Month(YEAR, month).end,
            )
            DutyChair.objects.bulk_create(
                DutyChair(duty=duty, member=member, order=order) for order, member in enumerate(chairs)
            )
            duties.append(duty)
        return duties

    def _month(self, duty: Duty) -> None:
        chairs = [chair.member for chair in duty.chairs.order_by("order")]
        slip = self._slip(duty, chairs)
        seminar = self._seminar(duty, slip, chairs)
        number = self.random.randint(1, 3)
        held = max(seminar, date(YEAR, duty.month, 17)) + timedelta(days=self.random.randint(0, 6))
        asked: set[int] = set()
        running = duty.month == 3 and self.place in (2, 5)  # a round that is still open on 1 April
        for index in range(number):
            day = min(held + timedelta(days=2 * index), duty.ends_on)
            activity = self._activity(duty, chairs, day, index)
            self._round(activity, duty, asked, is_open=running and index == number - 1)
        if not running:
            self._feedback(duty)

    def _slip(self, duty: Duty, chairs: Sequence[Member]) -> Slip:
        """Signed at once, or late, or in one month of one community never."""
        first = self.days.first_of_month(YEAR, duty.month)
        due = self.days.add(first, 2)
        never = (self.place, duty.month) == (4, 2)
        signed = None if never else at(self.days.add(first, self.random.choice((0, 1, 1, 2, 4))), 10, 30)
        received = due if signed is None else min(signed.date(), due)
        slip = Slip.objects.create(
            alliance=self.alliance,
            duty=duty,
            state=SlipState.UNACKNOWLEDGED if never else SlipState.ACKNOWLEDGED,
            year=YEAR,
            serial=duty.month,
            number=f"{self.alliance.number_prefix}提〔{YEAR}〕{duty.month}号",
            issued_at=at(first, 8, 30),
            acknowledge_by=due,
            lapses_on=duty.ends_on,
            deadlines={"notice_by": self.days.add(due, 3).isoformat(), "seminar_by": self.days.add(due, 8).isoformat(), "activity_by": date(YEAR, duty.month, 25).isoformat()},
            received_on=received,
            notice_by=self.days.add(received, 3),
            acknowledged_at=signed,
            paper=PAPER,
            paper_hash="bench",
        )  # fmt: skip
        Receipt.objects.bulk_create(
            Receipt(slip=slip, member=member, order=order, signed_at=signed, signer_name="联络员", via=Via.SCREEN if signed else "")
            for order, member in enumerate(chairs)
        )  # fmt: skip
        return slip

    def _seminar(self, duty: Duty, slip: Slip, chairs: Sequence[Member]) -> date:
        assert slip.notice_by is not None
        noticed = self.days.add(slip.notice_by, self.random.choice((-1, 0, 0, 1)))
        due = self.days.add(noticed, 5)
        held = self.days.add(noticed, self.random.choice((3, 4, 5, 6)))
        self._meeting(
            MeetingKind.SEMINAR,
            f"{duty.month}月研讨会",
            noticed,
            held,
            duty=duty,
            convenor=chairs[0],
            due_on=due,
        )
        return held

    def _meeting(self, kind: str, title: str, noticed: date, held: date, *, state: str = MeetingState.MINUTED, **more: object) -> Meeting:  # fmt: skip
        self.serial += 1
        has_met = state in (MeetingState.HELD, MeetingState.MINUTED)
        meeting = Meeting.objects.create(
            alliance=self.alliance,
            kind=kind,
            state=state,
            title=title,
            starts_at=at(held, 9, 30),
            place="社区会议室",
            year=noticed.year,
            serial=self.serial,
            number=f"{self.alliance.number_prefix}通〔{noticed.year}〕{self.serial}号",
            noticed_at=at(noticed, 11),
            paper=PAPER,
            held_on=held if has_met else None,
            **more,
        )
        invited = [m for n, m in enumerate(self.members) if kind != MeetingKind.TWO_NEW or n % 3]
        Reply.objects.bulk_create(self._reply(meeting, member, noticed, has_met) for member in invited)
        return meeting

    def _reply(self, meeting: Meeting, member: Member, noticed: date, has_met: bool) -> Reply:
        draw = self.random.random()
        if member == self.quiet or draw > 0.9:
            return Reply(meeting=meeting, member=member, has_attended=False if has_met else None)
        comes = draw < 0.78
        return Reply(
            meeting=meeting,
            member=member,
            state=ReplyState.ATTENDING if comes else ReplyState.LEAVE,
            attendee="参会人" if comes else "",
            leave_reason="" if comes else "参加县里会议",
            answered_at=at(noticed + timedelta(days=1), 10),
            via=Via.SCREEN,
            has_attended=(comes and draw < 0.74) if has_met else None,
        )

    # --- activities -----------------------------------------------------------------------------------------------

    def _activity(self, duty: Duty | None, chairs: Sequence[Member], day: date, index: int, state: str = ActivityState.RECORDED) -> Activity:  # fmt: skip
        title = TITLES[(index * 2 + self.place + day.month) % len(TITLES)]
        happened = state in (ActivityState.HELD, ActivityState.RECORDED)
        activity = Activity.objects.create(
            alliance=self.alliance,
            duty=duty,
            kind=KINDS[TITLES.index(title)],
            title=title,
            state=state,
            planned_on=day,
            held_on=day if happened else None,
            place="社区文化广场",
            beneficiaries=self.random.randint(20, 200) if index % 3 != 2 else None,
        )
        on_duty = {member.pk for member in chairs}
        others = [m for m in self.members[:-1] if m.pk not in on_duty and self.random.random() < 0.45]
        Participation.objects.bulk_create(
            [
                Participation(
                    activity=activity, member=member, is_chair=True, heads=self.random.randint(3, 9)
                )
                for member in chairs
            ]
            + [
                Participation(activity=activity, member=member, heads=self.random.choice((None, 2, 3, 5)))
                for member in others
            ]
        )
        served = Claim.objects.filter(alliance=self.alliance, member__in=[*on_duty, *(m.pk for m in others)], state__in=CLAIM_STANDING)  # fmt: skip
        activity.claims.set(served.order_by("pk")[: index + 1])
        return activity

    def _round(self, activity: Activity, duty: Duty | None, asked: set[int], *, is_open: bool) -> Round:
        """Ballots of units and residents; ``asked`` are units that have scored the month's chair already."""
        assert activity.held_on is not None
        chair: Items = DEFAULTS["chair"] if duty else []
        round = Round.objects.create(
            alliance=self.alliance,
            activity=activity,
            duty=duty,
            state=RoundState.OPEN,
            activity_items=DEFAULTS["activity"],
            chair_items=chair,
            opens_on=activity.held_on,
            closes_on=activity.held_on + timedelta(days=5),
            venue_token=f"bench-{activity.pk}",
        )
        ballots: list[Ballot] = []
        level = self.random.uniform(0.75, 0.97)
        guests = activity.participations.filter(is_chair=False).order_by("pk")
        for guest in guests:
            votes = self.random.random() < 0.85
            first = bool(duty) and votes and guest.member_id not in asked
            UnitMark.objects.create(
                round=round, duty=duty, member_id=guest.member_id, via=Via.SCREEN if votes else "",
                voted_on=activity.held_on + timedelta(days=1) if votes else None, has_scored_chair=first,
            )  # fmt: skip
            if votes:
                ballots += self._ballots(round, VoterGroup.UNITS, level, chair if first else [])
                asked.add(guest.member_id)
        # Some rounds have too few residents to be used.
        residents = 4 if self.random.random() < 0.2 else self.random.randint(12, 30)
        self._residents(round, residents, level, chair, ballots)
        Ballot.objects.bulk_create(ballots)
        if not is_open:
            Round.objects.filter(pk=round.pk).update(
                state=RoundState.SETTLED,
                figures=results.activity_figures(round),
                settled_at=at(round.closes_on),
            )
        return round

    def _residents(
        self, round: Round, number: int, level: float, chair: Items, ballots: list[Ballot]
    ) -> None:
        on_paper = number // 3 if self.place % 2 else 0
        ResidentCode.objects.bulk_create(
            ResidentCode(
                round=round, code_hash=f"bench-{round.pk}-{index}", origin=CodeOrigin.SLIP,
                used_at=at(round.opens_on, 15) if index < number - on_paper else None,
                used_as=BallotSource.SCREEN if index < number - on_paper else "",
            )
            for index in range(number - on_paper + 5)
        )  # fmt: skip
        if on_paper:
            PaperBatch.objects.create(round=round, handed_out=on_paper + 4, entered=on_paper + 1, void=1)
        for index in range(number):
            source = BallotSource.SCREEN if index < number - on_paper else BallotSource.PAPER
            ballots += self._ballots(round, VoterGroup.RESIDENTS, level, chair, source)

    def _ballots(
        self, round: Round, group: str, level: float, chair: Items, source: str = ""
    ) -> list[Ballot]:
        parts = [("activity", DEFAULTS["activity"])] + ([("chair", chair)] if chair else [])
        return [
            Ballot(
                key=UUID(int=self.random.getrandbits(128)), round=round, subject=subject, group=group,
                source=source, scores=self._scores(items, level),
            )
            for subject, items in parts
        ]  # fmt: skip

    def _scores(self, items: Items, level: float) -> dict[str, int | None]:
        """Now and then 不了解, sometimes for everything (弃权)."""
        if self.random.random() < 0.03:
            return {item["key"]: None for item in items}
        return {
            item["key"]: None
            if self.random.random() < 0.06
            else max(0, min(item["weight"], round(item["weight"] * self.random.gauss(level, 0.08))))
            for item in items
        }

    def _feedback(self, duty: Duty) -> None:
        """Told in time or late; one month's is still a draft. Most months are commented."""
        closes = max(round.closes_on for round in Round.objects.filter(duty=duty))
        due = self.days.add(closes, 3)
        done = self.days.add(due, self.random.choice((-1, 0, 0, 2)))
        is_told = done <= date(YEAR, 3, 31)
        Feedback.objects.create(
            alliance=self.alliance, duty=duty, due_on=due, good="组织有序", mend="通知再早一些",
            state=FeedbackState.PUBLISHED if is_told else FeedbackState.DRAFT,
            published_at=at(done, 16) if is_told else None, figures=results.month_figures(duty),
        )  # fmt: skip
        if is_told and (self.place + duty.month) % 4:
            Comment.objects.create(alliance=self.alliance, duty=duty, text="继续保持")

    # --- beside the rotation --------------------------------------------------------------------------------------

    def _outside(self) -> None:
        """Other joint meetings, an activity that belongs to no duty month (scored in every other community), and things
        that were planned or called off."""
        for index in range(1 + self.place % len(OUTSIDE)):
            held = date(YEAR, 1 + index % 3, 8 + index)
            self._meeting(OUTSIDE[index], MeetingKind(OUTSIDE[index]).label, held - timedelta(days=4), held)
        self._meeting(MeetingKind.LIAISONS, "联络员会", date(YEAR, 3, 2), date(YEAR, 3, 6), state=MeetingState.CANCELLED)  # fmt: skip
        activity = self._activity(None, [], date(YEAR, 2, 27), 4)
        if self.place % 2:
            self._round(activity, None, set(), is_open=False)
        self._activity(None, [], date(YEAR, 3, 28), 2, ActivityState.CANCELLED)
        self._activity(None, [], date(YEAR, 3, 30), 3, ActivityState.PLANNED)

    def _before_and_after(self) -> None:
        """What lies just outside the quarter and must not be counted."""
        self._activity(None, [], date(2025, 12, 31), 1)
        self._activity(None, [], date(YEAR, 4, 1), 0)
        self._meeting(MeetingKind.QUARTERLY, "季度联席会", date(2025, 12, 26), date(2025, 12, 31))
        self._meeting(MeetingKind.QUARTERLY, "季度联席会", date(YEAR, 3, 27), date(YEAR, 4, 1))

    # --- offers and promises --------------------------------------------------------------------------------------

    def _offers(self) -> None:
        """Taken with the demand's claim, declined, lapsed; in time, late, in another quarter."""
        demands = Demand.objects.filter(alliance=self.alliance).order_by("pk")
        for demand in demands:
            reply_by = date(YEAR, 1, 1) + timedelta(days=self.random.randint(-20, 100))
            answered = reply_by + timedelta(days=self.random.choice((-2, -1, 0, 0, 1, 3)))
            claim = Claim.objects.filter(demand=demand, member__alliance=self.alliance, offer=None).order_by("pk").first()  # fmt: skip
            draw = self.random.random()
            if draw < 0.5 and claim is not None:
                self._offer(demand, claim.member, reply_by, OfferState.TAKEN, answered, claim)
            elif draw < 0.75:
                self._offer(
                    demand, self.random.choice(self.members[:-1]), reply_by, OfferState.DECLINED, answered
                )
            else:
                self._offer(demand, self.random.choice(self.members), reply_by, OfferState.LAPSED, None)

    def _offer(self, demand: Demand, member: Member, reply_by: date, state: str, answered: date | None, claim: Claim | None = None) -> None:  # fmt: skip
        Offer.objects.create(
            demand=demand, member=member, state=state, reply_by=reply_by, claim=claim, answered_on=answered,
            answered_at=at(answered) if answered else None, answer_via=Via.SCREEN if answered else "",
            decline_reason="没有相应人员" if state == OfferState.DECLINED else "",
        )  # fmt: skip

    def _commitments(self) -> None:
        """Two promises a unit, due in and around the quarter: kept, kept late, open, waived."""
        for member in self.members:
            agreement = Agreement.objects.create(
                alliance=self.alliance, member=member, kind=AgreementKind.TARGET, signed_on=date(YEAR, 1, 4)
            )
            for text in self.random.sample(PROMISES, 2):
                due = date(YEAR, 1, 15) + timedelta(days=self.random.randint(-20, 110))
                kept = due + timedelta(days=self.random.choice((-5, 0, 20)))
                state = self.random.choice(("fulfilled", "fulfilled", "fulfilled", "open", "waived"))
                Commitment.objects.create(
                    alliance=self.alliance, member=member, agreement=agreement, text=text, due_on=due, state=state,
                    fulfilled_on=kept if state == CommitmentState.FULFILLED else None,
                    evidence="现场核实" if state == CommitmentState.FULFILLED else "",
                    reason="单位职能调整" if state == CommitmentState.WAIVED else "",
                )  # fmt: skip
