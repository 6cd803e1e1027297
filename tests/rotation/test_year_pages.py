"""The Year page: who sees which table, what it says, and its papers."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from docx import Document

from alliances.enums import DutyMode
from alliances.models import LogEntry, Member, User
from rotation.enums import PlanState
from rotation.models import DutyChair, Plan
from tests.cast import HOSTILE, UNITS, YEAR, Cast
from tests.factories import people, rotation

ClientFor = Callable[[User | None], Client]


@pytest.fixture
def draft(cast: Cast) -> Plan:
    """Next year's table, everybody in the month of this year, still a draft."""
    chairs = {month: [cast.members[name] for name in names] for month, names in YEAR.items()}
    return rotation.plan(cast.alliance, 2027, chairs, state=PlanState.DRAFT)


def url(plan: Plan, tail: str = "") -> str:
    return f"/year/{plan.alliance.code}/{plan.year}/{tail}"


def chairs(plan: Plan, month: int) -> list[str]:
    rows = DutyChair.objects.filter(duty__plan=plan, duty__month=month).order_by("order")
    return list(rows.values_list("member__unit__name", flat=True))


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]  # the test client's response


# --- who sees what


def test_drafts_are_for_the_community_alone(cast: Cast, draft: Plan, client_for: ClientFor) -> None:
    for part in ("secretary", "staff"):
        assert client_for(cast.users[part]).get(url(draft)).status_code == 200, part
    for part in ("liaison", "leader", "president", "station", "street", "county", "outsider", "auditor"):
        user = cast.outsider if part == "outsider" else cast.users[part]
        assert client_for(user).get(url(draft)).status_code == 404, part
    assert client_for(None).get(url(draft)).status_code == 302


def test_discussed_tables_are_read_by_members_and_offices(
    cast: Cast, draft: Plan, client_for: ClientFor
) -> None:
    Plan.objects.filter(pk=draft.pk).update(state=PlanState.DISCUSSING)
    for part in ("liaison", "leader", "president", "station", "street", "county"):
        response = client_for(cast.users[part]).get(url(draft))
        assert response.status_code == 200, part
        assert "讨论稿" in text(response)
        assert "data-member" not in text(response), part
    for part in ("other_street", "foreign_secretary", "foreign_liaison", "administrator", "auditor"):
        assert client_for(cast.users[part]).get(url(draft)).status_code == 404, part


def test_no_reader_changes_a_table(cast: Cast, draft: Plan, client_for: ClientFor) -> None:
    Plan.objects.filter(pk=draft.pk).update(state=PlanState.DISCUSSING)
    before = list(DutyChair.objects.order_by("pk").values_list("duty", "member"))
    member = cast.members["县财政局"].pk
    posts = {
        "move/": {"deed": "move", "member": member, "source": 1, "target": 2},
        "lock/": {"month": 1, "locked": 1},
        "run/": {},
        "version/": {},
        "submit/": {},
        "take-back/": {},
        "pass/": {"meeting": "会", "passed_on": "2026-03-01"},
        "1/": {"theme": "别的"},
    }
    for tail, data in posts.items():
        for part in ("liaison", "president", "street"):
            assert client_for(cast.users[part]).post(url(draft, tail), data).status_code == 403, (part, tail)
        assert client_for(cast.outsider).post(url(draft, tail), data).status_code == 404, tail
    assert list(DutyChair.objects.order_by("pk").values_list("duty", "member")) == before
    assert not LogEntry.objects.filter(action__startswith="rotation.plan").exists()


def test_get_changes_nothing(cast: Cast, draft: Plan, client_for: ClientFor) -> None:
    client = client_for(cast.secretary)
    for tail in ("move/", "lock/", "run/", "version/", "submit/", "take-back/", "open/"):
        assert client.get(url(draft, tail)).status_code == 405, tail


def test_this_year_leads_to_the_running_table(cast: Cast, draft: Plan, client_for: ClientFor) -> None:
    for part in ("secretary", "liaison", "president"):
        assert client_for(cast.users[part]).get("/year/").url == url(cast.plan), part
    Plan.objects.filter(pk=cast.plan.pk).update(state=PlanState.CLOSED)
    assert client_for(cast.secretary).get("/year/").url == url(draft)
    assert client_for(cast.liaison).get("/year/").url == url(cast.plan)


def test_members_are_told_that_a_table_is_being_drafted(cast: Cast, client_for: ClientFor) -> None:
    Plan.objects.filter(pk=cast.plan.pk).update(state=PlanState.DRAFT)
    page = text(client_for(cast.liaison).get("/year/"))
    assert "安排表还在起草" in page
    assert f"/wishes/{cast.members['县图书馆'].pk}/2026/" in page


