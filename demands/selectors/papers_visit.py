"""The 验收单 of one claim as content: what was promised and delivered, places to tick and lines to write on (design,
papers). The station fills it in by hand; the community records it from the sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alliances import clock
from alliances.documents import Paper, chinese_date
from demands import policies
from demands.enums import Verdict
from demands.models import Acceptance, Claim
from demands.selectors import contacts
from demands.selectors.lists import project_title

BLANK_DAY = "　　年　　月　　日"


def visit_sheet(claim: Claim, visits: Sequence[Acceptance]) -> Paper:
    """One page for the next visit to ``claim``; ``visits`` are those before, oldest first. Names no resident."""
    demand = claim.demand
    authors = contacts.authors_of([demand])[demand.pk]

    def veil(words: str) -> str:
        return contacts.veil(words, authors)

    place = policies.station_of(demand)
    failed = [row for row in visits if row.verdict == Verdict.FAILED]
    fields: list[list[Any]] = [
        ["项目名称", project_title(claim, veil)],
        ["认领单位", f"{claim.member.unit.name}（{claim.get_part_display()}）", "责任人", claim.responsible],
        ["服务措施", veil(claim.measures)],
        ["验收站点", place.name, "紧急程度", demand.get_urgency_display()],
        ["完成时限", chinese_date(claim.due_on), "完成日期", _day(claim)],
    ]
    if claim.result:
        fields.append(["完成情况", veil(claim.result)])
    if failed:
        last = failed[-1]
        fields.append(
            [f"第{last.visit}次验收", f"{chinese_date(last.visited_on)}，退回整改：{veil(last.to_mend)}"]
        )
    blocks: list[dict[str, Any]] = [
        {"type": "fields", "rows": fields},
        {
            "type": "fields",
            "rows": [
                ["验收次数", f"第 {len(visits) + 1} 次", "验收日期", BLANK_DAY],
                ["验收结论", "□ 合格　　　　　□ 退回整改"],
                ["整改要求", "\n\n\n\n"],
                *([["整改情况", "\n\n\n"]] if failed else []),
                ["验收人", "\n", "认领单位", "\n"],
            ],
        },
        {
            "type": "note",
            "text": f"请在结论前打√，验收人和认领单位签名；退回整改的，写明要改什么。填好后交{demand.alliance.organisation.name}登记，"
            "也可由站点直接在手机上验收。",
        },
    ]
    return {
        "kind": "demands.visit",
        "layout": "form",
        "title": "服务项目验收单",
        "number": demand.number,
        "head": {"style": "plain", "issuer": demand.alliance.name},
        "date": clock.today().isoformat(),
        "blocks": blocks,
    }


def _day(claim: Claim) -> str:
    return chinese_date(claim.delivered_on) if claim.delivered_on else BLANK_DAY
