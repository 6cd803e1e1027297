"""The station's pages: accepting and sending back, the sheet to take along, the phone list, one call-back."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.test import Client
from docx import Document

from demands.models import Acceptance, CallBack, Claim, Demand
from demands.services import acceptance, callbacks
from tests.cast import Cast
from tests.conftest import Frozen
from tests.demands import loop
from tests.factories import demands as lists
from tests.factories import people

For = Callable[[Any], Client]
NAME, PHONE = "方小超", "13800003449"


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def claim_path(claim: Claim, deed: str = "") -> str:
    return f"/demands/claims/{claim.pk}/{deed}"


def path_of(row: CallBack, deed: str = "") -> str:
    return f"/demands/call-backs/{row.pk}/{deed}"


# --- acceptance ------------------------------------------------------------------------------------------------------


def test_station_accepts_with_one_tap(cast: Cast, client_for: For) -> None:
    claim = loop.delivered(cast)
    station = client_for(cast.station)
    shown = page(station, claim_path(claim))
    assert f'action="{claim_path(claim, "accept/")}"' in shown
    assert "验收合格" in shown
    done = station.post(claim_path(claim, "accept/"), {}, follow=True)
    assert "已验收合格" in done.content.decode()
    visit = Acceptance.objects.get(claim=claim)
    assert (visit.verdict, visit.via, visit.inspector) == ("passed", "screen", cast.station.person)
    assert CallBack.objects.get(acceptance=visit).state == "due"
    assert loop.state(claim) == "accepted"


def test_station_sends_back_and_then_accepts_what_was_mended(cast: Cast, client_for: For) -> None:
    claim = loop.delivered(cast)
    station = client_for(cast.station)
    back = station.post(claim_path(claim, "return/"), {"to_mend": "南门口的桌子还没收"}, follow=True)
    assert "已退回整改，县图书馆会收到消息" in back.content.decode()
    assert "需整改：</b>南门口的桌子还没收" in back.content.decode()
    loop.delivered(cast, Claim.objects.get(pk=claim.pk))
    assert "整改后合格" in page(station, claim_path(claim))
    station.post(claim_path(claim, "accept/"), {"mended": "桌子已收走"})
    verdicts = list(Acceptance.objects.filter(claim=claim).order_by("visit").values_list("verdict", "mended"))
    assert verdicts == [("failed", ""), ("mended", "桌子已收走")]
    assert "桌子已收走" in page(client_for(cast.liaison), claim_path(claim))


def test_returning_without_words_keeps_the_form_and_says_what_to_do(cast: Cast, client_for: For) -> None:
    claim = loop.delivered(cast)
    station = client_for(cast.station)
    empty = station.post(claim_path(claim, "return/"), {"to_mend": "  "})
    assert empty.status_code == 422
    assert "请写明需要整改什么" in empty.content.decode()
    long = station.post(claim_path(claim, "return/"), {"to_mend": "改" * 201})
    assert long.status_code == 422
    assert "改" * 201 in long.content.decode()
    assert not Acceptance.objects.exists()


def test_office_records_a_paper_sheet_and_says_whose_it_was(
    cast: Cast, client_for: For, frozen: Frozen
) -> None:
    claim = loop.delivered(cast)
    frozen.to("2026-03-04T09:00")
    staff = client_for(cast.staff)
    assert "记为合格" in page(staff, claim_path(claim))
    assert "验收人" in page(staff, claim_path(claim, "accept/"))
    refused = staff.post(claim_path(claim, "accept/"), {"on": "2026-03-03", "via": "paper"})
    assert refused.status_code == 422
    assert "请填写验收人姓名" in refused.content.decode()
    early = {"inspector_name": "马秀英", "on": "2026-03-01", "via": "paper"}
    too_early = staff.post(claim_path(claim, "accept/"), early)
    assert too_early.status_code == 422
    assert "验收日期不能早于完成日期" in too_early.content.decode()
    assert "马秀英" in too_early.content.decode()
    staff.post(claim_path(claim, "accept/"), {**early, "on": "2026-03-03"})
    visit = Acceptance.objects.get(claim=claim)
    assert (visit.inspector_name, visit.via, str(visit.visited_on)) == ("马秀英", "paper", "2026-03-03")
    assert "马秀英 · 清风小区服务站 · 纸质，社区代录" in page(staff, claim_path(claim))


def test_community_accepts_itself_where_no_station_is(cast: Cast, client_for: For) -> None:
    claim = loop.delivered(cast, loop.claimed(cast, loop.opened(cast, station=None)))
    staff = client_for(cast.staff)
    assert "代录" not in page(staff, claim_path(claim))
    staff.post(claim_path(claim, "accept/"), {})
    visit = Acceptance.objects.get(claim=claim)
    assert (visit.via, visit.inspector, visit.station) == ("screen", cast.staff.person, None)


def test_nothing_to_accept_is_said(cast: Cast, client_for: For) -> None:
    claim = loop.claimed(cast)
    station = client_for(cast.station)
    for deed in ("accept/", "return/"):
        for response in (
            station.get(claim_path(claim, deed), follow=True),
            station.post(claim_path(claim, deed), {"to_mend": "重做"}, follow=True),
        ):
            assert "没有要验收的" in response.content.decode()
    assert not Acceptance.objects.exists()
    assert f'action="{claim_path(claim, "accept/")}"' not in page(station, claim_path(claim))


def test_others_see_the_verdict_and_no_buttons(cast: Cast, client_for: For) -> None:
    claim = loop.delivered(cast)
    for user in (cast.liaison, cast.other_liaison, cast.president, cast.street):
        shown = page(client_for(user), claim_path(claim))
        assert "等清风小区服务站验收" in shown
        assert "visit-sheet" not in shown
        assert f"{claim_path(claim, 'accept/')}" not in shown


def test_residents_words_are_for_the_unit_that_mends_and_the_callers(cast: Cast, client_for: For) -> None:
    asked = loop.asked_back(cast)
    callbacks.answer(
        asked, callbacks.Answer("bad", opinion="夜里还是吵", follow_up="站长周五去看"), actor=cast.staff
    )
    claim = asked.acceptance.claim
    readers = {"staff", "secretary", "station", "liaison"}
    for part in (*readers, "other_liaison", "leader", "president", "street", "county"):
        shown = page(client_for(cast.users[part]), claim_path(claim))
        assert "不满意" in shown
        assert ("夜里还是吵" in shown) is (part in readers), part
        assert NAME not in shown
        assert PHONE not in shown
    Demand.objects.filter(pk=claim.demand_id).update(is_sensitive=True)
    assert "夜里还是吵" not in page(client_for(cast.liaison), claim_path(claim))


# --- the sheet -------------------------------------------------------------------------------------------------------


def words_of(client: Client, claim: Claim) -> str:
    response = client.get(claim_path(claim, "visit-sheet.docx"))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    paper = Document(BytesIO(response.content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*cells, *(line.text for line in paper.paragraphs)])


def test_visit_sheet_carries_the_claim_and_places_to_tick(cast: Cast, client_for: For) -> None:
    claim = loop.delivered(cast)
    station = client_for(cast.station)
    words = words_of(station, claim)
    expected = (
        claim.demand.number,
        "县图书馆",
        "夜间巡查劝离",
        "2026年3月2日",
        "清风小区服务站",
        "□ 合格",
        "第 1 次",
    )
    for part in (*expected, "□ 退回整改", "验收人", "整改要求"):
        assert part in words, part
    assert NAME not in words
    assert "整改情况" not in words
    acceptance.send_back(claim, "南门口的桌子还没收", actor=cast.station)
    loop.delivered(cast, Claim.objects.get(pk=claim.pk))
    words = words_of(station, claim)
    for part in ("第1次验收", "南门口的桌子还没收", "第 2 次", "整改情况"):
        assert part in words, part
    pdf = station.get(claim_path(claim, "visit-sheet.pdf"))
    assert pdf.content.startswith(b"%PDF")
    assert b"/Type/Pages/Count 1/" in pdf.content
    assert station.get(claim_path(claim, "visit-sheet.exe")).status_code == 404


def test_sheet_of_a_sensitive_demand_names_its_kind_only(cast: Cast, client_for: For) -> None:
    demand = loop.opened(cast, content="三栋老王家断粮了", is_sensitive=True)
    claim = loop.delivered(cast, loop.claimed(cast, demand))
    assert "老王" not in words_of(client_for(cast.station), claim)


# --- the phone list --------------------------------------------------------------------------------------------------


def due_rows(cast: Cast, *days: str) -> list[CallBack]:
    found = []
    for day in days:
        demand = lists.demand(cast.alliance, cast.station_place, state="closed")
        claim = lists.claim(demand, cast.members["县图书馆"], state="accepted", delivered_on="2026-03-02", accepted_on="2026-03-02")  # fmt: skip
        author = lists.author(demand)
        found.append(
            CallBack.objects.create(
                acceptance=lists.acceptance(claim), author=author, state="due", due_on=day
            )
        )
    return found


def order(shown: str) -> list[int]:
    found = [int(pk) for pk in re.findall(r'href="/demands/call-backs/(\d+)/"', shown)]
    return list(dict.fromkeys(found))


def test_list_begins_with_what_is_due_first_and_marks_what_is_late(cast: Cast, client_for: For) -> None:
    later, late, soon = due_rows(cast, "2026-03-09", "2026-02-27", "2026-03-04")
    for user in (cast.station, cast.staff, cast.secretary):
        shown = page(client_for(user), "/demands/call-backs/?state=due")
        assert order(shown) == [late.pk, soon.pk, later.pk]
        assert shown.count("已过期</span>") == 1 + 1  # the counter's word and the row's tag
        assert "方* 138****3449" in shown or "方** 138****3449" in shown
        assert NAME not in shown
        assert PHONE not in shown
    assert order(page(client_for(cast.staff), "/demands/call-backs/?late=1")) == [late.pk]


def test_list_of_those_without_follow_up_and_out_of_reach(cast: Cast, client_for: For) -> None:
    due, silent, gone = due_rows(cast, "2026-03-04", "2026-03-04", "2026-03-04")
    callbacks.answer_by_link(silent, "bad", "没改")
    for _ in range(3):
        callbacks.miss(gone, actor=cast.station)
    staff = client_for(cast.staff)
    assert order(page(staff, "/demands/call-backs/?follow=none")) == [silent.pk]
    assert order(page(staff, "/demands/call-backs/?state=unreachable")) == [gone.pk]
    assert order(page(staff, "/demands/call-backs/?state=answered")) == [silent.pk]
    assert order(page(staff, "/demands/call-backs/")) == [due.pk]


def test_every_line_of_the_desk_leads_to_its_rows(cast: Cast, client_for: For) -> None:
    """What the desk counts is what the list shows."""
    _late, _also, bad = due_rows(cast, "2026-02-27", "2026-02-26", "2026-03-04")
    callbacks.answer_by_link(bad, "bad")
    for user, query, number in ((cast.staff, "late=1", 2), (cast.staff, "follow=none", 1), (cast.station, "state=due", 2)):  # fmt: skip
        client = client_for(user)
        desk = page(client, "/")
        assert f"/demands/call-backs/?{query}" in desk
        assert re.search(rf"{number} 件", desk)
        assert len(order(page(client, f"/demands/call-backs/?{query}"))) == number


def test_pages_of_the_list_meet_without_gap(cast: Cast, client_for: For, monkeypatch: Any) -> None:
    monkeypatch.setattr("demands.views.stations_call_backs.SIZE", 2)
    rows = due_rows(cast, "2026-03-05", "2026-03-04", "2026-03-05", "2026-03-04", "2026-03-03")
    expected = [row.pk for row in sorted(rows, key=lambda row: (str(row.due_on), row.pk))]
    client, path, found, seen = client_for(cast.staff), "/demands/call-backs/?state=due", [], 0
    while path:
        shown = page(client, path)
        found += order(shown)
        onward = re.search(r'rel="next" href="([^"]+)"', shown)
        path = f"/demands/call-backs/{onward[1].replace('&amp;', '&')}" if onward else ""
        seen += 1
    assert found == expected
    assert seen == 3
    back = re.search(r'rel="prev" href="([^"]+)"', shown)
    assert back
    before = page(client, f"/demands/call-backs/{back[1].replace('&amp;', '&')}")
    assert order(before) == expected[2:4]
    assert order(page(client, "/demands/call-backs/?state=due&after=nonsense")) == expected[:2]


def test_each_sees_the_own_list_only(cast: Cast, client_for: For) -> None:
    (row,) = due_rows(cast, "2026-03-04")
    other = people.place("东小区服务站", "station", cast.community)
    stranger = people.user("东站长", "station", other)
    assert order(page(client_for(stranger), "/demands/call-backs/")) == []
    assert order(page(client_for(cast.foreign_secretary), "/demands/call-backs/")) == []
    assert client_for(stranger).get(path_of(row)).status_code == 403
    assert client_for(cast.foreign_secretary).get(path_of(row)).status_code == 404
    assert client_for(cast.liaison).get("/demands/call-backs/").status_code == 403
    narrowed = page(client_for(cast.staff), f"/demands/call-backs/?station={other.code}")
    assert order(narrowed) == []
    assert order(page(client_for(cast.staff), f"/demands/call-backs/?station={cast.station_place.code}")) == [
        row.pk
    ]
