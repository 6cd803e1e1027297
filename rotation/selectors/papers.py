"""The rotation's papers as content: the annual table and the reminder slip (design, papers). Rendering is elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from alliances.documents import Paper, chinese_date, freeze
from alliances.enums import Role
from alliances.models import Member
from alliances.policies import can_run_alliance
from alliances.registry import registries
from alliances.selectors import directory
from alliances.selectors.settings import Defaults
from rotation.enums import PlanState, SwapKind
from rotation.models import Duty, Plan, Swap
from rotation.selectors import tables
from rotation.selectors.deadlines import LABELS, Chain

WEEKDAYS = "一二三四五六日"


def day_text(day: date) -> str:
    """3月2日（周一） - dates on slips name the weekday, as people plan by it."""
    return f"{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"


def issuer_of(duty: Duty) -> str:
    """Who signs: the community's party branch (seed 000)."""
    return f"{duty.alliance.organisation.name}党支部"


def slip_paper(
    duty: Duty,
    chairs: Sequence[Member],
    *,
    number: str,
    chain: Chain | None,
    issued_on: date,
    settings: Defaults,
    is_announced: bool = True,
) -> Paper:
    """The 轮值主席提醒单 of one month. ``chain`` None marks a slip issued after its month (补发): no latest dates.
    ``is_announced`` False: the year's holidays are not yet announced, and the slip says so."""
    names = "、".join(member.unit.name for member in chairs)
    fields = [
        ["轮值月份", f"{duty.plan.year}年{duty.month}月", "轮值方式", f"{duty.get_mode_display()}轮值"],
        ["轮值主席单位", names + (f"（牵头：{chairs[0].unit.name}）" if len(chairs) > 1 else "")],
        ["计划活动主题", duty.theme or "（待研讨会商定）"],
    ]
    if duty.partners:
        fields.append(["协办单位", duty.partners])
    if duty.ends_on > duty.period.end:
        fields.append(["办结期限", f"经备案顺延至{chinese_date(duty.ends_on)}"])
    opening = "按照年度轮值主席安排表，贵单位为本月轮值主席，现将有关安排提醒如下："
    blocks: list[dict[str, Any]] = [
        {"type": "recipient", "text": f"{names}："},
        {"type": "para", "text": opening},
        {"type": "fields", "rows": fields},
    ]
    if chain:
        blocks.append(_dates_table(chain, settings))
        note = "以上为最迟日期；提前签收的，发出通知单的时限自签收之日起算。"
        if not is_announced:
            note += f"{duty.plan.year}年放假安排尚未公布，日期暂按周一至周五为工作日推算。"
        blocks.append({"type": "note", "text": note})
    else:
        blocks.append({"type": "note", "text": "本单为补发，不再计算各环节时限。"})
    for section in registries.paper_sections:
        if section.paper == "rotation.slip":
            blocks += section.blocks(duty)
    blocks.append({"type": "para", "text": f"工作要求：{settings.slip_requirements}"})
    blocks += [
        {"type": "signature", "issuer": issuer_of(duty), "date": chinese_date(issued_on), "sealed": True},
        {
            "type": "receipt",
            "title": "回执",
            "rows": [["签收单位", names if len(chairs) == 1 else ""], ["签收人", "", "签收时间", ""]],
            "note": f"请签收后交回{duty.alliance.organisation.name}，也可在线签收。{_contact(duty)}",
        },
    ]
    return {
        "kind": "rotation.slip",
        "layout": "form",
        "title": "轮值主席提醒单",
        "number": number,
        "head": {"style": "plain", "issuer": duty.alliance.name},
        "date": issued_on.isoformat(),
        "blocks": blocks,
    }


def _dates_table(chain: Chain, settings: Defaults) -> dict[str, Any]:
    """Step, latest date, and how it is counted; the chat text leaves the last column out."""
    dates = chain.as_json()
    how = {
        "acknowledge_by": f"收到后{settings.acknowledge_within}个工作日内",
        "notice_by": f"签收后{settings.notice_within}个工作日内",
        "seminar_by": f"通知发出{settings.seminar_not_before}天后、{settings.seminar_within}个工作日内",
        "activity_by": "研讨会商定，最迟不晚于本日",
        "scoring_by": f"活动结束后{settings.scoring_days}天内",
        "feedback_by": f"打分截止后{settings.feedback_within}个工作日内",
    }
    return {
        "type": "table",
        "label": "时间安排",
        "columns": [
            {"title": "环节", "width": 32, "align": "center"},
            {"title": "最迟日期", "width": 32, "align": "center"},
            {"title": "怎么算", "width": 46, "align": "left", "in_text": False},
        ],
        "rows": [
            [label, day_text(date.fromisoformat(dates[key])), how[key]] for key, label in LABELS.items()
        ],
    }


