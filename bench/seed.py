"""``python -m bench.seed ROWS FILE``: migrate, seed, and write everybody's session key to a file."""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command


def main(rows: int, file: Path) -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["*.py"])
    from bench import world  # models are there only now

    users = world.found()
    world.grow(rows)
    write_sessions(users, file)


def write_sessions(users: dict[str, Any], file: Path) -> None:
    """A session for each user; their keys as JSON, by the users' names here."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    sessions = {}
    for name, user in users.items():
        session = store()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        sessions[name] = session.session_key
    file.write_text(json.dumps(sessions))


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), Path(sys.argv[2]))
