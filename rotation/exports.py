"""What the rotation gives out: the annual table, the slip, the slip ledger, wishes and changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, BinaryIO, Self

from alliances import clock
from alliances.calendars import Month
from alliances.documents import Paper
from alliances.enums import Via
from alliances.errors import OfficeError
from alliances.exporting import PAPER_WRITERS, Cell, Column, PaperExport, RowExport, alliances_in
from alliances.models import Alliance
from rotation import policies
from rotation.enums import SwapKind
from rotation.models import Receipt, Swap, Wish
from rotation.selectors import ledgers, papers, tables

_BATCH = 500


class PlanExport(RowExport):
    """The annual table. Word, PDF and Excel are the paper as it is printed; CSV carries its rows."""

    name = "plan"
    title = "轮值主席安排表"
    page = "rotation:this-year"
    lead = "每月的轮值主席单位、负责人、联络员及电话、主题、协办单位。"
    formats = ("xlsx", "docx", "pdf", "csv")
    by_year = True
    columns = tuple(
        Column(f"column{number}", title)
        for number, title in enumerate(
            ("月份", "轮值方式", "轮值主席单位", "负责人", "联络员及电话", "计划活动主题", "协办单位", "备注")
        )
    )

    def who_may(self, user: Any, alliance: Any) -> bool:
        return policies.can_edit_plan(user, alliance)

    def write(self, suffix: str, target: BinaryIO, alliance: Any, year: int | None = None) -> int:
        if suffix not in PAPER_WRITERS:
            return super().write(suffix, target, alliance, year)
        paper = self._paper(alliance, year)
        target.write(PAPER_WRITERS[suffix](paper))
        return len(paper["blocks"][0]["rows"])

    def rows(self, alliance: Any, year: int | None) -> Iterator[Mapping[str, Cell]]:
        for row in self._paper(alliance, year)["blocks"][0]["rows"]:
            yield {f"column{number}": value for number, value in enumerate(row)}

    def _paper(self, alliance: Alliance, year: int | None) -> Paper:
        year = year or clock.today().year
        plan = tables.plan_of(alliance, year)
        if plan is None:
            raise OfficeError(f"{alliance}还没有{year}年度轮值主席安排表。")
        return papers.plan_paper(plan)


class SlipExport(PaperExport):
    """The slip of one month (``month`` 2026-03; this month by default), as it was issued."""

    name = "slip"
    title = "轮值主席提醒单"
    page = "rotation:ledger"
    lead = "一个月的提醒单，按发出时原样。"
    formats = ("docx", "pdf", "txt")

    def __init__(self, month: Month | None = None) -> None:
        self.month = month

    def narrowed(self, params: Mapping[str, Any]) -> Self:
        return type(self)(ledgers.month_of(params.get("month")))

    def who_may(self, user: Any, alliance: Any) -> bool:
        return policies.can_record_for_units(user, alliance)

    def heading(self, alliance: Any, year: int | None) -> str:
        return f"{alliance}{self._month(year).label}{self.title}"

    def paper(self, alliance: Any, year: int | None) -> Paper:
        month = self._month(year)
        duty = tables.duty_in(alliance, month.year, month.month)
        slip = ledgers.standing_slip(duty) if duty else None
        if slip is None:
            raise OfficeError(f"{alliance}{month.label}还没有发出提醒单。")
        return slip.paper

    def _month(self, year: int | None) -> Month:
        this = Month.of(clock.today())
        return self.month or (Month(year, this.month) if year else this)


class LedgerExport(RowExport):
    """The slip ledger, narrowed as its page is (``month``, ``state``); a year takes only that year's slips."""

    name = "ledger"
    title = "提醒单台账"
    page = "rotation:ledger"
    lead = "提醒单的编号、轮值月份、发出、签收、催办和报书记情况。"
    over_many = True
    columns = (
        Column("number", "编号", 24),
        Column("community", "社区", 11),
        Column("month", "轮值月份", 11),
        Column("chairs", "轮值主席单位", 26),
        Column("issued_on", "发出日期", 12),
        Column("acknowledge_by", "签收期限", 12),
        Column("state", "状态", 16),
        Column("signatures", "签收情况", 44),
        Column("owing", "还没签收的单位", 20),
        Column("nudged_on", "催办日期", 12),
        Column("escalated_on", "报书记日期", 12),
        Column("note", "备注", 6),
    )

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        self.params = params or {}

    def narrowed(self, params: Mapping[str, Any]) -> Self:
        return type(self)({key: params[key] for key in ("month", "state") if params.get(key)})

    def who_may(self, user: Any, alliance: Any) -> bool:
        return policies.can_read_ledger(user, alliance)

    def heading(self, alliance: Any, year: int | None) -> str:
        question = ledgers.Question.read(self.params, alliances_in(alliance))
        if question.listed is None:
            return super().heading(alliance, year)
        state = "" if question.state in ("all", "due") else f"（{ledgers.FILTERS[question.state]}）"
        return f"{alliance}{question.listed.label}{self.title}{state}"

    def rows(self, alliance: Any, year: int | None) -> Iterator[Mapping[str, Cell]]:
        rows = ledgers.rows_of(ledgers.Question.read(self.params, alliances_in(alliance)))
        if year is not None:
            rows = rows.filter(year=year)
        today = clock.today()
        for slip in rows.iterator(_BATCH):
            receipts = list(slip.receipts.all())
            words, tone = ledgers.state_words(slip, today)
            yield {
                "number": slip.number,
                "community": slip.alliance.organisation.name,
                "month": slip.duty.period.label,
                "chairs": "、".join(r.member.unit.name for r in receipts),
                "issued_on": _day(slip.issued_at),
                "acknowledge_by": slip.acknowledge_by,
                "state": words,
                "signatures": "\n".join(_signature(r) for r in receipts if r.signed_at),
                "owing": ""
                if tone == "off"
                else "、".join(r.member.unit.name for r in receipts if r.signed_at is None),
                "nudged_on": _day(slip.nudged_at),
                "escalated_on": _day(slip.escalated_at),
                "note": "补发" if slip.is_late else "",
            }


