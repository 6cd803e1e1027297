"""What the working loop puts into the registries: its log codes, reminders, sweeps, desk lines, its part of the slip."""

from typing import Any

from alliances.enums import Role
from alliances.registry import (
    DeskCard,
    DeskFragment,
    HandOver,
    LogCode,
    MemberPanel,
    NavItem,
    PaperSection,
    Sweep,
    registries,
)
from demands import desk, panels, sections
from demands.reminders import REMINDERS
from demands.selectors import places
from demands.services import dispatch, follow_up, privacy

LOG_SENTENCES = {
    "demands.demand.take_in": "登记群众需求",
    "demands.demand.share": "共享需求到上级大厅",
    "demands.demand.unshare": "取消共享",
    "demands.demand.hand_up": "上报需求",
    "demands.demand.hall": "需求进入领办大厅",
    "demands.demand.reopen_by_author": "需求人要求重新办理",
    "demands.demand.anonymise": "清除需求人信息",
    "demands.author.reveal": "查看需求人联系方式",
    "demands.author.delete": "需求人删除自己的信息",
    "demands.door.open": "启用点单二维码",
    "demands.door.close": "停用点单二维码",
    "demands.offer.make": "派单到单位",
    "demands.offer.withdraw": "收回派单",
    "demands.claim.take": "认领需求",
    "demands.claim.lead": "改为牵头",
    "demands.claim.note": "填写办理进展",
    "demands.claim.photo": "上传进展照片",
    "demands.claim.unphoto": "删除进展照片",
    "demands.claim.release_contact": "放行敏感需求联系方式",
    "demands.extension.ask": "申请延期",
    "demands.acceptance.visit": "验收",
    "demands.call_back.ask": "安排回访",
    "demands.call_back.drop": "撤销未完成的回访",
    "demands.call_back.try": "回访未接通",
    "demands.call_back.link": "发送回访链接",
    "demands.call_back.follow_up": "填写跟进措施",
    "demands.resource.hours": "设置开放时间",
    "demands.booking.ask": "预约场地",
    "demands.booking.delete": "预约人删除自己的信息",
    "demands.booking.anonymise": "清除预约人信息",
    "demands.booking.reveal": "查看预约人联系方式",
    "demands.review.nudge": "催办受理需求",
    "demands.review.escalate": "受理需求报书记",
    "demands.claim.nudge": "催办认领项目",
    "demands.claim.escalate": "认领项目报书记",
    "demands.call_back.nudge": "催办回访",
    "demands.call_back.escalate": "回访报书记",
}
SWEEPS = (
    # First what lapses and opens, then what is said about the rest.
    ("demands.dispatch", "派单到期、开放领办", dispatch.sweep, 120),
    ("demands.reviews", "受理需求提示、催办", follow_up.reviews, 240),
    ("demands.offers", "回复派单提示", follow_up.offers, 240),
    ("demands.claims", "认领项目提示、催办", follow_up.claims, 240),
    ("demands.visits", "验收提示", follow_up.visits, 240),
    ("demands.call_backs", "回访提示、催办", follow_up.call_backs, 240),
    ("demands.privacy", "清除到期的需求人信息", privacy.anonymise_due, 310),
)


def register() -> None:
    for code, sentence in LOG_SENTENCES.items():
        registries.log_codes.register(LogCode(code, sentence))
    for reminder in REMINDERS:
        registries.reminders.register(reminder)
    for name, title, run, order in SWEEPS:
        registries.sweeps.register(Sweep(name, title, run), order=order)
    registries.desk_cards.register(DeskCard("demands", desk.lines), order=15)
    registries.desk_fragments.register(
        DeskFragment(
            "demands.suitable",
            "适合本单位的需求",
            places.SUITABLE,
            places.HALL,
            "打开领办大厅",
            lambda user: user.holds(Role.LIAISON),
        ),
        order=10,
    )
    registries.hand_overs.register(HandOver("demands", desk.hand_over_tasks))
    registries.member_panels.register(
        MemberPanel("demands", "demands/_member_panel.html", panels.member_panel), order=20
    )
    registries.paper_sections.register(
        PaperSection("demands.fitting", "rotation.slip", sections.slip_blocks), order=10
    )
    # On a station's phone beside the desk; in the community it is one thing among many.
    registries.nav.register(
        NavItem("call-backs", "回访", "demands:call-backs", lambda user: user.holds(Role.STATION)), order=27
    )
    registries.nav.register(
        NavItem("call-backs-office", "回访", "demands:call-backs", _runs_without_station, on_phone=False),
        order=62,
    )
    registries.nav.register(
        NavItem(
            "doors",
            "居民点单",
            "demands:doors",
            lambda user: user.holds(Role.SECRETARY, Role.STAFF),
            on_phone=False,
        ),
        order=63,
    )


def _runs_without_station(user: Any) -> bool:
    return user.holds(Role.SECRETARY, Role.STAFF) and not user.holds(Role.STATION)
