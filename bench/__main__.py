"""``python -m bench [sqlite] [postgres] [--pages ledger,log] [--rounds 60]``, ``python -m bench matching``,
``python -m bench lists [sqlite] [postgres]``, ``python -m bench quarter_reports [--communities 400]``

Each kind of database is measured in a process and a temporary folder of its own. Exit status 0 when every limit is kept.
"""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg2

from bench import matching
from tests.servers import Postgres, postgres_binaries

ROOT = Path(__file__).resolve().parent.parent
LIMITS = "limits: 2.5 x the plain Django list of the same rows, 1.2 x from 1,000 to 100,000 rows, 12 queries"
LIST_LIMITS = (
    "limits: 15 queries a page, 3 x from 1,000 to 100,000 demands in one county, 200 MB for the workbook"
)
RUN = (
    "import sys, pathlib, django; django.setup(); from bench import {module} as bench;"
    "sys.exit(not bench.main(pathlib.Path(sys.argv[1]), sys.argv[2:]))"
)


def run(folder: str, databases: list[str], options: argparse.Namespace) -> bool:
    """Measure on a small and a large database (DATABASE_URLs); whether the limits are kept."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "DATABASE_URL": databases[0],
        "REDIS_URL": "",
        "VAR_DIR": folder,
        "LOG_LEVEL": "WARNING",
        # Sessions are made by one process and read by another: all sign alike.
        "SECRET_KEY": secrets.token_urlsafe(48),
        "BENCH_PAGES": options.pages,
        "BENCH_ROUNDS": str(options.rounds),
    }
    program = RUN.format(module="lists" if "lists" in options.databases else "measure")
    command = [sys.executable, "-c", program, folder, *databases]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def quarter_reports(communities: int) -> int:
    """In the database that DATABASE_URL names, which is filled; else in one of its own."""
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as folder:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/quarter.sqlite3",
            "REDIS_URL": "",
            "VAR_DIR": folder,
            "LOG_LEVEL": "ERROR",
            "SECRET_KEY": secrets.token_urlsafe(48),
        }
        command = [sys.executable, "-c", RUN.format(module="quarter_reports"), folder, str(communities)]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument(
        "databases",
        nargs="*",
        help="sqlite, postgres; both by default; with lists: the four lists; or matching; or quarter_reports",
    )
    parser.add_argument("--pages", default="", help="only these, separated by commas")
    parser.add_argument("--rounds", type=int, default=60, help="timed requests of each page")
    parser.add_argument(
        "--communities", type=int, default=400, help="with quarter_reports: so many are drafted"
    )
    options = parser.parse_args()
    if options.databases == ["quarter_reports"]:
        return quarter_reports(options.communities)
    if options.databases == ["matching"]:
        return matching.main()
    wanted = [name for name in options.databases if name != "lists"] or ["sqlite", "postgres"]
    print(LIST_LIMITS if "lists" in options.databases else LIMITS)
    kept = []
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as folder:
        if "sqlite" in wanted:
            print("\n== SQLite", flush=True)
            kept.append(
                run(folder, [f"sqlite:///{folder}/{size}.sqlite3" for size in ("small", "large")], options)
            )
        if "postgres" in wanted and postgres_binaries() is None:
            print("\n== PostgreSQL: no binaries on this machine, left out")
        elif "postgres" in wanted:
            print("\n== PostgreSQL", flush=True)
            with Postgres() as server:
                kept.append(run(folder, _databases(server), options))
    print("\nPASS: every limit is kept" if all(kept) else "\nOVER THE LIMIT: see the lines above")
    return 0 if all(kept) else 1


def _databases(server: Postgres) -> list[str]:
    """Two empty databases on ``server``."""
    connection = psycopg2.connect(server.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for name in ("small", "large"):
            cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    return [f"{server.url.rpartition('/')[0]}/{name}" for name in ("small", "large")]


if __name__ == "__main__":
    sys.exit(main())
