"""The database made to refuse a row, as a full disk or a broken neighbour would: faults without touching our code."""

from django.db import connection


def refuse_slips(where: str) -> None:
    """From now on, in this test's transaction, no slip can be inserted for which SQL ``where`` over ``NEW`` is true."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                f"CREATE TRIGGER refuse_slip BEFORE INSERT ON rotation_slip WHEN {where}"
                " BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
            return
        check = where.replace("NEW.", "")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with waiting checks cannot be altered
        cursor.execute(f"ALTER TABLE rotation_slip ADD CONSTRAINT refused CHECK (NOT ({check})) NOT VALID")
