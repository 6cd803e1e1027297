"""What must agree between the four lists although no constraint can say it (see ``alliances.integrity``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from alliances.models import NumberSeries
from alliances.registry import IntegrityCheck
from demands.enums import (
    BOOKING_HOLDS,
    CLAIM_STANDING,
    DEMAND_ENDED,
    CallBackState,
    ClaimPart,
    ClaimState,
    DemandState,
    OfferState,
    Verdict,
)
from demands.errors import ContactUnreadable
from demands.fields import decrypt, keyed_hash
from demands.models import Acceptance, Author, Booking, CallBack, Claim, Demand, Offer, Resource
from demands.services.numbers import SERIES

CHUNK = 1000
_LIVE = (DemandState.SUBMITTED, DemandState.OPEN, DemandState.CLAIMED, DemandState.SERVED)


def _told(rows: QuerySet[Any], sentence: str, *fields: str) -> list[str]:
    """One sentence a row, ``{}`` in it filled with ``fields``."""
    found = rows.order_by("pk").values_list(*fields).iterator(chunk_size=CHUNK)
    return [sentence.format(*values) for values in found]


def conservation() -> list[str]:
    """The states of an alliance's demands, and of their claims, add up to all there are; none is unknown."""
    found = []
    for model, known in ((Demand, DemandState), (Claim, ClaimState)):
        title = model._meta.verbose_name
        rows = model._default_manager.order_by().values("alliance", "alliance__name")
        by_state = {state: Count("pk", filter=Q(state=state)) for state in known.values}
        counted: Any = rows.annotate(total=Count("pk"), **by_state)
        for row in counted:
            parts = sum(row[state] for state in known.values)
            if parts != row["total"]:
                found.append(f"{row['alliance__name']}{title}共 {row['total']} 项，各状态合计 {parts} 项")
    return found


def states_follow_claims() -> list[str]:
    """Open without claims, claimed while one is worked on, served when all are delivered, closed when all are accepted;
    a demand that was never taken up has no standing claim."""
    standing = Q(claims__state__in=CLAIM_STANDING)
    rows = Demand.objects.annotate(
        standing=Count("claims", filter=standing),
        finished=Count("claims", filter=Q(claims__state__in=[ClaimState.DELIVERED, ClaimState.ACCEPTED])),
        accepted=Count("claims", filter=Q(claims__state=ClaimState.ACCEPTED)),
    )
    wrong = rows.filter(
        Q(state=DemandState.CLAIMED) & (Q(standing=0) | Q(finished=F("standing")))
        | Q(state=DemandState.SERVED)
        & (Q(standing=0) | Q(finished__lt=F("standing")) | Q(accepted=F("standing")))
        | Q(state=DemandState.CLOSED) & (Q(standing=0) | Q(accepted__lt=F("standing")))
        | ~Q(state__in=[DemandState.CLAIMED, DemandState.SERVED, DemandState.CLOSED]) & Q(standing__gt=0)
    )
    return [
        f"{number}是“{DemandState(state).label}”，却有 {standing_now} 项认领，其中完成 {finished}、办结 {accepted}"
        for number, state, standing_now, finished, accepted in wrong.order_by("pk").values_list(
            "number", "state", "standing", "finished", "accepted"
        )
    ]


def leads() -> list[str]:
    """A demand that is served has one lead."""
    mine = Claim.objects.filter(demand=OuterRef("pk"), state__in=CLAIM_STANDING)
    rows = Demand.objects.filter(Exists(mine)).exclude(Exists(mine.filter(part=ClaimPart.LEAD)))
    return _told(rows, "{}有单位在办理，没有牵头单位", "number")


