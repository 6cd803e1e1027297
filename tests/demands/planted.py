"""Residents with names that stand nowhere else, in demands of every state; and the search for them in whatever comes out.

What counts: the *fields* name and phone, of demands' authors and of residents who book a venue. In full they must not
appear anywhere but in the answer to a reveal and in the list with contacts. Names are also typed *into words* (``typed``:
the need, measures, progress, what to mend, the residents' opinions): those are read by whoever may open the contact, and
by nobody else.
Words of sensitive demands stay in the community: its own people and units read them, nobody else.
"""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from django.db import connection

from alliances import clock
from alliances.models import Member
from demands.models import (
    Author,
    Booking,
    CallBack,
    Claim,
    Demand,
    Extension,
    IntakePoint,
    NotePhoto,
    Offer,
    Resource,
)
from demands.services import (
    acceptance,
    bookings,
    callbacks,
    claims,
    dispatch,
    intake,
    notes,
    privacy,
    resources,
    review,
    tracking,
)
from demands.services.bookings import Slot
from demands.services.callbacks import Answer
from demands.services.claims import Promise
from demands.services.intake import Asked
from demands.services.resources import Hours
from tests.cast import Cast
from tests.demands import loop
from tests.factories import demands as lists
from tests.pictures import jpeg

SURNAME = "亓官"  # nobody else here is called so
GIVEN = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"
# Sensitive words hold this, and a number each.
SECRET_WORDS = "家里病历的原话"
# Of the other helpers' objects: everybody whom ``tests.routes`` furnishes.
FURNISHED = {"方小超": "13800003449"}
PROMISE = Promise("派人上门", "钱新民")


@dataclass
class Planted:
    """``people``: name → phone. ``codes``: by which residents come back. Rows by what was done with them."""

    cast: Cast
    people: dict[str, str] = field(default_factory=lambda: dict(FURNISHED))
    typed: set[str] = field(default_factory=set)  # of the people, those whose names stand in words
    demands: dict[str, Demand] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    point: IntakePoint | None = None
    venue: Resource | None = None
    booking_codes: list[str] = field(default_factory=list)
    _number: count = field(default_factory=count)

    def person(self) -> dict[str, Any]:
        number = next(self._number)
        name = f"{SURNAME}{GIVEN[number // len(GIVEN)]}{GIVEN[number % len(GIVEN)]}"
        self.people[name] = f"139008{number:05d}"
        return {"name": name, "phone": self.people[name], "has_consented": True}

    @property
    def untyped(self) -> dict[str, str]:
        """People who stand in no words."""
        return {name: phone for name, phone in self.people.items() if name not in self.typed}

    def take_in(self, key: str, **fields: Any) -> Demand:
        sensitive = fields.get("is_sensitive")
        words = f"{SECRET_WORDS}{len(self.demands)}" if sensitive else f"{key}的需求，请帮忙"
        cast, person = self.cast, self.person()
        if key.startswith("typed"):
            self.typed.add(person["name"])
            words = f"{person['name']}家{words}，电话{person['phone']}"
        asked = Asked(
            category=lists.category(),
            content=words,
            station=cast.station_place,
            **person,
            **fields,
        )
        if key.startswith("qr") and self.point:
            done = intake.order(self.point, asked, form_key=key)
        else:
            done = intake.take_in(cast.alliance, asked, form_key=key, actor=cast.staff)
        self.demands[key], self.codes[key] = done.demand, done.code
        return done.demand

    def opened(self, key: str, **fields: Any) -> Demand:
        return review.open_(self.take_in(key, **fields), actor=self.cast.staff)

    def claimed(self, key: str, **fields: Any) -> Claim:
        return claims.take(
            self.opened(key, **fields), loop.member(self.cast), PROMISE, actor=self.cast.liaison
        )

    def told_of(self, key: str, demand: Demand) -> tuple[str, str]:
        """Name and phone of who asked for it."""
        self.demands[key] = demand
        author = Author.objects.get(demand=demand)
        return author.name, author.phone

    def accepted(self, key: str, **fields: Any) -> CallBack:
        claim = claims.deliver(self.claimed(key, **fields), actor=self.cast.liaison)
        visit = acceptance.accept(claim, actor=self.cast.station)
        return CallBack.objects.select_related("acceptance__claim__demand__station", "author").get(
            acceptance=visit
        )


def plant(cast: Cast) -> Planted:
    """Everybody, everywhere in the loop."""
    planted = Planted(cast)
    planted.point = intake.open_door(cast.station_place, cast.alliance, actor=cast.staff)
    _reviewed(planted)
    _served(planted)
    _typed(planted)
    _beyond(planted)
    _booked(planted)
    return planted


