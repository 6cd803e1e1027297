"""Past annual tables (年度轮值主席安排表): one sheet a community, one row a month."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alliances.enums import DutyMode
from alliances.errors import OfficeError
from alliances.importing import Column, Row, Table, Tables, choice, month, names
from alliances.importing.importer import DUTY_MODES, Fate, Refused, Request, SheetImport, limited, names_of
from alliances.models import Alliance, Member, Unit
from alliances.selectors.unit_names import UnitNames, plain
from alliances.services import membership
from rotation.services import plans

DETAILS = {"mode": "轮值方式", "theme": "活动主题", "note": "备注"}


def membership_names(alliance: Alliance) -> tuple[UnitNames, dict[str, Member]]:
    """How the members of ``alliance`` are called, and the member behind each proper name.

    Units that have left count too, for a past table may name them; one that joined again is found as it stands now.
    """
    members: dict[str, Member] = {}
    rows = Member.objects.filter(alliance=alliance).select_related("unit", "alliance").order_by("pk")
    for member in rows:
        if member.left_on is None or member.unit.name not in members:
            members[member.unit.name] = member
    return UnitNames((name, member.unit.aliases) for name, member in members.items()), members


class PlanImport(SheetImport):
    """A year that is over becomes a closed plan, which no sweep acts on (design: imported past years are closed).

    The sheet's name, or its title, says which community; its title which year. Units of one month are separated by
    顿号 or stand in the rows of one merged month, the lead first. The table's mode overrides the roster; without it
    the number of units decides. Missing months stay missing; the current year (before its December) and
    later ones are not imported: they are made on the Year page.
    """

    name = "plan"
    title = "年度轮值主席安排表"
    about = "往年的安排表，每个社区一张工作表，每月一行；集体轮值的几家单位用顿号分开，牵头单位写在最前。"
    columns = (
        Column("month", "月份", ("轮值月份", "月", "时间"), True, month),
        Column(
            "units",
            "轮值主席单位",
            ("轮值单位", "轮值主席", "主席单位", "单位名称", "轮值主席单位名称"),
            True,
            names,
        ),
        Column("mode", "轮值方式", ("轮值形式", "方式"), False, choice(DUTY_MODES), "单独或集体"),
        Column(
            "theme",
            "活动主题",
            ("主题", "计划活动主题", "活动内容", "拟办活动主题", "活动名称"),
            False,
            limited(120),
        ),
        Column("note", "备注", ("说明", "开展情况"), False, limited(200)),
    )
    examples = (
        {"month": "1月", "units": "县图书馆", "mode": "单独", "theme": "送福字进小区"},
        {"month": "2月", "units": "县书法家协会、县志愿者协会", "mode": "集体", "theme": "学雷锋志愿服务"},
    )
    asks_year = True

    def __init__(self, tables: Tables, request: Request) -> None:
        super().__init__(tables, request)
        self._sheets: dict[tuple[int, int], str] = {}
        self._known: dict[int, tuple[UnitNames, dict[str, Member]]] = {}

    def take(self, row: Row) -> Fate:
        raise NotImplementedError("a month is taken with its whole table")

    def take_all(self) -> None:
        for table in self.tables:
            if table.is_usable:
                self._take_sheet(table)

    def _take_sheet(self, table: Table) -> None:
        try:
            alliance = self._alliance(table)
            year = self._past_year(table)
            if other := self._sheets.get((alliance.pk, year)):
                raise Refused("sheet", f"与工作表“{other}”是同一个社区同一年度")
        except Refused as problem:
            column = {"year": "年度", "sheet": "工作表"}[problem.key]
            self.refuse_sheet(table, column, table.sheet, problem.reason)
            return
        self._sheets[alliance.pk, year] = table.sheet
        months = self._months(table, alliance)
        if not months:
            return
        values = {number: {k: v for k, v in taken.items() if k != "rows"} for number, taken in months.items()}
        try:
            _, results = plans.store_past(alliance, year, values, actor=self.request.actor)
        except OfficeError as problem:
            self.refuse_sheet(table, "年度", str(year), problem.message)
            return
        for number, taken in months.items():
            self._settle_month(alliance, year, number, taken, results[number])

    def _settle_month(
        self, alliance: Alliance, year: int, number: int, taken: dict[str, Any], kind: str
    ) -> None:
        units = "、".join(member.unit.name for member in taken["members"])
        what = f"{alliance.organisation.name} {year}年{number}月"
        for row in taken["rows"]:
            self.settle(row, Fate(kind, what, units))
        if kind == "added":
            self.count("轮值月")
            for _ in taken["members"]:
                self.count("单位·月")

    # --- which community, which year ------------------------------------------------------------------------

    def _alliance(self, table: Table) -> Alliance:
        """The sheet's name says it, else the title, else the person who chose one alliance for the file."""
        candidates = self.request.alliances
        only = self.request.only
        by_name = [a for a in candidates if plain(table.sheet) in names_of(a)]
        by_name = by_name or _named_in(table.sheet, candidates)
        if not by_name and only is None:
            by_name = _named_in(table.title, candidates)
        if len(by_name) == 1:
            return by_name[0]
        if by_name:
            raise Refused("sheet", "看不出是哪个社区，名称相符的不止一个")
        if only is None:
            raise Refused("sheet", "看不出是哪个社区，请用社区名称作工作表名")
        others = Alliance.objects.exclude(pk=only.pk).select_related("organisation")
        in_title = table.title if not _named_in(table.title, [only]) else ""
        if _named_in(table.sheet, others) or _named_in(in_title, others):
            raise Refused("sheet", f"本次只导入{only.organisation.name}")
        return only

    def _past_year(self, table: Table) -> int:
        """Past from its December on: then next year's table is drafted, which needs this year's duties."""
        year, today = self.year_of(table), self.request.today
        if (year, 12) > (today.year, today.month):
            raise Refused("year", f"{year}年度还没有结束；当年和以后的安排表请在“年度轮值”里编排")
        return year

    # --- months and units ------------------------------------------------------------------------------------

    def _months(self, table: Table, alliance: Alliance) -> dict[int, dict[str, Any]]:
        """Month → members, mode, theme, note and the rows they come from; refused rows are left out."""
        groups: dict[int, list[Row]] = {}
        for row in table.rows:
            standing = groups.setdefault(row.values["month"], [])
            if standing and not _same_block(standing[0], row):
                number = row.values["month"]
                self.refuse(row, "month", f"{number}月重复，第 {standing[0].number} 行已经有了")
                continue
            standing.append(row)
        months: dict[int, dict[str, Any]] = {}
        for number, rows in sorted(groups.items()):
            row = rows[0]
            try:
                members: list[Member] = []
                for row in rows:
                    members += self._members(row, alliance, members)
                months[number] = self._values(rows, members)
            except Refused as problem:
                self.refuse(row, problem.key, problem.reason)
        return months

    def _members(self, row: Row, alliance: Alliance, before: list[Member]) -> list[Member]:
        if alliance.pk not in self._known:
            self._known[alliance.pk] = membership_names(alliance)
        known, members = self._known[alliance.pk]
        found: list[Member] = []
        for typed in row.values["units"]:
            stranger = f"“{typed}”不是{alliance.organisation.name}的成员单位"
            name = self.unit_meant(row, "units", typed, known, stranger)
            member = members[name or ""]
            if member in before or member in found:
                raise Refused("units", f"“{typed}”在同一个月写了两次")
            found.append(member)
            remember_name(member, typed, known, self.request)
        return found

    @staticmethod
    def _values(rows: list[Row], members: list[Member]) -> dict[str, Any]:
        first: dict[str, Any] = dict.fromkeys(DETAILS, "")
        for row in rows:
            for key in DETAILS:
                first[key] = first[key] or row.values.get(key) or ""
        usual = DutyMode.COLLECTIVE if len(members) > 1 else DutyMode.SOLO
        mode = first["mode"] or usual
        if mode == DutyMode.SOLO and len(members) > 1:
            raise Refused("mode", f"写的是单独轮值，却有 {len(members)} 家单位")
        return {**first, "mode": mode, "members": members, "rows": rows}


def remember_name(member: Member, typed: str, known: UnitNames, request: Request) -> None:
    """Somebody said that ``typed`` is this unit: kept as one of its names, so that nobody is asked again."""
    if known.find(typed) is not None:
        return
    unit = Unit.objects.get(pk=member.unit_id)  # as it stands: another community's row may have added a name
    if typed not in unit.aliases:
        membership.change_unit(unit, actor=request.actor, aliases=[*unit.aliases, typed])
    known.add(unit.name, [typed])


def _same_block(first: Row, row: Row) -> bool:
    block = row.blocks.get("month")
    return block is not None and first.blocks.get("month") == block


def _named_in(words: str, alliances: Iterable[Alliance]) -> list[Alliance]:
    """Those whose community stands in ``words``; of 北关社区 and 关社区 only the longer one."""
    text = plain(words)
    found = [a for a in alliances if plain(a.organisation.name) in text]
    longest = max((len(a.organisation.name) for a in found), default=0)
    return [a for a in found if len(a.organisation.name) == longest]
