"""Scoring's papers as content: ballot sheets and code slips, feedback, comment (design, papers). Rendered elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from alliances import clock
from alliances.documents import Paper, chinese_date
from evaluations import paths
from evaluations.enums import VoterGroup
from evaluations.models import Comment, Feedback, Round
from evaluations.selectors import results
from evaluations.selectors.results import Figures, score_words
from evaluations.selectors.rubrics import rubrics_of
from rotation.models import Duty
from rotation.selectors import tables
from rotation.selectors.papers import freeze_paper, issuer_of

__all__ = [
    "ballot_sheets",
    "code_slips",
    "comment_paper",
    "feedback_paper",
    "feedback_text",
    "freeze_paper",
    "venue_poster",
]

HOW_SCORED = (
    "注：单位占40%、群众占60%；一方有效票不足（单位3票、群众10票）的不采用，权重归另一方；"
    "“不了解”不计分，其分值按比例归入其他项目。本月轮值主席单位不参加评议。"
)
NO_NAMES = "不记名。请在“得分”栏按分值打分，不清楚的在“不了解”栏打√。"


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


# --- handed to residents ------------------------------------------------------------------------------------------


def _link(site: str, path: str) -> str:
    return site.rstrip("/") + path


def ballot_sheets(round: Round, codes: Sequence[str], *, site: str) -> Paper:
    """评议票: one page per code, to be filled in by hand or voted by phone. ``site`` is the site's own address."""
    blocks: list[dict[str, Any]] = []
    for index, code in enumerate(codes):
        if index:
            blocks.append({"type": "pagebreak", "again": True})
        blocks += _sheet(round, code, site)
    return {
        "kind": "evaluations.ballot",
        "layout": "form",
        "title": "活动评议票",
        "head": {"style": "plain", "issuer": round.alliance.name},
        "blocks": blocks,
    }


def _sheet(round: Round, code: str, site: str) -> list[dict[str, Any]]:
    activity = round.activity
    day = activity.held_on or activity.planned_on
    fields = [["活动名称", activity.title], ["活动日期", chinese_date(day), "活动地点", activity.place]]
    if round.duty is not None:
        fields.append(["轮值主席", tables.chair_names(round.duty)])
    blocks: list[dict[str, Any]] = [{"type": "fields", "rows": fields}]
    for name, items in rubrics_of(round):
        blocks.append(
            {
                "type": "table",
                "label": f"评{name}",
                "columns": [
                    {"title": "项目", "width": 50, "align": "left"},
                    {"title": "分值", "width": 20, "align": "center"},
                    {"title": "得分", "width": 30, "align": "center"},
                    {"title": "不了解", "width": 26, "align": "center"},
                ],
                "rows": [[item["title"], item["weight"], "", ""] for item in items],
            }
        )
    lines = ["也可以用手机扫码评议，扫码后这张票不用再交。", f"评议码：{code}"]
    return [
        *blocks,
        {"type": "note", "text": NO_NAMES},
        {"type": "qr", "items": [{"link": _link(site, paths.resident_ballot(code)), "lines": lines}]},
    ]


def code_slips(round: Round, codes: Sequence[str], *, site: str) -> Paper:
    """Slips with one-time codes to be cut apart, two in a row."""
    lines = ["请扫码评议，不记名", f"“{round.activity.title}”"]
    return {
        "kind": "evaluations.codes",
        "layout": "form",
        "title": "评议码",
        "head": {"style": "plain", "issuer": round.alliance.name},
        "blocks": [
            {
                "type": "qr",
                "columns": 2,
                "size": 25,
                "items": [
                    {
                        "link": _link(site, paths.resident_ballot(code)),
                        "lines": [*lines, code],
                    }
                    for code in codes
                ],
            }
        ],
    }


def venue_poster(round: Round, *, site: str) -> Paper:
    """The sheet at the venue: one QR from which each phone draws its own code."""
    lines = [
        "请打开手机微信“扫一扫”",
        "不记名，约 40 秒，每部手机评一次",
        "不方便扫码的，请领取纸质评议票",
    ]
    return {
        "kind": "evaluations.venue",
        "layout": "form",
        "title": f"请您评议：{round.activity.title}",
        "head": {"style": "plain", "issuer": round.alliance.name},
        "blocks": [
            {
                "type": "qr",
                "size": 100,
                "items": [{"link": _link(site, paths.venue(round.venue_token)), "lines": lines}],
            }
        ],
    }


# --- feedback -----------------------------------------------------------------------------------------------------