def _reviewed(planted: Planted) -> None:
    """Demands that nobody serves."""
    cast = planted.cast
    planted.take_in("submitted")
    planted.take_in("submitted-sensitive", is_sensitive=True)
    planted.take_in("qr")
    planted.opened("open")
    planted.opened("open-sensitive", is_sensitive=True)
    review.decline(planted.take_in("declined"), "不属社区办理", actor=cast.staff)
    review.decline(planted.take_in("declined-sensitive", is_sensitive=True), "不属社区办理", actor=cast.staff)
    review.merge(planted.take_in("merged"), planted.demands["open"], actor=cast.staff)
    author = tracking.find(planted.take_in("withdrawn") and planted.codes["withdrawn"])
    assert author
    tracking.withdraw(author)
    review.give_up(planted.opened("unresolved"), "no_unit", "多次派单无人承接", actor=cast.staff)
    review.hand_up(planted.opened("handed-up"), "请街道协调", actor=cast.secretary)
    offered = review.open_(planted.take_in("offered"), to_hall=False, actor=cast.staff)
    dispatch.offer(
        offered, [loop.member(cast), loop.member(cast, "县文体广电局")], note="请承接", actor=cast.staff
    )


def _served(planted: Planted) -> None:
    """Demands at work, delivered, accepted, asked about."""
    cast = planted.cast
    claim = planted.claimed("claimed")
    loop.joined(cast, planted.demands["claimed"])
    note = notes.add(claim, "已上门看过", actor=cast.liaison)
    notes.add_photo(note, jpeg(), actor=cast.liaison)
    claims.ask_extension(claim, claim.due_on + timedelta(days=5), "等配件", actor=cast.liaison)
    planted.claimed("claimed-sensitive", is_sensitive=True)
    privacy.release(planted.claimed("released", is_sensitive=True), actor=cast.secretary)
    claims.hand_back(planted.claimed("handed-back"), "人手不足", actor=cast.liaison)
    claims.deliver(planted.claimed("served"), volunteers=3, actor=cast.liaison)
    acceptance.send_back(
        claims.deliver(planted.claimed("returned"), actor=cast.liaison), "再整改", actor=cast.station
    )
    planted.accepted("closed")
    callbacks.link(planted.accepted("linked"), actor=cast.staff)
    callbacks.answer(planted.accepted("happy"), Answer("good"), actor=cast.station)
    callbacks.answer(
        planted.accepted("reopened", is_sensitive=True),
        Answer("bad", follow_up="马秀英上门"),
        actor=cast.station,
    )


def _typed(planted: Planted) -> None:
    """Names in the words of the need and of everything that is said about it."""
    cast = planted.cast
    demand = planted.opened("typed-open")
    review.merge(planted.take_in("typed-merged"), demand, actor=cast.staff)
    planted.claimed("typed-claimed")
    review.decline(planted.take_in("typed-declined"), "不属社区办理", actor=cast.staff)
    name, phone = planted.told_of("typed-work", planted.opened("typed-work"))
    promise = Promise(f"联系{name}，上门", "钱新民", title=f"{name}家报修")
    claim = claims.take(planted.demands["typed-work"], loop.member(cast), promise, actor=cast.liaison)
    notes.add(claim, f"已打{phone}，{name}在家", actor=cast.liaison)
    claims.ask_extension(claim, claim.due_on + timedelta(days=5), f"{name}外出", actor=cast.liaison)
    claims.deliver(claim, result=f"{name}家已修好", actor=cast.liaison)
    acceptance.send_back(claim, f"{name}家还漏水", actor=cast.station)
    claims.deliver(claim, result=f"{name}家又修过", actor=cast.liaison)
    visit = acceptance.accept(claim, mended=f"{name}家不漏了", actor=cast.station)
    answer = Answer("bad", opinion=f"我是{name}，还漏", follow_up=f"给{phone}回电话")
    call_back = CallBack.objects.select_related("acceptance__claim__demand__station", "author")
    callbacks.answer(call_back.get(acceptance=visit), answer, actor=cast.station)
    back = planted.claimed("typed-back")
    name, _ = planted.told_of("typed-back", back.demand)
    claims.hand_back(back, f"{name}不在家", actor=cast.liaison)


