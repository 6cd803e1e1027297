"""The printed figures of a quarter, section by section, from the records of the four apps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from alliances.calendars import Quarter
from alliances.enums import Sector
from alliances.models import Alliance
from alliances.selectors import commitments as commitments_record
from demands.selectors import record as demands_record
from demands.selectors.rates import Rate
from demands.selectors.record import Share, Tally
from evaluations.selectors import quarter_results
from evaluations.selectors.quarter_addresses import address, held
from evaluations.selectors.quarter_shapes import RATE, SCORE, SUM, Figure, Section
from rotation.enums import ActivityKind, MeetingKind, MonthStep, SlipState
from rotation.selectors import record as rotation_record

NO_OFFER, NO_CLAIM, NO_ANSWER = "本季度无派单", "本季度无到期项目", "本季度无回访"
NO_MEETING, NO_COMMITMENT, NO_SLIP = "本季度无会议", "本季度无到期承诺", "本季度无提醒单"
NO_STEP = "本季度无此时限"
STEPS = {
    MonthStep.NOTICE.value: "按时发出研讨会通知单",
    MonthStep.SEMINAR.value: "按时召开研讨会",
    MonthStep.ACTIVITY.value: "按时举办活动",
}
SHEETS = {
    "handed_out": "发放评议票",
    "returned": "收回评议票",
    "valid": "有效评议票",
    "abstained": "弃权评议票",
    "void": "作废评议票",
}


@dataclass(frozen=True)
class Records:
    """What the apps say of one alliance's quarter. ``sectors``: how many members of each kind at its end."""

    alliance: Alliance
    quarter: Quarter
    rotation: rotation_record.QuarterRecord
    demands: demands_record.QuarterRecord
    commitments: commitments_record.QuarterRecord
    results: quarter_results.QuarterRecord
    sectors: dict[str, int]

    def held(self, page: str, **more: str) -> str:
        return held(self.alliance, page, self.quarter, **more)


def percent(part: int, whole: int, empty: str) -> str:
    """``97.8%``, or the sentence that there was nothing."""
    rate = Share(part, whole).percent
    return empty if rate is None else f"{rate}%"


def count(key: str, label: str, number: int, url: str) -> Figure:
    return Figure(key, label, str(number), number, None, url)


def total(key: str, label: str, number: int, url: str) -> Figure:
    """A sum over the rows that ``url`` lists."""
    return Figure(key, label, str(number), number, None, url, kind=SUM)


def rate(
    key: str, label: str, part: int, whole: int, empty: str, url: str = "", whole_url: str = ""
) -> Figure:
    return Figure(key, label, percent(part, whole, empty), part, whole, url, whole_url, RATE)


def sections(records: Records) -> list[Section]:
    """Parts one to four of the report."""
    return [
        Section("basics", "基本情况", _basics(records)),
        Section("duty", "轮值履职情况", _duty(records)),
        Section("lists", "四项清单运行情况", _lists(records)),
        Section("results", "评议结果", _results(records)),
    ]


# --- part one -----------------------------------------------------------------------------------------------------


def _basics(records: Records) -> list[Figure]:
    rotation, held = records.rotation, records.held
    members = sum(records.sectors.values())
    invited = sum(one.invited for one in rotation.meetings)
    attended = sum(one.attended for one in rotation.meetings)
    activities = held("activities")
    return [
        count("members", "成员单位", members, address(records.alliance, "members")),
        count("meetings", "召开会议", len(rotation.meetings), held("meetings")),
        *(
            count(f"meetings.{kind}", label, len(rotation.meetings_of(kind)), held("meetings", kind=kind))
            for kind, label in MeetingKind.choices
        ),
        rate("attendance", "会议到会率", attended, invited, NO_MEETING),
        count("activities", "举办活动", len(rotation.activities), activities),
        *(
            count(
                f"activities.{kind}", label, len(rotation.activities_of(kind)), held("activities", kind=kind)
            )
            for kind, label in ActivityKind.choices
        ),
        total("participations", "参加活动单位（家次）", rotation.participations, activities),
        total("heads", "参加活动人数（人次）", rotation.heads, activities),
        total("beneficiaries", "受益群众（人次）", rotation.beneficiaries, activities),
    ]


def sector_table(records: Records) -> list[Figure]:
    return [
        count(
            f"sectors.{sector}",
            label,
            records.sectors.get(sector, 0),
            address(records.alliance, "members", {"sector": sector}),
        )
        for sector, label in Sector.choices
    ]


# --- part two -----------------------------------------------------------------------------------------------------


