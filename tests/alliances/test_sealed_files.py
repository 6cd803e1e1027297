"""Files that only this installation can read: nothing shows in them, and what was done to them is noticed."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from alliances import clock, sealed_files
from alliances.models import ExportJob
from alliances.sealed_files import PIECE, open_sealed, seal_file
from alliances.sealing import Unopenable
from alliances.services import export_jobs
from tests.cast import Cast
from tests.conftest import client_of
from tests.factories import demands as make


def sealed(content: bytes) -> bytes:
    target = io.BytesIO()
    seal_file(io.BytesIO(content), target)
    return target.getvalue()


def records(content: bytes) -> list[bytes]:
    """The pieces of a sealed file, each with its length before it."""
    found, at = [], 0
    while at < len(content):
        end = at + 4 + int.from_bytes(content[at : at + 4])
        found.append(content[at:end])
        at = end
    return found


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_comes_back_as_it_was_and_shows_nothing(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    token = sealed(content)
    assert len(records(token)) == max(1, -(-size // PIECE))
    if size > 64:
        assert content[:64] not in token
    with open_sealed(io.BytesIO(token)) as file:
        assert file.read() == content


def test_is_read_in_any_steps() -> None:
    content = "方小超13800003449\n".encode() * 100_000
    with open_sealed(io.BytesIO(sealed(content))) as file:
        assert b"".join(iter(lambda: file.read(7_001), b"")) == content


def test_two_sealings_of_the_same_differ() -> None:
    assert sealed(b"same") != sealed(b"same")


PIECES = records(sealed(b"a" * PIECE + b"b" * PIECE + b"c"))


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"\0\0",
        b"id,name\r\n1,x",
        PIECES[1] + PIECES[0] + PIECES[2],
        PIECES[0] + PIECES[2],
        PIECES[0] + PIECES[1],
        PIECES[0] + PIECES[1] + PIECES[2][:-1],
        PIECES[0][:-5] + b"AAAAA" + PIECES[1] + PIECES[2],
        b"\xff\xff\xff\xff" + PIECES[0][4:],
    ],
    ids=["empty", "short", "open", "swapped", "without one", "cut off", "cut short", "changed", "huge"],
)
def test_damage_is_noticed(damaged: bytes) -> None:
    with pytest.raises(Unopenable), open_sealed(io.BytesIO(damaged)) as file:
        file.read()


def test_a_file_that_cannot_be_opened_is_closed() -> None:
    file = io.BytesIO(b"open")
    with pytest.raises(Unopenable):
        open_sealed(file)
    assert file.closed


# --- what the worker makes ------------------------------------------------------------------------------------------


@pytest.fixture
def full_list(cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> ExportJob:
    """An unmasked list of demands with the contacts of residents, made by the worker."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(export_jobs, "AT_ONCE", 2)
    for _ in range(3):
        make.author(make.demand(cast.alliance), name="方小超", phone="13800003449")
    assert secretary(cast).post("/exports/demands_full/", {"format": "csv"}).status_code == 302
    export_jobs.make_due(clock.now())
    job = ExportJob.objects.get()
    assert job.state == "done"
    return job


def secretary(cast: Cast) -> Client:
    return client_of(cast.secretary)


def test_a_stored_list_names_nobody_and_its_owner_reads_it_all(
    cast: Cast, full_list: ExportJob, tmp_path: Path
) -> None:
    stored = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(stored) == 1
    assert b"13800003449" not in stored[0]
    assert "方小超".encode() not in stored[0]
    response = secretary(cast).post(f"/exports/jobs/{full_list.pk}/file/")
    content = b"".join(response.streaming_content)
    assert content.count(b"13800003449") == 3
    assert int(response.headers["Content-Length"]) == len(content) == full_list.size


def test_a_list_of_another_installation_is_asked_for_again(
    cast: Cast, full_list: ExportJob, settings: Any
) -> None:
    settings.CONTACT_KEYS = ["another-key-of-another-installation-0123456789"]
    client = secretary(cast)
    response = client.post(f"/exports/jobs/{full_list.pk}/file/")
    assert response.status_code == 302
    assert "文件打不开，请重新导出。" in client.get(response["Location"]).content.decode()


def test_pieces_are_small_enough_for_their_records() -> None:
    assert len(PIECES[0]) - 4 <= sealed_files._LONGEST
