"""The organisation tree from 组织架构一览表: nodes, the alliances that stand on them, who is in charge."""

from __future__ import annotations

from collections.abc import Iterable

from alliances.enums import Level, Role
from alliances.importing import Column, Row, Tables, choice, phone
from alliances.importing.importer import (
    ADDED,
    CHANGED,
    NEW,
    UNCHANGED,
    Fate,
    Refused,
    Request,
    SheetImport,
    limited,
)
from alliances.models import Alliance, Appointment, Organisation
from alliances.selectors.unit_names import plain
from alliances.services import appointments, organisations

LEVELS = {
    Level.CITY: ("市", "市级", "地市", "市总站"),
    Level.COUNTY: ("县", "县区", "区", "县市区", "县级", "区县", "区级", "县级市", "县总站", "总站"),
    Level.STREET: ("街道", "乡镇", "镇", "乡", "街道办", "街道办事处", "镇街", "街镇", "街道级"),
    Level.COMMUNITY: ("社区", "村", "村社区", "社区分站", "分站", "社区级"),
    Level.STATION: ("小区服务站", "站点", "小区", "服务站", "小区站", "小区站点", "服务站点"),
}
RANK = {level: number for number, level in enumerate(LEVELS)}
ROLE_IN_CHARGE = {
    Level.CITY: Role.OFFICE,
    Level.COUNTY: Role.OFFICE,
    Level.STREET: Role.OFFICE,
    Level.COMMUNITY: Role.SECRETARY,
    Level.STATION: Role.STATION,
}