def feedback_paper(feedback: Feedback, *, published_on: date) -> Paper:
    """评议反馈 (通报) on one page: scores with n and interval, what was good, what to mend."""
    duty, figures = feedback.duty, feedback.figures
    fields = [
        ["轮值月份", f"{duty.plan.year}年{duty.month}月", "轮值方式", f"{duty.get_mode_display()}轮值"],
        ["轮值主席", tables.chair_names(duty)],
    ]
    for words, label in ((feedback.good, "做得好的"), (feedback.mend, "需要改进的")):
        if words.strip():
            fields.append([label, words.strip()])
    blocks: list[dict[str, Any]] = [
        {"type": "recipient", "text": "各成员单位："},
        {"type": "para", "text": f"{duty.month}月轮值工作评议结果反馈如下："},
        _scores_table(figures),
        {"type": "fields", "rows": fields},
        {"type": "note", "text": _counts_words(figures) + HOW_SCORED},
    ]
    if feedback.revision > 1:
        former = Feedback.objects.filter(duty=duty, revision=feedback.revision - 1).first()
        when = former and former.published_at
        text = f"本通报为第{feedback.revision}版"
        if when:
            text += f"，更正{chinese_date(clock.local(when).date())}通报的第{feedback.revision - 1}版"
        if feedback.reason:
            text += f"。更正原因：{feedback.reason.rstrip('。')}"
        blocks.append({"type": "note", "text": f"{text}。"})
    blocks.append(
        {
            "type": "signature",
            "issuer": feedback.alliance.name,
            "date": chinese_date(published_on),
            "sealed": True,
        }
    )
    return {
        "kind": "evaluations.feedback",
        "layout": "form",
        "title": f"{duty.plan.year}年{duty.month}月轮值评议反馈"
        + ("（更正）" if feedback.revision > 1 else ""),
        "head": {"style": "plain", "issuer": feedback.alliance.name},
        "date": published_on.isoformat(),
        "blocks": blocks,
    }


def _scores_table(figures: Figures) -> dict[str, Any]:
    rows = [[f"活动：{row['title']}", *_score_cells(row["activity"])] for row in figures["activities"]]
    if figures.get("chair"):
        rows.append(["轮值主席", *_score_cells(figures["chair"])])
    return {
        "type": "table",
        "columns": [
            {"title": "评议对象", "width": 42, "align": "left"},
            {"title": "得分", "width": 15, "align": "center"},
            {"title": "等次", "width": 25, "align": "center"},
            {"title": "有效票", "width": 15, "align": "center"},
            {"title": "95%区间", "width": 25, "align": "center"},
            {"title": "单位均分", "width": 17, "align": "center"},
            {"title": "群众均分", "width": 17, "align": "center"},
        ],
        "rows": rows,
    }


def _score_cells(result: Figures) -> list[str]:
    means = {group["key"]: group["mean"] for group in result["groups"]}
    between = f"{result['low']}—{result['high']}" if result["low"] is not None else "—"
    return [
        result["score"] or "—",
        result["grade"],
        str(result["n"]),
        between,
        means.get(VoterGroup.UNITS) or "—",
        means.get(VoterGroup.RESIDENTS) or "—",
    ]


def _counts_words(figures: Figures) -> str:
    total = {
        key: sum(row["counts"][key] for row in figures["activities"])
        for key in ("handed_out", "returned", "valid", "abstained", "void")
    }
    words = f"共发放评议票{total['handed_out']}张，收回{total['returned']}张，有效{total['valid']}张"
    if total["abstained"]:
        words += f"，弃权{total['abstained']}张"
    if total["void"]:
        words += f"，作废{total['void']}张"
    return words + "。"


def feedback_text(feedback: Feedback) -> str:
    """The feedback as a few plain lines, for the circle and for messages."""
    figures = feedback.figures
    lines = [f"{feedback.duty.month}月由{tables.chair_names(feedback.duty)}轮值。"]
    lines += [f"“{row['title']}”：{score_words(row['activity'])}" for row in figures["activities"]]
    if figures.get("chair"):
        lines.append(f"轮值主席：{score_words(figures['chair'])}")
    if feedback.good.strip():
        lines.append(f"做得好的：{feedback.good.strip()}")
    if feedback.mend.strip():
        lines.append(f"需要改进的：{feedback.mend.strip()}")
    return "\n".join(lines)


# --- comment ------------------------------------------------------------------------------------------------------


def comment_paper(comment: Comment, *, given_on: date | None = None) -> Paper:
    """点评单: what the secretary says at the next seminar. ``given_on`` is that seminar's day, once it is held."""
    duty = comment.duty
    day = given_on or clock.local(comment.written_at).date()
    fields = [
        ["点评月份", f"{duty.plan.year}年{duty.month}月", "活动主题", duty.theme],
        ["轮值主席", tables.chair_names(duty)],
    ]
    if words := results.month_words(duty):
        fields.append(["评议结果", words])
    feedback = results.published_feedback(duty)
    if feedback and feedback.mend.strip():
        fields.append(["会长反馈", feedback.mend.strip()])
    fields.append(["书记点评", comment.text])
    return {
        "kind": "evaluations.comment",
        "layout": "form",
        "title": "轮值工作点评单",
        "head": {"style": "plain", "issuer": duty.alliance.name},
        "date": day.isoformat(),
        "blocks": [
            {"type": "fields", "rows": fields},
            {"type": "signature", "issuer": issuer_of(duty), "date": chinese_date(day), "sealed": True},
        ],
    }


# --- in the next month's slip -------------------------------------------------------------------------------------


def slip_section(duty: Duty) -> list[dict[str, Any]]:
    """Last month's results and what was to be mended, for the new chair's slip."""
    last = results.last_month(duty)
    words = results.month_words(last) if last else ""
    if last is None or not words:
        return []
    rows = [[f"{last.month}月评议结果", f"{tables.chair_names(last)}：{words}"]]
    feedback = results.published_feedback(last)
    if feedback and feedback.mend.strip():
        rows.append([f"{last.month}月需改进", feedback.mend.strip()[:200]])
    return [{"type": "fields", "rows": rows}]
