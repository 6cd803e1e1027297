"""Matching with the house's rows, the slip's section, and the whole loop in agreement with itself."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alliances import clock
from alliances.registry import registries
from demands.models import Demand
from demands.selectors import fitting, gaps
from demands.services import acceptance, callbacks, claims, dispatch, privacy, review
from demands.services.callbacks import Answer
from demands.services.claims import Promise
from demands.services.intake import ask_for_unit
from rotation.models import Slip
from rotation.services import slips
from tests.cast import Cast
from tests.demands import loop
from tests.factories import demands as lists


def books(cast: Cast, **fields) -> Demand:
    return loop.opened(
        cast, category=lists.category("文化", "图书借阅"), content="想在楼下设一个还书箱", **fields
    )


def test_units_that_fit_come_with_resource_and_reason(cast: Cast, django_assert_num_queries) -> None:
    resource = lists.resource(loop.member(cast), name="流动图书箱", description="图书借阅，还书箱送到楼下")
    demand = Demand.objects.select_related("category", "alliance__organisation", "shared_to").get(
        pk=books(cast).pk
    )
    with django_assert_num_queries(4):
        first, *others = fitting.units_for(demand)
    assert (first.member, first.resources) == (loop.member(cast), [resource])
    assert first.reason == "有“流动图书箱”可用，是本联盟成员，目前没有在办项目。"
    assert len(others) == 4 and all(row.score <= first.score for row in others)
    claim = loop.claimed(cast, demand)
    assert loop.member(cast) not in [row.member for row in fitting.units_for(demand)]
    claims.hand_back(claim, "停馆", actor=cast.liaison)
    (again,) = [row for row in fitting.units_for(demand, 20) if row.member == loop.member(cast)]
    assert again.score < first.score and "未一次通过验收" in again.reason


def test_units_of_other_alliances_are_suggested_only_for_shared_demands(cast: Cast) -> None:
    demand = loop.opened(cast, category=lists.category("法律", "法律咨询"), content="想起诉，问诉讼怎么立案")
    court = cast.foreign_members["县法院"]
    assert court not in [row.member for row in fitting.units_for(demand, 50)]
    review.share(demand, cast.county_place, actor=cast.secretary)
    demand.refresh_from_db()
    found = fitting.units_for(demand, 50)
    assert found[0].member == court
    # A unit that sits in both speaks through its membership here.
    assert cast.members["县交警队"] in [row.member for row in found]
    assert cast.foreign_members["县交警队"] not in [row.member for row in found]


def test_demands_for_a_unit_are_open_in_its_hall_and_in_words_it_may_read(cast: Cast) -> None:
    here = books(cast)
    there = lists.demand(
        cast.foreign_alliance,
        category=lists.category("文化", "图书借阅"),
        content="张三家孩子想借图书，家里困难",
        is_sensitive=True,
        shared_to=cast.county_place,
        shared_at=clock.now(),
        share_text="孩子想借阅图书",
        hall_opened_at=clock.now(),
    )
    lists.demand(cast.foreign_alliance, category=here.category, content="图书馆还书")
    found = fitting.demands_for(loop.member(cast))
    assert {row.demand for row in found} == {here, there}
    assert "张三" not in "".join(row.reason for row in found)
    assert fitting.demands_for(loop.member(cast, "县农商银行")) == []


def test_gaps_of_an_alliance(cast: Cast) -> None:
    used = lists.resource(loop.member(cast), name="流动图书箱", description="还书借书")
    idle = lists.resource(loop.member(cast), name="雨伞", description="借用")
    demand = books(cast)
    claims.take(
        demand,
        loop.member(cast),
        Promise(measures="设还书箱", responsible="杨", resource=used),
        actor=cast.liaison,
    )
    loop.opened(cast)
    found = gaps.gaps_of(cast.alliance)
    assert [(gap.minor, gap.asked, gap.claimed) for gap in found.missing] == [("噪声", 1, 0)]
    assert found.idle == [idle] and not found.is_bounded


def test_a_resource_is_used_where_its_unit_serves_its_kind(cast: Cast) -> None:
    """Units seldom name the resource they serve with; another unit's deeds use nothing of this one."""
    lists.resource(loop.member(cast), name="流动图书箱", description="还书借书")
    other = lists.resource(loop.member(cast, "县文体广电局"), name="图书漂流架", description="还书借书")
    demand = books(cast)
    assert len(gaps.gaps_of(cast.alliance).idle) == 2
    claim = loop.claimed(cast, demand)
    assert claim.resource is None
    assert gaps.gaps_of(cast.alliance).idle == [other]
    claims.hand_back(claim, "停馆", actor=cast.liaison)
    assert len(gaps.gaps_of(cast.alliance).idle) == 2


