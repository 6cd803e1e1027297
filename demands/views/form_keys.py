"""The random value of a form: posting the same form again gets the same answer."""

from __future__ import annotations

import re
import secrets

from django.http import HttpRequest

_SHAPE = re.compile(r"[-\w]{16,64}", re.ASCII)


def posted(request: HttpRequest) -> str:
    """The value a form came with; empty for something that no form of ours had."""
    value = request.POST.get("form_key", "")
    return value if _SHAPE.fullmatch(value) else ""


def for_page(request: HttpRequest) -> str:
    """For the page to be shown: the one it came with, else a new one."""
    return posted(request) or secrets.token_urlsafe(16)
