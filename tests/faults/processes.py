"""Processes that fault tests start on the test's database and kill."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django.db import connection

from alliances.registry import registries

ROOT = Path(__file__).resolve().parents[2]


def database_url() -> str:
    """The test database as another process reaches it."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """Python with ``arguments`` in the root of the checkout, on the test's database."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "LOG_LEVEL": "ERROR",
    }
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def contradictions() -> set[str]:
    """What the nightly check finds."""
    return {sentence for check in registries.integrity for sentence in check.find()}
