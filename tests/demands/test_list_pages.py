"""The four lists as pages: who reads which rows, filters, pages by key, and rates whose numbers are their rows."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alliances import clock
from alliances.models import Alliance, Member, User
from demands.models import Acceptance, Author, CallBack, Claim, Demand, Extension, Offer
from tests.cast import Cast
from tests.conftest import client_of
from tests.demands import loop
from tests.factories import demands as make
from tests.factories import people

PAGES = ("", "claims/", "acceptances/", "resources/", "offers/", "answers/")
READERS = (
    "secretary", "staff", "president", "station", "liaison", "second_liaison", "both_liaison", "leader", "street",
    "county", "foreign_secretary", "foreign_liaison",
)  # fmt: skip


def body(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return response.content.decode()


def links(html: str) -> list[str]:
    """Addresses of the rows, in their order."""
    return re.findall(r'<th scope="row"[^>]*><a href="([^"]+)"', html)


def total(client: Client, url: str) -> int:
    """What the page says of its rows when asked for the total."""
    found = re.search(r"共 (\d+) 条", body(client, f"{url}{'&' if '?' in url else '?'}total=1"))
    assert found
    return int(found[1])


def town(cast: Cast) -> None:
    """Demands of every state at home and in the foreign community; a claim across, visits, answers, an offer."""
    for alliance, station in ((cast.alliance, cast.station_place), (cast.foreign_alliance, None)):
        for state in ("submitted", "open", "declined", "closed", "withdrawn"):
            make.demand(alliance, station, state=state, reason="无")
        make.demand(alliance, state="submitted")
    make.demand(cast.alliance, state="submitted", member=cast.members["县图书馆"])
    for alliance, member in (
        (cast.alliance, cast.members["县图书馆"]),
        (cast.alliance, cast.foreign_members["县法院"]),
        (cast.foreign_alliance, cast.foreign_members["县法院"]),
        (cast.foreign_alliance, cast.members["县图书馆"]),
    ):
        demand = make.demand(alliance, state="closed")
        done = make.claim(
            demand, member, state="accepted", delivered_on=clock.today(), accepted_on=clock.today()
        )
        make.answer(make.acceptance(done), "good")
        Offer.objects.create(demand=demand, member=member, reply_by=clock.today())
    gone = make.demand(cast.alliance, state="withdrawn")
    back = {"state": "handed_back", "handed_back_at": clock.now(), "hand_back_reason": "调整"}
    make.claim(gone, cast.members["县文体广电局"], **back)


@pytest.mark.parametrize("part", READERS)
def test_a_list_shows_what_its_reader_may_see_of_the_own_alliances(cast: Cast, part: str) -> None:
    town(cast)
    user = cast.fresh(cast.users[part])
    own = Alliance.objects.visible_to(user)
    for model, path in (
        (Demand, ""),
        (Claim, ""),
        (Acceptance, "claim__"),
        (CallBack, "acceptance__claim__"),
    ):
        rows = model.objects.filter(**{f"{path}alliance__in": own})
        seen = set(rows.visible_to(user).values_list("pk", flat=True))
        assert set(rows.within(user).values_list("pk", flat=True)) == seen, (part, model)
    client = client_of(user)
    expected = Demand.objects.visible_to(user).filter(alliance__in=own).order_by("-pk")
    assert links(body(client, "/demands/")) == [f"/demands/{d.pk}/" for d in expected]
    for page in PAGES:
        body(client, f"/demands/{page}")


def test_a_units_own_claims_are_listed_wherever_they_are_served(cast: Cast) -> None:
    town(cast)
    client = client_of(cast.liaison)
    library = cast.members["县图书馆"].pk
    assert total(client, "/demands/claims/") == 2  # its alliance's, whoever serves; what was handed back not
    assert total(client, f"/demands/claims/?member={library}") == 2
    assert total(client, f"/demands/answers/?member={library}") == 2
    other = cast.members["县文体广电局"].pk
    assert total(client, f"/demands/claims/?member={other}") == 0


def test_page_beyond_the_first_is_reached_by_key_and_keeps_the_filters(cast: Cast) -> None:
    for _ in range(130):
        make.demand(cast.alliance, state="open")
    make.demand(cast.alliance, state="closed")
    client, url, seen = client_of(cast.secretary), "/demands/?state=open", []
    pages = 0
    while True:
        pages += 1
        html = body(client, url)
        seen += links(html)
        found = re.search(r'rel="next" href="([^"]+)"', html)
        if not found:
            break
        assert "state=open" in found[1]
        assert "before=" in found[1]
        url = "/demands/" + unescape(found[1])
    assert pages == 3
    assert len(seen) == len(set(seen)) == 130
    assert total(client, "/demands/?state=open") == 130


def test_every_filter_narrows_its_list(cast: Cast) -> None:
    town(cast)
    member = cast.members["县图书馆"]
    make.demand(cast.alliance, source="hotline", urgency="urgent", category=make.category("法律", "纠纷调解"))
    overdue = make.claim(
        make.demand(cast.alliance, cast.station_place, state="claimed"),
        member,
        claimed_on=date(2026, 1, 1),
        due_on=date(2026, 2, 1),
    )
    Extension.objects.create(claim=overdue, from_on=overdue.due_on, until_on=date(2026, 4, 1), reason="下雨")
    make.resource(member, kind="venue", name="报告厅")
    make.resource(member, name="讲座")
    client = client_of(cast.secretary)
    expected = {
        "?source=hotline": 1, "?urgency=urgent": 1, "?group=法律": 1, "?since=2026-03-03": 0, "?until=2026-03-02": 12,
        "?state=submitted": 3, f"?place={cast.station_place.code}": 6, "?station=none": 6, f"?member={member.pk}": 2,
        "claims/?late=1": 1, "claims/?extension=asked": 1, "claims/?state=overdue": 1, "claims/?state=accepted": 2,
        "claims/?by=due&until=2026-02-10": 1, f"claims/?member={member.pk}": 2, "acceptances/?verdict=failed": 0,
        "acceptances/?state=good": 2, "answers/?method=phone": 2, "answers/?method=visit": 0,
        "offers/?state=offered": 2, "resources/?kind=venue": 1, f"resources/?member={member.pk}": 2,
    }  # fmt: skip
    found = {query: total(client, f"/demands/{query}") for query in expected}
    assert found == expected
    html = body(client, "/demands/?source=hotline&group=法律")
    assert "来源：热线电话" in html
    assert "类别：法律" in html
    assert 'href="?source=hotline"' in html  # the other one taken off


def test_numbers_on_the_desk_are_the_rows_behind_them(cast: Cast) -> None:
    past = date(2026, 2, 1)
    for station in (None, cast.station_place):
        demand = make.demand(cast.alliance, station, state="served")
        make.claim(demand, cast.members["县图书馆"], state="delivered", delivered_on=clock.today())
    for state, more in (("in_service", {}), ("returned", {"delivered_on": past})):
        demand = make.demand(cast.alliance, state="claimed")
        make.claim(demand, cast.members["县图书馆"], state=state, claimed_on=past, due_on=past, **more)
    make.demand(cast.alliance, state="submitted")
    client = client_of(cast.secretary)
    html = body(client, "/")
    for words, query in (
        ("2 件认领项目逾期", "claims/?late=1"),
        ("1 件待社区验收", "claims/?state=delivered&station=none"),
        ("1 件需求待受理", "?state=submitted"),
    ):
        assert words in html
        assert f'href="/demands/{query}"'.replace("&", "&amp;") in html
        assert total(client, f"/demands/{query}") == int(words.split()[0])


def test_residents_are_masked_and_units_see_nothing_of_them(cast: Cast) -> None:
    make.author(loop.opened(cast, name="", phone="", has_consented=False), "欧阳秀兰", "13811112222")
    for part in READERS[:10]:
        html = body(client_of(cast.users[part]), "/demands/")
        assert "欧阳秀兰" not in html
        assert "13811112222" not in html
        knows = part in ("secretary", "staff", "president", "station", "street", "county")
        assert ("欧* 138****2222" in html) == knows, part
    assert Author.objects.count() >= 1


def test_sensitive_words_stay_with_those_who_handle_them(cast: Cast) -> None:
    make.demand(
        cast.alliance, cast.station_place, is_sensitive=True, content="三楼老人确诊", share_text="助医一户"
    )
    make.demand(cast.alliance, content="小王家漏水", share_text="一户漏水")
    seen = {part: body(client_of(cast.users[part]), "/demands/") for part in READERS[:10]}
    for part, html in seen.items():
        assert ("三楼老人确诊" in html) == (part in ("secretary", "staff", "station")), part
        assert ("小王家漏水" in html) == (part not in ("street", "county")), part
    assert "助医一户" in seen["liaison"]


def test_opinions_of_sensitive_needs_are_not_for_everybody(cast: Cast) -> None:
    for sensitive, words in ((True, "医生来过"), (False, "灯亮了")):
        demand = make.demand(cast.alliance, cast.station_place, state="closed", is_sensitive=sensitive)
        done = make.claim(
            demand,
            cast.members["县图书馆"],
            state="accepted",
            delivered_on=clock.today(),
            accepted_on=clock.today(),
        )
        make.answer(make.acceptance(done), opinion=words)
    for page in ("acceptances/", "answers/"):
        seen = {part: body(client_of(cast.users[part]), f"/demands/{page}") for part in READERS[:10]}
        for part, html in seen.items():
            handles = part in ("secretary", "staff", "station", "liaison", "leader")
            assert ("医生来过" in html) == handles, part
            assert ("灯亮了" in html) == (handles or part in ("president", "street", "county")), part


def test_exports_take_the_filters_along(cast: Cast) -> None:
    make.demand(cast.alliance)
    html = unescape(body(client_of(cast.secretary), "/demands/?state=open&source=visit"))
    assert "/exports/demands/?state=open&source=visit" in html
    assert "/exports/demands_full/?state=open&source=visit" in html
    assert "demands_full" not in body(client_of(cast.staff), "/demands/")
    assert "/exports/" not in body(client_of(cast.liaison), "/demands/")
    page = body(client_of(cast.secretary), "/exports/claims/?late=1&station=none")
    assert '<input type="hidden" name="late" value="1">' in page
    assert '<input type="hidden" name="station" value="none">' in page


# --- rates ----------------------------------------------------------------------------------------------------------


def numbers(html: str) -> list[tuple[str, int]]:
    """(address, number) of every linked number of the rates."""
    pairs = re.findall(r'<a href="(/demands/[^"]+)">(\d+)<span class="visually-hidden">：[^<]*的分', html)
    return [(unescape(url), int(number)) for url, number in pairs]


@pytest.mark.parametrize("role", ["office", "staff"])
def test_every_number_of_the_rates_is_the_count_of_its_rows(lists_county: dict[str, Any], role: str) -> None:
    county = Alliance.objects.select_related("organisation").get(code="01")
    home = Alliance.objects.select_related("organisation").get(code="01-01-01")
    for number, demand in enumerate(Demand.objects.filter(alliance=home).order_by("pk")[:6]):
        member = Member.objects.filter(alliance=home).order_by("pk")[number]
        answer = (
            {"state": "declined", "decline_reason": "没有人手", "answered_at": clock.now()}
            if number % 2
            else {}
        )
        Offer.objects.create(
            demand=demand, member=member, reply_by=date(2026, 3, 9), answered_on=date(2026, 3, 8 + number % 3) if answer else None, **answer
        )  # fmt: skip
    place = county.organisation if role == "office" else home.organisation
    client = client_of(people.user("查看人", "office" if role == "office" else "staff", place))
    html = body(client, "/demands/rates/?since=2026-01-01&until=2026-03-31")
    found = numbers(html)
    assert len(found) > (60 if role == "office" else 8), len(found)
    wrong = {url: (number, total(client, url)) for url, number in found if total(client, url) != number}
    assert wrong == {}
    assert {url.split("?")[0] for url, _ in found} == {
        "/demands/offers/", "/demands/claims/", "/demands/answers/"
    }  # fmt: skip
    assert min(number for _, number in found) > 0
    shown = re.findall(r"<strong>([\d.]+)%</strong>", html)
    assert len(shown) == 3  # 三项比率; what is only for comparison stands beside them
    assert re.findall(r"<span>(按时率|满意率（不含基本满意）) <b>[\d.]+%</b>", html)


def test_the_countys_satisfaction_is_97_8_percent(lists_county: dict[str, Any]) -> None:
    place = Alliance.objects.get(code="01").organisation
    client = client_of(people.user("县办", "office", place))
    html = body(client, "/demands/rates/?since=2025-01-01&until=2026-12-31")
    assert "97.8%" in html
    assert (269, 275) in {(a[1], b[1]) for a, b in zip(numbers(html), numbers(html)[1:], strict=False)}


def test_a_quarter_without_anything_says_so(cast: Cast) -> None:
    html = body(client_of(cast.secretary), "/demands/rates/")
    for words in ("2026年第一季度", "本季度无派单", "本季度无到期项目", "本季度无回访"):
        assert words in html
    assert "本期无派单" in body(
        client_of(cast.secretary), "/demands/rates/?since=2026-01-02&until=2026-01-05"
    )


def test_a_unit_reads_its_own_line_and_follows_only_its_own_numbers(cast: Cast) -> None:
    town(cast)
    Claim.objects.filter(claimed_on=clock.today()).update(due_on=date(2026, 3, 10))
    client = client_of(cast.liaison)
    html = body(client, "/demands/rates/")
    found = numbers(html)
    library = cast.members["县图书馆"].pk
    assert found
    assert all(f"member={library}" in url for url, _ in found)
    assert {url: total(client, url) for url, _ in found} == dict(found)
    assert max(number for _, number in found) == 2


def test_gaps_name_what_nobody_offers_and_what_nobody_used(cast: Cast) -> None:
    make.demand(cast.alliance, category=make.category("房屋设施", "电梯"), content="电梯坏了")
    idle = make.resource(cast.members["县图书馆"], name="无人机航拍")
    for part in ("secretary", "liaison", "county"):
        html = body(client_of(cast.users[part]), f"/demands/gaps/?alliance={cast.alliance.code}")
        assert "房屋设施/电梯" in html
        assert f'href="/demands/resources/{idle.pk}/"' in html
        assert "均已有单位认领" not in html
    claimed = Demand.objects.get(content="电梯坏了")
    make.claim(claimed, cast.members["县交警队"])
    assert "均已有单位认领" in body(
        client_of(cast.secretary), f"/demands/gaps/?alliance={cast.alliance.code}"
    )


def test_number_of_a_gap_opens_the_demands_of_its_category(cast: Cast) -> None:
    make.demand(cast.alliance, category=make.category("房屋设施", "电梯"), content="电梯坏了")
    make.demand(cast.alliance, category=make.category("房屋设施", "管网"), content="一楼返水")
    client = client_of(cast.secretary)
    html = unescape(body(client, f"/demands/gaps/?alliance={cast.alliance.code}"))
    found = re.search(r'<a href="([^"]+)">房屋设施/电梯</a>', html)
    assert found and total(client, found[1]) == 1
    assert "类别：房屋设施/电梯" in re.sub(r"<[^>]+>", "", body(client, found[1]))


def test_office_table_counts_and_leads_to_the_rows(cast: Cast) -> None:
    make.demand(cast.alliance)
    late = make.demand(cast.alliance, state="claimed")
    make.claim(late, cast.members["县图书馆"], claimed_on=date(2026, 1, 1), due_on=date(2026, 1, 5))
    client = client_of(cast.county)
    html = unescape(body(client, "/office/"))
    code = cast.alliance.code
    for words, url in (
        ("2 件", f"/demands/?alliance={code}&since=2026-03-01&until=2026-03-31"),
        ("1 件", f"/demands/?alliance={code}&state=open"),
        ("1 件已逾期", f"/demands/claims/?alliance={code}&late=1"),
    ):
        assert f'<a href="{url}">{words}' in html
        assert total(client, url) == int(words.split()[0])


# --- what pages cost ------------------------------------------------------------------------------------------------


def grown(cast: Cast, n: int) -> dict[str, User]:
    """``n`` of everything in a new community beside the cast's."""
    place = people.place(f"测量{n}社区", "community", cast.street_place)
    alliance = people.alliance(place)
    stations = [people.place(f"测量{n}-{i}站", "station", place) for i in range(n)]
    members = people.members(alliance, {f"测量{n}单位{i}": "solo" for i in range(n)})
    for i in range(n):
        demand = make.demand(
            alliance, stations[i], state="closed", category=make.category("测量", f"{n}-{i}")
        )
        make.author(demand, phone=f"1390000{n:02d}{i:02d}")
        done = make.claim(
            demand, members[i], state="accepted", delivered_on=clock.today(), accepted_on=clock.today()
        )
        done.notes.create(text="已上门")
        make.answer(make.acceptance(done), "good")
        make.resource(members[i], name=f"资源{i}")
        Offer.objects.create(demand=demand, member=members[i], reply_by=clock.today() + timedelta(days=1))
    return {
        "secretary": people.user(f"测量{n}书记", "secretary", place),
        "liaison": people.liaison(members[0], f"测量{n}联络员"),
    }


