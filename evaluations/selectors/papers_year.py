"""Papers of the year: the yearly summary as a table, a unit's own result, the published award list with its basis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from alliances.documents import Paper, chinese_date
from evaluations import yearly
from evaluations.enums import CandidateState
from evaluations.models import AwardList, Candidate
from evaluations.selectors.year_end import NOT_FILED, NOTHING, Summary

Block = dict[str, Any]
NUMERALS = "一二三四五六七八九"


def _columns(*columns: tuple[str, int]) -> list[dict[str, Any]]:
    return [
        {"title": title, "width": abs(width), "align": "left" if width < 0 else "center"}
        for title, width in columns
    ]


# --- the yearly summary ---------------------------------------------------------------------------------------------


def quarter_titles(document: Summary) -> list[str]:
    return [f"第{one['n']}季度" for one in document["quarters"]]


def missing_words(document: Summary) -> str:
    missing = [f"第{one['n']}季度" for one in document["quarters"] if one["state"] == "missing"]
    if not missing:
        return "四个季度的考核评议报告均已报送。"
    if len(missing) == yearly.QUARTERS:
        return "四个季度均未报送考核评议报告，本表没有数字可以汇总。"
    return f"{'、'.join(missing)}未报送考核评议报告，未计入合计。"


def summary_paper(document: Summary, *, revision: int, reason: str, made_on: date, is_draft: bool) -> Paper:
    """年度汇总: landscape tables, one for the figures and one for the units."""
    year = document["year"]
    blocks: list[Block] = [_reports_table(document), _figures_table(document)]
    if document["members"]:
        blocks.append(_members_table(document))
    blocks.append({"type": "note", "text": f"注：{_notes(document)}"})
    if revision > 1:
        blocks.append({"type": "note", "text": f"本表为第{revision}版，更正原因：{reason.rstrip('。')}。"})
    blocks.append({"type": "foot", "items": ["制表人：", "审核人：", "负责人："]})
    state = "（未公布）" if is_draft else f"{chinese_date(made_on)}公布"
    return {
        "kind": "evaluations.year_summary",
        "layout": "table",
        "orientation": "landscape",
        "title": f"{document['alliance']['name']}{year}年度汇总{'（更正）' if revision > 1 else ''}",
        "subline": [f"填报单位：{document['alliance']['community']}", state],
        "date": made_on.isoformat(),
        "blocks": blocks,
    }


def _reports_table(document: Summary) -> Block:
    rows = [
        [
            one["label"],
            one["words"],
            one["number"] or NOTHING,
            one["mean"] or NOTHING,
            str(one["rated"]) if one["pk"] else NOTHING,
        ]
        for one in document["quarters"]
    ]
    columns = [("季度", 40), ("报送情况", 40), ("文号", 70), ("单位平均分", 30), ("考核单位数", 30)]
    return {"type": "table", "label": "一、各季度报告", "columns": _columns(*columns), "rows": rows}


def _figures_table(document: Summary) -> Block:
    rows = [
        [section["title"], row["label"], *[_cell(cell) for cell in row["cells"]], row["total"]]
        for section in document["sections"]
        for row in section["rows"]
    ]
    columns = [
        ("类别", 24),
        ("指标", -52),
        *[(title, 30) for title in quarter_titles(document)],
        ("全年", 36),
    ]
    return {
        "type": "table",
        "label": "二、全年情况",
        "columns": _columns(*columns),
        "rows": rows,
        "repeat_header": True,
    }


def _members_table(document: Summary) -> Block:
    rows = [
        [
            number,
            line["unit"],
            *[_score(document, index, score) for index, score in enumerate(line["scores"])],
            line["mean"] or NOTHING,
            line["grade"],
        ]
        for number, line in enumerate(document["members"], start=1)
    ]
    quarters = [(title, 24) for title in quarter_titles(document)]
    columns = [("序号", 14), ("单位", -52), *quarters, ("年度平均", 24), ("等次", 24)]
    return {
        "type": "table",
        "label": "三、成员单位季度考核",
        "columns": _columns(*columns),
        "rows": rows,
        "repeat_header": True,
    }


def _cell(cell: str | None) -> str:
    return NOT_FILED if cell is None else cell


def _score(document: Summary, index: int, score: str | None) -> str:
    if document["quarters"][index]["state"] == "missing":
        return NOT_FILED
    return score or yearly.NO_DATA


def _notes(document: Summary) -> str:
    mean = (
        f"各单位年度平均分的平均为{document['mean']}分（{document['rated']}家）。" if document["mean"] else ""
    )
    return (
        f"{missing_words(document)}数字取自已报送的季度报告，比率按各季度分子、分母之和计算；单位年度平均分为有得分季度的平均，"
        f"有得分的季度不足两个的为数据不足。{mean}"
    )


def summary_text(document: Summary) -> str:
    """A few lines for the group chat; units only counted by grade."""
    lines = [f"{document['alliance']['name']}{document['year']}年度汇总", missing_words(document)]
    known = {row["key"]: row["total"] for section in document["sections"] for row in section["rows"]}
    if document["reports"]:
        lines.append(
            f"全年召开会议{known['meetings']}次，举办活动{known['activities']}场，受益群众{known['beneficiaries']}人次；"
            f"群众需求{known['lists.demands']}件，完成服务{known['lists.delivered']}个。"
        )
        lines.append(
            f"响应率{known['rates.response']}，解决率{known['rates.resolved']}，满意率{known['rates.satisfied']}。"
        )
    if document["mean"]:
        grades = "、".join(f"{grade}{n}家" for grade, n in document["grades"].items())
        lines.append(f"单位考核：{grades}，平均{document['mean']}分。")
    return "\n".join(lines)


def _numeral(number: int) -> str:
    """1 to 99 as office headings write them."""
    tens, ones = divmod(number, 10)
    words = "" if tens == 0 else "十" if tens == 1 else f"{NUMERALS[tens - 1]}十"
    return words + (NUMERALS[ones - 1] if ones else "")


# --- awards ---------------------------------------------------------------------------------------------------------


def award_paper(award_list: AwardList, candidates: Sequence[Candidate], *, published_on: date) -> Paper:
    """评选表彰结果 in the official layout: each award, who was given it, and on what basis."""
    year = award_list.year
    blocks: list[Block] = [
        {"type": "recipient", "text": "各成员单位："},
    ]
    if award_list.revision > 1:
        text = f"本通报为第{award_list.revision}版，替代第{award_list.revision - 1}版。更正原因：{award_list.reason.rstrip('。')}。"
        blocks.append({"type": "para", "text": text})
    opening = f"根据{year}年度工作记录和评议情况，经研究决定，对下列党组织、单位和个人予以表彰。现将名单和依据公开如下。"
    blocks.append({"type": "para", "text": opening})
    number = 0
    for kind in award_list.kinds:
        given = [c for c in candidates if c.kind == kind["key"] and c.state == CandidateState.AWARDED]
        if not given:
            continue
        blocks.append(
            {
                "type": "heading",
                "level": 1,
                "text": f"{_numeral(number + 1)}、{kind['title']}（{len(given)}个）",
            }
        )
        number += 1
        for place, candidate in enumerate(given, start=1):
            blocks.append({"type": "heading", "level": 2, "text": f"（{_numeral(place)}）{candidate.title}"})
            blocks.append({"type": "para", "text": f"依据：{basis_words(candidate)}"})
    facts = award_list.figures
    blocks.append(
        {
            "type": "para",
            # Who had been decided before the record was looked at again keeps the figures of that decision.
            "text": f"依据中的数字取自提出候选时系统内{year}年的记录，最近一次整理为{chinese_date(date.fromisoformat(facts['as_of']))}；各项名单按登记顺序排列，不分先后。"
            "推荐供参考，由社区党组织研究决定。",
        }
    )
    blocks.append(
        {
            "type": "signature",
            "issuer": award_list.alliance.name,
            "date": chinese_date(published_on),
            "sealed": True,
        }
    )
    return {
        "kind": "evaluations.awards",
        "layout": "official",
        "title": f"关于{year}年度评选表彰结果的通报" + ("（更正）" if award_list.revision > 1 else ""),
        "head": {"style": "plain", "issuer": award_list.alliance.name},
        "date": published_on.isoformat(),
        "page_numbers": True,
        "blocks": blocks,
    }


def basis_words(candidate: Candidate) -> str:
    """The facts' sentences, what somebody wrote, and why it was decided so."""
    words = "".join(candidate.basis)
    if candidate.words:
        words += f"{candidate.words.rstrip('。')}。"
    if candidate.reason:
        words += f"{candidate.reason.rstrip('。')}。"
    return words


def award_text(award_list: AwardList, candidates: Sequence[Candidate]) -> str:
    """The list as plain lines, for the circle and the group chat."""
    lines = []
    for kind in award_list.kinds:
        given = [c.title for c in candidates if c.kind == kind["key"] and c.state == CandidateState.AWARDED]
        if given:
            lines.append(f"{kind['title']}：{'、'.join(given)}")
    return "\n".join(lines)
