"""The four lists out of the house: rows in every state come back unchanged, nothing becomes a formula, who may take what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl

from alliances.exporting import Several
from alliances.models import LogEntry, Organisation
from alliances.registry import registries
from demands.imports.base import people, phones
from demands.models import Claim
from demands.services import acceptance, callbacks, claims, intake, resources, review
from demands.services.callbacks import Answer
from demands.services.claims import Promise
from tests.cast import Cast
from tests.demands import loop
from tests.demands.list_files import export, table
from tests.factories import demands as lists
from tests.import_runs import import_sheet

HOSTILE = [
    "=1+1",
    "+86 138 0000 0000",
    "-5",
    "@SUM(A1)",
    "\t=1",
    "＝1+1",
    '=HYPERLINK("http://x","y")',
    "'=1",
]


def test_hostile_words_are_words_in_every_column(cast: Cast, tmp_path: Path) -> None:
    for words in HOSTILE:
        demand = lists.demand(cast.alliance, cast.station_place, content=words, share_text=words)
        lists.author(demand, name=words, phone="")
        lists.demand(cast.alliance, content=words)  # nobody's, so that no name in it is masked
        claim = lists.claim(demand, cast.members["县图书馆"], measures=words, responsible=words)
        lists.answer(lists.acceptance(claim, inspector_name=words), opinion=words)
    for name in ("demands", "demands_full", "claims", "acceptances"):
        path = tmp_path / f"{name}.xlsx"
        export(name, path, "--alliance", cast.alliance.code)
        cells = [cell for row in openpyxl.load_workbook(path).active.iter_rows() for cell in row]
        assert not [cell.value for cell in cells if cell.data_type == "f"], name
        texts = {str(cell.value).strip() for cell in cells}
        assert {words.strip() for words in HOSTILE} <= texts | ({"-5"} if name == "demands" else set()), name
    path = tmp_path / "claims.csv"
    export("claims", path, "--alliance", cast.alliance.code)
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        for cell in line.strip('"').split('","'):
            assert not cell.startswith(("=", "@", "＝")), cell
    assert '"-5"' in path.read_text(encoding="utf-8-sig")


def test_demands_in_every_state_come_back_unchanged(cast: Cast, tmp_path: Path) -> None:
    main = lists.demand(cast.alliance, cast.station_place, share_text="夜间噪声", is_sensitive=True)
    lists.author(main)
    lists.author(main, name="李大明", phone="13800000002")
    lists.author(
        lists.demand(cast.alliance, state="merged", merged_into=main), name="周一平", phone="13800000003"
    )
    lists.demand(cast.alliance, state="declined", reason="不属于受理范围", source="unit")
    lists.demand(
        cast.alliance, cast.station_place, state="unresolved", reason="无", unresolved_reason="money"
    )
    lists.demand(cast.alliance, state="submitted", urgency="urgent", expected_on="2026-04-01")
    path = tmp_path / "all.xlsx"
    export("demands_full", path, "--alliance", cast.alliance.code)
    run = import_sheet("demands", path, tmp_path, "--alliance", cast.alliance.code)
    assert (run.code, run.counts) == (0, (0, 0, 5, 0)), run.words
    assert table(path)[0]["需求人"] == "方小超、李大明"


def test_claims_in_every_state_come_back_unchanged(cast: Cast, tmp_path: Path) -> None:
    states = {
        "taken": {},
        "in_service": {"due_on": "2026-03-02", "first_due_on": "2026-03-02", "title": "静音行动"},
        "delivered": {"delivered_on": "2026-03-02"},
        "returned": {"delivered_on": "2026-03-02", "volunteers": 0},
        "accepted": {"delivered_on": "2026-03-02", "accepted_on": "2026-03-02"},
        "handed_back": {"handed_back_at": "2026-03-02T09:00+08:00", "hand_back_reason": "人员调整"},
    }
    for state, fields in states.items():
        demand = lists.demand(cast.alliance, cast.station_place, is_sensitive=state == "taken")
        lists.claim(demand, cast.members["县图书馆"], state=state, **fields)
    path = tmp_path / "claims.xlsx"
    export("claims", path, "--alliance", cast.alliance.code)
    run = import_sheet("claims", path, tmp_path)
    assert (run.code, run.counts) == (0, (0, 0, 6, 0)), run.words
    assert [row["状态"] for row in table(path)] == [
        "已认领",
        "办理中",
        "待验收",
        "整改中",
        "已办结",
        "已退回",
    ]
    assert table(path)[0]["项目名称"] == "噪声"  # of a sensitive demand only its kind


def test_full_list_is_the_secretarys_and_logged_under_its_name(cast: Cast, client_for: Any) -> None:
    lists.author(lists.demand(cast.alliance, cast.station_place))
    client = client_for(cast.secretary)
    done = client.post("/exports/demands_full/", {"alliance": cast.alliance.code, "format": "xlsx"})
    assert done.status_code == 200
    row = LogEntry.objects.filter(action="alliances.export.download").get()
    assert row.data["name"] == "demands_full"
    assert client_for(cast.staff).get("/exports/demands_full/").status_code == 403
    assert client_for(cast.street).get("/exports/demands_full/").status_code in (403, 404)


def test_export_reads_in_batches_with_a_fixed_number_of_queries(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        demand = lists.demand(cast.alliance, cast.station_place)
        lists.author(demand)
        lists.answer(lists.acceptance(lists.claim(demand, cast.members["县图书馆"])))
    scope = Several(Organisation.objects.get(code="01"), (cast.alliance, cast.foreign_alliance))
    for name in ("resources", "demands", "demands_full", "claims", "acceptances"):
        one = registries.exports.get(name)
        assert one
        with django_assert_max_num_queries(4):
            list(one.rows(scope, None))
    assert Claim.objects.count() == 12


def test_what_screens_take_at_full_length_comes_back_unchanged(cast: Cast, tmp_path: Path) -> None:
    """No column of a list is narrower than the screen that fills it."""
    member = cast.members["县图书馆"]
    given = resources.Offering(
        kind="service", name="名" * 80, description="说" * 500, quantity="量" * 80, available_when="时" * 120,
        audience="人" * 80, contact_name="联" * 40, contact_phone="0991-82345678-123456",
    )  # fmt: skip
    resources.list_(member, given, actor=cast.liaison)
    demand = loop.opened(cast, content="字" * intake.MOST_WORDS, name="长" * 40)
    review.share(demand, cast.street_place, "外" * 300, actor=cast.secretary)
    promise = Promise(
        measures="措" * 500, responsible="责" * 40, responsible_phone="0991-82345678-123456", title="项" * 80
    )
    claim = claims.take(demand, member, promise, actor=cast.liaison)
    claims.deliver(claim, volunteers=100_000, teams="队" * 100, actor=cast.liaison)
    acceptance.send_back(claim, "改" * 200, inspector_name="验" * 40, via="paper", actor=cast.staff)
    claim.refresh_from_db()
    claims.deliver(claim, volunteers=100_000, teams="队" * 100, actor=cast.liaison)
    visit = acceptance.accept(claim, mended="好" * 200, actor=cast.station)
    callbacks.answer(
        visit.call_backs.get(),
        Answer("good", opinion="意" * 200),
        actor=cast.station,
    )
    for name in ("resources", "demands_full", "claims", "acceptances"):
        path = tmp_path / f"{name}.xlsx"
        export(name, path, "--alliance", cast.alliance.code)
        run = import_sheet(name.removesuffix("_full"), path, tmp_path, "--alliance", cast.alliance.code)
        assert (run.code, run.counts) == (0, (0, 0, 2 if name == "acceptances" else 1, 0)), run.words


def test_names_and_numbers_of_several_stay_together(cast: Cast, tmp_path: Path) -> None:
    demand = lists.demand(cast.alliance, cast.station_place)
    lists.author(demand, name="张阿姨", phone="")
    lists.author(demand, name="李大明", phone="13800000002")
    lists.author(demand, name="", phone="13800000003")
    lists.author(lists.demand(cast.alliance, cast.station_place, content="没有电话"), name="周一平", phone="")
    path = tmp_path / "all.xlsx"
    export("demands_full", path, "--alliance", cast.alliance.code)
    rows = {row["需求内容"]: (row["需求人"], row["电话"]) for row in table(path)}
    assert rows.pop("没有电话") == ("周一平", None)
    assert list(rows.values()) == [("张阿姨、李大明、匿名", "无、13800000002、13800000003")]
    run = import_sheet("demands", path, tmp_path, "--alliance", cast.alliance.code)
    assert (run.code, run.counts) == (0, (0, 0, 2, 0)), run.words
    assert people("张阿姨、李大明、匿名") == ["张阿姨", "李大明", ""]
    assert phones("无、13800000002") == ["", "13800000002"] and phones("无") == people("匿名、无") == []


def test_a_responsible_with_the_number_behind_comes_back_unchanged(cast: Cast, tmp_path: Path) -> None:
    promise = Promise(measures="巡查", responsible="钱新民 13800000009")
    claims.take(loop.opened(cast), cast.members["县图书馆"], promise, actor=cast.liaison)
    path = tmp_path / "claims.xlsx"
    export("claims", path, "--alliance", cast.alliance.code)
    run = import_sheet("claims", path, tmp_path, "--alliance", cast.alliance.code)
    assert (run.code, run.counts) == (0, (0, 0, 1, 0)), run.words
