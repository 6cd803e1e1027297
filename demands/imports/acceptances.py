"""验收结果清单: what the stations found, and what the residents said."""

from __future__ import annotations

from typing import Any

from alliances import clock
from alliances.importing import Column, Row
from alliances.importing.importer import ADDED, CHANGED, UNCHANGED, Fate, Refused, limited
from alliances.models import Organisation
from alliances.selectors.unit_names import plain
from demands.enums import CLAIM_STANDING, CallBackMethod, CallBackState, ClaimState, Satisfaction, Verdict
from demands.imports.base import (
    COMMUNITY,
    ORIGIN_NO,
    SOURCE_NO,
    ListImport,
    labels,
    numbered,
    past_day,
    station_names,
    told,
)
from demands.models import Acceptance, CallBack, Claim
from demands.services import imported

FACTS = ("inspector_name", "visited_on", "verdict", "to_mend", "mended")
ANSWER = ("satisfaction", "method", "opinion", "answered_on")


class AcceptancesImport(ListImport):
    """One row a visit. 认领项目序号 is the 序号 of the same organisation's 认领项目清单; our exports name 需求编号 and 认领单位.

    The visit is made by the demand's own station. The resident's answer bears the day of the visit unless the list has one
    of its own; it asks nobody, reopens nothing and sends nothing. An answer given in this house is not overwritten.
    """

    name = "acceptances"
    title = "验收结果清单"
    about = "每行是一次验收；先导入认领项目清单，“认领项目序号”是那张表的序号。"
    columns = (
        SOURCE_NO,
        ORIGIN_NO,
        Column("demand_number", "需求编号", (), False, limited(60), "系统给的编号；与认领项目序号填一样就行"),
        Column("unit", "认领单位", ("单位", "承接单位"), False, limited(80)),
        Column("claim_no", "认领项目序号", ("认领序号", "项目序号"), False, numbered),
        COMMUNITY,
        Column("visit", "第几次", ("次数",), False, numbered),
        Column("station", "验收站点", ("小区服务站", "站点", "验收站"), False, limited(80)),
        Column("inspector_name", "验收人", ("验收人员",), True, limited(40)),
        Column("visited_on", "验收时间", ("验收日期",), True, past_day(clock.today)),
        Column("verdict", "验收结果", ("验收结论", "结论"), True, labels(Verdict, mended=("整改合格",), passed=("通过",))),
        Column("to_mend", "需整改", ("整改要求", "存在问题"), False, limited(200)),
        Column("mended", "整改情况", (), False, limited(200)),
        Column("satisfaction", "群众满意度", ("满意度", "群众评价"), False, labels(Satisfaction, fair=("一般",))),
        Column("method", "回访方式", (), False, labels(CallBackMethod, phone=("电话",), wechat=("微信",), visit=("上门",), on_site=("现场",))),
        Column("answered_on", "回访日期", ("回访时间",), False, past_day(clock.today)),
        Column("opinion", "回访意见", ("群众意见", "意见"), False, limited(200)),
    )  # fmt: skip
    examples = (
        {
            "source_no": 1,
            "claim_no": 1,
            "station": "清风小区服务站",
            "inspector_name": "王五",
            "visited_on": "2026-03-20",
            "verdict": "合格",
            "satisfaction": "满意",
            "method": "电话回访",
            "opinion": "处理及时",
        },
    )

    def take(self, row: Row) -> Fate:
        number = self.number_of(row)
        if number is not None:
            self.once(row, "source_no", number)
        claim = self._claim(row)
        station = self._station(row, claim)
        values = self._values(row, claim, station)
        answer = self._answer(row)
        acceptance = self._known(row, claim, number)
        what = f"{claim.demand.number} {claim.member.unit.name}"
        if acceptance is None:
            self._check_state(row, claim)
            if row.values.get("visit"):
                values["visit"] = row.values["visit"]
            imported.add_acceptance(
                claim, values, answer=answer, source=self.origin(number), actor=self.request.actor
            )
            self.count("验收")
            if answer:
                self.count("回访")
            return Fate(ADDED, what)
        self.once(row, "visited_on", acceptance.pk)
        titles = {column.key: column.title for column in self.columns}
        changes = imported.changes_of(acceptance, values)
        news = told(changes, titles)
        if changes:
            imported.change_acceptance(acceptance, changes, actor=self.request.actor)
        more, note = self._change_answer(acceptance, answer)
        if news or more:
            detail = "、".join(filter(None, [news, told(more, titles)]))
            return Fate(CHANGED, what, "；".join(filter(None, [detail, note])))
        return Fate(UNCHANGED, what, note)

    # --- which claim, which visit ----------------------------------------------------------------------------------

    def _claim(self, row: Row) -> Claim:
        rows = Claim.objects.filter(alliance__in=self.alliances_meant(row))
        rows = rows.select_related(
            "demand__station", "demand__alliance", "member__unit", "alliance__organisation"
        )
        ours, typed, number = (row.values.get(key) for key in ("demand_number", "unit", "claim_no"))
        if ours and typed:
            found = [
                claim
                for claim in rows.filter(demand__number=ours, state__in=CLAIM_STANDING)
                if plain(typed) in {plain(claim.member.unit.name), *map(plain, claim.member.unit.aliases)}
            ]
            if len(found) == 1:
                return found[0]
            if number is None:
                raise Refused("unit", f"“{typed}”没有认领编号为“{ours}”的需求")
        if number is None:
            raise Refused("claim_no", "没有写明是哪项认领（认领项目序号，或需求编号和认领单位）")
        claim = rows.filter(source_organisation=self.source, source_no=number).first()
        if claim is None:
            raise Refused("claim_no", f"认领项目清单里没有序号 {number}，请先导入认领项目清单")
        return claim

    def _known(self, row: Row, claim: Claim, number: int | None) -> Acceptance | None:
        """By the list's number, else by which visit to the claim it was, else by its day."""
        acceptance: Acceptance | None = self.by_source(Acceptance, number, "claim__demand", "claim__alliance")
        if acceptance is not None:
            if acceptance.claim_id != claim.pk:
                raise Refused("source_no", f"序号 {number} 已是另一次验收，请接着原来的序号编，或删去序号列")
        else:
            rows = Acceptance.objects.filter(claim=claim).select_related("claim__demand", "claim__alliance")
            if visit := row.values.get("visit"):
                acceptance = rows.filter(visit=visit).first()
            else:
                acceptance = rows.filter(visited_on=row.values["visited_on"]).first()
        if acceptance is not None:
            acceptance.claim = claim
        return acceptance

    # --- what it says ------------------------------------------------------------------------------------------------

    @staticmethod
    def _station(row: Row, claim: Claim) -> Organisation | None:
        own = claim.demand.station
        typed = row.values.get("station") or ""
        if not typed:
            return own
        if own is None:
            raise Refused("station", "这项需求没有小区服务站，由社区验收")
        if plain(typed) not in station_names(own):
            raise Refused("station", f"应由该需求的{own.name}验收")
        return own

    @staticmethod
    def _values(row: Row, claim: Claim, station: Organisation | None) -> dict[str, Any]:
        values = {key: row.values[key] for key in FACTS if row.values.get(key) not in ("", None)}
        if values["visited_on"] < claim.claimed_on:
            raise Refused("visited_on", f"早于认领时间 {claim.claimed_on}")
        has_passed = values["verdict"] != Verdict.FAILED
        if has_passed and claim.delivered_on and values["visited_on"] < claim.delivered_on:
            raise Refused("visited_on", f"早于完成时间 {claim.delivered_on}")
        values["station"] = station
        values["inspector"] = imported.inspector_of(station, values["inspector_name"])
        return values

    @staticmethod
    def _check_state(row: Row, claim: Claim) -> None:
        """A visit needs something to look at."""
        if claim.state not in (ClaimState.DELIVERED, ClaimState.RETURNED, ClaimState.ACCEPTED):
            raise Refused("verdict", f"认领项目还是“{claim.get_state_display()}”，没有完成，不能验收")
        if claim.state == ClaimState.RETURNED and row.values["verdict"] != Verdict.FAILED:
            raise Refused("verdict", "认领项目还在整改，验收却是合格；请先更新认领项目清单的状态")

    @staticmethod
    def _answer(row: Row) -> dict[str, Any] | None:
        """What the resident said, if the row has it."""
        if not row.values.get("satisfaction"):
            return None
        if not row.values.get("method"):
            raise Refused("method", "填了群众满意度，没有填回访方式")
        answer = {key: row.values[key] for key in ANSWER if row.values.get(key) not in ("", None)}
        answer.setdefault("answered_on", row.values["visited_on"])
        if answer["answered_on"] < row.values["visited_on"]:
            raise Refused("answered_on", "早于验收时间")
        return answer

    def _change_answer(
        self, acceptance: Acceptance, answer: dict[str, Any] | None
    ) -> tuple[dict[str, Any], str]:
        """What changed of the answer, and why it did not."""
        if answer is None:
            return {}, ""
        here = list(CallBack.objects.filter(acceptance=acceptance).order_by("pk"))
        answered = [call_back for call_back in here if call_back.state == CallBackState.ANSWERED]
        if not here:
            imported.add_answer(acceptance, answer, actor=self.request.actor)
            return answer, ""
        if not answered:
            return {}, "回访正在系统里办理，没有更改"
        changes = imported.changes_of(answered[0], answer)
        if not changes:
            return {}, ""
        if answered[0].imported_at is None or len(answered) > 1:
            return {}, "回访结果以系统为准"
        imported.change_answer(answered[0], dict(changes), actor=self.request.actor)
        return changes, ""
