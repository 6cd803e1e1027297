"""Collecting wishes: the liaison's form, the community's overview, recording what came on paper."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alliances.models import User
from rotation.enums import WishSource
from rotation.models import Wish
from tests.cast import Cast
from tests.factories import people

ClientFor = Callable[[User | None], Client]
WORDS = {
    "preferred": ["5", "6"],
    "blackout": ["1"],
    "theme": "读书会",
    "resources": "场地",
    "excused_reason": "",
}


def form(cast: Cast, name: str = "县图书馆", year: int = 2027) -> str:
    return f"/wishes/{cast.members[name].pk}/{year}/"


def test_a_liaison_fills_one_form(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.liaison)
    assert "不填报的，视为服从安排" in client.get(form(cast)).content.decode()
    page = client.post(form(cast), WORDS, follow=True).content.decode()
    assert "2027年度轮值意愿已保存" in page
    wish = Wish.objects.get()
    assert (wish.preferred, wish.blackout, wish.theme) == ([5, 6], [1], "读书会")
    assert (wish.source, wish.submitted_by) == (WishSource.FORM, cast.liaison)
    client.post(form(cast), {**WORDS, "theme": "义诊"})
    assert Wish.objects.get().theme == "义诊"


def test_a_month_both_wanted_and_refused_keeps_the_words(cast: Cast, client_for: ClientFor) -> None:
    answer = client_for(cast.liaison).post(form(cast), {**WORDS, "blackout": ["5"]})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "5月既选了意向又选了不便" in page
    assert 'value="读书会"' in page
    assert page.count("checked") == 3
    assert not Wish.objects.exists()


def test_the_community_records_for_a_unit_and_says_so(cast: Cast, client_for: ClientFor) -> None:
    overview = f"/year/{cast.alliance.code}/2027/wishes/"
    answer = client_for(cast.staff).post(form(cast, "县财政局"), WORDS)
    assert answer.url == overview
    assert Wish.objects.get().source == WishSource.STAFF
    page = client_for(cast.staff).get(overview).content.decode()
    assert "社区代录" in page
    assert 'title="5月意向"' in page
    assert 'title="1月不便"' in page


@pytest.mark.parametrize(
    ("part", "status"),
    [
        ("liaison", 200),
        ("leader", 200),
        ("secretary", 200),
        ("staff", 200),
        ("other_liaison", 403),
        ("president", 403),
        ("street", 403),
        ("foreign_liaison", 404),
        ("foreign_secretary", 404),
        ("administrator", 404),
    ],
)
def test_a_form_is_the_units_and_the_communitys(
    cast: Cast, client_for: ClientFor, part: str, status: int
) -> None:
    assert client_for(cast.users[part]).get(form(cast)).status_code == status
    wanted = {"leader": 403}.get(part, status)
    answer = client_for(cast.users[part]).post(form(cast), WORDS)
    assert answer.status_code == (302 if wanted == 200 else wanted)
    assert Wish.objects.exists() == (wanted == 200)


def test_who_has_filled_and_who_has_not(cast: Cast, client_for: ClientFor) -> None:
    member = cast.members["县财政局"]
    member.wishes.create(alliance=cast.alliance, year=2027, preferred=[2], source="form")
    cast.members["县司法局"].wishes.create(
        alliance=cast.alliance, year=2027, excused_reason="机构改革", source="staff"
    )
    overview = f"/year/{cast.alliance.code}/2027/wishes/"
    client = client_for(cast.secretary)
    page = client.get(overview)
    assert [(item["key"], item["count"]) for item in page.context["counters"]] == [
        ("filled", 2),
        ("missing", len(cast.members) - 2),
        ("excused", 1),
    ]
    assert "今年不轮值：机构改革" in page.content.decode()
    assert [row.member for row in client.get(f"{overview}?state=excused").context["rows"]] == [
        cast.members["县司法局"]
    ]
    missing = client.get(f"{overview}?state=missing").context["rows"]
    assert member not in [row.member for row in missing]
    assert len(missing) == len(cast.members) - 2
    for part, status in {"street": 200, "president": 200, "liaison": 403, "outsider": 404}.items():
        user = cast.outsider if part == "outsider" else cast.users[part]
        assert client_for(user).get(overview).status_code == status, part


def test_the_overview_takes_the_same_queries_for_any_number_of_units(
    cast: Cast, client_for: ClientFor
) -> None:
    client = client_for(cast.secretary)
    overview = f"/year/{cast.alliance.code}/2027/wishes/"

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(overview)
        return len(queries)

    client.get(overview)
    none_filled = count()
    for member in cast.members.values():
        member.wishes.create(alliance=cast.alliance, year=2027, preferred=[2], source="form")
    people.members(cast.alliance, {f"新单位{number}": "solo" for number in range(20)})
    assert count() == none_filled
    assert none_filled <= 12


def test_after_passing_the_form_is_closed(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.liaison)
    page = client.get(form(cast, year=2026)).content.decode()
    assert "已经通过" in page
    assert "<textarea" not in page and 'name="theme"' not in page
    client.post(form(cast, year=2026), WORDS)
    assert not Wish.objects.exists()
    assert client.get(form(cast, year=1999)).status_code == 404
