"""What plans, swaps and slips lay on a person's desk.

Every part is one query, so that the whole desk stays cheap.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance
from alliances.registry import DeskLine
from alliances.selectors import directory
from rotation import policies
from rotation.enums import PlanState, SlipState, SwapState
from rotation.models import Plan, Receipt, Slip, Swap, Wish
from rotation.selectors import ledgers
from rotation.selectors.papers import describe_swap

_SWAP_PARTS = ("asker__unit", "other__unit", "duty__plan", "other_duty__plan", "alliance__organisation")


def lines(user: Any, alliance: Alliance | None) -> list[DeskLine]:
    """Everything of the rotation that is the user's to do, or waits for others: a unit's own acts wherever the unit is
    a member, the community's in ``alliance``."""
    found = _to_sign(user) + _to_agree(user) + _to_wish(user)
    if alliance is not None and policies.can_edit_plan(user, alliance):
        found += _to_file(user, alliance) + _plan_work(alliance) + _unsigned(alliance)
    return found


# --- a unit's own ------------------------------------------------------------------------------------------------


def _liaison_of(user: Any) -> list[int]:
    return [a.member_id for a in user.current_appointments if a.role == Role.LIAISON]


def _where(user: Any, alliance: Alliance) -> str:
    """The alliance's name for people who act in several."""
    several = len({member.alliance_id for member in directory.own_members(user)}) > 1
    return f" · {alliance.name}" if several else ""


def _to_sign(user: Any) -> list[DeskLine]:
    members = _liaison_of(user)
    if not members:
        return []
    return [
        DeskLine(
            title=f"签收{receipt.slip.duty.month}月轮值主席提醒单",
            url=reverse("rotation:slip", args=[receipt.slip_id]),
            action="查看并签收",
            detail=f"{receipt.slip.number} · {receipt.member.unit.name}{_where(user, receipt.slip.alliance)}",
            state=_due_words(receipt.slip),
            tone="late" if _is_late(receipt.slip) else "wait",
            urgency=5 if _is_late(receipt.slip) else 10,
        )
        for receipt in ledgers.waiting_for(members)
    ]


def _is_late(slip: Slip) -> bool:
    return slip.acknowledge_by is not None and slip.acknowledge_by < clock.today()


def _due_words(slip: Slip) -> str:
    if slip.acknowledge_by is None:
        return "补发"
    day = f"{slip.acknowledge_by.month}月{slip.acknowledge_by.day}日"
    return f"{day}已过期" if _is_late(slip) else f"{day}前"


def _to_agree(user: Any) -> list[DeskLine]:
    members = [member.pk for member in directory.own_members(user)]
    if not members:
        return []
    swaps = Swap.objects.filter(
        Q(asker_id__in=members) | Q(other_id__in=members), state=SwapState.ASKED
    ).select_related(*_SWAP_PARTS)
    return [
        DeskLine(
            title=f"请回复：{describe_swap(swap)}",
            url=reverse("rotation:swap", args=[swap.pk]),
            action="查看并回复",
            detail=f"{swap.reason}{_where(user, swap.alliance)}",
            urgency=15,
        )
        for swap in swaps
        if policies.may_agree_for(user, swap)
    ]


def _to_wish(user: Any) -> list[DeskLine]:
    members = _liaison_of(user)
    if not members:
        return []
    open_years = Q(alliance__members__in=members, state__in=[PlanState.DRAFT, PlanState.DISCUSSING])
    plans = (
        Plan.objects.filter(open_years)
        .values_list("year", "alliance__members", "alliance__members__unit__name", "alliance__name")
        .order_by("year", "alliance__members")
    )
    wanted = [row for row in plans if row[1] in members]
    if not wanted:
        return []
    done = set(Wish.objects.filter(member__in=members).values_list("year", "member_id"))
    return [
        DeskLine(
            title=f"填报{year}年度轮值意愿",
            url=reverse("rotation:wish", args=[member, year]),
            action="去填报",
            detail=f"{unit} · {alliance if len(wanted) > 1 else '意向月份、不便月份、拟办主题'}",
            urgency=30,
        )
        for year, member, unit, alliance in wanted
        if (year, member) not in done
    ]


# --- the community's ---------------------------------------------------------------------------------------------


def _unsigned(alliance: Alliance) -> list[DeskLine]:
    """Standing slips that wait for a signature: those told to the secretary first, the others as waiting."""
    receipts = (
        Receipt.objects.filter(slip__alliance=alliance, slip__state=SlipState.ISSUED, signed_at=None)
        .select_related("slip__duty__plan", "member__unit")
        .defer("slip__paper", "slip__deadlines")
        .order_by("slip_id", "order")
    )
    units: dict[int, list[str]] = {}
    slips: dict[int, Slip] = {}
    for receipt in receipts:
        slips[receipt.slip_id] = receipt.slip
        units.setdefault(receipt.slip_id, []).append(receipt.member.unit.name)
    return [_unsigned_line(slip, "、".join(units[pk])) for pk, slip in slips.items()]


