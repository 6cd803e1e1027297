"""责任清单: the year's commitments of all units with their fulfilment, as a paper (seed 004)."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from alliances import clock
from alliances.documents.paper import Paper, chinese_date
from alliances.enums import CommitmentState
from alliances.models import Alliance, Commitment
from alliances.selectors import commitments
from alliances.selectors.commitments import Question
from alliances.selectors.periods import Period


def title(alliance: Alliance, year: int) -> str:
    return f"{alliance.name}{year}年度责任清单"


def responsibility(alliance: Alliance, year: int) -> Paper | None:
    """Everything due in ``year``, unit by unit in the roster's order; None where nothing was. One query."""
    rows = commitments.shown(Question(Period(year)).rows(alliance)).order_by("member", "due_on", "pk")
    found = list(rows)
    if not found:
        return None
    columns: list[dict[str, Any]] = [
        {"title": "序号", "width": 10, "align": "center"},
        {"title": "责任单位", "width": 36, "align": "left"},
        {"title": "承诺事项", "width": 58, "align": "left"},
        {"title": "依据", "width": 36, "align": "left"},
        {"title": "完成期限", "width": 24, "align": "center"},
        {"title": "状态", "width": 26, "align": "center"},
        {"title": "兑现情况", "width": 56, "align": "left"},
    ]
    table = {
        "type": "table",
        "repeat_header": True,
        "columns": columns,
        "rows": [
            row
            for no, (_, own) in enumerate(groupby(found, key=lambda one: one.member_id), 1)
            for row in _rows(no, list(own))
        ],
    }
    return {
        "kind": "alliances.responsibility",
        "layout": "table",
        "orientation": "landscape",
        "title": title(alliance, year),
        "subline": [
            f"填报单位：{alliance.organisation.name}",
            f"截至{chinese_date(clock.today())}",
        ],
        "blocks": [
            table,
            {"type": "note", "text": _summary(found)},
            {"type": "foot", "items": ["制表人：", "审核人：", "负责人："]},
        ],
    }


def _rows(no: int, own: list[Commitment]) -> list[list[Any]]:
    """A unit's promises; its number and name stand at each, so that a page torn off still says whose they are."""
    today = clock.today()
    return [
        [
            no,
            one.member.unit.name,
            one.text,
            one.agreement.get_kind_display() if one.agreement else "",
            one.due_on.isoformat(),
            commitments.state_words(one, today)[0],
            _what_became(one),
        ]
        for one in own
    ]


def _what_became(one: Commitment) -> str:
    if one.state == CommitmentState.FULFILLED and one.fulfilled_on:
        return f"{one.evidence}（{chinese_date(one.fulfilled_on)}）"
    return f"原因：{one.reason}" if one.state == CommitmentState.WAIVED else ""


def _summary(found: list[Commitment]) -> str:
    """共 23 项，已兑现 15 项，…: what the year's list says in one line."""
    fulfilled = sum(one.state == CommitmentState.FULFILLED for one in found)
    waived = sum(one.state == CommitmentState.WAIVED for one in found)
    units = len({one.member_id for one in found})
    return (
        f"注：{units}家单位共{len(found)}项，已兑现{fulfilled}项，待兑现{len(found) - fulfilled - waived}项，"
        f"不再考核{waived}项。"
    )
