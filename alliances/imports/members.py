"""Member units from 成员单位名册: units, their membership in alliances, leaders and liaisons."""

from __future__ import annotations

from typing import Any

from alliances.enums import DutyMode, Role, Sector
from alliances.importing import Column, Row, Tables, choice, day, integer, phone
from alliances.importing.importer import (
    ADDED,
    CHANGED,
    DUTY_MODES,
    UNCHANGED,
    Fate,
    Refused,
    Request,
    SheetImport,
    limited,
)
from alliances.models import Alliance, Appointment, Member, Unit
from alliances.selectors.unit_names import UnitNames
from alliances.services import appointments, membership

SECTORS = {
    Sector.GOVERNMENT: ("机关", "党政机关", "政府机关", "机关单位", "行政机关", "行政单位"),
    Sector.INSTITUTION: ("事业单位", "事业"),
    Sector.STATE_ENTERPRISE: ("国有企业", "国企", "国有"),
    Sector.PRIVATE_ENTERPRISE: ("非公企业", "非公有制企业", "民营企业", "民企", "私营企业", "非公"),
    Sector.SOCIAL_ORGANISATION: ("社会组织", "社会团体", "社团", "民办非企业", "协会"),
    Sector.SCHOOL: ("学校", "教育机构"),
    Sector.MEDICAL: ("医疗机构", "医院", "医疗卫生机构", "卫生机构"),
    Sector.OTHER: ("其他", "其它"),
}


def counted(value: Any) -> int | None:
    """A whole number that is not negative."""
    number = integer(value)
    if number is not None and number < 0:
        raise ValueError("不能是负数")
    return number


