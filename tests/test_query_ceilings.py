"""Every page that lists something: the same number of queries with one row as with three, and never more than twelve.

The count of each page is written out: a page that grows by a query fails here first, and is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from alliances import clock
from alliances.enums import AgreementKind, Channel, DutyMode, Level, MessageState, Role
from alliances.models import (
    Agreement,
    Alliance,
    DayCorrection,
    ImportDraft,
    Member,
    Message,
    ReminderLine,
    User,
)
from alliances.services import audit
from rotation.enums import PlanState, SwapState, VersionOrigin, WishSource
from rotation.models import Duty, Meeting, Plan, PlanVersion, Slip, Swap, Wish
from rotation.selectors import tables as standing
from rotation.services import slips
from tests import (
    ceilings_activities,
    ceilings_assessments,
    ceilings_demands_claims,
    ceilings_demands_hall,
    ceilings_demands_intake,
    ceilings_demands_lists,
    ceilings_demands_residents,
    ceilings_demands_resources,
    ceilings_demands_stations,
    ceilings_figures,
    ceilings_meetings,
    ceilings_quarter_office,
    ceilings_scoring,
    ceilings_year_end,
    routes_assessments,
)
from tests.cast import NOW
from tests.conftest import client_of
from tests.factories import people
from tests.factories import rotation as tables
from tests.routes import DEMANDS
from tests.routes_activities import town_activities
from tests.routes_circle import town_entries
from tests.routes_figures import town_commitments
from tests.routes_meetings import town_meetings
from tests.routes_scoring import town_scoring
from tests.routes_year_end import town_year_end
from tests.test_access_matrix import NOT_HERE, TABLE

pytestmark = pytest.mark.django_db
CEILING = 12
# Pages that ask every app what it knows, and what they may cost (decision 0011).
DESK_CEILING = 17
ASK_EVERY_APP = {"alliances:desk", "alliances:desk-month", "alliances:member", "rotation:month"}


@dataclass
class Town:
    """A county whose first community has ``n`` of everything, and ``n`` communities beside it for the offices."""

    alliance: Alliance
    members: list[Member]
    plan: Plan
    slip: Slip
    swap: Swap
    users: dict[str, User]
    meetings: dict[str, Meeting]
    scoring: dict[str, Any]
    loop: dict[str, Any]


def build(n: int) -> Town:
    county = people.place("丙县", Level.COUNTY)
    street = people.place("丙街道", Level.STREET, county)
    alliances = [people.alliance(people.place(f"丙{i}社区", Level.COMMUNITY, street)) for i in range(n + 1)]
    home = alliances[0]
    place = home.organisation
    users = {
        "secretary": people.user("书记", Role.SECRETARY, place),
        "office": people.user("县委组织部", Role.OFFICE, county),
        "administrator": people.user("管理员", Role.ADMINISTRATOR, county),
        "auditor": people.user("审计员", Role.AUDITOR, county),
    }
    members = _members(home, n, users)
    plan = tables.plan(home, 2026, {month: [members[month % n]] for month in range(3, 3 + 3)})
    for alliance in alliances[1:]:
        other = people.member(alliance, f"{alliance.name}单位")
        people.liaison(other, f"{alliance.name}联络员")
        tables.plan(alliance, 2026, {3: [other]})
    slip = _rotation(home, plan, members, n, users["secretary"])
    for alliance in alliances[1:]:
        slips.issue(_duties(alliance.plans.get())[0])
    meetings = town_meetings(home, members, Meeting.objects.get(duty=slip.duty), users["secretary"])
    town_activities(home, slip.duty, members, users["secretary"])
    town_entries(home, n, users["secretary"])
    town_commitments(home, members, users["secretary"])
    _papers(home, n, users)
    swap = Swap.objects.filter(alliance=home).first()
    assert swap
    ceilings_quarter_office.town_quarter(alliances[1:])
    scored = town_scoring(home, _duties(home.plans.get(year=2025))[0], members, users["secretary"])
    loop: dict[str, Any] = {}
    for part in DEMANDS:
        loop |= part.town(home, members, users)
    loop |= routes_assessments.town(home, members, users)
    town_year_end(alliances, members, users)
    return Town(home, members, plan, slip, swap, users, meetings, scored, loop)


def _members(home: Alliance, n: int, users: dict[str, User]) -> list[Member]:
    """``n`` units, each with a leader, a liaison with an account, an agreement; stations and staff beside."""
    members = people.members(home, {f"丙单位{i}": DutyMode.SOLO for i in range(n)})
    for i, member in enumerate(members):
        users[f"liaison{i}"] = people.liaison(member, f"联络员{i}")
        people.appoint(people.contact(f"负责人{i}"), Role.LEADER, member)
        Agreement.objects.create(
            alliance=home, member=member, kind=AgreementKind.JOINT, signed_on=date(2025, 1, 1)
        )
        Wish.objects.create(alliance=home, member=member, year=2027, source=WishSource.FORM)
        people.user(f"工作人员{i}", Role.STAFF, home.organisation)
        station = people.place(f"小区{i}服务站", Level.STATION, home.organisation)
        people.user(f"站长{i}", Role.STATION, station)
    return members


def _duties(plan: Plan) -> list[Duty]:
    return list(plan.duties.select_related("plan", "alliance__organisation").order_by("month"))


def _rotation(home: Alliance, plan: Plan, members: list[Member], n: int, actor: User) -> Slip:
    """``n`` slips that wait, ``n`` open changes, a draft of next year with ``n`` versions."""
    duties = _duties(plan)
    issued = [slips.issue(duty) for duty in duties[:n]]
    assert issued[0]
    past = tables.plan(home, 2025, {m: [members[0]] for m in range(1, n + 1)}, state=PlanState.CLOSED)
    for serial, duty in enumerate(_duties(past), 1):
        tables.signed_slip(duty, serial, date(2025, duty.month, 6))
    for i in range(n):
        swap = Swap.objects.create(
            alliance=home,
            plan=plan,
            kind="postpone",
            state=SwapState.ASKED,
            duty=duties[i],
            asker=members[i],
            until=date(2026, 7, 10),
            reason="有事",
            asked_by=actor,
        )
        audit.record("rotation.swap.ask", swap, actor=actor)
        audit.record("rotation.slip.nudge", issued[0], actor=None)
    draft = tables.plan(home, 2027, {m: [members[m % n]] for m in range(1, n + 1)}, state=PlanState.DRAFT)
    for number in range(1, n + 1):
        PlanVersion.objects.create(
            alliance=home,
            plan=draft,
            number=number,
            origin=VersionOrigin.HAND,
            months=standing.snapshot(draft),
            made_by=actor,
        )
    return issued[0]


def _papers(home: Alliance, n: int, users: dict[str, User]) -> None:
    """``n`` messages, corrected days and uploads."""
    Message.objects.update(state=MessageState.SENT, sent_at=clock.now())
    ReminderLine.objects.all().delete()
    for i in range(n):
        DayCorrection.objects.create(
            organisation=home.organisation, day=date(2026, 8, 3 + i), is_working=False, reason="培训"
        )
        for part in ("secretary", "liaison0", "office"):
            Message.objects.create(
                alliance=home,
                recipient=users[part].person,
                channel=Channel.INBOX,
                kind="test",
                subject=f"第{i}条",
                body="正文",
                dedupe_key=f"q{i}",
                state=MessageState.SENT,
                sent_at=clock.now(),
            )
        Message.objects.create(
            alliance=home,
            recipient=users["liaison0"].person,
            channel=Channel.EMAIL,
            kind="test",
            subject=f"失败{i}",
            body="正文",
            dedupe_key=f"f{i}",
            state=MessageState.FAILED,
            error="550",
        )
        ImportDraft.objects.create(
            owner=users["secretary"],
            organisation=home.organisation,
            kind="members",
            file_name=f"名册{i}.xlsx",
            content=b"",
            report={},
            created_at=clock.now() - timedelta(hours=i),
        )


def at(name: str, *args: object) -> Callable[[Town], str]:
    return lambda town: reverse(name, args=args)


def year(number: int, name: str = "rotation:year") -> Callable[[Town], str]:
    return lambda town: reverse(name, args=[town.alliance.code, number])


# page: (who looks, its address, how many queries)
PAGES: dict[str, tuple[str, Callable[[Town], str], int]] = {
    "desk of the secretary": ("secretary", at("alliances:desk"), 17),
    "desk of a liaison": ("liaison0", at("alliances:desk"), 17),
    "month on the desk": ("secretary", at("alliances:desk-month"), 11),
    "month on a liaison's desk": ("liaison0", at("alliances:desk-month"), 11),
    "news on the desk": ("secretary", at("alliances:desk-news"), 6),
    "desk of an office": ("office", at("alliances:desk"), 15),
    "desk of the administrator": ("administrator", at("alliances:desk"), 7),
    "office": ("office", at("alliances:office"), 12),
    "members": ("secretary", at("alliances:members"), 6),
    "members for a liaison": ("liaison0", at("alliances:members"), 6),
    "member": ("secretary", lambda town: reverse("alliances:member", args=[town.members[0].pk]), 13),
    "posts": ("secretary", at("alliances:posts"), 6),
    "accounts": ("administrator", at("alliances:accounts"), 6),
    "account": (
        "administrator",
        lambda town: reverse("alliances:account", args=[town.users["liaison0"].person_id]),
        8,
    ),
    "appoint": ("administrator", at("alliances:appoint"), 5),
    "inbox": ("secretary", at("alliances:inbox"), 5),
    "outbox": ("secretary", at("alliances:outbox"), 5),
    "settings": ("secretary", at("alliances:settings"), 6),
    "days": ("secretary", at("alliances:days"), 6),
    "log": ("auditor", at("alliances:log"), 5),
    "status": ("administrator", at("alliances:status"), 8),
    "imports": ("secretary", at("alliances:imports"), 5),
    "import of a roster": (
        "administrator",
        lambda town: reverse("alliances:import-new", args=["members"]),
        5,
    ),
    "export of the ledger": ("office", lambda town: reverse("alliances:export", args=["ledger"]), 5),
    "year": ("secretary", year(2026), 8),
    "year for a liaison": ("liaison0", year(2026), 8),
    "year in draft": ("secretary", year(2027), 10),
    "year of the past": ("secretary", year(2025), 8),
    "year paper": ("secretary", year(2026, "rotation:year-sheet"), 10),
    "versions": ("secretary", year(2027, "rotation:year-compare"), 7),
    "wishes": ("secretary", year(2027, "rotation:wishes"), 7),
    "wish": ("liaison0", lambda town: reverse("rotation:wish", args=[town.members[0].pk, 2027]), 7),
    "swaps": ("secretary", at("rotation:swaps"), 5),
    "swap": ("secretary", lambda town: reverse("rotation:swap", args=[town.swap.pk]), 8),
    "asking for a swap": (
        "secretary",
        lambda town: reverse("rotation:swap-new", args=[town.plan.duties.get(month=5).pk]),
        11,
    ),
    "ledger": ("secretary", at("rotation:ledger"), 8),
    "ledger of an office": ("office", at("rotation:ledger"), 9),
    "slip": ("secretary", lambda town: reverse("rotation:slip", args=[town.slip.pk]), 8),
    "slip for its liaison": ("liaison0", lambda town: reverse("rotation:slip", args=[town.slip.pk]), 7),
    "recording a receipt": (
        "secretary",
        lambda town: reverse("rotation:slip-record", args=[town.slip.pk]),
        7,
    ),
}
PAGES |= ceilings_quarter_office.PAGES
PAGES |= ceilings_meetings.PAGES | ceilings_activities.PAGES | ceilings_scoring.PAGES
PAGES |= ceilings_figures.PAGES
PAGES |= ceilings_assessments.PAGES
PAGES |= ceilings_year_end.PAGES
LOOP = (
    ceilings_demands_residents,
    ceilings_demands_intake,
    ceilings_demands_hall,
    ceilings_demands_claims,
    ceilings_demands_stations,
    ceilings_demands_resources,
    ceilings_demands_lists,
)
for part in LOOP:
    PAGES |= part.PAGES


# Pages that are looked at by somebody who asks for one thing, not lists; each is a form or a file.
FORMS = {
    "alliances:circle-file",
    "alliances:complaint",
    "alliances:export",
    "alliances:health",
    "alliances:import-draft",
    "alliances:import-template",
    "alliances:invitation",
    "alliances:member-agreement",
    "alliances:member-edit",
    "alliances:member-leave",
    "alliances:member-liaison",
    "alliances:member-new",
    "alliances:message",
    "evaluations:comment-paper",
    "evaluations:feedback-paper",
    "evaluations:resident-ballot",
    "evaluations:resident-code",
    "evaluations:resident-thanks",
    "evaluations:resident-venue",
    "evaluations:venue-paper",
    "rotation:meeting-paper",
    "rotation:activity-paper",
    "rotation:activity-photo",
    "rotation:slip-paper",
    "rotation:this-month",
    "rotation:this-year",
    "rotation:year-describe",
    "rotation:year-paper",
    "rotation:year-pass",
}
FORMS |= ceilings_quarter_office.FORMS
for part in (*LOOP, ceilings_assessments):
    FORMS |= part.FORMS
FORMS |= ceilings_year_end.FORMS


@pytest.fixture(scope="module")
def towns(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[int, Town]]:
    """A county with one of everything beside a county with three."""
    with django_db_blocker.unblock(), clock.at(NOW), transaction.atomic():
        yield {n: build(n) for n in (1, 3)}
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", PAGES)
def test_queries_of_a_page(name: str, towns: dict[int, Town]) -> None:
    part, url, literal = PAGES[name]
    counts = {n: queries_of(client_of(town.users[part]), url(town)) for n, town in towns.items()}
    assert {n: len(found) for n, found in counts.items()} == {1: literal, 3: literal}, listing(counts)
    asks_all = resolve(url(towns[1]).split("?")[0]).view_name in ASK_EVERY_APP
    assert literal <= (DESK_CEILING if asks_all else CEILING)


def test_every_page_that_can_be_looked_at_is_counted(towns: dict[int, Town]) -> None:
    counted = {resolve(url(towns[1]).split("?")[0]).view_name for _, url, _ in PAGES.values()}
    looked_at = {
        route.split(" ")[0]
        for route, (row, _) in TABLE.items()
        if row is not NOT_HERE and route.startswith(("alliances:", "demands:", "rotation:", "evaluations:"))
    } - {"alliances:big-type"}
    assert looked_at - counted - FORMS == set()


def queries_of(client: Client, url: str) -> list[str]:
    """SQL of the second look: the first notes the session and fills caches that live with the process."""
    for _ in range(2):
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            response = client.get(url)
        assert response.status_code == 200, (url, response.status_code)
    return [q["sql"] for q in queries]


def listing(counts: dict[int, list[str]]) -> str:
    return "\n".join(f"-- {n}\n" + "\n".join(sql[:160] for sql in found) for n, found in counts.items())
