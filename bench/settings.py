"""The measured site: production's code paths (no debug, hashed static files), a throw-away database and key."""

import secrets

from config.settings.base import *  # noqa: F403 - a settings module is its base plus the differences
from config.settings.base import MANIFEST_STATICFILES, MIDDLEWARE, STORAGES, env

# The measuring process makes the sessions, the serving one reads them: both must sign alike.
SECRET_KEY = env.str("BENCH_KEY", default=secrets.token_urlsafe(48))
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.urls"
MIDDLEWARE = ["bench.counting.CountQueries", *MIDDLEWARE]
STORAGES["staticfiles"] = MANIFEST_STATICFILES
IDLE_TIMEOUT_MINUTES = 24 * 60
