"""The open hall, offers and claiming as people see them: cards without names, three fields, refusals as sentences."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from alliances import clock
from alliances.models import User
from demands.models import Claim, Demand
from demands.selectors import places
from demands.services import claims, review
from demands.services.claims import Promise
from tests.cast import HOSTILE, Cast
from tests.conftest import Frozen, client_of
from tests.demands import loop
from tests.factories import demands as lists

HALL = reverse("demands:hall")
NAME, PHONE = "欧阳文轩", "13812345678"


def page(user: User, path: str, status: int = 200) -> str:
    answer = client_of(user).get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.content.decode()


def claim_path(demand: Demand, query: str = "") -> str:
    return reverse("demands:claim-take", args=[demand.pk]) + query


def fields(html: str) -> set[str]:
    """Names of the fields that a person fills in the page's form; folded ones too."""
    form = html[html.index('<form method="post" class="form card"') :]
    form = form[: form.index("</form>")]
    tags = re.findall(r"<(?:input|textarea|select)[^>]*>", form)
    names = [re.search(r'name="([^"]+)"', tag) for tag in tags if 'type="hidden"' not in tag]
    return {name[1] for name in names if name}


PROMISED = {"measures": "每周六上门教两小时", "responsible": "钱新民", "due_on": "2026-03-20", "part": "lead"}


# --- the hall -------------------------------------------------------------------------------------------------------


def test_hall_shows_what_may_be_claimed_and_nothing_else(cast: Cast) -> None:
    waiting, _ = loop.taken_in(cast, content="还没有受理的事")
    kept = review.open_(loop.taken_in(cast, content="先派单的事")[0], to_hall=False, actor=cast.staff)
    loop.opened(cast, content="三号楼路灯坏了")
    foreign = lists.demand(cast.foreign_alliance, hall_opened_at=clock.now(), content="清河的事")
    html = page(cast.other_liaison, HALL)
    assert "三号楼路灯坏了" in html and "1 件需求等单位认领" in html
    assert not any(row.content in html for row in (waiting, kept, foreign))
    assert "清河的事" in page(cast.foreign_liaison, HALL)


def test_cards_never_show_who_asked(cast: Cast) -> None:
    content = f"{NAME}家（{PHONE}）楼上漏水，请帮忙"
    demand = loop.opened(cast, content=content, name=NAME, phone=PHONE)
    claim_page = claim_path(demand)
    for user in (cast.liaison, cast.leader, cast.station, cast.president, cast.secretary):
        html = page(user, HALL)
        assert "楼上漏水" in html
        assert NAME not in html and PHONE not in html, user
    assert NAME not in page(cast.liaison, claim_page) and PHONE not in page(cast.liaison, claim_page)


def test_shared_demand_stands_in_the_halls_below_in_the_words_put_for_others(cast: Cast) -> None:
    demand = loop.opened(cast, content="某栋某室独居老人需要助餐", is_sensitive=True)
    review.share(demand, cast.county_place, "一位独居老人需要助餐", actor=cast.secretary)
    html = page(cast.foreign_liaison, HALL)
    assert "一位独居老人需要助餐" in html and "某栋某室" not in html
    assert "县共享" in html and "同心社区" in html
    assert "某栋某室" in page(cast.liaison, HALL)
    office = page(cast.county, HALL)
    assert "一位独居老人需要助餐" in office and "某栋某室" not in office


def test_an_office_reads_that_only_what_is_shared_comes_to_its_hall(cast: Cast) -> None:
    loop.opened(cast, content="想学书法")
    office = page(cast.county, HALL)
    assert "只有社区共享到街道、县大厅的需求出现在这里" in office
    assert "想学书法" not in office


def test_filters_live_in_the_address(cast: Cast) -> None:
    loop.opened(cast, content="夜里烧烤很吵", urgency="urgent")
    loop.opened(cast, content="想学书法", category=lists.category("文化", "文体活动"), station=None)

    def found(query: str) -> tuple[bool, bool]:
        html = page(cast.other_liaison, HALL + query)
        return "夜里烧烤很吵" in html, "想学书法" in html

    assert found("") == (True, True)
    assert found("?group=文化") == (False, True)
    assert found("?urgency=urgent") == (True, False)
    assert found(f"?place={cast.station_place.code}") == (True, False)
    assert found("?group=没有的&urgency=x&place=x") == (True, True)
    assert found("?group=文化&urgency=urgent") == (False, False)
    assert "没有这样的需求" in page(cast.other_liaison, f"{HALL}?group=文化&urgency=urgent")


