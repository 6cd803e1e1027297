"""``python -m bench quarter_reports [--communities 400]``: what the quarter costs.

One community's report in every format; a street's reports in one archive; drafting many communities against as many times one,
alone and by a pool of two workers; the street's page with 1 and many communities. SQLite unless DATABASE_URL names another.

Limits: drafting 1.15 x as many times one and 40 MB more memory at most; the page 3 x its median with one, 12 queries.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alliances import clock
from alliances.documents import to_docx, to_pdf, to_text
from alliances.exporting import Several
from alliances.models import Alliance, LogEntry, Organisation, ReminderLine, User
from bench import quarter_world as towns
from evaluations.exports.quarter_office import DigestExport, ReportsExport
from evaluations.exports.workbook import to_workbook
from evaluations.models import Assessment, AssessmentLine
from evaluations.selectors import assessments as reads
from evaluations.selectors.papers_quarter import report_paper
from evaluations.services import drafting
from rotation.models import Plan

STREET = 20
MOST_TIMES_ONE, MOST_MORE_MB = 1.15, 40
MOST_GROWTH, MOST_QUERIES = 3.0, 12
ROUNDS, WARM_UP = 15, 3
MOMENT = "2026-04-01T00:05"


# --- papers ---------------------------------------------------------------------------------------------------------


def real_report() -> dict[str, Any]:
    """The frozen document of a filed report: a real one, of the simulated quarter's first community."""
    from bench import quarter as county  # its workbooks are read only here

    county.seed()
    with clock.at(county.SEEN_AT):
        drafting.plan_due(clock.now())
        draft = reads.full().order_by("alliance__organisation__path")[0]
        drafting.compute(draft)
        document, _ = reads.freeze(
            {
                **reads.document(draft),
                "report": {
                    **reads.document(draft)["report"],
                    "number": "同心党建联报〔2026〕1号",
                    "filed_on": "2026-04-07",
                    "signer": "程莉",
                    "problems": "个别单位响应不够及时。" * 8,
                    "next_steps": "加强督促，完善机制。" * 8,
                },
            }
        )
    return document


def formats(document: dict[str, Any]) -> dict[str, tuple[float, int]]:
    """Format → (median milliseconds, bytes) of one report."""
    paper = report_paper(document)
    writers: dict[str, Callable[[], bytes]] = {
        "docx": lambda: to_docx(paper),
        "pdf": lambda: to_pdf(paper),
        "xlsx": lambda: to_workbook(document),
        "txt": lambda: to_text(paper).encode(),
    }
    found = {}
    for name, write in writers.items():
        content = write()
        found[name] = (statistics.median(_spent(write)[0] for _ in range(5)) * 1000, len(content))
    return found


