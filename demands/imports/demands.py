"""群众需求清单: what residents and units asked for."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

from alliances import clock
from alliances.enums import Level
from alliances.importing import Column, Row, Tables, day
from alliances.importing.importer import ADDED, CHANGED, UNCHANGED, Fate, Refused, Request, limited
from alliances.models import Alliance, Organisation
from alliances.selectors.unit_names import plain
from demands import policies
from demands.enums import DemandSource, Urgency
from demands.imports.base import (
    MASKED_TITLE,
    ORIGIN_NO,
    SOURCE_NO,
    ListImport,
    labels,
    past_day,
    people,
    phones,
    station_names,
    told,
    yes_no,
)
from demands.models import Author, Category, Demand
from demands.selectors import contacts
from demands.services import categories, imported
from demands.services.intake import MOST_WORDS

SOURCES = {
    "visit": ("走访", "入户"),
    "wechat": ("微信群", "居民群"),
    "hotline_12345": ("12345", "12345热线", "12345热线转办"),
    "online": ("网上点单", "扫码点单"),
    "hotline": ("电话", "来电"),
    "station": ("来访",),
}
URGENCIES = {"normal": ("普通",), "soon": ("较紧急",), "urgent": ("特急", "加急")}
FACTS = ("source", "raised_on", "content", "urgency", "expected_on", "is_sensitive", "share_text")


class DemandsImport(ListImport):
    """One row a demand. A new one is open to the alliance's units at once; its state follows the list of claims.

    Name and phone are the resident's and stored encrypted; 匿名 or nothing is nobody. Empty cells and columns left out
    change nothing. A list with masked contacts is refused whole.
    """

    name = "demands"
    title = "群众需求清单"
    about = "每行是一项群众需求；需求人和电话只用于回访，加密保存，可以不填。"
    columns = (
        SOURCE_NO,
        Column("number", "编号", ("需求编号",), False, limited(60), "系统给的编号，新需求不填"),
        ORIGIN_NO,
        Column("source", "来源", ("需求来源", "渠道"), True, labels(DemandSource, **SOURCES), "、".join(DemandSource.labels)),
        Column("raised_on", "提出时间", ("提出日期", "日期", "收集时间", "登记日期"), True, past_day(clock.today)),
        Column("community", "社区", ("所属社区", "所在社区", "社区名称"), False, limited(80)),
        Column("station", "小区服务站", ("小区", "服务站", "站点", "所在小区"), False, limited(80)),
        Column("names", "需求人", ("姓名", "对象", "反映人", "诉求人", "点单人"), False, people, "不愿留名的写“匿名”", is_private=True),
        Column("phones", "电话", ("联系电话", "手机", "手机号"), False, phones, is_private=True),
        Column("masked", MASKED_TITLE, ("对象(脱敏)",), False, None, "脱敏导出才有的列，不要填"),
        Column("group", "类别大项", ("大类", "大项", "类别", "类别(大类/小项)", "类别（大类/小项）"), True, limited(41)),
        Column("category", "小项", ("小类", "类别小项"), False, limited(20)),
        Column("content", "需求内容", ("内容", "诉求内容", "需求描述"), True, limited(MOST_WORDS)),
        Column("urgency", "紧急程度", ("缓急", "紧急"), False, labels(Urgency, **URGENCIES), "不填就是一般"),
        Column("expected_on", "期望时限", ("期望完成时间", "期望日期"), False, day),
        Column("is_sensitive", "涉及敏感信息", ("敏感",), False, yes_no, "是或否；不填就按类别"),
        Column("share_text", "对外表述", (), False, limited(300), "跨社区共享时用的说法，不写姓名"),
    )  # fmt: skip
    examples = (
        {
            "source_no": 1,
            "source": "入户走访",
            "raised_on": "2026-03-05",
            "community": "同心社区",
            "station": "清风小区服务站",
            "names": "张三",
            "phones": "13800000000",
            "group": "环境",
            "category": "噪声",
            "content": "楼下夜里放音响，睡不着",
            "urgency": "一般",
        },
    )

    def __init__(self, tables: Tables, request: Request) -> None:
        super().__init__(tables, request)
        self._stations: dict[int, dict[str, list[Organisation]]] = {}
        self._categories: dict[tuple[str, str], Category] = {}

    def take(self, row: Row) -> Fate:
        if "masked" in row.values:
            raise Refused("masked", "这是脱敏导出的清单，不能导回；请用未脱敏的清单")
        alliance = self.alliance_of(row)
        values = self._values(row, alliance)
        number = self.number_of(row)
        demand = self._known(row, alliance, number)
        what = f"{alliance.organisation.name} {_veiled(row)[:20]}"
        if demand is None:
            return self._add(row, alliance, values, number, what)
        self.once(row, "number", demand.pk)
        changes = imported.changes_of(demand, values)
        self._check_changes(row, demand, changes)
        if (
            changes.get("is_sensitive")
            and demand.shared_to_id
            and not values.get("share_text", demand.share_text)
        ):
            raise Refused("is_sensitive", "这项需求已经共享，改为敏感前要先填对外表述")
        titles = {column.key: column.title for column in self.columns} | {
            "category": "类别",
            "names": "需求人",
        }
        news = told(changes, titles)
        if changes:
            imported.change_demand(demand, changes, actor=self.request.actor)
        if self._change_authors(row, demand):
            news = "、".join(filter(None, [news, "需求人"]))
        return Fate(CHANGED, what, news) if news else Fate(UNCHANGED, what)

    def _add(
        self, row: Row, alliance: Alliance, values: dict[str, Any], number: int | None, what: str
    ) -> Fate:
        _refuse_identities(row, values.get("share_text", ""))
        values.setdefault("urgency", Urgency.NORMAL)
        values.setdefault("is_sensitive", values["category"].is_sensitive)
        imported.add_demand(
            alliance, values, authors=_pairs(row), source=self.origin(number), actor=self.request.actor
        )
        self.count("需求")
        if not _pairs(row):
            self.count("匿名需求")
        return Fate(ADDED, what)

    def _check_changes(self, row: Row, demand: Demand, changes: dict[str, Any]) -> None:
        """What a list may not say otherwise; a name that was cleared does not come back in the words."""
        if changes.get("is_sensitive") is False and not policies.can_release_contact(
            self.request.actor, demand
        ):
            raise Refused("is_sensitive", "只有社区书记可以取消敏感标记，请在需求页面上修改")
        if not changes.keys() & {"content", "share_text"}:
            return
        authors = contacts.authors_of([demand])[demand.pk]
        if any(author.anonymised_at for author in authors):
            changes.pop("content", None)
            changes.pop("share_text", None)
            return
        secrets = [secret for one in authors for secret in (one.name, one.phone)]
        _refuse_identities(row, changes.get("share_text", ""), secrets)
        is_read_outside = demand.shared_to_id and not changes.get("share_text", demand.share_text)
        if is_read_outside and contacts.names_anybody(changes.get("content", ""), secrets):
            raise Refused("content", "这项需求已经共享，内容里不能写需求人的姓名或电话，请填对外表述")

    # --- which demand ------------------------------------------------------------------------------------------

    def _known(self, row: Row, alliance: Alliance, number: int | None) -> Demand | None:
        """By our 编号, else by the list's number, else by the same words on the same day."""
        ours = row.values.get("number")
        rows = Demand.objects.select_related("category", "station", "alliance")
        if ours:
            demand = rows.filter(alliance=alliance, number=ours).first()
            if demand is not None:
                return demand
            if row.values.get("origin_no") is None:
                raise Refused(
                    "number", f"{alliance.organisation.name}没有编号为“{ours}”的需求；新需求请把编号留空"
                )
        if number is not None:
            self.once(row, "source_no", number)
        demand = self.by_source(Demand, number, "category", "station", "alliance")
        if demand is not None:
            self._check_same(row, demand, alliance, number)
            return demand
        if number is not None:
            return None
        same = rows.filter(
            alliance=alliance, raised_on=row.values["raised_on"], content=row.values["content"]
        )
        demand = same.order_by("pk").first()
        if demand is None:
            self.once(row, "content", alliance.pk, row.values["raised_on"], row.values["content"])
        return demand

    @staticmethod
    def _check_same(row: Row, demand: Demand, alliance: Alliance, number: int | None) -> None:
        """A list that starts again at 1 must not overwrite the one before."""
        is_other = demand.alliance_id != alliance.pk or (
            demand.raised_on != row.values["raised_on"] and demand.content != row.values["content"]
        )
        if is_other:
            earlier = f"{demand.raised_on}提出的另一项需求（{demand.number}）"
            raise Refused("source_no", f"序号 {number} 已是{earlier}，请接着原来的序号编，或删去序号列")

    # --- what it says --------------------------------------------------------------------------------------------

    def _values(self, row: Row, alliance: Alliance) -> dict[str, Any]:
        values = {key: row.values[key] for key in FACTS if row.values.get(key) not in ("", None)}
        values["category"] = self._category(row)
        if typed := row.values.get("station"):
            values["station"] = self._station(alliance, typed)
        return values

    def _category(self, row: Row) -> Category:
        group, slash, name = row.values["group"].replace("／", "/").partition("/")
        pair = (group.strip(), (row.values.get("category") or (name if slash else "")).strip() or "其他")
        known = self._categories.get(pair)
        if known is None:
            known = Category.objects.filter(group=pair[0], name=pair[1]).first()
        if known is None:
            known = categories.ensure(*pair, actor=self.request.actor)
            self.count("类别")
            return known  # not kept: the row may still be refused, and then it is gone
        self._categories[pair] = known
        return known

    def _station(self, alliance: Alliance, typed: str) -> Organisation:
        if alliance.pk not in self._stations:
            known: dict[str, list[Organisation]] = {}
            rows = Organisation.objects.filter(parent=alliance.organisation_id, level=Level.STATION)
            for station in rows:
                for name in station_names(station):
                    known.setdefault(name, []).append(station)
            self._stations[alliance.pk] = known
        found = self._stations[alliance.pk].get(plain(typed), [])
        if len(found) == 1:
            return found[0]
        reason = "不止一个" if found else f"{alliance.organisation.name}没有这个小区服务站"
        raise Refused("station", f"“{typed}”{reason}")

    def _change_authors(self, row: Row, demand: Demand) -> bool:
        """Name and phone of the one author there is; several are kept on the demand's page."""
        wanted = _pairs(row)
        if not wanted or demand.anonymised_at is not None:
            return False
        here = list(Author.objects.filter(demand=demand).order_by("pk"))
        known = [(a.name, a.phone) for a in here if a.name or a.phone]
        if known == wanted or any(a.anonymised_at for a in here):
            return False
        if not here:
            for name, phone in wanted:
                imported.add_author(demand, name, phone)
            return True
        if len(here) > 1 or len(wanted) > 1:
            raise Refused("names", "这项需求有几位需求人，请在需求页面上改")
        name, phone = wanted[0][0] or here[0].name, wanted[0][1] or here[0].phone
        if (name, phone) == (here[0].name, here[0].phone):
            return False
        imported.change_author(here[0], name, phone, actor=self.request.actor)
        return True


def _refuse_identities(row: Row, share_text: str, known: Iterable[str] = ()) -> None:
    """Neither the names and phones of the row nor the demand's own travel in the words for others."""
    named = [secret for pair in _pairs(row) for secret in pair]
    if contacts.names_anybody(share_text, [*named, *known]):
        raise Refused("share_text", "对外表述里写有需求人的姓名或电话，请改成不含个人信息的说法")


def _veiled(row: Row) -> str:
    """The need as a report may tell it: without those whom the row names."""
    named = [Author(name=name, phone=phone) for name, phone in _pairs(row)]
    return contacts.veil(row.values["content"], named)


def _pairs(row: Row) -> list[tuple[str, str]]:
    """(name, phone) of everybody the row names; the shorter of the two columns is filled up with nothing."""
    names, numbers = row.values.get("names") or [], row.values.get("phones") or []
    return [pair for pair in zip_longest(names, numbers, fillvalue="") if any(pair)]
