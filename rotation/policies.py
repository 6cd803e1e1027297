"""Who may do what to plans, swaps, slips, meetings and activities (design, domain: "Who may")."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alliances.enums import Role
from alliances.policies import Rule, can_lead_alliance, can_oversee_alliance, can_run_alliance
from rotation.models import Activity, Duty, Meeting, Receipt, Reply, Slip, Swap, Task


def _slip_members(slip: Slip) -> Iterable[int]:
    return Receipt.objects.filter(slip=slip).values_list("member_id", flat=True)


def _swap_members(swap: Swap) -> Iterable[int]:
    return [pk for pk in (swap.asker_id, swap.other_id) if pk]


def _swap_members_waiting(swap: Swap) -> Iterable[int]:
    waiting = [swap.asker_id] if swap.asker_agreed_at is None else []
    return waiting + ([swap.other_id] if swap.other_id and swap.other_agreed_at is None else [])


def _duty_members(duty: Duty) -> Iterable[int]:
    return [chair.member_id for chair in duty.chairs.all()]


def _convenor(meeting: Meeting) -> Iterable[int]:
    return (meeting.convenor_id,) if meeting.convenor_id else ()


def _hosts(meeting: Meeting) -> Iterable[int]:
    """The convenor, and at a seminar every unit on duty."""
    return {*_convenor(meeting), *(_duty_members(meeting.duty) if meeting.duty else ())}


def _invited(meeting: Meeting) -> Iterable[int]:
    return Reply.objects.filter(meeting=meeting).values_list("member_id", flat=True)


def _organisers(activity: Activity) -> Iterable[int]:
    return _duty_members(activity.duty) if activity.duty else ()


def _task_member(task: Task) -> Iterable[int]:
    return (task.member_id,) if task.member_id else ()


can_edit_plan = can_run_alliance
can_pass_plan = can_lead_alliance
can_read_ledger = can_oversee_alliance
can_fill_wish = Rule(Role.LIAISON, members=lambda member: (member.pk,))
can_record_for_units = can_run_alliance

# A unit's own act; staff may only record it as done on paper or by phone.
can_acknowledge_slip = Rule(Role.LIAISON, members=_slip_members)
can_acknowledge_receipt = Rule(
    Role.LIAISON,
    place=lambda receipt: receipt.slip.alliance.organisation,
    members=lambda receipt: (receipt.member_id,),
)
can_record_receipt = can_run_alliance
can_read_slip = (
    Rule(Role.LIAISON, Role.LEADER, members=lambda slip: [r.member_id for r in slip.receipts.all()])
    | can_oversee_alliance
)

can_ask_swap = Rule(Role.LIAISON, Role.LEADER, members=_duty_members) | can_run_alliance
can_agree_swap = Rule(Role.LIAISON, Role.LEADER, members=_swap_members)
# Whoever has asked or agreed can no longer refuse; the asker withdraws instead.
can_refuse_swap = Rule(Role.LIAISON, Role.LEADER, members=_swap_members_waiting)
can_cancel_swap = Rule(Role.LIAISON, Role.LEADER, members=lambda swap: (swap.asker_id,)) | can_run_alliance
can_file_swap = can_lead_alliance

# The unit on duty calls and leads its seminar; the community does what a unit did on paper, and calls other meetings.
can_call_meeting = can_run_alliance
can_send_notice = Rule(Role.LIAISON, members=_convenor) | can_run_alliance
can_cancel_meeting = can_send_notice
can_hold_meeting = Rule(Role.LIAISON, members=_hosts) | can_run_alliance
can_write_minutes = can_hold_meeting
# Who comes, with telephones and reasons for leave: those who prepare the meeting and those who oversee the alliance.
can_read_replies = Rule(Role.LIAISON, Role.LEADER, members=_hosts) | can_oversee_alliance
# Everybody who can answer a notice; and one invited unit's own liaison.
can_answer_notice = Rule(Role.LIAISON, members=_invited)
can_answer_reply = Rule(
    Role.LIAISON,
    place=lambda reply: reply.meeting.alliance.organisation,
    members=lambda reply: (reply.member_id,),
)
can_record_reply = can_run_alliance
# The liaison of the unit that a task of the minutes is given to; the community for its own, and by telephone.
can_do_task = Rule(Role.LIAISON, members=_task_member)
can_report_task = can_do_task | can_run_alliance
can_drop_task = can_run_alliance

can_plan_in_duty = Rule(Role.LIAISON, members=_duty_members) | can_run_alliance
can_plan_outside = can_run_alliance
can_lead_activity = Rule(Role.LIAISON, members=_organisers) | can_run_alliance
can_join_activity = Rule(Role.LIAISON, members=lambda member: (member.pk,))
can_record_participation = can_run_alliance


def may_agree_for(user: Any, swap: Swap) -> list[int]:
    """Ids of the members among the swap's two for which ``user`` may still agree."""
    waiting = []
    if swap.asker_agreed_at is None:
        waiting.append(swap.asker_id)
    if swap.other_id and swap.other_agreed_at is None:
        waiting.append(swap.other_id)
    own = {a.member_id for a in user.current_appointments if a.role in (Role.LIAISON, Role.LEADER)}
    return [pk for pk in waiting if pk in own]
