"""What table, slips and swaps lay on a person's desk."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance
from alliances.registry import DeskLine
from alliances.selectors import directory
from rotation import policies
from rotation.enums import PlanState, SlipState, SwapState
from rotation.models import Plan, Slip, Swap, Wish
from rotation.selectors import ledgers, tables
from rotation.selectors.papers import describe_swap


def lines(user: Any, alliance: Alliance | None) -> list[DeskLine]:
    """Everything of the rotation that is the user's to do, or waits for others, in ``alliance``."""
    if alliance is None:
        return []
    found = _to_sign(user, alliance) + _to_agree(user, alliance) + _to_wish(user, alliance)
    if policies.can_edit_plan(user, alliance):
        found += (
            _escalated(alliance) + _to_file(user, alliance) + _plan_work(user, alliance) + _waiting(alliance)
        )
    return found


def _to_sign(user: Any, alliance: Alliance) -> list[DeskLine]:
    members = [m.pk for m in directory.own_members(user, alliance)]
    if not members or not user.holds(Role.LIAISON):
        return []
    return [
        DeskLine(
            title=f"签收{receipt.slip.duty.month}月轮值主席提醒单",
            url=reverse("rotation:slip", args=[receipt.slip_id]),
            action="查看并签收",
            detail=f"{receipt.slip.number} · {receipt.member.unit.name}",
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


def _to_agree(user: Any, alliance: Alliance) -> list[DeskLine]:
    members = [m.pk for m in directory.own_members(user, alliance)]
    if not members:
        return []
    swaps = Swap.objects.filter(alliance=alliance, state=SwapState.ASKED).select_related(
        "asker__unit", "other__unit", "duty__plan", "other_duty__plan"
    )
    return [
        DeskLine(
            title=f"请回复：{describe_swap(swap)}",
            url=reverse("rotation:swap", args=[swap.pk]),
            action="查看并回复",
            detail=swap.reason,
            urgency=15,
        )
        for swap in swaps
        if policies.may_agree_for(user, swap)
    ]


def _to_wish(user: Any, alliance: Alliance) -> list[DeskLine]:
    members = directory.own_members(user, alliance) if user.holds(Role.LIAISON) else []
    if not members:
        return []
    found = []
    for plan in Plan.objects.filter(alliance=alliance, state__in=[PlanState.DRAFT, PlanState.DISCUSSING]):
        done = set(
            Wish.objects.filter(member__in=members, year=plan.year).values_list("member_id", flat=True)
        )
        found += [
            DeskLine(
                title=f"填报{plan.year}年度轮值意愿",
                url=reverse("rotation:wish", args=[member.pk, plan.year]),
                action="去填报",
                detail=f"{member.unit.name} · 意向月份、不便月份、拟办主题",
                urgency=30,
            )
            for member in members
            if member.pk not in done
        ]
    return found


def _escalated(alliance: Alliance) -> list[DeskLine]:
    slips = ledgers_rows(alliance).filter(escalated_at__isnull=False)
    return [
        DeskLine(
            title=f"{slip.duty.month}月提醒单{_waiting_units(slip)}仍未签收",
            url=reverse("rotation:slip", args=[slip.pk]),
            action="查看，可代录签收",
            detail=f"{slip.number} · {slip.nudged_at.astimezone(clock.ZONE):%-m月%-d日}已催办",
            state="已报书记",
            tone="late",
            urgency=8,
        )
        for slip in slips
    ]


def ledgers_rows(alliance: Alliance):
    """Standing slips that wait for a signature."""
    return (
        Slip.objects.filter(alliance=alliance, state=SlipState.ISSUED)
        .select_related("duty__plan")
        .defer("paper")
        .prefetch_related("receipts__member__unit")
        .order_by("pk")
    )


def _waiting_units(slip: Slip) -> str:
    return "、".join(r.member.unit.name for r in slip.receipts.all() if r.signed_at is None)


def _to_file(user: Any, alliance: Alliance) -> list[DeskLine]:
    swaps = Swap.objects.filter(
        alliance=alliance, state__in=[SwapState.AGREED, SwapState.ASKED]
    ).select_related("asker__unit", "other__unit", "duty__plan", "other_duty__plan", "alliance__organisation")
    found = []
    for swap in swaps:
        agreed = swap.state == SwapState.AGREED
        mine = agreed and policies.can_file_swap(user, swap)
        found.append(
            DeskLine(
                title=describe_swap(swap),
                url=reverse("rotation:swap", args=[swap.pk]),
                action="查看并备案" if mine else "查看",
                detail="单位均已同意，备案后一并更新" if agreed else "等单位回复",
                state="" if mine else ("等书记备案" if agreed else "等单位回复"),
                urgency=12,
                waiting_for_others=not mine,
            )
        )
    return found


def _plan_work(user: Any, alliance: Alliance) -> list[DeskLine]:
    today = clock.today()
    found = []
    plans = {plan.year: plan for plan in Plan.objects.filter(alliance=alliance, year__gte=today.year)}
    years = [today.year] + ([today.year + 1] if today.month >= 11 else [])
    for year in years:
        url = reverse("rotation:year", args=[alliance.code, year])
        plan = plans.get(year)
        if plan is None:
            found.append(
                DeskLine(
                    f"还没有{year}年度轮值主席安排表", url, "去安排", "可导入意愿征集表后自动起草", urgency=20
                )
            )
        elif plan.state in (PlanState.DRAFT, PlanState.DISCUSSING):
            found.append(
                DeskLine(
                    f"{year}年度安排表还没有通过",
                    url,
                    "打开安排表",
                    "通过后每月自动发出提醒单",
                    state=plan.get_state_display(),
                    urgency=25,
                )
            )
        elif plan.state == PlanState.PASSED:
            months = [m for m in tables.gaps(plan) if m >= today.month or year > today.year]
            if months:
                words = "、".join(f"{m}月" for m in months)
                found.append(
                    DeskLine(
                        f"{words}没有轮值主席单位",
                        url,
                        "安排代理",
                        "原单位已退出联盟",
                        tone="late",
                        state="空缺",
                        urgency=9,
                    )
                )
    return found


def _waiting(alliance: Alliance) -> list[DeskLine]:
    return [
        DeskLine(
            title=f"{slip.duty.month}月提醒单等{_waiting_units(slip)}签收",
            url=reverse("rotation:slip", args=[slip.pk]),
            action="查看",
            detail=f"{slip.number} · {slip.issued_at.astimezone(clock.ZONE):%-m月%-d日}发出",
            state=_due_words(slip),
            tone="late" if _is_late(slip) else "wait",
            waiting_for_others=True,
        )
        for slip in ledgers_rows(alliance).filter(escalated_at=None)
    ]


def hand_over_tasks(member: Any) -> list[str]:
    """What a new liaison of ``member`` takes over from the rotation."""
    tasks = [f"签收{receipt.slip.number}" for receipt in ledgers.waiting_for([member.pk])]
    swaps = Swap.objects.filter(state=SwapState.ASKED, alliance=member.alliance).select_related(
        "asker__unit", "other__unit", "duty", "other_duty"
    )
    tasks += [
        f"回复{describe_swap(swap)}"
        for swap in swaps
        if (swap.asker_id == member.pk and swap.asker_agreed_at is None)
        or (swap.other_id == member.pk and swap.other_agreed_at is None)
    ]
    return tasks
