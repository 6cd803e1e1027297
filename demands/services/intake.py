"""Demands come in: typed by staff, ordered by residents at a door's QR, asked by units. The only writer of new ones
apart from imports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import IntegrityError, transaction

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Alliance, Member, Organisation, User
from alliances.services import audit
from demands import matching, policies
from demands.enums import DemandSource, DemandState, Urgency
from demands.fields import keyed_hash
from demands.models import Author, Category, Demand, IntakePoint
from demands.selectors.deadlines import Office
from demands.services import codes
from demands.services.acting import resident_name, text
from demands.services.numbers import next_number

MOST_WORDS = 1000
# How far back, and among how many, a new demand looks for its like.
LOOK_BACK = timedelta(days=60)
LOOK_AMONG = 400


@dataclass(frozen=True)
class Asked:
    """A demand as typed. Name and phone are the resident's choice; ``is_sensitive`` None follows the category."""

    category: Category
    content: str
    source: str = DemandSource.STATION
    station: Organisation | None = None
    urgency: str = Urgency.NORMAL
    raised_on: date | None = None
    expected_on: date | None = None
    is_sensitive: bool | None = None
    name: str = ""
    phone: str = ""
    has_consented: bool = False


@dataclass(frozen=True)
class TakenIn:
    """The demand, and the code by which its author follows it: told now and never again."""

    demand: Demand
    code: str


def take_in(alliance: Alliance, asked: Asked, *, form_key: str = "", actor: User) -> TakenIn:
    """Staff, or the station where it was said, type in what somebody asked. The same form twice is one demand."""
    by_station = asked.station is not None and policies.can_take_in_at_station(actor, asked.station)
    if not (policies.can_take_in(actor, alliance) or by_station):
        raise NotAllowed("只有社区书记、工作人员和本站点负责人可以登记需求。")
    return _take_in(alliance, asked, form_key=form_key, actor=actor)


def of_form(alliance: Alliance, form_key: str) -> Demand | None:
    """What this very form has already brought in, so that nobody is told it resembles itself."""
    hashed = keyed_hash(codes.normal(codes.of_form(form_key)))
    return Demand.objects.filter(alliance=alliance, authors__tracking_hash=hashed).first()


def order(point: IntakePoint, asked: Asked, *, form_key: str = "") -> TakenIn:
    """A resident orders at the door ``point``, without an account. Contact needs the resident's yes to the notice."""
    if point.closed_at is not None:
        raise OfficeError("这个二维码已停用，请联系社区。")
    if (asked.name.strip() or asked.phone.strip()) and not asked.has_consented:
        raise OfficeError("填写了姓名或电话的，请先勾选同意告知内容；也可以都不填。")
    place = point.organisation
    station = place if place.pk != point.alliance.organisation_id else None
    plain = Asked(
        category=asked.category,
        content=asked.content,
        source=DemandSource.ONLINE,
        station=station,
        urgency=asked.urgency,
        name=asked.name,
        phone=asked.phone,
        has_consented=asked.has_consented,
    )
    return _take_in(point.alliance, plain, form_key=form_key, actor=None)


def ask_for_unit(member: Member, asked: Asked, *, actor: User) -> Demand:
    """A unit asks for itself; the same words on the same day are one demand."""
    if not policies.can_ask_for_unit(actor, member):
        raise NotAllowed("只有本单位联络员可以提出本单位的需求。")
    content = text(asked.content, MOST_WORDS, missing="请填写需求内容。")
    with transaction.atomic():
        # The unit's row first: two windows with the same words wait for each other.
        Member.objects.select_for_update().get(pk=member.pk)
        same = Demand.objects.filter(member=member, content=content, raised_on=clock.today())
        if (known := same.exclude(state=DemandState.WITHDRAWN).first()) is not None:
            return known
        return _write(member.alliance, asked, actor, source=DemandSource.UNIT, member=member, station=None)


def similar(
    alliance: Alliance, content: str, *, besides: Demand | None = None, most: int = 5
) -> list[Demand]:
    """Demands of the last 60 days that probably say the same, the most alike first. Read with staff's eyes only."""
    rows = (
        Demand.objects.filter(alliance=alliance, raised_on__gte=clock.today() - LOOK_BACK)
        .exclude(state__in=[DemandState.MERGED, DemandState.WITHDRAWN])
        .exclude(pk=besides.pk if besides else 0)
        .order_by("-raised_on", "-pk")
        .values_list("pk", "content")[:LOOK_AMONG]
    )
    keys = [key for key, _ in matching.duplicates(content, rows, most=most)]
    found = Demand.objects.select_related("category", "station").in_bulk(keys)
    return [found[key] for key in keys if key in found]


