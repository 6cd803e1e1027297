"""The digest and the archive of all reports: made from what was filed, within the reader's part of the tree, resumable."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest

from alliances import clock
from alliances.models import Appointment, ExportJob, LogEntry, Message
from alliances.services import export_jobs
from evaluations.exports import quarter_office as exports
from evaluations.models import Assessment
from evaluations.selectors import assessments as reads
from evaluations.selectors.briefs import as_document
from evaluations.services import assessments
from tests.cast import Cast
from tests.conftest import Frozen, client_of
from tests.evaluations import reports

pytestmark = pytest.mark.django_db
PARAMS = {"quarter": "2026-1"}


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "media", tmp_path / "var"


@pytest.fixture
def filed(cast: Cast, frozen: Frozen) -> Assessment:
    """Both communities have filed."""
    reports.quarter(cast)
    first = reports.filed(cast, frozen)
    other = reads.full().get(alliance=cast.foreign_alliance)
    assessments.write(other, problems="无", next_steps="无", actor=cast.foreign_secretary)
    assessments.file(other, actor=cast.foreign_secretary)
    return first


def asked(cast: Cast, part: str = "county", **more: str) -> ExportJob:
    response = client_of(cast.users[part]).post(
        "/exports/quarter-reports/", {**PARAMS, "format": "zip", **more}
    )
    job = ExportJob.objects.latest("pk")
    assert (response.status_code, response.headers["Location"]) == (302, f"/exports/jobs/{job.pk}/")
    return job


def fetched(cast: Cast, job: ExportJob, part: str = "county") -> ZipFile:
    response = client_of(cast.users[part]).post(f"/exports/jobs/{job.pk}/file/")
    assert response.status_code == 200
    return ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def pieces(settings: Any) -> list[Path]:
    return sorted((settings.VAR_DIR / export_jobs.PIECES).glob("*/*"))


# --- the digest -----------------------------------------------------------------------------------------------------


def test_the_digest_has_every_community_of_the_office(cast: Cast, filed: Assessment) -> None:
    for suffix, begin in (("docx", b"PK"), ("pdf", b"%PDF"), ("xlsx", b"PK")):
        response = client_of(cast.county).post("/exports/quarter-digest/", {**PARAMS, "format": suffix})
        assert response.status_code == 200
        content = b"".join(response.streaming_content)
        assert content.startswith(begin)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    words = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert words[0] == "2026年第一季度共驻共建工作考核评议情况汇总"
    assert {"同心社区", "清河社区", "示范县"} <= set(words)
    assert filed.figures["assessment"]["mean"] in words
    entries = LogEntry.objects.filter(action="alliances.export.download")
    assert [entry.data["quarter"] for entry in entries] == ["2026-1"] * 3


def test_the_brief_says_in_the_digest_what_the_document_says(cast: Cast, filed: Assessment) -> None:
    from evaluations.selectors.papers_quarter_digest import Reported, digest_paper

    def paper(document: Any) -> Any:
        return digest_paper(
            "示范县", "2026年第一季度", [Reported("同心社区", "已报送", None, document)], clock.today()
        )

    assert paper(as_document(filed.brief)) == paper(filed.figures)


def test_a_street_takes_its_own_part_only(cast: Cast, filed: Assessment) -> None:
    for under in ("", "01-01", "01-02", "01"):
        response = client_of(cast.street).post(
            "/exports/quarter-digest/", {**PARAMS, "format": "xlsx", "under": under}
        )
        sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
        words = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert "同心社区" in words
        assert "清河社区" not in words
        assert "城关街道" in words
    foreign = client_of(cast.street).post(
        "/exports/quarter-digest/", {**PARAMS, "format": "xlsx", "alliance": cast.foreign_alliance.code}
    )
    assert foreign.status_code == 404


def test_who_is_no_office_takes_nothing(cast: Cast, filed: Assessment) -> None:
    for name in ("quarter-digest", "quarter-reports"):
        for part in ("secretary", "staff", "liaison"):
            client = client_of(cast.users[part])
            assert client.post(f"/exports/{name}/", {**PARAMS, "format": "zip"}).status_code == 403


def test_without_reports_there_is_a_sentence(cast: Cast, frozen: Frozen) -> None:
    reports.drafted(cast, frozen)
    response = client_of(cast.county).post("/exports/quarter-reports/", {**PARAMS, "format": "zip"})
    assert "还没有社区报送报告" in response.content.decode()
    assert not ExportJob.objects.exists()
    digest = client_of(cast.county).post("/exports/quarter-digest/", {"quarter": "2024-1", "format": "pdf"})
    assert "没有应报2024年第一季度报告的社区" in digest.content.decode()


# --- the archive ----------------------------------------------------------------------------------------------------


def test_one_archive_holds_every_report_with_its_hash(cast: Cast, filed: Assessment, settings: Any) -> None:
    job = asked(cast)
    page = client_of(cast.county).get(f"/exports/jobs/{job.pk}/").content.decode()
    assert "共 2 份报告" in page
    assert export_jobs.make_due(clock.now()) == ["示范县2026年第一季度考核评议报告：2 份报告"]
    assert pieces(settings) == []
    archive = fetched(cast, job)
    assert archive.testzip() is None
    names = archive.namelist()
    top = "示范县2026年第一季度考核评议报告/"
    assert all(name.startswith(top) for name in names)
    assert len(names) == 3 + 2 * 3 + 1
    assert all(info.flag_bits & 0x800 for info in archive.infolist())  # UTF-8
    report = f"关于2026年第一季度共驻共建工作专项考核评议情况的报告（{filed.number}）.docx"
    assert f"{top}01 城关街道同心社区/{report}" in names
    contents = archive.read(f"{top}目录.txt").decode("utf-8-sig")
    assert filed.number in contents
    for name in names[:-1]:
        assert name.removeprefix(top) in contents
        assert f"sha256 {hashlib.sha256(archive.read(name)).hexdigest()}" in contents
    told = Message.objects.get(kind="alliances.export.made", channel="inbox")
    assert (told.recipient, told.subject) == (
        cast.county.person,
        "压缩包已生成：示范县2026年第一季度考核评议报告",
    )
    entry = LogEntry.objects.get(action="alliances.export.download")
    assert entry.data["name"] == "quarter-reports"
    assert entry.data["quarter"] == "2026-1"
    fetched(cast, job)
    assert LogEntry.objects.filter(action="alliances.export.download").count() == 2


def test_another_user_does_not_know_of_it(cast: Cast, filed: Assessment) -> None:
    job = asked(cast)
    export_jobs.make_due(clock.now())
    for part in ("street", "other_street", "secretary", "administrator"):
        client = client_of(cast.users[part])
        assert client.get(f"/exports/jobs/{job.pk}/").status_code == 404
        assert client.post(f"/exports/jobs/{job.pk}/file/").status_code == 404
    assert not LogEntry.objects.filter(action="alliances.export.download").exists()


def test_a_street_gets_its_reports_only(cast: Cast, filed: Assessment) -> None:
    job = asked(cast, "street", under="01-02")
    export_jobs.make_due(clock.now())
    text = "\n".join(fetched(cast, job, "street").namelist())
    assert "同心社区" in text or "01 同心社区" in text
    assert "清河社区" not in text


def test_whoever_has_left_the_office_gets_nothing(cast: Cast, filed: Assessment) -> None:
    waiting = asked(cast)
    Appointment.objects.filter(person=cast.county.person).update(ends_on=clock.today())
    export_jobs.make_due(clock.now())
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error) == ("failed", export_jobs.NO_LONGER)
    made = asked(cast, "street")
    export_jobs.make_due(clock.now())
    Appointment.objects.filter(person=cast.street.person).update(ends_on=clock.today())
    assert client_of(cast.street).post(f"/exports/jobs/{made.pk}/file/").status_code == 403


def test_a_turn_that_is_over_goes_on_with_the_next_tick(
    cast: Cast, filed: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked(cast)
    monkeypatch.setattr(export_jobs, "SHIFT", timedelta(seconds=-1))
    assert export_jobs.make_due(clock.now()) == ["示范县2026年第一季度考核评议报告：0/2 份报告"]
    job.refresh_from_db()
    assert (job.state, job.attempts, job.leased_until) == ("waiting", 0, None)
    monkeypatch.setattr(export_jobs, "SHIFT", timedelta(seconds=60))
    export_jobs.make_due(clock.now())
    job.refresh_from_db()
    assert (job.state, job.rows, job.attempts, job.error) == ("done", 2, 1, "")


def test_a_worker_that_dies_leaves_whole_pieces_that_are_not_made_again(
    cast: Cast, filed: Assessment, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked(cast)
    printed: list[str] = []
    write = exports.to_pdf

    def dies(paper: Any) -> bytes:
        printed.append(paper.get("number", ""))
        if len(printed) == 2:
            raise KeyboardInterrupt
        return write(paper)

    monkeypatch.setattr(exports, "to_pdf", dies)
    with pytest.raises(KeyboardInterrupt):
        export_jobs.make_due(clock.now())
    assert sorted(one.suffix for one in pieces(settings)) == ["", ".half"]
    job.refresh_from_db()
    assert (job.state, job.rows) == ("running", 1)
    assert export_jobs.make_due(clock.now()) == []  # leased to the dead
    ExportJob.objects.update(leased_until=clock.machine_time() - timedelta(seconds=1))
    export_jobs.purge(clock.now())
    assert len(pieces(settings)) == 2  # still needed
    export_jobs.make_due(clock.now())
    reports_printed = [number for number in printed if number]
    assert len(reports_printed) == 3
    assert len(set(reports_printed)) == 2
    assert fetched(cast, job).testzip() is None


def test_pieces_go_with_their_job(
    cast: Cast, filed: Assessment, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked(cast)
    folder = export_jobs._folder(job)
    (folder / "1-x").mkdir(parents=True)
    export_jobs.purge(clock.now())
    assert folder.exists()
    client_of(cast.county).post(f"/exports/jobs/{job.pk}/drop/")
    export_jobs.purge(clock.now())
    assert not folder.exists()


def test_a_table_is_not_kept_waiting_by_an_archive(cast: Cast, filed: Assessment) -> None:
    first = asked(cast)
    second = ExportJob.objects.create(
        owner=cast.secretary, name="demands", suffix="csv", title="群众需求清单", total=1
    )
    second.alliances.set([cast.alliance])
    assert export_jobs.make_due(clock.now())[0].startswith("群众需求清单")
    assert export_jobs.make_due(clock.now())[0].startswith(first.title)


def test_a_corrected_report_takes_the_place_of_the_former(cast: Cast, filed: Assessment) -> None:
    job = asked(cast)
    second = assessments.revise(filed, reason="数据有误", actor=cast.secretary)
    second = assessments.file(second, actor=cast.secretary)
    export_jobs.make_due(clock.now())
    text = "\n".join(fetched(cast, job).namelist())
    assert second.number in text
    assert filed.number not in text
