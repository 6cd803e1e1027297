"""服务资源清单: what units can give."""

from __future__ import annotations

from typing import Any

from alliances.importing import Column, Row, phone
from alliances.importing.importer import ADDED, CHANGED, UNCHANGED, Fate, Refused, limited
from alliances.selectors.unit_names import plain
from demands.enums import ResourceKind, ResourceState
from demands.imports.base import ORIGIN_NO, SOURCE_NO, ListImport, labels, told
from demands.models import Resource
from demands.services import imported

FACTS = (
    "kind",
    "name",
    "description",
    "quantity",
    "available_when",
    "audience",
    "contact_name",
    "contact_phone",
)


class ResourcesImport(ListImport):
    """One row a resource. Empty cells and columns left out change nothing; resources the list leaves out stay."""

    name = "resources"
    title = "服务资源清单"
    about = "每行是一家单位能提供的一项资源：服务、人才、物资、场地、信息。"
    columns = (
        SOURCE_NO,
        ORIGIN_NO,
        Column("unit", "单位名称", ("单位", "提供单位", "成员单位"), True, limited(80)),
        Column("community", "所属社区", ("社区", "所在社区", "所属联盟"), False, limited(80), "不填就按单位加入的社区"),
        Column("kind", "资源类别", ("类别", "资源类型"), True, labels(ResourceKind, people=("人力", "人员")), "、".join(ResourceKind.labels)),
        Column("name", "资源名称", ("名称", "资源项目"), True, limited(80)),
        Column("description", "内容说明", ("说明", "资源内容", "内容"), False, limited(500)),
        Column("quantity", "数量或容量", ("数量", "容量", "数量/容量"), False, limited(80)),
        Column("available_when", "可用时间", ("可提供时间/次数", "可提供时间", "开放时间", "服务时间"), False, limited(120)),
        Column("audience", "服务对象", ("对象", "面向对象"), False, limited(80)),
        Column("contact_name", "联系人", ("联络人",), False, limited(40)),
        Column("contact_phone", "电话", ("联系电话", "联系人电话", "手机"), False, phone),
        Column("state", "状态", ("资源状态",), False, labels(ResourceState, listed=("正常", "可用")), "不填就是可提供"),
    )  # fmt: skip
    examples = (
        {
            "source_no": 1,
            "unit": "县图书馆",
            "kind": "场地",
            "name": "二楼报告厅",
            "description": "可供社区开议事会，配投影",
            "quantity": "60座",
            "available_when": "周六、周日，提前2天预约",
            "contact_name": "张三",
            "contact_phone": "13800000000",
        },
    )

    def take(self, row: Row) -> Fate:
        alliance = self.alliance_of(row) if row.values.get("community") else self.request.only
        member = self.serving(row, "unit", alliance)
        if row.values.get("community") and alliance is not None and member.alliance_id != alliance.pk:
            raise Refused("unit", f"“{row.values['unit']}”不是{alliance.organisation.name}的成员单位")
        number = self.number_of(row)
        if number is not None:
            self.once(row, "source_no", number)
        self.once(row, "name", member.unit_id, row.values["kind"], plain(row.values["name"]))
        resource = self._known(row, member.unit_id, number)
        values = {key: row.values[key] for key in FACTS if row.values.get(key) not in ("", None)}
        what = f"{member.unit.name} {row.values['name']}"
        if resource is None:
            values["state"] = row.values.get("state") or ResourceState.LISTED
            imported.add_resource(member, values, source=self.origin(number), actor=self.request.actor)
            self.count(ResourceKind(values["kind"]).label)
            return Fate(ADDED, what)
        if row.values.get("state"):
            values["state"] = row.values["state"]
        changes = imported.changes_of(resource, values)
        if not changes:
            return Fate(UNCHANGED, what)
        titles = {column.key: column.title for column in self.columns}
        detail = told(changes, titles)
        imported.change_resource(resource, changes, actor=self.request.actor)
        return Fate(CHANGED, what, detail)

    def _known(self, row: Row, unit: int, number: int | None) -> Resource | None:
        resource = self.by_source(Resource, number, "member__unit", "alliance__organisation")
        if resource is not None:
            if resource.member.unit_id != unit:
                other = f"{resource.member.unit.name}的“{resource.name}”"
                raise Refused("source_no", f"序号 {number} 已是{other}，请核对序号，或删去序号列")
            return resource
        rows: Any = Resource.objects.filter(
            member__unit=unit, kind=row.values["kind"], name=row.values["name"]
        )
        return rows.exclude(state=ResourceState.WITHDRAWN).select_related("member__unit", "alliance").first()
