"""The demo's year's end of 2025: the two-way evaluation from New Year's Eve to mid-January, in five communities; once the county's
lists of 2025 are in the system, on the last morning of the quarter, the awards and the yearly summary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from random import Random

from alliances import clock
from alliances.enums import Role, Via
from alliances.models import Alliance, Member, User
from alliances.services import commitments
from alliances.services.demo_people import at_work, holder, read_inbox
from evaluations import yearly
from evaluations.enums import CandidateState, TwoWayState
from evaluations.models import AwardList, TwoWay, TwoWayMark
from evaluations.selectors import awards as award_reads
from evaluations.selectors import two_way as reads
from evaluations.services import awards, two_way, year_papers
from rotation.services.demo.quarter import Deed, Quarter

YEAR = 2025
COMMUNITIES = ("同心社区", "北关社区", "文苑社区", "南湖社区", "和顺社区")
OPENED, CLOSES = date(2025, 12, 31), date(2026, 1, 12)
MET, RESULT = date(2026, 1, 13), date(2026, 1, 15)
LISTS_ARE_IN = date(2026, 3, 31)
# What the units' target letters of 2025 said, by kind of unit; and by what it was seen.
PROMISES: dict[str, tuple[tuple[str, str], ...]] = {
    "government": (
        ("选派干部每季度到社区参加接访不少于1次", "全年接访5次，登记表在社区"),
        ("协调解决小区停车管理难题1件", "新划停车位36个，已投入使用"),
    ),
    "institution": (
        ("为居民开展公益讲座4场", "讲座4场，听众260人次"),
        ("向居民开放活动场地每月不少于2次", "开放27次，有登记"),
    ),
    "state_enterprise": (
        ("组织党员志愿服务队入户检修不少于60户", "入户检修74户"),
        ("慰问困难家庭20户", "春节、重阳两次慰问23户"),
    ),
    "private_enterprise": (("提供便民服务岗位，全年服务居民200人次", "服务居民231人次"),),
    "school": (
        ("寒暑假开办社区托管班2期", "开班2期，托管儿童68人次"),
        ("组织师生志愿服务6次", "志愿服务6次"),
    ),
    "medical": (("开展义诊和健康讲座6场", "义诊4场、讲座3场，服务412人次"),),
    "social_organisation": (("为独居老人上门服务不少于100次", "上门服务118次，有服务记录"),),
    "other": (("参加社区环境整治不少于4次", "参加环境整治5次"),),
}
# How representatives mark what is done and liked, done, or not done: 好, 较好, 一般, 差.
LIKED, PLAIN, OPEN = (13, 4, 1, 0), (8, 8, 3, 0), (1, 4, 9, 4)
WHY = ("工作有记录、群众评价好，同意表彰", "承诺事项逐条兑现，同意表彰")
WRITTEN = "全年在小区值守和入户服务中表现突出，居民多次来电表扬，经支部提名"


@dataclass
class YearEnd:
    """``quarter`` lends its clock and people."""

    quarter: Quarter

    def __post_init__(self) -> None:
        self.random = Random(YEAR)  # noqa: S311 - its own, so that the other chapters stay as they are
        for number, name in enumerate(COMMUNITIES):
            alliance = self.quarter.alliances[name]
            at = self.quarter.at
            at(OPENED, 9, 20 + number, partial(self._promises, alliance))
            at(OPENED, 10, 20 + number, partial(self._open, alliance))
            at(MET, 15, 30 + number, partial(self._enter, alliance))
            at(RESULT, 10, 10 + number, partial(self._publish, alliance))
            at(LISTS_ARE_IN, 8, 32 + number, partial(self._reward, alliance))

    def look(self) -> None:
        """Everything here has its day."""

    def _members(self, alliance: Alliance) -> list[Member]:
        rows = Member.objects.current().filter(alliance=alliance)
        return list(rows.select_related("unit", "alliance__organisation").order_by("pk"))

    # --- the two-way evaluation ---------------------------------------------------------------------------------------

    def _promises(self, alliance: Alliance) -> None:
        """Staff write down what the year's target letters said; one unit in eight has not kept one of them."""
        staff = at_work(Role.STAFF, alliance)
        for member in self._members(alliance):
            for text, evidence in PROMISES.get(member.unit.sector, PROMISES["other"]):
                one = commitments.add(member, text=text, due_on=date(YEAR, 12, 25), actor=staff)
                if self.random.random() > 0.08:
                    day = date(YEAR, self.random.randint(9, 12), self.random.randint(1, 24))
                    commitments.fulfil(one, evidence=evidence, fulfilled_on=day, actor=staff)

    def _open(self, alliance: Alliance) -> None:
        secretary = at_work(Role.SECRETARY, alliance)
        one = two_way.prepare(alliance, YEAR, closes_on=CLOSES, actor=at_work(Role.STAFF, alliance))
        two_way.open_two_way(reads.full().get(pk=one.pk), actor=secretary)
        read_inbox(secretary)
        working = [
            day for day in (date(2026, 1, n) for n in range(4, 13)) if self.quarter.days.is_working(day)
        ]
        for mark in reads.marks_of(one):
            if self.random.random() < 0.88:
                hour, minute = self.random.randint(9, 17), self.random.randrange(60)
                self.quarter.at(self.random.choice(working), hour, minute, self._vote(mark.pk))

    def _vote(self, pk: int) -> Deed:
        def deed() -> None:
            rows = TwoWayMark.objects.select_related("two_way__alliance__organisation", "member__unit")
            mark = rows.get(pk=pk)
            if mark.voted_on is not None or mark.two_way.state != TwoWayState.OPEN:
                return
            scores = self._scores(mark.two_way.items)
            if mark.member_id not in self.quarter.offline:
                user = self.quarter.liaison(mark.member)
                two_way.cast(mark, scores, actor=user)
            else:
                user = at_work(Role.STAFF, mark.two_way.alliance)
                name = holder(Role.LIAISON, mark.member).person.name
                two_way.record(mark, scores, voter_name=name, via=Via.PAPER, actor=user)
            read_inbox(user)

        return deed

    def _scores(self, items: list) -> dict[str, int | None]:
        """Fifths, as the screen asks: mostly very good or good, now and then 不了解."""
        found: dict[str, int | None] = {}
        for item in items:
            fifths = self.random.choices((5, 4, 3), weights=(11, 7, 2))[0]
            unknown = self.random.random() < 0.05
            found[item["key"]] = None if unknown else item["weight"] * fifths // 5
        return found

    def _enter(self, alliance: Alliance) -> None:
        """The meeting of the representatives was in the morning."""
        one = self._of(alliance)
        handed_out = self.random.randint(24, 32)
        returned = handed_out - self.random.randint(0, 3)
        items = reads.items_of(one)
        liked = {item.member_id: self.random.random() < 0.55 for item in items}
        marks = {
            item.pk: self._marks(
                returned, OPEN if "尚未" in item.outcome else LIKED if liked[item.member_id] else PLAIN
            )
            for item in items
        }
        staff = at_work(Role.STAFF, alliance)
        two_way.enter_items(
            one, marks, met_on=clock.today(), handed_out=handed_out, returned=returned, actor=staff
        )

    def _marks(self, sheets: int, weights: tuple[int, ...]) -> dict[str, int]:
        counts = dict.fromkeys(yearly.MARK_WORDS, 0)
        for _ in range(sheets - self.random.randint(0, 1)):
            if self.random.random() < 0.07:
                counts[yearly.UNKNOWN] += 1
            else:
                counts[self.random.choices(list(yearly.MARKS), weights=weights)[0]] += 1
        return counts

    def _publish(self, alliance: Alliance) -> None:
        secretary = at_work(Role.SECRETARY, alliance)
        two_way.publish(self._of(alliance), actor=secretary)
        read_inbox(secretary)

    def _of(self, alliance: Alliance) -> TwoWay:
        return reads.full().get(alliance=alliance, year=YEAR)

    # --- awards and summary -------------------------------------------------------------------------------------------

    def _reward(self, alliance: Alliance) -> None:
        """Proposed from the record, added to, decided; the last community's list still waits for its secretary."""
        staff, secretary = at_work(Role.STAFF, alliance), at_work(Role.SECRETARY, alliance)
        draft = awards.begin(alliance, YEAR, actor=staff)
        member = self._members(alliance)[self.random.randrange(8)]
        name = f"{member.unit.name[:12]}党员志愿服务队"
        awards.add(draft, kind=yearly.SERVICE, member=member, name=name, words=WRITTEN, actor=staff)
        year_papers.publish_summary(alliance, YEAR, actor=secretary)
        if alliance.organisation.name == COMMUNITIES[-1]:
            return
        self._decide(draft, secretary)
        fresh = AwardList.objects.select_related("alliance__organisation").get(pk=draft.pk)
        awards.publish(fresh, actor=secretary)

    def _decide(self, draft: AwardList, secretary: User) -> None:
        """At most three for each award; the others in another year."""
        decide = partial(awards.decide, actor=secretary)
        given: dict[str, int] = {}
        for one in award_reads.candidates_of(draft):
            if one.state != CandidateState.PROPOSED:
                continue
            given[one.kind] = given.get(one.kind, 0) + 1
            if given[one.kind] <= 3 or one.name:
                decide(one, award=True, reason=self.random.choice(WHY))
            else:
                decide(one, award=False, reason="名额有限，下年度优先考虑")
