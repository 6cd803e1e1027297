"""The chapter: what happens to the demand loop from January to 31 March 2026."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random

from alliances import clock
from alliances.models import Alliance, Member, User
from alliances.services.demo_books import load
from demands.enums import ResourceKind
from demands.models import Resource
from demands.services import bookings, intake, resources
from demands.services.bookings import Slot
from demands.services.demo import words
from demands.services.demo.deeds import Deeds
from demands.services.demo.story import QR, Course, Story, step
from demands.services.resources import Hours, Offering

OPENING = date(2026, 1, 5)
HISTORY = (
    ("demands", "群众需求清单.xlsx"),
    ("claims", "认领项目清单.xlsx"),
    ("acceptances", "验收结果清单.xlsx"),
)
# Venues of the stage that can be booked: unit, resource, bookings at a time, seats.
VENUES = (
    ("县图书馆", "少儿阅览室及报告厅", 1, 120),
    ("同心社会工作服务中心", "儿童游戏室", 2, 15),
    ("县行政审批局", "政务大厅二楼研讨室", 1, 40),
)


@dataclass
class Loop:
    """Doors, venues and demands, mostly at the community ``stage``, whose units ``duty`` and ``coming`` have people that
    the visitor can be; on the last morning the county's lists."""

    story: Story
    stage: str
    duty: Member
    coming: Member
    deeds: dict[str, Deeds] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(31)  # noqa: S311 - its own, so that the other chapters stay as they are
        for name, alliance in self.story.alliances.items():
            mine = {"duty": self.duty, "coming": self.coming} if name == self.stage else {}
            self.deeds[name] = Deeds(self.story, alliance, mine)
        self.story.at(
            OPENING, 9, 30, partial(load, "resources", "服务资源清单.xlsx", actor=self._administrator)
        )
        self.story.at(OPENING, 10, 0, self._open_doors)
        self.story.at(OPENING, 11, 0, self._open_venues)
        for course in words.STAGE:
            self.tell(self.deeds[self.stage], course)
        others = [name for name in self.story.alliances if name != self.stage]
        for number, name in enumerate(others):
            for course in self._elsewhere(number, self.story.alliances[name]):
                self.tell(self.deeds[name], course)
        self._book()
        self.story.at(date(2026, 3, 31), 8, 30, self._history)

    def look(self) -> None:
        """Everything here has its day."""

    @property
    def _administrator(self) -> User | None:
        return self.story.cast.administrator

    # --- courses ----------------------------------------------------------------------------------------------------

    def tell(self, deeds: Deeds, course: Course) -> None:
        """Put a demand and all that becomes of it into the quarter."""
        moment = datetime.combine(course.raised, time(8, 40)) + timedelta(minutes=self.random.randint(0, 480))
        self._put(moment, partial(deeds.come_in, course))
        for one in course.steps:
            if one.after:
                morning = datetime.combine(self.story.days.add(moment.date(), one.after), time(9, 5))
                moment = morning + timedelta(minutes=self.random.randint(0, 240))
            else:
                moment += timedelta(minutes=40)
            self._put(moment, partial(deeds.do, course, one.verb, one.what))

    def _put(self, moment: datetime, deed: Callable[[], None]) -> None:
        self.story.at(moment.date(), moment.hour, moment.minute, deed)

    def _elsewhere(self, number: int, alliance: Alliance) -> list[Course]:
        """Three demands of another community: one through, one being served, one that has just come."""
        units = [
            m.unit.name
            for m in Member.objects.current().filter(alliance=alliance).select_related("unit").order_by("pk")
        ]
        texts = [words.ELSEWHERE[(number * 3 + place) % len(words.ELSEWHERE)] for place in range(3)]
        names = self.deeds[alliance.organisation.name].names
        names.update(
            {
                f"unit{place}": self._member(alliance, units[(number + place) % len(units)])
                for place in range(2)
            }
        )
        who = [
            (f"{'冯陈蒋沈韩杨朱'[number]}{['玉兰', '家明', '素芬'][place]}", f"1390000{72 + number}{place}0")
            for place in range(3)
        ]
        key = alliance.organisation.code
        first, second, third = texts
        return [
            Course(
                date(2026, 1, 13) + timedelta(days=5 * number), QR, first[:2], first[2],
                (
                    step(1, "open"),
                    step(1, "take", unit="unit0", measures=first[3]),
                    step(6, "deliver", unit="unit0", volunteers=4 + number),
                    step(1, "accept", unit="unit0"),
                    step(2, "answer", satisfaction=words.GOOD if number % 2 else words.VERY_GOOD, opinion=first[4]),
                ),
                *who[0], station=0, key=f"{key}-1",
            ),
            Course(
                date(2026, 3, 11) + timedelta(days=number), "phone", second[:2], second[2],
                (step(1, "open"), step(2, "take", unit="unit1", measures=second[3]), step(2, "note", unit="unit1", words="已到现场查看，正在安排。")),
                *who[1], station=0, key=f"{key}-2",
            ),
            Course(
                date(2026, 3, 24) + timedelta(days=number % 5), QR, third[:2], third[2],
                (step(1, "open"),) if number % 2 else (), *who[2], station=None, key=f"{key}-3",
            ),
        ]  # fmt: skip

    @staticmethod
    def _member(alliance: Alliance, unit: str) -> Member:
        return Member.objects.select_related("unit", "alliance__organisation").get(
            alliance=alliance, unit__name=unit
        )

    # --- doors and venues -------------------------------------------------------------------------------------------

    def _open_doors(self) -> None:
        """A code on the wall of every community, of all stations of the stage, and of one station elsewhere."""
        for name, deeds in self.deeds.items():
            stations = deeds.stations if name == self.stage else deeds.stations[:1]
            for place in (deeds.alliance.organisation, *stations):
                intake.open_door(place, deeds.alliance, actor=deeds.staff)

    def _venue(self, unit: str, name: str) -> Resource:
        rows = Resource.objects.select_related("member__unit", "alliance__organisation")
        return rows.get(member__unit__name=unit, name=name)

    def _open_venues(self) -> None:
        """Evenings for units, Saturdays for residents too."""
        hours = [Hours(weekday, time(9), time(20)) for weekday in range(5)]
        hours.append(Hours(5, time(9), time(17), for_residents=True))
        for unit, name, capacity, seats in VENUES:
            venue = self._venue(unit, name)
            offering = Offering(
                kind=ResourceKind.VENUE,
                name=venue.name,
                description=venue.description,
                quantity=venue.quantity,
                available_when=venue.available_when,
                audience=venue.audience,
                contact_name=venue.contact_name,
                contact_phone=venue.contact_phone,
                is_bookable=True,
                capacity=capacity,
                seats=seats,
            )
            actor = self.story.liaison(venue.member)
            resources.set_hours(resources.change(venue, offering, actor=actor), hours, actor=actor)

    # --- bookings ---------------------------------------------------------------------------------------------------

    def _book(self) -> None:
        """Asked by units, the community and residents; used, confirmed, refused, taken back, waiting for an answer."""
        library, games, meeting = VENUES
        at = self.story.at
        at(
            date(2026, 2, 25),
            10,
            15,
            lambda: self._unit_books(library, "县书法家协会", date(2026, 3, 4), "写春联作品展"),
        )
        at(date(2026, 2, 26), 9, 20, lambda: self._answer(library, "confirm", ""))
        at(date(2026, 3, 5), 9, 10, lambda: self._use(library))
        at(
            date(2026, 3, 12),
            11,
            0,
            lambda: self._unit_books(library, "县家政服务行业协会", date(2026, 3, 25), "家政技能培训"),
        )
        at(
            date(2026, 3, 13),
            9,
            40,
            lambda: self._answer(library, "decline", "当天已安排馆内活动，请改约4月"),
        )
        at(
            date(2026, 3, 18),
            15,
            0,
            lambda: self._resident_books(games, date(2026, 4, 4), "亲子游戏", "孔文博", "13800007114"),
        )
        at(date(2026, 3, 19), 10, 0, lambda: self._answer(games, "confirm", "请提前十分钟到，换鞋入内"))
        at(
            date(2026, 3, 30),
            9,
            50,
            lambda: self._resident_books(
                games, date(2026, 4, 11), "孩子过生日，八个小朋友", "许永清", "13900007121"
            ),
        )
        at(date(2026, 3, 27), 16, 0, lambda: self._office_books(meeting, date(2026, 4, 8), "楼院议事会"))

    @staticmethod
    def _slot(day: date, purpose: str) -> Slot:
        start = datetime.combine(day, time(14), tzinfo=clock.ZONE)
        return Slot(start, start + timedelta(hours=2), purpose, heads=12)

    def _unit_books(self, venue: tuple[str, str, int, int], unit: str, day: date, purpose: str) -> None:
        member = self.deeds[self.stage].member(unit)
        bookings.ask_for_unit(
            self._venue(*venue[:2]), member, self._slot(day, purpose), actor=self.story.liaison(member)
        )

    def _office_books(self, venue: tuple[str, str, int, int], day: date, purpose: str) -> None:
        deeds = self.deeds[self.stage]
        bookings.ask_for_office(
            self._venue(*venue[:2]), deeds.alliance, self._slot(day, purpose), actor=deeds.staff
        )

    def _resident_books(
        self, venue: tuple[str, str, int, int], day: date, purpose: str, name: str, phone: str
    ) -> None:
        bookings.ask_for_resident(
            self._venue(*venue[:2]),
            self._slot(day, purpose),
            name=name,
            phone=phone,
            form_key=f"demo-{day}",
            has_consented=True,
        )

    def _answer(self, venue: tuple[str, str, int, int], how: str, words_: str) -> None:
        booking = self._venue(*venue[:2]).bookings.select_related("alliance", "member").latest("pk")
        answer = bookings.confirm if how == "confirm" else bookings.decline
        answer(booking, words_, actor=self.story.liaison(booking.resource.member))

    def _use(self, venue: tuple[str, str, int, int]) -> None:
        booking = self._venue(*venue[:2]).bookings.select_related("alliance").latest("pk")
        bookings.use(booking, actor=self.story.liaison(booking.resource.member))

    # --- history ----------------------------------------------------------------------------------------------------

    def _history(self) -> None:
        """The county's books as they stood on 31 March, imported the way its office would."""
        for kind, book in HISTORY:
            load(kind, book, actor=self._administrator)
