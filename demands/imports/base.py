"""What the importers of the four lists share: whose list it is, which row is meant, which unit serves.

A row is found again by our own 编号 where the list has it (our exports do), else by the 序号 of the importing
organisation's list, else by what it says. An export's first column only counts its rows; there 原序号 is the number.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db.models import Model, TextChoices

from alliances.importing import Column, Row, Tables, choice, day, phone, text
from alliances.importing.importer import Refused, Request, SheetImport, limited
from alliances.importing.parsers import integer
from alliances.models import Alliance, Member, Organisation, Unit
from alliances.selectors.unit_names import UnitNames, plain
from alliances.services import membership
from demands.selectors.contacts import HIDDEN
from demands.selectors.reading import NOT_FOR_YOU, NOT_OUTSIDE
from demands.services.acting import BETWEEN_NAMES, NOBODY

MASKED_TITLE = "对象（脱敏）"
ANONYMOUS = NOBODY
MOST_PEOPLE = 20
# What our own lists print in place of words that their reader may not see.
STAND_INS = frozenset({HIDDEN, NOT_FOR_YOU, NOT_OUTSIDE})


def numbered(value: Any) -> int | None:
    """A list's number: whole, from 1."""
    number = integer(value)
    if number is not None and number < 1:
        raise ValueError("序号应从 1 开始")
    return number


def counted(value: Any) -> int | None:
    number = integer(value)
    if number is not None and number < 0:
        raise ValueError("不能是负数")
    return number


def past_day(today: Callable[[], date]) -> Callable[[Any], date | None]:
    """A date that is not in the future."""

    def parse(value: Any) -> date | None:
        found = day(value)
        if found is not None and found > today():
            raise ValueError("日期在今天以后")
        return found

    return parse


def labels(choices: type[TextChoices], **more: tuple[str, ...]) -> Callable[[Any], Any]:
    """A parser for an enum's own labels; ``more`` are other spellings by value."""
    return choice({member: (member.label, *more.get(member.value, ())) for member in choices})


def yes_no(value: Any) -> bool | None:
    found: bool | None = choice({True: ("是", "敏感", "√"), False: ("否", "不", "无")})(value)
    return found


def phones(value: Any) -> list[str]:
    """One or more numbers, an empty one where somebody among them has none (无); a masked one is refused, for it would
    overwrite the real one."""
    typed = text(value)
    if "*" in typed or "＊" in typed:
        raise ValueError("号码已经脱敏，脱敏的清单不能导入")
    pieces = _pieces(typed)
    if len(pieces) > MOST_PEOPLE:
        raise ValueError(f"一格最多 {MOST_PEOPLE} 个号码")
    if len(pieces) == 1 and pieces[0] not in ANONYMOUS:
        return [phone(value)]  # as the cell has it: a number cell says what became of the digits
    return _known(["" if piece in ANONYMOUS else phone(piece) for piece in pieces])


def people(value: Any) -> list[str]:
    """One or more names, an empty one for a 匿名 among them; 匿名 alone is nobody, a masked one is refused."""
    typed = text(value)
    if "*" in typed or "＊" in typed:
        raise ValueError("姓名已经脱敏，脱敏的清单不能导入")
    found = _pieces(typed)
    if len(found) > MOST_PEOPLE:
        raise ValueError(f"一格最多 {MOST_PEOPLE} 个姓名")
    if any(len(name) > 40 for name in found):
        raise ValueError("姓名最多 40 字")
    return _known(["" if name in ANONYMOUS else name for name in found])


def _pieces(typed: str) -> list[str]:
    return [piece.strip() for piece in re.split(f"[{BETWEEN_NAMES}\n]", typed) if piece.strip()]


def _known(found: list[str]) -> list[str]:
    """Places stay where somebody is known, so that the second name and the second number are one person's."""
    return found if any(found) else []


SOURCE_NO = Column("source_no", "序号", ("序列",), False, numbered)
ORIGIN_NO = Column("origin_no", "原序号", (), False, numbered, "本系统导出的表里才有，新填的表不用这一列")
COMMUNITY = Column(
    "community", "社区", ("所属社区", "需求社区"), False, limited(80), "需求所在的社区，可以不填"
)


