"""What the foundation puts into the registries; called once from ``apps.ready``."""

from django.conf import settings

from alliances import checks, clock, desk, integrity, panels
from alliances.enums import Role
from alliances.exports import EXPORTS
from alliances.imports import MembersImport, OrganisationsImport
from alliances.lifecycles import LIFECYCLES
from alliances.registry import DeskCard, LogCode, MemberPanel, NavItem, Sweep, registries
from alliances.reminders import REMINDERS
from alliances.services import demo_clock, digests, export_jobs, imports, outbox, promises

LOG_SENTENCES = {
    "alliances.organisation.add": "登记组织",
    "alliances.organisation.settings": "修改设置",
    "alliances.alliance.found": "成立联盟",
    "alliances.alliance.change": "修改联盟资料",
    "alliances.day.correct": "调整工作日",
    "alliances.day.uncorrect": "撤销工作日调整",
    "alliances.unit.add": "登记单位",
    "alliances.unit.change": "修改单位资料",
    "alliances.member.join": "单位加入联盟",
    "alliances.member.change": "修改成员资料",
    "alliances.member.leave": "单位退出联盟",
    "alliances.agreement.sign": "登记协议",
    "alliances.commitment.add": "登记承诺事项",
    "alliances.appointment.appoint": "任职",
    "alliances.appointment.end": "结束任职",
    "alliances.invitation.create": "发出邀请",
    "alliances.invitation.accept": "接受邀请并开通账号",
    "alliances.account.reset_password": "重置密码",
    "alliances.account.enable": "启用账号",
    "alliances.account.disable": "停用账号",
    "alliances.account.login": "登录",
    "alliances.account.logout": "退出登录",
    "alliances.account.login_failed": "登录失败",
    "alliances.message.send_again": "重发消息",
    "alliances.import.commit": "导入表格",
    "alliances.export.download": "导出表格",
    "alliances.bulletin.publish": "在朋友圈发布",
    "alliances.bulletin.attach": "添加附件",
    "alliances.bulletin.withdraw": "撤下朋友圈内容",
    "alliances.demo.advance": "移动演示时钟",
}


def register() -> None:
    for code, sentence in LOG_SENTENCES.items():
        registries.log_codes.register(LogCode(code, sentence))
    for lifecycle in LIFECYCLES:
        lifecycle.register()
    for reminder in REMINDERS:
        registries.reminders.register(reminder)
    registries.sweeps.register(Sweep("alliances.promises", "承诺事项提示", promises.remind), order=60)
    # Order: what is due is written first, reminders are bundled after it, the sender runs last.
    registries.sweeps.register(Sweep("alliances.digests", "汇总提示", digests.send_due), order=800)
    registries.sweeps.register(Sweep("alliances.outbox", "发送消息", outbox.send_due), order=900)
    for check in integrity.CHECKS:
        registries.integrity.register(check)
    registries.sweeps.register(
        Sweep("alliances.import_drafts", "清理导入草稿", imports.purge_drafts), order=950
    )
    # Last: a large table may take a minute, and nothing else of the tick should wait for it.
    registries.sweeps.register(
        Sweep("alliances.exports_purge", "清理过期的表格", export_jobs.purge), order=955
    )
    registries.sweeps.register(Sweep("alliances.exports", "生成表格", export_jobs.make_due), order=990)
    registries.importers.register(OrganisationsImport, order=10)
    registries.importers.register(MembersImport, order=20)
    for export in EXPORTS:
        registries.exports.register(export)
    for item, order in NAV:
        registries.nav.register(item, order=order)
    registries.desk_cards.register(DeskCard("alliances", desk.lines), order=50)
    registries.member_panels.register(
        MemberPanel("commitments", "alliances/_member_commitments.html", panels.member_commitments), order=5
    )
    checks.register()
    if settings.DEMO:
        clock.use_shift(demo_clock.shift)


def _has_alliance(user) -> bool:
    return user.holds(Role.SECRETARY, Role.STAFF, Role.PRESIDENT, Role.LIAISON, Role.LEADER, Role.STATION)


NAV = (
    (NavItem("desk", "工作台", "alliances:desk", lambda user: True), 10),
    (NavItem("office", "社区一览", "alliances:office", lambda user: user.holds(Role.OFFICE)), 15),
    (
        NavItem(
            "circle",
            "朋友圈",
            "alliances:circle",
            lambda user: _has_alliance(user) or user.holds(Role.OFFICE),
        ),
        45,
    ),
    (NavItem("members", "成员单位", "alliances:members", lambda user: _has_alliance(user)), 60),
    (
        NavItem(
            "imports",
            "导入",
            "alliances:imports",
            lambda user: user.holds(Role.SECRETARY, Role.STAFF, Role.ADMINISTRATOR),
            on_phone=False,
        ),
        80,
    ),
    (
        NavItem(
            "outbox",
            "消息发送",
            "alliances:outbox",
            lambda user: user.holds(Role.SECRETARY, Role.STAFF),
            on_phone=False,
        ),
        85,
    ),
    (
        NavItem(
            "settings",
            "设置",
            "alliances:settings",
            lambda user: user.holds(Role.SECRETARY, Role.STAFF, Role.OFFICE),
            on_phone=False,
        ),
        87,
    ),
    (
        NavItem(
            "accounts",
            "账号",
            "alliances:accounts",
            lambda user: user.holds(Role.ADMINISTRATOR),
            on_phone=False,
        ),
        90,
    ),
    (
        NavItem(
            "status",
            "运行状态",
            "alliances:status",
            lambda user: user.holds(Role.ADMINISTRATOR),
            on_phone=False,
        ),
        92,
    ),
    (NavItem("log", "操作日志", "alliances:log", lambda user: user.holds(Role.AUDITOR)), 95),
)