class MembersImport(SheetImport):
    """One row a membership: a unit in a community.

    A unit exists once, whatever number of communities it sits in; leader and liaison belong to the membership. A
    liaison or leader of another name or phone takes the post over. Empty cells and columns left out change nothing,
    members that the roster leaves out stay. Facts of a unit that also sits in alliances outside this import are not
    changed by it. Without 轮值方式 a social organisation is 集体, any other unit 单独 (seed: 每月原则上由一个单位单独
    轮值，社会组织可集体轮值).
    """

    name = "members"
    title = "成员单位名册"
    about = "每行是一家单位加入一个社区；一家单位加入几个社区就写几行。"
    columns = (
        Column("source_no", "序号", ("编号", "序列"), False, counted),
        Column("unit", "单位名称", ("成员单位", "成员单位名称", "单位", "单位全称"), True, limited(80)),
        Column(
            "sector",
            "单位类型",
            ("类别", "单位类别", "单位性质", "类型", "性质"),
            False,
            choice(SECTORS),
            "、".join(forms[0] for forms in SECTORS.values()),
        ),
        Column(
            "community",
            "所属社区",
            ("所在社区", "社区", "社区名称", "所属联盟", "联盟", "加入社区"),
            False,
            limited(80),
        ),
        Column("party_branch", "党组织名称", ("党组织", "所属党组织", "党支部"), False, limited(120)),
        Column("party_members", "党员数", ("党员人数", "党员", "党员数量"), False, counted),
        Column("duty_mode", "轮值方式", ("轮值形式", "方式"), False, choice(DUTY_MODES), "单独或集体"),
        Column("leader", "负责人", ("负责人姓名", "单位负责人", "主要负责人"), False, limited(40)),
        Column("liaison", "联络员", ("联络员姓名", "联系人", "联络人"), False, limited(40)),
        Column(
            "phone",
            "联络员电话",
            ("联络员手机", "联络员联系电话", "联络电话", "联系电话", "手机号", "手机", "电话", "联系人电话"),
            False,
            phone,
        ),
        Column("joined_on", "加入日期", ("入盟时间", "加入时间", "入盟日期"), False, day),
    )
    examples = (
        {
            "source_no": 1,
            "unit": "县图书馆",
            "sector": "事业单位",
            "community": "同心社区",
            "party_branch": "中共县图书馆支部委员会",
            "party_members": 9,
            "duty_mode": "单独",
            "leader": "张三",
            "liaison": "李四",
            "phone": "13800000000",
            "joined_on": "2023-06-28",
        },
    )

    def __init__(self, tables: Tables, request: Request) -> None:
        super().__init__(tables, request)
        self._units = {unit.name: unit for unit in Unit.objects.all()}
        self._names = UnitNames((unit.name, unit.aliases) for unit in self._units.values())
        self._members: dict[tuple[int, int], Member] = {}
        self._left: dict[tuple[int, int], Member] = {}
        self._elsewhere: set[int] = set()
        ours = {alliance.pk for alliance in request.alliances}
        for member in Member.objects.select_related("unit", "alliance").order_by("pk"):
            if member.alliance_id not in ours:
                self._elsewhere.add(member.unit_id)
                continue
            shelf = self._members if member.left_on is None else self._left
            shelf[member.alliance_id, member.unit_id] = member
        self._posts: dict[tuple[int, str], Appointment] = {}
        posts = Appointment.objects.filter(member__alliance__in=ours, ends_on=None).select_related("person")
        for post in posts:
            self._posts[post.member_id, post.role] = post
        self._in_file: dict[tuple[int, str], int] = {}
        self._numbers: dict[tuple[int, int], int] = {}
        self._facts: dict[str, tuple[int, dict[str, Any]]] = {}

    def take(self, row: Row) -> Fate:
        alliance = self.alliance_of(row)
        typed = row.values["unit"]
        name = self.unit_meant(row, "unit", typed, self._names) or typed
        self._check_once(row, alliance, name)
        self._check_facts(row, name)
        self._check_people(row)
        unit = self._units.get(name)
        member = self._members.get((alliance.pk, unit.pk)) if unit else None
        if unit and member is None:
            self._check_return(row, self._left.get((alliance.pk, unit.pk)))
        is_new_unit, is_new = unit is None, member is None
        news = []
        if unit is None:
            unit = self._add_unit(row, name)
        else:
            news += self._change_unit(row, unit, typed)
        if member is None:
            member = self._join(row, alliance, unit)
        else:
            news += self._change_member(row, member)
        posts = [self._appoint(row, member, Role.LEADER), self._appoint(row, member, Role.LIAISON)]
        self._remember(row, alliance, unit, member, [post for post in posts if post])
        what = f"{unit.name}（{alliance.organisation.name}）"
        if is_new:
            self.count("加入关系")
            if is_new_unit:
                self.count("单位")
            return Fate(ADDED, what, "" if is_new_unit else "单位已登记，加入本社区")
        news += [f"{post.get_role_display()}改为{post.person.name}" for post in posts if post]
        return Fate(CHANGED, what, "；".join(news)) if news else Fate(UNCHANGED, what)

    # --- what must hold before anything is written -----------------------------------------------------------

    def _check_once(self, row: Row, alliance: Alliance, name: str) -> None:
        if earlier := self._in_file.get((alliance.pk, name)):
            raise Refused("unit", f"“{name}”在{alliance.organisation.name}与第 {earlier} 行重复")
        number = row.values.get("source_no")
        if number is not None and (earlier := self._numbers.get((alliance.pk, number))):
            raise Refused("source_no", f"序号 {number} 与第 {earlier} 行重复")

    def _check_facts(self, row: Row, name: str) -> None:
        """The same unit says the same of itself in every row."""
        earlier, facts = self._facts.get(name, (0, {}))
        for key, value in _facts_of(row).items():
            if facts.get(key, value) != value:
                raise Refused(key, f"同一家单位在第 {earlier} 行填的不一样")
        unit = self._units.get(name)
        if unit is None or unit.pk not in self._elsewhere:
            return
        for key, value in _facts_of(row).items():
            if getattr(unit, key) not in ("", None, value):
                reason = "与已登记的不一致；该单位还加入了其他社区，单位资料请由系统管理员统一更改"
                raise Refused(key, reason)

    @staticmethod
    def _check_people(row: Row) -> None:
        if row.values.get("phone") and not row.values.get("liaison"):
            raise Refused("liaison", "有联络员电话，没有联络员姓名")

    @staticmethod
    def _check_return(row: Row, left: Member | None) -> None:
        """An old roster must not bring back a unit that has left since."""
        joined = row.values.get("joined_on")
        if left is not None and left.left_on and (joined is None or joined < left.left_on):
            on = f"{left.left_on.year}年{left.left_on.month}月{left.left_on.day}日"
            raise Refused("joined_on", f"该单位已于{on}退出；重新加入的，请填新的加入日期")

    # --- writing ---------------------------------------------------------------------------------------------

    def _add_unit(self, row: Row, name: str) -> Unit:
        facts = _facts_of(row)
        sector = facts.pop("sector", None)
        if sector is None:
            raise Refused("sector", "新单位必须填写单位类型")
        return membership.add_unit(name, sector, actor=self.request.actor, **facts)

    def _change_unit(self, row: Row, unit: Unit, typed: str) -> list[str]:
        facts = {key: value for key, value in _facts_of(row).items() if getattr(unit, key) != value}
        if self._names.find(typed) is None:  # somebody said that it is this one: not to be asked again
            facts["aliases"] = [*unit.aliases, typed]
        titles = {column.key: column.title for column in self.columns} | {"aliases": "曾用名、简称"}
        news = [f"{titles[key]}{_change(getattr(unit, key), value)}" for key, value in facts.items()]
        if facts:
            # A copy: the row may still be refused, and then the unit must be as it was.
            membership.change_unit(Unit.objects.get(pk=unit.pk), actor=self.request.actor, **facts)
        return news

    def _join(self, row: Row, alliance: Alliance, unit: Unit) -> Member:
        usual = DutyMode.COLLECTIVE if unit.sector == Sector.SOCIAL_ORGANISATION else DutyMode.SOLO
        return membership.join(
            alliance,
            unit,
            duty_mode=row.values.get("duty_mode") or usual,
            joined_on=row.values.get("joined_on"),
            source_no=row.values.get("source_no"),
            actor=self.request.actor,
        )

    def _change_member(self, row: Row, member: Member) -> list[str]:
        wanted = {key: row.values.get(key) for key in ("duty_mode", "joined_on", "source_no")}
        values = {k: v for k, v in wanted.items() if v is not None and getattr(member, k) != v}
        titles = {column.key: column.title for column in self.columns}
        news = [f"{titles[key]}{_change(getattr(member, key), value)}" for key, value in values.items()]
        if values:
            copy = Member.objects.select_related("alliance", "unit").get(pk=member.pk)
            membership.change(copy, actor=self.request.actor, **values)
        return news

    def _appoint(self, row: Row, member: Member, role: str) -> Appointment | None:
        """The person the row names takes the post; ``None`` if nobody is named or the holder is that person."""
        name = row.values.get(role) or ""
        number = (row.values.get("phone") or "") if role == Role.LIAISON else ""
        if not name:
            return None
        standing = self._posts.get((member.pk, role))
        if standing and standing.person.name == name and number in ("", standing.person.phone):
            return None
        person = appointments.contact(name, number)
        return appointments.appoint(person, role, member=member, actor=self.request.actor)

    def _remember(
        self, row: Row, alliance: Alliance, unit: Unit, member: Member, posts: list[Appointment]
    ) -> None:
        """Only now is the row safe; from here on later rows may build on it."""
        unit = self._units[unit.name] = Unit.objects.get(pk=unit.pk)
        self._names.add(unit.name, unit.aliases)
        self._members[alliance.pk, unit.pk] = member
        for post in posts:
            self._posts[member.pk, post.role] = post
        self._in_file[alliance.pk, unit.name] = row.number
        if row.values.get("source_no") is not None:
            self._numbers[alliance.pk, row.values["source_no"]] = row.number
        if unit.name not in self._facts:
            self._facts[unit.name] = (row.number, _facts_of(row))


def _facts_of(row: Row) -> dict[str, Any]:
    """What the row says of the unit itself; empty cells say nothing."""
    facts = {key: row.values.get(key) for key in ("sector", "party_branch", "party_members")}
    return {key: value for key, value in facts.items() if value not in ("", None)}


def _change(before: Any, after: Any) -> str:
    return f" {_words(before)} → {_words(after)}"


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(value) or "（空）"
    if value in Sector.values:
        return Sector(value).label
    if value in DutyMode.values:
        return DutyMode(value).label
    return "（空）" if value in ("", None) else str(value)
