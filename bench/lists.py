"""``python -m bench lists [sqlite] [postgres]``: street view, four lists, rates with 1,000 and 100,000 demands in one
county; pages by key beyond the twentieth; a workbook of all rows written as the worker writes it.

With ``--pages "gaps secretary"`` only these pages, and no workbook. Limits: 15 queries a page, no median over 3 x the one at 1,000 demands, 200 MB for the workbook.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from bench.counting import HEADER
from bench.measure import Browser, Site, served

SIZES = (1_000, int(os.environ.get("BENCH_ROWS", "100000")))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "40"))
WARM_UP = 4
MOST_GROWTH, MOST_QUERIES, MOST_MEGABYTES = 3.0, 15, 200
BEYOND = 21  # the page that is turned to by key
NEXT = re.compile(rb'rel="next" href="([^"]+)"')


@dataclass(frozen=True)
class Page:
    """``path`` opened by ``user``; ``turned`` pages on from there."""

    name: str
    user: str
    path: str
    turned: int = 0


LISTS = ("demands/", "demands/claims/", "demands/acceptances/", "demands/resources/")
PAGES = (
    Page("street view", "street", "/office/"),
    Page("county view", "county", "/office/"),
    *(Page(f"county {path}", "county", f"/{path}") for path in LISTS),
    *(Page(f"{path} page {BEYOND}", "county", f"/{path}", BEYOND - 1) for path in LISTS),
    *(Page(f"secretary {path}", "secretary", f"/{path}") for path in LISTS),
    Page("liaison demands/", "liaison", "/demands/"),
    Page("station demands/claims/", "station", "/demands/claims/"),
    Page("county state=open", "county", "/demands/?state=open"),
    Page("county claims late=1", "county", "/demands/claims/?late=1"),
    Page("county a street's", "county", "/demands/?place=01-01"),
    Page("county a year's", "county", "/demands/?since=2024-01-01&until=2024-12-31"),
    Page("rates county", "county", "/demands/rates/"),
    Page("rates street", "street", "/demands/rates/"),
    Page("rates secretary", "secretary", "/demands/rates/"),
    Page("gaps secretary", "secretary", "/demands/gaps/"),
)
ASKED = os.environ.get("BENCH_PAGES", "").split(",")
CHOSEN = [page for page in PAGES if page.name in ASKED]


def turn(browser: Browser, page: Page) -> str:
    """The address so many pages on, or the last one that there is."""
    path = page.path
    for _ in range(page.turned):
        found = NEXT.search(browser.get(path)[0])
        if not found:
            break
        path = page.path + unescape(found[1].decode())
    return path


def measure(sites: list[Site], page: Page) -> list[tuple[float, int]]:
    """Median milliseconds and queries of the page on each site; the sites take turns."""
    browsers = [site.browser(page.user) for site in sites]
    paths = [turn(browser, page) for browser in browsers]
    times: list[list[float]] = [[] for _ in sites]
    for round_ in range(WARM_UP + ROUNDS):
        for browser, path, spent in zip(browsers, paths, times, strict=True):
            milliseconds = browser.get(path)[2]
            if round_ >= WARM_UP:
                spent.append(milliseconds)
    found = []
    for browser, path, spent in zip(browsers, paths, times, strict=True):
        _, response, _ = browser.get(path, **{HEADER: "1"})
        found.append((statistics.median(spent), int(response.getheader(HEADER, "0"))))
    return found


def report(page: Page, small: tuple[float, int], large: tuple[float, int]) -> bool:
    growth, queries = large[0] / small[0], max(small[1], large[1])
    faults = []
    if growth > MOST_GROWTH:
        faults.append(f"grows over {MOST_GROWTH} x")
    if queries > MOST_QUERIES:
        faults.append(f"over {MOST_QUERIES} queries")
    print(
        f"{page.name:<32}{small[0]:>9.1f}{large[0]:>10.1f}{growth:>8.2f}{queries:>9}  {'; '.join(faults) or 'ok'}",
        flush=True,
    )
    return not faults


def workbook(database: str) -> bool:
    """The county's demands as .xlsx, made by the worker's sweep in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "bench.workbook"],
        env={**os.environ, "DATABASE_URL": database},
        check=True,
        capture_output=True,
        text=True,
    )
    rows, megabytes, seconds, notes, size = run.stdout.split()
    kept = float(megabytes) <= MOST_MEGABYTES
    print(
        f"workbook: {int(rows):,} rows, {float(size):.1f} MB, in {float(seconds):.0f} s, peak memory {megabytes} MB,"
        f" {notes} notes of progress  {'ok' if kept else f'over {MOST_MEGABYTES} MB'}",
        flush=True,
    )
    return kept


def main(folder: Path, databases: list[str]) -> bool:
    """Measure on two empty databases (DATABASE_URLs), a small and a large one; whether every limit is kept."""
    with ExitStack() as stack:
        pairs = zip(databases, SIZES, strict=True)
        sites = [
            stack.enter_context(served(folder, database, rows, "bench.seed_loop")) for database, rows in pairs
        ]
        head = f"{'page':<32}{f'{SIZES[0]:,}':>6} ms{f'{SIZES[1]:,}':>7} ms{'growth':>8}{'queries':>9}"
        print(head + "\n" + "-" * len(head))
        kept = [report(page, *measure(sites, page)) for page in CHOSEN or PAGES]
    return all([*kept, bool(CHOSEN) or workbook(databases[1])])
