"""``python -m bench [sqlite] [postgres] [--pages ledger,log] [--rounds 60]``

Each database is measured in a process and a temporary folder of its own. Exit status 0 when every limit is kept.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.servers import Postgres, postgres_binaries

ROOT = Path(__file__).resolve().parent.parent
LIMITS = "limits: 2.5 x the plain Django list of the same rows, 1.2 x from 1,000 to 100,000 rows, 12 queries"
RUN = (
    "import sys, django; django.setup();"
    "from django.core.management import call_command as call;"
    "call('migrate', verbosity=0); call('collectstatic', interactive=False, verbosity=0, ignore_patterns=['*.py']);"
    "from bench import measure; sys.exit(measure.main())"
)


def run(folder: str, database: str, options: argparse.Namespace) -> int:
    """Measure on ``database`` (a DATABASE_URL); returns the exit status."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "DATABASE_URL": database,
        "REDIS_URL": "",
        "VAR_DIR": folder,
        "LOG_LEVEL": "WARNING",
        "BENCH_PAGES": options.pages,
        "BENCH_ROUNDS": str(options.rounds),
    }
    return subprocess.run([sys.executable, "-c", RUN], cwd=ROOT, env=environment, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("databases", nargs="*", help="sqlite, postgres; both by default")
    parser.add_argument("--pages", default="", help="only these, separated by commas")
    parser.add_argument("--rounds", type=int, default=60, help="timed requests of each page")
    options = parser.parse_args()
    wanted = options.databases or ["sqlite", "postgres"]
    print(LIMITS)
    status = 0
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as folder:
        if "sqlite" in wanted:
            print("\n== SQLite", flush=True)
            status |= run(folder, f"sqlite:///{folder}/db.sqlite3", options)
        if "postgres" in wanted:
            if postgres_binaries() is None:
                print("\n== PostgreSQL: no binaries on this machine, left out")
            else:
                print("\n== PostgreSQL", flush=True)
                with Postgres() as server:
                    status |= run(folder, server.url, options)
    print("\nPASS: every limit is kept" if status == 0 else "\nOVER THE LIMIT: see the lines above")
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main())
