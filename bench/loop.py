"""The four lists of one county at scale, written in bulk: 24 communities, five years, one in eight still moving."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from alliances import clock
from alliances.enums import Level, Role
from alliances.models import Alliance, Member, Organisation, User
from bench import world
from demands.enums import CATEGORIES, DemandSource, ResourceKind
from demands.models import Acceptance, Author, CallBack, Category, Claim, Demand, Offer, Resource

BATCH = 2000
DAYS = 5 * 365
STATIONS = 5
SOURCES = [value for value, _ in DemandSource.choices]
KINDS = [value for value, _ in ResourceKind.choices]
ANSWERS = ["very_good", "good", "good", "fair", "very_good", "good", "bad", "unknown"]
# Of a hundred demands, in the order they turn up.
STATES = ["closed"] * 88 + ["open"] * 4 + ["claimed"] * 3 + ["served"] * 2 + ["declined"] * 2 + ["submitted"]


def found() -> dict[str, User]:
    """The county of ``world`` with stations, categories, and an office in its street."""
    users = world.found()
    for alliance in Alliance.objects.select_related("organisation"):
        for number in range(1, STATIONS + 1):
            world._place(alliance.organisation, number, Level.STATION, f"{alliance.name}{number}号站")
    Category.objects.bulk_create(
        Category(group=group, name=name) for group, names in CATEGORIES.items() for name in names
    )
    street = Organisation.objects.get(level=Level.STREET)
    users["street"] = world._user("街道办", "13800000008", Role.OFFICE, street)
    from allauth.mfa.models import Authenticator  # offices must have a second factor

    Authenticator.objects.create(user=users["street"], type=Authenticator.Type.TOTP, data={})
    station = Organisation.objects.filter(level=Level.STATION, parent__code=world.HOME).order_by("pk")[0]
    users["station"] = world._user("站长", "13800000009", Role.STATION, station)
    return users


class Town:
    """What rows are made of."""

    def __init__(self) -> None:
        self.alliances = list(Alliance.objects.select_related("organisation").order_by("pk"))
        self.members: dict[int, list[Member]] = {}
        for member in Member.objects.order_by("pk"):
            self.members.setdefault(member.alliance_id, []).append(member)
        self.stations: dict[int, list[int]] = {}
        for pk, parent in (
            Organisation.objects.filter(level=Level.STATION).order_by("pk").values_list("pk", "parent")
        ):
            self.stations.setdefault(parent, []).append(pk)
        self.categories = list(Category.objects.order_by("pk"))
        self.today = clock.today()


BASE = 1000  # so many demands are made one by one; more are copies of them, which takes seconds instead of minutes
COPIED = (Resource, Demand, Author, Claim, Offer, Acceptance, CallBack)


def grow(rows: int) -> None:
    """``rows`` demands (whole thousands) with authors, offers, claims, visits and answers; a tenth as many resources."""
    with transaction.atomic():
        make(min(rows, BASE))
        for model in COPIED:
            copy(model, rows // BASE - 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def copy(model: type[Model], times: int) -> None:
    """``times`` copies of every row beside it: keys go up with the days, as if all had been typed in turn. References
    to copied rows lead to the copy of the same round; what must be unique gets the round's number."""
    if times < 1:
        return
    quote = connection.ops.quote_name
    columns, values = [], []
    for field in model._meta.concrete_fields:
        column = f"t.{quote(field.column)}"
        columns.append(quote(field.column))
        if field.primary_key or (field.is_relation and field.related_model in COPIED):
            values.append(f"{column} * 1000 + 1000000 + k.n")
        elif field.name == "serial":
            values.append(f"{column} + k.n * {BASE}")
        elif field.name in ("number", "name") and model in (Demand, Resource):
            values.append(f"{column} || '-' || k.n")
        else:
            values.append(column)
    table = quote(model._meta.db_table)
    rounds = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(1, times + 1))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) "
            f"SELECT {', '.join(values)} FROM {table} t CROSS JOIN ({rounds}) k ORDER BY t.id, k.n"
        )


