"""Who was a member at some time: the same words for a quarter's lines and for the lists behind its figures."""

from __future__ import annotations

from datetime import date

from django.db.models import Q


def stood_between(since: date | None, until: date | None, path: str = "") -> Q:
    """Members on any day from ``since`` to ``until`` (open where None), by the lookup ``path`` that leads to them."""
    found = Q()
    if until is not None:
        found &= Q(**{f"{path}joined_on__isnull": True}) | Q(**{f"{path}joined_on__lte": until})
    if since is not None:
        found &= Q(**{f"{path}left_on__isnull": True}) | Q(**{f"{path}left_on__gt": since})
    return found
