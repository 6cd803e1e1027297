"""The measured site: production's code paths (no debug, hashed static files), a throw-away database."""

from config.settings.base import *  # noqa: F403 - a settings module is its base plus the differences
from config.settings.base import MANIFEST_STATICFILES, MIDDLEWARE, STORAGES, env

SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.urls"
MIDDLEWARE = ["bench.counting.CountQueries", *MIDDLEWARE]
STORAGES["staticfiles"] = MANIFEST_STATICFILES
IDLE_TIMEOUT_MINUTES = 24 * 60
