"""What units promised, and what the stations and residents found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from alliances import clock
from alliances.exporting import Cell, Column
from demands.exports.base import ListExport
from demands.models import Acceptance, Claim, ProgressNote
from demands.selectors import lists
from demands.selectors.lists import Question
from demands.selectors.reading import answer_of, tally_of


class ClaimsExport(ListExport):
    name = "claims"
    title = "认领项目清单"
    lead = "认领单位、措施、责任人、时限和进展，可以改好再导入。"
    summed = ("volunteers",)
    columns = (
        Column("no", "序号", 6),
        Column("source_no", "原序号", 7),
        Column("number", "需求编号", 20),
        Column("demand_no", "需求序号", 9),
        Column("title", "项目名称", 22),
        Column("community", "社区", 11),
        Column("unit", "认领单位", 24),
        Column("part", "牵头/联合", 9),
        Column("measures", "服务措施", 36),
        Column("responsible", "责任人", 10),
        Column("phone", "责任人电话", 14),
        Column("claimed_on", "认领日期", 12),
        Column("due_on", "完成时限", 12),
        Column("delivered_on", "完成日期", 12),
        Column("volunteers", "志愿者人数", 9),
        Column("teams", "志愿服务队", 12),
        Column("progress", "进展", 24),
        Column("state", "状态", 9),
    )
    printed = (
        Column("no", "序号", 6),
        Column("number", "需求编号", 16),
        Column("title", "项目名称", 20),
        Column("who", "认领单位(牵头/联合)", 22),
        Column("measures", "措施", 34),
        Column("person", "责任人及电话", 16),
        Column("claimed_on", "认领日期", 11),
        Column("due_on", "完成时限", 11),
        Column("progress", "进展", 20),
        Column("state", "状态", 9),
    )

    def found(self, question: Question) -> QuerySet[Claim]:
        last = ProgressNote.objects.filter(claim=OuterRef("pk")).order_by("-pk").values("text")[:1]
        rows: QuerySet[Claim] = self.readable(lists.claims(question))
        return rows.annotate(progress=Subquery(last)).order_by("claimed_on", "pk")

    def batch(self, rows: list[Any]) -> Iterator[dict[str, Cell]]:
        today, reader = clock.today(), self.reader
        reader.meet(row.demand for row in rows)
        for row in rows:
            unit, part = row.member.unit.name, row.get_part_display()
            yield {
                "source_no": row.source_no,
                "number": row.demand.number,
                "demand_no": row.demand.source_no,
                "title": reader.title(row),
                "community": row.alliance.organisation.name,
                "unit": unit,
                "part": part,
                "who": f"{unit}（{part}）",
                "measures": reader.said(row, row.measures),
                "responsible": row.responsible,
                "phone": row.responsible_phone,
                "person": f"{row.responsible} {row.responsible_phone}".strip(),
                "claimed_on": row.claimed_on,
                "due_on": row.due_on,
                "delivered_on": row.delivered_on,
                "volunteers": row.volunteers,
                "teams": row.teams,
                "progress": reader.said(row, row.progress or row.result),
                "state": lists.state_words(row, today),
            }


class AcceptancesExport(ListExport):
    name = "acceptances"
    title = "验收结果清单"
    lead = "站点验收的结论和群众回访的满意度，可以改好再导入。"
    columns = (
        Column("no", "序号", 6),
        Column("source_no", "原序号", 7),
        Column("number", "需求编号", 20),
        Column("community", "社区", 11),
        Column("unit", "认领单位", 24),
        Column("claim_no", "认领项目序号", 9),
        Column("title", "项目名称", 22),
        Column("delivered_on", "完成日期", 12),
        Column("visit", "第几次", 7),
        Column("station", "验收站点", 18),
        Column("inspector", "验收人", 10),
        Column("visited_on", "验收日期", 12),
        Column("verdict", "结论", 11),
        Column("method", "回访方式", 11),
        Column("answered_on", "回访日期", 12),
        Column("satisfaction", "满意度", 10),
        Column("tally", "多人回访", 16),
        Column("opinion", "群众意见", 30),
        Column("to_mend", "需整改", 20),
        Column("mended", "整改情况", 20),
    )
    printed = (
        Column("no", "序号", 6),
        Column("title", "项目", 24),
        Column("delivered_on", "完成日期", 11),
        Column("inspected", "验收站点/人", 18),
        Column("visited_on", "验收日期", 11),
        Column("verdict", "结论", 11),
        Column("method", "回访方式", 10),
        Column("answered_on", "回访日期", 11),
        Column("satisfied", "满意度", 10),
        Column("opinion", "群众意见", 24),
        Column("mending", "整改情况", 20),
    )

    def found(self, question: Question) -> QuerySet[Acceptance]:
        rows: QuerySet[Acceptance] = self.readable(lists.acceptances(question))
        return rows.order_by("visited_on", "pk")

    def batch(self, rows: list[Any]) -> Iterator[dict[str, Cell]]:
        reader = self.reader
        reader.meet(row.claim.demand for row in rows)
        for row in rows:
            to_mend, mended = reader.said(row.claim, row.to_mend), reader.said(row.claim, row.mended)
            answer, tally = answer_of(row), tally_of(row)
            satisfaction = answer.get_satisfaction_display() if answer else None
            station = row.station.name if row.station else row.claim.alliance.organisation.name
            yield {
                "source_no": row.source_no,
                "number": row.claim.demand.number,
                "community": row.claim.alliance.organisation.name,
                "unit": row.claim.member.unit.name,
                "claim_no": row.claim.source_no,
                "title": reader.title(row.claim),
                "delivered_on": row.claim.delivered_on,
                "visit": row.visit,
                "station": row.station.name if row.station else None,
                "inspector": row.inspector_name,
                "inspected": f"{station} {row.inspector_name}",
                "visited_on": row.visited_on,
                "verdict": row.get_verdict_display(),
                "method": answer.get_method_display() if answer else None,
                "answered_on": answer.answered_on if answer else None,
                "satisfaction": satisfaction,
                "tally": tally,
                "satisfied": f"{satisfaction or ''}{f'（{tally}）' if tally else ''}",
                "opinion": reader.opinion(row.claim, answer),
                "to_mend": to_mend,
                "mended": mended,
                "mending": "；".join(dict.fromkeys(filter(None, [to_mend, mended]))),
            }
