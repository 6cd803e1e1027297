"""What only this installation can read: residents' contacts and uploaded sheets, sealed before they are stored.

Keys are ``settings.CONTACT_KEYS`` (texts of any length, the first seals, all open); without any, the secret key and its
fallbacks serve. Each text is stretched to a Fernet key (AES-128-CBC with HMAC-SHA-256) and, apart from it, to a key for
keyed hashes, by which a phone can be found again without being stored in the clear.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unopenable(Exception):
    """Sealed by a key that this installation does not have, or not sealed at all."""


def _keys() -> tuple[str, ...]:
    return tuple(settings.CONTACT_KEYS) or (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def _stretch(key: str, purpose: str) -> bytes:
    # The name is that of the app which sealed first; another one would leave what is stored unreadable.
    return hmac.digest(key.encode(), f"gongjian.demands.{purpose}".encode(), hashlib.sha256)


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_stretch(key, "contact"))) for key in keys])


def seal(content: bytes) -> bytes:
    """``content`` as a token of the first key; nothing stays nothing."""
    return _box(_keys()).encrypt(content) if content else b""


def unseal(token: bytes) -> bytes:
    """The content of a token of any key. Raises Unopenable."""
    if not token:
        return b""
    try:
        return _box(_keys()).decrypt(token)
    except InvalidToken:
        raise Unopenable from None


def keyed_hash(text: str) -> str:
    """64 hex digits by which ``text`` is found again; of no use without the installation's oldest key."""
    return hmac.new(_stretch(_keys()[-1], "index"), text.encode(), hashlib.sha256).hexdigest() if text else ""
