"""Fields whose content only this installation can read: residents' names and phones (``alliances.sealing``)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldError
from django.db import models

from alliances.sealing import Unopenable, keyed_hash, seal, unseal
from demands.errors import ContactUnreadable

__all__ = ["EncryptedTextField", "decrypt", "encrypt", "keyed_hash", "mask_name", "mask_phone"]


def encrypt(text: str) -> str:
    """``text`` as a token of the first key; the empty text stays empty."""
    return seal(text.encode()).decode()


def decrypt(token: str) -> str:
    """The text of a token of any key; raises ``ContactUnreadable``."""
    try:
        return unseal(token.encode()).decode()
    except (Unopenable, ValueError):  # the latter for what is no token at all
        raise ContactUnreadable from None


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