def _contact(duty: Duty) -> str:
    people = [person for person in can_run_alliance.holders(duty.alliance) if person.phone]
    return f"联系人：{people[0].name} {people[0].phone}" if people else ""


def freeze_paper(paper: Paper) -> tuple[Paper, str]:
    """The content as it is stored and its sha256."""
    text, digest = freeze(paper)
    return json.loads(text), digest


def plan_paper(plan: Plan) -> Paper:
    """The 年度轮值主席安排表: landscape, one row a month, passed where and when, swaps noted below."""
    members = {m.pk: m for m in directory.members_of(plan.alliance)}
    rows = [_plan_row(duty, members) for duty in tables.duties_of(plan)]
    blocks: list[dict[str, Any]] = [
        {
            "type": "table",
            "repeat_header": True,
            "columns": [
                {"title": "月份", "width": 11, "align": "center"},
                {"title": "轮值方式", "width": 11, "align": "center"},
                {"title": "轮值主席单位", "width": 36, "align": "left"},
                {"title": "负责人", "width": 14, "align": "center"},
                {"title": "联络员及电话", "width": 40, "align": "left"},
                {"title": "计划活动主题", "width": 50, "align": "left"},
                {"title": "协办单位", "width": 32, "align": "left"},
                {"title": "备注", "width": 22, "align": "left"},
            ],
            "rows": rows,
        }
    ]
    blocks += [{"type": "note", "text": f"注：{text}"} for text in _swap_notes(plan)]
    blocks.append({"type": "foot", "items": ["制表人：", "审核人：", "负责人："]})
    state = {
        PlanState.PASSED: f"{plan.passed_on and chinese_date(plan.passed_on)}{plan.passed_meeting}通过",
        PlanState.CLOSED: "已归档",
    }.get(PlanState(plan.state), f"（{plan.get_state_display()}）")
    return {
        "kind": "rotation.plan",
        "layout": "table",
        "orientation": "landscape",
        "title": f"{plan.alliance.name}{plan.year}年度轮值主席安排表",
        "subline": [f"填报单位：{plan.alliance.organisation.name}", state],
        "blocks": blocks,
    }


def _plan_row(duty: Duty, members: dict[int, Member]) -> list[str]:
    chairs = [members.get(c.member_id, c.member) for c in duty.chairs.all()]

    def people(role: str, *, phone: bool) -> str:
        posts = [directory.holder(member, role) for member in chairs]
        if not any(posts):
            return ""
        return "\n".join(
            (f"{p.person.name} {p.person.phone}".strip() if phone else p.person.name) if p else "—"
            for p in posts
        )

    return [
        f"{duty.month}月",
        duty.get_mode_display(),
        # One unit a line, so that leader and liaison stand beside their own.
        "\n".join(member.unit.name for member in chairs),
        people(Role.LEADER, phone=False),
        people(Role.LIAISON, phone=True),
        duty.theme,
        duty.partners,
        duty.note,
    ]


def _swap_notes(plan: Plan) -> list[str]:
    return [
        f"{chinese_date(s.filed_at.date())}备案，{describe_swap(s)}（{s.reason}）"
        for s in tables.filed_swaps(plan)
    ]


def describe_swap(swap: Swap) -> str:
    """调换：县财政局5月 ⇄ 县交警队8月 - one line for lists, messages and the foot of the table."""
    asker = swap.asker.unit.name
    if swap.kind == SwapKind.SWAP:
        return f"调换：{asker}{swap.duty.month}月 ⇄ {swap.other.unit.name}{swap.other_duty.month}月"
    if swap.kind == SwapKind.STAND_IN:
        return f"代理：{swap.duty.month}月由{swap.other.unit.name}代{asker}轮值"
    return f"顺延：{asker}{swap.duty.month}月轮值顺延至{swap.until.month}月{swap.until.day}日"
