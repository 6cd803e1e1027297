"""Fields whose content only this installation can read: residents' names and phones.

Keys are ``settings.CONTACT_KEYS`` (texts of any length, the first encrypts, all decrypt); without any, the secret key
and its fallbacks serve. Each text is stretched to a Fernet key (AES-128-CBC with HMAC-SHA-256) and, apart from it, to
a key for keyed hashes, by which a phone can be found again without being stored in the clear.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models

from demands.errors import ContactUnreadable


def _keys() -> tuple[str, ...]:
    return tuple(settings.CONTACT_KEYS) or (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def _stretch(key: str, purpose: str) -> bytes:
    return hmac.digest(key.encode(), f"gongjian.demands.{purpose}".encode(), hashlib.sha256)


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_stretch(key, "contact"))) for key in keys])


def encrypt(text: str) -> str:
    """``text`` as a token of the first key; the empty text stays empty."""
    return _box(_keys()).encrypt(text.encode()).decode() if text else ""


def decrypt(token: str) -> str:
    """The text of a token of any key; raises ``ContactUnreadable``."""
    if not token:
        return ""
    try:
        return _box(_keys()).decrypt(token).decode()
    except (InvalidToken, ValueError):  # the latter for what is no token at all
        raise ContactUnreadable from None


def keyed_hash(text: str) -> str:
    """64 hex digits by which ``text`` is found again; of no use without the installation's oldest key."""
    return hmac.new(_stretch(_keys()[-1], "index"), text.encode(), hashlib.sha256).hexdigest() if text else ""


def mask_name(name: str) -> str:
    """张*; a name of one character is only a star."""
    return f"{name[0]}*" if len(name) > 1 else "*" if name else ""


def mask_phone(phone: str) -> str:
    """138****0000; the middle of any other number, and all of a very short one."""
    if not phone:
        return ""
    if len(phone) < 8:
        return "*" * len(phone)
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) == 11 else f"{phone[:3]}****{phone[-2:]}"


class EncryptedTextField(models.TextField):
    """A text kept as a token. It can be asked whether it is empty, and nothing else: no search, no order."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return value if value is None else decrypt(value)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if value is None else encrypt(value)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in ("exact", "isnull"):
            raise FieldError(f"{self.name} is encrypted and knows no {lookup_name!r}")
        return super().get_lookup(lookup_name)
