"""The whole suite: ``python tests/run.py [--long [--only-long]]``, from the root of the checkout.

Brings up what the tests need, runs them in parts, lists what was skipped, ends with a line of counts.
Exit status 0 when nothing failed (and, with ``CI=true``, nothing was skipped).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.servers import Postgres, Valkey, postgres_binaries  # noqa: E402 - the root must be on the path
from tests.services import chromium  # noqa: E402

CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
# Not waited for before a push: CI asks them. What measures, kills or fills the machine has it to itself.
ALONE = "alone or faults or office"
LONG = f"slow or {ALONE}"
MANY_ROUNDS = "50"


@dataclass
class Part:
    """One pytest run: its title, arguments and environment; ``counts`` and ``status`` when it has run."""

    title: str
    arguments: list[str]
    services: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    status: int = 0
    seconds: float = 0.0


def parts(long: bool) -> list[Part]:
    """What runs; ``long`` adds the minutes-long ones and many-round races."""
    parallel = ["-n", "2"]
    rounds = {"RACE_ROUNDS": "3" if long else "1"}
    plan = [
        Part("SQLite", ["-m", f"not (browser or postgres or race or {LONG})", *parallel], environment=rounds),
        Part(
            "PostgreSQL and Redis",
            ["-m", f"(postgres or both) and not (browser or race or {LONG})", "--only-database", *parallel],
            services=True,
            environment=rounds,
        ),
        Part("Chromium", ["-m", f"browser and not ({LONG})", *parallel]),
        # Every race with its losing twin, once.
        Part("races", ["-m", f"race and not ({LONG})"], services=True, environment={"RACE_ROUNDS": "1"}),
    ]
    if long:
        plan[-1:] = [
            Part(
                "the rest on PostgreSQL",
                ["-m", f"not (postgres or both or browser or race or {LONG})", "--only-database", *parallel],
                services=True,
            ),
            Part("slow", ["-m", f"slow and not (race or {ALONE})", *parallel], environment=rounds),
            Part("alone", ["-m", f"({ALONE}) and not race"], services=True),
            Part(
                "races, many rounds", ["-m", "race"], services=True, environment={"RACE_ROUNDS": MANY_ROUNDS}
            ),
        ]
    return plan


def install_by_apt() -> None:
    """As root on Debian, install what the tests need and this machine lacks; elsewhere tests are skipped."""
    if os.getuid() != 0 or not shutil.which("apt-get") or os.environ.get("NO_APT"):
        return
    wanted = [] if chromium() else ["chromium", "fonts-noto-cjk"]
    wanted += [] if postgres_binaries() else ["postgresql"]
    if wanted:
        print(f"==> apt-get install {' '.join(wanted)}", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted], check=False, **quiet
        )


def run(part: Part, services: dict[str, str]) -> None:
    """Run one part and fill in what came of it."""
    print(f"\n==> {part.title}", flush=True)
    environment = {**os.environ, **(services if part.services else {}), **part.environment}
    started = time.monotonic()
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        environment["TEST_COUNTS"] = file.name
        command = [sys.executable, "-m", "pytest", "-q", *part.arguments]
        part.status = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        found = json.loads(Path(file.name).read_text() or "{}")
    part.seconds = time.monotonic() - started
    part.reasons = found.pop("reasons", [])
    part.counts = found
    if part.status == 5 and not CI:  # pytest's "nothing collected"
        print(f"    nothing to run in the part '{part.title}'", flush=True)
        part.status = 0
    elif part.status and not part.counts.get("failed") and not part.reasons:
        part.counts["failed"] = 1  # the run itself broke


def main() -> int:
    plan = parts("--long" in sys.argv[1:])
    if "--only-long" in sys.argv[1:]:
        plan = plan[-3:]
    install_by_apt()
    with ExitStack() as stack:
        services: dict[str, str] = {}
        for variable, server in (("DATABASE_URL", Postgres), ("REDIS_URL", Valkey)):
            try:
                services[variable] = stack.enter_context(server()).url
            except RuntimeError as error:
                print(f"==> without {server.name}: {error}", flush=True)
        for part in plan:
            run(part, services)
    return report(plan)


def report(plan: list[Part]) -> int:
    """Print each part, every skip with its reason, and the sum; return the exit status."""
    print("\n==> summary")
    for part in plan:
        counts = ", ".join(f"{part.counts.get(name, 0)} {name}" for name in ("passed", "failed", "skipped"))
        print(f"    {part.title}: {counts} in {part.seconds:.0f} s")
    for reason in sorted({reason for part in plan for reason in part.reasons}):
        print(f"    skipped {reason}")
    total = {name: sum(part.counts.get(name, 0) for part in plan) for name in ("passed", "failed", "skipped")}
    print(", ".join(f"{count} {name}" for name, count in total.items()))
    return 1 if any(part.status for part in plan) else 0


if __name__ == "__main__":
    sys.exit(main())
