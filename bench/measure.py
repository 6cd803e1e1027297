"""Seed a small and a large database, serve both with gunicorn, time each page and its plain list on both in turn.

All four take turns, request by request: whatever else the machine does disturbs them alike.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from bench.counting import HEADER
from bench.pages import PAGES, Page
from tests.servers import free_port

SIZES = (1_000, 6_000)
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "60"))
CHOSEN = [page for page in PAGES if page.name in os.environ.get("BENCH_PAGES", "").split(",")] or list(PAGES)
WARM_UP = 5
MOST_TIMES_PLAIN, MOST_GROWTH, MOST_QUERIES = 2.5, 1.2, 12


@dataclass(frozen=True)
class Figure:
    """Medians in milliseconds of our page and the plain list; queries and kilobytes (gzip) of ours."""

    ours: float
    plain: float
    queries: int
    kilobytes: float

    @property
    def ratio(self) -> float:
        return self.ours / self.plain


class Site:
    """The product serving one database; ``sessions`` are the keys of everybody's session in it."""

    def __init__(self, port: int, sessions: dict[str, str]) -> None:
        self.port, self.sessions = port, sessions

    def browser(self, user: str) -> Browser:
        return Browser(self.port, self.sessions[user])


class Browser:
    """One kept connection with one person's session."""

    def __init__(self, port: int, session: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = f"{settings.SESSION_COOKIE_NAME}={session}"

    def get(self, path: str, **headers: str) -> tuple[bytes, http.client.HTTPResponse, float]:
        """Body, response and milliseconds until the last byte."""
        began = time.perf_counter()
        self.connection.request("GET", path, headers={"Cookie": self.cookie, **headers})
        response = self.connection.getresponse()
        body = response.read()
        spent = (time.perf_counter() - began) * 1000
        if response.status != 200:
            raise RuntimeError(f"{path} answered {response.status} {response.getheader('Location', '')}")
        return body, response, spent


@contextmanager
def served(folder: Path, database: str, rows: int, seed: str = "bench.seed") -> Iterator[Site]:
    """Let module ``seed`` fill ``database`` with ``rows`` rows, and serve it as the embedded default does."""
    port, sessions = free_port(), folder / f"sessions-{rows}.json"
    environment = {**os.environ, "DATABASE_URL": database, "WEB_BIND": f"127.0.0.1:{port}"}
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", seed, str(rows), str(sessions)], env=environment, check=True)
    print(f"{rows:,} rows after {time.monotonic() - began:.0f} s", flush=True)
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config", "python:config.gunicorn"]
    server = subprocess.Popen(command, env=environment)
    try:
        _wait(port, server)
        yield Site(port, json.loads(sessions.read_text()))
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


def measure(sites: list[Site], page: Page) -> list[Figure]:
    """A figure for each site."""
    ours, plain = page.path(), f"/plain/{PAGES.index(page)}/"
    browsers = [site.browser(page.user) for site in sites]
    times: list[dict[str, list[float]]] = [{ours: [], plain: []} for _ in sites]
    for turn in range(WARM_UP + ROUNDS):
        for browser, taken in zip(browsers, times, strict=True):
            for path, spent in taken.items():
                milliseconds = browser.get(path)[2]
                if turn >= WARM_UP:
                    spent.append(milliseconds)
    figures = []
    for browser, taken in zip(browsers, times, strict=True):
        body, response, _ = browser.get(ours, **{HEADER: "1"})
        queries = int(response.getheader(HEADER, "0"))
        medians = {path: statistics.median(spent) for path, spent in taken.items()}
        figures.append(Figure(medians[ours], medians[plain], queries, len(gzip.compress(body)) / 1024))
    return figures


def report(page: Page, small: Figure, large: Figure) -> bool:
    """Print the page's two lines; whether it keeps every limit."""
    growth = large.ours / small.ours
    faults = []
    if max(small.ratio, large.ratio) > MOST_TIMES_PLAIN:
        faults.append(f"over {MOST_TIMES_PLAIN} x plain")
    if growth > MOST_GROWTH:
        faults.append(f"grows over {MOST_GROWTH} x")
    if max(small.queries, large.queries) > MOST_QUERIES:
        faults.append(f"over {MOST_QUERIES} queries")
    lines = ((page.name, small, ""), ("", large, f"{growth:>8.2f}  {'; '.join(faults) or 'ok'}"))
    for rows, (name, figure, rest) in zip(SIZES, lines, strict=True):
        print(
            f"{name:<17}{rows:>9,}{figure.ours:>9.1f}{figure.plain:>10.1f}{figure.ratio:>7.2f}"
            f"{figure.queries:>9}{figure.kilobytes:>7.1f}{rest}",
            flush=True,
        )
    return not faults


def main(folder: Path, databases: list[str]) -> bool:
    """Measure on two empty databases (DATABASE_URLs), a small and a large one; whether every limit is kept."""
    with ExitStack() as stack:
        pairs = zip(databases, SIZES, strict=True)
        sites = [stack.enter_context(served(folder, database, rows)) for database, rows in pairs]
        head = f"{'page':<17}{'rows':>9}{'ours ms':>9}{'plain ms':>10}{'ratio':>7}{'queries':>9}{'gz KB':>7}{'growth':>8}"
        print(head + "\n" + "-" * len(head))
        kept = [report(page, *measure(sites, page)) for page in CHOSEN]
    return all(kept)
