"""What single readers get of a quarter: the unit its own line, the president one page (design, papers)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alliances.documents import Paper
from evaluations.selectors import papers_quarter_words as words
from evaluations.selectors.papers_quarter import grade_counts
from evaluations.selectors.papers_quarter_tables import step_cell
from evaluations.selectors.papers_quarter_words import NOTHING, Document, number, rate_words

OWN = (
    ("attendance", "会议到会率"),
    ("response", "响应率"),
    ("on_time", "按时率"),
    ("resolved", "解决率"),
    ("satisfied", "满意率"),
    ("commitments", "承诺兑现率"),
)
REFERENCE = "注：本结果供单位党建考核、评选表彰参考。对结果有疑问的，可在收到后与社区联系核对。"


def unit_letter(document: Document, member: int) -> Paper:
    """The result letter of one member: its own line and the alliance's mean, nobody else's. Raises KeyError for a
    member without a line."""
    lines = {line["member"]: line for line in document["assessment"]["lines"]}
    figures = {line["member"]: line["figures"] for line in document["members"]}
    line, own = lines[member], figures[member]
    facts, frame = document, words.frame_of(document)
    label = facts["quarter"]["label"]
    blocks: list[dict[str, Any]] = [
        {"type": "recipient", "text": f"{line['unit']}："},
        {"type": "para", "text": f"现将贵单位{label}考核评议结果告知如下："},
        {"type": "fields", "rows": _score_rows(line, document["assessment"]["mean"])},
        _parts(line),
        _own(own, facts["mean"]),
        {"type": "note", "text": REFERENCE},
        {
            "type": "signature",
            "issuer": frame.issuer,
            "date": frame.date,
            "sealed": True,
        },
    ]
    return {
        "kind": "evaluations.quarter_letter",
        "layout": "form",
        "title": f"{label}考核评议结果告知书",
        "head": {"style": "plain", "issuer": facts["alliance"]["name"]},
        "date": frame.day or facts["quarter"]["until"],
        "blocks": blocks,
    }


def _score_rows(line: Mapping[str, Any], mean: str | None) -> list[list[str]]:
    rows = [
        ["总分", line["score"] or NOTHING, "等次", line["grade"]],
        ["联盟平均分", mean or NOTHING, "加减分", words.adjustment_words(line) or "无"],
    ]
    return [*rows, *([["加减分理由", line["reason"]]] if line["reason"] else [])]


def _parts(line: Mapping[str, Any]) -> dict[str, Any]:
    """Each part with its points after sharing out, or why there are none."""
    rows = [
        [
            part["title"],
            part["full"],
            part["weight"] or NOTHING,
            part["points"] or NOTHING,
            part["missing"] or _sums(part),
        ]
        for part in line["parts"]
    ]
    columns = [("项目", 18), ("标准分", 16), ("折算后分值", 20), ("得分", 16), ("依据", -90)]
    return {
        "type": "table",
        "columns": [
            {"title": title, "width": abs(width), "align": "left" if width < 0 else "center"}
            for title, width in columns
        ],
        "rows": rows,
        "repeat_header": False,
    }


def _sums(part: Mapping[str, Any]) -> str:
    told = [
        f"{one['title']}{one['rate']}"
        + ("" if one["key"] == "results" else f"%（{one['numerator']}/{one['denominator']}）")
        for one in part["sums"]
        if one["rate"] is not None
    ]
    return "；".join(told)


def _own(own: Mapping[str, Any], means: Mapping[str, Any]) -> dict[str, Any]:
    rows = [[title, rate_words(own.get(key)), rate_words(means.get(key))] for key, title in OWN]
    return {
        "type": "table",
        "columns": [
            {"title": "指标", "width": 36},
            {"title": "本单位", "width": 60},
            {"title": "联盟平均", "width": 60},
        ],
        "rows": rows,
        "repeat_header": False,
    }


# --- the president ------------------------------------------------------------------------------------------------


def president_summary(document: Document) -> Paper:
    """The quarter on one page for the president: figures, months, results; units only counted by grade."""
    facts, frame = document, words.frame_of(document)
    known = words.index(facts)
    label = facts["quarter"]["label"]

    def count(key: str, unit: str) -> str:
        return f"{number(known.get(key))}{unit}"

    def rate(key: str) -> str:
        return rate_words(known.get(key))

    fields = [
        ["成员单位", count("members", "家"), "举办活动", count("activities", "场")],
        ["召开会议", count("meetings", "次"), "到会率", rate("attendance")],
        ["参加人数", count("heads", "人次"), "受益群众", count("beneficiaries", "人次")],
        ["群众需求", count("lists.demands", "件"), "认领项目", count("lists.claims", "个")],
        ["响应率", rate("rates.response"), "解决率", rate("rates.resolved")],
        ["满意率", rate("rates.satisfied"), "按时率", rate("rates.on_time")],
        [
            "单位考核",
            f"{grade_counts(document) or '未考核'}"
            + (f"，平均{document['assessment']['mean']}分" if document["assessment"]["mean"] else ""),
        ],
    ]
    blocks: list[dict[str, Any]] = [
        {"type": "fields", "rows": fields},
        {
            "type": "table",
            "columns": [
                {"title": "月份", "width": 12},
                {"title": "轮值主席", "width": 36},
                {"title": "主题", "width": 40, "align": "left"},
                {"title": "研讨会", "width": 18},
                {"title": "活动", "width": 18},
                {"title": "轮值主席评议", "width": 32},
            ],
            "rows": [
                [
                    f"{row['month']}月",
                    words.chair_names(row),
                    row["theme"] or NOTHING,
                    step_cell(row["seminar"]),
                    step_cell(row["activity"]),
                    words.short_score(row["chair_words"]),
                ]
                for row in facts["months"]
            ]
            or [["无", *[""] * 5]],
            "repeat_header": False,  # one grid with the fields around it
        },
    ]
    for key, title in (("problems", "存在问题"), ("next_steps", "下步打算")):
        if document["report"][key].strip():
            blocks.append({"type": "fields", "rows": [[title, document["report"][key].strip()]]})
    return {
        "kind": "evaluations.quarter_summary",
        "layout": "form",
        "title": f"{label}工作情况（一页）",
        "head": {"style": "plain", "issuer": facts["alliance"]["name"]},
        "date": frame.day or facts["quarter"]["until"],
        "blocks": blocks,
    }
