"""The rotation's columns of the offices' table: the year's table, the month's chair, its slip."""

from __future__ import annotations

from django.urls import reverse

from alliances import clock
from alliances.models import Alliance
from alliances.registry import OfficeCell
from rotation.enums import PlanState, SlipState
from rotation.models import DutyChair, Plan, Slip

TITLES = ("年度安排表", "本月轮值主席", "本月提醒单")
_PLAN_TONES = {PlanState.PASSED: "done", PlanState.CLOSED: "off", PlanState.DISCUSSING: "wait"}
_SLIP_TONES = {
    SlipState.ACKNOWLEDGED: "done",
    SlipState.ISSUED: "wait",
    SlipState.UNACKNOWLEDGED: "late",
}


def cells(alliances: list[Alliance], year: int, month: int) -> dict[int, list[OfficeCell]]:
    """For every alliance: state of its table, the month's chair units, state of their slip. Three queries."""
    plans = dict(Plan.objects.filter(alliance__in=alliances, year=year).values_list("alliance_id", "state"))
    chairs: dict[int, list[str]] = {}
    on_duty = DutyChair.objects.filter(
        duty__alliance__in=alliances,
        duty__plan__year=year,
        duty__month=month,
        duty__plan__state__in=[PlanState.PASSED, PlanState.CLOSED],
    )
    for pk, name in on_duty.order_by("order", "pk").values_list("duty__alliance_id", "member__unit__name"):
        chairs.setdefault(pk, []).append(name)
    slips = {
        slip.alliance_id: slip
        for slip in Slip.objects.filter(alliance__in=alliances, duty__plan__year=year, duty__month=month)
        .exclude(state=SlipState.WITHDRAWN)
        .only("alliance_id", "state", "number", "acknowledge_by", "nudged_at", "escalated_at")
    }
    return {
        alliance.pk: [
            _plan_cell(alliance, year, plans.get(alliance.pk)),
            OfficeCell("、".join(chairs.get(alliance.pk, []))),
            _slip_cell(slips.get(alliance.pk), on_duty=alliance.pk in chairs),
        ]
        for alliance in alliances
    }


def _plan_cell(alliance: Alliance, year: int, state: str | None) -> OfficeCell:
    if state is None:
        return OfficeCell("还没有", "off")
    if state == PlanState.DRAFT:  # the community's own table until it is discussed
        return OfficeCell("正在编制", "wait")
    url = reverse("rotation:year", args=[alliance.code, year])
    return OfficeCell(PlanState(state).label, _PLAN_TONES[PlanState(state)], url)


def _slip_cell(slip: Slip | None, *, on_duty: bool) -> OfficeCell:
    if slip is None:
        return OfficeCell("尚未发出", "off") if on_duty else OfficeCell("")
    url = reverse("rotation:slip", args=[slip.pk])
    word, tone = SlipState(slip.state).label, _SLIP_TONES[SlipState(slip.state)]
    if slip.state == SlipState.ISSUED and slip.escalated_at:
        word, tone = "已报书记", "late"
    elif slip.state == SlipState.ISSUED and slip.nudged_at:
        word = "已催办"
    elif slip.state == SlipState.ISSUED and slip.acknowledge_by and slip.acknowledge_by < clock.today():
        word, tone = "过期未签收", "late"
    return OfficeCell(word, tone, url, slip.number)