def make(rows: int) -> None:
    """``rows`` demands and what hangs on them."""
    town = Town()
    fill(Resource, (resource(town, n) for n in range(rows // 10)))
    fill(Demand, (demand(town, n, rows) for n in range(rows)))
    demands = list(
        Demand.objects.order_by("pk").only("pk", "alliance_id", "station_id", "state", "raised_on")
    )
    fill(Author, (author(d.pk, n) for n, d in enumerate(demands) if n % 5 < 3))
    fill(Claim, claims(town, demands))
    fill(Offer, (offer(town, d, n) for n, d in enumerate(demands) if n % 3 == 0 and d.state != "submitted"))
    done = Claim.objects.filter(state="accepted").select_related("demand").order_by("pk")
    fill(Acceptance, (visit(claim) for claim in done.iterator(BATCH)))
    fill(
        CallBack,
        (answer(one, n) for n, one in enumerate(Acceptance.objects.order_by("pk").iterator(BATCH))),
    )


def fill(model: type[Model], rows: Iterable[Any]) -> None:
    left: Iterator[Any] = iter(rows)
    while batch := list(islice(left, BATCH)):
        model._default_manager.bulk_create(batch)


def at_nine(day: date) -> datetime:
    return datetime.combine(day, time(9), tzinfo=clock.ZONE)


def resource(town: Town, n: int) -> Resource:
    alliance = town.alliances[n % len(town.alliances)]
    member = town.members[alliance.pk][n // len(town.alliances) % world.MEMBERS]
    return Resource(
        alliance=alliance,
        member=member,
        kind=KINDS[n % 5],
        name=f"便民服务{n}",
        description="每月一次，上门为居民服务。",
        available_when="工作日",
        contact_name="联络员",
        contact_phone="13900000000",
    )


def demand(town: Town, n: int, rows: int) -> Demand:
    """Raised day after day; what still moves lies in the last year, as it does in an office."""
    alliance = town.alliances[n % len(town.alliances)]
    age = DAYS - n * DAYS // rows
    state = STATES[n * 37 % 100] if age < 400 else "closed" if n % 25 else "declined"
    raised = town.today - timedelta(days=age)
    stations = town.stations[alliance.organisation_id]
    return Demand(
        alliance=alliance,
        station_id=stations[n // 24 % STATIONS] if n % 7 else None,
        year=raised.year,
        serial=n + 1,
        number=f"{alliance.number_prefix}需〔{raised.year}〕{n + 1}号",
        state=state,
        source=SOURCES[n % len(SOURCES)],
        category=town.categories[n % len(town.categories)],
        urgency=("normal", "normal", "soon", "urgent")[n % 4],
        content=f"第{n}件：楼道里的灯不亮了，晚上老人上下楼不方便，请尽快派人来看看，最好周末来。",
        raised_on=raised,
        is_sensitive=n % 9 == 0,
        review_by=raised + timedelta(days=3),
        reviewed_at=None if state == "submitted" else at_nine(raised),
        hall_opened_at=at_nine(raised) if state == "open" else None,
        reason="不属于联盟能办的事" if state == "declined" else "",
        ended_at=at_nine(raised + timedelta(days=20)) if state == "closed" else None,
    )


def author(demand: int, n: int) -> Author:
    return Author(demand_id=demand, name="方小超", phone=f"138{n:08d}")


def claims(town: Town, demands: list[Demand]) -> Iterator[Claim]:
    """One for each demand in hand, a second one for every fourth."""
    state_of = {"closed": "accepted", "served": "delivered", "claimed": "in_service"}
    for n, row in enumerate(demands):
        if row.state not in state_of:
            continue
        members = town.members[row.alliance_id]
        claimed = row.raised_on + timedelta(days=2)
        delivered = None if row.state == "claimed" else claimed + timedelta(days=10 + n % 25)
        for turn in range(2 if n % 4 == 0 else 1):
            yield Claim(
                alliance_id=row.alliance_id,
                demand_id=row.pk,
                member=members[(n // 24 + turn) % len(members)],
                part="joint" if turn else "lead",
                state=state_of[row.state],
                measures="派人上门更换灯具，检查整栋楼的线路。",
                responsible="钱新民",
                responsible_phone="13800000215",
                claimed_on=claimed,
                due_on=claimed + timedelta(days=30),
                first_due_on=claimed + timedelta(days=30),
                delivered_on=delivered,
                accepted_on=(delivered and row.state == "closed" and delivered + timedelta(days=2)) or None,
                volunteers=n % 9,
                result="已更换" if delivered else "",
            )


def offer(town: Town, row: Demand, n: int) -> Offer:
    members = town.members[row.alliance_id]
    reply_by = row.raised_on + timedelta(days=5)
    if n % 6:
        return Offer(demand_id=row.pk, member=members[n % len(members)], state="lapsed", reply_by=reply_by)
    answered = reply_by + timedelta(days=n % 5 // 4)
    return Offer(
        demand_id=row.pk,
        member=members[n % len(members)],
        state="declined",
        decline_reason="没有人手",
        reply_by=reply_by,
        answered_on=answered,
        answered_at=at_nine(answered),
    )


def visit(claim: Claim) -> Acceptance:
    return Acceptance(
        claim=claim,
        station_id=claim.demand.station_id,
        inspector_name="马秀英",
        visited_on=claim.accepted_on,
        verdict="passed",
    )


def answer(visit: Acceptance, n: int) -> CallBack:
    answered = visit.visited_on + timedelta(days=2)
    return CallBack(
        acceptance=visit,
        state="answered",
        method="phone",
        satisfaction=ANSWERS[n % len(ANSWERS)],
        opinion="处理及时",
        follow_up="再次上门" if n % 8 == 6 else "",
        answered_on=answered,
        answered_at=at_nine(answered),
    )