def acceptances() -> list[str]:
    """Every accepted claim has a passed visit of that day, every returned one a failed visit; no visit before its time."""
    visits = Acceptance.objects.filter(claim=OuterRef("pk"))
    passed = visits.exclude(verdict=Verdict.FAILED).filter(visited_on=OuterRef("accepted_on"))
    names = ("demand__number", "member__unit__name")
    claims = Claim.objects
    found = _told(
        claims.filter(state=ClaimState.ACCEPTED).exclude(Exists(passed)),
        "{}（{}）已办结，没有当天合格的验收记录",
        *names,
    )
    found += _told(
        claims.filter(state=ClaimState.RETURNED).exclude(Exists(visits.filter(verdict=Verdict.FAILED))),
        "{}（{}）在整改，没有不合格的验收记录",
        *names,
    )
    found += _told(
        claims.filter(state=ClaimState.TAKEN).filter(Exists(visits)),
        "{}（{}）还没有办理，却有验收记录",
        *names,
    )
    found += _told(
        Acceptance.objects.filter(visited_on__lt=F("claim__claimed_on")),
        "{}（{}）的验收早于认领",
        "claim__demand__number",
        "claim__member__unit__name",
    )
    counted = (
        Acceptance.objects.order_by()
        .values("claim__demand__number", "claim__member__unit__name")
        .annotate(n=Count("pk"), top=Max("visit"), least=Min("visit"))
        .exclude(n=F("top"), least=1)
    )
    return found + [
        f"{row['claim__demand__number']}（{row['claim__member__unit__name']}）的验收次数不连续"
        for row in counted
    ]


def call_backs() -> list[str]:
    """An answer is there exactly where it was given; a passed visit is asked about, unless it was imported."""
    named = ("acceptance__claim__demand__number",)
    answered = Q(state=CallBackState.ANSWERED)
    found = _told(
        CallBack.objects.filter(~answered).exclude(satisfaction="", answered_on=None),
        "{}的回访还没有结果，却填了满意度",
        *named,
    )
    found += _told(
        CallBack.objects.filter(answered, answered_on__lt=F("acceptance__visited_on")),
        "{}的回访早于验收",
        *named,
    )
    asked = CallBack.objects.filter(acceptance=OuterRef("pk"))
    silent = (
        Acceptance.objects.exclude(verdict=Verdict.FAILED).filter(imported_at=None).exclude(Exists(asked))
    )
    return found + _told(silent, "{}验收合格，没有安排回访", "claim__demand__number")


def places() -> list[str]:
    """Rows that name an alliance twice name the same one; stations and halls lie where they must."""
    claims = Claim.objects.exclude(alliance=F("demand__alliance"))
    found = _told(claims, "{}的认领记在了别的联盟", "demand__number")
    stations = Demand.objects.filter(station__isnull=False).exclude(
        station__parent=F("alliance__organisation")
    )
    found += _told(stations, "{}的服务站{}不在本社区", "number", "station__name")
    visits = Acceptance.objects.filter(station__isnull=False).exclude(station=F("claim__demand__station"))
    found += _told(visits, "{}的验收站点不是需求所在的服务站", "claim__demand__number")
    found += _told(
        Resource.objects.exclude(alliance=F("member__alliance")), "服务资源“{}”记在了别的联盟", "name"
    )
    shared = Demand.objects.filter(shared_to__isnull=False).values_list(
        "number", "alliance__organisation__path", "shared_to__path", "shared_to__name"
    )
    found += [
        f"{number}共享到了{name}，不是它的上级"
        for number, path, hall, name in shared.order_by("pk").iterator(chunk_size=CHUNK)
        if not path.startswith(hall)
    ]
    return found


def facts_fit_states() -> list[str]:
    """What belongs to a state stands only with it: where a demand was merged into, when it ended, why it was given back."""
    demands, claims = Demand.objects, Claim.objects
    found = _told(
        demands.filter(merged_into__isnull=False).exclude(state=DemandState.MERGED),
        "{}没有合并，却指着另一项",
        "number",
    )
    found += _told(
        demands.filter(merged_into__state=DemandState.MERGED), "{}合并到的需求自己也合并了", "number"
    )
    found += _told(
        demands.filter(merged_into__isnull=False).exclude(merged_into__alliance=F("alliance")),
        "{}合并到了别的联盟",
        "number",
    )
    found += _told(demands.filter(state__in=DEMAND_ENDED, ended_at=None), "{}已经结束，没有时间", "number")
    found += _told(
        demands.filter(state__in=_LIVE, ended_at__isnull=False), "{}还在办理，却有办结时间", "number"
    )
    found += _told(
        claims.filter(accepted_on__isnull=False).exclude(state=ClaimState.ACCEPTED),
        "{}（{}）没有办结，却有验收通过日期",
        "demand__number",
        "member__unit__name",
    )
    found += _told(
        claims.filter(handed_back_at__isnull=False).exclude(state=ClaimState.HANDED_BACK),
        "{}（{}）没有退回，却有退回时间",
        "demand__number",
        "member__unit__name",
    )
    offers = Offer.objects.filter(state=OfferState.TAKEN).exclude(
        claim__demand=F("demand"), claim__member=F("member")
    )
    return found + _told(offers, "{}派给{}的单接了，认领却不是它的", "demand__number", "member__unit__name")


