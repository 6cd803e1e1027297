"""The Month page: what is next, who holds it, by when, the paper and the one action, for whoever looks."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from alliances.models import DayCorrection, User
from rotation.models import Slip
from rotation.services import activities, slips
from tests.cast import Cast
from tests.conftest import Frozen
from tests.rotation.month_cast import minuted, notify, seminar, sign_all, tick

ClientFor = Callable[[User | None], Client]
MARCH = "/month/01-01-01/2026/3/"


def page(client: Client, path: str = MARCH) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def next_words(html: str) -> str:
    """The line on top, as text."""
    found = re.search(r'<div class="note[^>]*><p>(.*?)</p>', html, re.S)
    assert found
    return re.sub(r"<[^>]+>", "", found.group(1))


def steps(html: str) -> list[str]:
    """Each step of the chain as text."""
    chain = re.search(r'<ol class="chain">(.*?)</ol>', html, re.S)
    assert chain
    return [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip()
        for row in chain.group(1).split("</li>")[:-1]
    ]


def test_first_thing_on_the_page_is_what_is_next_and_who_holds_it(
    cast: Cast, march: Slip, client_for: ClientFor
) -> None:
    html = page(client_for(cast.other_liaison))
    assert "3月轮值：县图书馆、县文体广电局、县人民医院" in re.sub(r"<[^>]+>", "", html)
    assert "集体轮值" in html
    assert "主题“3月主题活动”" in html
    assert (
        next_words(html)
        == "下一步：签收，等县图书馆、县文体广电局、县人民医院办理，3月4日前，还有 2 个工作日。"
    )
    assert html.count('aria-current="step"') == 1
    assert "btn-primary" not in html


def test_who_holds_the_step_reads_that_it_is_his_turn_and_finds_one_primary_action(
    cast: Cast, march: Slip, client_for: ClientFor
) -> None:
    html = page(client_for(cast.liaison))
    assert next_words(html).startswith("轮到您：签收")
    assert html.count("btn-primary") == 1
    assert re.search(rf'<a class="btn btn-primary" href="/slips/{march.pk}/">签收', html)


def test_every_step_has_its_holder_day_and_paper_in_order(
    cast: Cast, march: Slip, client_for: ClientFor
) -> None:
    tick()
    sign_all(march, cast)
    notify(seminar(cast), cast.liaison)
    html = page(client_for(cast.secretary))
    titles = [row.split("（")[0].strip() for row in steps(html)]
    assert titles == [
        "提醒单",
        "签收",
        "研讨会通知单",
        "回执",
        "研讨会",
        "活动",
        "评议打分",
        "评议反馈",
        "书记点评",
    ]
    assert f"/meetings/{seminar(cast).pk}/notice.docx" in html
    assert f"/slips/{march.pk}/paper.docx" in html
    replies = steps(html)[3]
    assert "1/14 家已回复" in replies
    assert "等13 家单位办理" in replies


def test_late_step_stands_on_top_and_counts_working_days(
    cast: Cast, march: Slip, frozen: Frozen, client_for: ClientFor
) -> None:
    tick()
    sign_all(march, cast)  # 2 March: the notice is due on the 5th
    frozen.to("2026-03-09T10:00")  # a weekend lies between
    html = page(client_for(cast.third_liaison))
    assert 'class="note note-next note-late"' in html
    assert next_words(html) == "下一步：研讨会通知单，等县图书馆办理，3月5日前，已过期 2 个工作日。"
    DayCorrection.objects.create(
        organisation=cast.community, day=date(2026, 3, 7), is_working=True, reason="调休"
    )
    assert "已过期 3 个工作日" in page(client_for(cast.third_liaison))


def test_activities_stand_in_the_chain_with_their_figures(
    cast: Cast, march: Slip, frozen: Frozen, client_for: ClientFor
) -> None:
    tick()
    sign_all(march, cast)
    minuted(cast, frozen, march)
    assert f'href="/activities/new/?duty={cast.duties[3].pk}">安排活动' in page(client_for(cast.liaison))
    assert "安排活动" not in page(client_for(cast.other_liaison))
    activity = activities.plan(
        cast.alliance,
        kind="volunteering",
        title="清洁家园",
        planned_on=date(2026, 3, 5),
        duty=cast.duties[3],
        actor=cast.liaison,
    )
    activities.join(activity, cast.members["县实验小学"], heads=4, actor=cast.other_liaison)
    activities.record(activity, beneficiaries=60, held_on=date(2026, 3, 5), actor=cast.liaison)
    html = page(client_for(cast.other_liaison))
    row = next(row for row in steps(html) if "清洁家园" in row)
    assert "3月5日举办，3+1 家" in row
    assert f"/activities/{activity.pk}/record.docx" in html


def test_month_before_its_slip_says_when_it_will_go_out(cast: Cast, client_for: ClientFor) -> None:
    html = page(client_for(cast.other_liaison), "/month/01-01-01/2026/4/")
    assert "4月1日 08:30 发出" in html
    assert 'href="/month/01-01-01/2026/3/"' in html
    assert 'href="/month/01-01-01/2026/5/"' in html
    assert "回到本月" in html


def test_month_without_anybody_on_duty_is_said_kindly(cast: Cast, client_for: ClientFor) -> None:
    html = page(client_for(cast.liaison), "/month/01-01-01/2027/1/")
    assert "这个月没有轮值安排" in html
    assert 'href="/month/01-01-01/2026/12/"' in html


@pytest.mark.parametrize("wrong", ["2026/13/", "2026/0/", "1999/12/", "3026/1/"])
def test_months_that_are_none_do_not_exist(cast: Cast, client_for: ClientFor, wrong: str) -> None:
    assert client_for(cast.liaison).get(f"/month/01-01-01/{wrong}").status_code == 404


def test_this_month_leads_to_the_chosen_alliance(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.both_liaison)
    client.post("/choose/", {"alliance": "01-02-01"})
    assert client.get("/month/").headers["Location"] == "/month/01-02-01/2026/3/"
    assert client_for(cast.county).get("/month/").headers["Location"] == "/office/"
    assert client_for(cast.auditor).get("/month/").status_code == 404


@pytest.mark.parametrize("name", ["foreign_liaison", "foreign_secretary", "other_street", "administrator"])
def test_months_of_others_do_not_exist(cast: Cast, march: Slip, client_for: ClientFor, name: str) -> None:
    assert client_for(getattr(cast, name)).get(MARCH).status_code == 404


def test_change_of_the_month_is_one_step_away_for_its_units_alone(
    cast: Cast, march: Slip, client_for: ClientFor
) -> None:
    address = f'href="/duties/{cast.duties[3].pk}/swap/"'
    assert address in page(client_for(cast.leader))
    assert address not in page(client_for(cast.other_liaison))


@pytest.mark.parametrize("name", ["liaison", "other_liaison", "secretary", "street"])
def test_month_page_stays_cheap_the_whole_month_long(
    cast: Cast,
    march: Slip,
    frozen: Frozen,
    client_for: ClientFor,
    name: str,
    django_assert_max_num_queries: Callable,
) -> None:
    client = client_for(getattr(cast, name))
    page(client)
    for deed in (lambda: (tick(), sign_all(march, cast)), lambda: minuted(cast, frozen, march)):
        deed()
        with django_assert_max_num_queries(12):
            page(client)
    assert slips.issue(cast.duties[4])
