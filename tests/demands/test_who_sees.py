"""Who sees which rows of the four lists, and whose name and phone."""

from __future__ import annotations

from typing import Any

import pytest

from alliances.models import User
from demands import policies
from demands.models import Acceptance, Author, CallBack, Claim, Demand, Offer, Resource
from demands.services import review
from tests.cast import NOW, Cast
from tests.factories import demands as lists

# Everybody who has business in 同心社区; the offices above it.
HOME = {
    "secretary", "staff", "president", "station", "liaison", "second_liaison", "third_liaison", "other_liaison",
    "both_liaison", "leader",
}  # fmt: skip
OFFICES = {"street", "county"}
RUN = {"secretary", "staff", "president"}


def seen(cast: Cast, model: Any, row: Any) -> set[str]:
    """The parts of the cast for which ``row`` exists."""
    return {
        name
        for name, user in cast.users.items()
        if model.objects.visible_to(cast.fresh(user)).filter(pk=row.pk).exists()
    }


@pytest.mark.parametrize("state", ["open", "claimed", "served", "closed", "unresolved"])
def test_reviewed_demand_is_seen_at_home_and_above(cast: Cast, state: str) -> None:
    demand = lists.demand(
        cast.alliance, cast.station_place, state=state, reason="无", unresolved_reason="money"
    )
    assert seen(cast, Demand, demand) == HOME | OFFICES


@pytest.mark.parametrize("state", ["submitted", "declined", "withdrawn"])
def test_unreviewed_demand_is_between_its_author_and_the_office(cast: Cast, state: str) -> None:
    demand = lists.demand(cast.alliance, cast.station_place, state=state, reason="无")
    assert seen(cast, Demand, demand) == RUN | {"station"}
    assert seen(cast, Demand, lists.demand(cast.alliance, state=state, reason="无")) == RUN


def test_unit_sees_what_it_asked_for_itself_in_any_state(cast: Cast) -> None:
    demand = lists.demand(cast.alliance, state="submitted", member=cast.members["县图书馆"])
    assert seen(cast, Demand, demand) == RUN | {"liaison", "leader"}


def test_shared_demand_is_seen_by_units_below_the_office(cast: Cast) -> None:
    street = lists.demand(cast.alliance, shared_to=cast.street_place, shared_at=NOW)
    assert seen(cast, Demand, street) == HOME | OFFICES  # 清河社区 lies under another street
    county = lists.demand(cast.alliance, shared_to=cast.county_place, shared_at=NOW)
    assert seen(cast, Demand, county) == HOME | OFFICES | {"foreign_liaison"}
    hall = Demand.objects.in_hall_of(cast.fresh(cast.foreign_liaison))
    assert list(hall) == [county]
    assert not Demand.objects.in_hall_of(cast.fresh(cast.liaison)).exists()
    assert policies.members_acting(cast.fresh(cast.foreign_liaison), county) == [
        cast.foreign_members["县法院"].pk
    ]
    assert policies.members_acting(cast.fresh(cast.foreign_liaison), street) == []


def test_unit_of_two_alliances_acts_at_home_first(cast: Cast) -> None:
    county = lists.demand(cast.alliance, shared_to=cast.county_place, shared_at=NOW)
    near, far = cast.members["县交警队"].pk, cast.foreign_members["县交警队"].pk
    assert policies.members_acting(cast.fresh(cast.both_liaison), county) == [near, far]


def test_unreviewed_demand_is_in_no_hall(cast: Cast) -> None:
    shared = lists.demand(cast.alliance, state="submitted", shared_to=cast.county_place, shared_at=NOW)
    assert "foreign_liaison" not in seen(cast, Demand, shared)


def test_foreign_unit_sees_what_it_claimed_also_without_a_share(cast: Cast) -> None:
    demand = lists.demand(cast.alliance, state="claimed")
    claim = lists.claim(demand, cast.foreign_members["县法院"])
    assert seen(cast, Demand, demand) == HOME | OFFICES | {"foreign_liaison"}
    # Those who run the unit's own alliance see the claim as its record, not the demand.
    assert seen(cast, Claim, claim) == HOME | OFFICES | {"foreign_liaison", "foreign_secretary"}
    visit = lists.acceptance(claim)
    assert seen(cast, Acceptance, visit) == seen(cast, Claim, claim)
    assert seen(cast, CallBack, lists.answer(visit)) == seen(cast, Claim, claim)


def test_offer_is_between_the_office_and_the_unit_asked(cast: Cast) -> None:
    offer = Offer.objects.create(
        demand=lists.demand(cast.alliance), member=cast.members["县图书馆"], reply_by=NOW.date()
    )
    assert seen(cast, Offer, offer) == RUN | OFFICES | {"liaison", "leader"}


def test_resource_is_seen_in_every_alliance_of_its_unit(cast: Cast) -> None:
    one = lists.resource(cast.members["县图书馆"])
    assert seen(cast, Resource, one) == HOME | OFFICES
    both = lists.resource(cast.members["县交警队"])
    assert seen(cast, Resource, both) == HOME | OFFICES | {
        "other_street",
        "foreign_liaison",
        "foreign_secretary",
    }


