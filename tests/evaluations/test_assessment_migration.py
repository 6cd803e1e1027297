"""The migration that gives filed reports their brief: nothing of the documents changes, on the way there and back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from evaluations.models import Assessment
from evaluations.selectors.briefs import brief_of
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import reports


def kept() -> list[Any]:
    names = ("pk", "figures", "figures_hash", "state", "alliance_id", "number")
    return list(Assessment.objects.order_by("pk").values_list(*names))


@pytest.mark.django_db(transaction=True)
def test_there_and_back(cast: Cast, frozen: Frozen) -> None:
    reports.quarter(cast)
    filed = reports.filed(cast, frozen)
    before = kept()
    try:
        call_command("migrate", "evaluations", "0002_quarterly_assessment", verbosity=0)
        with connection.cursor() as cursor:
            columns = [
                column.name
                for column in connection.introspection.get_table_description(
                    cursor, Assessment._meta.db_table
                )
            ]
        assert "brief" not in columns
        assert "figures" in columns
    finally:
        call_command("migrate", "evaluations", verbosity=0)
    assert kept() == before
    again = Assessment.objects.get(pk=filed.pk)
    assert again.brief == filed.brief == brief_of(again.figures)
    assert Assessment.objects.get(alliance=cast.foreign_alliance).brief == {}
