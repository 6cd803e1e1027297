"""The five attachments of a quarter's report as paper blocks (design, papers: 季度专项考核评议报告)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluations.selectors import papers_quarter_charts as charts
from evaluations.selectors import papers_quarter_words as words
from evaluations.selectors.papers_quarter_words import NOTHING, Document

Block = dict[str, Any]
TITLES = ("轮值履职一览表", "活动一览表", "四项清单汇总表", "评议得分汇总表", "各单位认领完成统计表")
STEPS = (
    ("slip", "提醒单\n签收"),
    ("notice", "研讨会\n通知"),
    ("seminar", "研讨会"),
    ("activity", "活动"),
    ("feedback", "评议\n反馈"),
)
# Name of a table of the facts, of its list, and of what its rows are told apart by.
LISTS = (
    ("resources", "资源清单", "按类别"),
    ("demands", "需求清单", "按状态"),
    ("groups", "需求清单", "按大类"),
    ("sources", "需求清单", "按来源"),
    ("urgency", "需求清单", "按缓急"),
    ("offers", "认领清单", "派单回复"),
    ("claims", "认领清单", "按状态"),
    ("acceptances", "验收清单", "验收结论"),
    ("answers", "验收清单", "回访满意度"),
)
RATE_KEYS = (
    ("rates.response", "响应率"),
    ("rates.resolved", "解决率"),
    ("rates.on_time", "按时率"),
    ("rates.satisfied", "满意率"),
    ("rates.strictly", "满意率\n（从严）"),
    ("commitments", "承诺\n兑现率"),
    ("attendance", "到会率"),
)
MEMBER_RATES = (
    ("on_time", "按时率"),
    ("resolved", "解决率"),
    ("satisfied", "满意率"),
    ("response", "响应率"),
    ("commitments", "承诺\n兑现率"),
)
NOTE_RATES = (
    "注：响应率＝按期答复的派单÷本季度到期的派单；解决率＝本季度到期且季度末前验收通过的项目÷本季度到期的项目；"
    "按时率＝其中按期完成的项目；满意率＝非常满意、满意、基本满意的答复÷回访答复（不含“不了解”），从严的不含基本满意。"
)
NOTE_SCORES = (
    "注：单位占40%、群众占60%；一方有效票不足（单位3票、群众10票）的不采用，权重归另一方。"
    "成员单位考核评议仅供参考；没有数据的项目，其分值按比例归入其他项目；不足两项有数据的为“数据不足”。"
)


def attachments(document: Document) -> list[Block]:
    """The five attachments in order, each beginning on a new page."""
    facts = document
    label = facts["quarter"]["label"]
    contents = (
        [months(facts), *_chart(charts.participation(facts, 1))],
        [activities(facts)],
        [lists(facts), rates(facts), _note(NOTE_RATES), *_chart(charts.trend(facts, 2))],
        [results(facts), *_chart(charts.scores(facts, 3)), *assessed(document), _note(NOTE_SCORES)],
        [
            members(facts),
            _note("注：各单位认领项目含在其他社区的项目；比率下方为分子/分母，“—”为本季度无此事项。"),
        ],
    )
    return [
        {"type": "attachment", "no": no, "title": f"{label}{title}", "blocks": blocks}
        for no, (title, blocks) in enumerate(zip(TITLES, contents, strict=True), 1)
    ]


def _chart(block: Block | None) -> list[Block]:
    return [block] if block else []


def _note(text: str) -> Block:
    return {"type": "note", "text": text}


def table(columns: Sequence[tuple[str, int]], rows: list[list[Any]], total: list[Any] | None = None) -> Block:
    """A dense table; a minus width aligns left. Without rows it says 无."""
    drawn = [
        {"title": title, "width": abs(width), **({"align": "left"} if width < 0 else {})}
        for title, width in columns
    ]
    empty = [["无", *[""] * (len(columns) - 1)]]
    return {
        "type": "table",
        "dense": True,
        "columns": drawn,
        "rows": rows or empty,
        **({"total": total} if total and rows else {}),
    }


# --- 1 and 2 ------------------------------------------------------------------------------------------------------


def months(facts: Mapping[str, Any]) -> Block:
    rows = [
        [
            f"{row['month']}月",
            f"{words.chair_names(row)}\n（{row['mode']}）" if row["mode"] else words.chair_names(row),
            *[step_cell(row[key]) for key, _ in STEPS],
            words.short_score(row["chair_words"]),
        ]
        for row in facts["months"]
    ]
    return table(
        [("月份", 11), ("轮值主席", 27), *[(title, 21) for _, title in STEPS], ("轮值主席\n评议", 20)], rows
    )


def step_cell(step: Mapping[str, Any] | None) -> str:
    """The day, and 超期 under it where it came late or never; a dash where nothing was owed."""
    if not step or (not step.get("due") and not step.get("done")):
        return NOTHING
    if not step.get("done"):
        return "未完成" if step["in_time"] is False else NOTHING
    late = "\n（超期）" if step["in_time"] is False else ""
    return f"{words.iso_words(step['done'])}{late}"


def activities(facts: Mapping[str, Any]) -> Block:
    rows = [
        [
            no,
            words.iso_words(row["held_on"]),
            row["title"],
            "、".join([*row["chairs"], *row["others"]]) or NOTHING,
            row["heads"] if row["heads"] is not None else NOTHING,
            row["beneficiaries"] if row["beneficiaries"] is not None else NOTHING,
            row["claims"],
            words.short_score(row["score_words"]) or NOTHING,
        ]
        for no, row in enumerate(facts["activities"], 1)
    ]
    found = facts["activities"]
    total = [
        "合计",
        None,
        f"{len(found)}场",
        None,
        *[_sum(found, key) for key in ("heads", "beneficiaries", "claims")],
        None,
    ]
    columns = [
        ("序号", 9),
        ("日期", 15),
        ("活动", -34),
        ("参加单位", -38),
        ("参加\n人数", 11),
        ("受益\n群众", 11),
    ]
    return table([*columns, ("服务\n需求", 11), ("评议结果", 22)], rows, total)


def _sum(rows: Sequence[Mapping[str, Any]], key: str) -> int:
    return sum(row[key] or 0 for row in rows)


# --- 3 ------------------------------------------------------------------------------------------------------------


def lists(facts: Mapping[str, Any]) -> Block:
    rows: list[list[Any]] = []
    for name, title, by in LISTS:
        if figures := facts["tables"].get(name):
            rows.append(
                [title, by, sum(words.number(one) for one in figures), words.parts_words(figures, "") or "无"]
            )
    return table([("清单", 22), ("口径", 24), ("合计", 14), ("其中", -96)], rows)


def rates(facts: Mapping[str, Any]) -> Block:
    """One row: each rate over its two numbers."""
    known = words.index(facts)
    cells = [words.rate_cell(known.get(key)) for key, _ in RATE_KEYS]
    return table([(title, 20) for _, title in RATE_KEYS], [cells])


# --- 4 ------------------------------------------------------------------------------------------------------------


def results(facts: Mapping[str, Any]) -> Block:
    rows = []
    for row in facts["results"]:
        name = "、".join(row["chairs"]) if row["subject"] == "chair" else row["title"]
        result = row["result"]
        kind = "轮值主席" if row["subject"] == "chair" else "活动"
        if result is None:
            rows.append([f"{row['month']}月", kind, name, row["words"], *[NOTHING] * 4])
            continue
        rows.append(
            [
                f"{row['month']}月",
                kind,
                name,
                f"{result['score']}\n{result['grade']}" if result["score"] else "有效票不足",
                result["n"],
                words.between(result),
                words.group_mean(result, "units"),
                words.group_mean(result, "residents"),
            ]
        )
    columns = [("月份", 11), ("对象", 17), ("名称", -45), ("得分\n等次", 20), ("有效票", 13)]
    return table([*columns, ("95%区间", 24), ("单位\n均分", 13), ("群众\n均分", 13)], rows)


def assessed(document: Document) -> list[Block]:
    """Every member's parts, adjustment, score and grade; the adjustments' reasons under it."""
    lines = document["assessment"]["lines"]
    if not lines:
        return []
    parts = [(part["title"], part["full"]) for part in lines[0]["parts"]]
    rows = [
        [
            no,
            line["unit"],
            *[part["points"] or NOTHING for part in line["parts"]],
            words.adjustment_words(line) or NOTHING,
            line["score"] or NOTHING,
            line["grade"],
        ]
        for no, line in enumerate(lines, 1)
    ]
    columns = [("序号", 10), ("成员单位", -46), *[(f"{title}\n{full}分", 17) for title, full in parts]]
    drawn = table([*columns, ("加减分", 14), ("总分", 15), ("等次", 20)], rows)
    reasons = [
        f"{line['unit']}{words.signed(line['adjustment'])}分：{line['reason'].rstrip('。')}"
        for line in words.adjusted(document)
    ]
    return [drawn, *([_note(f"加减分理由：{'；'.join(reasons)}。")] if reasons else [])]


# --- 5 ------------------------------------------------------------------------------------------------------------


def members(facts: Mapping[str, Any]) -> Block:
    rows = []
    for no, line in enumerate(facts["members"], 1):
        figures = line["figures"]
        counts = [words.number(figures.get(key)) for key in ("claimed", "delivered")]
        rows.append(
            [no, line["unit"], *counts, *[words.rate_cell(figures.get(key)) for key, _ in MEMBER_RATES]]
        )
    found = [line["figures"] for line in facts["members"]]
    counts = [sum(words.number(one.get(key)) for one in found) for key in ("claimed", "delivered")]
    means = [words.rate_cell(facts["mean"].get(key)) for key, _ in MEMBER_RATES]
    columns = [("序号", 10), ("成员单位", -28), ("认领", 10), ("完成", 10)]
    return table(
        [*columns, *[(title, 21) for _, title in MEMBER_RATES]], rows, ["合计", None, *counts, *means]
    )
