"""Rows of the lists as cells: what a row says, where it leads. Columns as the offices' papers have them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from alliances import clock
from demands.enums import ClaimState, DemandState, OfferState, ResourceState, Satisfaction, Verdict
from demands.models import Acceptance, CallBack, Claim, Demand, Offer, ProgressNote, Resource
from demands.selectors import lists, places
from demands.selectors.reading import Reader, answer_of, tally_of

TONES: dict[str, str] = {
    DemandState.SUBMITTED: "wait",
    DemandState.OPEN: "wait",
    DemandState.CLAIMED: "wait",
    DemandState.SERVED: "wait",
    DemandState.CLOSED: "done",
    DemandState.UNRESOLVED: "late",
    DemandState.DECLINED: "off",
    DemandState.MERGED: "off",
    DemandState.WITHDRAWN: "off",
}
CLAIM_TONES: dict[str, str] = {
    ClaimState.ACCEPTED: "done",
    ClaimState.RETURNED: "late",
    ClaimState.HANDED_BACK: "off",
}
OFFER_TONES: dict[str, str] = {
    OfferState.OFFERED: "wait",
    OfferState.TAKEN: "done",
    OfferState.DECLINED: "off",
    OfferState.LAPSED: "late",
}
RESOURCE_TONES: dict[str, str] = {
    ResourceState.LISTED: "done",
    ResourceState.PAUSED: "wait",
    ResourceState.WITHDRAWN: "off",
}
VERDICT_TONES: dict[str, str] = {Verdict.PASSED: "done", Verdict.MENDED: "done", Verdict.FAILED: "late"}


@dataclass(frozen=True)
class Cell:
    """Words under a column's title; ``tone`` makes them a tag, ``is_short`` keeps them on one line, ``is_long`` gives them room."""

    title: str
    words: str
    tone: str = ""
    is_short: bool = False
    url: str = ""
    is_long: bool = False

    @property
    def css(self) -> str:
        """Classes of the table's cell."""
        named = (("nowrap", self.is_short), ("is-long", self.is_long), ("blank", not self.words))
        return " ".join(name for name, holds in named if holds)


@dataclass(frozen=True)
class Row:
    """``cells[0]`` leads to the row's page."""

    url: str
    cells: list[Cell]


def day(value: date | None) -> str:
    """3月5日, with the year where it is not this one."""
    if value is None:
        return ""
    this = clock.today().year
    return f"{'' if value.year == this else f'{value.year}年'}{value.month}月{value.day}日"


def resources(rows: list[Resource], reader: Reader) -> list[Row]:
    return [
        Row(
            f"/demands/resources/{row.pk}/",
            [
                Cell("名称", row.name),
                Cell("单位", row.member.unit.name),
                Cell("类别", row.get_kind_display(), is_short=True),
                Cell("内容说明", row.description, is_long=True),
                Cell("可提供时间", "；".join(filter(None, [row.available_when, row.quantity]))),
                Cell("服务对象", row.audience),
                Cell("联系人", row.contact_name, is_short=True),
                Cell("电话", row.contact_phone, is_short=True),
                Cell("状态", row.get_state_display(), RESOURCE_TONES[row.state]),
            ],
        )
        for row in rows
    ]


def demands(rows: list[Demand], reader: Reader) -> list[Row]:
    reader.meet(rows)
    found = []
    for row in rows:
        handler = row.reviewed_by or row.created_by
        people = [Cell("对象", reader.people(row, reader.asked_by(row)))] if reader.sees_people else []
        found.append(
            Row(
                places.of_demand(row),
                [
                    Cell("编号", row.number, is_short=True),
                    Cell("来源", row.get_source_display(), is_short=True),
                    Cell("提出日期", day(row.raised_on), is_short=True),
                    Cell("类别", str(row.category)),
                    Cell("内容", reader.words(row), is_long=True),
                    *people,
                    Cell("小区", row.station.name if row.station else row.alliance.organisation.name),
                    Cell("期望时限", day(row.expected_on), is_short=True),
                    Cell("受理人", handler.person.name if handler else "", is_short=True),
                    Cell("状态", row.get_state_display(), TONES[row.state]),
                ],
            )
        )
    return found


