"""What the planner is asked: the alliance's members, wishes and past, as plain values."""

from __future__ import annotations

from collections import Counter

from alliances.models import Member
from alliances.selectors import directory
from alliances.selectors.settings import settings_for
from rotation.enums import PlanState
from rotation.models import DutyChair, Plan, Wish
from rotation.planner import Candidate, Finding, Lock, Problem, check
from rotation.selectors import tables


def problem_of(plan: Plan) -> Problem:
    """The planner's problem: current members, their wishes of the year, past duties of passed and closed tables."""
    members = list(directory.members_of(plan.alliance))
    wishes = {w.member_id: w for w in Wish.objects.filter(alliance=plan.alliance, year=plan.year)}
    counts, last = _past(plan)
    rules = settings_for(plan.alliance.organisation)
    return Problem(
        year=plan.year,
        months=tuple(plan.months),
        candidates=tuple(
            _candidate(m, wishes.get(m.pk), counts[m.pk], _months_since(plan, last.get(m.pk)))
            for m in members
        ),
        locks=_locks(plan, {m.pk for m in members}),
        collective_min=rules.collective_min,
        collective_max=rules.collective_max,
        seed=plan.seed,
    )


def _candidate(member: Member, wish: Wish | None, past: int, months_since: int | None) -> Candidate:
    return Candidate(
        key=member.pk,
        name=member.unit.name,
        mode=member.duty_mode,
        sector=member.unit.sector,
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


def _locks(plan: Plan, current: set[int]) -> tuple[Lock, ...]:
    locks = []
    for duty in tables.duties_of(plan):
        keys = tuple(chair.member_id for chair in duty.chairs.all() if chair.member_id in current)
        if duty.is_locked and keys:
            locks.append(Lock(duty.month, keys, tables.mode_of(len(keys)), lead=keys[0], theme=duty.theme))
    return tuple(locks)


def findings(plan: Plan) -> list[Finding]:
    """What is wrong with the table as it stands (collisions), and what could be better (hints)."""
    problem = problem_of(plan)
    known = {candidate.key for candidate in problem.candidates}
    table = {}
    for duty in tables.duties_of(plan):
        keys = tuple(chair.member_id for chair in duty.chairs.all() if chair.member_id in known)
        if keys:
            table[duty.month] = (keys, tables.mode_of(len(keys)))
    return check(problem, table)
