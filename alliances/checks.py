"""System checks: mistakes of an installation that would otherwise show only under load or in front of people."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags
from django.core.checks import register as register_check


def drivers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Django silently prefers psycopg 3 where both are installed; ours is tried and measured with psycopg2."""
    if find_spec("psycopg") and find_spec("psycopg2"):
        return [
            Error("psycopg 3 is installed beside psycopg2", hint="Uninstall psycopg.", id="gongjian.E001")
        ]
    return []


def transactions(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A transaction around every request would take SQLite's write lock on every page view."""
    found: list[CheckMessage] = []
    for alias, database in settings.DATABASES.items():
        if database.get("ATOMIC_REQUESTS"):
            found.append(Error(f"ATOMIC_REQUESTS is on for {alias!r}", id="gongjian.E002"))
        mode = database.get("OPTIONS", {}).get("transaction_mode")
        if database.get("ENGINE", "").endswith("sqlite3") and mode != "IMMEDIATE":
            found.append(
                Error(
                    f"database {alias!r} does not begin its transactions IMMEDIATE",
                    hint='Many writers would see "database is locked"; use config.settings.base.database().',
                    id="gongjian.E003",
                )
            )
    return found


def addresses(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Links in messages lead to SITE_URL; a host that the site itself refuses makes them all useless."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    allowed = settings.ALLOWED_HOSTS
    if host in allowed or "*" in allowed or any(a.startswith(".") and host.endswith(a) for a in allowed):
        return []
    return [Error(f"SITE_URL's host {host!r} is not in ALLOWED_HOSTS", id="gongjian.E004")]


def mail(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Only with ``check --deploy``: mail that goes into a folder is read by nobody."""
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        hint = "Set EMAIL_URL; without it people read their messages on the site only."
        return [Info("e-mail is written to files, not sent", hint=hint, id="gongjian.I001")]
    return []


def register() -> None:
    """Called once from the wiring."""
    register_check(drivers, Tags.database)
    register_check(transactions, Tags.compatibility)
    register_check(addresses, Tags.compatibility)
    register_check(mail, deploy=True)
