"""Numbers of papers: one series per office, kind and year, without gaps or doubles."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from alliances.models import NumberSeries, Organisation


def take(organisation: Organisation, kind: str, year: int) -> int:
    """The next number; call it inside the paper's own transaction, so that a paper undone gives its number back.

    The conditional UPDATE holds the row until the transaction ends, on SQLite and PostgreSQL alike.
    """
    with transaction.atomic():
        NumberSeries.objects.get_or_create(organisation=organisation, kind=kind, year=year)
        NumberSeries.objects.filter(organisation=organisation, kind=kind, year=year).update(
            last=F("last") + 1
        )
        return NumberSeries.objects.values_list("last", flat=True).get(
            organisation=organisation, kind=kind, year=year
        )
