"""The foundation's lists as spreadsheets: the tree and the roster, with every column their importers read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from alliances.enums import Role
from alliances.exporting import Cell, Column, RowExport, alliances_in
from alliances.models import Appointment, Organisation
from alliances.policies import Rule, can_run_alliance
from alliances.selectors import directory

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


EXPORTS = (OrganisationsExport(), MembersExport())
