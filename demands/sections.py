"""What the demand loop adds to other apps' papers: the slip names open demands that suit its units."""

from typing import Any

from demands.selectors import fitting

MOST = 3


def slip_blocks(duty: Any) -> list[dict[str, Any]]:
    """A table of open demands that fit the chair units, read when the slip is issued: number, category, why; empty
    without any. No resident's words: the slip is printed and copied into chats."""
    rows: dict[str, list[str]] = {}
    for chair in duty.chairs.all():
        for row in fitting.demands_for(chair.member, MOST):
            rows.setdefault(
                row.demand.number, [row.demand.number, str(row.demand.category), chair.member.unit.name]
            )
    if not rows:
        return []
    listed = list(rows.values())[: MOST * 2]
    return [
        {
            "type": "table",
            "label": "待认领需求（适合轮值单位的）",
            "columns": [
                {"title": "编号", "width": 46, "align": "left"},
                {"title": "类别", "width": 40, "align": "left"},
                {"title": "适合单位", "width": 40, "align": "left"},
            ],
            "rows": listed,
        }
    ]
