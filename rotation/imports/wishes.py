"""What units want of a coming year (轮值意愿征集表): one row a membership."""

from __future__ import annotations

from alliances.importing import Column, Row, Tables, month_list
from alliances.importing.importer import (
    ADDED,
    CHANGED,
    UNCHANGED,
    Fate,
    Refused,
    Request,
    SheetImport,
    limited,
)
from alliances.models import Member
from alliances.selectors.unit_names import UnitNames
from rotation.enums import WishSource
from rotation.imports.plan import membership_names, remember_name
from rotation.models import Wish
from rotation.services import wishes


class WishesImport(SheetImport):
    """A row is the unit's whole statement for the year: what it leaves empty is no wish.

    无 and 服从安排 mean no month. The title says the year (2026年度). A wish that is already there is replaced where
    the row says otherwise; units without a row keep theirs. Once the year's table is passed, wishes are refused.
    """

    name = "wishes"
    title = "轮值意愿征集表"
    about = "每家单位一行：想在哪几个月轮值、哪几个月不便；“无”“服从安排”表示没有要求。"
    columns = (
        Column("unit", "单位名称", ("成员单位", "成员单位名称", "单位", "单位全称"), True, limited(80)),
        Column(
            "community", "所属社区", ("所在社区", "社区", "社区名称", "所属联盟", "联盟"), False, limited(80)
        ),
        Column(
            "preferred",
            "意向月份",
            ("意向轮值月份", "意愿月份", "希望月份", "轮值意向", "意向"),
            True,
            month_list,
            "如“4月、11月”，没有就写“服从安排”",
        ),
        Column(
            "blackout",
            "不便月份",
            ("不方便月份", "不便轮值月份", "回避月份"),
            False,
            month_list,
            "没有就写“无”",
        ),
        Column("theme", "拟办活动主题", ("活动主题", "主题", "拟办活动"), False, limited(120)),
        Column("resources", "可提供资源", ("资源", "可提供的资源", "提供资源"), False, limited(200)),
        Column(
            "excused", "不轮值原因", ("不参加轮值原因", "今年不轮值的原因", "请假原因"), False, limited(120)
        ),
    )
    examples = (
        {
            "unit": "县图书馆",
            "community": "同心社区",
            "preferred": "4月、8月",
            "blackout": "无",
            "theme": "世界读书日活动",
            "resources": "流动图书车1台",
        },
    )
    asks_year = True

    def __init__(self, tables: Tables, request: Request) -> None:
        super().__init__(tables, request)
        self._years: dict[str, int] = {}
        self._known: dict[int, tuple[UnitNames, dict[str, Member]]] = {}
        self._in_file: dict[tuple[int, int], tuple[str, int]] = {}

    def take_all(self) -> None:
        for table in self.tables:
            if not table.is_usable:
                continue
            try:
                self._years[table.sheet] = self.year_of(table)
            except Refused as problem:
                self.refuse_sheet(table, "年度", table.sheet, problem.reason)
                continue
            for row in table.rows:
                self.try_row(row)

    def take(self, row: Row) -> Fate:
        year, member = self._years[row.sheet], self._member(row)
        if earlier := self._in_file.get((member.pk, year)):
            where = (
                f"第 {earlier[1]} 行"
                if earlier[0] == row.sheet
                else f"工作表“{earlier[0]}”第 {earlier[1]} 行"
            )
            raise Refused("unit", f"与{where}重复")
        values = row.values
        blackout = values.get("blackout") or []
        if both := sorted(set(values["preferred"]) & set(blackout)):
            raise Refused("blackout", f"{'、'.join(f'{m}月' for m in both)}既填了意向又填了不便")
        is_new = not Wish.objects.filter(member=member, year=year).exists()
        _, has_changed = wishes.submit(
            member,
            year,
            preferred=values["preferred"],
            blackout=blackout,
            theme=values.get("theme") or "",
            resources=values.get("resources") or "",
            excused_reason=values.get("excused") or "",
            source=WishSource.IMPORT,
            actor=self.request.actor,
        )
        self._in_file[member.pk, year] = (row.sheet, row.number)
        what = f"{member.unit.name}（{member.alliance.organisation.name}）"
        detail = f"意向 {_months(values['preferred'])}，不便 {_months(blackout)}"
        if is_new:
            self.count("意愿")
            return Fate(ADDED, what, detail)
        return Fate(CHANGED if has_changed else UNCHANGED, what, detail if has_changed else "")

    def _member(self, row: Row) -> Member:
        alliance = self.alliance_of(row)
        if alliance.pk not in self._known:
            self._known[alliance.pk] = membership_names(alliance)
        known, members = self._known[alliance.pk]
        typed = row.values["unit"]
        stranger = f"“{typed}”不是{alliance.organisation.name}的成员单位"
        member = members[self.unit_meant(row, "unit", typed, known, stranger) or ""]
        if member.left_on is not None:
            raise Refused("unit", f"“{typed}”已经退出{alliance.organisation.name}的联盟")
        remember_name(member, typed, known, self.request)
        return member


def _months(months: list[int]) -> str:
    return "、".join(f"{month}月" for month in months) or "无"
