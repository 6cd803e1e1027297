"""下单到单位 as people see it: offering, answering, taking back, opening the hall, and the part of the demand's page."""

from __future__ import annotations

from django.urls import reverse

from alliances.models import Message, User
from demands.enums import OfferState
from demands.models import Demand, Offer
from demands.selectors import places
from demands.services import claims, dispatch, review
from demands.services.claims import Promise
from tests.cast import Cast
from tests.conftest import Frozen, client_of
from tests.demands import loop
from tests.demands.test_hall_pages import HALL, PROMISED, claim_path, page

# --- offers ---------------------------------------------------------------------------------------------------------


def kept_back(cast: Cast) -> Demand:
    return review.open_(loop.taken_in(cast)[0], to_hall=False, actor=cast.staff)


def offers_path(demand: Demand) -> str:
    return reverse("demands:offers", args=[demand.pk])


def test_office_ticks_suggested_and_other_units(cast: Cast) -> None:
    demand = kept_back(cast)
    html = page(cast.staff, offers_path(demand))
    assert html.count('name="units"') == len(cast.members)
    assert "推荐的单位" in html and 'value="2026-03-05"' in html
    chosen = [loop.member(cast), loop.member(cast, "县邮政局")]
    answer = client_of(cast.staff).post(
        offers_path(demand), {"units": [m.pk for m in chosen], "reply_by": "2026-03-06", "note": "请承接"}
    )
    assert answer.status_code == 302
    assert {o.member for o in demand.offers.all()} == set(chosen)
    assert Message.objects.filter(kind="demands.offer.new", recipient=cast.liaison.person).exists()
    again = page(cast.staff, offers_path(demand))
    assert again.count('name="units"') == len(cast.members) - 2 and "已经派过" in again


def test_shared_demand_may_be_offered_to_a_unit_of_another_community(cast: Cast) -> None:
    demand = loop.opened(cast)
    court = cast.foreign_members["县法院"]
    assert "县法院" not in page(cast.staff, offers_path(demand))
    review.share(demand, cast.county_place, actor=cast.secretary)
    assert "县法院（清河社区）" in page(cast.staff, offers_path(demand))
    client_of(cast.staff).post(offers_path(demand), {"far": court.pk, "reply_by": "2026-03-06"})
    offer = demand.offers.get()
    assert offer.member == court
    assert "接单" in page(cast.foreign_liaison, reverse("demands:offer", args=[offer.pk]))


def test_offer_to_nobody_is_refused_with_a_sentence(cast: Cast) -> None:
    demand = kept_back(cast)
    answer = client_of(cast.staff).post(
        offers_path(demand), {"reply_by": "2026-03-06", "note": "请承接这件事"}
    )
    html = answer.content.decode()
    assert answer.status_code == 422 and "请选择派单的单位" in html and "请承接这件事" in html


def offered(cast: Cast, *names: str) -> list[Offer]:
    return dispatch.offer(kept_back(cast), [loop.member(cast, n) for n in names], actor=cast.staff)


def answer_path(offer: Offer) -> str:
    return reverse("demands:offer", args=[offer.pk])


def test_unit_answers_by_claiming_or_with_a_reason(cast: Cast) -> None:
    first, second = offered(cast, "县图书馆", "县实验小学")
    html = page(cast.liaison, answer_path(first))
    assert claim_path(first.demand) in html
    client_of(cast.liaison).post(claim_path(first.demand), PROMISED)
    first.refresh_from_db()
    assert first.state == OfferState.TAKEN
    empty = client_of(cast.other_liaison).post(answer_path(second), {"reason": " "})
    assert empty.status_code == 422 and "请写明不能承接的原因" in empty.content.decode()
    client_of(cast.other_liaison).post(answer_path(second), {"reason": "人手不足"})
    second.refresh_from_db()
    assert (second.state, second.answer_via) == (OfferState.DECLINED, "screen")
    assert client_of(cast.other_liaison).get(answer_path(second)).status_code == 302


def test_office_records_a_no_said_on_paper_with_its_day(cast: Cast, frozen: Frozen) -> None:
    (offer,) = offered(cast, "县图书馆")
    frozen.forward(days=2)
    html = page(cast.staff, answer_path(offer))
    assert "代录县图书馆的回复" in html and f"?record=1&amp;member={offer.member_id}" in html
    client_of(cast.staff).post(answer_path(offer), {"reason": "设备检修", "via": "paper", "on": "2026-03-03"})
    offer.refresh_from_db()
    assert (offer.state, offer.answer_via, str(offer.answered_on)) == ("declined", "paper", "2026-03-03")
    offer.demand.refresh_from_db()
    assert offer.demand.hall_opened_at


def test_offer_taken_back_is_no_failure_of_the_unit(cast: Cast) -> None:
    first, second = offered(cast, "县图书馆", "县实验小学")
    path = reverse("demands:offer-withdraw", args=[first.pk])
    assert client_of(cast.liaison).post(path).status_code == 403
    assert client_of(cast.other_liaison).post(path).status_code == 404
    assert client_of(cast.staff).post(path).status_code == 302
    demand = first.demand
    assert list(demand.offers.all()) == [second]
    assert Message.objects.filter(kind="demands.offer.withdrawn", recipient=cast.liaison.person).exists()
    demand.refresh_from_db()
    assert demand.hall_opened_at is None
    dispatch.take_back(second, actor=cast.staff)
    demand.refresh_from_db()
    assert demand.hall_opened_at and not demand.offers.exists()


def test_answered_offer_is_not_taken_back(cast: Cast) -> None:
    (offer,) = offered(cast, "县图书馆")
    dispatch.decline(offer, "人手不足", actor=cast.liaison)
    answer = client_of(cast.staff).post(reverse("demands:offer-withdraw", args=[offer.pk]))
    assert "刚刚回复" in "".join(str(m) for m in answer.wsgi_request._messages)
    assert Offer.objects.filter(pk=offer.pk).exists()


def test_office_opens_the_hall(cast: Cast) -> None:
    demand = kept_back(cast)
    client_of(cast.staff).post(reverse("demands:open-hall", args=[demand.pk]))
    demand.refresh_from_db()
    assert demand.hall_opened_at
    assert demand.content in page(cast.other_liaison, HALL)


# --- the part of the demand's page ----------------------------------------------------------------------------------


def part(cast: Cast, user: User, demand: Demand) -> str:
    """As the demand's page shows it."""
    return page(user, places.of_demand(demand))


def test_demands_page_offers_everybody_their_own_step(cast: Cast) -> None:
    (offer,) = offered(cast, "县图书馆")
    demand = offer.demand
    mine = part(cast, cast.liaison, demand)
    assert "请贵单位承接" in mine and claim_path(demand) in mine and answer_path(offer) in mine
    other = part(cast, cast.other_liaison, demand)
    assert claim_path(demand) not in other and "县图书馆" not in other[other.index("谁来办") :]
    office = part(cast, cast.staff, demand)
    assert offers_path(demand) in office and f"{claim_path(demand)}?record=1" in office
    assert reverse("demands:open-hall", args=[demand.pk]) in office
    claim = claims.take(demand, loop.member(cast), Promise("巡查", "钱新民"), actor=cast.liaison)
    assert places.of_claim(claim) in part(cast, cast.street, demand)
    leader = part(cast, cast.leader, demand)
    assert claim_path(demand) not in leader and "牵头" in leader
