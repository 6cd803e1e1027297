"""``python -m bench.seed_loop ROWS FILE``: migrate, seed the four lists, write everybody's session key to a file."""

import sys
from pathlib import Path

import django
from django.core.management import call_command


def main(rows: int, file: Path) -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["*.py"])
    from bench import loop, seed  # models are there only now

    users = loop.found()
    loop.grow(rows)
    seed.write_sessions(users, file)


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), Path(sys.argv[2]))
