"""Tables too large to be waited for: asked for, made by the sweep with progress, fetched by their owner alone, gone later."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from alliances import clock
from alliances.errors import OfficeError
from alliances.models import Appointment, ExportJob, LogEntry, Message
from alliances.registry import registries
from alliances.services import export_jobs
from tests.cast import Cast
from tests.conftest import Frozen, client_of
from tests.factories import demands as make

ROWS = 12


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """Ten rows are many here; files lie in a folder of the test's."""
    monkeypatch.setattr(export_jobs, "AT_ONCE", 10)
    monkeypatch.setattr(export_jobs, "STEP", 5)
    settings.MEDIA_ROOT = tmp_path


def asked(cast: Cast, suffix: str = "xlsx", query: str = "") -> ExportJob:
    """The secretary presses the export's button."""
    for _ in range(ROWS - len(cast.alliance.demands.all())):
        make.demand(cast.alliance)
    data = dict(pair.split("=") for pair in query.split("&") if pair)
    response = client_of(cast.secretary).post("/exports/demands/", {"format": suffix, **data})
    job = ExportJob.objects.latest("pk")
    assert (response.status_code, response.headers["Location"]) == (302, f"/exports/jobs/{job.pk}/")
    return job


def made(cast: Cast, **more: str) -> ExportJob:
    job = asked(cast, **more)
    assert export_jobs.make_due(clock.now()) == [f"{job.title}：{ROWS} 行"]
    job.refresh_from_db()
    return job


def test_a_large_table_is_made_by_the_sweep_and_fetched_with_a_row_in_the_log(cast: Cast) -> None:
    job = asked(cast)
    page = client_of(cast.secretary).get(f"/exports/jobs/{job.pk}/").content.decode()
    assert "一分钟内开始" in page
    assert not LogEntry.objects.filter(action="alliances.export.download").exists()
    export_jobs.make_due(clock.now())
    client = client_of(cast.secretary)
    assert "下载" in client.get(f"/exports/jobs/{job.pk}/").content.decode()
    response = client.post(f"/exports/jobs/{job.pk}/file/")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    assert sheet.cell(3 + ROWS, 1).value == ROWS
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "attachment" in response.headers["Content-Disposition"]
    entry = LogEntry.objects.get(action="alliances.export.download")
    assert entry.data == {"name": "demands", "format": "xlsx", "year": None, "rows": ROWS, "job": job.pk}
    told = Message.objects.get(kind="alliances.export.made", channel="inbox")
    assert (told.recipient, told.path) == (cast.secretary.person, f"/exports/jobs/{job.pk}/")


def test_the_filters_of_the_page_go_along(cast: Cast) -> None:
    for _ in range(3):
        make.demand(cast.alliance, state="closed")
    for _ in range(ROWS):
        make.demand(cast.alliance, state="open", source="mailbox")
    client_of(cast.secretary).post("/exports/demands/", {"format": "csv", "state": "open"})
    export_jobs.make_due(clock.now())
    job = ExportJob.objects.get()
    assert (job.rows, job.params) == (ROWS, {"state": "open"})
    with export_jobs.content(job) as file:
        assert file.read().count(b"\r\n") == ROWS + 1


def test_small_tables_and_papers_are_made_at_once(cast: Cast) -> None:
    make.demand(cast.alliance)
    response = client_of(cast.secretary).post("/exports/demands/", {"format": "xlsx"})
    assert response.status_code == 200
    for _ in range(ROWS):
        make.demand(cast.alliance)
    assert client_of(cast.secretary).post("/exports/demands/", {"format": "docx"}).status_code == 200
    assert not ExportJob.objects.exists()


def test_progress_is_noted_while_rows_are_written(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    job = asked(cast)
    seen: list[tuple[int, int]] = []
    hold = export_jobs._mine

    def looked(one: ExportJob) -> Any:
        row = ExportJob.objects.get(pk=one.pk)
        seen.append((row.rows, row.percent))
        return hold(one)

    monkeypatch.setattr(export_jobs, "_mine", looked)
    export_jobs.make_due(clock.now())
    assert seen == [(0, 0), (5, 41), (10, 83)]
    job.refresh_from_db()
    assert (job.rows, job.percent, job.state) == (ROWS, 100, "done")


def test_only_its_owner_knows_of_it(cast: Cast) -> None:
    job = made(cast)
    for part in ("staff", "county", "foreign_secretary", "administrator"):
        client = client_of(cast.users[part])
        assert client.get(f"/exports/jobs/{job.pk}/").status_code == 404
        assert client.post(f"/exports/jobs/{job.pk}/file/").status_code == 404
        assert client.post(f"/exports/jobs/{job.pk}/drop/").status_code == 404
        assert job.title not in client.get("/exports/").content.decode()
    assert job.title in client_of(cast.secretary).get("/exports/").content.decode()


def test_whoever_lost_the_office_gets_neither_the_making_nor_the_file(cast: Cast) -> None:
    done, waiting = made(cast), asked(cast, "csv")
    Appointment.objects.filter(person=cast.secretary.person).update(ends_on=clock.today())
    assert export_jobs.make_due(clock.now()) == [f"{waiting.title}：{export_jobs.NO_LONGER}"]
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error, bool(waiting.file)) == ("failed", export_jobs.NO_LONGER, False)
    assert client_of(cast.secretary).post(f"/exports/jobs/{done.pk}/file/").status_code == 403
    assert not LogEntry.objects.filter(action="alliances.export.download").exists()


