"""Production: what must be decided has no default and is refused when it is missing."""

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *  # a settings module is its base plus the differences
from config.settings.base import DEMO, MANIFEST_STATICFILES, SITE_URL, STORAGES, env

if DEMO:
    raise ImproperlyConfigured("DEMO is for demonstrations: its clock can be moved by hand")
if not SITE_URL.startswith("https://") and not env.bool("ALLOW_PLAIN_HTTP", default=False):
    raise ImproperlyConfigured("SITE_URL must begin with https:// (or set ALLOW_PLAIN_HTTP=1 for a trial)")

SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
STORAGES["staticfiles"] = MANIFEST_STATICFILES

_tls = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = _tls
# Health probes of the container reach gunicorn directly and without TLS.
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _tls else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _tls
SECURE_HSTS_PRELOAD = _tls
SESSION_COOKIE_SECURE = _tls
CSRF_COOKIE_SECURE = _tls