class ListImport(SheetImport):
    """Base of the four lists' importers."""

    def __init__(self, tables: Tables, request: Request) -> None:
        super().__init__(tables, request)
        self.owner = owner_of(request)
        self._units: UnitNames | None = None
        self._members: dict[str, list[Member]] = {}
        self._seen: dict[tuple[Any, ...], int] = {}
        self._numbers: dict[type[Model], set[int]] = {}

    def try_row(self, row: Row) -> None:
        """Refuse a row of a masked list: taken, it would write the stand-in over the words that it stands for."""
        for key, value in row.values.items():
            if isinstance(value, str) and value in STAND_INS:
                self.refuse(row, key, "这一格已经脱敏，脱敏的清单不能导入")
                return
        super().try_row(row)

    @property
    def source(self) -> Organisation:
        """The organisation whose list this is: the chosen alliance's, else the one above all rows' alliances."""
        if self.owner is None:
            raise Refused(self.columns[0].key, "还没有联盟，请先导入组织架构")
        return self.owner

    def number_of(self, row: Row) -> int | None:
        """The row's number in its list; of an export, that of the list it once came from."""
        if "origin_no" in row.values:
            return row.values["origin_no"]
        return row.values.get("source_no")

    def once(self, row: Row, key: str, *identity: Any) -> None:
        """Refuse a second row of the file about the same thing."""
        earlier = self._seen.setdefault((key, *identity), row.number)
        if earlier != row.number:
            raise Refused(key, f"与第 {earlier} 行重复")

    def by_source(self, model: type[Model], number: int | None, *related: str) -> Any:
        """The row of this list's ``number`` that was here before this import: no file has a number twice (``once``)."""
        if number is None:
            return None
        rows = model._default_manager.filter(source_organisation=self.source)
        if model not in self._numbers:  # read once: a first import asks for hundreds that are not there
            self._numbers[model] = set(rows.order_by().values_list("source_no", flat=True))
        if number not in self._numbers[model]:
            return None
        return rows.filter(source_no=number).select_related(*related).first()

    def origin(self, number: int | None) -> dict[str, Any]:
        """The columns that remember where a new row came from."""
        return {"source_organisation": self.source, "source_no": number} if number is not None else {}

    def alliances_meant(self, row: Row) -> list[int]:
        """Ids of the alliances whose demands the row may be about: its community's, else all of the request."""
        if row.values.get("community"):
            return [self.alliance_named(row.values["community"], "community").pk]
        return [alliance.pk for alliance in self.request.alliances]

    def serving(self, row: Row, key: str, alliance: Alliance | None, on: date | None = None) -> Member:
        """The membership through which a unit serves: the one in ``alliance``, else its earliest that stood then."""
        typed = row.values[key]
        if self._units is None:
            self._read_units()
        assert self._units is not None
        name = self.unit_meant(
            row, key, typed, self._units, f"“{typed}”不是已登记的成员单位，请先导入成员单位名册"
        )
        found = self._members.get(name or "", [])
        if not found:
            raise Refused(key, f"“{typed}”没有加入任何联盟")
        standing = [m for m in found if m.left_on is None or (on is not None and m.left_on > on)] or found
        here = [m for m in standing if alliance is not None and m.alliance_id == alliance.pk]
        member = (here or standing)[0]
        self._remember(member, typed)
        return member

    def _read_units(self) -> None:
        self._units = UnitNames(Unit.objects.values_list("name", "aliases"))
        rows = Member.objects.select_related("unit", "alliance__organisation").order_by("pk")
        for member in sorted(rows, key=lambda m: (m.joined_on or date.min, m.pk)):
            self._members.setdefault(member.unit.name, []).append(member)

    def _remember(self, member: Member, typed: str) -> None:
        """Somebody said that ``typed`` is this unit: kept as one of its names, so that nobody is asked again."""
        assert self._units is not None
        if self._units.find(typed) is not None:
            return
        unit = Unit.objects.get(pk=member.unit_id)
        if typed not in unit.aliases:
            membership.change_unit(unit, actor=self.request.actor, aliases=[*unit.aliases, typed])
        self._units.add(unit.name, [typed])


def owner_of(request: Request) -> Organisation | None:
    """Whose list it is: the chosen alliance's organisation, else the lowest one above all alliances of the request."""
    if request.only is not None:
        return request.only.organisation
    paths = [alliance.organisation.path for alliance in request.alliances]
    common = posixpath.commonpath(paths) if paths else ""
    return Organisation.objects.filter(path=f"{common}/").first() if common else None


def station_names(station: Organisation) -> set[str]:
    """文苑小区服务站, also 文苑小区."""
    name = plain(station.name)
    return {name, name.removesuffix("服务站"), plain(station.code)} - {""}


def told(changes: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """What a row changes, in the columns' titles, without the values."""
    return "、".join(titles.get(key, key) for key in changes)
