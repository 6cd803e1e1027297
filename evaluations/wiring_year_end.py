"""What the year's end puts into the registries; called by ``wiring.register``."""

from typing import Any

from alliances.enums import Role
from alliances.registry import DeskCard, HandOver, LogCode, MemberPanel, NavItem, Sweep, registries
from evaluations import desk_year, integrity_year
from evaluations.lifecycles_year import LIFECYCLES
from evaluations.services import two_way

# A unit's vote has no sentence here: it writes no row of the log (decision 0010).
LOG_SENTENCES = {
    "evaluations.two_way.prepare": "准备双向评议",
    "evaluations.two_way.record": "代录单位评社区票",
    "evaluations.two_way.enter": "录入一事一评票数",
    "evaluations.year_summary.draft": "生成年度汇总",
    "evaluations.award_list.begin": "整理评选表彰推荐",
    "evaluations.award_list.propose": "重新整理评选表彰推荐",
    "evaluations.award_list.kinds": "确定奖项",
    "evaluations.award_list.correct": "更正评选表彰",
    "evaluations.candidate.propose": "按事实推荐表彰候选",
    "evaluations.candidate.add": "补充表彰候选",
    "evaluations.candidate.drop": "撤下不再达到推荐线的候选",
    "evaluations.candidate.carry": "更正稿沿用表彰候选",
}


def register() -> None:
    for code, sentence in LOG_SENTENCES.items():
        registries.log_codes.register(LogCode(code, sentence))
    for lifecycle in LIFECYCLES:
        lifecycle.register()
    registries.sweeps.register(Sweep("evaluations.two_way", "双向评议截止", two_way.close_due), order=95)
    for check in integrity_year.CHECKS:
        registries.integrity.register(check)
    registries.desk_cards.register(DeskCard("evaluations.year_end", desk_year.lines), order=40)
    registries.hand_overs.register(HandOver("evaluations.year_end", desk_year.hand_over_tasks))
    registries.member_panels.register(
        MemberPanel("evaluations.awards", "evaluations/_member_awards.html", desk_year.member_panel), order=40
    )
    registries.nav.register(
        NavItem("year-end", "年终", "evaluations:year-end", _reads, on_phone=False), order=48
    )


def _reads(user: Any) -> bool:
    return user.holds(
        Role.SECRETARY, Role.STAFF, Role.PRESIDENT, Role.LIAISON, Role.LEADER, Role.STATION, Role.OFFICE
    )
