"""Pytest plugin, loaded by the root ``conftest.py``: what tests need from the machine, and what was skipped.

A test that needs something this machine lacks is skipped with the reason; with ``CI=true`` any skip fails the
run. ``--only-database`` keeps the tests that touch the database, for the run on PostgreSQL.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

# Fifty rounds of two hundred at once are promised for claims and bookings; the others run forty as they always did.
MANY_ROUNDS = 40
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
# Files whose tests ask for what databases do differently: locks, constraints, order, JSON, triggers. They run on both
# each time; everything else is asked on SQLite, and on PostgreSQL too in the long run.
BOTH_FILES = (
    "*integrity.py",
    "test_lifecycles.py",
    "test_random_histories.py",
    *(
        f"test_{name}.py"
        for name in (
            "audit",
            "bookings_service",
            "digests",
            "ledger",
            "numbering",
            "paper_entry",
            "tick",
            "tree",
        )
    ),
)
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}


def chromium() -> str | None:
    """Path of a Chromium or Chrome on this machine."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def missing() -> dict[str, str]:
    """Marker -> why tests with it cannot run here."""
    lacks = {}
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        lacks["postgres"] = lacks["race"] = "needs PostgreSQL: `make test` brings one up"
    if not chromium():
        lacks["browser"] = "needs Chromium or Chrome"
    if not shutil.which("soffice"):
        lacks["office"] = "needs LibreOffice (soffice)"
    return lacks


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only-database", action="store_true", help="only tests that touch the database")


def pytest_configure(config: pytest.Config) -> None:
    # The synchronous Playwright runs an event loop in the test's thread, which Django takes for async code.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    lacks = missing()
    for item in items:
        if any(item.path.match(pattern) for pattern in BOTH_FILES):
            item.add_marker(pytest.mark.both)
        for marker, reason in lacks.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))
    if config.getoption("--only-database"):
        kept = [item for item in items if _touches_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept


def _touches_database(item: pytest.Item) -> bool:
    return bool(
        item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the counts for tests/run.py, and let a skip fail the run where everything must be at hand."""
    if hasattr(session.config, "workerinput"):  # a parallel worker: the controller counts
        return
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    stats = reporter.stats if reporter else {}
    skipped = stats.get("skipped", [])
    reasons = sorted({f"{_where(report)}: {_reason(report)}" for report in skipped})
    counts = {
        "passed": len(stats.get("passed", [])),
        "failed": len(stats.get("failed", [])) + len(stats.get("error", [])),
        "skipped": len(skipped),
        "reasons": reasons,
    }
    if path := os.environ.get("TEST_COUNTS"):
        Path(path).write_text(json.dumps(counts, ensure_ascii=False))
    if skipped and exitstatus == 0 and os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
        reporter.write_line("CI: skipped tests fail the run:")
        for reason in reasons:
            reporter.write_line(f"  {reason}")
        session.exitstatus = 1


def _where(report: Any) -> str:
    return str(report.nodeid).split("[")[0]


def _reason(report: Any) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


@pytest.fixture(scope="session")
def race_rounds() -> int:
    """How often a race is run; few in ``make test``, many in ``.ci/run``."""
    return min(MANY_ROUNDS, most_race_rounds())


def most_race_rounds() -> int:
    return int(os.environ.get("RACE_ROUNDS", "3"))


@pytest.fixture(scope="session")
def crowded_rounds() -> int:
    """The same for the two races of two hundred, one lead of a demand and three places of a venue: every round that there is."""
    return most_race_rounds()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The machine's own Chromium instead of one that Playwright would download."""
    return {"executable_path": chromium(), "args": CHROMIUM_FLAGS, "headless": True}
