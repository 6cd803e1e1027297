"""The rotation's part of a member's page: what a new liaison needs on the first day."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet, Subquery

from alliances import clock
from alliances.enums import DutyMode
from alliances.models import Member
from rotation import policies
from rotation.enums import PlanState, SlipState
from rotation.models import DutyChair, Plan, Receipt, Wish

_STATES = {
    SlipState.ACKNOWLEDGED: ("提醒单已签收", "done"),
    SlipState.ISSUED: ("提醒单待签收", "wait"),
    SlipState.UNACKNOWLEDGED: ("提醒单到期未签收", "late"),
}


def member_panel(user: Any, member: Member) -> dict[str, Any]:
    """Duties over the years, newest first, each with its slip; the wishes. Three queries: the year that takes wishes is
    read with the duties; a unit without any has no receipts, and is asked for that year instead."""
    chairs = list(
        DutyChair.objects.filter(member=member, duty__plan__state__in=[PlanState.PASSED, PlanState.CLOSED])
        .select_related("duty__plan")
        .annotate(open_year=Subquery(_open_years(member)))
        .order_by("-duty__plan__year", "-duty__month")
    )
    receipts = _receipts(member) if chairs else {}
    sees_slips = policies.can_read_ledger(user, member.alliance) or any(
        a.member_id == member.pk for a in user.current_appointments
    )
    may_fill = policies.can_fill_wish(user, member) or policies.can_record_for_units(user, member.alliance)
    # Wishes, and why a unit does not chair, are for the unit itself and those who arrange the year.
    wishes = Wish.objects.filter(member=member).order_by("-year") if sees_slips else Wish.objects.none()
    open_year = chairs[0].open_year if chairs else _open_years(member).first() if may_fill else None
    return {
        "duties": [_duty(chair, receipts.get(chair.duty_id), sees_slips) for chair in chairs],
        "sees_wishes": sees_slips,
        "wishes": [_wish(wish) for wish in wishes],
        "wish_year": open_year if may_fill else None,
    }


def _receipts(member: Member) -> dict[int, Receipt]:
    """Duty id → the member's receipt of its standing slip."""
    rows = Receipt.objects.filter(member=member).exclude(slip__state=SlipState.WITHDRAWN)
    rows = rows.select_related("slip").defer("slip__paper", "slip__deadlines")
    return {receipt.slip.duty_id: receipt for receipt in rows}


def _open_years(member: Member) -> QuerySet:
    """The year whose table is still being made, while wishes count: the first of these."""
    plans = Plan.objects.filter(
        alliance=member.alliance_id, state__in=[PlanState.DRAFT, PlanState.DISCUSSING]
    )
    return plans.order_by("year").values_list("year", flat=True)[:1]


def _duty(chair: DutyChair, receipt: Receipt | None, sees_slips: bool) -> dict[str, Any]:
    duty = chair.duty
    word, tone = "", ""
    if receipt is not None:
        word, tone = _STATES[SlipState(receipt.slip.state)]
        if receipt.slip.state == SlipState.ISSUED and receipt.signed_at:
            word, tone = "本单位已签收", "done"
    elif duty.ends_on >= clock.today():
        word, tone = "尚未开始", "off"
    return {
        "year": duty.plan.year,
        "month": duty.month,
        "mode": DutyMode(duty.mode).label,
        "leads": duty.mode == DutyMode.COLLECTIVE and chair.order == 0,
        "theme": duty.theme,
        "word": word,
        "tone": tone,
        "slip": receipt.slip if receipt and sees_slips else None,
    }


def _wish(wish: Wish) -> dict[str, Any]:
    return {
        "year": wish.year,
        "preferred": _months(wish.preferred),
        "blackout": _months(wish.blackout),
        "theme": wish.theme,
        "resources": wish.resources,
        "excused": wish.excused_reason,
        "source": wish.get_source_display(),
    }


def _months(months: Iterable[int]) -> str:
    return "、".join(f"{month}月" for month in months)
