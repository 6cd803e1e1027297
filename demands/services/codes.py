"""Codes by which residents come back: shown once, kept only as keyed hashes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from django.conf import settings

# Crockford's letters: nothing that is mistaken for something else when a slip of paper is read.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12  # 60 bits


def new() -> str:
    """A fresh code, in groups of four."""
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def of_form(form_key: str) -> str:
    """The code that belongs to one filled-in form, ``form_key`` being its random value: the same form posted fifty
    times is answered with the same code, which is stored nowhere. Empty key: a fresh code."""
    if not form_key:
        return new()
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"demands.form:{form_key}".encode(), hashlib.sha256)
    letters = base64.b32encode(digest).decode()[:LENGTH]
    table = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET)
    return _grouped(letters.translate(table))


def normal(typed: str) -> str:
    """What was typed, as it was printed: without spaces and dashes, O and I and L as the digits they are taken for."""
    kept = "".join(letter for letter in typed.upper() if letter.isalnum())
    return kept.translate(str.maketrans("OIL", "011"))


def _grouped(code: str) -> str:
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))
