"""The page of one call-back: the answer, nobody answers, the link, the follow-up, the contact with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.test import Client

from alliances.models import LogEntry, Message
from demands.models import CallBack, Claim
from tests.cast import Cast
from tests.demands import loop
from tests.demands.test_station_pages import NAME, PHONE, page, path_of
from tests.factories import demands as lists

For = Callable[[Any], Client]


def answer(satisfaction: str = "good", **fields: str) -> dict[str, str]:
    return {"satisfaction": satisfaction, "method": "phone", "on": "2026-03-02", **fields}


def test_answer_closes_the_call_back(cast: Cast, client_for: For) -> None:
    asked = loop.asked_back(cast)
    staff = client_for(cast.staff)
    shown = page(staff, path_of(asked))
    assert NAME not in shown
    assert PHONE not in shown
    assert "只退这一次" in shown
    done = staff.post(path_of(asked), answer("very_good", opinion="清静多了"), follow=True)
    assert "回访已登记：非常满意" in done.content.decode()
    asked.refresh_from_db()
    assert (asked.state, asked.method, asked.opinion) == ("answered", "phone", "清静多了")
    assert asked.recorded_by == cast.staff
    assert "非常满意" in page(staff, path_of(asked))


def test_unsatisfied_reopens_once_and_says_so(cast: Cast, client_for: For) -> None:
    asked = loop.asked_back(cast)
    claim = asked.acceptance.claim
    staff = client_for(cast.staff)
    bare = staff.post(path_of(asked), answer("bad", opinion="夜里还是吵"))
    assert bare.status_code == 422
    assert "请写明由谁、怎样跟进" in bare.content.decode()
    assert "夜里还是吵" in bare.content.decode()
    assert loop.state(claim) == "accepted"
    done = staff.post(path_of(asked), answer("bad", follow_up="王站长周五去看"), follow=True)
    assert "已退回单位重新办理（每个项目只退回一次）" in done.content.decode()
    assert loop.state(claim) == "in_service"
    assert loop.state(claim.demand) == "claimed"
    second = CallBack.objects.get(
        acceptance=loop.accepted(cast, loop.delivered(cast, Claim.objects.get(pk=claim.pk)))
    )
    assert "不再退回" in page(staff, path_of(second))
    again = staff.post(path_of(second), answer("bad", follow_up="社区出面协调"), follow=True)
    assert "不再退回" in again.content.decode()
    assert loop.state(claim) == "accepted"
    assert loop.state(claim.demand) == "closed"


def test_answering_twice_is_refused_with_a_sentence(cast: Cast, client_for: For) -> None:
    asked = loop.asked_back(cast)
    station = client_for(cast.station)
    station.post(path_of(asked), answer("good"))
    second = station.post(path_of(asked), answer("bad", follow_up="去看"), follow=True)
    assert "请刷新后查看" in second.content.decode()
    asked.refresh_from_db()
    assert asked.satisfaction == "good"


def test_answer_needs_a_choice_and_a_day_that_makes_sense(cast: Cast, client_for: For) -> None:
    asked = loop.asked_back(cast)
    station = client_for(cast.station)
    empty = station.post(path_of(asked), {"method": "phone", "on": "2026-03-02"})
    assert empty.status_code == 422
    assert "请选择满意度" in empty.content.decode()
    for day, words in (("2026-03-03", "不能晚于今天"), ("2026-03-01", "不能早于验收日期")):
        refused = station.post(path_of(asked), answer(on=day, opinion="还行"))
        assert refused.status_code == 422
        assert words in refused.content.decode()
        assert "还行" in refused.content.decode()
    assert loop.state(asked) == "due"


def test_three_calls_that_nobody_answers(cast: Cast, client_for: For) -> None:
    asked = loop.asked_back(cast)
    station = client_for(cast.station)
    first = station.post(path_of(asked, "miss/"), {"attempts": "0"}, follow=True).content.decode()
    assert "已记下第 1 次没接通" in first
    assert "已打 1 次没接通" in first
    for _ in range(3):  # the same page sent again is the same call
        station.post(path_of(asked, "miss/"), {"attempts": "1"})
    asked.refresh_from_db()
    assert (asked.state, asked.attempts) == ("due", 2)
    assert 'name="attempts" value="2"' in station.get(path_of(asked)).content.decode()
    last = station.post(path_of(asked, "miss/"), {"attempts": "2"}, follow=True)
    assert "已记为联系不上" in last.content.decode()
    assert loop.state(asked) == "unreachable"
    for counted in ("2", "3", "0", "", "x"):
        station.post(path_of(asked, "miss/"), {"attempts": counted})
    asked.refresh_from_db()
    assert asked.attempts == 3
    station.post(path_of(asked), answer("good"))
    assert loop.state(asked) == "answered"


def test_anonymous_demand_is_looked_at_on_the_spot(cast: Cast, client_for: For) -> None:
    demand = loop.opened(cast, name="", phone="", has_consented=False)
    demand.authors.all().delete()
    asked = CallBack.objects.get(
        acceptance=loop.accepted(cast, loop.delivered(cast, loop.claimed(cast, demand)))
    )
    assert asked.author is None
    station = client_for(cast.station)
    shown = page(station, path_of(asked))
    assert "现场查看" in shown
    assert "电话回访" not in shown
    assert "reveal" not in shown
    assert "登记现场查看" in page(station, "/demands/call-backs/")
    station.post(path_of(asked), answer("good", method="on_site"))
    asked.refresh_from_db()
    assert (asked.state, asked.method) == ("answered", "on_site")


def test_link_for_wechat_is_shown_once_and_names_nobody(cast: Cast, client_for: For) -> None:
    asked = loop.asked_back(cast)
    staff = client_for(cast.staff)
    made = staff.post(path_of(asked, "link/"))
    text = re.search(r'id="call-back-text">(.*?)</pre>', made.content.decode(), re.DOTALL)
    assert text
    assert "no-store" in made["Cache-Control"]
    path = re.search(r"https?://[^/]+(/q/answer/[^/\s]+/)", text[1])
    assert path
    assert not [word for word in (NAME, PHONE, "烧烤") if word in text[1]]
    code = path[1].split("/")[3]
    assert code not in page(staff, path_of(asked))
    assert code not in str([(entry.data, entry.action) for entry in LogEntry.objects.all()])
    resident = Client()
    assert resident.get(path[1]).status_code == 200
    resident.post(path[1], {"satisfaction": "bad", "opinion": "还吵"})
    asked.refresh_from_db()
    assert (asked.state, asked.method) == ("answered", "link")
    # Nobody has said yet what is done about it.
    shown = page(staff, path_of(asked))
    assert "怎样跟进" in shown
    assert staff.post(path_of(asked, "follow-up/"), {"follow_up": ""}).status_code == 422
    staff.post(path_of(asked, "follow-up/"), {"follow_up": "王站长周五去看"})
    assert "王站长周五去看" in page(staff, path_of(asked))
    assert "不用发链接" in staff.post(path_of(asked, "link/"), follow=True).content.decode()


def test_contact_is_revealed_with_a_reason_from_the_call_back(cast: Cast, client_for: For) -> None:
    asked = loop.asked_back(cast)
    station = client_for(cast.station)
    shown = page(station, path_of(asked))
    form = re.search(
        r'<form method="post" action="(/demands/authors/\d+/reveal/)".*?</form>', shown, re.DOTALL
    )
    assert form
    assert 'name="reason" value="call_back"' in form[0]
    revealed = station.post(form[1], {"reason": "call_back", "next": path_of(asked)})
    assert PHONE in revealed.content.decode()
    assert f'href="{path_of(asked)}">返回' in revealed.content.decode()
    assert LogEntry.objects.filter(action="demands.author.reveal", actor=cast.station).count() == 1


def test_station_calls_those_whose_demand_was_merged_into_its_own(cast: Cast, client_for: For) -> None:
    main = loop.opened(cast)
    merged = lists.demand(cast.alliance, state="merged", merged_into=main)
    author = lists.author(merged, "汪大海", "13900008888")
    visit = loop.accepted(cast, loop.delivered(cast, loop.claimed(cast, main)))
    asked = CallBack.objects.get(acceptance=visit, author=author)
    station = client_for(cast.station)
    assert "139****8888" in page(station, path_of(asked))
    revealed = station.post(f"/demands/authors/{author.pk}/reveal/", {"reason": "call_back"})
    assert revealed.status_code == 200
    assert "13900008888" in revealed.content.decode()


def test_no_message_says_what_a_resident_said(cast: Cast, client_for: For) -> None:
    asked = loop.asked_back(cast)
    client_for(cast.station).post(
        path_of(asked), answer("bad", opinion="夜里还是吵得很", follow_up="王站长周五去看")
    )
    written = str(list(Message.objects.values_list("subject", "body", "path")))
    for words in (NAME, PHONE, "吵得很", "周五"):
        assert words not in written