def claims(rows: list[Claim], reader: Reader) -> list[Row]:
    today = clock.today()
    reader.meet(row.demand for row in rows)
    notes = dict(
        ProgressNote.objects.filter(claim__in=[row.pk for row in rows])
        .order_by("pk")
        .values_list("claim_id", "text")
    )  # a later note replaces an earlier one
    found = []
    for row in rows:
        words = lists.state_words(row, today)
        tone = "late" if row.is_overdue(today) else CLAIM_TONES.get(row.state, "wait")
        found.append(
            Row(
                places.of_claim(row),
                [
                    Cell("项目名称", reader.project(row)),
                    Cell("需求编号", row.demand.number, is_short=True, url=places.of_demand(row.demand)),
                    Cell("认领单位", f"{row.member.unit.name}（{row.get_part_display()}）"),
                    Cell("措施", reader.said(row, row.measures), is_long=True),
                    Cell("责任人", f"{row.responsible} {row.responsible_phone}".strip()),
                    Cell("认领日期", day(row.claimed_on), is_short=True),
                    Cell("完成时限", day(row.due_on), is_short=True),
                    Cell("进展", reader.said(row, notes.get(row.pk) or row.result)),
                    Cell("状态", words, tone),
                ],
            )
        )
    return found


def acceptances(rows: list[Acceptance], reader: Reader) -> list[Row]:
    reader.meet(row.claim.demand for row in rows)
    found = []
    for row in rows:
        answer = answer_of(row)
        mending = [reader.said(row.claim, words) for words in (row.to_mend, row.mended)]
        station = row.station.name if row.station else row.claim.alliance.organisation.name
        found.append(
            Row(
                places.of_claim(row.claim),
                [
                    Cell("项目", reader.project(row.claim)),
                    Cell("认领单位", row.claim.member.unit.name),
                    Cell("完成日期", day(row.claim.delivered_on), is_short=True),
                    Cell("验收站点/人", f"{station} {row.inspector_name}"),
                    Cell("验收日期", day(row.visited_on), is_short=True),
                    Cell("结论", row.get_verdict_display(), VERDICT_TONES[row.verdict]),
                    *_answer(answer, tally_of(row)),
                    Cell("群众意见", reader.opinion(row.claim, answer), is_long=True),
                    Cell("整改情况", "；".join(dict.fromkeys(filter(None, mending)))),
                ],
            )
        )
    return found


def _answer(answer: CallBack | None, tally: str = "") -> list[Cell]:
    if answer is None:
        return [Cell("回访", ""), Cell("满意度", "")]
    tone = "late" if answer.satisfaction == Satisfaction.BAD else ""
    asked = f"{day(answer.answered_on)} {answer.get_method_display()}"
    words = answer.get_satisfaction_display()
    said = Cell("满意度", f"{words}（{tally}）" if tally else words, tone, is_short=not tally)
    return [Cell("回访", asked), said]


def offers(rows: list[Offer], reader: Reader) -> list[Row]:
    if any(row.decline_reason for row in rows):
        reader.meet([row.demand for row in rows])
    return [
        Row(
            places.of_demand(row.demand),
            [
                Cell("需求编号", row.demand.number, is_short=True),
                Cell("类别", str(row.demand.category)),
                Cell("单位", row.member.unit.name),
                Cell("派单日期", day(clock.local(row.offered_at).date()), is_short=True),
                Cell("回复期限", day(row.reply_by), is_short=True),
                Cell("回复日期", day(row.answered_on), is_short=True),
                Cell("状态", row.get_state_display(), OFFER_TONES[row.state]),
                Cell("不能承接的原因", reader.veiled(row.demand, row.decline_reason)),
            ],
        )
        for row in rows
    ]


def answers(rows: list[CallBack], reader: Reader) -> list[Row]:
    reader.meet(row.acceptance.claim.demand for row in rows)
    found = []
    for row in rows:
        claim = row.acceptance.claim
        found.append(
            Row(
                places.of_claim(claim),
                [
                    Cell("项目", reader.project(claim)),
                    Cell("认领单位", claim.member.unit.name),
                    Cell("验收日期", day(row.acceptance.visited_on), is_short=True),
                    *_answer(row),
                    Cell("群众意见", reader.opinion(claim, row)),
                    Cell("跟进措施", reader.follow_up(claim, row)),
                ],
            )
        )
    return found
