"""Exports: one rule for all of them on the screen, what comes out, and ``manage.py export``."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from django.core.management import call_command
from django.test import Client

from alliances import clock
from alliances.exporting import MEDIA_TYPES
from alliances.models import LogEntry, User
from alliances.registry import registries
from alliances.services import commitments
from rotation.models import Slip
from rotation.services import slips, wishes
from tests.cast import HOSTILE, Cast
from tests.import_runs import import_county, import_sheet

ClientFor = Callable[[User | None], Client]

# Who may take what; everybody else who sees the alliance gets 403, who does not see it 404.
MAY = {
    "organisations": {"secretary", "staff", "street", "county"},
    "members": {"secretary", "staff"},
    "plan": {"secretary", "staff"},
    "slip": {"secretary", "staff"},
    "ledger": {"secretary", "staff", "president", "street", "county"},
    "wishes": {"secretary", "staff"},
    "swaps": {"secretary", "staff"},
    "resources": {"secretary", "staff", "president", "street", "county"},
    "demands": {"secretary", "staff", "president", "street", "county"},
    "demands_full": {"secretary"},
    "claims": {"secretary", "staff", "president", "street", "county"},
    "acceptances": {"secretary", "staff", "president", "street", "county"},
    "commitments": {"secretary", "staff", "president", "street", "county"},
    "responsibility": {"secretary", "staff", "president", "street", "county"},
}
# An office's own, of all that stands below it, one of them made by the worker: tests/evaluations/test_quarter_office_files.py.
OFFICES_OWN = {"quarter-digest", "quarter-reports"}
SEES = {
    "secretary", "staff", "president", "station", "liaison", "second_liaison", "third_liaison", "other_liaison",
    "both_liaison", "leader", "street", "county",
}  # fmt: skip


def test_every_export_has_its_rule_here() -> None:
    assert {export.name for export in registries.exports} == set(MAY) | OFFICES_OWN


def promised(cast: Cast) -> None:
    """Without a promise there is no 责任清单."""
    commitments.add(cast.members["县图书馆"], text="开放阅览室", due_on=date(2026, 3, 31), actor=cast.staff)


@pytest.mark.parametrize("name", sorted(MAY))
def test_who_may_take_what(cast: Cast, march: Slip, client_for: ClientFor, name: str) -> None:
    url = f"/exports/{name}/"
    promised(cast)
    for part, user in cast.users.items():
        client = client_for(user)
        expected = 404 if part not in SEES else 200 if part in MAY[name] else 403
        query = {"alliance": cast.alliance.code}
        assert client.get(url, query).status_code == expected, part
        posted = client.post(
            url, {**query, "year": "2026", "format": registries.exports.get(name).formats[0]}
        )
        assert posted.status_code == expected, part
        assert bool(posted.get("Content-Disposition")) == (expected == 200), part
    assert client_for(None).get(url).status_code == 302


def test_looking_writes_nothing_and_a_download_leaves_a_row(
    cast: Cast, march: Slip, client_for: ClientFor
) -> None:
    client = client_for(cast.secretary)
    before = LogEntry.objects.count()
    assert "同心社区党建联盟成员单位名册" in client.get("/exports/members/").content.decode()
    assert LogEntry.objects.count() == before
    content(client, "members", "csv")
    entry = LogEntry.objects.latest("pk")
    assert (entry.action, entry.actor) == ("alliances.export.download", cast.secretary)
    assert entry.data == {"name": "members", "format": "csv", "year": None, "rows": 14}


def content(client: Client, name: str, suffix: str, **params: str) -> bytes:
    response = client.post(f"/exports/{name}/", {"format": suffix, **params})
    assert response.status_code == 200, response.content.decode()[:500]
    assert response["Content-Type"] == MEDIA_TYPES[suffix][1]
    assert response["Cache-Control"] == "private, no-store"
    return b"".join(response)


def table(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def cells(data: bytes) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [list(row) for row in book.active.iter_rows(values_only=True)]


def test_hostile_unit_name_survives_both_formats(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    assert HOSTILE in [row[1] for row in table(content(client, "members", "csv"))]
    assert HOSTILE in [row[1] for row in cells(content(client, "members", "xlsx"))]


def test_ledger_export_is_what_the_page_shows(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    client = client_for(cast.secretary)
    slips.record_receipt(
        march.receipts.get(member__unit__name="县图书馆"),
        signer_name="张馆员",
        via="paper",
        signed_on=date(2026, 3, 2),
        actor=cast.staff,
    )
    rows = cells(content(client, "ledger", "xlsx", month="2026-03", state="waiting"))
    assert rows[0][0] == "同心社区党建联盟2026年3月提醒单台账（待签收）"
    assert len(rows) == 3
    assert rows[2][0] == march.number
    assert rows[2][4] == datetime(2026, 3, 2)
    assert rows[2][7] == "县图书馆 张馆员 3月2日（纸质，社区代录）"
    assert rows[2][8] == "县文体广电局、县人民医院"
    assert len(table(content(client, "ledger", "csv"))) == 4  # header and all three slips
    assert len(table(content(client, "ledger", "csv", month="2026-03", state="acknowledged"))) == 1


def test_an_office_takes_the_ledger_of_all_below(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    foreign = slips.issue(cast.foreign_duties[3])
    assert foreign is not None
    county = client_for(cast.county)
    rows = cells(content(county, "ledger", "xlsx", month="2026-03"))
    assert rows[0][0] == "示范县2026年3月提醒单台账"
    assert {row[0] for row in rows[2:]} == {march.number, foreign.number}
    street = table(content(client_for(cast.street), "ledger", "csv", month="2026-03"))
    assert [row[0] for row in street[1:]] == [march.number]
    assert county.get("/exports/organisations/").status_code == 404  # of which community must be said


def test_plan_is_the_printed_table(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.secretary)
    rows = cells(content(client, "plan", "xlsx", year="2026"))
    assert rows[0][0] == "同心社区党建联盟2026年度轮值主席安排表"
    march = next(row for row in rows if row[0] == "3月")
    assert march[2] == "县图书馆\n县文体广电局\n县人民医院"
    assert march[3] == "温馆长\n—\n—"
    document = ZipFile(io.BytesIO(content(client, "plan", "docx", year="2026"))).read("word/document.xml")
    assert "县文体广电局" in document.decode()
    assert content(client, "plan", "pdf", year="2026").startswith(b"%PDF-")


def test_a_year_without_a_plan_is_a_sentence_on_the_page(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.secretary)
    page = client.post("/exports/plan/", {"format": "xlsx", "year": "2025"})
    assert page.status_code == 200
    assert "同心社区党建联盟还没有2025年度轮值主席安排表。" in page.content.decode()
    assert not LogEntry.objects.filter(action="alliances.export.download").exists()


@pytest.mark.parametrize("suffix", ["exe", "", "XLSX"])
def test_unknown_formats_are_refused_in_the_form(cast: Cast, client_for: ClientFor, suffix: str) -> None:
    page = client_for(cast.secretary).post("/exports/members/", {"format": suffix})
    assert page.status_code == 200
    assert "Content-Disposition" not in page
    assert client_for(cast.secretary).get("/exports/secrets/").status_code == 404


def test_wishes_and_swaps_come_out(cast: Cast, client_for: ClientFor) -> None:
    wishes.submit(
        cast.members["县财政局"],
        2027,
        preferred=[4, 11],
        blackout=[1],
        theme="=1+1",
        resources="",
        source="staff",
        actor=cast.staff,
    )
    client = client_for(cast.staff)
    rows = table(content(client, "wishes", "csv", year="2027"))
    assert rows[1] == ["县财政局", "同心社区", "4月、11月", "1月", "\t=1+1", "", ""]
    assert table(content(client, "swaps", "csv", year="2026"))[0][:3] == ["社区", "方式", "调整内容"]


# --- the command --------------------------------------------------------------------------------------------------


def export(*words: str) -> tuple[int, str]:
    """Exit code and everything said."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("export", *words, stdout=out, stderr=err)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue() + err.getvalue()
    return 0, out.getvalue() + err.getvalue()