def test_nobody_else_sees_anything(cast: Cast) -> None:
    claim = lists.claim(lists.demand(cast.alliance, cast.station_place), cast.members["县图书馆"])
    for part in ("administrator", "auditor", "other_street", "foreign_secretary"):
        user = cast.fresh(cast.users[part])
        assert not Demand.objects.visible_to(user).exists(), part
        assert not Claim.objects.visible_to(user).filter(pk=claim.pk).exists(), part
        assert not Author.objects.visible_to(user).exists(), part
    assert not Demand.objects.visible_to(None).exists()


# --- names and phones ------------------------------------------------------------------------------------------------


def knows(cast: Cast, author: Author) -> set[str]:
    found = seen(cast, Author, author)
    asked = {name for name, user in cast.users.items() if policies.may_see_contact(cast.fresh(user), author)}
    assert found == asked
    return found


def test_contact_is_known_to_the_office_and_the_station(cast: Cast) -> None:
    author = lists.author(lists.demand(cast.alliance, cast.station_place))
    assert knows(cast, author) == {"secretary", "staff", "station"}
    assert knows(cast, lists.author(lists.demand(cast.alliance))) == {"secretary", "staff"}


@pytest.mark.parametrize(
    ("state", "is_known"),
    [
        ("taken", True),
        ("in_service", True),
        ("delivered", True),
        ("returned", True),
        ("accepted", False),
        ("handed_back", False),
    ],
)
def test_liaison_knows_the_contact_while_the_claim_is_worked_on(
    cast: Cast, state: str, is_known: bool
) -> None:
    demand = lists.demand(cast.alliance, cast.station_place, state="claimed")
    lists.claim(
        demand,
        cast.members["县图书馆"],
        state=state,
        delivered_on=NOW.date(),
        accepted_on=NOW.date(),
        handed_back_at=NOW,
        hand_back_reason="人员调整",
    )
    author = lists.author(demand)
    assert ("liaison" in knows(cast, author)) is is_known
    assert not knows(cast, author) & {"leader", "other_liaison", "president", "street", "county"}


def test_sensitive_contact_waits_for_the_secretarys_release(cast: Cast) -> None:
    demand = lists.demand(cast.alliance, cast.station_place, is_sensitive=True, state="claimed")
    claim = lists.claim(demand, cast.members["县图书馆"])
    joint = lists.claim(demand, cast.members["县实验小学"], part="joint")
    author = lists.author(demand)
    assert knows(cast, author) == {"secretary", "staff", "station"}
    Claim.objects.filter(pk=claim.pk).update(contact_released_at=NOW)
    assert knows(cast, author) == {"secretary", "staff", "station", "liaison"}
    Claim.objects.filter(pk=joint.pk).update(contact_released_at=NOW)
    assert "other_liaison" in knows(cast, author)


def test_contact_of_a_merged_demand_goes_with_the_claim_on_the_other(cast: Cast) -> None:
    main = lists.demand(cast.alliance, cast.station_place, state="claimed")
    lists.claim(main, cast.members["县图书馆"])
    merged = lists.demand(cast.alliance, state="merged", merged_into=main)
    author = lists.author(merged)
    assert knows(cast, author) == {"secretary", "staff", "station", "liaison"}  # the station calls them back
    Demand.objects.filter(pk=merged.pk).update(is_sensitive=True)
    assert "liaison" not in knows(cast, author)


def test_release_of_one_contact_is_none_of_a_sensitive_one_merged_in_later(cast: Cast) -> None:
    into = lists.demand(cast.alliance, cast.station_place, is_sensitive=True, state="claimed")
    claim = lists.claim(into, cast.members["县图书馆"])
    known = lists.author(into)
    Claim.objects.filter(pk=claim.pk).update(contact_released_at=NOW, contact_released_by=cast.secretary)
    later = lists.demand(cast.alliance, cast.station_place, state="submitted", is_sensitive=True)
    author = lists.author(later)
    assert "liaison" in knows(cast, known)
    review.merge(later, into, actor=cast.staff)
    assert "liaison" not in knows(cast, author) | knows(cast, known)
    Claim.objects.filter(pk=claim.pk).update(contact_released_at=NOW, contact_released_by=cast.secretary)
    assert "liaison" in knows(cast, author)


def test_foreign_liaison_of_a_shared_demand_knows_nobody_until_it_claims(cast: Cast) -> None:
    demand = lists.demand(cast.alliance, shared_to=cast.county_place, shared_at=NOW)
    author = lists.author(demand)
    assert "foreign_liaison" not in knows(cast, author)
    lists.claim(demand, cast.foreign_members["县法院"])
    assert "foreign_liaison" in knows(cast, author)
    assert "foreign_secretary" not in knows(cast, author)


def test_an_ended_post_sees_nothing_more(cast: Cast) -> None:
    author = lists.author(lists.demand(cast.alliance, cast.station_place))
    user: User = cast.fresh(cast.staff)
    user.person.appointments.update(ends_on=NOW.date())
    assert not Author.objects.visible_to(cast.fresh(user)).filter(pk=author.pk).exists()
    assert not Demand.objects.visible_to(cast.fresh(user)).exists()
