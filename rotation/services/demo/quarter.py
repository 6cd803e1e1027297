"""What people did from the passing of the plans to 31 March 2026: a deterministic story told through the services.

The clock is ticked every morning and, on working days, every afternoon; in between people sign, agree, file. The rest of
the month is told by chapters (``seminars``, ``activities``, and those of the apps above): each looks after every tick at
what has come up and says who will do what about it when.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count, pairwise
from typing import Protocol

from alliances import clock
from alliances.enums import DutyMode, Role, Via
from alliances.models import Alliance, Member, User
from alliances.selectors import directory
from alliances.selectors.settings import working_days
from alliances.services import appointments, sweeps
from alliances.services.demo_people import Cast, at_work, holder, read_inbox
from rotation.enums import SlipState, SwapKind, SwapState
from rotation.models import Duty, Receipt, Slip, Swap, Wish
from rotation.selectors import tables
from rotation.services import slips, swaps

MORNING, AFTERNOON = time(9, 0), time(15, 0)

# Receipts that take their own course: (community, month) → which chair, what became of it.
FATES = {
    ("北关社区", 1): ("lead", "late"),
    ("迎宾社区", 1): ("lead", "escalated"),
    ("文苑社区", 2): ("lead", "late"),
    ("新城社区", 2): ("lead", "never"),
    ("南湖社区", 3): ("lead", "late"),
    ("和顺社区", 3): ("lead", "escalated"),
    ("同心社区", 3): ("last", "never"),
}


Deed = Callable[[], None]


class Chapter(Protocol):
    """A part of the story. ``look`` is called after every tick and puts deeds into the quarter (``Quarter.at``)."""

    def look(self) -> None: ...


@dataclass
class Quarter:
    """Runs the demo's days. ``offline`` are the members whose liaisons have no account and answer on paper."""

    cast: Cast
    alliances: dict[str, Alliance]
    offline: frozenset[int]
    chapters: list[Chapter] = field(default_factory=list)
    _events: list[tuple[datetime, int, Deed]] = field(default_factory=list)
    _order: count = field(default_factory=count)
    _seen: set[int] = field(default_factory=set)
    _now: datetime | None = None
    _liaisons: dict[int, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.days = working_days(next(iter(self.alliances.values())).organisation)

    def run(self, first: date, last: date) -> None:
        """Live through every day from ``first`` to the morning of ``last``."""
        self._plan_changes()
        day = first
        while day <= last:
            self._tick(datetime.combine(day, MORNING, tzinfo=clock.ZONE))
            if day < last and self.days.is_working(day):
                self._tick(datetime.combine(day, AFTERNOON, tzinfo=clock.ZONE))
            day += timedelta(days=1)

    def _tick(self, moment: datetime) -> None:
        while self._events and self._events[0][0] <= moment:
            when, _, deed = heappop(self._events)
            self._now = when
            with clock.at(when):
                deed()
        self._now = moment
        for outcome in sweeps.run_all(moment):
            if outcome.error:
                raise RuntimeError(f"{outcome.title}: {outcome.error}")
        for slip in Slip.objects.exclude(pk__in=self._seen).select_related("duty", "alliance__organisation"):
            self._seen.add(slip.pk)
            for receipt in Receipt.objects.filter(slip=slip).select_related("member"):
                self._answer(slip, receipt)
        with clock.at(moment):
            for chapter in self.chapters:
                chapter.look()

    def at(self, day: date, hour: int, minute: int, deed: Deed) -> None:
        """``deed`` will be done at that time of ``day``, with the clock standing there."""
        moment = datetime.combine(day, time(hour, minute), tzinfo=clock.ZONE)
        if self._now is not None and moment <= self._now:  # nothing is done before what it follows from
            moment = self._now + timedelta(minutes=2)
        heappush(self._events, (moment, next(self._order), deed))

    def soon(self, day: date, deed: Deed) -> None:
        """At some working hour of ``day``; later today if the day has begun."""
        random, now = self.cast.random, clock.now()
        first = now.hour + 1 if day <= now.date() else 9
        self.at(max(day, now.date()), random.randint(min(first, 17), 17), random.randrange(1, 60), deed)

    # --- signing --------------------------------------------------------------------------------------------------

    def _answer(self, slip: Slip, receipt: Receipt) -> None:
        """Decide when and how the unit signs: most at once or in two days, some late, a few not at all."""
        random = self.cast.random
        chair, fate = FATES.get((slip.alliance.organisation.name, slip.duty.month), ("", ""))
        if chair != ("lead" if receipt.order == 0 else "last"):
            fate = "at once"
        if fate == "never" or slip.acknowledge_by is None:
            return
        issued = clock.local(slip.issued_at).date()
        day = {
            "late": self.days.add(slip.acknowledge_by, random.randint(1, 2)),
            "escalated": self.days.add(slip.acknowledge_by, 4),
        }.get(fate) or self.days.add(issued, random.randint(0, 2))
        hour = random.randint(9, 17) if day > issued else random.randint(10, 17)
        sign = self._record_paper if receipt.member_id in self.offline else self._sign
        self.at(day, hour, random.randrange(1, 60), lambda: sign(slip.pk, receipt.pk))

    def _sign(self, slip: int, receipt: int) -> None:
        row = self._open_receipt(slip, receipt)
        if row is None:
            return
        user = self.liaison(row.member)
        slips.acknowledge(row, actor=user)
        read_inbox(user)

    def _record_paper(self, slip: int, receipt: int) -> None:
        row = self._open_receipt(slip, receipt)
        if row is None:
            return
        staff = at_work(Role.STAFF, row.slip.alliance)
        signer = holder(Role.LIAISON, row.member).person.name
        via = Via.PHONE if self.cast.random.random() < 0.3 else Via.PAPER
        slips.record_receipt(row, signer_name=signer, via=via, signed_on=clock.today(), actor=staff)
        read_inbox(staff)

    def _open_receipt(self, slip: int, receipt: int) -> Receipt | None:
        """The receipt if its slip still waits; a swap may have withdrawn it meanwhile."""
        return (
            Receipt.objects.filter(pk=receipt, signed_at=None, slip=slip, slip__state=SlipState.ISSUED)
            .select_related("slip__alliance__organisation", "slip__duty__plan", "member__unit")
            .first()
        )

    def liaison(self, member: Member) -> User:
        """The member's liaison as they log in, with an account if they had none."""
        if member.pk not in self._liaisons:
            user = self.cast.account(holder(Role.LIAISON, member).person)
            # Appointments of today, not of the day the account was opened.
            self._liaisons[member.pk] = User.objects.select_related("person").get(pk=user.pk)
        return self._liaisons[member.pk]

    # --- changes --------------------------------------------------------------------------------------------------

    def _plan_changes(self) -> None:
        """The quarter's swaps, stand-in, postponement and one hand-over."""
        self.at(
            date(2026, 2, 3),
            10,
            20,
            self._exchange("北关社区", "当月承担全县专项工作，人手安排不开，申请对调。"),
        )
        self.at(date(2026, 2, 9), 9, 40, self._postpone)
        self.at(date(2026, 2, 27), 14, 10, self._new_liaison)
        self.at(
            date(2026, 3, 4),
            10,
            5,
            self._stand_in("燕兴社区", "本单位三月集中开展专项检查，申请由兄弟单位代为轮值。"),
        )
        self.at(
            date(2026, 3, 11),
            15,
            30,
            self._exchange("文苑社区", "与本单位年度重点活动时间冲突，申请对调。", "refuse"),
        )
        self.at(
            date(2026, 3, 19),
            11,
            0,
            self._exchange("和顺社区", "拟办活动与节令不合，希望换个月份。", "cancel"),
        )
        self.at(
            date(2026, 3, 26),
            9,
            30,
            self._exchange("同心社区", "当月抽调干部参加集中培训，申请对调月份。", "wait"),
        )

    def _exchange(self, community: str, reason: str, course: str = "file") -> Deed:
        """Two units change months. ``course``: filed, refused by the other, cancelled, or waiting to be filed."""

        def ask() -> None:
            alliance = self.alliances[community]
            first, second = self._pair(alliance)
            asker, other = self._chair(first), self._chair(second)
            user = self.liaison(asker)
            swap = swaps.ask(
                first, asker, kind=SwapKind.SWAP, reason=reason, other=other, other_duty=second, actor=user
            )
            read_inbox(user)
            following = self.days.add(clock.today(), 1)
            if course == "refuse":
                self.at(following, 10, 45, lambda: self._refuse(swap.pk))
            elif course == "cancel":
                self.at(following, 16, 15, lambda: self._cancel(swap.pk))
            else:
                self.at(following, 14, 25, lambda: self._agree(swap.pk))
            if course == "file":
                self.at(self.days.add(following, 1), 9, 50, lambda: self._file(swap.pk))

        return ask

    def _stand_in(self, community: str, reason: str) -> Deed:
        """A unit on duty this month is stood in for; its slip is withdrawn and a new one goes out."""

        def ask() -> None:
            alliance = self.alliances[community]
            duty = self._duty(alliance, clock.today().month)
            asker, other = self._chair(duty), self._replacement(alliance, duty)
            user = self.liaison(asker)
            swap = swaps.ask(duty, asker, kind=SwapKind.STAND_IN, reason=reason, other=other, actor=user)
            following = self.days.add(clock.today(), 1)
            self.at(following, 9, 15, lambda: self._agree_by_phone(swap.pk))
            self.at(following, 16, 40, lambda: self._file(swap.pk))

        return ask

    def _postpone(self) -> None:
        """February's duty runs into March: the Spring Festival stands in its middle."""
        duty = self._duty(self.alliances["南湖社区"], 2)
        asker = self._chair(duty)
        swap = swaps.ask(
            duty,
            asker,
            kind=SwapKind.POSTPONE,
            reason="春节假期前后群众外出较多，活动顺延到元宵节后举办。",
            until=date(2026, 3, 13),
            actor=self.liaison(asker),
        )
        self.at(self.days.add(clock.today(), 1), 10, 0, lambda: self._file(swap.pk))

    def _agree(self, pk: int) -> None:
        swap = self._swap(pk)
        user = self.liaison(self._other(swap))
        swaps.agree(swap, actor=user)
        read_inbox(user)

    def _agree_by_phone(self, pk: int) -> None:
        swap = self._swap(pk)
        swaps.record_consent(swap, self._other(swap), via=Via.PHONE, actor=at_work(Role.STAFF, swap.alliance))

    def _refuse(self, pk: int) -> None:
        swap = self._swap(pk)
        swaps.refuse(
            swap, answer="当月本单位已有全县性任务，难以调整。", actor=self.liaison(self._other(swap))
        )

    def _cancel(self, pk: int) -> None:
        swap = self._swap(pk)
        swaps.cancel(swap, actor=self.liaison(swap.asker))

    def _file(self, pk: int) -> None:
        swap = self._swap(pk)
        secretary = at_work(Role.SECRETARY, swap.alliance)
        swaps.file(swap, actor=secretary)
        read_inbox(secretary)

    def _new_liaison(self) -> None:
        """One unit's liaison moves on; the successor finds everything that is open."""
        alliance = self.alliances["文苑社区"]
        member = self._chair(self._duty(alliance, 7))
        name, phone = self.cast.stranger()
        appointments.hand_over(member, name=name, phone=phone, actor=at_work(Role.STAFF, alliance))
        self._liaisons.clear()

    # --- looking things up ----------------------------------------------------------------------------------------

    def _swap(self, pk: int) -> Swap:
        rows = Swap.objects.filter(state__in=[SwapState.ASKED, SwapState.AGREED])
        return rows.select_related(
            "alliance__organisation", "plan", "duty__plan", "other_duty__plan", "asker__unit", "other__unit"
        ).get(pk=pk)

    def _other(self, swap: Swap) -> Member:
        if swap.other is None:
            raise LookupError(f"{swap} has no second unit")
        return swap.other

    def _duty(self, alliance: Alliance, month: int) -> Duty:
        duty = tables.duty_in(alliance, 2026, month)
        if duty is None:
            raise LookupError(f"{alliance} has no plan for 2026")
        return duty

    def _chair(self, duty: Duty) -> Member:
        return duty.chairs.all()[0].member

    def _pair(self, alliance: Alliance) -> tuple[Duty, Duty]:
        """Two solo months ahead, next month left alone, whose units can take each other's."""
        ahead = [self._duty(alliance, month) for month in range(clock.today().month + 2, 13)]
        solo = [duty for duty in ahead if duty.mode == DutyMode.SOLO]
        for first, second in pairwise(solo):
            units = {self._chair(first).pk, self._chair(second).pk}
            if len(units) == 2 and self._free(first, second) and self._free(second, first):
                return first, second
        raise LookupError(f"{alliance} has no two months to change")

    def _free(self, duty: Duty, other: Duty) -> bool:
        """Whether the unit of ``duty`` has not ruled out the month of ``other``."""
        wish = Wish.objects.filter(member=self._chair(duty), year=2026).first()
        return wish is None or other.month not in wish.blackout

    def _replacement(self, alliance: Alliance, duty: Duty) -> Member:
        """The solo unit whose own months are farthest from ``duty``."""
        on_duty = {chair.member_id for chair in duty.chairs.all()}
        distance: dict[int, int] = {}
        for month in range(1, 13):
            for chair in self._duty(alliance, month).chairs.all():
                gap = abs(month - duty.month)
                distance[chair.member_id] = min(gap, distance.get(chair.member_id, 12))
        candidates = [
            m for m in directory.members_of(alliance) if m.duty_mode == DutyMode.SOLO and m.pk not in on_duty
        ]
        return max(candidates, key=lambda m: (distance.get(m.pk, 12), -m.pk))