def _spent(deed: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = deed()
    return time.perf_counter() - began, found


def archive(place: Organisation, alliances: Sequence[Alliance]) -> tuple[float, float, int]:
    """Seconds for the archive of a street's reports, for its digest in three formats, and the archive's bytes."""
    scope = Several(place, tuple(alliances))
    params = {"quarter": f"{towns.QUARTER.year}-{towns.QUARTER.n}", "under": place.code}
    everything, digest = ReportsExport().narrowed(params), DigestExport().narrowed(params)
    with tempfile.TemporaryFile() as file:
        target = cast(BinaryIO, file)
        took, _ = _spent(lambda: everything.write("zip", target, scope))
        size = file.tell()
    with tempfile.TemporaryFile() as file:
        target = cast(BinaryIO, file)
        digested = sum(
            _spent(lambda suffix=suffix: digest.write(suffix, target, scope))[0] for suffix in digest.formats
        )
    return took, digested, size


# --- drafting -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drafting:
    """Seconds of one draft where there is only one, and of planning and drafting ``number`` together."""

    number: int
    one: float
    all: float

    @property
    def times_one(self) -> float:
        return self.all / (self.number * self.one)


def measure_drafting(county: Organisation, number: int, *, rounds: int = 20) -> Drafting:
    """Draft the quarter of a single community so many times, then of ``number`` by the same worker.

    Processor time of this process on SQLite, which works in it: what else the machine does is left out. Elsewhere wall time.
    """
    place = towns.street(county, 90, "独一街道")[0]
    towns.lives(towns.communities(place, 1))
    times = []
    for _ in range(rounds + WARM_UP):
        times.append(_draft_all(1)[1])
        undo()
    rest = towns.street(county, 91, "众多街道")[0]
    towns.lives(towns.communities(rest, number - 1))
    _analyse()
    return Drafting(number, statistics.mean(times[WARM_UP:]), sum(_draft_all(number)))


def _draft_all(number: int) -> tuple[float, float]:
    """Seconds to plan, and to draft, what is due. Raises RuntimeError if not exactly ``number`` are made."""
    with clock.at(towns.SEEN_AT):
        began = _clock()
        drafting.plan_due(towns.SEEN_AT)
        planned = _clock()
        drafting.draft_waiting(towns.SEEN_AT, within=timedelta(minutes=30))
        done = _clock()
    made = Assessment.objects.filter(computed_at__isnull=False).count()
    if made != number or Assessment.objects.count() != number:
        raise RuntimeError(f"{made} drafts instead of {number}")
    return planned - began, done - planned


def _clock() -> float:
    return time.process_time() if connection.vendor == "sqlite" else time.perf_counter()


def undo() -> None:
    """As if nothing had been drafted; the log stays, it cannot be taken back."""
    AssessmentLine.objects.all().delete()
    Assessment.objects.all().delete()
    ReminderLine.objects.filter(kind=drafting.DRAFTED).delete()


def _analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def pool(number: int, workers: int = 2) -> tuple[float, float]:
    """Wall seconds, and the megabytes of the largest worker, when so many processes share ``number`` drafts."""
    before = LogEntry.objects.filter(action=drafting.DRAFTED).count()
    connection.close()
    began = time.perf_counter()
    command = [sys.executable, "-m", "tests.faults.drafts", MOMENT]
    running = [subprocess.Popen(command) for _ in range(workers)]
    megabytes = 0.0
    while any(one.poll() is None for one in running):
        megabytes = max([megabytes, *(_megabytes(one.pid) for one in running)])
        time.sleep(0.1)
    took = time.perf_counter() - began
    if any(one.returncode for one in running):
        raise RuntimeError("a worker failed")
    if LogEntry.objects.filter(action=drafting.DRAFTED).count() - before != number:
        raise RuntimeError("some report was drafted twice, or not at all")
    return took, megabytes


def _megabytes(process: int) -> float:
    """The most memory that a running process has had; 0 of one that is over. (What the system counts for children includes
    their parent's at the fork.)"""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    found = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(found.split()[1]) / 1024


# --- the page -------------------------------------------------------------------------------------------------------


def pages(users: dict[int, User]) -> dict[int, tuple[float, int, float]]:
    """Number of communities → (median milliseconds of the street's page, queries, kilobytes); the streets take turns.

    Time as of ``measure_drafting``.
    """
    browsers = {}
    for number, user in users.items():
        browser = Client(SERVER_NAME="127.0.0.1")
        browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        browsers[number] = browser
    times: dict[int, list[float]] = {number: [] for number in users}
    with clock.at(towns.FILED_AT):
        for turn in range(WARM_UP + ROUNDS):
            for number, browser in browsers.items():
                began = _clock()
                response = browser.get("/assessments/office/")
                spent = _clock() - began
                if response.status_code != 200:
                    raise RuntimeError(f"the page answered {response.status_code}")
                if turn >= WARM_UP:
                    times[number].append(spent * 1000)
        found = {}
        for number, browser in browsers.items():
            with CaptureQueriesContext(connection) as queries:
                size = len(browser.get("/assessments/office/").content) / 1024
            found[number] = (statistics.median(times[number]), len(queries), size)
    return found


def streets(county: Organisation, document: dict[str, Any], sizes: Sequence[int]) -> dict[int, User]:
    """A street of each size in which everybody has filed, and its office's user."""
    users = {}
    for index, number in enumerate(sizes, start=70):
        place, user = towns.street(county, index, f"{number}街道")
        towns.filed(towns.communities(place, number), document, user)
        users[number] = user
    _analyse()
    return users


# --- all of it ------------------------------------------------------------------------------------------------------


def main(folder: Path, arguments: Sequence[str]) -> bool:
    """Print the figures; whether every limit is kept."""
    from django.core.management import call_command

    for name in (
        "queue",
        "queue-control",
    ):  # a broker that nobody listens to: the helpers that are called do not come
        (folder / name).mkdir(exist_ok=True)
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["*.py"])
    number = int(arguments[0]) if arguments else 400
    document = _report_papers()
    county = Organisation.objects.get(parent=None)
    return all([_report_drafting(county, number), _report_pages(county, number, document)])


