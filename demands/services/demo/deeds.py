"""The deeds of the demo's demand loop, each through the service that a screen would call, by whoever would press the button.

Units whose liaisons have no account speak by phone and stations without one on paper; staff write it down.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from alliances.enums import Level, Role, Via
from alliances.models import Alliance, Appointment, Member, Organisation, User
from alliances.services.demo_people import at_work, holder, read_inbox
from demands.enums import CallBackMethod, CallBackState, ExtensionState, OfferState
from demands.models import CallBack, Claim, Demand, Extension, IntakePoint, Offer
from demands.services import (
    acceptance,
    callbacks,
    categories,
    claims,
    dispatch,
    intake,
    notes,
    privacy,
    review,
    tracking,
)
from demands.services.demo.story import DOORS, QR, UNIT, Course, Story
from demands.services.intake import Asked

CLAIM_PARTS = (
    "demand__alliance__organisation", "demand__station", "demand__category", "member__unit",
    "member__alliance__organisation", "alliance__organisation",
)  # fmt: skip
DEMAND_PARTS = ("alliance__organisation", "station", "category", "shared_to")


@dataclass
class Deeds:
    """Does what the courses of one community say. ``names`` are its own words for units (``duty``, ``coming``)."""

    story: Story
    alliance: Alliance
    names: dict[str, Member] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    _demands: dict[str, int] = field(default_factory=dict)
    _staff: User | None = None

    def __post_init__(self) -> None:
        place = self.alliance.organisation
        self.stations = list(Organisation.objects.filter(parent=place, level=Level.STATION).order_by("path"))

    # --- people ---------------------------------------------------------------------------------------------------

    @property
    def staff(self) -> User:
        if self._staff is None:
            self._staff = at_work(Role.STAFF, self.alliance)
        return self._staff

    @property
    def secretary(self) -> User:
        return at_work(Role.SECRETARY, self.alliance)

    def member(self, unit: str) -> Member:
        """The unit's membership here; a unit of another community by its earliest."""
        if unit not in self.names:
            rows = Member.objects.current().filter(unit__name=unit)
            here = rows.filter(alliance=self.alliance).first() or rows.order_by("joined_on", "pk").first()
            if here is None:
                raise LookupError(f"no unit is called {unit}")
            self.names[unit] = here
        return self.names[unit]

    def _acting(self, member: Member) -> tuple[User, str]:
        """Who acts for a unit, and how."""
        if member.pk in self.story.offline:
            return self.staff, Via.PHONE
        return self.story.liaison(member), Via.SCREEN

    def _station(self, demand: Demand) -> tuple[User, dict[str, Any]]:
        """Who accepts, and what is written down of a visit on paper."""
        if demand.station is None:
            return self.staff, {}
        post = Appointment.objects.current().filter(role=Role.STATION, organisation=demand.station)
        person = post.select_related("person").order_by("pk")[0].person
        user = User.objects.filter(person=person).first()
        return (user, {}) if user else (self.staff, {"via": Via.PAPER, "inspector_name": person.name})

    # --- rows -----------------------------------------------------------------------------------------------------

    def demand(self, key: str) -> Demand:
        return Demand.objects.select_related(*DEMAND_PARTS).get(pk=self._demands[key])

    def claim(self, key: str, unit: str) -> Claim:
        rows = Claim.objects.standing().select_related(*CLAIM_PARTS)
        return rows.get(demand=self._demands[key], member=self.member(unit))

    def call_back(self, key: str) -> CallBack:
        """The latest one that is open."""
        rows = CallBack.objects.filter(acceptance__claim__demand=self._demands[key])
        parts = [f"acceptance__claim__{part}" for part in CLAIM_PARTS]
        return rows.exclude(state=CallBackState.ANSWERED).select_related("author", *parts).latest("pk")

    # --- coming in ------------------------------------------------------------------------------------------------

    def come_in(self, course: Course) -> None:
        category = categories.ensure(*course.category, actor=self.staff)
        station = None if course.station is None else self.stations[course.station]
        asked = Asked(
            category=category,
            content=course.content,
            source=DOORS.get(course.door, ""),
            station=station,
            urgency=course.urgency,
            name=course.name,
            phone=course.phone,
            has_consented=bool(course.name or course.phone),
        )
        key = f"demo-{course.key}"  # the form's: the same story has the same codes
        if course.door == UNIT:
            unit = self.member(course.unit)
            demand = intake.ask_for_unit(unit, asked, actor=self.story.liaison(unit))
        else:
            if course.door == QR:
                point = IntakePoint.objects.select_related("organisation", "alliance__organisation")
                place = station or self.alliance.organisation
                done = intake.order(point.get(organisation=place, closed_at=None), asked, form_key=key)
            else:
                done = intake.take_in(self.alliance, asked, form_key=key, actor=self.staff)
            demand, self.codes[course.key] = done.demand, done.code
        self._demands[course.key] = demand.pk

    def do(self, course: Course, verb: str, what: dict[str, Any]) -> None:
        getattr(self, verb)(course.key, **what)

    # --- the office -------------------------------------------------------------------------------------------------

    def open(self, key: str, *, hall: bool = True) -> None:
        review.open_(self.demand(key), to_hall=hall, actor=self.staff)
        read_inbox(self.staff)

    def decline(self, key: str, *, reason: str) -> None:
        review.decline(self.demand(key), reason, actor=self.staff)

    def merge(self, key: str, *, into: str) -> None:
        review.merge(self.demand(key), self.demand(into), actor=self.staff)

    def give_up(self, key: str, *, why: str, sentence: str) -> None:
        review.give_up(self.demand(key), why, sentence, actor=self.staff)

    def hand_up(self, key: str, *, note: str) -> None:
        review.hand_up(self.demand(key), note, actor=self.secretary)

    def share(self, key: str, *, to: str, words: str = "") -> None:
        place = self.alliance.organisation
        office = next(
            one for one in (place.parent, place.parent and place.parent.parent) if one and one.level == to
        )
        review.share(self.demand(key), office, words, actor=self.secretary)

    def offer(self, key: str, *, units: tuple[str, ...], note: str = "") -> None:
        members = [self.member(unit) for unit in units]
        dispatch.offer(self.demand(key), members, note=note, actor=self.staff)

    def withdraw(self, key: str) -> None:
        """The resident, by the code."""
        author = tracking.find(self.codes[key])
        if author is None:
            raise LookupError(f"nobody has the code of {key}")
        tracking.withdraw(author)

    # --- units ------------------------------------------------------------------------------------------------------

    def say_no(self, key: str, *, unit: str, reason: str) -> None:
        rows = Offer.objects.filter(
            demand=self._demands[key], member=self.member(unit), state=OfferState.OFFERED
        )
        row = rows.select_related("demand__alliance__organisation", "member__unit").get()
        actor, via = self._acting(row.member)
        dispatch.decline(row, reason, via=via, actor=actor)

    def take(self, key: str, *, unit: str, measures: str, part: str = "lead") -> None:
        member = self.member(unit)
        actor, via = self._acting(member)
        person = holder(Role.LIAISON, member).person
        promise = claims.Promise(
            measures=measures, responsible=person.name, responsible_phone=person.phone, part=part
        )
        claims.take(self.demand(key), member, promise, via=via, actor=actor)
        read_inbox(actor)

    def note(self, key: str, *, unit: str, words: str) -> None:
        claim = self.claim(key, unit)
        actor, via = self._acting(claim.member)
        notes.add(claim, words, via=via, actor=actor)

    def extend(self, key: str, *, unit: str, days: int, reason: str) -> None:
        claim = self.claim(key, unit)
        actor, via = self._acting(claim.member)
        claims.ask_extension(claim, claim.due_on + timedelta(days=days), reason, via=via, actor=actor)

    def grant(self, key: str, *, unit: str) -> None:
        row = Extension.objects.filter(claim=self.claim(key, unit), state=ExtensionState.ASKED)
        parts = [f"claim__{part}" for part in CLAIM_PARTS]
        claims.grant_extension(row.select_related(*parts).get(), actor=self.staff)

    def hand_back(self, key: str, *, unit: str, reason: str) -> None:
        claim = self.claim(key, unit)
        actor, via = self._acting(claim.member)
        claims.hand_back(claim, reason, via=via, actor=actor)

    def deliver(self, key: str, *, unit: str, volunteers: int | None = None, result: str = "") -> None:
        claim = self.claim(key, unit)
        actor, via = self._acting(claim.member)
        claims.deliver(claim, volunteers=volunteers, result=result, via=via, actor=actor)
        read_inbox(actor)

    def release(self, key: str, *, unit: str) -> None:
        privacy.release(self.claim(key, unit), actor=self.secretary)

    # --- acceptance and call-back -------------------------------------------------------------------------------------

    def accept(self, key: str, *, unit: str, mended: str = "") -> None:
        claim = self.claim(key, unit)
        actor, how = self._station(claim.demand)
        acceptance.accept(claim, mended=mended, actor=actor, **how)
        read_inbox(actor)

    def send_back(self, key: str, *, unit: str, to_mend: str) -> None:
        claim = self.claim(key, unit)
        actor, how = self._station(claim.demand)
        acceptance.send_back(claim, to_mend, actor=actor, **how)

    def answer(self, key: str, *, satisfaction: str, opinion: str = "", follow_up: str = "") -> None:
        call_back = self.call_back(key)
        actor, _ = self._station(call_back.acceptance.claim.demand)
        author = call_back.author
        method = CallBackMethod.PHONE if author and author.phone else CallBackMethod.ON_SITE
        given = callbacks.Answer(satisfaction, method, opinion, follow_up)
        callbacks.answer(call_back, given, actor=actor)

    def answer_by_link(self, key: str, *, satisfaction: str, opinion: str = "") -> None:
        """Staff send the link, the resident answers."""
        found = callbacks.by_link(callbacks.link(self.call_back(key), actor=self.staff))
        if found is None:
            raise LookupError(f"the link of {key} leads nowhere")
        callbacks.answer_by_link(found, satisfaction, opinion)

    def miss(self, key: str) -> None:
        call_back = self.call_back(key)
        actor, _ = self._station(call_back.acceptance.claim.demand)
        callbacks.miss(call_back, actor=actor)
