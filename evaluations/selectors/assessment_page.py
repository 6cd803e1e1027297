"""The document of a quarter as its page shows it: the report's parts beside their figures, the attachments as tables.

Texts are those of the paper, figures those of the document; nothing is counted or worded here anew. A figure of a cell
leads to its rows by its own addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evaluations.selectors import papers_quarter as paper
from evaluations.selectors import papers_quarter_charts as charts
from evaluations.selectors import papers_quarter_tables as tables
from evaluations.selectors import papers_quarter_words as words
from evaluations.selectors.papers_quarter_letters import OWN
from evaluations.selectors.papers_quarter_words import NOTHING, Document
from evaluations.selectors.quarter_shapes import COUNT, RATE, SUM

Figure = Mapping[str, Any]
WRITTEN = ("problems", "next_steps")  # parts five and six
LONG = 6  # a table of more rows is folded
CHIEF = (("rates.response", "响应率"), ("rates.resolved", "解决率"), ("rates.satisfied", "满意率"))
# Attachment 5 with everything that is known of a member.
MEMBER_COLUMNS = (
    ("claimed", "认领"),
    ("delivered", "完成"),
    ("attendance", "到会率"),
    ("activities", "参加活动"),
    ("months", "参加月数"),
    ("on_time", "按时率"),
    ("resolved", "解决率"),
    ("satisfied", "满意率"),
    ("strictly", "从严满意率"),
    ("response", "响应率"),
    ("commitments", "承诺兑现率"),
    ("duty", "轮值评议"),
)
OFFERED = (
    ("overdue", "超期的环节和项目"),
    ("unmatched", "没有资源可对应的需求"),
    ("dormant", "较久没有参加的单位"),
    ("repeated", "与以往相近的活动"),
)


@dataclass(frozen=True)
class Part:
    """One of parts one to four. ``texts``: (is a heading, words); ``figures``: those that say something, ``rest``: noughts."""

    heading: str
    texts: list[tuple[bool, str]]
    figures: list[Figure]
    rest: list[Figure]


@dataclass(frozen=True)
class Cell:
    """Words with an address or without, or figures, each with its own."""

    text: str = ""
    url: str = ""
    figures: Sequence[Figure] = ()
    named: bool = False  # figures carry their labels


@dataclass(frozen=True)
class Table:
    """``rows`` begin with their head. ``label`` tells tables of one attachment apart."""

    label: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()

    @property
    def lines(self) -> list[tuple[Cell, list[tuple[str, Cell]]]]:
        """Per row its head and the other cells with their column's name."""
        return [(row[0], list(zip(self.columns[1:], row[1:], strict=True))) for row in self.rows]

    @property
    def totals(self) -> list[tuple[str, Cell]]:
        return list(zip(self.columns, self.total, strict=False))


@dataclass(frozen=True)
class Attachment:
    no: int
    title: str
    tables: list[Table]
    charts: list[Mapping[str, Any]] = field(default_factory=list)
    note: str = ""

    @property
    def length(self) -> int:
        return sum(len(table.rows) for table in self.tables)

    @property
    def is_long(self) -> bool:
        return self.length > LONG


# --- the text -----------------------------------------------------------------------------------------------------


def opening(document: Document) -> list[str]:
    """What stands before part one: to whom, what a correction replaces, the first sentence."""
    found: list[str] = []
    for block in paper.report_paper(document)["blocks"]:
        if block["type"] == "heading":
            break
        found.append(block["text"])
    return found


def parts(document: Document) -> list[Part]:
    """Parts one to four."""
    texts: list[tuple[str, list[tuple[bool, str]]]] = []
    for block in paper.report_paper(document)["blocks"]:
        if block["type"] == "heading" and block["level"] == 1:
            texts.append((block["text"], []))
        elif texts and block["type"] in ("heading", "para"):
            texts[-1][1].append((block["type"] == "heading", block["text"]))
    found = []
    for (heading, lines), section in zip(texts, document["sections"], strict=False):
        figures = list(section["figures"])
        if section["key"] == "basics":  # the text counts the members by kind
            figures[1:1] = document["tables"].get("sectors", [])
        telling = [one for one in figures if says_something(one)]
        found.append(Part(heading, lines, telling, [one for one in figures if not says_something(one)]))
    return found


def says_something(figure: Figure) -> bool:
    if figure["kind"] == RATE:
        return bool(figure["denominator"])
    return figure["kind"] not in (COUNT, SUM) or bool(figure["numerator"])


