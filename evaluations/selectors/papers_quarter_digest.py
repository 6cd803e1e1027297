"""The street's or county's digest of a quarter: every community in a row, what was filed, received, returned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from alliances.documents import Paper, chinese_date
from evaluations.selectors import papers_quarter_words as words
from evaluations.selectors.papers_quarter_words import NOTHING, Document, number

COUNTS = (
    ("members", "成员\n单位"),
    ("meetings", "会议"),
    ("activities", "活动"),
    ("beneficiaries", "受益\n群众"),
    ("lists.demands", "群众\n需求"),
    ("lists.claims", "认领\n项目"),
    ("lists.delivered", "完成\n服务"),
)
RATES = (
    ("attendance", "到会率"),
    ("rates.response", "响应率"),
    ("rates.resolved", "解决率"),
    ("rates.satisfied", "满意率"),
)
TITLE = "共驻共建工作考核评议情况汇总"


@dataclass(frozen=True)
class Reported:
    """One community: its name, ``state`` in words (已接收, 已报送, 已退回, 未报送, 逾期未报送), the day of filing, and the
    frozen document of the report that stands, None where none does."""

    community: str
    state: str
    filed_on: date | None = None
    document: Document | None = None


def digest_paper(office: str, label: str, reported: Sequence[Reported], made_on: date) -> Paper:
    """``office`` is the street's name, ``label`` the quarter's. Sums and rates of all are over what was filed."""
    filed = [words.index(one.document) for one in reported if one.document is not None]
    rows = [_row(no, one) for no, one in enumerate(reported, 1)]
    total = ["合计", f"{len(reported)}个社区", f"已报{len(filed)}个"]
    total += [str(sum(number(one.get(key)) for one in filed)) for key, _ in COUNTS]
    total += [_joined(filed, key) for key, _ in RATES]
    means = [
        Decimal(mean) for one in reported if one.document and (mean := one.document["assessment"]["mean"])
    ]
    total.append(_mean(means))
    columns = [("序号", 13), ("社区", 34), ("报送情况", 32), *[(title, 14) for _, title in COUNTS]]
    columns += [*[(title, 22) for _, title in RATES], ("单位\n均分", 14)]
    notes = "注：比率下方为分子/分母，合计按各社区分子、分母之和计算；未报送的社区不计入。各社区情况按编码排列，不作排名。"
    return {
        "kind": "evaluations.quarter_digest",
        "layout": "table",
        "orientation": "landscape",
        "title": f"{label}{TITLE}",
        "subline": [office, chinese_date(made_on)],
        "date": made_on.isoformat(),
        "blocks": [
            {
                "type": "table",
                "columns": [{"title": title, "width": width} for title, width in columns],
                "rows": rows,
                "total": total,
            },
            {"type": "note", "text": notes},
            {"type": "foot", "items": ["制表人：", "审核人：", "负责人："]},
        ],
    }


def _row(no: int, one: Reported) -> list[Any]:
    state = one.state + (f"\n{words.iso_words(one.filed_on.isoformat())}" if one.filed_on else "")
    if one.document is None:
        return [no, one.community, state, *[NOTHING] * (len(COUNTS) + len(RATES) + 1)]
    known = words.index(one.document)
    counts = [number(known.get(key)) for key, _ in COUNTS]
    rates = [words.rate_cell(known.get(key)) for key, _ in RATES]
    return [no, one.community, state, *counts, *rates, one.document["assessment"]["mean"] or NOTHING]


def _joined(filed: Iterable[Mapping[str, Any]], key: str) -> str:
    figures = [one[key] for one in filed if key in one]
    part = sum(number(one) for one in figures)
    whole = sum(one["denominator"] or 0 for one in figures)
    if not whole:
        return NOTHING
    percent = (Decimal(100) * part / whole).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return f"{percent}%\n{part}/{whole}"


def _mean(scores: Sequence[Decimal]) -> str:
    """The communities' means, each counted once."""
    if not scores:
        return NOTHING
    return str((sum(scores, Decimal(0)) / len(scores)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))