def _duty(records: Records) -> list[Figure]:
    duties = records.rotation.duties
    issued = [duty for duty in duties if duty.slip_id is not None]
    signed = [duty for duty in issued if duty.slip_state == SlipState.ACKNOWLEDGED]

    def slips(state: str) -> str:
        first, _, last = records.quarter.months
        months = {"since": f"{first.year}-{first.month:02d}", "month": f"{last.year}-{last.month:02d}"}
        return address(records.alliance, "slips", {**months, "state": state})

    return [
        total("duties", "轮值月", len(duties), ""),
        count("slips", "发出提醒单", len(issued), slips("due")),
        rate("slips.acknowledged", "提醒单签收率", len(signed), len(issued), NO_SLIP, slips("acknowledged"), slips("due")),
        _steps("slips.in_time", "按时签收提醒单", "slip", duties),
        count(
            "slips.unacknowledged",
            "到期未签收",
            sum(duty.slip_state == SlipState.UNACKNOWLEDGED for duty in issued),
            slips("unacknowledged"),
        ),
        *(_steps(f"steps.{step}", label, step, duties) for step, label in STEPS.items()),
        in_time("steps.feedback", "按时通报评议反馈", records.results.feedback.values()),
        rate("comments", "书记点评的月份", len(records.results.commented), len(duties), NO_SLIP),
    ]  # fmt: skip


def _steps(key: str, label: str, step: str, duties: Iterable[rotation_record.DutyRecord]) -> Figure:
    return in_time(key, label, [duty.steps[step] for duty in duties if step in duty.steps])


def in_time(key: str, label: str, steps: Iterable[rotation_record.Step]) -> Figure:
    """How many of the steps that had a date were done by it."""
    due = [step.in_time for step in steps if step.in_time is not None]
    return rate(key, label, sum(due), len(due), NO_STEP)


# --- part three ---------------------------------------------------------------------------------------------------


def _lists(records: Records) -> list[Figure]:
    demands, owed = records.demands, records.commitments
    rates = demands.rates
    volunteers = demands.totals["delivered"].params
    return [
        *(tally(records.alliance, f"lists.{key}", one) for key, one in demands.totals.items()),
        total(
            "lists.volunteers",
            "参加服务的志愿者（人次）",
            demands.volunteers,
            address(records.alliance, "claims", volunteers),
        ),
        _rate(records.alliance, "rates.response", rates.response, NO_OFFER),
        _rate(records.alliance, "rates.resolved", rates.resolved, NO_CLAIM),
        _rate(records.alliance, "rates.on_time", rates.on_time, NO_CLAIM),
        _rate(records.alliance, "rates.satisfied", rates.satisfied, NO_ANSWER),
        _rate(records.alliance, "rates.strictly", rates.strictly, NO_ANSWER),
        rate("commitments", "承诺事项兑现率", owed.fulfilled, owed.due, NO_COMMITMENT),
        Figure("commitments.waived", "不再考核的承诺事项", str(owed.waived), owed.waived),
    ]


def _rate(alliance: Alliance, key: str, found: Rate, empty: str) -> Figure:
    return rate(
        key,
        found.title,
        found.part,
        found.whole,
        empty,
        address(alliance, found.page, found.rows),
        address(alliance, found.page, found.all_rows),
    )


def tally(alliance: Alliance, key: str, found: Tally) -> Figure:
    return count(key, found.label, found.count, address(alliance, found.page, found.params))


def tables(records: Records) -> dict[str, list[Figure]]:
    """Attachment 3: the four lists by kind, state, verdict and answer; and the members by sector."""
    found = {
        name: [tally(records.alliance, f"{name}.{one.key}", one) for one in tallies]
        for name, tallies in records.demands.tables.items()
    }
    return {"sectors": sector_table(records), **found}


# --- part four ----------------------------------------------------------------------------------------------------


def _results(records: Records) -> list[Figure]:
    results = records.results
    settled = [one for one in results.rounds if one.is_settled]
    of_quarter = {"quarter": f"{records.quarter.year}-{records.quarter.n}"}
    rounds = address(records.alliance, "rounds", of_quarter)
    figures = [
        count("rounds", "开展评议", len(results.rounds), rounds),
        count(
            "rounds.settled",
            "已出结果",
            len(settled),
            address(records.alliance, "rounds", {**of_quarter, "state": "settled"}),
        ),
    ]
    figures += [total(f"ballots.{key}", label, results.sheets(key), rounds) for key, label in SHEETS.items()]
    figures += [
        Figure(f"score.activity.{one.id}", f"{one.month}月活动“{one.title}”", one.words, None, _n(one.result), one.path, kind=SCORE)
        for one in results.rounds
    ]  # fmt: skip
    for duty in records.rotation.duties:
        chair = results.chairs.get(duty.id)
        names = "、".join(name for _, name in duty.chairs)
        figures.append(
            Figure(
                f"score.chair.{duty.month}",
                f"{duty.month}月轮值主席（{names}）",
                chair.words if chair else quarter_results.NONE,
                None,
                _n(chair.result) if chair else None,
                duty.path,
                kind=SCORE,
            )
        )
    return figures


def _n(result: object) -> int | None:
    return result["n"] if isinstance(result, dict) else None
