"""What the demo's units have promised: target letters of 2025 and 2026, written down by staff, kept, late, one left out.

A chapter of the demo's quarter. It draws from a generator of its own, so that the rest of the story stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from random import Random
from typing import Protocol

from alliances.enums import AgreementKind, Role
from alliances.models import Agreement, Alliance, Commitment, Member
from alliances.services import commitments, membership
from alliances.services.demo_people import at_work

UNITS, UNITS_ON_STAGE = 5, 10
# Promises by kind of unit, with the words of how they were kept; the last are anybody's.
PROMISES: dict[str, list[tuple[str, str]]] = {
    "school": [("寒暑假为社区儿童开放活动室不少于4次", "已开放4次，登记簿在活动室")],
    "medical": [("每季度到社区义诊不少于1次", "在社区广场义诊，服务居民86人")],
    "government": [("每季度开展一次政策宣讲", "在社区党群服务中心宣讲，到场52人")],
    "": [
        ("认领微心愿不少于5个", "认领6个，全部办结，见社区台账"),
        ("组织党员到社区报到服务", "12名党员报到，服务时长见双报到记录"),
        ("全年提供场地不少于12次", "按月提供会议室，见预约记录"),
        ("走访慰问困难家庭不少于3户", "春节前走访4户，慰问品签收单已存档"),
        ("参加小区环境整治不少于2次", "参加2次，清理楼道杂物11处"),
    ],
}
DUE_IN_2025 = (date(2025, 6, 30), date(2025, 12, 20))
DUE_IN_2026 = (date(2026, 2, 27), date(2026, 3, 27), date(2026, 6, 30), date(2026, 12, 18))
FIRST, LAST = date(2026, 1, 6), date(2026, 3, 30)  # written down; the last day that the story tells of
WAIVED = "机构改革后这项职能已经划出，经社区党委研究不再列入考核"


class Calendar(Protocol):
    """The demo's quarter: ``deed`` will be done at that time of ``day``."""

    def at(self, day: date, hour: int, minute: int, deed: Callable[[], None]) -> None: ...


class Promises:
    def __init__(self, quarter: Calendar, alliances: Iterable[Alliance], stage: str) -> None:
        self.quarter, self.stage = quarter, stage
        self.alliances = list(alliances)
        self.random = Random(2025)  # noqa: S311 - a story, not a secret
        self.is_told = False

    def look(self) -> None:
        """Everything is put into the quarter at the first look."""
        if self.is_told:
            return
        self.is_told = True
        for number, alliance in enumerate(self.alliances):
            self.quarter.at(FIRST, 9 + number // 2, 10 + 30 * (number % 2), self._write(alliance))

    def _write(self, alliance: Alliance) -> Callable[[], None]:
        def deed() -> None:
            rows = Member.objects.current().filter(alliance=alliance).select_related("unit", "alliance")
            most = UNITS_ON_STAGE if alliance.organisation.name == self.stage else UNITS
            for number, member in enumerate(rows.order_by("pk")[:most]):
                self._last_year(member)
                self._this_year(member, number)

        return deed

    def _letter(self, member: Member, year: int) -> Agreement:
        return membership.sign_agreement(
            member,
            kind=AgreementKind.TARGET,
            signed_on=date(year, 1, 5),
            valid_until=date(year, 12, 31),
            actor=at_work(Role.STAFF, member.alliance),
        )

    def _promises(self, member: Member, most: int) -> list[tuple[str, str]]:
        own = PROMISES.get(member.unit.sector, [])
        return [*own, *self.random.sample(PROMISES[""], most - len(own))]

    def _last_year(self, member: Member) -> None:
        """Kept in time, as the paper of last year says."""
        paper, actor = self._letter(member, 2025), at_work(Role.STAFF, member.alliance)
        for (text, evidence), due in zip(self._promises(member, len(DUE_IN_2025)), DUE_IN_2025, strict=True):
            found = commitments.add(member, text=text, due_on=due, agreement=paper, actor=actor)
            day = due - timedelta(days=self.random.randint(1, 12))
            commitments.fulfil(found, evidence=evidence, fulfilled_on=day, actor=actor)

    def _this_year(self, member: Member, number: int) -> None:
        """What falls due in the quarter is kept in time or late, or still waits to be confirmed; one is left out."""
        paper, actor = self._letter(member, 2026), at_work(Role.STAFF, member.alliance)
        most = self.random.randint(2, len(DUE_IN_2026))
        for place, (text, evidence) in enumerate(self._promises(member, most)):
            due = DUE_IN_2026[place]
            found = commitments.add(member, text=text, due_on=due, agreement=paper, actor=actor)
            if due > LAST:
                continue
            if (number, place) == (2, 0):
                self.quarter.at(date(2026, 2, 10), 15, 20, self._waive(found))
                continue
            day = due + timedelta(days=self.random.choice((-9, -4, -1, 12)))
            if day <= LAST:
                self.quarter.at(day, 16, 5, self._fulfil(found, evidence))

    def _fulfil(self, commitment: Commitment, evidence: str) -> Callable[[], None]:
        def deed() -> None:
            commitments.fulfil(commitment, evidence=evidence, actor=at_work(Role.STAFF, commitment.alliance))

        return deed

    def _waive(self, commitment: Commitment) -> Callable[[], None]:
        def deed() -> None:
            commitments.waive(commitment, reason=WAIVED, actor=at_work(Role.SECRETARY, commitment.alliance))

        return deed
