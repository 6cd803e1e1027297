"""Settings: each variable documented, production strict, secrets from files, client addresses."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import RequestFactory

from config.logs import scrub
from config.network import client_ip
from config.settings.dev import local_secret

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD = {
    "SITE_URL": "https://gongjian.example.cn",
    "SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNO",
}


def documented() -> set[str]:
    return set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "settings.md").read_text(), flags=re.M))


def read_in_code() -> set[str]:
    files = [*(ROOT / "config").rglob("*.py"), *(ROOT / "tests").glob("*.py")]
    pattern = re.compile(r"\b(?:env(?:\.\w+)?\(|os\.environ\.get\(|os\.environ\[)\s*\"([A-Z_]+)\"")
    return {name for path in files for name in pattern.findall(path.read_text())}


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    internal = {"TEST_COUNTS", "PYTEST_XDIST_TESTRUNUID", "PYTEST_XDIST_WORKER"}
    assert read_in_code() - internal == documented()


def load(module: str, tmp_path: Path, expression: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Import a settings module in a process that knows only these variables; print the expression."""
    code = f"import config.settings.{module} as s; print({expression})"
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), **variables}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SITE_URL": "http://gongjian.example.cn"}, "https"),
        ({"SITE_URL": None}, "https"),
        ({"DEMO": "1"}, "DEMO"),
    ],
)
def test_production_refuses_what_is_missing_or_unsafe(
    tmp_path: Path, change: dict[str, str | None], complaint: str
) -> None:
    variables = {name: value for name, value in {**GOOD, **change}.items() if value is not None}
    done = load("prod", tmp_path, "s.DEBUG", **variables)
    assert done.returncode != 0
    assert complaint in done.stderr.splitlines()[-1]


def test_production_loads_with_what_it_needs(tmp_path: Path) -> None:
    done = load("prod", tmp_path, "(s.DEBUG, s.SESSION_COOKIE_SECURE, s.ALLOWED_HOSTS)", **GOOD)
    assert done.stdout.strip() == "(False, True, ['gongjian.example.cn'])", done.stderr


def test_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file-" * 6)
    variables = {"SITE_URL": GOOD["SITE_URL"], "SECRET_KEY_FILE": str(tmp_path / "key")}
    done = load("prod", tmp_path, "s.SECRET_KEY", **variables)
    assert done.stdout.strip() == "from-a-file-" * 6, done.stderr


def test_deployment_check_is_clean(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), **GOOD}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    command += ["--settings", "config.settings.prod"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_embedded_database_waits_instead_of_failing(tmp_path: Path) -> None:
    done = load("dev", tmp_path, "s.DATABASES['default']['OPTIONS']")
    assert "'IMMEDIATE'" in done.stdout
    assert "journal_mode=WAL" in done.stdout


def test_local_secret_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret_key"
    first = local_secret(path)
    assert len(first) >= 50
    assert local_secret(path) == first
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "6.6.6.6", "10.0.0.1"),  # nobody is trusted: the header is the client's invention
        (1, "6.6.6.6, 8.8.8.8", "8.8.8.8"),
        (2, "6.6.6.6, 8.8.8.8, 10.0.0.9", "8.8.8.8"),
        (2, "8.8.8.8", "10.0.0.1"),  # fewer hops than proxies: the request did not come through them
        (1, "", "10.0.0.1"),
    ],
)
def test_client_address_believes_only_trusted_proxies(
    settings: pytest.FixtureRequest, proxies: int, forwarded: str, expected: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_ip(request) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("login of 13800001234 failed", "login of 138****1234 failed"),
        ("Not Found: /i/Zk3yZk3yZk3yZk3yZk3yZk3y/", "Not Found: /i/…/"),
        ("Gone: /b/7KQ2M-XA94C-PRT3W/", "Gone: /b/…"),
        ("GET /b/7kq2m xa94c/ HTTP/1.1 404", "GET /b/…"),
        ("Forbidden (CSRF token missing.): /b/at/Zk3yZk3yZk3y/", "Forbidden (CSRF token missing.): /b/…"),
        ("GET /members?q=张三 500", "GET /members?… 500"),
        ("slip 4711 issued", "slip 4711 issued"),
    ],
)
def test_log_lines_hold_no_personal_data(text: str, expected: str) -> None:
    assert scrub(text) == expected
