"""The annual table as it stands: rows, gaps, who is on duty."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet

from alliances.enums import DutyMode
from alliances.models import Alliance, Member
from rotation.enums import PlanState
from rotation.models import Duty, DutyChair, Plan, PlanVersion, Swap

CHAIRS = Prefetch("chairs", queryset=DutyChair.objects.select_related("member__unit").order_by("order", "pk"))


def plan_of(alliance: Alliance, year: int) -> Plan | None:
    return Plan.objects.filter(alliance=alliance, year=year).select_related("alliance__organisation").first()


def duties_of(plan: Plan) -> list[Duty]:
    """The plan's months in order, chairs and units fetched (three queries in all)."""
    duties = Duty.objects.filter(plan=plan).order_by("month").prefetch_related(CHAIRS)
    rows = list(duties)
    for duty in rows:
        duty.plan, duty.alliance = plan, plan.alliance
    return rows


def gaps(plan: Plan) -> list[int]:
    """Months without a chair, or whose chairs have all left the alliance."""
    return [
        duty.month
        for duty in Duty.objects.filter(plan=plan).order_by("month").prefetch_related(CHAIRS)
        if not any(chair.member.left_on is None for chair in duty.chairs.all())
    ]


STANDING = (PlanState.PASSED, PlanState.CLOSED)  # tables that hold, or held


def duty_in(alliance: Alliance, year: int, month: int) -> Duty | None:
    """The duty of a month in a passed or closed plan."""
    return (
        Duty.objects.filter(
            alliance=alliance,
            plan__year=year,
            month=month,
            plan__state__in=STANDING,
        )
        .select_related("plan", "alliance__organisation")
        .prefetch_related(CHAIRS)
        .first()
    )


def chair_names(duty: Duty) -> str:
    """县图书馆、县文体广电局 - the lead first."""
    return "、".join(chair.member.unit.name for chair in duty.chairs.all())


def mode_of(count: int) -> str:
    return DutyMode.COLLECTIVE if count > 1 else DutyMode.SOLO


def snapshot(plan: Plan) -> list[dict[str, Any]]:
    """The table as plain data for versions and papers: one dict a month."""
    return [
        {
            "month": duty.month,
            "mode": duty.mode,
            "theme": duty.theme,
            "members": [chair.member_id for chair in duty.chairs.all()],
        }
        for duty in duties_of(plan)
    ]


def compare(old: PlanVersion, new: PlanVersion) -> list[dict[str, Any]]:
    """Months of two versions side by side: ``month``, ``old``, ``new`` (each units, mode, theme), ``changed``."""
    ids = {pk for version in (old, new) for row in version.months for pk in row["members"]}
    names = dict(Member.objects.filter(pk__in=ids).values_list("pk", "unit__name"))

    def readable(row: dict[str, Any] | None) -> dict[str, str]:
        if row is None:
            return {"units": "", "mode": "", "theme": ""}
        return {
            "units": "、".join(names.get(pk, "") for pk in row["members"]),
            "mode": DutyMode(row["mode"]).label,
            "theme": row["theme"],
        }

    before = {row["month"]: row for row in old.months}
    after = {row["month"]: row for row in new.months}
    rows = []
    for month in sorted(before.keys() | after.keys()):
        left, right = readable(before.get(month)), readable(after.get(month))
        rows.append({"month": month, "old": left, "new": right, "changed": left != right})
    return rows


def filed_swaps(plan: Plan) -> QuerySet[Swap]:
    """Changes noted below the passed table, oldest first."""
    return (
        Swap.objects.filter(plan=plan, state="filed")
        .select_related("asker__unit", "other__unit", "duty", "other_duty")
        .order_by("filed_at")
    )