def open_door(organisation: Organisation, alliance: Alliance, *, actor: User) -> IntakePoint:
    """The code in the QR on the wall of a community or one of its stations; one stands at a time."""
    if not policies.can_take_in(actor, alliance):
        raise NotAllowed("只有社区书记和工作人员可以设置点单二维码。")
    if organisation.pk != alliance.organisation_id and organisation.parent_id != alliance.organisation_id:
        raise OfficeError("只能为本社区和本社区的小区服务站设置点单二维码。")
    with transaction.atomic():
        point, is_new = IntakePoint.objects.get_or_create(
            organisation=organisation,
            closed_at=None,
            defaults={"alliance": alliance, "code": codes.new().replace("-", "")[:10]},
        )
        if is_new:
            audit.record("demands.door.open", point, actor=actor)
    return point


def close_door(point: IntakePoint, *, actor: User) -> None:
    """The code on the wall is void from now on."""
    if not policies.can_take_in(actor, point.alliance):
        raise NotAllowed("只有社区书记和工作人员可以停用点单二维码。")
    with transaction.atomic():
        if IntakePoint.objects.filter(pk=point.pk, closed_at=None).update(closed_at=clock.now()):
            audit.record("demands.door.close", point, actor=actor)


# --- writing --------------------------------------------------------------------------------------------------------


def _take_in(alliance: Alliance, asked: Asked, *, form_key: str, actor: User | None) -> TakenIn:
    if asked.station is not None and asked.station.parent_id != alliance.organisation_id:
        raise OfficeError("这个小区服务站不属于本社区。")
    if asked.source not in DemandSource.values:
        raise OfficeError("请选择需求来源。")
    code = codes.of_form(form_key)
    hashed = keyed_hash(codes.normal(code))
    if (known := Author.objects.filter(tracking_hash=hashed).first()) is not None:
        return _known(known, alliance, code)
    try:
        with transaction.atomic():
            demand = _write(alliance, asked, actor, source=asked.source, member=None, station=asked.station)
            _write_author(demand, asked, hashed)
    except IntegrityError:
        # The same form a moment ago, from another window.
        known = Author.objects.filter(tracking_hash=hashed).first()
        if known is None:
            raise
        return _known(known, alliance, code)
    return TakenIn(demand, code)


def _known(author: Author, alliance: Alliance, code: str) -> TakenIn:
    """The answer that the same form got before; never one of another community."""
    if author.demand.alliance_id != alliance.pk:
        raise OfficeError("表单已经提交过，请刷新页面后重新填写。")
    return TakenIn(author.demand, code)


def _write(
    alliance: Alliance,
    asked: Asked,
    actor: User | None,
    *,
    source: str,
    member: Member | None,
    station: Organisation | None,
) -> Demand:
    today = clock.today()
    raised_on = asked.raised_on or today
    if raised_on > today:
        raise OfficeError("提出日期不能晚于今天。")
    if asked.expected_on is not None and asked.expected_on < raised_on:
        raise OfficeError("期望时限不能早于提出日期。")
    if asked.urgency not in Urgency.values:
        raise OfficeError("请选择紧急程度。")
    if asked.category.is_retired:
        raise OfficeError("这个类别已不再使用，请另选。")
    content = text(asked.content, MOST_WORDS, missing="请填写需求内容。")
    sensitive = asked.category.is_sensitive if asked.is_sensitive is None else asked.is_sensitive
    with transaction.atomic():
        demand = Demand.objects.create(
            alliance=alliance,
            station=station,
            state=DemandState.SUBMITTED,
            source=source,
            category=asked.category,
            urgency=asked.urgency,
            content=content,
            raised_on=raised_on,
            expected_on=asked.expected_on,
            is_sensitive=sensitive,
            member=member,
            created_by=actor,
            review_by=Office(alliance.organisation).review_by(today),
            **next_number(alliance, raised_on),
        )
        audit.record(
            "demands.demand.take_in", demand, actor=actor, after=demand.state, data={"source": source}
        )
    return demand


def _write_author(demand: Demand, asked: Asked, tracking_hash: str) -> Author:
    phone = "".join(text(asked.phone, 24).split())
    return Author.objects.create(
        demand=demand,
        name=resident_name(asked.name),
        phone=phone,
        phone_key=keyed_hash(phone),
        tracking_hash=tracking_hash,
        consented_at=clock.now() if asked.has_consented else None,
    )