def _day(moment: datetime | None) -> date | None:
    return clock.local(moment).date() if moment else None


def _signature(receipt: Receipt) -> str:
    """县图书馆 王敏 3月2日（本人在线）"""
    assert receipt.signed_at is not None
    day = clock.local(receipt.signed_at)
    return f"{receipt.member.unit.name} {receipt.signer_name} {day.month}月{day.day}日（{Via(receipt.via).label}）"


class WishesExport(RowExport):
    name = "wishes"
    title = "轮值意愿征集表"
    lead = "各单位报来的意向月份、不便月份、拟办活动主题，可以改好再导入。"
    by_year = True
    over_many = True
    columns = (
        Column("unit", "单位名称", 26),
        Column("community", "所属社区", 14),
        Column("preferred", "意向月份", 16),
        Column("blackout", "不便月份", 16),
        Column("theme", "拟办活动主题", 36),
        Column("resources", "可提供资源", 36),
        Column("excused", "不轮值原因", 20),
    )

    def who_may(self, user: Any, alliance: Any) -> bool:
        return policies.can_record_for_units(user, alliance)

    def rows(self, alliance: Any, year: int | None) -> Iterator[Mapping[str, Cell]]:
        wishes = Wish.objects.filter(alliance__in=alliances_in(alliance), year=year or clock.today().year)
        wishes = wishes.select_related("member__unit", "alliance__organisation")
        for wish in wishes.order_by("alliance__organisation__path", "member_id").iterator(_BATCH):
            yield {
                "unit": wish.member.unit.name,
                "community": wish.alliance.organisation.name,
                "preferred": _months(wish.preferred) or "服从安排",
                "blackout": _months(wish.blackout) or "无",
                "theme": wish.theme,
                "resources": wish.resources,
                "excused": wish.excused_reason,
            }


class SwapsExport(RowExport):
    name = "swaps"
    title = "轮值调整台账"
    page = "rotation:swaps"
    lead = "调换、代理、顺延的申请单位、原因、同意和备案时间。"
    by_year = True
    over_many = True
    columns = (
        Column("community", "社区", 14),
        Column("kind", "方式", 8),
        Column("what", "调整内容", 40),
        Column("reason", "原因", 30),
        Column("state", "状态", 12),
        Column("asked_at", "申请时间", 17),
        Column("agreed_at", "双方同意时间", 17),
        Column("filed_at", "备案时间", 17),
    )

    def who_may(self, user: Any, alliance: Any) -> bool:
        return policies.can_record_for_units(user, alliance)

    def rows(self, alliance: Any, year: int | None) -> Iterator[Mapping[str, Cell]]:
        swaps = Swap.objects.filter(
            alliance__in=alliances_in(alliance), plan__year=year or clock.today().year
        ).select_related("asker__unit", "other__unit", "duty", "other_duty", "alliance__organisation")
        for swap in swaps.order_by("pk").iterator(_BATCH):
            yield {
                "community": swap.alliance.organisation.name,
                "kind": SwapKind(swap.kind).label,
                "what": papers.describe_swap(swap),
                "reason": swap.reason,
                "state": swap.get_state_display(),
                "asked_at": swap.asked_at,
                "agreed_at": swap.agreed_at,
                "filed_at": swap.filed_at,
            }


def _months(numbers: list[int]) -> str:
    return "、".join(f"{number}月" for number in numbers)


EXPORTS = (PlanExport(), SlipExport(), LedgerExport(), WishesExport(), SwapsExport())
