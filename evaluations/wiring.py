"""What scoring puts into the registries; called once from ``apps.ready``."""

from typing import Any

from alliances.enums import Role
from alliances.registry import (
    AgendaItem,
    DeskCard,
    HandOver,
    LogCode,
    MonthSteps,
    NavItem,
    OfficeColumns,
    PaperSection,
    Sweep,
    registries,
)
from evaluations import (
    desk,
    integrity,
    integrity_quarter,
    office,
    reminders,
    wiring_assessments,
    wiring_quarter_office,
    wiring_year_end,
)
from evaluations.lifecycles import ASSESSMENT, FEEDBACK, ROUND
from evaluations.selectors import comments as comment_reads
from evaluations.selectors import papers
from evaluations.services import comments, drafting, feedbacks, pressing, rounds

# A vote has no sentence here: it writes no row of the log (see ``models.ballots``).
LOG_SENTENCES = {
    "evaluations.rubric.save": "修改评议表",
    "evaluations.round.prepare": "准备评议",
    "evaluations.code.print": "打印评议码",
    "evaluations.code.void": "作废评议码",
    "evaluations.ballot.record": "代录单位评议票",
    "evaluations.paper.enter": "录入纸质评议票",
    "evaluations.paper.correct": "更正纸质评议票张数",
    "evaluations.paper.clear": "清空纸质评议票重新录入",
    "evaluations.feedback.begin": "评议出结果，起草评议反馈",
    "evaluations.feedback.write": "撰写评议反馈",
    "evaluations.feedback.correct": "更正评议反馈",
    "evaluations.feedback.nudge": "催办评议反馈",
    "evaluations.feedback.escalate": "评议反馈报书记",
    "evaluations.scheme.save": "修改考核方案",
    "evaluations.assessment.drafted": "起草季度考核评议报告",
    "evaluations.assessment.write": "撰写季度考核评议报告",
    "evaluations.assessment.adjust": "考核加减分",
    "evaluations.assessment.acknowledge": "知悉季度考核评议报告",
    "evaluations.assessment.revise": "更正季度考核评议报告",
    "evaluations.assessment.nudge": "催办季度考核评议报告",
    "evaluations.assessment.urge": "催报季度考核评议报告",
    "evaluations.comment.write": "撰写点评",
    "evaluations.comment.give": "点评在研讨会通报",
}


def register() -> None:
    for code, sentence in LOG_SENTENCES.items():
        registries.log_codes.register(LogCode(code, sentence))
    for lifecycle in (ROUND, FEEDBACK, ASSESSMENT):
        lifecycle.register()
    for reminder in reminders.REMINDERS:
        registries.reminders.register(reminder)
    # Before the slips of a new month (order 100), which print last month's results.
    registries.sweeps.register(Sweep("evaluations.rounds", "评议开放、截止、出结果", rounds.run), order=90)
    registries.sweeps.register(
        Sweep("evaluations.plan_assessments", "安排季度考核评议", drafting.plan_due), order=210
    )
    registries.sweeps.register(Sweep("evaluations.comments", "点评通报", comments.settle_given), order=220)
    # After everything that somebody waits for: the night of a quarter's end has many drafts to make.
    registries.sweeps.register(
        Sweep("evaluations.draft_assessments", "起草季度考核评议报告", drafting.draft_waiting), order=980
    )
    for name, title, run in (
        ("evaluations.remind_votes", "评议打分提示", rounds.remind),
        ("evaluations.follow_up", "评议反馈提示、催办、报书记", feedbacks.follow_up),
        ("evaluations.remind_comments", "点评提示", comments.remind),
        ("evaluations.press_assessments", "考核评议报告提示、催办", pressing.follow_up),
    ):
        registries.sweeps.register(Sweep(name, title, run), order=230)
    for check in (*integrity.CHECKS, *integrity_quarter.CHECKS):
        registries.integrity.register(check)
    registries.office_columns.register(OfficeColumns("evaluations", office.TITLES, office.cells), order=20)
    registries.desk_cards.register(DeskCard("evaluations", desk.lines), order=20)
    registries.month_steps.register(MonthSteps("evaluations", desk.month_part), order=20)
    registries.hand_overs.register(HandOver("evaluations", desk.hand_over_tasks))
    registries.nav.register(
        NavItem("rounds", "评议", "evaluations:rounds", _reads_alliance, on_phone=False), order=40
    )
    registries.agenda_items.register(AgendaItem("evaluations.comment", comment_reads.agenda_items))
    registries.paper_sections.register(
        PaperSection("evaluations.last_month", "rotation.slip", papers.slip_section), order=20
    )
    wiring_assessments.register()
    wiring_quarter_office.register()
    wiring_year_end.register()


def _reads_alliance(user: Any) -> bool:
    return user.holds(Role.SECRETARY, Role.STAFF, Role.PRESIDENT, Role.LIAISON, Role.LEADER, Role.STATION)
