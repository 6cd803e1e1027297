"""The printed figures of a quarter, section by section, from the records of the four apps."""

from __future__ import annotations

from dataclasses import dataclass

from alliances.calendars import Quarter
from alliances.enums import CommitmentState, Sector
from alliances.models import Alliance
from alliances.selectors import commitments as commitments_record
from alliances.selectors.periods import Period
from demands.selectors import record as demands_record
from demands.selectors.rates import Rate
from demands.selectors.record import Share, Tally
from evaluations.selectors import quarter_results, told_months
from evaluations.selectors.quarter_addresses import address, held
from evaluations.selectors.quarter_shapes import RATE, SCORE, SUM, Figure, Section
from rotation.enums import ActivityKind, MeetingKind, MonthStep, SlipState
from rotation.selectors import duty_months, parts
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

    @property
    def period(self) -> Period:
        return Period.of(self.quarter)

    def duties(self, step: str = "", state: str = "") -> tuple[int, str]:
        """How many duty months the question finds, and the list of them."""
        asked = duty_months.Question(self.period, step, state)
        return len(asked.of(self.rotation.duties)), address(self.alliance, "duties", asked.params())

    def told(self, step: str = "", state: str = "") -> tuple[int, str]:
        """The same of what was said about the duty months."""
        asked = told_months.Question(self.period, step, state)
        months = told_months.join(self.rotation.duties, self.results.feedback, self.results.commented)
        return len(asked.of(months)), address(self.alliance, "told", asked.params())

    def attendance(self, member: int | None = None, *, standing: bool = False) -> tuple[str, str]:
        """Addresses of those that came to the quarter's meetings, and of all that were invited."""
        whole = parts.Question(self.period, member, standing=standing)
        came = parts.Question(self.period, member, came="1", standing=standing)
        return (
            address(self.alliance, "replies", came.params()),
            address(self.alliance, "replies", whole.params()),
        )

    def promised(self, member: int | None = None, *, standing: bool = False) -> tuple[str, str]:
        """Addresses of the quarter's commitments that were kept, and of all that count."""
        asked = commitments_record.Question(self.period, member=member, standing=standing)
        kept, counted = (
            asked.in_state(state) for state in (commitments_record.KEPT, commitments_record.COUNTED)
        )
        return (
            address(self.alliance, "commitments", kept.params()),
            address(self.alliance, "commitments", counted.params()),
        )


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
        rate("attendance", "会议到会率", attended, invited, NO_MEETING, *records.attendance()),
        count("activities", "举办活动", len(rotation.activities), activities),
        *(
            count(
                f"activities.{kind}", label, len(rotation.activities_of(kind)), held("activities", kind=kind)
            )
            for kind, label in ActivityKind.choices
        ),
        count(
            "participations",
            "参加活动单位（家次）",
            rotation.participations,
            address(records.alliance, "participations", parts.Question(records.period).params()),
        ),
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
        count("duties", "轮值月", *records.duties()),
        count("slips", "发出提醒单", len(issued), slips("due")),
        rate("slips.acknowledged", "提醒单签收率", len(signed), len(issued), NO_SLIP, slips("acknowledged"), slips("due")),
        _steps(records, "slips.in_time", "按时签收提醒单", duty_months.SLIP),
        count(
            "slips.unacknowledged",
            "到期未签收",
            sum(duty.slip_state == SlipState.UNACKNOWLEDGED for duty in issued),
            slips("unacknowledged"),
        ),
        *(_steps(records, f"steps.{step}", label, step) for step, label in STEPS.items()),
        _told(records),
        _commented(records),
    ]  # fmt: skip


def _steps(records: Records, key: str, label: str, step: str) -> Figure:
    """How many of the steps that were done or fell due were done in time."""
    part, url = records.duties(step, duty_months.IN_TIME)
    whole, whole_url = records.duties(step, duty_months.DUE)
    return rate(key, label, part, whole, NO_STEP, url, whole_url)


def _told(records: Records) -> Figure:
    part, url = records.told(told_months.FEEDBACK, told_months.IN_TIME)
    whole, whole_url = records.told(told_months.FEEDBACK, told_months.DUE)
    return rate("steps.feedback", "按时通报评议反馈", part, whole, NO_STEP, url, whole_url)


def _commented(records: Records) -> Figure:
    part, url = records.told(told_months.COMMENT, told_months.DONE)
    whole, whole_url = records.told()
    return rate("comments", "书记点评的月份", part, whole, NO_SLIP, url, whole_url)


# --- part three ---------------------------------------------------------------------------------------------------


def _lists(records: Records) -> list[Figure]:
    demands, owed = records.demands, records.commitments
    rates = demands.rates
    volunteers = demands.totals["delivered"].params
    asked = commitments_record.Question(records.period, CommitmentState.WAIVED)
    waived = address(records.alliance, "commitments", asked.params())
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
        rate("commitments", "承诺事项兑现率", owed.fulfilled, owed.due, NO_COMMITMENT, *records.promised()),
        count("commitments.waived", "不再考核的承诺事项", owed.waived, waived),
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
    rounds_settled = address(records.alliance, "rounds", {**of_quarter, "state": "settled"})
    figures = [
        count("rounds", "开展评议", len(results.rounds), rounds),
        count("rounds.settled", "已出结果", len(settled), rounds_settled),
    ]
    # Sheets are counted when a round is settled: the others' stand in no figure.
    figures += [
        total(f"ballots.{key}", label, results.sheets(key), rounds_settled) for key, label in SHEETS.items()
    ]
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
