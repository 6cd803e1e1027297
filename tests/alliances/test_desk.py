"""The desk: the right lines for each part, the month's chain, kindness when there is nothing to do."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alliances import clock
from alliances.models import Message, SweepRun
from alliances.services import appointments, membership, outbox
from rotation.enums import SwapKind
from rotation.models import Plan
from rotation.services import slips, swaps
from tests.cast import HOSTILE

CEILING = 17  # as tests/test_query_ceilings.py: decision 0011
MONTH = "/desk/month/"


def page(client, path="/"):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_desk_liaison_on_duty_finds_the_slip_one_action_away(cast, march, client_for):
    html = page(client_for(cast.liaison))
    assert "今天要办 2 件事" in html
    assert html.index("签收3月轮值主席提醒单") < html.index("研讨会通知单")
    assert f'href="/slips/{march.pk}/"' in html


def test_desk_liaison_not_on_duty_is_told_kindly_there_is_nothing(cast, march, client_for):
    html = page(client_for(cast.other_liaison))
    assert "今天没有要您办的事" in html
    assert "都办完了" in html
    assert "签收3月轮值主席提醒单" not in html


def test_desk_chain_names_the_units_that_still_have_to_sign(cast, march, client_for):
    slips.acknowledge(march.receipts.get(member=cast.members["县图书馆"]), actor=cast.liaison)
    html = page(client_for(cast.secretary), MONTH)
    assert "轮值主席：县图书馆、县文体广电局、县人民医院（集体轮值）" in html
    assert "1/3 家已签收" in html
    assert 'aria-current="step"' in html
    assert "还有 2 个工作日" in html


def test_desk_chain_before_the_slip_says_when_it_will_go_out(cast, frozen, client_for):
    frozen.to("2026-05-01T09:00")
    html = page(client_for(cast.secretary), MONTH)
    assert "5月6日 08:30 发出" in html


def test_desk_links_the_slip_only_for_those_who_may_see_it(cast, march, client_for):
    address = f'href="/slips/{march.pk}/"'
    assert address in page(client_for(cast.secretary), MONTH)
    assert address in page(client_for(cast.liaison), MONTH)
    assert address not in page(client_for(cast.other_liaison), MONTH)


def test_desk_secretary_sees_escalated_slip_first(cast, march, frozen, client_for):
    march.__class__.objects.filter(pk=march.pk).update(escalated_at=clock.now(), nudged_at=clock.now())
    html = page(client_for(cast.secretary))
    first = html.index("3月提醒单县图书馆、县文体广电局、县人民医院仍未签收")
    assert html.index("btn-primary") > first
    assert html.index("还没有账号") > first


def test_desk_of_unit_in_two_alliances_shows_both_alliances_slips(cast, frozen, client_for):
    march = cast.foreign_duties[3]
    march.chairs.all().delete()
    march.chairs.create(member=cast.foreign_members["县交警队"])
    slip = slips.issue(march)
    html = page(client_for(cast.both_liaison))
    assert f'href="/slips/{slip.pk}/"' in html
    assert cast.foreign_alliance.name in html


def test_desk_swap_waits_for_the_other_unit_and_then_for_the_secretary(cast, client_for):
    swap = swaps.ask(
        cast.duties[4],
        kind=SwapKind.SWAP,
        asker=cast.members["县实验小学"],
        other_duty=cast.duties[5],
        other=cast.members["县农商银行"],
        reason="开学检查",
        actor=cast.other_liaison,
    )
    html = page(client_for(cast.secretary))
    assert html.index("等别人办") < html.index("调换：县实验小学4月 ⇄ 县农商银行5月")
    assert html.count("等单位回复") == 1
    assert f'href="/swaps/{swap.pk}/"' in html


def test_desk_gap_after_a_unit_left_is_named(cast, client_for):
    membership.leave(cast.members["县消防队"], actor=cast.secretary)
    html = page(client_for(cast.secretary))
    assert "11月没有轮值主席单位" in html


def test_desk_without_plan_leads_to_the_year(cast, client_for):
    Plan.objects.filter(pk=cast.foreign_plan.pk).update(year=2024)
    html = page(client_for(cast.foreign_secretary))
    assert "还没有2026年度轮值主席安排表" in html
    assert f'href="/year/{cast.foreign_alliance.code}/2026/"' in html


def test_desk_failed_messages_are_the_communitys_business(cast, client_for):
    outbox.post(
        [cast.liaison.person], kind="x", subject="s", body="b", dedupe_key="k", alliance=cast.alliance
    )
    Message.objects.update(state="failed")
    assert "1 条消息没有发送成功" in page(client_for(cast.staff))
    assert "没有发送成功" not in page(client_for(cast.liaison))


def test_desk_hostile_unit_name_is_shown_as_text(cast, march, client_for):
    appointments.appoint(cast.leader.person, "leader", member=cast.members[HOSTILE], actor=cast.secretary)
    html = page(client_for(cast.secretary), "/members/")
    assert "<img src=x" not in html
    assert "&lt;img src=x" in html


def test_desk_office_sees_only_its_own_subtree(cast, march, client_for):
    html = page(client_for(cast.street))
    assert "同心社区" in html
    assert "清河社区" not in html
    assert "清河社区" in page(client_for(cast.county))


def test_desk_administrator_is_told_that_the_clock_stopped(cast, client_for):
    past = clock.machine_time() - timedelta(minutes=20)
    SweepRun.objects.create(name="rotation.slips", began_at=past, succeeded_at=past)
    assert "后台任务停了" in page(client_for(cast.administrator))
    SweepRun.objects.update(began_at=clock.machine_time())
    assert "后台任务停了" not in page(client_for(cast.administrator))


def test_desk_without_any_post_explains_itself(cast, client_for):
    post = cast.leader.person.appointments.get()
    appointments.end(post, actor=cast.secretary)
    client = client_for(cast.leader)
    assert "您目前没有任职" in page(client)


@pytest.mark.parametrize(
    "who", ["secretary", "staff", "liaison", "both_liaison", "leader", "street", "county"]
)
@pytest.mark.parametrize("moment", ["2026-03-03T10:00", "2026-05-01T10:00"])
def test_desk_stays_below_the_query_ceiling(cast, march, frozen, client_for, who, moment):
    client = client_for(getattr(cast, who))
    frozen.to(moment)
    client.get("/complaint/")
    with CaptureQueriesContext(connection) as queries:
        page(client)
    assert len(queries) <= CEILING, "\n".join(query["sql"] for query in queries)


def test_nav_marks_the_desk_only_on_the_desk(cast, client_for):
    client = client_for(cast.secretary)
    assert '<a href="/" aria-current="page">工作台</a>' in page(client)
    assert '<a href="/" aria-current="page">工作台</a>' not in page(client, "/posts/")
    assert '<a href="/members/" aria-current="page">成员单位</a>' in page(client, "/members/")


@pytest.mark.parametrize("who", ["secretary", "liaison", "other_liaison", "leader"])
def test_desk_fragments_stay_below_the_query_ceiling(cast, march, client_for, who):
    client = client_for(getattr(cast, who))
    client.get("/complaint/")
    for path in (MONTH, "/desk/news/"):
        with CaptureQueriesContext(connection) as queries:
            page(client, path)
        assert len(queries) <= CEILING, "\n".join(query["sql"] for query in queries)


def test_desk_without_script_leads_to_what_is_loaded_later(cast, client_for):
    html = page(client_for(cast.liaison))
    assert 'href="/month/"' in html
    assert 'href="/inbox/"' in html