@pytest.mark.parametrize(
    ("words", "name", "begins"),
    [
        (["plan", "--year", "2026"], "表.docx", b"PK"),
        (["plan", "--year", "2026"], "表.pdf", b"%PDF-"),
        (["plan"], "表.XLSX", b"PK"),
        (["plan"], "表.csv", b"\xef\xbb\xbf"),
        (["slip"], "单.docx", b"PK"),
        (["slip", "--month", "3", "--year", "2026"], "单.pdf", b"%PDF-"),
        (["slip", "--month", "3"], "单.txt", "【轮值主席提醒单】".encode()),
        (["members"], "册.xlsx", b"PK"),
        (["ledger", "--year", "2026"], "账.csv", b"\xef\xbb\xbf"),
        (["organisations"], "架构.csv", b"\xef\xbb\xbf"),
    ],
)
def test_export_writes_the_file(
    cast: Cast, march: Slip, tmp_path: Path, words: list[str], name: str, begins: bytes
) -> None:
    path = tmp_path / name
    code, said = export(*words, "--alliance", cast.alliance.code, "--out", str(path))
    assert (code, said.startswith("已导出")) == (0, True), said
    assert path.read_bytes().startswith(begins)
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ([], 2, "没有写明导出哪种表格"),
        (["secrets", "--alliance", "A", "--out", "O.csv"], 2, "没有“secrets”这种表格"),
        (["plan", "--out", "O.csv"], 2, "没有写明哪个联盟"),
        (["plan", "--alliance", "99-99", "--out", "O.csv"], 2, "没有编码为“99-99”的联盟。"),
        (["plan", "--alliance", "A"], 2, "没有写明写到哪个文件"),
        (["plan", "--alliance", "A", "--out", "O.txt"], 2, "文件后缀应是其中一种"),
        (["members", "--alliance", "A", "--out", "O.docx"], 2, "文件后缀应是其中一种"),
        (["plan", "--alliance", "A", "--out", "no/such/O.csv"], 2, "文件写不了"),
        (["plan", "--alliance", "A", "--year", "廿六", "--out", "O.csv"], 2, "“廿六”不是年度"),
        (["slip", "--alliance", "A", "--month", "13", "--out", "O.pdf"], 2, "“13”不是月份"),
        (["plan", "--alliance", "A", "--below", "--out", "O.csv"], 2, "一次只能导出一个联盟的"),
        (["plan", "--alliance", "A", "--frobnicate", "--out", "O.csv"], 2, "参数不对"),
        (
            ["plan", "--alliance", "A", "--year", "2031", "--out", "O.csv"],
            1,
            "还没有2031年度轮值主席安排表。",
        ),
        (["slip", "--alliance", "A", "--month", "7", "--out", "O.pdf"], 1, "2026年7月还没有发出提醒单。"),
    ],
)
def test_mistakes_end_with_a_sentence_and_no_file(
    cast: Cast,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    sentence: str,
) -> None:
    words = [str(tmp_path / w) if "O." in w else cast.alliance.code if w == "A" else w for w in words]
    ended, said = export(*words)
    said += (
        capsys.readouterr().err
    )  # what is wrong with the arguments is said before the command has its streams
    assert (ended, sentence in said, "Traceback" in said) == (code, True, False), said
    assert list(tmp_path.iterdir()) == []