class OrganisationsImport(SheetImport):
    """One row a node. A node is known by its parent and name; its code, once given, never changes.

    Codes follow the order of the sheet below each parent. Counties, cities and communities get their alliance. The
    person in charge becomes 上级办公室 (county, street), 社区书记 or 站点负责人; another name is a new appointment,
    which ends the predecessor's where there is exactly one. Empty cells change nothing; nodes that the sheet leaves
    out stay.
    """

    name = "organisations"
    title = "组织架构"
    about = "县、街道、社区和小区服务站，每行一个；县的上级留空。"
    columns = (
        Column("level", "层级", ("级别", "组织层级"), True, choice(LEVELS), "县、街道、社区或小区服务站"),
        Column("name", "名称", ("组织名称", "单位名称", "机构名称"), True, limited(60)),
        Column("parent", "上级名称", ("上级", "上级组织", "上级单位", "所属上级"), False, limited(60)),
        Column("leader", "负责人", ("负责人姓名", "书记", "站长", "姓名"), False, limited(40)),
        Column("phone", "联系电话", ("负责人电话", "电话", "手机", "手机号", "联系方式"), False, phone),
    )
    examples = (
        {
            "level": "街道",
            "name": "城关街道",
            "parent": "某县党建联盟总站",
            "leader": "张三",
            "phone": "13800000000",
        },
    )
    by_alliance = False
    at_root_only = True

    def __init__(self, tables: Tables, request: Request) -> None:
        super().__init__(tables, request)
        self._nodes: dict[tuple[int | None, str], Organisation] = {}
        self._by_name: dict[str, list[Organisation]] = {}
        self._in_file: dict[tuple[int | None, str], int] = {}
        for node in Organisation.objects.all():
            self._know(node)
        self._levels_in_file = {plain(row.values["name"]): row.values["level"] for row in tables.rows()}
        self._with_alliance = set(Alliance.objects.values_list("organisation_id", flat=True))
        self._posts: dict[int, list[Appointment]] = {}
        posts = Appointment.objects.filter(organisation__isnull=False, ends_on=None).select_related("person")
        for post in posts.order_by("pk"):
            self._posts.setdefault(post.organisation_id, []).append(post)

    def _know(self, node: Organisation) -> None:
        self._nodes[node.parent_id, plain(node.name)] = node
        self._by_name.setdefault(plain(node.name), []).append(node)

    def order(self, rows: Iterable[Row]) -> Iterable[Row]:
        """Level by level, so that a parent may stand below its children in the sheet."""
        return sorted(rows, key=lambda row: RANK[row.values["level"]])

    def take(self, row: Row) -> Fate:
        level, name = row.values["level"], row.values["name"]
        if row.values.get("phone") and not row.values.get("leader"):
            raise Refused("leader", "有电话没有姓名")
        parent = self._parent(row, level)
        place = (parent.pk if parent else None, plain(name))
        if place in self._in_file:
            raise Refused("name", f"与第 {self._in_file[place]} 行重复")
        node = self._nodes.get(place)
        if node is not None and node.level != level:
            raise Refused("level", f"“{name}”已登记为{node.get_level_display()}，层级不能改")
        is_new = node is None
        if node is None:
            self._ask_about_moved(row, level, parent)
            node = organisations.add(name, level, parent, actor=self.request.actor)
            node.parent = parent
        news = [] if is_new else self._alliance_news(node)
        founded = self._found_alliance(node)
        in_charge = self._put_in_charge(row, node)
        if in_charge:
            news.append(in_charge)
        # Only now is the row safe; what it made may be referred to by others.
        self._in_file[place] = row.number
        if founded:
            self._with_alliance.add(node.pk)
        if is_new:
            self._know(node)
            self.count(node.get_level_display())
            if founded:
                self.count("联盟")
            return Fate(ADDED, name, f"{node.get_level_display()}，编码 {node.code}")
        return Fate(CHANGED, name, "；".join(news)) if news else Fate(UNCHANGED, name)

    # --- where it stands -------------------------------------------------------------------------------------

    def _parent(self, row: Row, level: str) -> Organisation | None:
        typed = row.values.get("parent") or ""
        if not typed:
            return self._root_has_no_parent(row, level)
        if plain(typed) == plain(row.values["name"]):
            raise Refused("parent", "上级不能是自己")
        above = [
            node for node in self._by_name.get(plain(typed), []) if self._may_stand_under(level, node.level)
        ]
        if len(above) == 1:
            return above[0]
        if above:
            raise Refused("parent", f"名为“{typed}”的上级不止一个，分不清是哪一个")
        if wrong := self._by_name.get(plain(typed)):
            raise Refused("parent", self._wrong_level(level, typed, wrong[0].level))
        written = self._levels_in_file.get(plain(typed))
        if written is None:
            raise Refused("parent", f"没有“{typed}”这个上级")
        if self._may_stand_under(level, written):
            raise Refused("parent", f"上级“{typed}”那一行没有导入")
        raise Refused("parent", self._wrong_level(level, typed, written))

    def _root_has_no_parent(self, row: Row, level: str) -> None:
        roots = [node for (parent, _), node in self._nodes.items() if parent is None]
        if level == Level.STATION:
            raise Refused("parent", "小区服务站必须写明所属社区")
        if roots and plain(roots[0].name) != plain(row.values["name"]):
            raise Refused("parent", f"最上级只能有一个，已有“{roots[0].name}”；请写明上级名称")

    @staticmethod
    def _may_stand_under(level: str, above: str) -> bool:
        if level == Level.STATION:
            return above == Level.COMMUNITY
        return RANK[Level(above)] < RANK[Level(level)]

    @staticmethod
    def _wrong_level(level: str, name: str, above: str) -> str:
        if level == Level.STATION:
            return f"小区服务站的上级应是社区，“{name}”是{Level(above).label}"
        return f"上级“{name}”是{Level(above).label}，不比{Level(level).label}高一级"

    def _ask_about_moved(self, row: Row, level: str, parent: Organisation | None) -> None:
        """A community or street of this name stands elsewhere: a second one is possible, a slip is likelier."""
        others = [n for n in self._by_name.get(plain(row.values["name"]), []) if n.level == level]
        if level == Level.STATION or not others:
            return
        other = others[0]
        words = f"“{other.name}”已登记在“{other.parent.name if other.parent else ''}”下面，编码不能改；这是同名的另一个吗？"
        self.ask(row, "name", row.values["name"], words, [(NEW, "是同名的另一个，新登记")])

    # --- what stands on it -----------------------------------------------------------------------------------

    def _alliance_news(self, node: Organisation) -> list[str]:
        lacks = node.level in organisations.ALLIANCE_LEVELS and node.pk not in self._with_alliance
        return ["成立联盟"] if lacks else []

    def _found_alliance(self, node: Organisation) -> bool:
        if node.level not in organisations.ALLIANCE_LEVELS or node.pk in self._with_alliance:
            return False
        organisations.found_alliance(node, actor=self.request.actor)
        return True

    def _put_in_charge(self, row: Row, node: Organisation) -> str:
        """Appoint the person the row names; returns what changed, in words."""
        name, number = row.values.get("leader") or "", row.values.get("phone") or ""
        if not name:
            return ""
        role = ROLE_IN_CHARGE[Level(node.level)]
        holders = [post for post in self._posts.get(node.pk, []) if post.role == role]
        for post in holders:
            if post.person.name == name and number in ("", post.person.phone):
                return ""
        person = appointments.contact(name, number)
        before = holders[0].person.name if len(holders) == 1 else ""
        post = appointments.appoint(person, role, organisation=node, actor=self.request.actor)
        if before and role not in appointments.SINGLE_ROLES:
            on = max(self.request.today, holders[0].starts_on)
            appointments.end(holders[0], actor=self.request.actor, on=on)
        self._posts[node.pk] = [p for p in self._posts.get(node.pk, []) if p not in holders] + [post]
        return f"负责人 {before} → {name}" if before else f"负责人 {name}"
