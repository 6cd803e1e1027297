"""``python -m bench.facts``: the simulated quarter in a throw-away database, and how long each community's facts take."""

import os
import tempfile
from time import perf_counter

import django


def main() -> None:
    """Seed and measure in the database that the settings name."""
    from django.core.management import call_command

    from alliances import clock
    from alliances.calendars import Quarter
    from bench import quarter as seeds  # models are there only now
    from evaluations.selectors import quarter

    call_command("migrate", verbosity=0)
    started = perf_counter()
    alliances = seeds.seed()
    print(f"seeded {len(alliances)} communities in {perf_counter() - started:.1f} s")
    with clock.at(seeds.SEEN_AT):
        for alliance in alliances:
            started = perf_counter()
            figures = quarter.facts(alliance, Quarter(seeds.YEAR, 1)).as_figures()
            found = len(list(quarter.every(figures)))
            print(f"{alliance}: {found} figures in {(perf_counter() - started) * 1000:.0f} ms")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="gongjian-quarter-") as folder:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="bench.settings",
            DATABASE_URL=f"sqlite:///{folder}/quarter.sqlite3",
            VAR_DIR=folder,
            REDIS_URL="",
            SECRET_KEY="bench-only-0123456789-abcdefghijklmnopqrstuvwxyz",
            LOG_LEVEL="WARNING",
        )
        django.setup()
        main()