def test_failed_export_leaves_the_earlier_file(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_text("去年的")
    assert export("plan", "--alliance", cast.alliance.code, "--year", "2031", "--out", str(path))[0] == 1
    assert path.read_text() == "去年的"


def test_what_is_exported_can_be_imported_again_unchanged(db: None, tmp_path: Path) -> None:
    with clock.at(datetime(2025, 12, 21, 9)):
        import_county(tmp_path)
        for kind, suffix, counted in (
            ("organisations", "xlsx", 61),
            ("members", "xlsx", 74),
            ("members", "csv", 74),
            ("wishes", "csv", 70),
        ):
            path = tmp_path / f"{kind}.{suffix}"
            below = [] if kind == "organisations" else ["--below"]
            code, said = export(kind, "--alliance", "01", *below, "--year", "2026", "--out", str(path))
            assert code == 0, said
            options = ["--year", "2026"] if kind == "wishes" else []
            run = import_sheet(kind, path, tmp_path, *options)
            assert (run.code, run.counts) == (0, (0, 0, counted, 0)), run.words
        path = tmp_path / "安排表.xlsx"
        assert export("plan", "--alliance", "01-01-01", "--year", "2025", "--out", str(path))[0] == 0
        run = import_sheet("plan", path, tmp_path, "--alliance", "01-01-01", "--year", "2025")
        assert (run.code, run.counts) == (0, (0, 0, 12, 0)), run.words
