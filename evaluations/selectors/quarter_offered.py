"""Facts offered for parts five and six of the report, which wait for the secretary's words: what was late, what nobody
offers, who has been quiet, what was done twice. Sentences to begin from, never a judgement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from alliances.models import Alliance, Member
from demands.selectors import record as demands_record
from evaluations.selectors.quarter_addresses import address
from evaluations.selectors.quarter_figures import Records
from evaluations.selectors.quarter_members import was_member
from evaluations.selectors.quarter_shapes import Offered
from rotation.enums import MonthStep
from rotation.selectors import record as rotation_record

DORMANT_AFTER = timedelta(days=60)
CATEGORIES_OFFERED = 5
# Step → what was to be done.
WORDS = {
    "slip": "签收提醒单",
    MonthStep.NOTICE.value: "发出研讨会通知单",
    MonthStep.SEMINAR.value: "召开研讨会",
    MonthStep.ACTIVITY.value: "举办活动",
    "feedback": "通报评议反馈",
}


def offered(records: Records, members: Iterable[Member], today: date) -> dict[str, list[Offered]]:
    return {
        "overdue": overdue(records, today),
        "unmatched": unmatched(records.alliance),
        "dormant": [
            Offered(f"{member.unit.name}：{quiet_words(seen)}", f"/members/{member.pk}/")
            for member, seen in dormant(records, members)
        ],
        "repeated": repeated(records),
    }


def overdue(records: Records, today: date) -> list[Offered]:
    """Steps of the duty months that were done late or are still owed, in the order of the months; overdue claims last."""
    found = []
    for duty in records.rotation.duties:
        steps = dict(duty.steps)
        if told := records.results.feedback.get(duty.id):
            steps["feedback"] = told
        found += [
            Offered(f"{duty.month}月{WORDS[key]}：{_late_words(step)}", duty.path)
            for key, step in steps.items()
            if step.is_late(today)
        ]
    late = records.demands.totals["overdue"]
    if late.count:
        found.append(
            Offered(
                f"本季度到期的认领项目有{late.count}项仍未完成",
                address(records.alliance, late.page, late.params),
            )
        )
    return found


def _late_words(step: rotation_record.Step) -> str:
    assert step.due is not None
    due = f"应于{step.due.month}月{step.due.day}日前完成"
    return f"{due}，{step.done.month}月{step.done.day}日完成" if step.done else f"{due}，尚未完成"


def unmatched(alliance: Alliance) -> list[Offered]:
    """Categories that were asked for in the last year and that no listed resource answers, most asked first."""
    return [
        Offered(
            f"{gap.group}/{gap.name}：一年内提出{gap.asked}件，{gap.claimed}件有单位认领，没有对应的服务资源",
            address(alliance, "demands", gap.params),
        )
        for gap in demands_record.unmatched(alliance)[:CATEGORIES_OFFERED]
    ]


def dormant(records: Records, members: Iterable[Member]) -> list[tuple[Member, date | None]]:
    """Members at the quarter's end that took part in nothing for 60 days, with the last day they did; new ones are not."""
    last = records.quarter.end
    first = last - DORMANT_AFTER
    found = []
    for member in members:
        if not was_member(member, last, last) or (member.joined_on and member.joined_on > first):
            continue
        seen = last_seen(records, member.pk)
        if seen is None or seen <= first:
            found.append((member, seen))
    return found


def last_seen(records: Records, member: int) -> date | None:
    """The last day up to the quarter's end on which the member did anything in any part of the alliance's work."""
    days = (
        records.rotation.of(member).last_seen,
        records.demands.of(member).last_seen,
        records.results.last_vote.get(member),
    )
    return max((day for day in days if day is not None), default=None)


def quiet_words(seen: date | None) -> str:
    if seen is None:
        return "还没有参加过共建活动"
    return f"{seen.year}年{seen.month}月{seen.day}日以后没有参加共建活动"


def repeated(records: Records) -> list[Offered]:
    return [
        Offered(
            f"{one.held_on.month}月{one.held_on.day}日“{one.title}”与"
            f"{_day_words(one.before_on, one.held_on.year)}“{one.before_title}”相近",
            one.path,
        )
        for one in rotation_record.repeated(records.alliance, records.rotation)
    ]


def _day_words(day: date, year: int) -> str:
    """12月31日, with its year where that is another than ``year``."""
    words = f"{day.month}月{day.day}日"
    return words if day.year == year else f"{day.year}年{words}"
