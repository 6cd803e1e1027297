"""Papers of the two-way evaluation: the sheets that are handed out, and the result as it is published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from alliances.documents import Paper, chinese_date
from evaluations import yearly
from evaluations.arithmetic import LEVELS
from evaluations.models import TwoWay, TwoWayItem
from evaluations.selectors.two_way import Figures, community_words

Block = dict[str, Any]
NOTHING = "—"
HOW_SCORED = (
    "注：单位评社区，有效票不足3张的不计分；代表评事项，好、较好、一般、差分别按100、80、60、40分计，了解情况的不足10人的不计分；"
    "“不了解”不计入。单位得分为其各事项得分的平均。"
)


def _frame(two_way: TwoWay, kind: str, title: str, blocks: list[Block], layout: str = "form") -> Paper:
    return {
        "kind": f"evaluations.{kind}",
        "layout": layout,
        "title": title,
        "head": {"style": "plain", "issuer": two_way.alliance.name},
        "blocks": blocks,
    }


def _columns(*columns: tuple[str, int]) -> list[dict[str, Any]]:
    """(title, width); a negative width is text at the left."""
    return [
        {"title": title, "width": abs(width), "align": "left" if width < 0 else "center"}
        for title, width in columns
    ]


# --- handed out ------------------------------------------------------------------------------------------------------


def representatives_sheet(two_way: TwoWay, items: Sequence[TwoWayItem]) -> Paper:
    """一事一评票: all items of all units, a box for every mark. Printed once a representative."""
    rows = [
        [number, item.member.unit.name, item.text, item.outcome or NOTHING, *[""] * len(yearly.MARK_WORDS)]
        for number, item in enumerate(items, start=1)
    ]
    columns = [("序号", 11), ("单位", -30), ("承诺事项、服务项目", -42), ("完成情况", -38)]
    blocks: list[Block] = [
        {"type": "note", "text": "不记名。每一行在相应的一栏打√，只选一栏；不清楚的打在“不了解”栏。"},
        {
            "type": "table",
            "columns": _columns(*columns, *[(word, 12) for word in yearly.MARK_WORDS.values()]),
            "rows": rows,
            "repeat_header": True,
        },
        {
            "type": "note",
            "text": f"请于会上交回。本票用于{two_way.year}年度成员单位承诺事项一事一评，结果向联盟公开。",
        },
    ]
    return _frame(two_way, "two_way_sheet", f"{two_way.year}年度党员群众代表一事一评票", blocks)


def unit_sheet(two_way: TwoWay) -> Paper:
    """评社区的票, for units that answer on paper."""

    words = [word for _, word in LEVELS]
    blocks: list[Block] = [
        {"type": "note", "text": "不记名。每一项在相应的一栏打√，不清楚的打在“不了解”栏。"},
        {
            "type": "table",
            "columns": _columns(("项目", -40), ("分值", 14), *[(word, 16) for word in words], ("不了解", 18)),
            "rows": [[item["title"], item["weight"], *[""] * 6] for item in two_way.items],
        },
        {
            "type": "note",
            "text": f"请于{chinese_date(two_way.closes_on)}前交社区。社区代为录入，只记哪家单位评过，不记打了多少分。",
        },
    ]
    return _frame(two_way, "two_way_unit_sheet", f"{two_way.year}年度单位评社区票", blocks)


# --- the result -----------------------------------------------------------------------------------------------------


def result_paper(two_way: TwoWay, figures: Figures, *, published_on: date) -> Paper:
    """双向评议结果: what the units say of the community, what the representatives say of every item."""
    community, counts = figures["community"], figures["counts"]
    blocks: list[Block] = [
        {"type": "recipient", "text": "各成员单位："},
        {"type": "para", "text": f"{two_way.year}年度双向评议已经结束，现将结果公开如下。"},
        {
            "type": "fields",
            "rows": [
                ["单位评社区", community_words(figures)],
                ["票数", _ballot_words(counts, community)],
                *([["95%区间", f"{community['low']}—{community['high']}"]] if community["low"] else []),
            ],
        },
        {
            "type": "table",
            "label": "单位评社区各项得分率",
            "columns": _columns(("项目", -70), ("分值", 24), ("打分的票", 30), ("得分率", 32)),
            "rows": [
                [
                    item["title"],
                    item["weight"],
                    item["n"] if item["rate"] else NOTHING,
                    f"{item['rate']}%" if item["rate"] else "票数不足",
                ]
                for item in community["items"]
            ],
        },
        {"type": "para", "text": f"党员群众代表一事一评：{sheet_words(figures)}。"},
    ]
    if figures["sheets"] and figures["units"]:
        blocks.append(_items_table(figures))
    blocks += [
        {"type": "note", "text": HOW_SCORED},
        {
            "type": "signature",
            "issuer": two_way.alliance.name,
            "date": chinese_date(published_on),
            "sealed": True,
        },
    ]
    paper = _frame(two_way, "two_way", f"{two_way.year}年度双向评议结果", blocks)
    return {**paper, "date": published_on.isoformat()}


def _ballot_words(counts: dict[str, int], community: dict[str, Any]) -> str:
    words = f"应评{counts['asked']}家，已评{counts['voted']}家"
    return words + (f"，弃权{community['abstained']}家" if community["abstained"] else "")


def sheet_words(figures: Figures) -> str:
    sheets = figures["sheets"]
    if not figures["units"]:
        return "本年度没有到期的承诺事项和领办服务项目"
    if sheets is None:
        return "本年度没有录入代表评议"
    met = date.fromisoformat(sheets["met_on"])
    return f"{chinese_date(met)}党员群众代表会，发放{sheets['handed_out']}张，收回{sheets['returned']}张"


def _items_table(figures: Figures) -> Block:
    rows = []
    for unit in figures["units"]:
        for item in unit["items"]:
            marks = (
                "/".join(str(item["counts"][key]) for key in yearly.MARK_WORDS) if item["counts"] else NOTHING
            )
            half = f"±{item['half']}" if item["half"] is not None else NOTHING
            rows.append(
                [unit["unit"], item["text"], marks, item["valid"], item["score"] or "不计分", half, item["grade"] if item["score"] else NOTHING]
            )  # fmt: skip
    marks = "/".join(yearly.MARK_WORDS.values())
    columns = [
        ("单位", -34),
        ("事项", -50),
        (marks, 28),
        ("有效", 12),
        ("得分", 14),
        ("误差", 14),
        ("等次", 14),
    ]
    return {"type": "table", "columns": _columns(*columns), "rows": rows, "repeat_header": True}


def result_text(year: int, figures: Figures) -> str:
    """The result as plain lines, for the circle and the group chat."""
    lines = [f"单位评社区：{community_words(figures)}", f"代表一事一评：{sheet_words(figures)}"]
    if figures["sheets"]:
        for unit in figures["units"]:
            score = f"{unit['score']}分" if unit["score"] else "了解情况的代表不足10人，不计分"
            lines.append(f"{unit['unit']}（{len(unit['items'])}项）：{score}")
    return "\n".join(lines)
