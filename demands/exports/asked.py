"""What units can give and what residents ask for. Residents' contacts are masked but in the list that says it has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet

from alliances.exporting import Cell, Column
from demands import policies
from demands.exports.base import ListExport
from demands.imports.base import MASKED_TITLE
from demands.models import Demand, Resource
from demands.selectors import contacts, lists
from demands.selectors.lists import Question


class ResourcesExport(ListExport):
    name = "resources"
    title = "服务资源清单"
    lead = "成员单位能提供的服务、人才、物资、场地、信息，可以改好再导入。"
    columns = (
        Column("no", "序号", 6),
        Column("source_no", "原序号", 7),
        Column("unit", "单位名称", 22),
        Column("community", "所属社区", 11),
        Column("kind", "资源类别", 9),
        Column("name", "资源名称", 18),
        Column("description", "内容说明", 36),
        Column("quantity", "数量或容量", 14),
        Column("available_when", "可用时间", 18),
        Column("audience", "服务对象", 12),
        Column("contact", "联系人", 10),
        Column("phone", "电话", 14),
        Column("state", "状态", 9),
    )
    printed = (
        Column("no", "序号", 6),
        Column("unit", "单位", 22),
        Column("kind", "类别", 8),
        Column("name", "名称", 20),
        Column("description", "内容说明", 36),
        Column("available_when", "可提供时间/次数", 20),
        Column("audience", "服务对象", 12),
        Column("contact", "联系人", 10),
        Column("phone", "电话", 14),
        Column("state", "状态", 9),
    )

    def found(self, question: Question) -> QuerySet[Resource]:
        return lists.resources(question).order_by("source_no", "pk")

    def batch(self, rows: list[Resource]) -> Iterator[dict[str, Cell]]:
        for row in rows:
            yield {
                "source_no": row.source_no,
                "unit": row.member.unit.name,
                "community": row.alliance.organisation.name,
                "kind": row.get_kind_display(),
                "name": row.name,
                "description": row.description,
                "quantity": row.quantity,
                "available_when": row.available_when,
                "audience": row.audience,
                "contact": row.contact_name,
                "phone": row.contact_phone,
                "state": row.get_state_display(),
            }


class DemandsExport(ListExport):
    """Masked: what may be passed on."""

    name = "demands"
    title = "群众需求清单"
    lead = "群众需求和办理状态；姓名、电话已脱敏，涉及敏感信息的内容不显示。"
    columns: ClassVar[Sequence[Column]] = (
        Column("no", "序号", 6),
        Column("number", "编号", 20),
        Column("source_no", "原序号", 7),
        Column("source", "来源", 12),
        Column("raised_on", "提出日期", 12),
        Column("category", "类别（大类/小项）", 18),
        Column("content", "内容", 44),
        Column("who", MASKED_TITLE, 18),
        Column("community", "社区", 11),
        Column("station", "小区", 18),
        Column("urgency", "紧急程度", 9),
        Column("expected_on", "期望时限", 12),
        Column("handler", "受理人", 9),
        Column("state", "状态", 9),
    )
    printed = (
        Column("no", "序号", 6),
        Column("number", "编号", 20),
        Column("source", "来源", 11),
        Column("raised_on", "提出日期", 11),
        Column("category", "类别(大类/小项)", 16),
        Column("content", "内容", 44),
        Column("who", MASKED_TITLE, 14),
        Column("station", "小区", 16),
        Column("expected_on", "期望时限", 11),
        Column("handler", "受理人", 9),
        Column("state", "状态", 9),
    )

    def found(self, question: Question) -> QuerySet[Demand]:
        rows = self.readable(lists.demands(question)).select_related(
            "category", "station", "alliance__organisation", "reviewed_by__person", "created_by__person"
        )
        return rows.order_by("raised_on", "pk")

    def batch(self, rows: list[Demand]) -> Iterator[dict[str, Cell]]:
        self.reader.meet(rows)
        for row in rows:
            yield {
                **self._facts(row),
                "category": str(row.category),
                # A list that says it names nobody names nobody, whoever takes it out of the house.
                "content": contacts.veil(self.reader.words(row), self.reader.asked_by(row)),
                "who": self.reader.people(row, self.reader.asked_by(row)),
            }

    @staticmethod
    def _facts(row: Demand) -> dict[str, Cell]:
        handler = row.reviewed_by or row.created_by
        return {
            "number": row.number,
            "source_no": row.source_no,
            "source": row.get_source_display(),
            "raised_on": row.raised_on,
            "community": row.alliance.organisation.name,
            "station": row.station.name if row.station else None,
            "urgency": row.get_urgency_display(),
            "expected_on": row.expected_on,
            "handler": handler.person.name if handler else None,
            "state": row.get_state_display(),
        }


NO_PHONE = "无"  # so that the second number is the second name's


class FullDemandsExport(DemandsExport):
    """With names and phones: the office's own list, which can be mended and imported again."""

    name = "demands_full"
    title = "群众需求清单（含联系方式）"
    lead = "含需求人姓名和电话，只供社区内部回访使用，不得外传；可以改好再导入。"
    formats = ("xlsx", "csv")
    columns = (
        Column("no", "序号", 6),
        Column("number", "编号", 20),
        Column("source_no", "原序号", 7),
        Column("source", "来源", 12),
        Column("raised_on", "提出时间", 12),
        Column("community", "社区", 11),
        Column("station", "小区服务站", 18),
        Column("names", "需求人", 10),
        Column("phones", "电话", 14),
        Column("group", "类别大项", 10),
        Column("category", "小项", 10),
        Column("content", "需求内容", 44),
        Column("urgency", "紧急程度", 9),
        Column("expected_on", "期望时限", 12),
        Column("is_sensitive", "涉及敏感信息", 9),
        Column("share_text", "对外表述", 20),
        Column("handler", "受理人", 9),
        Column("state", "状态", 9),
    )

    def who_may(self, user: Any, alliance: Any) -> bool:
        return policies.can_export_contacts(user, alliance)

    def batch(self, rows: list[Demand]) -> Iterator[dict[str, Cell]]:
        authors = contacts.authors_of(rows, with_merged=False)
        for row in rows:
            own = [author for author in authors[row.pk] if author.name or author.phone]
            yield {
                **self._facts(row),
                "names": "、".join(a.name or contacts.ANONYMOUS for a in own) or contacts.ANONYMOUS,
                "phones": "、".join(a.phone or NO_PHONE for a in own) if any(a.phone for a in own) else "",
                "group": row.category.group,
                "category": row.category.name,
                "content": row.content,
                "is_sensitive": row.is_sensitive,
                "share_text": row.share_text,
            }
