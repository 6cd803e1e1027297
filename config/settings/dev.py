"""Development and the demo: all has a default, the embedded database and broker live under ``VAR_DIR``."""

import os
import secrets
from pathlib import Path

from config.settings.base import *  # a settings module is its base plus the differences
from config.settings.base import DEMO, MANIFEST_STATICFILES, STORAGES, VAR_DIR, env


def local_secret(path: Path) -> str:
    """The installation's own key, made on first use, readable by its owner only; there is no default key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(key := secrets.token_urlsafe(48))
    return key


for _folder in ("media", "mail", "queue", "queue-control"):
    (VAR_DIR / _folder).mkdir(parents=True, exist_ok=True)

SECRET_KEY = env.str("SECRET_KEY", default="") or local_secret(VAR_DIR / "secret_key")
CONTACT_KEYS = env.list("CONTACT_KEYS", default=[]) or [local_secret(VAR_DIR / "contact_key")]
# The demo shows what an office would see: no debug pages, hashed static files.
DEBUG = env.bool("DEBUG", default=not DEMO)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
WHITENOISE_USE_FINDERS = DEBUG
if not DEBUG:
    STORAGES["staticfiles"] = MANIFEST_STATICFILES
