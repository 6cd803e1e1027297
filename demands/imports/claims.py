"""认领项目清单: who promised what, until when, and how far it is."""

from __future__ import annotations

import re
from typing import Any

from alliances import clock
from alliances.importing import Column, Row, choice, day, phone, text
from alliances.importing.importer import ADDED, CHANGED, UNCHANGED, Fate, Refused, limited
from alliances.models import Member
from demands.enums import CLAIM_STANDING, OVERDUE_LABEL, ClaimPart, ClaimState
from demands.imports.base import (
    COMMUNITY,
    ORIGIN_NO,
    SOURCE_NO,
    ListImport,
    counted,
    labels,
    numbered,
    past_day,
    told,
)
from demands.models import Claim, Demand
from demands.selectors import lists
from demands.services import imported

OVERDUE = "overdue"
STATES = choice({**{state: state.label for state in ClaimState}, OVERDUE: (OVERDUE_LABEL, "逾期")})
FACTS = (
    "title",
    "measures",
    "responsible",
    "responsible_phone",
    "claimed_on",
    "due_on",
    "delivered_on",
    "volunteers",
    "teams",
)
# How far a claim is: a list moves it on, never back.
RANK = {
    ClaimState.TAKEN: 0,
    ClaimState.IN_SERVICE: 1,
    ClaimState.DELIVERED: 2,
    ClaimState.RETURNED: 3,
    ClaimState.ACCEPTED: 4,
}
_DELIVERED = (ClaimState.DELIVERED, ClaimState.RETURNED, ClaimState.ACCEPTED)
_LAST_PHONE = re.compile(r"[\s(（:：]*((?:\+?86[- ]?)?1[3-9]\d{9}|0\d{2,3}-?\d{7,8})[)）]?\s*$")


def person_and_phone(value: Any) -> tuple[str, str]:
    """钱新民 13800000000 as name and phone; a name alone has no phone."""
    typed = text(value)
    found = _LAST_PHONE.search(typed)
    name = typed[: found.start()].strip() if found else typed
    if len(name) > 40:
        raise ValueError("责任人最多 40 字")
    return name, phone(found.group(1)) if found else ""