def test_pressed_twice_is_one_table_and_nobody_fills_the_queue(cast: Cast) -> None:
    first = asked(cast)
    assert asked(cast) == first
    asked(cast, "csv")
    asked(cast, query="state=open")
    kind = registries.exports.get("demands")
    assert kind
    with pytest.raises(OfficeError, match="正在生成"):
        export_jobs.ask(
            kind, cast.alliance, suffix="csv", year=None, params={"state": "open"}, total=12, actor=cast.secretary
        )  # fmt: skip
    assert ExportJob.objects.count() == export_jobs.MOST_OPEN


def test_a_worker_that_died_is_taken_over_and_a_table_that_kills_is_given_up(cast: Cast) -> None:
    job = asked(cast)
    long_ago = clock.machine_time() - timedelta(minutes=5)
    ExportJob.objects.update(
        state="running", attempts=1, leased_until=clock.machine_time() + timedelta(minutes=1)
    )
    assert export_jobs.make_due(clock.now()) == []  # somebody is at it
    ExportJob.objects.update(leased_until=long_ago)
    assert export_jobs.make_due(clock.now()) == [f"{job.title}：{ROWS} 行"]
    ExportJob.objects.update(state="running", attempts=export_jobs.MOST_ATTEMPTS, leased_until=long_ago)
    export_jobs.make_due(clock.now())
    job.refresh_from_db()
    assert (job.state, "中断" in job.error) == ("failed", True)


def test_dropped_while_it_is_written_leaves_no_file(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    job = asked(cast)
    hold = export_jobs._mine

    def dropped(one: ExportJob) -> Any:
        ExportJob.objects.filter(pk=one.pk).delete()
        return hold(one)

    monkeypatch.setattr(export_jobs, "_mine", dropped)
    assert export_jobs.make_due(clock.now()) == [f"{job.title}：已取消"]
    assert not list(tmp_path.rglob("*.xlsx"))
    assert not Message.objects.filter(kind="alliances.export.made").exists()


def test_tables_are_swept_away_after_some_days_with_their_files(
    cast: Cast, frozen: Frozen, tmp_path: Path
) -> None:
    job = made(cast)
    assert len(list(tmp_path.rglob("*.xlsx"))) == 1
    assert export_jobs.purge(clock.now()) == []
    frozen.forward(days=3, minutes=1)
    assert export_jobs.purge(clock.now()) == ["清理过期的表格 1 份"]
    assert not ExportJob.objects.filter(pk=job.pk).exists()
    assert not list(tmp_path.rglob("*.xlsx"))


def test_its_owner_drops_row_and_file(cast: Cast, tmp_path: Path) -> None:
    job = made(cast)
    assert client_of(cast.secretary).post(f"/exports/jobs/{job.pk}/drop/").status_code == 302
    assert not ExportJob.objects.exists()
    assert not list(tmp_path.rglob("*.xlsx"))


def test_dropped_as_it_is_finished_leaves_no_file(cast: Cast, tmp_path: Path) -> None:
    """Its owner's page was read while it was being made."""
    job = asked(cast)
    ExportJob.objects.update(state="running")
    seen = ExportJob.objects.get()
    ExportJob.objects.update(state="waiting")
    export_jobs.make_due(clock.now())
    assert len(list(tmp_path.rglob("*.xlsx"))) == 1
    assert not seen.file
    export_jobs.drop(seen)
    assert not ExportJob.objects.filter(pk=job.pk).exists()
    assert not list(tmp_path.rglob("*.xlsx"))
    export_jobs.drop(seen)  # pressed twice


def test_files_that_no_row_knows_are_swept_away(cast: Cast, tmp_path: Path) -> None:
    """A worker died between the file and its note in the row."""
    kept = Path(tmp_path, made(cast).file.name)
    left, fresh = kept.with_name("left.xlsx"), kept.with_name("fresh.xlsx")
    for path in (left, fresh):
        path.write_bytes(b"x")
    long_ago = (clock.machine_time() - export_jobs.UNKNOWN_LIFE - timedelta(minutes=1)).timestamp()
    for path in (kept, left):
        os.utime(path, (long_ago, long_ago))
    assert export_jobs.purge(clock.now()) == ["清理过期的表格 1 份"]
    assert [path.exists() for path in (kept, left, fresh)] == [True, False, True]
    assert export_jobs.purge(clock.now()) == []


def test_purge_without_a_folder_of_tables(db: None) -> None:
    assert export_jobs.purge(clock.now()) == []