def test_an_empty_year_starts_in_any_month(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    address = f"/year/{cast.alliance.code}/2027/"
    assert "从几月开始" in text(client.get(address))
    assert client_for(cast.liaison).get(address).status_code == 404
    assert client.post(address + "open/", {"start_month": "13"}).status_code == 422
    assert client.post(address + "open/", {"start_month": "9"}).status_code == 302
    plan = Plan.objects.get(alliance=cast.alliance, year=2027)
    assert list(plan.duties.values_list("month", flat=True)) == [9, 10, 11, 12]
    assert "还有 4 个月没有安排" in text(client.get(address))
    again = client.post(address + "open/", {"start_month": "1"})
    assert again.status_code == 422
    assert "2027年度安排表已经有了" in text(again)


# --- what it says


def test_names_are_shown_as_text(cast: Cast, draft: Plan, client_for: ClientFor) -> None:
    page = text(client_for(cast.secretary).get(url(draft)))
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_collisions_stand_at_their_month_and_go_with_a_click(
    cast: Cast, draft: Plan, client_for: ClientFor
) -> None:
    client = client_for(cast.secretary)
    assert "无冲突" in text(client.get(url(draft)))
    member = cast.members["县财政局"]
    member.wishes.create(alliance=cast.alliance, year=2027, preferred=[5], blackout=[1], source="form")
    page = client.get(url(draft))
    assert "县财政局填报1月不便。" in text(page)
    assert "1 处冲突" in text(page)
    remedy = next(s for finding, s in page.context["fixes"] if finding.month == 1)
    assert (remedy.deed, remedy.key, remedy.source, remedy.target) == ("exchange", member.pk, 1, 5)
    data = {"deed": remedy.deed, "member": remedy.key, "source": remedy.source, "target": remedy.target}
    page = text(client.post(url(draft, "move/"), data, follow=True))
    assert "1月与5月已对换。" in page
    assert "无冲突" in page
    assert chairs(draft, 5) == ["县财政局"]
    assert chairs(draft, 1) == ["县农商银行"]


def test_a_unit_left_out_is_offered_a_month(cast: Cast, draft: Plan, client_for: ClientFor) -> None:
    client = client_for(cast.secretary)
    taken = {"deed": "out", "member": cast.members["县司法局"].pk, "source": 10}
    page = client.post(url(draft, "move/"), taken, follow=True)
    assert "10月还没有轮值主席。" in text(page)
    assert page.context["gaps"] == [10]
    remedy = next(s for finding, s in page.context["fixes"] if finding.month == 10)
    assert remedy.label == "安排县司法局"
    data = {"deed": remedy.deed, "member": remedy.key, "target": remedy.target}
    client.post(url(draft, "move/"), data)
    assert chairs(draft, 10) == ["县司法局"]


def test_queries_do_not_grow_with_the_alliance(cast: Cast, client_for: ClientFor) -> None:
    """The page of a draft is the dearest: rows, findings, remedies. One literal count for 3 and for 12 units."""
    small = rotation.plan(
        cast.alliance, 2028, {10: [], 11: [], 12: [cast.members["县司法局"]]}, state="draft"
    )
    chairs = {month: [cast.members[name] for name in names] for month, names in YEAR.items()}
    large = rotation.plan(cast.alliance, 2027, chairs, state="draft")
    for plan, state in ((small, "draft"), (large, "draft"), (large, "discussing"), (cast.plan, "passed")):
        Plan.objects.filter(pk=plan.pk, state="draft").update(state=state)
        client = client_for(cast.secretary)
        client.get(url(plan))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(url(plan))
        assert len(queries) <= 12, [query["sql"][:120] for query in queries]


def test_a_passed_table_offers_changes_only_of_months_to_come(cast: Cast, client_for: ClientFor) -> None:
    def offers(user: User) -> set[int]:
        page = text(client_for(user).get(url(cast.plan)))
        return {m for m, duty in cast.duties.items() if f"/duties/{duty.pk}/swap/" in page}

    assert offers(cast.liaison) == {3}
    assert offers(cast.other_liaison) == {4}
    assert offers(cast.staff) == set(range(3, 13))
    assert offers(cast.president) == set()


# --- the paper


@pytest.mark.parametrize("suffix", ["docx", "xlsx", "pdf"])
def test_the_table_comes_as_a_paper(cast: Cast, client_for: ClientFor, suffix: str) -> None:
    answer = client_for(cast.liaison).get(url(cast.plan, f"paper.{suffix}"))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    if suffix == "pdf":
        assert answer.content.startswith(b"%PDF-")
        return
    if suffix == "docx":
        tables = Document(io.BytesIO(answer.content)).tables
        cells = [cell.text for table in tables for row in table.rows for cell in row.cells]
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert "县图书馆\n县文体广电局\n县人民医院" in cells
    assert HOSTILE in cells
    assert cells.count("单独") == sum(mode == DutyMode.SOLO for mode in UNITS.values())


def test_papers_are_as_visible_as_their_table(cast: Cast, draft: Plan, client_for: ClientFor) -> None:
    for tail in ("paper/", "paper.docx"):
        assert client_for(cast.liaison).get(url(draft, tail)).status_code == 404
        assert client_for(cast.secretary).get(url(draft, tail)).status_code == 200
        assert client_for(cast.outsider).get(url(cast.plan, tail)).status_code == 404


def test_a_past_year_is_read_only(cast: Cast, client_for: ClientFor) -> None:
    past = rotation.plan(cast.alliance, 2025, {1: [cast.members["县财政局"]]}, state=PlanState.CLOSED)
    page = text(client_for(cast.secretary).get(url(past)))
    assert "已归档" in page
    assert "data-member" not in page
    assert "申请调整" not in page
    gone = people.member(cast.alliance, "县老干部局")
    rotation.plan(cast.alliance, 2024, {1: [gone]}, state=PlanState.CLOSED)
    Member.objects.filter(pk=gone.pk).update(left_on=date(2025, 6, 1))
    assert "县老干部局（已退出）" in text(client_for(cast.liaison).get(f"/year/{cast.alliance.code}/2024/"))
