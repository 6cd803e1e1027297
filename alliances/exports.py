"""The foundation's lists as spreadsheets: the tree and the roster, with every column their importers read; commitments, as a
list and as the year's 责任清单."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from alliances import clock
from alliances.documents import Paper
from alliances.enums import Role
from alliances.errors import OfficeError
from alliances.exporting import Cell, Column, PaperExport, RowExport, alliances_in
from alliances.models import Appointment, Organisation
from alliances.policies import Rule, can_oversee_alliance, can_run_alliance
from alliances.selectors import commitments, directory, papers_commitments

_BATCH = 500


class OrganisationsExport(RowExport):
    name = "organisations"
    title = "组织架构"
    lead = "本级和下级组织的层级、名称、上级、负责人和电话，可以改好再导入。"
    columns = (
        Column("level", "层级", 12),
        Column("name", "名称", 30),
        Column("parent", "上级名称", 30),
        Column("leader", "负责人", 12),
        Column("phone", "联系电话", 16),
    )
    may = Rule(Role.SECRETARY, Role.STAFF, Role.OFFICE)
    heads = (Role.OFFICE, Role.SECRETARY, Role.STATION)

    def who_may(self, user: Any, alliance: Any) -> bool:
        return self.may(user, alliance)

    def rows(self, alliance: Any, year: int | None) -> Iterator[Mapping[str, Cell]]:
        places = Organisation.objects.under(alliance.organisation)
        posts = Appointment.objects.current().filter(role__in=self.heads, organisation__in=places)
        heads = {p.organisation_id: p.person for p in posts.select_related("person").order_by("-pk")}
        for place in places.select_related("parent").order_by("path").iterator(_BATCH):
            person = heads.get(place.pk)
            yield {
                "level": place.get_level_display(),
                "name": place.name,
                # The top of what is exported stands alone, so that the sheet can be imported as it is.
                "parent": place.parent.name
                if place.parent and place.pk != alliance.organisation_id
                else None,
                "leader": person.name if person else None,
                "phone": person.phone if person else None,
            }


class MembersExport(RowExport):
    name = "members"
    title = "成员单位名册"
    page = "alliances:members"
    lead = "成员单位、党组织、负责人、联络员和电话，可以改好再导入。"
    over_many = True
    columns = (
        Column("source_no", "序号", 6),
        Column("unit", "单位名称", 26),
        Column("sector", "单位类型", 12),
        Column("community", "所属社区", 14),
        Column("party_branch", "党组织名称", 30),
        Column("party_members", "党员数", 8),
        Column("duty_mode", "轮值方式", 10),
        Column("leader", "负责人", 10),
        Column("liaison", "联络员", 10),
        Column("phone", "联络员电话", 16),
        Column("joined_on", "加入日期", 14),
    )

    def who_may(self, user: Any, alliance: Any) -> bool:
        return can_run_alliance(user, alliance)

    def rows(self, alliance: Any, year: int | None) -> Iterable[Mapping[str, Cell]]:
        for one in alliances_in(alliance):
            for member in directory.members_of(one).iterator(_BATCH):
                leader = directory.holder(member, Role.LEADER)
                liaison = directory.holder(member, Role.LIAISON)
                yield {
                    "source_no": member.source_no,
                    "unit": member.unit.name,
                    "sector": member.unit.get_sector_display(),
                    "community": one.organisation.name,
                    "party_branch": member.unit.party_branch,
                    "party_members": member.unit.party_members,
                    "duty_mode": member.get_duty_mode_display(),
                    "leader": leader.person.name if leader else None,
                    "liaison": liaison.person.name if liaison else None,
                    "phone": liaison.person.phone if liaison else None,
                    "joined_on": member.joined_on,
                }


class CommitmentsExport(RowExport):
    """The list of commitments, narrowed as its page is."""

    name = "commitments"
    title = "承诺事项"
    page = "alliances:commitments"
    lead = "各单位的承诺事项、期限和兑现情况。"
    columns = (
        Column("unit", "单位", 26),
        Column("text", "承诺事项", 44),
        Column("agreement", "所在协议", 18),
        Column("due_on", "完成期限", 12),
        Column("state", "状态", 12),
        Column("fulfilled_on", "兑现日期", 12),
        Column("evidence", "兑现情况或不再考核的原因", 44),
    )

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        self.question = commitments.Question.read(params or {})

    def narrowed(self, params: Mapping[str, Any]) -> Self:
        return type(self)(params)

    def who_may(self, user: Any, alliance: Any) -> bool:
        return can_oversee_alliance(user, alliance)

    def heading(self, alliance: Any, year: int | None) -> str:
        period = self.question.period
        return f"{alliance}{period.label if period else ''}{self.title}"

    def rows(self, alliance: Any, year: int | None) -> Iterator[Mapping[str, Cell]]:
        today = clock.today()
        for one in commitments.shown(self.question.rows(alliance)).iterator(_BATCH):
            yield {
                "unit": one.member.unit.name,
                "text": one.text,
                "agreement": one.agreement.get_kind_display() if one.agreement else None,
                "due_on": one.due_on,
                "state": commitments.state_words(one, today)[0],
                "fulfilled_on": one.fulfilled_on,
                "evidence": one.evidence or one.reason or None,
            }


class ResponsibilityExport(PaperExport):
    """责任清单: what every unit has promised for a year, and what became of it (seed 004)."""

    name = "responsibility"
    title = "责任清单"
    page = "alliances:commitments"
    lead = "一年里各单位的承诺事项、完成期限和兑现情况，按单位排列，可直接打印存档。"
    formats = ("docx", "pdf", "xlsx")
    by_year = True

    def who_may(self, user: Any, alliance: Any) -> bool:
        return can_oversee_alliance(user, alliance)

    def heading(self, alliance: Any, year: int | None) -> str:
        return papers_commitments.title(alliance, year or clock.today().year)

    def paper(self, alliance: Any, year: int | None) -> Paper:
        year = year or clock.today().year
        found = papers_commitments.responsibility(alliance, year)
        if found is None:
            raise OfficeError(f"{alliance}{year}年没有到期的承诺事项。")
        return found


EXPORTS = (OrganisationsExport(), MembersExport(), CommitmentsExport(), ResponsibilityExport())
