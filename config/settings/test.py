"""The test suite: fast hashing, mail in memory, SQLite unless ``DATABASE_URL`` names another database."""

import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

os.environ.setdefault("VAR_DIR", str(Path(tempfile.gettempdir()) / f"gongjian-test-{os.getuid()}"))

from config.settings.base import *  # VAR_DIR must be set before the base reads it
from config.settings.base import CACHES, DATABASES, INSTALLED_APPS, MIDDLEWARE, VAR_DIR

SECRET_KEY = "only-for-the-test-suite-0123456789abcdefghijklmnopqrstuvwxyz"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
SECOND_FACTOR_REQUIRED = False  # its own test turns it on; nobody else should need a code generator

VAR_DIR.mkdir(parents=True, exist_ok=True)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, because threads and processes of one test must meet in one database; named after the run, so
    # that two runs on one machine do not. Durability is of no use here.
    _run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / f"test-{_run}.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"

if not os.environ.get("REDIS_URL"):
    CELERY_BROKER_URL = "memory://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {}
elif _worker := os.environ.get("PYTEST_XDIST_WORKER"):
    # A test that clears the cache empties a whole Redis database: every process of a parallel run has its own.
    _place = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{int(_worker.removeprefix('gw')) + 2}")
    CACHES["default"]["LOCATION"] = urlunsplit(_place)

# A query in a loop over rows fails the test that runs it; `make check` reads the migrations.
INSTALLED_APPS = [*INSTALLED_APPS, "zeal", "django_migration_linter"]
MIDDLEWARE = ["tests.nplusone.middleware", *MIDDLEWARE]
ZEAL_RAISE = True
# Ending a session reads its row a second time; there is one session a request.
ZEAL_ALLOWLIST = [{"model": "sessions.Session", "field": "get()"}]
