"""Commitments on screen: written down from the paper, confirmed, left out, taken back; who reads them; 责任清单."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from docx import Document
from openpyxl import load_workbook

from alliances.enums import AgreementKind
from alliances.models import Agreement, Commitment, LogEntry, User
from alliances.selectors import papers_commitments
from alliances.services import commitments, membership
from tests.cast import HOSTILE, Cast
from tests.conftest import Frozen

ClientFor = Callable[[User | None], Client]
pytestmark = pytest.mark.django_db
TEXT = "全年开放阅览室不少于12次"


def promised(
    cast: Cast, unit: str = "县图书馆", due: date = date(2026, 3, 31), text: str = TEXT
) -> Commitment:
    return commitments.add(cast.members[unit], text=text, due_on=due, actor=cast.staff)


def letter(cast: Cast, unit: str = "县图书馆") -> Agreement:
    return membership.sign_agreement(
        cast.members[unit], kind=AgreementKind.TARGET, signed_on=date(2026, 1, 5), actor=cast.staff
    )


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def test_staff_write_a_promise_of_the_target_letter_down_and_the_next(
    cast: Cast, client_for: ClientFor
) -> None:
    client, member = client_for(cast.staff), cast.members["县图书馆"]
    url = f"/members/{member.pk}/commitments/new/"
    assert "还没有登记协议书或目标责任书" in page(client, url)
    client.post(f"/members/{member.pk}/agreement/", {"kind": "target", "signed_on": "2026-01-05"})
    paper = Agreement.objects.get(member=member, kind=AgreementKind.TARGET)
    assert "年度目标责任书（2026年1月5日）" in page(client, url)
    typed = {"text": TEXT, "due_on": "2026年3月31日", "agreement": str(paper.pk)}
    answer = client.post(url, {**typed, "more": "1"})
    assert (answer.status_code, answer["Location"]) == (302, url)
    found = Commitment.objects.get()
    assert (found.text, found.due_on, found.agreement, found.created_by) == (
        TEXT,
        date(2026, 3, 31),
        paper,
        cast.staff,
    )
    assert LogEntry.objects.filter(action="alliances.commitment.add", actor=cast.staff).count() == 1
    html = page(client, f"/members/{member.pk}/")
    assert TEXT in html
    assert "待兑现" in html


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"text": "", "due_on": "2026-03-31"}, "请填写。"),
        ({"text": TEXT, "due_on": ""}, "请填写。"),
        ({"text": TEXT, "due_on": "3月底"}, "不像日期"),
        ({"text": "长" * 201, "due_on": "2026-03-31"}, "200"),
        ({"text": f"{TEXT}\0", "due_on": "2026-03-31"}, "Null"),
        ({"text": "   ", "due_on": "2026-03-31"}, "请填写"),
    ],
)
def test_a_promise_that_is_refused_keeps_every_typed_word(
    cast: Cast, client_for: ClientFor, typed: dict[str, str], sentence: str
) -> None:
    client, member = client_for(cast.staff), cast.members["县图书馆"]
    answer = client.post(f"/members/{member.pk}/commitments/new/", typed)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert sentence in html or sentence == "Null"
    assert typed["due_on"] in html
    assert typed["text"].strip("\0 ") in html
    assert not Commitment.objects.exists()


def test_another_units_agreement_is_no_choice(cast: Cast, client_for: ClientFor) -> None:
    other = letter(cast, "县财政局")
    client, member = client_for(cast.staff), cast.members["县图书馆"]
    typed = {"text": TEXT, "due_on": "2026-03-31", "agreement": str(other.pk)}
    assert client.post(f"/members/{member.pk}/commitments/new/", typed).status_code == 200
    assert not Commitment.objects.exists()


def test_hostile_words_are_shown_as_they_were_typed(cast: Cast, client_for: ClientFor) -> None:
    found = promised(cast, HOSTILE, text=HOSTILE)
    for url in ("/commitments/", f"/commitments/{found.pk}/", f"/members/{found.member_id}/"):
        html = page(client_for(cast.secretary), url)
        assert "<img src=x" not in html
        assert "&lt;img src=x" in html


def test_staff_confirm_with_evidence_and_the_secretary_takes_it_back(
    cast: Cast, client_for: ClientFor
) -> None:
    found = promised(cast)
    url = f"/commitments/{found.pk}/"
    staff = client_for(cast.staff)
    answer = staff.post(f"{url}fulfil/", {"evidence": "已开放3次，见台账", "fulfilled_on": "2026-03-30"})
    assert "今天以后" in answer.content.decode()
    assert "已开放3次，见台账" in answer.content.decode()
    answer = staff.post(f"{url}fulfil/", {"evidence": "已开放3次，见台账", "fulfilled_on": "2026-03-02"})
    assert (answer.status_code, answer["Location"]) == (302, url)
    html = page(staff, url)
    assert "已兑现" in html
    assert "已开放3次，见台账" in html
    assert "更正为待兑现" not in html  # the secretary's
    again = staff.post(f"{url}fulfil/", {"evidence": "又一次", "fulfilled_on": "2026-03-02"})
    assert again.status_code == 200
    assert "又一次" in again.content.decode()  # somebody was faster: nothing typed is lost
    client_for(cast.secretary).post(f"{url}reopen/")
    found.refresh_from_db()
    assert (found.state, found.evidence, found.fulfilled_on) == ("open", "", None)
    actions = LogEntry.objects.filter(object_id=found.pk, action__startswith="alliances.commitment.")
    assert [entry.action.rpartition(".")[2] for entry in actions.order_by("pk")] == [
        "add",
        "fulfil",
        "reopen",
    ]


def test_the_secretary_leaves_one_out_and_the_unit_reads_why(cast: Cast, client_for: ClientFor) -> None:
    found = promised(cast)
    url = f"/commitments/{found.pk}/"
    assert "不再考核</a>" not in page(client_for(cast.staff), url)
    assert client_for(cast.staff).post(f"{url}waive/", {"reason": "x"}).status_code == 403
    client_for(cast.secretary).post(f"{url}waive/", {"reason": "单位职能调整"})
    for user in (cast.liaison, cast.leader):
        assert "单位职能调整" in page(client_for(user), url)
        assert "更正" not in page(client_for(user), url)


def test_a_unit_reads_its_own_promises_and_nobody_elses(cast: Cast, client_for: ClientFor) -> None:
    own, other = promised(cast), promised(cast, "县财政局", text="不给别家看的事")
    for user in (cast.liaison, cast.leader):
        client = client_for(user)
        html = page(client, "/commitments/")
        assert TEXT in html
        assert other.text not in html
        assert "责任清单" not in html
        assert "共 1 条" in page(client, "/commitments/?total=1")
        assert "共 0 条" in page(client, f"/commitments/?total=1&member={other.member_id}")
        assert client.get(f"/commitments/{other.pk}/").status_code == 404
        assert other.text not in page(client, f"/members/{other.member_id}/")
        assert TEXT in page(client, f"/members/{own.member_id}/")
    assert client_for(cast.station).get("/commitments/").status_code == 403
    assert TEXT not in page(client_for(cast.station), f"/members/{own.member_id}/")
    foreign = client_for(cast.foreign_secretary)
    assert "共 0 条" in page(foreign, f"/commitments/?total=1&alliance={cast.alliance.code}")
    assert foreign.get(f"/commitments/{own.pk}/").status_code == 404


def test_filters_live_in_the_address_and_nonsense_is_not_asked(
    cast: Cast, client_for: ClientFor, frozen: Frozen
) -> None:
    promised(cast)
    kept = promised(cast, "县财政局", due=date(2026, 2, 1))
    commitments.fulfil(kept, evidence="见台账", actor=cast.staff)
    promised(cast, due=date(2025, 12, 31))
    client = client_for(cast.secretary)

    def total(query: str) -> str:
        return page(client, f"/commitments/?total=1&{query}").strip()

    asked = {
        "": 3,
        "period=2026-1": 2,
        "period=2025": 1,
        "state=fulfilled": 1,
        "state=due": 1,
        "state=kept&period=2026-1": 1,
        f"member={kept.member_id}": 1,
    }
    for query, number in asked.items():
        assert total(query) == f"<span>共 {number} 条</span>", query
    for nonsense in ("period=2026-9", "period=9999-4", "period=1999", "state=%FF", "member=-1", "member=1e9", "period=９９９９", "standing=x"):  # fmt: skip
        assert total(nonsense) == "<span>共 3 条</span>", nonsense
    assert client.get("/commitments/?period=%00").status_code == 400
    assert total("member=" + "9" * 18) == "<span>共 0 条</span>"
    for query in ("before=abc", "after=" + "9" * 30):
        assert client.get(f"/commitments/?{query}").status_code == 200


def test_pages_go_on_by_key_with_the_filter_kept(cast: Cast, client_for: ClientFor) -> None:
    for number in range(60):
        promised(cast, text=f"第{number}项")
    client = client_for(cast.secretary)
    first = client.get("/commitments/?period=2026-1")
    older = first.context["page"].older
    assert "period=2026-1" in older
    second = client.get(f"/commitments/{older}")
    shown = [row[0].pk for row in (*first.context["rows"], *second.context["rows"])]
    assert len(shown) == len(set(shown)) == 60


def test_the_desk_of_those_who_can_confirm_counts_what_is_due(
    cast: Cast, client_for: ClientFor, frozen: Frozen
) -> None:
    promised(cast, due=date(2026, 3, 3))
    promised(cast, due=date(2026, 3, 4))
    for user in (cast.secretary, cast.staff):
        assert "承诺到期待确认" not in page(client_for(user), "/")
    frozen.to("2026-03-04T09:00")
    for user in (cast.secretary, cast.staff):
        html = page(client_for(user), "/")
        assert "2 项承诺到期待确认" in html
        assert f"/commitments/?alliance={cast.alliance.code}&amp;state=due" in html
    for user in (cast.liaison, cast.president):
        assert "承诺到期待确认" not in page(client_for(user), "/")


# --- files --------------------------------------------------------------------------------------------------------


def taken(client: Client, name: str, **asked: Any) -> bytes:
    answer = client.post(f"/exports/{name}/", asked)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a file


def test_the_list_goes_out_as_a_spreadsheet_narrowed_as_shown(cast: Cast, client_for: ClientFor) -> None:
    kept = promised(cast)
    commitments.fulfil(kept, evidence="=1+1", actor=cast.staff)
    promised(cast, "县财政局", due=date(2026, 6, 30))
    client = client_for(cast.secretary)
    code = cast.alliance.code
    content = taken(client, "commitments", format="xlsx", alliance=code, period="2026-1")
    rows = list(load_workbook(io.BytesIO(content)).active.values)
    assert rows[0][0] == f"{cast.alliance.name}2026年第一季度承诺事项"
    assert [row[:2] for row in rows[2:]] == [("县图书馆", TEXT)]
    assert rows[2][6] == "=1+1"  # a text
    entry = LogEntry.objects.filter(action="alliances.export.download").latest("pk")
    assert (entry.data["name"], entry.data["rows"]) == ("commitments", 1)
    for user in (cast.liaison, cast.leader, cast.station):
        assert client_for(user).get(f"/exports/commitments/?alliance={code}").status_code == 403
    assert (
        client_for(cast.foreign_secretary).get(f"/exports/responsibility/?alliance={code}").status_code == 404
    )


@pytest.mark.parametrize("suffix", ["docx", "pdf", "xlsx"])
def test_the_years_responsibility_list_names_every_promise_and_what_became_of_it(
    cast: Cast, client_for: ClientFor, suffix: str
) -> None:
    paper = letter(cast)
    commitments.add(
        cast.members["县图书馆"], text=TEXT, due_on=date(2026, 3, 31), agreement=paper, actor=cast.staff
    )
    kept, waived = promised(cast, "县财政局"), promised(cast, "县财政局", text="提供会议室")
    commitments.fulfil(kept, evidence="见台账", actor=cast.staff)
    commitments.waive(waived, reason="职能调整", actor=cast.secretary)
    promised(cast, due=date(2027, 1, 5), text="明年的事")
    content = taken(
        client_for(cast.street), "responsibility", format=suffix, alliance=cast.alliance.code, year="2026"
    )
    assert content
    found = papers_commitments.responsibility(cast.alliance, 2026)
    assert found is not None
    rows = found["blocks"][0]["rows"]
    assert [row[:2] for row in rows] == [[1, "县财政局"], [1, "县财政局"], [2, "县图书馆"]]
    assert [row[5] for row in rows] == ["已兑现", "不再考核", "待兑现"]
    assert [row[6] for row in rows] == ["见台账（2026年3月2日）", "原因：职能调整", ""]
    assert rows[2][3] == "年度目标责任书"
    assert "2家单位共3项，已兑现1项，待兑现1项，不再考核1项" in found["blocks"][1]["text"]
    if suffix == "docx":
        document = Document(io.BytesIO(content))
        words = "".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
        assert TEXT in words
        assert "明年的事" not in words


def test_a_year_without_promises_says_so(cast: Cast, client_for: ClientFor) -> None:
    answer = client_for(cast.secretary).post("/exports/responsibility/", {"format": "docx", "year": "2026"})
    assert "2026年没有到期的承诺事项" in answer.content.decode()