class ClaimsImport(ListImport):
    """One row a claim. 需求序号 is the 序号 of the same organisation's 群众需求清单; our exports name 需求编号 as well.

    A unit of any alliance may serve: its membership in the demand's community counts, else its earliest one. 办理中 and
    已逾期 are being served, 待验收 is delivered. The first claim of a demand leads unless the list says otherwise. A
    claim that has moved in this house since is not moved by a list.
    """

    name = "claims"
    title = "认领项目清单"
    about = "每行是一家单位认领的一项需求；先导入群众需求清单，“需求序号”是那张表的序号。"
    columns = (
        SOURCE_NO,
        ORIGIN_NO,
        Column("demand_number", "需求编号", (), False, limited(60), "系统给的编号；与需求序号填一样就行"),
        Column("demand_no", "需求序号", ("对应需求序号", "群众需求序号"), False, numbered),
        COMMUNITY,
        Column("title", "项目名称", ("项目",), False, limited(80)),
        Column("unit", "认领单位", ("单位", "单位名称", "承接单位"), True, limited(80)),
        Column("part", "牵头或联合", ("牵头/联合", "认领方式"), False, labels(ClaimPart), "不填：先认领的牵头"),
        Column("measures", "服务措施", ("措施", "具体措施"), True, limited(500)),
        Column("responsible", "责任人", ("责任人及电话", "项目责任人", "负责人"), True, person_and_phone),
        Column("responsible_phone", "责任人电话", ("电话", "联系电话"), False, phone),
        Column("claimed_on", "认领时间", ("认领日期",), True, past_day(clock.today)),
        Column("due_on", "完成时限", ("时限", "计划完成时间"), True, day),
        Column("delivered_on", "完成时间", ("完成日期", "实际完成时间"), False, past_day(clock.today)),
        Column("volunteers", "志愿者人数", ("志愿者", "参与志愿者"), False, counted),
        Column("teams", "志愿服务队", ("服务队",), False, limited(100)),
        Column("state", "状态", ("进展状态", "办理状态"), True, STATES, "、".join([*ClaimState.labels[:5], OVERDUE_LABEL])),
    )  # fmt: skip
    examples = (
        {
            "source_no": 1,
            "demand_no": 1,
            "unit": "县城市管理综合行政执法局",
            "measures": "夜间巡查劝离",
            "responsible": "李四",
            "claimed_on": "2026-03-06",
            "due_on": "2026-03-31",
            "state": "办理中",
        },
    )

    def take(self, row: Row) -> Fate:
        number = self.number_of(row)
        if number is not None:
            self.once(row, "source_no", number)
        demand = self._demand(row)
        member = self.serving(row, "unit", demand.alliance, row.values["claimed_on"])
        values = self._values(row, demand)
        claim = self._known(row, demand, member, number)
        what = f"{demand.number} {member.unit.name}"
        if claim is None:
            return self._add(row, demand, member, values, number, what)
        self.once(row, "unit", claim.pk)
        if person_and_phone(claim.responsible) == row.values["responsible"]:
            del values["responsible"]  # typed here with the number behind the name
            if not row.values.get("responsible_phone"):
                values.pop("responsible_phone", None)
        state = values.pop("state")
        changes = imported.changes_of(claim, values)
        note = ""
        if self._moves_on(claim, state):
            changes["state"] = state
        elif state != claim.state and not (
            state == ClaimState.IN_SERVICE and claim.state == ClaimState.TAKEN
        ):
            note = f"状态以系统为准（{claim.get_state_display()}）"
        if "part" in changes and changes["part"] == ClaimPart.LEAD:
            self._check_lead(demand, claim)
        if not changes:
            return Fate(UNCHANGED, what, note)
        titles = {column.key: column.title for column in self.columns}
        detail = "；".join(filter(None, [told(changes, titles), note]))
        imported.change_claim(claim, changes, actor=self.request.actor)
        return Fate(CHANGED, what, detail)

    def _add(
        self, row: Row, demand: Demand, member: Member, values: dict[str, Any], number: int | None, what: str
    ) -> Fate:
        if values["state"] == ClaimState.HANDED_BACK:
            raise Refused("state", "已退回的认领不用导入")
        if values.get("part") == ClaimPart.LEAD:
            self._check_lead(demand, None)
        imported.add_claim(demand, member, values, source=self.origin(number), actor=self.request.actor)
        self.count("认领")
        if member.alliance_id != demand.alliance_id:
            self.count("跨社区认领")
        return Fate(ADDED, what)

    def _demand(self, row: Row) -> Demand:
        """By our number, else by the number in the same organisation's list of demands; only of alliances imported for."""
        rows = Demand.objects.select_related("alliance__organisation", "station", "category").filter(
            alliance__in=self.alliances_meant(row)
        )
        ours, number = row.values.get("demand_number"), row.values.get("demand_no")
        if ours:
            found = list(rows.filter(number=ours)[:2])
            if len(found) == 1:
                return found[0]
            if number is None:
                raise Refused(
                    "demand_number", f"没有编号为“{ours}”的需求" if not found else f"编号“{ours}”不止一个"
                )
        if number is None:
            raise Refused("demand_no", "没有写明是哪项需求（需求序号或需求编号）")
        demand = rows.filter(source_organisation=self.source, source_no=number).first()
        if demand is None:
            raise Refused("demand_no", f"群众需求清单里没有序号 {number}，请先导入群众需求清单")
        return demand

    def _known(self, row: Row, demand: Demand, member: Member, number: int | None) -> Claim | None:
        """By the list's number, else the unit's standing claim of this demand, else the very claim it handed back."""
        related = ("demand__alliance", "member__unit", "alliance")
        claim = self.by_source(Claim, number, *related)
        if claim is not None:
            if claim.demand_id != demand.pk or claim.member.unit_id != member.unit_id:
                other = f"{claim.member.unit.name}对{claim.demand.number}的认领"
                raise Refused("source_no", f"序号 {number} 已是{other}，请接着原来的序号编，或删去序号列")
            return claim
        rows = Claim.objects.filter(demand=demand, member__unit=member.unit_id).select_related(*related)
        if row.values["state"] == ClaimState.HANDED_BACK:
            return rows.filter(state=ClaimState.HANDED_BACK, claimed_on=row.values["claimed_on"]).first()
        return rows.filter(state__in=CLAIM_STANDING).first()

    def _values(self, row: Row, demand: Demand) -> dict[str, Any]:
        values: dict[str, Any] = {
            key: row.values[key] for key in FACTS if row.values.get(key) not in ("", None)
        }
        name, number = values["responsible"]
        if not name:
            raise Refused("responsible", "没有写明责任人")
        values["responsible"] = name
        if values.get("title") == lists.project_title(Claim(demand=demand)):
            del values["title"]  # the name our own list gives where the unit gave none
        if number:
            values.setdefault("responsible_phone", number)
        if row.values.get("part"):
            values["part"] = row.values["part"]
        stated = row.values["state"]
        values["state"] = ClaimState.IN_SERVICE if stated == OVERDUE else stated
        if values["claimed_on"] < demand.raised_on:
            raise Refused("claimed_on", f"早于需求的提出时间 {demand.raised_on}")
        if values["due_on"] < values["claimed_on"]:
            raise Refused("due_on", "早于认领时间")
        if "delivered_on" in values and values["delivered_on"] < values["claimed_on"]:
            raise Refused("delivered_on", "早于认领时间")
        if values["state"] in _DELIVERED and "delivered_on" not in values:
            raise Refused("delivered_on", f"状态是“{values['state'].label}”，没有填完成时间")
        return values

    @staticmethod
    def _moves_on(claim: Claim, state: str) -> bool:
        """Whether the list tells of a step that the claim, never touched in this house, has not made here."""
        if state == claim.state or state not in RANK or claim.state not in RANK:
            return False
        is_ahead = RANK[ClaimState(state)] > RANK[ClaimState(claim.state)]
        return is_ahead and claim.imported_at is not None and not imported.lives_here(claim)

    @staticmethod
    def _check_lead(demand: Demand, claim: Claim | None) -> None:
        rows = Claim.objects.filter(demand=demand, part=ClaimPart.LEAD).exclude(state=ClaimState.HANDED_BACK)
        if lead := rows.exclude(pk=claim.pk if claim else None).select_related("member__unit").first():
            raise Refused("part", f"这项需求已由{lead.member.unit.name}牵头")
