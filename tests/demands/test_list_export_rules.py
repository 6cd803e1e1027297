"""The four lists out of the house: rows in every state come back unchanged, nothing becomes a formula, who may take what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl

from alliances.exporting import Several
from alliances.models import LogEntry, Organisation
from alliances.registry import registries
from demands.models import Claim
from tests.cast import Cast
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