def _unsigned_line(slip: Slip, units: str) -> DeskLine:
    url = reverse("rotation:slip", args=[slip.pk])
    if slip.escalated_at:
        nudged = f" · {_day_words(slip.nudged_at)}已催办" if slip.nudged_at else ""
        return DeskLine(
            title=f"{slip.duty.month}月提醒单{units}仍未签收",
            url=url,
            action="查看，可代录签收",
            detail=f"{slip.number}{nudged}",
            state="已报书记",
            tone="late",
            urgency=8,
        )
    return DeskLine(
        title=f"{slip.duty.month}月提醒单等{units}签收",
        url=url,
        action="查看",
        detail=f"{slip.number} · {_day_words(slip.issued_at)}发出",
        state=_due_words(slip),
        tone="late" if _is_late(slip) else "wait",
        waiting_for_others=True,
    )


def _day_words(moment: Any) -> str:
    day = clock.local(moment)
    return f"{day.month}月{day.day}日"


def _to_file(user: Any, alliance: Alliance) -> list[DeskLine]:
    swaps = Swap.objects.filter(
        alliance=alliance, state__in=[SwapState.AGREED, SwapState.ASKED]
    ).select_related(*_SWAP_PARTS)
    found = []
    for swap in swaps:
        agreed = swap.state == SwapState.AGREED
        mine = agreed and policies.can_file_swap(user, swap)
        found.append(
            DeskLine(
                title=describe_swap(swap),
                url=reverse("rotation:swap", args=[swap.pk]),
                action="查看并备案" if mine else "查看",
                detail="单位均已同意，备案后一并更新" if agreed else "",
                state="" if mine else ("等书记备案" if agreed else "等单位回复"),
                urgency=12,
                waiting_for_others=not mine,
            )
        )
    return found


def _plan_work(alliance: Alliance) -> list[DeskLine]:
    """A year without a table, a table not passed, months whose units have all left."""
    today = clock.today()
    rows = Plan.objects.filter(alliance=alliance, year__gte=today.year).values_list(
        "year", "state", "duties__month", "duties__chairs__id", "duties__chairs__member__left_on"
    )
    states: dict[int, str] = {}
    months: dict[int, dict[int, bool]] = {}
    for year, state, month, chair, left_on in rows:
        states[year] = state
        if month:
            held = months.setdefault(year, {})
            held[month] = held.get(month, False) or (chair is not None and left_on is None)
    years = [today.year] + ([today.year + 1] if today.month >= 11 else [])
    found = []
    for year in years:
        empty = [m for m, held in sorted(months.get(year, {}).items()) if not held]
        ahead = [m for m in empty if m >= today.month or year > today.year]
        found += _plan_line(alliance, year, states.get(year), ahead)
    return found


def _plan_line(alliance: Alliance, year: int, state: str | None, gaps: list[int]) -> list[DeskLine]:
    url = reverse("rotation:year", args=[alliance.code, year])
    if state is None:
        return [
            DeskLine(
                f"还没有{year}年度轮值主席安排表", url, "去安排", "可导入意愿征集表后自动起草", urgency=20
            )
        ]
    if state in (PlanState.DRAFT, PlanState.DISCUSSING):
        return [
            DeskLine(
                f"{year}年度安排表还没有通过",
                url,
                "打开安排表",
                "通过后每月自动发出提醒单",
                state=PlanState(state).label,
                urgency=25,
            )
        ]
    if state == PlanState.PASSED and gaps:
        words = "、".join(f"{month}月" for month in gaps)
        return [
            DeskLine(
                f"{words}没有轮值主席单位",
                url,
                "安排代理",
                "原单位已退出联盟",
                tone="late",
                state="空缺",
                urgency=9,
            )
        ]
    return []


# --- a change of liaison ------------------------------------------------------------------------------------------


def hand_over_tasks(member: Any) -> list[str]:
    """What a new liaison of ``member`` takes over from the rotation."""
    tasks = [f"签收{receipt.slip.number}" for receipt in ledgers.waiting_for([member.pk])]
    swaps = Swap.objects.filter(
        Q(asker=member, asker_agreed_at=None) | Q(other=member, other_agreed_at=None), state=SwapState.ASKED
    ).select_related(*_SWAP_PARTS)
    return tasks + [f"回复{describe_swap(swap)}" for swap in swaps]
