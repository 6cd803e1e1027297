"""The Year page: a plan's months as rows, with what is wrong, what could be better and who may do what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max

from alliances import clock
from alliances.enums import DutyMode
from alliances.selectors import directory
from rotation import policies
from rotation.enums import PlanState, SwapState
from rotation.models import Duty, Plan, Swap
from rotation.models.plan import PlanQuerySet
from rotation.planner import COLLECTIVE, Finding, Problem, check
from rotation.selectors import planning, suggestions, tables
from rotation.selectors.papers import describe_swap
from rotation.selectors.suggestions import Suggestion

EDITABLE = (PlanState.DRAFT, PlanState.DISCUSSING)


@dataclass
class Row:
    """One month: ``clashes`` are sentences on broken rules, ``addable`` the units that could still join."""

    duty: Duty
    chairs: list[dict[str, Any]]
    clashes: list[str] = field(default_factory=list)
    is_open: bool = False
    is_own: bool = False
    is_now: bool = False
    can_ask: bool = False
    swap: Swap | None = None

    @property
    def is_gap(self) -> bool:
        return all(chair["has_left"] for chair in self.chairs)

    @property
    def runner_up(self) -> tuple[str, str] | None:
        """The second choice and, apart, why it is second and what would have to change."""
        head, colon, rest = self.duty.runner_up.partition("：")
        return (head, rest) if colon else None

    @property
    def is_collective(self) -> bool:
        return self.duty.mode == DutyMode.COLLECTIVE


def plans_of(user: Any, code: str) -> PlanQuerySet:
    """The plans of the alliance ``code`` that ``user`` may see, newest first, with the number of the last version."""
    return (
        Plan.objects.visible_to(user)
        .filter(alliance__code=code)
        .select_related("alliance__organisation")
        .annotate(last_version=Max("versions__number"))
        .order_by("-year")
    )


def rows_of(plan: Plan, user: Any) -> list[Row]:
    """The table's months in order (two queries, one more once it is passed)."""
    own = {member.pk for member in directory.own_members(user, plan.alliance)}
    today = clock.today()
    runs = policies.can_run_alliance(user, plan)
    rows = []
    for duty in tables.duties_of(plan):
        chairs = [
            {
                "member": chair.member,
                "name": chair.member.unit.name,
                "is_lead": place == 0,
                "is_own": chair.member_id in own,
                "has_left": chair.member.left_on is not None,
            }
            for place, chair in enumerate(duty.chairs.all())
        ]
        row = Row(duty, chairs, is_open=not duty.is_locked)
        row.is_own = any(chair["is_own"] for chair in chairs)
        row.is_now = (plan.year, duty.month) == (today.year, today.month)
        row.can_ask = (
            plan.state == PlanState.PASSED and duty.ends_on >= today and bool(chairs) and (runs or row.is_own)
        )
        rows.append(row)
    return rows


def swaps_of(plan: Plan) -> list[Swap]:
    """Changes under way and filed, oldest first; none before the plan is passed."""
    if plan.state in EDITABLE:
        return []
    states = [SwapState.ASKED, SwapState.AGREED, SwapState.FILED]
    return list(
        Swap.objects.filter(plan=plan, state__in=states)
        .select_related("asker__unit", "other__unit", "duty", "other_duty")
        .order_by("pk")
    )


def board(plan: Plan, user: Any) -> dict[str, Any]:
    """Everything the Year page shows of ``plan``: ``rows``, ``swaps``, ``gaps``, and for those who edit it the remarks:
    ``collisions`` (their number), ``notes`` (of no single month), ``fixes``, ``hints`` and what can be chosen."""
    rows = rows_of(plan, user)
    content: dict[str, Any] = {
        "plan": plan,
        "alliance": plan.alliance,
        "rows": rows,
        "may_edit": plan.state in EDITABLE and policies.can_edit_plan(user, plan),
        "runs_alliance": policies.can_run_alliance(user, plan),
        "gaps": [row.duty.month for row in rows if row.is_gap],
        "has_reasons": plan.state in EDITABLE and any(row.duty.reason for row in rows),
        "swaps": [],
        "next_version": (getattr(plan, "last_version", None) or 0) + 1,
    }
    by_month = {row.duty.month: row for row in rows}
    for swap in swaps_of(plan):
        content["swaps"].append((swap, describe_swap(swap)))
        if swap.state != SwapState.FILED:
            for duty in filter(None, (swap.duty, swap.other_duty)):
                by_month[duty.month].swap = swap
    if content["may_edit"]:
        content |= _remarks(plan, rows)
    return content


def _remarks(plan: Plan, rows: list[Row]) -> dict[str, Any]:
    """Collisions go to their months; hints and the rest beside the table, each with its remedy if there is one."""
    duties = [row.duty for row in rows]
    problem = planning.problem_of(plan, duties)
    table = planning.table_of(problem, duties)
    findings = check(problem, table)
    by_month = {row.duty.month: row for row in rows}
    remarks: list[tuple[Finding, Suggestion | None]] = list(
        zip(findings, suggestions.remedies(problem, table, findings), strict=True)
    )
    for finding, _ in remarks:
        if finding.level == "collision" and finding.month in by_month:
            by_month[finding.month].clashes.append(finding.sentence)
    collisions = [finding for finding in findings if finding.level == "collision"]
    return {
        "collisions": len(collisions),
        "notes": [(f, s) for f, s in remarks if f.level == "collision" and f.month is None],
        "fixes": [(f, s) for f, s in remarks if f.level == "collision" and f.month and s],
        "hints": [(f, s) for f, s in remarks if f.level != "collision"],
        "units": len(problem.candidates),
        "open_months": [row.duty.month for row in rows if row.is_open],
        "unit_choices": _choices(problem, duties),
        "most": problem.collective_max,
    }


def _choices(problem: Problem, duties: list[Duty]) -> list[dict[str, Any]]:
    """Units for the lists "add to a month", those without a duty first: ``key``, ``name``, ``words``, ``months``."""
    months: dict[int, list[int]] = {}
    for duty in duties:
        for chair in duty.chairs.all():
            months.setdefault(chair.member_id, []).append(duty.month)
    choices = []
    for unit in sorted(problem.candidates, key=lambda unit: (len(months.get(unit.key, ())), unit.key)):
        placed = months.get(unit.key, [])
        words = [f"已在{'、'.join(f'{m}月' for m in placed)}"] if placed else ["未排"]
        words += ["集体"] if unit.mode == COLLECTIVE else []
        words += ["今年不轮值"] if unit.excused else []
        words += [f"不便{'、'.join(f'{m}月' for m in sorted(unit.blackout))}"] if unit.blackout else []
        choices.append({"key": unit.key, "name": unit.name, "words": "，".join(words), "months": placed})
    return choices
