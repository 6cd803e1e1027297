"""The slip ledger: figures of a month that are links, narrowed lists, offices over their subtree, steady cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from alliances import clock
from alliances.calendars import Month
from alliances.models import User
from rotation.enums import SlipState
from rotation.models import Slip
from rotation.selectors import ledgers
from rotation.services import slips
from tests.cast import Cast
from tests.conftest import Frozen

ClientFor = Callable[[User | None], Client]
LEDGER = "/slips/"


def figures(page: str) -> dict[str, int]:
    """The counters: label → number."""
    found = re.findall(r"<span>([^<]+)</span><strong>(\d+)</strong>", page)
    return {label: int(number) for label, number in found}


def numbers(page: str) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*><a href="/slips/\d+/">([^<]+)</a>', page)


def get(client: Client, **params: str) -> str:
    response = client.get(LEDGER, params)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def late_march(cast: Cast, march: Slip, frozen: Frozen) -> Slip:
    """One of three units has signed; nudged on 5 March, escalated on 9 March."""
    slips.acknowledge(march.receipts.get(member__unit__name="县图书馆"), actor=cast.liaison)
    for moment in ("2026-03-05T09:00", "2026-03-09T09:00"):
        slips.follow_up(frozen.to(moment))
    return Slip.objects.get(pk=march.pk)


def test_counters_tell_the_month(cast: Cast, late_march: Slip, client_for: ClientFor) -> None:
    page = get(client_for(cast.secretary))
    assert figures(page) == {"本月应发": 1, "已签收": 0, "已催办": 1, "已报书记": 1}
    assert "待签收，已报书记" in page
    assert "县文体广电局、县人民医院" in page  # who still has to sign
    assert len(numbers(page)) == 3  # all months, newest first
    assert numbers(page)[0] == late_march.number


def test_a_counter_leads_to_its_slips(cast: Cast, late_march: Slip, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    assert 'href="?month=2026-03&amp;state=escalated"' in get(client)
    assert numbers(get(client, month="2026-03", state="escalated")) == [late_march.number]
    assert numbers(get(client, month="2026-03", state="acknowledged")) == []
    february = get(client, month="2026-02", state="acknowledged")
    assert numbers(february) == ["同心党建联提〔2026〕2号"]
    assert figures(february) == {"2月应发": 1, "已签收": 1, "已催办": 0, "已报书记": 0}


def test_month_without_a_slip_yet_says_when(cast: Cast, client_for: ClientFor) -> None:
    page = get(client_for(cast.secretary), month="2026-03", state="due")
    assert figures(page)["本月应发"] == 1
    assert "还有 1 份没有发出" in page
    assert "没有这样的提醒单" in page


def test_withdrawn_slips_are_listed_but_not_counted(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    slips.reissue(march.duty, actor=cast.secretary)
    client = client_for(cast.secretary)
    page = get(client, month="2026-03")
    assert len(numbers(page)) == 2
    assert "已收回" in page
    assert figures(page)["本月应发"] == 1
    assert len(numbers(get(client, month="2026-03", state="waiting"))) == 1


@pytest.mark.parametrize(
    "params",
    [
        {"month": "2026-13"},
        {"month": "今年"},
        {"month": "2026-²"},
        {"state": "'; DROP"},
        {"alliance": "99"},
        {"before": "x"},
    ],
)
def test_wrong_questions_show_everything(
    cast: Cast, march: Slip, client_for: ClientFor, params: dict[str, str]
) -> None:
    assert len(numbers(get(client_for(cast.secretary), **params))) == 3


def test_offices_see_their_subtree_with_communities(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    foreign = slips.issue(cast.foreign_duties[3])
    assert foreign is not None
    county = client_for(cast.county)
    page = get(county)
    assert {march.number, foreign.number} <= set(numbers(page))
    assert figures(page)["本月应发"] == 2
    assert '<td data-label="社区" class="nowrap">清河社区</td>' in page
    narrowed = get(county, alliance=cast.foreign_alliance.code)
    assert numbers(narrowed) == [foreign.number]
    assert figures(narrowed)["本月应发"] == 1
    street = get(client_for(cast.street))
    assert march.number in numbers(street)
    assert foreign.number not in numbers(street)
    assert numbers(get(client_for(cast.street), alliance=cast.foreign_alliance.code)) == numbers(street)


@pytest.mark.parametrize("name", ["liaison", "leader", "station", "administrator", "auditor"])
def test_others_have_no_ledger(cast: Cast, march: Slip, client_for: ClientFor, name: str) -> None:
    assert client_for(getattr(cast, name)).get(LEDGER).status_code == 403


def test_total_is_a_fragment_of_its_own(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    client = client_for(cast.secretary)
    page = get(client, month="2026-03")
    assert 'hx-get="?month=2026-03&amp;total=1"' in page
    assert client.get(LEDGER, {"total": "1"}).content.decode().count("共 3 条") == 1
    assert client.get(LEDGER, {"total": "1", "month": "2026-03"}).content.decode().count("共 1 条") == 1


def fill(cast: Cast, count: int) -> None:
    """``count`` withdrawn slips of March, which differ only in number."""
    Slip.objects.bulk_create(
        Slip(
            alliance=cast.alliance,
            duty=cast.duties[3],
            state=SlipState.WITHDRAWN,
            year=2026,
            serial=1000 + number,
            number=f"同心党建联提〔2026〕{1000 + number}号",
            issued_at=datetime(2026, 3, 2, 9, tzinfo=clock.ZONE),
            lapses_on=date(2026, 3, 31),
            paper={},
            paper_hash="0" * 64,
        )
        for number in range(count)
    )


def test_pages_turn_both_ways_and_keep_the_filter(cast: Cast, client_for: ClientFor) -> None:
    fill(cast, 120)
    client = client_for(cast.secretary)
    seen: list[str] = []
    query = "?month=2026-03"
    while query:
        page = client.get(LEDGER + query).content.decode()
        seen += numbers(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        query = older.group(1).replace("&amp;", "&") if older else ""
        assert not query or "month=2026-03" in query
    assert seen == [f"同心党建联提〔2026〕{1000 + n}号" for n in reversed(range(120))]
    assert 'rel="prev"' in page


@pytest.mark.parametrize(("name", "ceiling"), [("secretary", 10), ("county", 10)])
def test_queries_do_not_grow_with_rows(
    cast: Cast, march: Slip, client_for: ClientFor, name: str, ceiling: int
) -> None:
    client = client_for(getattr(cast, name))
    client.get(LEDGER)  # notes in the session when the user was last seen
    with CaptureQueriesContext(
        connection,
    ) as few:
        get(client)
    fill(cast, 60)
    with CaptureQueriesContext(connection) as many:
        get(client)
    assert len(few) == len(many) <= ceiling
    assert not [q for q in many if 'AS "__count" FROM "rotation_slip"' in q["sql"]], "a total was counted"


def test_lists_are_read_by_index(cast: Cast, march: Slip) -> None:
    """Neither the list nor the month's figures read or sort the whole table."""
    one = ledgers.slips_of([cast.alliance])[:50]
    both = ledgers.slips_of([cast.alliance, cast.foreign_alliance])[:50]
    month = ledgers.rows_of(
        ledgers.Question([cast.alliance], "nudged", Month(2026, 3), Month(2026, 3)), [march.duty_id]
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # a table of one page is read whole unless there is no such way
            cursor.execute("SET LOCAL enable_seqscan = off")
        for rows in (one, both, month):
            assert "Index" in rows.explain()
            assert "Seq Scan on rotation_slip" not in rows.explain()
        return
    assert re.search(r"SEARCH rotation_slip USING INDEX \S+ \(alliance_id=\?\)", one.explain())
    assert "TEMP B-TREE" not in one.explain()
    assert "TEMP B-TREE" not in both.explain()
    assert re.search(r"SEARCH rotation_slip USING INDEX \S+ \(duty_id=\?\)", month.explain())


def test_the_ledger_offers_what_it_shows_for_export(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    page = get(client_for(cast.secretary), month="2026-03", state="waiting")
    target = reverse("alliances:export", args=["ledger"])
    assert f'href="{target}?month=2026-03&amp;state=waiting"' in page
