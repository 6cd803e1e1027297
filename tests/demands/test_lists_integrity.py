"""``check_integrity`` on the four lists: each contradiction that somebody's hand in the database could make is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from alliances.models import NumberSeries
from demands.integrity import CHECKS
from demands.models import Acceptance, Author, Booking, CallBack, Claim, Demand, Offer, Resource
from tests.cast import NOW, Cast
from tests.factories import demands as lists

TODAY = NOW.date()


def found() -> list[str]:
    return [sentence for check in CHECKS for sentence in check.find()]


@pytest.fixture
def sound(cast: Cast) -> Cast:
    """A closed demand with its whole story, an open one, and one asked for by three at once."""
    closed = lists.demand(cast.alliance, cast.station_place, state="closed", ended_at=NOW)
    lists.author(closed, phone="")
    claim = lists.claim(
        closed, cast.members["县图书馆"], state="accepted", delivered_on=TODAY, accepted_on=TODAY
    )
    lists.answer(lists.acceptance(claim))
    lists.demand(cast.alliance, cast.station_place)
    venue = lists.venue(cast.members["县图书馆"], capacity=2, seats=40)
    for _ in range(2):
        lists.booking(venue, heads=10)
    first = Booking.objects.first()
    assert first
    lists.booking(venue, starts_at=first.ends_at, ends_at=first.ends_at + timedelta(hours=1))
    assert found() == []
    return cast


def raw(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _foreign_claim(cast: Cast) -> None:
    Claim.objects.update(alliance=cast.foreign_alliance)


BREAKAGES: dict[str, tuple[Callable[[Cast], object], str]] = {
    "unknown state": (lambda cast: raw("UPDATE demands_demand SET state = 'lost' WHERE serial = 2"), "各状态合计 1 项"),
    "open with a claim": (lambda cast: Demand.objects.filter(serial=1).update(state="open", ended_at=None), "是“待认领”，却有 1 项认领"),
    "closed without": (lambda cast: Claim.objects.update(state="delivered", accepted_on=None), "是“已办结”，却有 1 项认领，其中完成 1、办结 0"),
    "served but all accepted": (lambda cast: Demand.objects.filter(serial=1).update(state="served", ended_at=None), "是“待验收”"),
    "claimed by nobody": (lambda cast: Demand.objects.filter(serial=2).update(state="claimed"), "是“办理中”，却有 0 项认领"),
    "declined but served": (lambda cast: Demand.objects.filter(serial=1).update(state="declined", reason="无"), "是“不予受理”，却有 1 项认领"),
    "nobody leads": (lambda cast: Claim.objects.update(part="joint"), "没有牵头单位"),
    "accepted without a visit": (lambda cast: (CallBack.objects.all().delete(), Acceptance.objects.all().delete()), "已办结，没有当天合格的验收记录"),
    "accepted on a failed visit": (lambda cast: Acceptance.objects.update(verdict="failed", to_mend="重做"), "没有当天合格的验收记录"),
    "returned without a failed visit": (lambda cast: Claim.objects.update(state="returned", accepted_on=None), "在整改，没有不合格的验收记录"),
    "visit before the claim": (lambda cast: Acceptance.objects.update(visited_on=TODAY - timedelta(days=3)), "的验收早于认领"),
    "visits do not run from one": (lambda cast: Acceptance.objects.update(visit=2), "的验收次数不连续"),
    "passed and nobody asked": (lambda cast: CallBack.objects.all().delete(), "验收合格，没有安排回访"),
    "answer before it was given": (lambda cast: CallBack.objects.update(state="due"), "还没有结果，却填了满意度"),
    "answer before the visit": (lambda cast: CallBack.objects.update(answered_on=TODAY - timedelta(days=1)), "的回访早于验收"),
    "claim in another alliance": (_foreign_claim, "的认领记在了别的联盟"),
    "station of another community": (lambda cast: Demand.objects.filter(serial=2).update(station=cast.foreign_station_place), "的服务站柳岸小区服务站不在本社区"),
    "visit of another station": (lambda cast: Acceptance.objects.update(station=cast.foreign_station_place), "的验收站点不是需求所在的服务站"),
    "resource in another alliance": (lambda cast: Resource.objects.update(alliance=cast.foreign_alliance), "“二楼会议室”记在了别的联盟"),
    "shared to a stranger": (lambda cast: Demand.objects.filter(serial=2).update(shared_to=cast.other_street_place, shared_at=NOW), "共享到了河东街道，不是它的上级"),
    "merged into but open": (lambda cast: Demand.objects.filter(serial=2).update(merged_into=Demand.objects.get(serial=1)), "没有合并，却指着另一项"),
    "ended without a time": (lambda cast: Demand.objects.filter(serial=1).update(ended_at=None), "已经结束，没有时间"),
    "ended and alive": (lambda cast: Demand.objects.filter(serial=2).update(ended_at=NOW), "还在办理，却有办结时间"),
    "accepted on and not accepted": (lambda cast: Claim.objects.update(state="in_service"), "没有办结，却有验收通过日期"),
    "handed back and not": (lambda cast: Claim.objects.update(handed_back_at=NOW), "没有退回，却有退回时间"),
    "offer taken by another's claim": (
        lambda cast: Offer.objects.create(
            demand=Demand.objects.get(serial=2), member=cast.members["县实验小学"], state="taken", reply_by=TODAY,
            answered_at=NOW, answered_on=TODAY, claim=Claim.objects.get(),
        ),
        "派给县实验小学的单接了，认领却不是它的",
    ),
    "number lost": (lambda cast: Demand.objects.filter(serial=2).update(serial=5), "需求编号不连续：2 项，最大 5 号"),
    "series ahead": (lambda cast: NumberSeries.objects.update(last=7), "需求最大 2 号，编号簿记到 7 号"),
    "venue over capacity": (lambda cast: Resource.objects.update(capacity=1), "同一时段有 2 个预约，最多 1 个"),
    "more people than seats": (lambda cast: Resource.objects.update(seats=5), "的预约人数超过容纳人数 5"),
    "contact in the clear": (lambda cast: raw("UPDATE demands_author SET name = '方小超'"), "联系方式读不出来"),
    "phone of another": (lambda cast: Author.objects.update(phone_key="0" * 64), "的电话与检索码不符"),
    "anonymised but kept": (lambda cast: Demand.objects.filter(serial=1).update(anonymised_at=NOW), "已去标识，需求人信息还在"),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKAGES)
def test_contradiction_is_told(sound: Cast, name: str) -> None:
    break_it, sentence = BREAKAGES[name]
    break_it(sound)
    assert any(sentence in told for told in found()), found()
