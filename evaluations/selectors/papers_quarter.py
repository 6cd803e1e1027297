"""The quarterly report (季度专项考核评议报告) as paper content, from the frozen document alone (``papers_quarter_words``).

An upward report in the official layout to the street party committee: four parts of figures, two of the secretary's
words, five attachments, and at the foot whom copies go to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from alliances.documents import Paper
from evaluations.selectors import papers_quarter_words as words
from evaluations.selectors.papers_quarter_tables import TITLES, attachments
from evaluations.selectors.papers_quarter_words import Document, number, said

Block = dict[str, Any]
Known = Mapping[str, Mapping[str, Any]]
NUMERALS = "一二三四五六"
UNWRITTEN = "（此处由社区党支部书记撰写）"
PARTS = (
    "基本情况",
    "轮值履职情况",
    "四项清单运行情况",
    "评议结果",
    "存在问题",
    "下步打算",
)


def report_title(document: Document) -> str:
    label = document["quarter"]["label"]
    correction = "（更正）" if document["report"]["revision"] > 1 else ""
    return f"关于{label}共驻共建工作专项考核评议情况的报告{correction}"


def report_paper(document: Document, *, style: str = "plain", contact: str = "") -> Paper:
    """The report; ``style`` "red" prints the office's red head with the signer, ``contact`` the note (附注) under the date.
    Drafts have no number and no date, and say where the secretary's words belong."""
    facts, frame = document, words.frame_of(document)
    head = {"style": "plain", "issuer": ""}
    if style == "red":
        head = {"style": "red", "issuer": f"{frame.issuer}文件", "signer": frame.signer}
    paper: Paper = {
        "kind": "evaluations.quarter",
        "layout": "official",
        "title": report_title(document),
        "number": frame.number,
        "head": head,
        "date": frame.day or facts["quarter"]["until"],
        "blocks": [*_body(document), *_closing(document, contact), *attachments(document), *_imprint(frame)],
    }
    return paper


def _body(document: Document) -> list[Block]:
    facts, frame = document, words.frame_of(document)
    known = words.index(facts)
    label = facts["quarter"]["label"]
    opening = (
        f"按照轮值主席制度和“四项清单”工作要求，{facts['alliance']['name']}对{label}共驻共建工作进行了专项考核评议。"
        "现将有关情况报告如下。"
    )
    contents = (
        _basics(facts, known),
        _duty(facts, known),
        _lists(facts, known),
        _results(document, known),
        _written(document["report"]["problems"]),
        _written(document["report"]["next_steps"]),
    )
    blocks: list[Block] = [{"type": "recipient", "text": f"{frame.recipient}："}]
    if document["report"]["revision"] > 1:
        blocks.append(_para(_correction(document["report"])))
    blocks.append(_para(opening))
    for numeral, title, content in zip(NUMERALS, PARTS, contents, strict=True):
        blocks += [{"type": "heading", "level": 1, "text": f"{numeral}、{title}"}, *content]
    return [*blocks, _para("特此报告。")]


def _para(text: str) -> Block:
    return {"type": "para", "text": text}


def _sub(no: int, title: str) -> Block:
    return {"type": "heading", "level": 2, "text": f"（{NUMERALS[no - 1]}）{title}"}


def _correction(report: Mapping[str, Any]) -> str:
    """What revision 2 replaces, and why."""
    former = f"第{report['revision'] - 1}版" + (f"（{report['replaces']}）" if report["replaces"] else "")
    return f"本报告为第{report['revision']}版，替代{former}。更正原因：{report['reason'].rstrip('。')}。"


def _written(text: str) -> list[Block]:
    return [_para(line.strip()) for line in text.split("\n") if line.strip()] or [_para(UNWRITTEN)]


# --- parts one to four --------------------------------------------------------------------------------------------


def _basics(facts: Mapping[str, Any], known: Known) -> list[Block]:
    sectors = words.parts_words(facts["tables"].get("sectors", []), "家")
    members = f"本季度共有成员单位{number(known.get('members'))}家"
    kinds = {
        kind: words.parts_words([one for key, one in known.items() if key.startswith(f"{kind}.")], unit)
        for kind, unit in (("meetings", "次"), ("activities", "场"))
    }
    met = f"召开会议{number(known.get('meetings'))}次" + (
        f"（{kinds['meetings']}）" if kinds["meetings"] else ""
    )
    held = f"举办活动{number(known.get('activities'))}场"
    held += f"（{kinds['activities']}）" if kinds["activities"] else ""
    return [
        _para(f"{members}{f'，其中{sectors}' if sectors else ''}。"),
        _para(
            f"{met}，{said('到会率', known.get('attendance'))}；{held}，"
            f"参加单位{number(known.get('participations'))}家次，参加人数{number(known.get('heads'))}人次，"
            f"受益群众{number(known.get('beneficiaries'))}人次（详见附件2）。"
        ),
    ]


def _duty(facts: Mapping[str, Any], known: Known) -> list[Block]:
    steps = [
        said(one["label"], one)
        for key, one in known.items()
        if key in ("slips.in_time", "comments") or key.startswith("steps.")
    ]
    total = (
        f"本季度轮值月{number(known.get('duties'))}个，发出轮值主席提醒单{number(known.get('slips'))}份，"
        f"{said('签收率', known.get('slips.acknowledged'))}。"
    )
    blocks = [_sub(1, "总体情况"), _para(total + (f"{'；'.join(steps)}（详见附件1）。" if steps else ""))]
    if facts["months"]:
        blocks.append(_sub(2, "各月情况"))
        blocks += [_para(_month(row)) for row in facts["months"]]
    return blocks


