"""The real server as ``make demo`` runs it: the Procfile's web process, a database and a broker of its own."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.servers import Postgres, Valkey, free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


@dataclass
class Site:
    """A running site. ``log`` is what its web process has written."""

    port: int
    folder: Path
    environment: dict[str, str]
    database: str

    @property
    def log(self) -> str:
        return (self.folder / "web.log").read_text(errors="replace")

    def run(self, *arguments: str) -> str:
        """A command of the checkout in the site's environment; its output."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def stage(self, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("-m", "tests.load.stage", *arguments))
        return found


def web_command() -> list[str]:
    """The Procfile's web line, from this virtual environment."""
    line = next(x for x in (ROOT / "Procfile").read_text().splitlines() if x.startswith("web:"))
    program, *arguments = shlex.split(line.removeprefix("web:").strip().removeprefix("exec "))
    return [str(Path(sys.executable).with_name(program)), *arguments]


@contextmanager
def running(folder: Path, database: str) -> Iterator[Site]:
    """``database`` is "sqlite" (embedded, under the folder) or "postgresql"."""
    port = free_port()
    with ExitStack() as stack:
        environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "DEMO": "1",
            "VAR_DIR": str(folder),
            "SITE_URL": f"http://127.0.0.1:{port}",
            "WEB_BIND": f"127.0.0.1:{port}",
            "LOG_LEVEL": "INFO",
            "REDIS_URL": stack.enter_context(Valkey()).url,
        }
        if database == "postgresql":
            environment["DATABASE_URL"] = stack.enter_context(Postgres()).url
        site = Site(port, folder, environment, database)
        site.run("manage.py", "migrate", "--noinput", "--verbosity", "0")
        site.run("manage.py", "collectstatic", "--noinput", "--verbosity", "0", "--ignore", "*.py")
        with (folder / "web.log").open("wb") as log:
            process = subprocess.Popen(web_command(), cwd=ROOT, env=environment, stdout=log, stderr=log)
            try:
                _wait(site, process)
                yield site
            finally:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _wait(site: Site, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            if Phone(site.port).ask("GET", "/health/").status == 200:
                return
        except OSError:
            pass
        assert process.poll() is None and time.monotonic() < until, site.log[-3000:]
        time.sleep(0.2)


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    text: str
    seconds: float

    @property
    def hidden(self) -> dict[str, str]:
        """Hidden values of the page's form."""
        return dict(re.findall(r'name="(form_key|csrfmiddlewaretoken)" value="([^"]+)"', self.text))


@dataclass
class Phone:
    """A browser: a connection that is kept, cookies, and the Origin that browsers send with a form."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> Answer:
        self.connection = self.connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = f"http://127.0.0.1:{self.port}"
        began = time.perf_counter()
        self.connection.request(method, path, urlencode(fields or {}), headers)
        answer = self.connection.getresponse()
        text = answer.read().decode(errors="replace")
        seconds = time.perf_counter() - began
        for line in answer.headers.get_all("Set-Cookie", []):
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(answer.status, answer.headers.get("Location", ""), text, seconds)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