def chief(document: Document) -> list[tuple[str, Figure]]:
    """The three rates at the head of the page."""
    known = words.index(document)
    return [(title, known[key]) for key, title in CHIEF if key in known]


def offered(document: Document) -> list[tuple[str, list[Mapping[str, str]]]]:
    """Facts for parts five and six, by kind, without the kinds that have none."""
    return [(title, document["offered"][key]) for key, title in OFFERED if document["offered"].get(key)]


# --- the attachments ----------------------------------------------------------------------------------------------


def attachments(document: Document) -> list[Attachment]:
    """The five attachments with the charts that stand in them."""
    found: tuple[tuple[list[Table], list[Any], str], ...] = (
        ([_months(document)], [charts.participation(document, 1)], ""),
        ([_activities(document)], [], ""),
        (
            [_lists(document), _rates(document), *_trend(document)],
            [charts.trend(document, 2)],
            tables.NOTE_RATES,
        ),
        ([_results(document), *_assessed(document)], [charts.scores(document, 3)], tables.NOTE_SCORES),
        ([_members(document)], [], "各单位认领项目含在其他社区的项目。"),
    )
    return [
        Attachment(no, title, drawn, [one for one in pictures if one], note.removeprefix("注："))
        for no, (title, (drawn, pictures, note)) in enumerate(zip(tables.TITLES, found, strict=True), 1)
    ]


def _flat(title: str) -> str:
    return title.replace("\n", "")


def _months(document: Document) -> Table:
    steps = [_flat(title) for _, title in tables.STEPS]
    rows = [
        [
            Cell(row["label"], row["url"]),
            Cell(words.chair_names(row) + (f"（{row['mode']}）" if row["mode"] else "")),
            Cell(row["theme"] or NOTHING),
            *(Cell(tables.step_cell(row[key])) for key, _ in tables.STEPS),
            Cell(f"{row['units']} / {row['members']}家"),
            Cell(row["chair_words"]),
        ]
        for row in document["months"]
    ]
    return Table("轮值履职", ["月份", "轮值主席", "主题", *steps, "参加单位", "轮值主席评议"], rows)


def _activities(document: Document) -> Table:
    rows = [
        [
            Cell(row["title"], row["url"]),
            Cell(words.iso_words(row["held_on"])),
            Cell("、".join([*row["chairs"], *row["others"]]) or NOTHING),
            *(
                Cell(NOTHING if row[key] is None else str(row[key]))
                for key in ("heads", "beneficiaries", "claims")
            ),
            Cell(row["score_words"] or NOTHING),
        ]
        for row in document["activities"]
    ]
    sums = [
        sum(row[key] or 0 for row in document["activities"]) for key in ("heads", "beneficiaries", "claims")
    ]
    columns = ["活动", "日期", "参加单位", "参加人数", "受益群众", "服务需求", "评议结果"]
    total = ["合计", f"{len(rows)}场", "", *map(str, sums), ""]
    return Table("活动", columns, rows, [Cell(one) for one in total] if rows else ())


def _lists(document: Document) -> Table:
    """Every choice of every list that is not nought, each number a link; a list of nothing but noughts says 无."""
    rows = []
    for name, title, by in tables.LISTS:
        if figures := document["tables"].get(name):
            shown = [one for one in figures if one["numerator"]]
            total = sum(words.number(one) for one in figures)
            rows.append(
                [
                    Cell(f"{title}（{by}）"),
                    Cell(str(total)),
                    Cell(figures=shown, named=True) if shown else Cell("无"),
                ]
            )
    return Table("四项清单", ["清单", "合计", "其中"], rows)


def _rates(document: Document) -> Table:
    known = words.index(document)
    rows = [
        [Cell(_flat(title)), Cell(figures=[known[key]])] for key, title in tables.RATE_KEYS if key in known
    ]
    return Table("比率", ["比率", "结果"], rows)


def _trend(document: Document) -> list[Table]:
    points = document["trend"]
    if not points:
        return []
    rows = [
        [Cell(point["label"]), *(_share(title, point[key]) for key, title in charts.RATES)]
        for point in points
    ]
    return [Table("近四个季度三率", ["季度", *(title for _, title in charts.RATES)], rows)]


