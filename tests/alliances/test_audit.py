"""The log can only grow: the database refuses everything else, whoever asks."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, connection, transaction

from alliances.models import LogEntry, Person
from alliances.services import audit
from rotation.models import Slip
from rotation.services import slips
from tests.cast import Cast

TABLE = "alliances_logentry"
REFUSAL = "log entries cannot be changed or deleted"


def run(statement: str) -> int:
    """Rows hit by raw SQL, in a savepoint of its own."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {TABLE} SET action = 'x'",
        f"UPDATE {TABLE} SET before = before",
        f"DELETE FROM {TABLE}",
        f"DELETE FROM {TABLE} WHERE id = (SELECT max(id) FROM {TABLE})",
    ],
)
def test_sql_that_changes_the_log_is_refused(statement: str, march: Slip) -> None:
    before = list(LogEntry.objects.values())
    assert before
    with pytest.raises(DatabaseError, match=REFUSAL):
        run(statement)
    assert list(LogEntry.objects.values()) == before


@pytest.mark.postgres
@pytest.mark.parametrize("cascade", ["", " CASCADE"])
def test_truncate_is_refused(cascade: str, march: Slip) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")  # as if the rows had been committed
    with pytest.raises(DatabaseError, match=REFUSAL):
        run(f"TRUNCATE {TABLE}{cascade}")
    assert LogEntry.objects.exists()


def test_orm_cannot_change_the_log_either(march: Slip) -> None:
    entry = LogEntry.objects.latest("pk")
    for attempt in (entry.delete, entry.save, LogEntry.objects.all().delete):
        with pytest.raises(DatabaseError, match=REFUSAL), transaction.atomic():
            attempt()


def test_without_the_triggers_the_same_sql_goes_through(march: Slip) -> None:
    """The twin: what refuses is the trigger and nothing else."""
    if connection.vendor == "sqlite":
        run(f"DROP TRIGGER {TABLE}_no_update")
    else:
        run(f"DROP TRIGGER {TABLE}_append_only ON {TABLE}")
    assert run(f"UPDATE {TABLE} SET capacity = 'x'") == LogEntry.objects.filter(capacity="x").count() > 0


def test_action_without_a_sentence_is_refused(cast: Cast) -> None:
    with pytest.raises(LookupError, match="has no sentence"):
        audit.record("rotation.slip.eat", cast.plan, actor=None)
    assert not LogEntry.objects.exists()


def test_entry_names_actor_capacity_and_alliance(cast: Cast) -> None:
    entry = audit.record("rotation.plan.lock", cast.plan, actor=cast.secretary, data={"month": 3})
    entry.refresh_from_db()
    assert (entry.actor, entry.capacity, entry.alliance) == (cast.secretary, "secretary", cast.alliance)
    assert (entry.object_type, entry.object_id) == ("rotation.plan", cast.plan.pk)


def test_capacity_is_the_role_in_that_alliance(cast: Cast) -> None:
    entry = audit.record("rotation.plan.lock", cast.foreign_plan, actor=cast.both_liaison)
    assert entry.capacity == "liaison"
    assert audit.record("rotation.plan.lock", cast.plan, actor=None).capacity == ""


def test_data_holds_no_names_and_no_phones(march: Slip, cast: Cast) -> None:
    for receipt, user in zip(
        march.receipts.order_by("order"), (cast.liaison, cast.second_liaison, cast.third_liaison), strict=True
    ):
        slips.acknowledge(receipt, actor=user)
    text = "\n".join(
        json.dumps(data, ensure_ascii=False) for data in LogEntry.objects.values_list("data", flat=True)
    )
    assert "member" in text
    for person in Person.objects.all():
        assert person.name not in text
        assert person.phone not in text


def test_only_auditors_read_the_log(march: Slip, cast: Cast) -> None:
    readers = {name for name, user in cast.users.items() if LogEntry.objects.visible_to(user).exists()}
    assert readers == {"auditor"}
