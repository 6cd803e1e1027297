"""Settings of an alliance: defaults, overridden down the organisation tree (design, domain)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from alliances.calendars import WorkingDays
from alliances.models import DayCorrection, Organisation


@dataclass(frozen=True)
class Defaults:
    """Days of the deadline chain and limits of the rotation; see the design's clock table for each default."""

    acknowledge_within: int = 2  # working days after the slip
    notice_within: int = 3  # working days after receipt
    seminar_not_before: int = 3  # calendar days after the notice
    seminar_within: int = 5  # working days after the notice
    activity_by_day: int = 25  # day of the month
    scoring_days: int = 5  # calendar days after the activity
    feedback_within: int = 3  # working days after closing
    assessment_within: int = 5  # working days after the quarter
    escalate_after: int = 2  # working days after a nudge
    collective_min: int = 2  # units in a collective month
    collective_max: int = 3
    review_within: int = 2  # working days from a demand's submission to its review
    offer_reply_within: int = 3  # working days to answer an offer
    urgent_days: int = 5  # calendar days to serve a demand, by urgency
    soon_days: int = 15
    normal_days: int = 30
    call_back_within: int = 3  # working days after acceptance
    anonymise_after: int = 90  # calendar days after a demand's end
    slip_requirements: str = "会前请各成员单位广泛征求社区党员群众意见建议；按时发出通知、召开研讨会、组织活动；活动后配合做好评议打分。"


LABELS = {
    "acknowledge_within": "签收时限（工作日）",
    "notice_within": "发出研讨会通知单时限（工作日，自签收起）",
    "seminar_not_before": "研讨会最早（通知后自然日）",
    "seminar_within": "研讨会最迟（通知后工作日）",
    "activity_by_day": "活动最迟（每月几日）",
    "scoring_days": "评议开放（自然日）",
    "feedback_within": "评议反馈时限（工作日）",
    "assessment_within": "季度考核评议报送时限（工作日）",
    "escalate_after": "催办后报书记（工作日）",
    "collective_min": "集体轮值最少单位数",
    "collective_max": "集体轮值最多单位数",
    "review_within": "受理群众需求时限（工作日）",
    "offer_reply_within": "单位回复派单时限（工作日）",
    "urgent_days": "紧急需求完成时限（自然日）",
    "soon_days": "较急需求完成时限（自然日）",
    "normal_days": "一般需求完成时限（自然日）",
    "call_back_within": "验收后回访时限（工作日）",
    "anonymise_after": "办结后清除需求人信息（自然日）",
    "slip_requirements": "提醒单上的工作要求",
}


def settings_for(organisation: Organisation) -> Defaults:
    """The settings in force at ``organisation``: the nearest override wins. Unknown keys are ignored."""
    known = {f.name for f in fields(Defaults)}
    merged: dict[str, Any] = {}
    rows = Organisation.objects.filter(path__in=organisation.paths_above).order_by("path")
    for values in rows.values_list("settings", flat=True):
        merged.update({key: value for key, value in values.items() if key in known})
    return replace(Defaults(), **merged)


def inherited_settings(organisation: Organisation) -> Defaults:
    """What would hold at ``organisation`` without settings of its own."""
    return settings_for(organisation.parent) if organisation.parent is not None else Defaults()


def working_days(organisation: Organisation) -> WorkingDays:
    """The working-day calendar as it holds at ``organisation``: State Council days and the offices' corrections."""
    rows = DayCorrection.objects.filter(organisation__path__in=organisation.paths_above).order_by(
        "organisation__path"
    )
    return WorkingDays(dict(rows.values_list("day", "is_working")))