def test_what_suits_the_unit_stands_first_with_the_reason(cast: Cast) -> None:
    book = loop.opened(cast, content="想借阅图书，办读书会", category=lists.category("文化", "图书借阅"))
    loop.opened(cast, content="楼道堆物影响通行", category=lists.category("环境", "楼道堆物"))
    html = page(cast.liaison, HALL)
    assert html.index("想借阅图书") < html.index("楼道堆物影响")
    assert "适合本单位" in html and "理由：" in html
    only = page(cast.liaison, f"{HALL}?fit=1")
    assert "想借阅图书" in only and "楼道堆物影响" not in only
    fragment = page(cast.liaison, reverse("demands:suitable"))
    assert claim_path(book) in fragment and "<html" not in fragment
    desk = page(cast.liaison, "/")
    assert f'hx-get="{reverse("demands:suitable")}"' in desk
    assert "demands/suitable" not in page(cast.secretary, "/")


def test_claimed_demand_moves_to_what_may_be_joined(cast: Cast) -> None:
    demand = loop.opened(cast, content="夜里烧烤很吵")
    claim = loop.claimed(cast, demand)
    assert "夜里烧烤很吵" not in page(cast.other_liaison, HALL)
    joint = page(cast.other_liaison, f"{HALL}?show=joint")
    assert "县图书馆（牵头）" in joint and "加入联合认领" in joint
    own = page(cast.liaison, f"{HALL}?show=joint")
    assert "本单位已认领" in own and places.of_claim(claim) in own and "加入联合认领" not in own


def test_long_wait_and_pages_of_the_hall(cast: Cast, frozen: Frozen) -> None:
    for number in range(22):
        lists.demand(cast.alliance, hall_opened_at=clock.now(), content=f"第{number}件事情")
    frozen.forward(days=8)
    first = page(cast.staff, HALL)
    assert "第21件事情" in first and "第1件事情" not in first and "已等 8 天" in first
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older and "第1件事情" in page(cast.staff, HALL + older[1].replace("&amp;", "&"))


# --- claiming -------------------------------------------------------------------------------------------------------


def test_claim_has_three_fields_and_everything_known_is_filled_in(cast: Cast) -> None:
    demand = loop.opened(cast, urgency="soon")
    lists.resource(loop.member(cast), name="公益讲座")
    html = page(cast.liaison, claim_path(demand))
    assert fields(html) == {"measures", "responsible", "due_on", "resource"}
    assert re.search(
        r"<details(?! open)[^>]*><summary>用到本单位的服务资源", html
    )  # folded: nobody has to look at it
    assert 'value="2026-03-17"' in html and f'value="{cast.liaison.person.name}"' in html
    assert fields(page(cast.second_liaison, claim_path(demand))) == {"measures", "responsible", "due_on"}


def test_first_claim_leads_the_next_one_joins(cast: Cast) -> None:
    demand = loop.opened(cast)
    resource = lists.resource(loop.member(cast), name="公益讲座")
    first = client_of(cast.liaison).post(claim_path(demand), {**PROMISED, "resource": resource.pk})
    lead = Claim.objects.get(member=loop.member(cast))
    assert first.status_code == 302 and first["Location"] == places.of_claim(lead)
    assert (lead.part, lead.resource, str(lead.due_on), lead.via) == (
        "lead",
        resource,
        "2026-03-20",
        "screen",
    )
    html = page(cast.second_liaison, claim_path(demand))
    assert "联合认领" in html and 'name="part" value="joint"' in html
    client_of(cast.second_liaison).post(claim_path(demand), {**PROMISED, "part": "joint"})
    assert Claim.objects.get(member=loop.member(cast, "县文体广电局")).part == "joint"
    again = client_of(cast.liaison).get(claim_path(demand))
    assert again.status_code == 302 and again["Location"] == places.of_claim(lead)


def test_liaison_who_stays_responsible_types_no_telephone(cast: Cast) -> None:
    person = cast.liaison.person
    for name, phone in ((person.name, person.phone), ("钱新民", "")):
        demand = loop.opened(cast)
        client_of(cast.liaison).post(claim_path(demand), {**PROMISED, "responsible": name})
        assert demand.claims.get().responsible_phone == phone


def test_whoever_was_slower_keeps_every_word_and_may_join_with_one_tap(cast: Cast) -> None:
    demand = loop.opened(cast)
    loop.claimed(cast, demand)
    answer = client_of(cast.other_liaison).post(claim_path(demand), PROMISED)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "县图书馆已先牵头认领" in html and PROMISED["measures"] in html
    assert 'name="part" value="joint"' in html
    assert not demand.claims.filter(member=loop.member(cast, "县实验小学")).exists()


