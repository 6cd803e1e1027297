"""The data workbook of a quarter: a sheet for each attachment and one that says where every figure comes from.

Made from the frozen document alone, so that it is the same bytes whenever it is made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from alliances.documents import Paper, to_xlsx
from evaluations.selectors import papers_quarter_words as words
from evaluations.selectors.papers_quarter_tables import (
    LISTS,
    MEMBER_RATES,
    NOTE_SCORES,
    RATE_KEYS,
    assessed,
    attachments,
    results,
)
from evaluations.selectors.papers_quarter_words import Document

Block = dict[str, Any]
SOURCES = "数据来源"


def to_workbook(document: Document, *, site: str = "") -> bytes:
    """The workbook (.xlsx). ``site`` is the site's own address, put before the addresses of the sources."""
    return to_xlsx(workbook_paper(document, site=site))


def workbook_paper(document: Document, *, site: str = "") -> Paper:
    """Its content: attachments 1, 2 and 4 as printed, 3 and 5 with every number in a cell of its own, and the sources.
    Each on one sheet, the wider of two tables first."""
    facts, frame = document, words.frame_of(document)
    scores = [*assessed(document), {**results(facts), "repeat_header": False}, _note(NOTE_SCORES)]
    wide = {3: [_lists(facts)], 4: scores, 5: [_members(facts)]}
    sheets = [
        {
            **sheet,
            "one_sheet": True,
            "blocks": wide.get(sheet["no"]) or [one for one in sheet["blocks"] if one["type"] != "chart"],
        }
        for sheet in attachments(document)
    ]
    label = facts["quarter"]["label"]
    sources = {"type": "attachment", "no": 6, "title": f"{label}{SOURCES}", "blocks": [_sources(facts, site)]}
    until = facts["quarter"]["until"]
    return {
        "kind": "evaluations.quarter_workbook",
        "layout": "table",
        "orientation": "landscape",
        "title": f"{facts['alliance']['name']}{label}考核评议数据",
        "number": frame.number,
        "subline": [facts["alliance"]["name"], f"数据截至{until}"],
        "date": frame.day or until,
        "blocks": [*sheets, sources],
    }


def _table(titles: list[tuple[str, int]], rows: list[list[Any]]) -> Block:
    columns = [
        {"title": title, "width": abs(width), "align": "left" if width < 0 else "center"}
        for title, width in titles
    ]
    return {"type": "table", "columns": columns, "rows": rows}


def _note(text: str) -> Block:
    return {"type": "note", "text": text}


def _lists(facts: Mapping[str, Any]) -> Block:
    """The counts of the four lists, then the rates."""
    rows: list[list[Any]] = [
        [title, by, one["label"], words.number(one), None, None]
        for name, title, by in LISTS
        for one in facts["tables"].get(name, [])
    ]
    known = words.index(facts)
    rows += [
        [
            "比率",
            "",
            title.replace("\n", ""),
            known[key]["numerator"],
            known[key]["denominator"],
            known[key]["value"],
        ]
        for key, title in RATE_KEYS
        if key in known
    ]
    titles = [("清单", 24), ("口径", 24), ("项目", 40), ("数量或分子", 20), ("分母", 20), ("结果", 30)]
    return _table(titles, rows)


def _members(facts: Mapping[str, Any]) -> Block:
    """Every count of every member; both numbers of each rate."""
    rates = [
        ("attendance", "到会"),
        *[(key, title.replace("\n", "").removesuffix("率")) for key, title in MEMBER_RATES],
    ]
    titles = [("序号", 8), ("成员单位", 40), ("认领", 10), ("完成", 10), ("参加活动", 10)]
    for _, title in rates:
        titles += [(f"{title}\n分子", 10), (f"{title}\n分母", 10)]
    rows = []
    for no, line in enumerate(facts["members"], 1):
        own = line["figures"]
        row = [
            no,
            line["unit"],
            *[words.number(own.get(key)) for key in ("claimed", "delivered", "activities")],
        ]
        for key, _ in rates:
            row += [words.number(own.get(key)), (own.get(key) or {}).get("denominator") or 0]
        rows.append(row)
    return _table(titles, rows)


def _sources(facts: Mapping[str, Any], site: str) -> Block:
    rows = [
        [
            place,
            one["label"],
            one["value"],
            one["numerator"],
            one["denominator"],
            _address(site, one["url"]),
            one["key"],
        ]
        for place, one in _every(facts)
    ]
    titles = [
        ("部分", 24),
        ("指标", -40),
        ("结果", -36),
        ("分子或数量", 14),
        ("分母", 14),
        ("查看明细", -60),
        ("编码", -30),
    ]
    return _table(titles, rows)


def _address(site: str, url: str) -> str:
    return f"{site.rstrip('/')}{url}" if url else ""


def _every(facts: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every figure with the part of the report in which it stands."""
    for section in facts["sections"]:
        for one in section["figures"]:
            yield section["title"], one
    for _, figures in _steady(facts["tables"]):
        for one in figures:
            yield "四项清单汇总", one
    for _, one in _steady(facts["mean"]):
        yield "联盟平均", one
    for line in facts["members"]:
        for _, one in _steady(line["figures"]):
            yield line["unit"], one


def _steady(found: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """By key: PostgreSQL gives a stored document's keys back in an order of its own."""
    return sorted(found.items())
