"""The claims that an activity served: chosen with its record, shown on the activity, its paper and the claim's page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from alliances.documents import to_text
from alliances.errors import OfficeError
from alliances.models import User
from demands.models import Claim
from rotation import integrity_month
from rotation.models import Activity, Slip
from rotation.selectors import activities as reads
from rotation.selectors import served
from rotation.selectors.papers_activity import activity_paper
from rotation.services import activities
from tests.cast import NOW, Cast
from tests.conftest import Frozen
from tests.demands import loop
from tests.factories import demands as lists
from tests.rotation.test_activity_pages import planned, url

ClientFor = Callable[[User | None], Client]
TODAY = NOW.date()


@pytest.fixture
def activity(cast: Cast, march: Slip) -> Activity:
    return planned(cast, planned_on=TODAY)


@pytest.fixture
def claim(cast: Cast) -> Claim:
    """县图书馆's, who is on duty in March."""
    return loop.claimed(cast)


def test_claims_of_units_that_take_part_can_be_chosen(cast: Cast, activity: Activity, claim: Claim) -> None:
    school = lists.claim(lists.demand(cast.alliance, state="claimed"), cast.members["县实验小学"])
    assert list(served.claims_for(activity)) == [claim]
    activities.join(activity, cast.members["县实验小学"], actor=cast.other_liaison)
    assert list(served.claims_for(activity)) == [claim, school]
    # Neither what was over before, nor what was handed back, nor what serves another community.
    Claim.objects.filter(pk=school.pk).update(
        state="accepted", delivered_on=TODAY, accepted_on=TODAY - timedelta(days=1), claimed_on=TODAY
    )
    lists.claim(
        lists.demand(cast.alliance),
        cast.members["县图书馆"],
        state="handed_back",
        handed_back_at=NOW,
        hand_back_reason="人员调整",
    )
    lists.claim(lists.demand(cast.foreign_alliance, state="claimed"), cast.members["县图书馆"])
    assert list(served.claims_for(activity)) == [claim]
    Claim.objects.filter(pk=school.pk).update(accepted_on=TODAY)
    assert set(served.claims_for(activity)) == {claim, school}


def test_record_names_what_was_served(
    cast: Cast, activity: Activity, claim: Claim, client_for: ClientFor
) -> None:
    client = client_for(cast.second_liaison)
    form = client.get(url(activity, "record/")).content.decode()
    line = f"{claim.demand.number} 环境/噪声（县图书馆）"
    assert line in form and "烧烤" not in form
    # A claim served is a fact by itself: no heads need be counted.
    sent = {"held_on": TODAY.isoformat(), "claims": [str(claim.pk)]}
    page = client.post(url(activity, "record/"), sent, follow=True).content.decode()
    assert "活动记录已完成" in page
    assert f'<a class="link" href="/demands/claims/{claim.pk}/">{line}</a>' in page
    paper = to_text(activity_paper(reads.full().get(pk=activity.pk)))
    assert "服务的需求" in paper and line in paper
    assert not integrity_month.activity_facts()


def test_claim_says_by_which_activity_it_was_served(
    cast: Cast, activity: Activity, claim: Claim, client_for: ClientFor
) -> None:
    address = f"/demands/claims/{claim.pk}/"
    assert "服务活动" not in client_for(cast.liaison).get(address).content.decode()
    activities.record(activity, claims=[claim], held_on=TODAY, actor=cast.liaison)
    page = client_for(cast.liaison).get(address).content.decode()
    assert f'<a href="{url(activity)}">由3月2日活动“学雷锋志愿服务”服务</a>' in page


def test_activity_of_another_alliance_stays_there(
    cast: Cast, activity: Activity, client_for: ClientFor
) -> None:
    demand = lists.demand(cast.alliance, state="claimed", shared_to=cast.county_place, shared_at=NOW)
    foreign = lists.claim(demand, cast.foreign_members["县法院"])
    home = lists.claim(demand, cast.members["县图书馆"], part="joint")
    activity.claims.set([foreign, home])
    page = client_for(cast.foreign_liaison).get(f"/demands/claims/{foreign.pk}/").content.decode()
    assert "学雷锋" not in page


def test_only_what_can_have_been_served_is_kept(
    cast: Cast, activity: Activity, frozen: Frozen, client_for: ClientFor
) -> None:
    school = lists.claim(lists.demand(cast.alliance, state="claimed"), cast.members["县实验小学"])
    with pytest.raises(OfficeError, match="参加单位"):
        activities.record(activity, claims=[school], beneficiaries=3, held_on=TODAY, actor=cast.liaison)
    activity.refresh_from_db()
    assert activity.state == "planned" and not activity.claims.exists()
    form = client_for(cast.liaison).get(url(activity, "record/")).content.decode()
    assert "服务的需求" not in form  # nothing to choose, nothing asked


def test_record_needs_a_fact_still(cast: Cast, activity: Activity, claim: Claim) -> None:
    with pytest.raises(OfficeError, match="请至少填写一项"):
        activities.record(activity, held_on=TODAY, actor=cast.liaison)


def test_integrity_finds_a_claim_of_another_alliance(cast: Cast, activity: Activity, claim: Claim) -> None:
    activity.claims.set([claim])
    assert not integrity_month.activity_facts()
    demand = lists.demand(cast.foreign_alliance, state="claimed")
    activity.claims.add(lists.claim(demand, cast.members["县图书馆"]))
    assert integrity_month.activity_facts() == [f"活动“学雷锋志愿服务”服务的需求{demand.number}不在本联盟"]
