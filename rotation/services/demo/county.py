"""From an empty database to 31 March 2026: rosters, posts, accounts, plans, and then the quarter (``quarter``)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from django.db import transaction

from alliances import clock
from alliances.enums import Level, Role
from alliances.errors import OfficeError
from alliances.models import Alliance, DemoClock, Member, Organisation, Person, User
from alliances.services import demo_clock
from alliances.services.demo_books import load
from alliances.services.demo_people import Cast, at_work, holder, new_password
from alliances.services.demo_promises import Promises
from rotation.models import Plan
from rotation.selectors import tables
from rotation.services import plans
from rotation.services.demo.activities import Activities
from rotation.services.demo.quarter import Chapter, Quarter
from rotation.services.demo.seminars import Seminars
from rotation.services.demo.stage import Circle, Stage

YEAR = 2026
PASSED_ON = date(2025, 12, 30)
MEETING = "年度全体联席会"
OPENS_AT = datetime(2026, 3, 31, 9, 0, tzinfo=clock.ZONE)
STAGE = "同心社区"  # the community whose people get passwords
OFFLINE_SHARE = 0.2  # liaisons who answer on paper or by phone
BOOKS = (
    ("members", "成员单位名册.xlsx"),
    ("plan", "年度轮值主席安排表-2025.xlsx"),
    ("wishes", "轮值意愿征集表-2026.xlsx"),
)


@dataclass(frozen=True)
class Login:
    """Somebody the visitor can be: shown once, kept nowhere."""

    role: str
    name: str
    place: str
    phone: str
    password: str


def is_seeded() -> bool:
    return DemoClock.objects.exists()


def seed(*more: Callable[[County, Quarter], Chapter]) -> list[Login]:
    """Fill an empty database and start the demo clock. Everything is one transaction: stopped half-way, it leaves
    nothing. ``more`` make the chapters of apps above. Raises ``OfficeError`` if there is data already."""
    if Organisation.objects.exists():
        raise OfficeError("数据库里已有数据；演示数据只装入空库。")
    with transaction.atomic():
        county = County()
        county.found()
        county.enrol()
        county.plan()
        quarter = county.quarter()
        quarter.chapters += [chapter(county, quarter) for chapter in more]
        quarter.run(PASSED_ON + timedelta(days=1), OPENS_AT.date())
        demo_clock.start(OPENS_AT)
    return county.logins


class County:
    """The steps before the quarter, each at its hour of December 2025."""

    def __init__(self) -> None:
        self.random = Random(YEAR)  # noqa: S311 - a story, not a secret
        self.cast = Cast(self.random)
        self.logins: list[Login] = []

    def found(self) -> None:
        """22 December: the organisation sheet, then those who run the system and the offices."""
        with _at(22, 9):
            load("organisations", "组织架构.xlsx", actor=None)
            root = Organisation.objects.get(parent=None)
            self.cast = Cast(self.random)
            self.cast.administrator = self._tell(
                self.cast.newcomer(Role.ADMINISTRATOR, root), "系统管理员", root
            )
            self._tell(self.cast.newcomer(Role.AUDITOR, root), "审计员", root)
            self.alliances = {
                alliance.organisation.name: alliance
                for alliance in Alliance.objects.select_related("organisation")
                if alliance.organisation.level == Level.COMMUNITY
            }
            self._tell(holder(Role.OFFICE, root).person, "县级办公室", root)
            street = Organisation.objects.get(children=self.alliances[STAGE].organisation)
            self._tell(holder(Role.OFFICE, street).person, "街道办公室", street)

    def _staff(self, name: str, alliance: Alliance) -> None:
        """Secretary, staff and president of a community; at the stage also the head of a station."""
        community = alliance.organisation
        secretary = holder(Role.SECRETARY, community).person
        staff = self.cast.newcomer(Role.STAFF, community)
        president = self.cast.newcomer(Role.PRESIDENT, community)
        if name != STAGE:
            for person in (secretary, staff, president):
                self.cast.account(person)
            return
        self._tell(secretary, "社区书记", community, email="secretary@example.com")
        self._tell(staff, "社区工作人员", community)
        self._tell(president, "会长", community)
        station = Organisation.objects.filter(parent=community, level=Level.STATION).order_by("path")[0]
        self._tell(holder(Role.STATION, station).person, "站点负责人", station)

    def enrol(self) -> None:
        """The same day: roster, last year's tables, wishes; then the communities' own people, whose invented phones
        must not be a liaison's."""
        with _at(22, 10):
            for kind, book in BOOKS:
                load(kind, book, actor=self.cast.administrator)
            self.cast = Cast(self.random, self.cast.administrator)
            for name, alliance in self.alliances.items():
                self._staff(name, alliance)

    def plan(self) -> None:
        """23 to 30 December: drafted by staff, discussed, passed by the secretaries; meanwhile liaisons come in."""
        for number, alliance in enumerate(self.alliances.values()):
            with _at(23, 14, 6 * number):
                staff = at_work(Role.STAFF, alliance)
                table = plans.open_plan(alliance, YEAR, actor=staff)
                plans.run_planner(table, actor=staff)
            with _at(24, 9, 6 * number):
                plans.submit(table, actor=at_work(Role.STAFF, alliance))
        with _at(25, 9):
            self._liaisons()
        for alliance in self.alliances.values():
            with clock.at(datetime.combine(PASSED_ON, datetime.min.time()).replace(hour=15)):
                table = Plan.objects.get(alliance=alliance, year=YEAR)
                secretary = at_work(Role.SECRETARY, alliance)
                plans.pass_plan(table, meeting=MEETING, passed_on=PASSED_ON, actor=secretary)

    def _liaisons(self) -> None:
        """Accounts for those who will sign on screen; two liaisons and a leader of the stage get known passwords."""
        stage = self.alliances[STAGE]
        march, april = (
            tables.duties_of(Plan.objects.get(alliance=stage, year=YEAR))[month - 1] for month in (3, 4)
        )
        on_duty, coming = list(march.chairs.all())[-1].member, april.chairs.all()[0].member
        self.on_duty, self.coming = on_duty, coming
        self._tell(holder(Role.LIAISON, on_duty).person, "单位联络员（本月轮值）", on_duty)
        self._tell(holder(Role.LIAISON, coming).person, "单位联络员（下月轮值）", coming)
        leader = self.cast.with_phone(holder(Role.LEADER, on_duty))
        self._tell(leader, "单位负责人", on_duty)
        members = list(Member.objects.current().filter(alliance__in=self.alliances.values()).order_by("pk"))
        free = [member.pk for member in members if member not in (on_duty, coming)]
        self.offline = frozenset(self.random.sample(free, round(len(members) * OFFLINE_SHARE)))
        for member in members:
            if member.pk not in self.offline:
                self.cast.account(holder(Role.LIAISON, member).person)

    def quarter(self) -> Quarter:
        """The quarter with the rotation's own chapters."""
        quarter = Quarter(self.cast, self.alliances, self.offline)
        seminars, lively = Seminars(quarter), Activities(quarter)
        stage = Stage(quarter, self.alliances[STAGE], self.on_duty, self.coming, seminars, lively)
        promises = Promises(quarter, self.alliances.values(), STAGE)
        quarter.chapters += [seminars, lively, stage, Circle(quarter, STAGE), promises]
        return quarter

    def _tell(self, person: Person, role: str, place: Organisation | Member, *, email: str = "") -> User:
        """An account whose password the visitor is told."""
        password = new_password()
        user = self.cast.account(person, password, email=email)
        name = place.unit.name if isinstance(place, Member) else place.name
        self.logins.append(Login(role, person.name, name, person.phone, password))
        return user


def _at(day: int, hour: int, minute: int = 0) -> AbstractContextManager[None]:
    """As of a day of December 2025."""
    return clock.at(datetime(2025, 12, day, hour, minute, tzinfo=clock.ZONE))