def _month(row: Mapping[str, Any]) -> str:
    text = f"{row['month']}月由{words.chair_names(row)}轮值"
    if row["theme"]:
        text += f"，主题为{words.quoted(row['theme'])}"
    text += (
        f"。举办活动{row['activities']}场，{row['units']}家成员单位参加；轮值主席评议：{row['chair_words']}"
    )
    return text + ("；书记已点评。" if row["comment"] else "。")


def _lists(facts: Mapping[str, Any], known: Known) -> list[Block]:
    def count(key: str) -> int:
        return number(known.get(f"lists.{key}"))

    def by(name: str, unit: str) -> str:
        found = words.parts_words(facts["tables"].get(name, []), unit)
        return f"，其中{found}" if found else ""

    return [
        _sub(1, "资源清单"),
        _para(f"成员单位可提供的服务资源{count('resources')}项{by('resources', '项')}。"),
        _sub(2, "需求清单"),
        _para(f"本季度提出群众需求{count('demands')}件{by('groups', '件')}。"),
        _sub(3, "认领清单"),
        _para(
            f"本季度认领项目{count('claims')}个，完成服务{count('delivered')}个，到期仍未完成{count('overdue')}个，"
            f"志愿者参加服务{count('volunteers')}人次。{said('响应率', known.get('rates.response'))}；"
            f"{said('解决率', known.get('rates.resolved'))}，{said('按时率', known.get('rates.on_time'))}。"
        ),
        _sub(4, "验收清单"),
        _para(
            f"本季度站点验收{count('acceptances')}次{by('acceptances', '次')}；回访答复{count('answers')}件"
            f"{by('answers', '件')}。{said('满意率', known.get('rates.satisfied'))}，"
            f"{said('不含基本满意的为', known.get('rates.strictly'))}（详见附件3）。"
        ),
        _para(f"{said('成员单位承诺事项兑现率', known.get('commitments'))}。"),
    ]


def _results(document: Document, known: Known) -> list[Block]:
    facts = document
    sheets = "，".join(
        f"{known[key]['label']}{number(known[key])}张" for key in known if key.startswith("ballots.")
    )
    text = f"本季度开展评议{number(known.get('rounds'))}次，已出结果{number(known.get('rounds.settled'))}次"
    blocks = [_sub(1, "活动和轮值主席评议"), _para(f"{text}。{sheets}。" if sheets else f"{text}。")]
    if facts["results"]:
        blocks.append(_para(f"{'；'.join(_result(row) for row in facts['results'])}（详见附件4）。"))
    return [*blocks, _sub(2, "成员单位考核评议"), _para(_grades(document))]


def _result(row: Mapping[str, Any]) -> str:
    if row["subject"] == "chair":
        return f"{row['month']}月轮值主席（{'、'.join(row['chairs'])}）{row['words']}"
    return f"{row['month']}月活动{words.quoted(row['title'])}{row['words']}"


def grade_counts(document: Document) -> str:
    """``优秀12家、良好9家、数据不足1家``, in the order of the grades."""
    counts = Counter(line["grade"] for line in document["assessment"]["lines"])
    order = ("优秀", "良好", "一般", "差")
    known = [grade for grade in order if counts[grade]] + [grade for grade in counts if grade not in order]
    return "、".join(f"{grade}{counts[grade]}家" for grade in known)


def _grades(document: Document) -> str:
    lines = document["assessment"]["lines"]
    if not lines:
        return "本季度未对成员单位进行考核评议。"
    text = f"对{len(lines)}家成员单位进行了季度考核评议，其中{grade_counts(document)}"
    if mean := document["assessment"]["mean"]:
        text += f"，平均{mean}分"
    adjusted = words.adjusted(document)
    if adjusted:
        told = [
            f"{one['unit']}{words.signed(one['adjustment'])}分（{one['reason'].rstrip('。')}）"
            for one in adjusted
        ]
        text += f"；加减分{len(adjusted)}家：{'、'.join(told)}"
    return f"{text}（详见附件4、附件5）。考核评议结果供单位党建考核、评选表彰参考。"


# --- closing ------------------------------------------------------------------------------------------------------


def _closing(document: Document, contact: str) -> list[Block]:
    frame, label = words.frame_of(document), document["quarter"]["label"]
    blocks: list[Block] = [{"type": "attachment_note", "items": [f"{label}{title}" for title in TITLES]}]
    blocks.append({"type": "signature", "issuer": frame.issuer, "date": frame.date, "sealed": True})
    return [*blocks, *([{"type": "note", "text": contact}] if contact else [])]


def _imprint(frame: words.Frame) -> list[Block]:
    """抄送 and who printed it; a draft is not printed yet."""
    if not frame.day:
        return []
    copies = {"copies": f"{frame.copies}。"} if frame.copies else {}
    return [{"type": "imprint", "issuer": frame.issuer, "date": f"{frame.date}印发", **copies}]
