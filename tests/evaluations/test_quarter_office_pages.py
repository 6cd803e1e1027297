"""The quarter as offices read it: who sees which communities, what is said of drafts, urging, drilling down, the trend."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliances.models import Appointment, LogEntry, Message
from demands.selectors.record import Share
from evaluations.models import Assessment
from evaluations.selectors import briefs, papers_quarter_charts
from evaluations.selectors import quarter_office as reads
from evaluations.services import assessments, pressing
from tests.cast import Cast
from tests.conftest import Frozen, client_of
from tests.evaluations import reports
from tests.evaluations.reports import Q1

pytestmark = pytest.mark.django_db
PAGE = "/assessments/office/"


@pytest.fixture
def filed(cast: Cast, frozen: Frozen) -> Assessment:
    """同心社区 has filed on 2 April; 清河社区 has a draft."""
    reports.quarter(cast)
    return reports.filed(cast, frozen)


def page(cast: Cast, part: str, query: str = "quarter=2026-1") -> str:
    response = client_of(cast.users[part]).get(f"{PAGE}?{query}")
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def urge(cast: Cast, part: str, **data: str) -> Any:
    return client_of(cast.users[part]).post(f"{PAGE}urge/", {"quarter": "2026-1", **data}, follow=True)


def test_a_street_sees_its_communities_and_no_other(cast: Cast, filed: Assessment) -> None:
    text = page(cast, "street")
    assert "同心社区" in text
    assert f'href="/assessments/{filed.pk}/"' in text
    assert "清河社区" not in text
    other = page(cast, "other_street")
    assert "清河社区" in other
    assert "同心社区" not in other
    for code in ("01-02", "01", "99", "01-02-01"):
        assert client_of(cast.street).get(f"{PAGE}?under={code}").status_code == 404
        assert client_of(cast.street).get(f"{PAGE}trend.svg?under={code}").status_code == 404
        assert urge(cast, "street", under=code).status_code == 404


def test_who_is_no_office_is_refused(cast: Cast, filed: Assessment) -> None:
    for part in (
        "secretary",
        "staff",
        "president",
        "liaison",
        "leader",
        "station",
        "administrator",
        "auditor",
    ):
        client = client_of(cast.users[part])
        assert client.get(PAGE).status_code == 403
        assert client.get(f"{PAGE}trend.svg").status_code == 403
        assert urge(cast, part).status_code == 403
    assert not Message.objects.filter(kind=reads.URGED).exists()


def test_a_county_sees_streets_and_reaches_a_community_by_two_clicks(cast: Cast, filed: Assessment) -> None:
    text = page(cast, "county")
    assert "各街道" in text
    assert "同心社区" not in text
    assert "已报 1/1" in text
    assert "已报 0/1" in text
    assert 'href="/assessments/office/?quarter=2026-1&amp;under=01-01"' in text
    street = page(cast, "county", "quarter=2026-1&under=01-01")
    assert f'href="/assessments/{filed.pk}/"' in street
    assert '<a href="/assessments/office/?quarter=2026-1&amp;under=01">示范县</a>' in street
    assert "清河社区" not in street


def test_the_figures_are_those_of_the_filed_report(cast: Cast, filed: Assessment) -> None:
    text = page(cast, "street")
    known = {one["key"]: one for section in filed.figures["sections"] for one in section["figures"]}
    rate = known["rates.resolved"]
    assert rate["denominator"]
    assert f"{rate['value']} <small>{rate['numerator']}/{rate['denominator']}</small>" in text
    assert f'data-label="成员单位">{known["members"]["value"]}</td>' in text
    assert f'data-label="均分">{filed.figures["assessment"]["mean"]}</td>' in text


def test_of_a_draft_nothing_is_seen_but_that_it_is_not_filed(
    cast: Cast, filed: Assessment, frozen: Frozen
) -> None:
    text = page(cast, "other_street")
    assert "未报送" in text
    assert "4月8日截止" in text
    assert '均分">' not in text
    assert Assessment.objects.get(alliance=cast.foreign_alliance).brief == {}
    frozen.to("2026-04-09T09:00")
    assert "逾期未报" in page(cast, "other_street")
    assert client_of(cast.other_street).get(f"{PAGE}trend.svg?quarter=2026-1").status_code == 404


def test_a_returned_report_shows_no_figures_and_a_corrected_one_its_own(
    cast: Cast, filed: Assessment, frozen: Frozen
) -> None:
    assessments.send_back(filed, reason="请补充", actor=cast.street)
    text = page(cast, "street")
    assert "已退回，更正报送后显示" in text
    second = assessments.revise(filed, actor=cast.secretary)
    assert "催报" in page(cast, "street")  # it is being written again
    second = assessments.file(second, actor=cast.secretary)
    assessments.receive(second, actor=cast.street)
    text = page(cast, "street")
    assert f'href="/assessments/{second.pk}/"' in text
    assert "已接收" in text


def test_filters_live_in_the_address(cast: Cast, filed: Assessment, frozen: Frozen) -> None:
    frozen.to("2026-04-09T09:00")
    late = page(cast, "county", "quarter=2026-1&state=late")
    assert "逾期未报的社区" in late
    assert "清河社区" in late
    assert "同心社区" not in late
    assert "清河社区" in page(cast, "county", "quarter=2026-1&state=unfiled")
    assert "同心社区" in page(cast, "county", "quarter=2026-1&state=filed")
    assert "没有这样的社区" in page(cast, "county", "quarter=2026-1&state=received")
    # What makes no sense shows everything of the last quarter.
    assert "各街道" in page(cast, "county", "quarter=x&state=y&after=%00z".replace("%00", ""))
    assert "这个季度没有应报的报告" in page(cast, "county", "quarter=2025-3")


def test_more_than_a_page_goes_on_by_key(
    cast: Cast, filed: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evaluations.views import quarter_office

    other = reports.reads.full().get(alliance=cast.foreign_alliance)
    assessments.write(other, problems="无", next_steps="无", actor=cast.foreign_secretary)
    assessments.file(other, actor=cast.foreign_secretary)
    both = page(cast, "county", "quarter=2026-1&state=filed")
    assert "同心社区" in both
    assert "清河社区" in both
    assert "下一页" not in both
    monkeypatch.setattr(quarter_office, "SIZE", 1)
    first = page(cast, "county", "quarter=2026-1&state=filed")
    assert "同心社区" in first
    assert "清河社区" not in first
    onward = re.search(r'href="/assessments/office/\?([^"]*after=[^"]*)"', first)
    assert onward
    second = page(cast, "county", unescape(onward[1]))
    assert "清河社区" in second
    assert "同心社区" not in second
    assert "下一页" not in second


def test_the_trend_is_a_picture_with_its_words(cast: Cast, filed: Assessment) -> None:
    share = [9, 10]
    brief = {**filed.brief, "trend": [2025, 4, *share * 3, 2026, 1, *share * 3]}
    Assessment.objects.filter(pk=filed.pk).update(brief=brief)
    text = page(cast, "street")
    words = briefs.words_of(brief["trend"])
    assert words.startswith("2025年第四季度响应率90.0%（9/10）、解决率")
    chart = papers_quarter_charts.trend({"trend": briefs.points_of(brief["trend"])}, 1)
    assert chart
    assert chart["text"] == words
    assert f"同心社区：{words}" in text
    assert "trend.svg?quarter=2026-1&amp;under=01-01-01" in text
    for part, under in (("street", "01-01-01"), ("street", ""), ("county", "01-01"), ("county", "01-01-01")):
        response = client_of(cast.users[part]).get(f"{PAGE}trend.svg?quarter=2026-1&under={under}")
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("image/svg+xml")
        root = ElementTree.fromstring(response.content)
        assert "25年四季" in [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]


def test_sums_are_over_what_was_filed(cast: Cast, filed: Assessment, frozen: Frozen) -> None:
    other = reports.reads.full().get(alliance=cast.foreign_alliance)
    assessments.write(other, problems="无", next_steps="无", actor=cast.foreign_secretary)
    assessments.file(other, actor=cast.foreign_secretary)
    found = reads.communities(cast.county_place, Q1)
    total = reads.sums(found)
    assert [one.name for one in found] == ["同心社区", "清河社区"]
    assert (total.total, total.filed, total.unfiled, total.late) == (2, 2, 0, 0)
    assert total.counts["members"] == len(cast.members) + len(cast.foreign_members)
    alone = reads.sums(found[:1])
    assert alone.rates["rates.resolved"][1] <= total.rates["rates.resolved"][1]
    assert reads.sums([]).mean == ""
    merged = briefs.points_of(reads.trend(found))
    assert [point["label"] for point in merged] == [point["label"] for point in filed.figures["trend"]]
    assert merged[-1]["resolved"]["whole"] == total.rates["rates.resolved"][1]
    # A brief keeps the numbers of the trend, not where they lead to.
    numbers = [
        {
            name: {key: share[key] for key in ("part", "whole", "percent")}
            if isinstance(share, dict)
            else share
            for name, share in point.items()
        }
        for point in filed.figures["trend"]
    ]
    assert briefs.points_of(briefs.trend_of([filed.brief])) == numbers


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_percents_are_those_of_the_reports(part: int, whole: int) -> None:
    part = min(part, whole)
    assert briefs.percent(part, whole) == f"{Share(part, whole).percent}%"


# --- urging ---------------------------------------------------------------------------------------------------------


def test_an_office_urges_one_community_once_a_day(cast: Cast, filed: Assessment, frozen: Frozen) -> None:
    said = urge(cast, "county", under="01-02", alliance=cast.foreign_alliance.code).content.decode()
    assert "已催报清河社区" in said
    told = Message.objects.filter(kind=reads.URGED, channel="inbox")
    assert [row.recipient for row in told] == [cast.foreign_secretary.person]
    assert "今天已催报" in page(cast, "county", "quarter=2026-1&under=01-02")
    again = urge(cast, "other_street", alliance=cast.foreign_alliance.code).content.decode()
    assert "今天已经催报过，一天只催一次" in again
    assert told.all().count() == 1
    assert LogEntry.objects.filter(action=reads.URGED).count() == 1
    frozen.forward(days=1)
    assert (
        "已催报清河社区" in urge(cast, "other_street", alliance=cast.foreign_alliance.code).content.decode()
    )
    assert told.all().count() == 2


def test_all_unfiled_below_are_urged_at_once(cast: Cast, filed: Assessment) -> None:
    said = urge(cast, "county").content.decode()
    assert "已催报清河社区" in said
    assert "今天都已催报" in said
    assert [row.alliance for row in Message.objects.filter(kind=reads.URGED, channel="inbox")] == [
        cast.foreign_alliance
    ]
    assert "没有需要催报的社区" in urge(cast, "street").content.decode()


def test_urging_is_refused_where_it_makes_no_sense(cast: Cast, filed: Assessment) -> None:
    assert urge(cast, "street", alliance=cast.foreign_alliance.code).status_code == 404
    assert "不需要催报" in urge(cast, "street", alliance=cast.alliance.code).content.decode()
    Appointment.objects.filter(person=cast.foreign_secretary.person).delete()
    said = urge(cast, "other_street", alliance=cast.foreign_alliance.code).content.decode()
    assert "还没有登记书记" in said
    assert "已经催报过" not in said
    assert client_of(cast.street).get(f"{PAGE}urge/").status_code == 405
    for hostile in ({"alliance": "\0"}, {"under": "\0"}):
        assert urge(cast, "street", **hostile).status_code == 404


def test_reminders_reach_only_who_can_file(cast: Cast, frozen: Frozen) -> None:
    from alliances.models import ReminderLine

    reports.drafted(cast, frozen)
    for day in ("07", "09"):
        pressing.follow_up(frozen.to(f"2026-04-{day}T09:00"))
    rows = ReminderLine.objects.filter(kind__in=(pressing.REMIND, pressing.NUDGE))
    got = {(row.alliance_id, row.recipient_id) for row in rows}
    assert got == {
        (cast.alliance.pk, cast.secretary.person_id),
        (cast.foreign_alliance.pk, cast.foreign_secretary.person_id),
    }


# --- the desk -------------------------------------------------------------------------------------------------------


def test_the_offices_desk_says_how_far_the_quarter_is(cast: Cast, filed: Assessment, frozen: Frozen) -> None:
    def desk(part: str) -> str:
        return str(client_of(cast.users[part]).get("/").content.decode())

    assert "报告已报 1 / 2，逾期未报 0" in desk("county")
    assert "1 份待接收" in desk("street")
    frozen.to("2026-04-09T09:00")
    assert "报告已报 0 / 1，逾期未报 1" in desk("other_street")
    assert "/assessments/office/?quarter=2026-1" in desk("other_street")
    assert "报告已报" not in desk("secretary")
    assessments.receive(filed, actor=cast.street)
    assert "报告已报" not in desk("street")