@pytest.mark.parametrize("part", ["secretary", "liaison"])
@pytest.mark.parametrize("path", [*PAGES, "rates/", "gaps/"])
def test_queries_do_not_grow_with_the_rows(cast: Cast, path: str, part: str) -> None:
    counts: dict[int, int] = {}
    for n in (1, 4, 9):
        client = client_of(grown(cast, n)[part])
        client.get(f"/demands/{path}")
        with CaptureQueriesContext(connection) as queries:
            body(client, f"/demands/{path}")
        counts[n] = len(queries)
    assert len(set(counts.values())) == 1, counts
    assert max(counts.values()) <= 12, counts


# --- ways from one page to another ----------------------------------------------------------------------------------


def test_pages_behind_a_list_have_a_link_there(cast: Cast) -> None:
    client = client_of(cast.secretary)
    for page, url in (
        ("claims/", "/demands/offers/"),
        ("acceptances/", "/demands/answers/"),
        ("rates/", "/demands/offers/"),
        ("rates/", "/demands/answers/"),
        ("resources/", "/demands/bookings/"),
    ):
        assert f'href="{url}"' in body(client, f"/demands/{page}"), page


def test_only_those_who_may_open_bookings_are_led_there(cast: Cast) -> None:
    library = cast.members["县图书馆"].pk
    for part in ("secretary", "staff", "president", "liaison", "leader", "station"):
        client = client_of(cast.users[part])
        expected = part != "station"
        for page in ("resources/", f"menu/{library}/"):
            html = body(client, f"/demands/{page}")
            assert ('href="/demands/bookings/"' in html) == expected, (part, page)
        assert (client.get("/demands/bookings/").status_code == 200) == expected


def test_filters_fold_on_a_phone_until_one_is_in_force(cast: Cast) -> None:
    client = client_of(cast.secretary)
    pages = [*PAGES, "rates/", "bookings/"]
    for page in pages:
        assert '<details class="filter-fold"><summary>' in body(client, f"/demands/{page}"), page
    for page, query in (("", "state=open"), ("claims/", "late=1"), ("bookings/", "state=asked")):
        assert '<details class="filter-fold" open>' in body(client, f"/demands/{page}?{query}"), page