def test_promise_beyond_the_deadline_says_what_to_do(cast: Cast) -> None:
    demand = loop.opened(cast, urgency="urgent")
    answer = client_of(cast.liaison).post(claim_path(demand), PROMISED)
    assert answer.status_code == 422 and "最迟3月7日完成" in answer.content.decode()
    empty = client_of(cast.liaison).post(claim_path(demand), {})
    assert empty.status_code == 422 and "请填写服务措施" in empty.content.decode()


def test_liaison_of_two_units_says_which(cast: Cast) -> None:
    demand = loop.opened(cast)
    review.share(demand, cast.county_place, actor=cast.secretary)
    html = page(cast.both_liaison, claim_path(demand))
    assert fields(html) == {"member", "measures", "responsible", "due_on"}
    far = cast.foreign_members["县交警队"]
    client_of(cast.both_liaison).post(claim_path(demand), {**PROMISED, "member": far.pk})
    assert demand.claims.get().member == far


def test_unit_of_another_alliance_takes_a_shared_demand(cast: Cast) -> None:
    demand = loop.opened(cast)
    client = client_of(cast.foreign_liaison)
    assert client.get(claim_path(demand)).status_code == 404
    assert client.post(claim_path(demand), PROMISED).status_code == 404
    review.share(demand, cast.county_place, actor=cast.secretary)
    assert client.post(claim_path(demand), PROMISED).status_code == 302
    assert demand.claims.get().member == cast.foreign_members["县法院"]


def test_demand_that_cannot_be_claimed_says_why_before_anything_is_typed(cast: Cast) -> None:
    kept = review.open_(loop.taken_in(cast)[0], to_hall=False, actor=cast.staff)
    closed = loop.accepted(cast).claim.demand
    for demand, words in ((kept, "还没有开放领办"), (closed, "已办结")):
        answer = client_of(cast.other_liaison).get(claim_path(demand), follow=False)
        assert answer.status_code == 302 and answer["Location"] == places.of_demand(demand)
        said = [str(m) for m in answer.wsgi_request._messages]
        assert any(words in line for line in said), said


# --- the office writes it down --------------------------------------------------------------------------------------


def test_office_records_a_claim_made_by_telephone(cast: Cast) -> None:
    demand = loop.opened(cast)
    member = loop.member(cast)
    html = page(cast.staff, claim_path(demand, f"?record=1&member={member.pk}"))
    assert f'value="{cast.liaison.person.name}"' in html and "县实验小学" in html
    sent = {
        "member": member.pk,
        "via": "phone",
        "measures": "夜间巡查",
        "responsible": "钱新民",
        "due_on": "2026-06-30",  # the office may agree to more time
        "part": "lead",
    }
    answer = client_of(cast.staff).post(claim_path(demand, "?record=1"), sent)
    claim = demand.claims.get()
    assert answer["Location"] == places.of_demand(demand)
    assert (claim.member, claim.via, str(claim.due_on)) == (member, "phone", "2026-06-30")


def test_office_cannot_record_for_a_unit_outside(cast: Cast) -> None:
    demand = loop.opened(cast)
    sent = {**PROMISED, "member": cast.foreign_members["县法院"].pk, "via": "phone"}
    answer = client_of(cast.staff).post(claim_path(demand), sent)
    assert answer.status_code == 422 and not demand.claims.exists()


# --- who may look --------------------------------------------------------------------------------------------------


def test_hall_holds_out_hostile_names(cast: Cast) -> None:
    demand = loop.opened(cast, content='<script>alert("x")</script>要修')
    promise = Promise("<b>措施</b>", "<i>人</i>")
    claims.take(demand, cast.members[HOSTILE], promise, via="phone", actor=cast.staff)
    html = page(cast.secretary, f"{HALL}?show=joint")
    assert "&lt;script&gt;" in html and "<script>alert" not in html and "<img src=x" not in html


def test_hall_needs_a_login(db: None) -> None:
    answer = Client().get(HALL)
    assert answer.status_code == 302 and "/accounts/login/" in answer["Location"]


@pytest.mark.parametrize("part_of_cast", ["administrator", "auditor"])
def test_hall_is_nobodys_without_business(cast: Cast, part_of_cast: str) -> None:
    page(cast.users[part_of_cast], HALL, 404)