def _report_papers() -> dict[str, Any]:
    """Also the document, which the streets' reports are copies of."""
    took, document = _spent(real_report)
    found = formats(document)
    print(f"simulated county seeded in {took:.0f} s\n\none community's report")
    for name, (milliseconds, size) in found.items():
        print(f"  {name:<6}{milliseconds:>8.0f} ms{size / 1024:>9.0f} KB")
    print(f"  all   {sum(one[0] for one in found.values()):>8.0f} ms", flush=True)
    return document


def _report_drafting(county: Organisation, number: int) -> bool:
    # The simulated county owes nothing: what is counted here is what is drafted here.
    undo()
    Plan.objects.filter(year=towns.QUARTER.year).update(passed_at=towns.FILED_AT)
    place = towns.street(county, 89, "试点街道")[0]
    towns.lives(towns.communities(place, 1))
    _, little = pool(1)
    undo()
    Plan.objects.filter(alliance__organisation__parent=place).update(passed_at=towns.FILED_AT)
    found = measure_drafting(county, number)
    fine = found.times_one <= MOST_TIMES_ONE
    kind = "processor time" if connection.vendor == "sqlite" else "wall time"
    print(f"\ndrafting ({connection.vendor}, {kind})")
    print(f"  one community {found.one * 1000:.1f} ms, {number} communities {found.all:.1f} s:", end=" ")
    print(f"{found.times_one:.2f} x {number} x one  {_verdict(fine)}", flush=True)
    undo()
    took, much = pool(number)
    flat = much - little <= MOST_MORE_MB
    print(
        f"  pool of two workers: {took:.1f} s, {much:.0f} MB ({little:.0f} MB with one)  {_verdict(flat)}",
        flush=True,
    )
    undo()
    return fine and flat


def _report_pages(county: Organisation, number: int, document: dict[str, Any]) -> bool:
    sizes = sorted({1, STREET, min(100, number), number})
    users = streets(county, document, sizes)
    place = next(post.organisation for post in users[STREET].current_appointments)
    assert place is not None
    alliances = list(
        Alliance.objects.filter(organisation__parent=place).select_related("organisation").order_by("pk")
    )
    with clock.at(towns.FILED_AT):
        took, digested, size = archive(place, alliances)
    print(
        f"\nstreet of {STREET} communities: every report in one archive {took:.1f} s, {size / 2**20:.1f} MB;",
        end=" ",
    )
    print(f"digest in three formats {digested * 1000:.0f} ms", flush=True)
    found = pages(users)
    alone = found[1][0]
    print("\nstreet's page, communities     ms   x one  queries    KB")
    kept = []
    for many, (milliseconds, queries, kilobytes) in found.items():
        kept.append(milliseconds <= MOST_GROWTH * alone and queries <= MOST_QUERIES)
        print(
            f"{many:>27,}{milliseconds:>7.1f}{milliseconds / alone:>8.2f}{queries:>9}{kilobytes:>6.0f}"
            f"  {_verdict(kept[-1])}",
            flush=True,
        )
    return all(kept)


def _verdict(kept: bool) -> str:
    return "ok" if kept else "OVER THE LIMIT"