def numbers() -> list[str]:
    """Numbers of an alliance's year run from 1 without gaps and doubles, up to the last one given out."""
    given = {
        (row["organisation__alliance"], row["year"]): row["last"]
        for row in NumberSeries.objects.filter(kind=SERIES).values("organisation__alliance", "year", "last")
    }
    used = (
        Demand.objects.order_by()
        .values("alliance", "alliance__name", "year")
        .annotate(rows=Count("pk"), top=Max("serial"), least=Min("serial"))
    )
    found = []
    for row in used:
        last = given.pop((row["alliance"], row["year"]), 0)
        name = f"{row['alliance__name']}{row['year']}年需求"
        if row["least"] != 1 or row["top"] != row["rows"]:
            found.append(f"{name}编号不连续：{row['rows']} 项，最大 {row['top']} 号")
        if row["top"] != last:
            found.append(f"{name}最大 {row['top']} 号，编号簿记到 {last} 号")
    unused = [key for key, last in given.items() if last]
    return found + [f"第{alliance}号联盟{year}年需求编号簿已用，却没有需求" for alliance, year in unused]


def bookings() -> list[str]:
    """No venue is booked over its capacity at any time, nor by more people than it seats."""
    held: dict[int, list[Booking]] = defaultdict(list)
    rows = Booking.objects.filter(state__in=BOOKING_HOLDS).select_related("resource").order_by("starts_at")
    for booking in rows.iterator(chunk_size=CHUNK):
        held[booking.resource_id].append(booking)
    found = []
    for some in held.values():
        venue = some[0].resource
        if (most := _most_at_once(some)) > venue.capacity:
            found.append(f"“{venue.name}”同一时段有 {most} 个预约，最多 {venue.capacity} 个")
        if venue.seats and any((booking.heads or 0) > venue.seats for booking in some):
            found.append(f"“{venue.name}”的预约人数超过容纳人数 {venue.seats}")
    return found


def _most_at_once(bookings: Iterable[Booking]) -> int:
    """An end at the same moment as a start does not overlap it."""
    moments = sorted(
        [(b.ends_at, -1) for b in bookings] + [(b.starts_at, 1) for b in bookings],
        key=lambda pair: (pair[0], pair[1]),
    )
    most = now = 0
    for _, step in moments:
        now += step
        most = max(most, now)
    return most


def contacts() -> list[str]:
    """Names and phones are stored encrypted and can be read, their hashes fit, and what was cleared is gone."""
    found = []
    rows = Author.objects.order_by("pk").annotate(
        name_kept=Cast("name", TextField()), phone_kept=Cast("phone", TextField())
    )
    kept = rows.values_list("pk", "name_kept", "phone_kept", "phone_key")
    for pk, name, phone, key in kept.iterator(chunk_size=CHUNK):
        try:
            decrypt(name)
            number = decrypt(phone)
        except ContactUnreadable:
            found.append(f"第{pk}号需求人的联系方式读不出来，请核对 CONTACT_KEYS")
            continue
        if key != keyed_hash(number):
            found.append(f"第{pk}号需求人的电话与检索码不符")
    left = Author.objects.filter(demand__anonymised_at__isnull=False, anonymised_at=None)
    return found + _told(left, "{}已去标识，需求人信息还在", "demand__number")


CHECKS = (
    IntegrityCheck("demands.conservation", "四项清单合计", conservation),
    IntegrityCheck("demands.states", "需求状态与认领", states_follow_claims),
    IntegrityCheck("demands.leads", "牵头单位", leads),
    IntegrityCheck("demands.acceptances", "验收与办结", acceptances),
    IntegrityCheck("demands.call_backs", "回访", call_backs),
    IntegrityCheck("demands.places", "清单归属", places),
    IntegrityCheck("demands.facts", "清单内容与状态", facts_fit_states),
    IntegrityCheck("demands.numbers", "需求编号", numbers),
    IntegrityCheck("demands.bookings", "场地预约", bookings),
    IntegrityCheck("demands.contacts", "需求人信息", contacts),
)
