"""What the planner is asked: the alliance's members, wishes and past, as plain values."""

from __future__ import annotations

from collections import Counter

from django.db.models import FilteredRelation, Q

from alliances.models import Member
from alliances.selectors.settings import settings_for
from rotation.enums import PlanState
from rotation.models import Duty, DutyChair, Plan, Wish
from rotation.planner import Candidate, Finding, Lock, Problem, check
from rotation.selectors import tables


def problem_of(plan: Plan, duties: list[Duty] | None = None) -> Problem:
    """The planner's problem: current members, their wishes of the year, past duties of passed and closed tables.

    ``duties`` are the plan's months if they have been read already.
    """
    members = list(
        Member.objects.current()
        .filter(alliance=plan.alliance)
        .annotate(wish=FilteredRelation("wishes", condition=Q(wishes__year=plan.year)))
        .select_related("unit", "wish")
        .order_by("pk")
    )
    counts, last = _past(plan)
    rules = settings_for(plan.alliance.organisation)
    duties = tables.duties_of(plan) if duties is None else duties
    return Problem(
        year=plan.year,
        months=tuple(plan.months),
        candidates=tuple(
            _candidate(m, getattr(m, "wish", None), counts[m.pk], _months_since(plan, last.get(m.pk)))
            for m in members
        ),
        locks=_locks(duties, {m.pk for m in members}),
        collective_min=rules.collective_min,
        collective_max=rules.collective_max,
        seed=plan.seed,
    )


def _candidate(member: Member, wish: Wish | None, past: int, months_since: int | None) -> Candidate:
    return Candidate(
        key=member.pk,
        name=member.unit.name,
        mode=member.duty_mode,
        sector=member.unit.get_sector_display(),  # themes and sentences speak of 机关, 学校
        wishes=frozenset(wish.preferred) if wish else frozenset(),
        blackout=frozenset(wish.blackout) if wish else frozenset(),
        past_duties=past,
        months_since=months_since,
        theme=wish.theme if wish else "",
        resources=tuple(filter(None, [wish.resources])) if wish else (),
        excused=bool(wish and wish.excused_reason),
    )


def _past(plan: Plan) -> tuple[Counter[int], dict[int, tuple[int, int]]]:
    """Duties per member in earlier years, and the last (year, month) of each."""
    rows = DutyChair.objects.filter(
        duty__plan__alliance=plan.alliance,
        duty__plan__year__lt=plan.year,
        duty__plan__state__in=[PlanState.PASSED, PlanState.CLOSED],
    ).values_list("member_id", "duty__plan__year", "duty__month")
    counts: Counter[int] = Counter()
    last: dict[int, tuple[int, int]] = {}
    for member, year, month in rows:
        counts[member] += 1
        last[member] = max(last.get(member, (0, 0)), (year, month))
    return counts, last


def _months_since(plan: Plan, last: tuple[int, int] | None) -> int | None:
    if last is None:
        return None
    return (plan.year - last[0]) * 12 + plan.start_month - last[1]


def _locks(duties: list[Duty], current: set[int]) -> tuple[Lock, ...]:
    locks = []
    for duty in duties:
        keys = tuple(chair.member_id for chair in duty.chairs.all() if chair.member_id in current)
        if duty.is_locked and keys:
            locks.append(Lock(duty.month, keys, tables.mode_of(len(keys)), lead=keys[0], theme=duty.theme))
    return tuple(locks)


def table_of(problem: Problem, duties: list[Duty]) -> dict[int, tuple[tuple[int, ...], str]]:
    """The table as the planner reads it: month → (current members on duty, mode); gaps are left out."""
    known = {candidate.key for candidate in problem.candidates}
    table = {}
    for duty in duties:
        keys = tuple(chair.member_id for chair in duty.chairs.all() if chair.member_id in known)
        if keys:
            table[duty.month] = (keys, tables.mode_of(len(keys)))
    return table


def findings(plan: Plan) -> list[Finding]:
    """What is wrong with the table as it stands (collisions), and what could be better (hints)."""
    duties = tables.duties_of(plan)
    problem = problem_of(plan, duties)
    return check(problem, table_of(problem, duties))
