"""What the rotation puts into the registries; called once from ``apps.ready``."""

from alliances.enums import Role
from alliances.registry import (
    ClaimPanel,
    DeskCard,
    HandOver,
    LogCode,
    MemberPanel,
    MonthSteps,
    NavItem,
    OfficeColumns,
    Sweep,
    registries,
)
from rotation import desk, desk_month, integrity, integrity_month, office, panels, reminders
from rotation.exports import EXPORTS
from rotation.imports import PlanImport, WishesImport
from rotation.lifecycles import ACTIVITY, MEETING, PLAN, SLIP, SWAP, TASK
from rotation.selectors import month, served
from rotation.services import meetings, minutes, plans, replies, slips, steps

LOG_SENTENCES = {
    "rotation.wish.submit": "填报轮值意愿",
    "rotation.plan.open": "新建年度安排表",
    "rotation.plan.draft": "自动起草安排表",
    "rotation.plan.set_chairs": "安排轮值单位",
    "rotation.plan.lock": "锁定或解锁月份",
    "rotation.plan.describe": "修改主题、协办或备注",
    "rotation.plan.import": "导入往年安排表",
    "rotation.slip.issue": "发出提醒单",
    "rotation.slip.sign": "签收提醒单",
    "rotation.slip.nudge": "催办提醒单",
    "rotation.slip.escalate": "提醒单报书记",
    "rotation.swap.ask": "申请轮值调整",
    "rotation.swap.consent": "同意轮值调整",
    "rotation.meeting.prepare": "筹备会议",
    "rotation.meeting.reassign": "会议改由新的轮值主席召集",
    "rotation.meeting.nudge": "催办会议回执",
    "rotation.meeting.escalate": "会议回执报书记",
    "rotation.reply.answer": "填写会议回执",
    "rotation.task.give": "交办议定事项",
    "rotation.step.nudge": "催办本月环节",
    "rotation.step.escalate": "本月环节报书记",
    "rotation.activity.plan": "安排活动",
    "rotation.activity.change": "修改活动安排",
    "rotation.activity.move": "活动随轮值调整改期",
    "rotation.activity.join": "参加活动",
    "rotation.activity.leave": "不再参加活动",
    "rotation.activity.photo": "上传活动照片",
    "rotation.activity.unphoto": "删除活动照片",
}


def register() -> None:
    for code, sentence in LOG_SENTENCES.items():
        registries.log_codes.register(LogCode(code, sentence))
    for lifecycle in (PLAN, SWAP, SLIP, MEETING, TASK, ACTIVITY):
        lifecycle.register()
    registries.importers.register(PlanImport, order=30)
    registries.importers.register(WishesImport, order=40)
    for reminder in reminders.REMINDERS:
        registries.reminders.register(reminder)
    registries.sweeps.register(Sweep("rotation.slips", "发出提醒单", slips.issue_due), order=100)
    registries.sweeps.register(Sweep("rotation.seminars", "筹备研讨会", meetings.prepare_missing), order=110)
    registries.sweeps.register(Sweep("rotation.follow_up", "提示、催办、报书记", slips.follow_up), order=200)
    registries.sweeps.register(Sweep("rotation.steps", "本月环节提示、催办", steps.follow_up), order=210)
    registries.sweeps.register(Sweep("rotation.replies", "会议回执提示、催办", replies.follow_up), order=220)
    registries.sweeps.register(Sweep("rotation.tasks", "议定事项提示、催办", minutes.follow_up), order=230)
    registries.sweeps.register(Sweep("rotation.archive", "归档往年安排表", plans.close_past), order=300)
    for check in (*integrity.CHECKS, *integrity_month.CHECKS):
        registries.integrity.register(check)
    registries.desk_cards.register(DeskCard("rotation", desk.lines), order=10)
    registries.desk_cards.register(DeskCard("rotation.month", desk_month.desk_lines), order=20)
    registries.month_steps.register(MonthSteps("rotation", month.part), order=10)
    registries.office_columns.register(OfficeColumns("rotation", office.TITLES, office.cells), order=10)
    registries.member_panels.register(
        MemberPanel("rotation", "rotation/_member_panel.html", panels.member_panel), order=10
    )
    registries.claim_panels.register(
        ClaimPanel("rotation.activities", "rotation/_claim_activities.html", served.claim_panel), order=10
    )
    for export in EXPORTS:
        registries.exports.register(export)
    registries.hand_overs.register(HandOver("rotation", desk.hand_over_tasks))
    registries.hand_overs.register(HandOver("rotation.month", desk_month.hand_over_tasks))
    registries.nav.register(
        NavItem("year", "年度轮值", "rotation:this-year", _reads_alliance, on_phone=False), order=20
    )
    registries.nav.register(NavItem("month", "本月", "rotation:this-month", _reads_alliance), order=25)
    registries.nav.register(NavItem("meetings", "会议", "rotation:meetings", _reads_meetings), order=30)
    registries.nav.register(
        NavItem("activities", "活动", "rotation:activities", _reads_alliance, on_phone=False), order=35
    )
    registries.nav.register(
        NavItem(
            "slips", "提醒单台账", "rotation:ledger", lambda user: user.holds(*LEDGER_ROLES), on_phone=False
        ),
        order=50,
    )


LEDGER_ROLES = (Role.SECRETARY, Role.STAFF, Role.PRESIDENT, Role.OFFICE)


def _reads_alliance(user) -> bool:
    return user.holds(Role.SECRETARY, Role.STAFF, Role.PRESIDENT, Role.LIAISON, Role.LEADER, Role.STATION)


def _reads_meetings(user) -> bool:
    return _reads_alliance(user) or user.holds(Role.OFFICE)