def test_gaps_compare_so_many_rows_and_count_all(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        loop.opened(cast)
        lists.resource(loop.member(cast), name=f"无人机{number}", description="航拍")
    monkeypatch.setattr(gaps, "MOST_DEMANDS", 2)
    monkeypatch.setattr(gaps, "MOST_RESOURCES", 2)
    found = gaps.gaps_of(cast.alliance)
    assert found.is_bounded and found.idle_total == len(found.idle) == 2
    assert len(gaps.gaps_of(cast.alliance, most_idle=1).idle) == 1
    assert [(gap.minor, gap.asked) for gap in found.missing] == [("噪声", 3)]


def test_what_is_missing_asks_for_no_deeds(cast: Cast) -> None:
    """The quarter's drafts ask only that, of hundreds of communities that may share their units."""
    lists.resource(loop.member(cast), name="雨伞", description="借用")
    loop.claimed(cast)
    whole = gaps.gaps_of(cast.alliance)
    with CaptureQueriesContext(connection) as queries:
        assert gaps.missing_of(cast.alliance) == whole.missing != []
    assert len(queries) == 3
    assert not [query for query in queries if "demands_booking" in query["sql"] or "measures" in query["sql"]]


def test_a_unit_is_told_of_nothing_that_only_its_place_speaks_for(cast: Cast) -> None:
    """The slip, the desk's fragment and the hall ask ``demands_for``; the office still sees the unit, marked and last."""
    loop.claimed(cast)  # 环境/噪声: experience, but of another kind
    demand = loop.opened(
        cast, category=lists.category("民政帮扶", "助行"), content="同心社区老人走不动，希望有人帮忙"
    )
    assert fitting.demands_for(loop.member(cast)) == []
    fits = fitting.units_for(demand, None)
    (row,) = [row for row in fits if row.member == loop.member(cast)]
    assert row.reason.startswith("无直接依据，是本联盟成员")
    marked = [row.reason.startswith("无直接依据") for row in fits]
    assert marked == sorted(marked)


def test_slip_names_open_demands_that_suit_its_units(cast: Cast) -> None:
    demand = books(cast)
    slip = Slip.objects.get(pk=slips.issue(cast.duties[3]).pk)
    text = str(slip.paper)
    assert demand.number in text and "文化/图书借阅" in text
    assert demand.content not in text


def contradictions() -> dict[str, list[str]]:
    found = {check.name: check.find() for check in registries.integrity}
    return {name: rows for name, rows in found.items() if rows}


def test_the_four_lists_agree_after_everything_has_happened(cast: Cast) -> None:
    """One of each: declined, merged, withdrawn, given up, offered, shared, returned, reopened, anonymised."""
    before = contradictions()  # the cast's own past has no log
    review.decline(loop.taken_in(cast)[0], "不属联盟职责", actor=cast.staff)
    target = loop.opened(cast)
    review.merge(loop.taken_in(cast)[0], target, actor=cast.staff)
    review.withdraw(loop.taken_in(cast)[0], actor=cast.staff)
    review.give_up(loop.opened(cast), "no_unit", "没有单位能承接", actor=cast.staff)
    own = ask_for_unit(loop.member(cast, "县实验小学"), loop.asked(cast), actor=cast.other_liaison)
    review.open_(own, to_hall=False, actor=cast.staff)
    (offer,) = dispatch.offer(own, [loop.member(cast)], actor=cast.staff)
    dispatch.decline(offer, "人手不足", actor=cast.liaison)
    dispatch.offer(target, [loop.member(cast)], actor=cast.staff)
    lead, joint = loop.claimed(cast, target), loop.joined(cast, target)
    loop.delivered(cast, lead)
    acceptance.send_back(lead, "再查", actor=cast.station)
    for claim, user in ((lead, cast.liaison), (joint, cast.second_liaison)):
        acceptance.accept(loop.delivered(cast, claim, actor=user), actor=cast.station)
    bad = lead.acceptances.get(visit=2).call_backs.order_by("pk").first()
    assert bad is not None
    callbacks.answer(bad, Answer("bad", follow_up="上门"), actor=cast.station)
    shared = review.share(loop.opened(cast), cast.county_place, actor=cast.secretary)
    claims.take(shared, cast.foreign_members["县法院"], loop.PROMISE, actor=cast.foreign_liaison)
    privacy.clear(Demand.objects.filter(state="declined").values_list("authors", flat=True))
    assert contradictions() == before
