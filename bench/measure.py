"""One run on one database: seed, serve with gunicorn, time each page and its plain list in turn, grow, time again."""

from __future__ import annotations

import gzip
import http.client
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from alliances.models import User
from bench import world
from bench.counting import HEADER
from bench.pages import PAGES, Page
from tests.servers import free_port

SMALL, LARGE = 1_000, 100_000
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "60"))
CHOSEN = [page for page in PAGES if page.name in os.environ.get("BENCH_PAGES", "").split(",")] or list(PAGES)
WARM_UP = 5
MOST_TIMES_PLAIN, MOST_GROWTH, MOST_QUERIES = 2.5, 1.2, 12


@dataclass(frozen=True)
class Figure:
    """Medians in milliseconds of our page and the plain list; queries and bytes (gzip) of ours."""

    ours: float
    plain: float
    queries: int
    kilobytes: float

    @property
    def ratio(self) -> float:
        return self.ours / self.plain


class Browser:
    """One kept connection with one person's session."""

    def __init__(self, port: int, user: User) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = f"{settings.SESSION_COOKIE_NAME}={_session_of(user)}"

    def get(self, path: str, **headers: str) -> tuple[bytes, http.client.HTTPResponse, float]:
        """Body, response and seconds until the last byte."""
        began = time.perf_counter()
        self.connection.request("GET", path, headers={"Cookie": self.cookie, **headers})
        response = self.connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - began
        if response.status != 200:
            raise RuntimeError(f"{path} answered {response.status} {response.getheader('Location', '')}")
        return body, response, seconds


def _session_of(user: User) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key


@contextmanager
def served() -> Iterator[int]:
    """The site behind gunicorn, as the embedded default runs it; yields its port."""
    port = free_port()
    environment = {**os.environ, "WEB_BIND": f"127.0.0.1:{port}", "BENCH_KEY": settings.SECRET_KEY}
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config", "python:config.gunicorn"]
    server = subprocess.Popen(command, env=environment)
    try:
        _wait(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/accounts/login/")
            connection.getresponse()
            return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError("gunicorn did not start")


def measure(users: dict[str, User]) -> dict[str, Figure]:
    """All pages once over: ours and the plain list take turns, so that a busy machine disturbs both alike."""
    figures = {}
    with served() as port:
        for page in CHOSEN:
            browser = Browser(port, users[page.user])
            figures[page.name] = _measure(browser, page, f"/plain/{PAGES.index(page)}/")
            print(".", end="", flush=True)
    print()
    return figures


def _measure(browser: Browser, page: Page, plain: str) -> Figure:
    path = page.path()
    for _ in range(WARM_UP):
        browser.get(path)
        browser.get(plain)
    times: dict[str, list[float]] = {path: [], plain: []}
    for _ in range(ROUNDS):
        for target, seconds in times.items():
            seconds.append(browser.get(target)[2])
    body, response, _ = browser.get(path, **{HEADER: "1"})
    medians = {target: statistics.median(seconds) * 1000 for target, seconds in times.items()}
    return Figure(
        medians[path], medians[plain], int(response.getheader(HEADER, "0")), len(gzip.compress(body)) / 1024
    )


def report(small: dict[str, Figure], large: dict[str, Figure]) -> bool:
    """Print the table; whether every page keeps every limit."""
    head = f"{'page':<17}{'rows':>9}{'ours ms':>9}{'plain ms':>10}{'ratio':>7}{'queries':>9}{'gz KB':>7}{'growth':>8}"
    print(head + "\n" + "-" * len(head))
    kept = True
    for page in CHOSEN:
        before, after = small[page.name], large[page.name]
        growth = after.ours / before.ours
        faults = []
        if max(before.ratio, after.ratio) > MOST_TIMES_PLAIN:
            faults.append(f"over {MOST_TIMES_PLAIN} x plain")
        if growth > MOST_GROWTH:
            faults.append(f"grows over {MOST_GROWTH} x")
        if max(before.queries, after.queries) > MOST_QUERIES:
            faults.append(f"over {MOST_QUERIES} queries")
        kept &= not faults
        for figure, rows, last in ((before, SMALL, ""), (after, LARGE, f"{growth:>8.2f}")):
            print(
                f"{page.name if not last else '':<17}{rows:>9,}{figure.ours:>9.1f}{figure.plain:>10.1f}"
                f"{figure.ratio:>7.2f}{figure.queries:>9}{figure.kilobytes:>7.1f}{last}"
                + (f"  {'; '.join(faults) or 'ok'}" if last else "")
            )
    return kept


def main() -> int:
    """Exit status 0 when every limit is kept."""
    users = world.found()
    results = []
    for rows in (SMALL, LARGE):
        began = time.monotonic()
        world.grow(rows)
        print(f"{rows:,} rows in each table after {time.monotonic() - began:.0f} s", flush=True)
        results.append(measure(users))
    return 0 if report(*results) else 1
