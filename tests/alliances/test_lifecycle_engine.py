"""The engine of state changes: one winner, one audit row, nothing half done."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction

from alliances.errors import OfficeError
from alliances.lifecycle import Lifecycle, Move, NotAllowed, TooLate
from alliances.models import LogEntry
from alliances.services import audit
from rotation.enums import PlanState
from rotation.lifecycles import PLAN
from rotation.models import DutyChair, Plan
from tests.cast import Cast


class Unguarded(Lifecycle):
    """The twin without compare-and-swap: it trusts the state it has read, as a plain ``save`` would."""

    def apply(self, obj: Any, name: str, *, actor: Any, **_: Any) -> Any:
        move = self.move(name)
        before = obj.state
        if before not in move.sources:
            raise TooLate(before)
        with transaction.atomic():
            obj.state = move.target
            obj.save(update_fields=["state"])
            audit.record(f"{self.name}.{name}", obj, actor=actor, before=before, after=move.target)
        return obj


def twin_of(lifecycle: Lifecycle) -> Unguarded:
    return Unguarded(
        lifecycle.name, lifecycle.title, lifecycle.model, lifecycle.states, lifecycle.initial, lifecycle.moves
    )


def draft(cast: Cast) -> Plan:
    Plan.objects.filter(pk=cast.plan.pk).update(state=PlanState.DRAFT)
    return Plan.objects.get(pk=cast.plan.pk)


def both_submit(lifecycle: Lifecycle, cast: Cast) -> list[str]:
    """Secretary and staff have the same draft open; both submit it. What each of them got."""
    first, second = draft(cast), Plan.objects.get(pk=cast.plan.pk)
    outcomes = []
    for plan, actor in ((first, cast.secretary), (second, cast.staff)):
        try:
            lifecycle.apply(plan, "submit", actor=actor)
            outcomes.append("won")
        except TooLate:
            outcomes.append("too late")
    return outcomes


def test_second_of_two_is_told_that_somebody_was_faster(cast: Cast) -> None:
    assert both_submit(PLAN, cast) == ["won", "too late"]
    assert LogEntry.objects.filter(action="rotation.plan.submit").count() == 1


def test_twin_without_the_guard_lets_both_win(cast: Cast) -> None:
    assert both_submit(twin_of(PLAN), cast) == ["won", "won"]
    assert LogEntry.objects.filter(action="rotation.plan.submit").count() == 2


def test_too_late_says_where_the_object_is_now(cast: Cast) -> None:
    plan, other = draft(cast), Plan.objects.get(pk=cast.plan.pk)
    PLAN.apply(other, "submit", actor=cast.secretary)
    with pytest.raises(TooLate) as caught:
        PLAN.apply(plan, "submit", actor=cast.secretary)
    assert "讨论稿" in caught.value.message
    assert plan.state == PlanState.DRAFT  # the loser's copy does not claim the change


def test_change_and_log_row_are_one_transaction(cast: Cast) -> None:
    """The log refuses the row (its table is made to): then the state has not changed either."""
    plan = draft(cast)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE alliances_logentry RENAME COLUMN action TO was_action")
        with pytest.raises(Exception, match="action"):
            PLAN.apply(plan, "submit", actor=cast.secretary)
        assert Plan.objects.get(pk=plan.pk).state == PlanState.DRAFT
        transaction.set_rollback(True)


def test_row_names_before_after_actor_and_capacity(cast: Cast) -> None:
    PLAN.apply(draft(cast), "submit", actor=cast.staff)
    row = LogEntry.objects.get()
    assert (row.action, row.before, row.after) == ("rotation.plan.submit", "draft", "discussing")
    assert (row.actor, row.capacity, row.alliance) == (cast.staff, "staff", cast.alliance)


def test_guard_speaks_and_nothing_changes(cast: Cast) -> None:
    plan = draft(cast)
    DutyChair.objects.filter(duty__plan=plan, duty__month=7).delete()
    with pytest.raises(OfficeError, match="7月还没有轮值主席单位"):
        PLAN.apply(plan, "submit", actor=cast.secretary)
    assert Plan.objects.get(pk=plan.pk).state == PlanState.DRAFT
    assert not LogEntry.objects.exists()
    assert PLAN.open_to(cast.secretary, plan) == []


def test_stamp_and_fields_are_written_with_the_state(cast: Cast) -> None:
    Plan.objects.filter(pk=cast.plan.pk).update(state="discussing", passed_at=None, passed_on=None)
    plan = Plan.objects.get(pk=cast.plan.pk)
    PLAN.apply(
        plan, "pass", actor=cast.secretary, fields={"passed_on": "2026-03-02", "passed_meeting": "例会"}
    )
    stored = Plan.objects.get(pk=plan.pk)
    assert (stored.state, stored.passed_meeting) == ("passed", "例会")
    assert stored.passed_at == plan.passed_at is not None


def test_clock_makes_only_system_moves(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        PLAN.apply(draft(cast), "submit", actor=None)


def test_tables_with_mistakes_are_refused_at_import() -> None:
    move = Move("go", "走", ("draft",), "nowhere")
    with pytest.raises(ValueError, match="unknown state"):
        Lifecycle("x.y", "甲", Plan, PlanState, "draft", (move,))
    twice = Move("go", "走", ("draft",), "passed")
    with pytest.raises(ValueError, match="two moves"):
        Lifecycle("x.y", "甲", Plan, PlanState, "draft", (twice, twice))