def _beyond(planted: Planted) -> None:
    """Demands in halls above; 县法院 of 清河社区 serves two of them."""
    cast = planted.cast
    review.share(planted.opened("shared"), cast.county_place, actor=cast.secretary)
    for key in ("shared-sensitive", "shared-claimed-sensitive"):
        demand = planted.opened(key, is_sensitive=True)
        review.share(demand, cast.county_place, "一户家庭需要照护", actor=cast.secretary)
    review.share(planted.opened("shared-claimed"), cast.county_place, actor=cast.secretary)
    foreign = cast.foreign_members["县法院"]
    for key in ("shared-claimed", "shared-claimed-sensitive"):
        demand = Demand.objects.get(pk=planted.demands[key].pk)
        claims.take(demand, foreign, PROMISE, actor=cast.foreign_liaison)


def _booked(planted: Planted) -> None:
    cast = planted.cast
    venue = lists.venue(loop.member(cast), name="植名报告厅", capacity=5)
    week = [Hours(day, time(8), time(18), for_residents=True) for day in range(7)]
    planted.venue = resources.set_hours(venue, week, actor=cast.liaison)
    day = date(2026, 3, 7)
    for hour, answer in ((9, ""), (10, "confirm"), (11, "decline"), (12, "cancel")):
        start = datetime.combine(day, time(hour), tzinfo=clock.ZONE)
        who = planted.person()
        done = bookings.ask_for_resident(
            venue, Slot(start, start + timedelta(hours=1), "排练"), form_key="", **who
        )
        planted.booking_codes.append(done.code)
        if answer == "cancel":
            bookings.cancel_by_resident(done.booking)
        elif answer:
            getattr(bookings, answer)(done.booking, "届时见", actor=cast.liaison)


# --- what a route may be asked about ----------------------------------------------------------------------------------

# By the beginning of an address; the longest that fits counts.
MODELS: dict[str, Any] = {
    "/demands/": Demand,
    "/demands/authors/": Author,
    "/demands/offers/": Offer,
    "/demands/claims/": Claim,
    "/demands/extensions/": Extension,
    "/demands/photos/": NotePhoto,
    "/demands/call-backs/": CallBack,
    "/demands/resources/": Resource,
    "/demands/menu/": Member,
    "/demands/bookings/": Booking,
    "/demands/doors/": IntakePoint,
}


def last_keys() -> dict[str, int]:
    """The newest key of every model before anybody is planted."""
    return {
        start: model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
        for start, model in MODELS.items()
    }


def objects_of(address: str, before: dict[str, int]) -> list[int]:
    """Keys of the planted rows that a route with this beginning may be asked about: all of them for a row's own page, a
    few for its deeds."""
    begins = max((start for start in MODELS if address.startswith(start)), key=len)
    model = MODELS[begins]
    if model is Member:
        return list(
            Member.objects.filter(resources__isnull=False).distinct().values_list("pk", flat=True)[:3]
        )
    keys = list(
        model._default_manager.filter(pk__gt=before[begins]).order_by("pk").values_list("pk", flat=True)
    )
    is_own_page = re.fullmatch(r"\d+/", address.removeprefix(begins))
    return keys if is_own_page else keys[:: max(len(keys) // 5, 1)]


# --- the search -------------------------------------------------------------------------------------------------------

_TIGHT = re.compile(r"[\s\-–—·()（）]+|&nbsp;")


def leaks(text: str, people: dict[str, str]) -> set[str]:
    """Who of ``people`` is named in ``text`` or can be rung, also with blanks and dashes between."""
    if SURNAME not in text and not any(name in text for name in FURNISHED):
        tight = _TIGHT.sub("", text)
        if "139008" not in tight and "13800003449" not in tight and SURNAME not in tight:
            return set()
        text = tight
    both = text + "\n" + _TIGHT.sub("", text)
    return {name for name, phone in people.items() if name in both or phone in both}


def words_of(response: Any) -> str:
    """Everything a response carries: its headers, and its body as text, unpacked where it is a package."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    head = "\n".join(f"{key}: {value}" for key, value in response.headers.items())
    return head + "\n" + text_of(body)


def text_of(body: bytes) -> str:
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            return "\n".join(text_of(package.read(name)) for name in package.namelist())
    if body.startswith(b"%PDF"):
        done = subprocess.run(["pdftotext", "-", "-"], input=body, stdout=subprocess.PIPE, check=True)
        return done.stdout.decode()
    text = body.decode("utf-8", errors="replace")
    # Word cuts a run of text wherever it likes.
    return text + re.sub(r"<[^>]+>", "", text) if text.lstrip().startswith("<?xml") else text


# Where typed words lie as they were typed, until the resident is forgotten.
WORDS = ("demand", "claim", "progressnote", "extension", "acceptance", "callback")


def database() -> str:
    """All that lies in the database, as it lies there: who steals it reads this much."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [f"{table} {row!r}" for row in cursor.fetchall()]
    return "\n".join(found)