def _share(title: str, share: Mapping[str, Any]) -> Cell:
    """One rate of one quarter, both numbers with the rows behind them."""
    if share["percent"] is None:
        return Cell(NOTHING)
    numbers = {"numerator": share["part"], "denominator": share["whole"]}
    addresses = {key: share.get(key, "") for key in ("url", "whole_url")}
    return Cell(
        figures=[{"kind": RATE, "label": title, "value": f"{share['percent']}%", **numbers, **addresses}]
    )


def _results(document: Document) -> Table:
    rows = []
    for row in document["results"]:
        is_chair, result = row["subject"] == "chair", row["result"]
        name = f"{'、'.join(row['chairs'])}（轮值主席）" if is_chair else row["title"]
        numbers = (
            [
                str(result["n"]),
                words.between(result),
                words.group_mean(result, "units"),
                words.group_mean(result, "residents"),
            ]
            if result
            else [NOTHING] * 4
        )
        rows.append(
            [Cell(name, row["url"]), Cell(f"{row['month']}月"), Cell(row["words"]), *map(Cell, numbers)]
        )
    columns = ["对象", "月份", "得分", "有效票", "95%区间", "单位均分", "群众均分"]
    return Table("活动和轮值主席评议", columns, rows)


def _assessed(document: Document) -> list[Table]:
    lines = document["assessment"]["lines"]
    if not lines:
        return []
    titles = [f"{part['title']}{part['full']}分" for part in lines[0]["parts"]]
    rows = [
        [
            Cell(line["unit"]),
            *(Cell(part["points"] or part["missing"] or NOTHING) for part in line["parts"]),
            Cell(words.adjustment_words(line) or NOTHING),
            Cell(line["score"] or NOTHING),
            Cell(line["grade"]),
        ]
        for line in lines
    ]
    return [Table("成员单位考核评议", ["成员单位", *titles, "加减分", "总分", "等次"], rows)]


def _members(document: Document) -> Table:
    keys = [key for key, _ in MEMBER_COLUMNS]
    rows = [
        [Cell(line["unit"]), *(_member_cell(line["figures"][key]) for key in keys)]
        for line in document["members"]
    ]
    sums = {
        key: sum(words.number(line["figures"][key]) for line in document["members"])
        for key in ("claimed", "delivered")
    }
    total = [Cell("合计、平均"), *(_together(document, sums, key) for key in keys)]
    titles = [title for _, title in MEMBER_COLUMNS]
    return Table("各单位认领完成", ["成员单位", *titles], rows, total if rows else ())


def _together(document: Document, sums: Mapping[str, int], key: str) -> Cell:
    """All members' counts of a column together."""
    if key in sums:
        return Cell(str(sums[key]))
    return _member_cell(document["mean"][key]) if key in document["mean"] else Cell()


def _member_cell(figure: Figure) -> Cell:
    if says_something(figure):
        return Cell(figures=[figure])
    return Cell(NOTHING if figure["kind"] == RATE else "0")


# --- one member ---------------------------------------------------------------------------------------------------


def own_figures(document: Document, member: int) -> list[tuple[str, Figure, str]]:
    """A member's own figures: (title, figure, the alliance's mean in words). Empty for one that is not in it."""
    line = next((one for one in document["members"] if one["member"] == member), None)
    if line is None:
        return []
    return [
        (title, line["figures"][key], words.rate_words(document["mean"].get(key)))
        for key, title in OWN
        if key in line["figures"]
    ]


def sums_words(part: Mapping[str, Any]) -> str:
    """How a part's points came about: its sums with both numbers, or why there are none."""
    if part["missing"]:
        return str(part["missing"])
    told = [
        f"{one['title']}{one['rate']}{'分' if one['key'] == 'results' else '%'}"
        + ("" if one["key"] == "results" else f"（{one['numerator']}/{one['denominator']}）")
        for one in part["sums"]
        if one["rate"] is not None
    ]
    return "；".join(told)


def parts_words(line: Mapping[str, Any]) -> str:
    """``履职 39.4/44.4 · 清单 50.0/50.0``; of a member without a score what is missing."""
    if line["score"] is None:
        return "；".join(dict.fromkeys(part["missing"] for part in line["parts"] if part["missing"]))
    return " · ".join(
        f"{part['title']} {part['points']}/{part['weight']}"
        for part in line["parts"]
        if part["points"] is not None
    )


def told_parts(parts: Iterable[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], str]]:
    return [(part, sums_words(part)) for part in parts]
