"""The demo's scoring: codes printed, residents and units vote, paper is typed in, feedback and comments are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from alliances import clock
from alliances.enums import Role, Via
from alliances.models import Alliance, Member
from alliances.services.demo_people import at_work, holder, read_inbox
from evaluations.enums import CodeOrigin, FeedbackState, RoundState
from evaluations.models import Comment, Feedback, Round, UnitMark
from evaluations.services import ballots, codes, comments, feedbacks, paper
from evaluations.services.demo import words
from rotation.models import Duty
from rotation.selectors import tables
from rotation.services.demo.quarter import Deed, Quarter

# How residents and units see a month, as a share of the points; elsewhere it is drawn.
QUALITY = {("同心社区", 2): (0.80, 0.95)}
# Feedback that comes so many working days after its date; the stage's president was away in early March.
LATE = {("北关社区", 1): 1, ("同心社区", 2): 3}
UNCOMMENTED = {("同心社区", 2)}
ON_PAPER = {"同心社区", "北关社区", "南湖社区", "和顺社区"}
UNVOTED = ("同心社区", 3)  # here the two liaisons of the stage have not voted yet
NOT_KNOWN = 0.04


@dataclass
class Scoring:
    """Every round from its codes to the secretary's comment. ``waiting`` are members who do not vote in March."""

    quarter: Quarter
    waiting: frozenset[int]
    _rounds: set[tuple[int, str]] = field(default_factory=set)
    _marks: set[int] = field(default_factory=set)
    _drafts: set[int] = field(default_factory=set)
    _said: set[int] = field(default_factory=set)
    _codes: dict[int, dict[str, list[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = self.quarter.cast.random
        self.days = self.quarter.days
        if self.waiting:
            self.quarter.at(date(2026, 3, 26), 16, 50, self._correct)

    def look(self) -> None:
        """Rounds prepared and opened, units asked, drafts begun, feedback published since the last tick."""
        rows = Round.objects.filter(state__in=[RoundState.PREPARED, RoundState.OPEN])
        for round in rows.select_related("activity", "alliance__organisation", "duty").order_by("pk"):
            if (round.pk, round.state) not in self._rounds:
                self._rounds.add((round.pk, round.state))
                self._prepared(round) if round.state == RoundState.PREPARED else self._opened(round)
        marks = UnitMark.objects.filter(voted_on=None, round__state=RoundState.OPEN).exclude(
            pk__in=self._marks
        )
        for mark in marks.select_related("round__alliance__organisation", "round__duty", "member").order_by(
            "pk"
        ):
            self._marks.add(mark.pk)
            self._expect_vote(mark)
        for draft in self._fresh(FeedbackState.DRAFT, self._drafts):
            self._expect_feedback(draft)
        for published in self._fresh(FeedbackState.PUBLISHED, self._said):
            if self._key(published.alliance, published.duty) not in UNCOMMENTED:
                day = self.days.add(clock.today(), self.random.randint(0, 2))
                self.quarter.soon(day, self._comment(published.duty_id))

    def _fresh(self, state: str, seen: set[int]) -> list[Feedback]:
        rows = Feedback.objects.filter(state=state, revision=1).exclude(pk__in=seen)
        found = list(rows.select_related("alliance__organisation", "duty__plan").order_by("pk"))
        seen.update(feedback.pk for feedback in found)
        return found

    def _key(self, alliance: Alliance, duty: Duty | None) -> tuple[str, int]:
        return (alliance.organisation.name, duty.month if duty else 0)

    # --- codes ----------------------------------------------------------------------------------------------------

    def _prepared(self, round: Round) -> None:
        """Slips for the venue, in half of the communities paper ballots too, printed the day before."""
        day = max(self.days.add(round.activity.planned_on, -1), clock.today())
        if day < round.activity.planned_on:
            self.quarter.soon(day, self._print(round.pk))

    def _print(self, pk: int) -> Deed:
        def deed() -> None:
            round = self._round(pk)
            if round.state != RoundState.PREPARED:
                return
            staff = at_work(Role.STAFF, round.alliance)
            mine = self._codes.setdefault(pk, {})
            wanted = [(CodeOrigin.SLIP, 40)]
            if round.alliance.organisation.name in ON_PAPER:
                wanted.append((CodeOrigin.PAPER, 25))
            for origin, count in wanted:
                mine[origin] = codes.print_slips(round, count, origin=origin, actor=staff)

        return deed

    def _round(self, pk: int) -> Round:
        return Round.objects.select_related(
            "activity__duty", "duty__plan", "alliance__organisation", "duty__alliance__organisation"
        ).get(pk=pk)

    # --- residents ------------------------------------------------------------------------------------------------

    def _opened(self, round: Round) -> None:
        """Half of the residents vote the same afternoon, the others in the days after; paper is typed in on the last."""
        key = self._key(round.alliance, round.duty)
        quality = QUALITY.get(key, (self.random.uniform(0.84, 0.95), self.random.uniform(0.86, 0.96)))
        plain = list(self._codes.get(round.pk, {}).get(CodeOrigin.SLIP, []))
        span = max((round.closes_on - clock.today()).days, 0)
        for number in range(self.random.randint(14, 22)):
            offset = 0 if number % 2 == 0 else self.random.randint(0, span)
            code = plain.pop() if plain and number % 3 else ""
            first = clock.now().hour + 1 if offset == 0 else 8
            self.quarter.at(
                clock.today() + timedelta(days=offset),
                self.random.randint(min(first, 20), 20),
                self.random.randrange(60),
                self._resident(round, code, f"{round.pk}-{number}", quality[0]),
            )
        sheets = self._codes.get(round.pk, {}).get(CodeOrigin.PAPER, [])
        if sheets and key != UNVOTED:
            self.quarter.soon(
                self.days.next_working(round.closes_on), self._enter(round.pk, sheets, quality[0])
            )
        self._quality = {**getattr(self, "_quality", {}), round.pk: quality}

    def _scores(self, items: list, level: float) -> dict[str, int | None]:
        """Points around ``level``, now and then 不了解."""
        return {
            item["key"]: None
            if self.random.random() < NOT_KNOWN
            else min(item["weight"], max(0, round(item["weight"] * self.random.gauss(level, 0.07))))
            for item in items
        }

    def _resident(self, round: Round, code: str, browser: str, level: float) -> Deed:
        """On a day on which ``round``, as it was opened, is still open."""

        def deed() -> None:
            mine = code or codes.draw_at_venue(round, browser)
            chair = self._scores(round.chair_items, level) if round.asks_chair else None
            ballots.cast_by_code(mine, self._scores(round.activity_items, level), chair, round=round)

        return deed

    def _enter(self, pk: int, printed: list[str], level: float) -> Deed:
        def deed() -> None:
            round = self._round(pk)
            if round.state not in (RoundState.OPEN, RoundState.CLOSED):
                return
            back = self.random.randint(12, 20)
            sheets = [
                paper.Sheet(
                    self._scores(round.activity_items, level), self._scores(round.chair_items, level), code
                )
                for code in printed[:back]
            ]
            paper.enter(
                round,
                sheets,
                handed_out=len(printed),
                void=self.random.randint(0, 2),
                actor=at_work(Role.STAFF, round.alliance),
            )

        return deed

    # --- units ----------------------------------------------------------------------------------------------------

    def _expect_vote(self, mark: UnitMark) -> None:
        if mark.member_id in self.waiting and mark.round.duty and mark.round.duty.month == UNVOTED[1]:
            return
        if self.random.random() < 0.1:
            return
        span = max((mark.round.closes_on - clock.today()).days, 0)
        self.quarter.soon(clock.today() + timedelta(days=self.random.randint(0, span)), self._vote(mark.pk))

    def _vote(self, pk: int) -> Deed:
        def deed() -> None:
            rows = UnitMark.objects.filter(pk=pk, voted_on=None, round__state=RoundState.OPEN)
            mark = rows.select_related(
                "round__alliance__organisation", "round__duty__plan", "round__activity", "member__unit"
            ).first()
            if mark is None:
                return
            level = self._quality[mark.round_id][1]
            activity = self._scores(mark.round.activity_items, level)
            chair = self._scores(mark.round.chair_items, level) if mark.round.asks_chair else None
            self._cast(mark, mark.member, activity, chair)

        return deed

    def _cast(self, mark: UnitMark, member: Member, activity: dict, chair: dict | None) -> None:
        if member.pk not in self.quarter.offline:
            user = self.quarter.liaison(member)
            ballots.cast_unit(mark, activity, chair, actor=user)
        else:
            user = at_work(Role.STAFF, mark.round.alliance)
            name = holder(Role.LIAISON, member).person.name
            ballots.record_unit(mark, activity, chair, voter_name=name, via=Via.PAPER, actor=user)
        read_inbox(user)

    # --- feedback and comment -------------------------------------------------------------------------------------

    def _expect_feedback(self, draft: Feedback) -> None:
        key = self._key(draft.alliance, draft.duty)
        due = draft.due_on or clock.today()
        day = self.days.add(due, LATE[key]) if key in LATE else self.days.add(due, -self.random.randint(0, 1))
        self.quarter.soon(day, self._publish(draft.pk))

    def _publish(self, pk: int) -> Deed:
        def deed() -> None:
            draft = Feedback.objects.select_related("alliance__organisation", "duty__plan").get(pk=pk)
            president = at_work(Role.PRESIDENT, draft.alliance)
            good, mend = self.random.choice(words.GOOD), self.random.choice(words.MEND)
            written = feedbacks.write(draft, good=good, mend=mend, actor=president)
            feedbacks.publish(written, actor=president)
            read_inbox(president)

        return deed

    def _comment(self, duty_pk: int) -> Deed:
        def deed() -> None:
            rows = Duty.objects.select_related("plan", "alliance__organisation").prefetch_related(
                tables.CHAIRS
            )
            duty = rows.get(pk=duty_pk)
            if Comment.objects.filter(duty=duty).exists():
                return
            secretary = at_work(Role.SECRETARY, duty.alliance)
            text = self.random.choice(words.COMMENTS).format(
                month=duty.month, names=tables.chair_names(duty), mend=self.random.choice(words.MEND)
            )
            comments.write(duty, text, actor=secretary)
            read_inbox(secretary)

        return deed

    def _correct(self) -> None:
        """The stage's president has begun to correct February's feedback."""
        published = Feedback.objects.select_related("alliance__organisation", "duty__plan").filter(
            state=FeedbackState.PUBLISHED, duty__month=2, alliance__organisation__name=UNVOTED[0]
        )
        for feedback in published:
            feedbacks.correct(
                feedback,
                reason="补充居民通过电话反映的意见",
                actor=at_work(Role.PRESIDENT, feedback.alliance),
            )
