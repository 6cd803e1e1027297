"""Plans, duties and slips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from alliances import clock
from alliances.calendars import Month
from alliances.enums import DutyMode
from alliances.models import Alliance, Member
from rotation.enums import PlanState, SlipState
from rotation.models import Duty, DutyChair, Plan, Receipt, Slip
from rotation.selectors.papers import freeze_paper

PASSED_AT = datetime(2025, 12, 30, 15, tzinfo=clock.ZONE)


def plan(
    alliance: Alliance,
    year: int,
    chairs: Mapping[int, Sequence[Member]],
    *,
    state: str = PlanState.PASSED,
    passed_at: datetime = PASSED_AT,
) -> Plan:
    """A table of the months in ``chairs`` (month → members, the lead first), already passed unless said otherwise."""
    passed = state == PlanState.PASSED
    table = Plan.objects.create(
        alliance=alliance,
        year=year,
        start_month=min(chairs),
        state=state,
        passed_meeting="年度联席会议" if passed else "",
        passed_on=passed_at.date() if passed else None,
        passed_at=passed_at if passed else None,
    )
    duties = Duty.objects.bulk_create(
        Duty(
            alliance=alliance,
            plan=table,
            month=month,
            mode=DutyMode.COLLECTIVE if len(members) > 1 else DutyMode.SOLO,
            theme=f"{month}月主题活动",
            ends_on=Month(year, month).end,
        )
        for month, members in sorted(chairs.items())
    )
    DutyChair.objects.bulk_create(
        DutyChair(duty=duty, member=member, order=order)
        for duty in duties
        for order, member in enumerate(chairs[duty.month])
    )
    return table


def signed_slip(duty: Duty, serial: int, issued_on: date) -> Slip:
    """A slip of the past: issued on ``issued_on``, acknowledged by every chair the same day."""
    moment = datetime.combine(issued_on, datetime.min.time(), tzinfo=clock.ZONE).replace(hour=9)
    members = [chair.member for chair in duty.chairs.select_related("member").order_by("order")]
    number = f"{duty.alliance.number_prefix}提〔{duty.plan.year}〕{serial}号"
    paper, digest = freeze_paper(
        {"kind": "rotation.slip", "layout": "form", "title": "轮值主席提醒单", "number": number, "blocks": []}
    )
    slip = Slip.objects.create(
        alliance=duty.alliance,
        duty=duty,
        state=SlipState.ACKNOWLEDGED,
        year=duty.plan.year,
        serial=serial,
        number=number,
        issued_at=moment,
        acknowledge_by=issued_on,
        lapses_on=duty.ends_on,
        received_on=issued_on,
        acknowledged_at=moment,
        paper=paper,
        paper_hash=digest,
    )
    Receipt.objects.bulk_create(
        Receipt(slip=slip, member=member, order=order, signed_at=moment, signer_name="联络员", via="screen")
        for order, member in enumerate(members)
    )
    return slip
