"""The facts of a quarter for the assessment and its report: what the other apps' records say, joined with the scores.

``facts(alliance, quarter)`` reads everything by a number of queries that does not grow with the rows or the members.
``QuarterFacts.as_figures()`` is the JSON that is frozen when the report is filed; papers, workbook and page are made from it
and from nothing else:

    {"version": 1,
     "alliance": {"code", "name", "community", "street", "brand"},
     "quarter": {"year", "n", "label", "since", "until"},                     # days ISO, both included
     "sections": [{"key", "title", "figures": [Figure, ...]}, ...],           # basics, duty, lists, results: parts 1-4
     "months": [Month, ...],                                                  # attachment 1, and participation by month
     "activities": [Activity, ...],                                           # attachment 2
     "tables": {"sectors" | "resources" | "demands" | "groups" | "sources" | "urgency" | "offers" | "claims" |
                "acceptances" | "answers": [Figure, ...]},                    # attachment 3; every choice with its nought
     "results": [Result, ...],                                                # attachment 4
     "members": [{"member", "unit", "sector", "figures": {name: Figure}, "facts": MemberFacts}, ...],  # attachment 5
     "mean": {name: Figure},                                                   # the alliance's, beside a unit's own line
     "trend": [{"year", "n", "label", "response", "resolved", "satisfied"}],  # four quarters, the oldest first; each a
                                                                              # {"part", "whole", "percent", "url",
                                                                              # "whole_url"}, percent a string or None
     "offered": {"overdue" | "unmatched" | "dormant" | "repeated": [{"text", "url"}, ...]}}

A Figure is ``{"key", "label", "kind", "value", "numerator", "denominator", "url", "whole_url"}``. ``value`` is what papers
print (``12``, ``97.8%``, ``92.3``, or a sentence such as 本季度无派单). ``kind`` says what ``url`` opens: of a ``count`` a list
of exactly ``numerator`` rows; of a ``rate`` the numerator's rows, and ``whole_url`` the denominator's; of a ``sum`` the rows
that add up to ``numerator``; of a ``score`` the page of the round. An address is empty where there can be no rows (a unit that
was not on duty); every figure that counts something has its own. Keys are
unique in a document and steady from quarter to quarter; ``figure(figures, key)`` finds one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from alliances import clock
from alliances.calendars import Quarter
from alliances.enums import DutyMode
from alliances.models import Alliance, Member
from alliances.selectors import commitments as commitments_record
from demands.selectors import record as demands_record
from demands.selectors.lists import Question
from demands.selectors.record import Share
from evaluations.assessing import MemberFacts
from evaluations.selectors import quarter_members, quarter_results
from evaluations.selectors.quarter_addresses import address_of, rate_questions
from evaluations.selectors.quarter_figures import Records, sections, tables
from evaluations.selectors.quarter_offered import offered
from evaluations.selectors.quarter_shapes import (
    COUNT,
    RATE,
    SCORE,
    SUM,
    ActivityRow,
    Figure,
    MemberLine,
    MonthRow,
    Offered,
    ResultRow,
    Section,
    every,
    figure,
)
from rotation.enums import ActivityKind, MonthStep
from rotation.selectors import record as rotation_record
from rotation.selectors.record import DutyRecord, Step

__all__ = [
    "COUNT",
    "RATE",
    "SCORE",
    "SUM",
    "ActivityRow",
    "Figure",
    "MemberLine",
    "MonthRow",
    "Offered",
    "QuarterFacts",
    "ResultRow",
    "Section",
    "every",
    "facts",
    "figure",
]

VERSION = 1


@dataclass(frozen=True)
class QuarterFacts:
    """Everything that is known of one alliance's quarter; ``as_figures()`` is what a report freezes."""

    alliance: Mapping[str, str]
    quarter: Quarter
    sections: Sequence[Section]
    months: Sequence[MonthRow]
    activities: Sequence[ActivityRow]
    tables: Mapping[str, Sequence[Figure]]
    results: Sequence[ResultRow]
    members: Sequence[MemberLine]
    mean: Mapping[str, Figure]
    trend: Sequence[demands_record.Point]
    offered: Mapping[str, Sequence[Offered]]

    @property
    def member_facts(self) -> dict[int, MemberFacts]:
        """Member id → what its assessment is computed from."""
        return {line.member: line.facts for line in self.members}

    def figure(self, key: str) -> Figure:
        """Raises KeyError for one that is not there."""
        for found in self.figures():
            if found.key == key:
                return found
        raise KeyError(key)

    def figures(self) -> list[Figure]:
        """All of them, in the order of ``every``."""
        return [
            *(one for section in self.sections for one in section.figures),
            *(one for table in self.tables.values() for one in table),
            *self.mean.values(),
            *(one for line in self.members for one in line.figures.values()),
        ]

    def as_figures(self) -> dict[str, Any]:
        """The JSON of the module's docstring: plain dicts, lists, strings, numbers; the same facts give the same JSON."""
        return {
            "version": VERSION,
            "alliance": dict(self.alliance),
            "quarter": {
                "year": self.quarter.year,
                "n": self.quarter.n,
                "label": self.quarter.label,
                "since": self.quarter.start.isoformat(),
                "until": self.quarter.end.isoformat(),
            },
            "sections": [
                {"key": one.key, "title": one.title, "figures": [each.as_json() for each in one.figures]}
                for one in self.sections
            ],
            "months": [asdict(one) for one in self.months],
            "activities": [asdict(one) for one in self.activities],
            "tables": {name: [one.as_json() for one in table] for name, table in self.tables.items()},
            "results": [asdict(one) for one in self.results],
            "members": [_member_json(one) for one in self.members],
            "mean": {name: one.as_json() for name, one in self.mean.items()},
            "trend": [_point_json(self.alliance["code"], one) for one in self.trend],
            "offered": {name: [asdict(one) for one in found] for name, found in self.offered.items()},
        }


def facts(alliance: Alliance, quarter: Quarter) -> QuarterFacts:
    """The facts of ``alliance`` in ``quarter`` as they stand now. About fifty queries, whatever there is to count."""
    rotation = rotation_record.for_quarter(alliance, quarter)
    members = quarter_members.members_in(alliance, quarter)
    records = Records(
        alliance=alliance,
        quarter=quarter,
        rotation=rotation,
        demands=demands_record.for_quarter(alliance, quarter),
        commitments=commitments_record.for_quarter(alliance, quarter),
        results=quarter_results.for_quarter(alliance, quarter, rotation.duties),
        sectors=_sectors(members, quarter.end),
    )
    lines = [quarter_members.line(records, member) for member in members]
    organisation = alliance.organisation
    return QuarterFacts(
        alliance={
            "code": alliance.code,
            "name": alliance.name,
            "community": organisation.name,
            "street": organisation.parent.name if organisation.parent else "",
            "brand": alliance.brand,
        },
        quarter=quarter,
        sections=sections(records),
        months=[_month(records, duty, members) for duty in rotation.duties],
        activities=[_activity(records, one) for one in rotation.activities],
        tables=tables(records),
        results=_results(records),
        members=lines,
        mean=quarter_members.means(records, lines),
        trend=records.demands.trend,
        offered=offered(records, members, clock.today()),
    )


def _sectors(members: Sequence[Member], day: date) -> dict[str, int]:
    """Kind of unit → how many were members on ``day``."""
    return Counter(one.unit.sector for one in members if quarter_members.was_member(one, day, day))


# --- attachments --------------------------------------------------------------------------------------------------


def _month(records: Records, duty: DutyRecord, members: Sequence[Member]) -> MonthRow:
    period = records.quarter.months[(duty.month - 1) % 3]
    chair = records.results.chairs.get(duty.id)
    return MonthRow(
        month=duty.month,
        label=f"{duty.month}月",
        mode=DutyMode(duty.mode).label,
        theme=duty.theme,
        chairs=[{"member": member, "unit": name} for member, name in duty.chairs],
        slip_number=duty.slip_number,
        slip=_step(duty.steps.get("slip")),
        notice=_step(duty.steps.get(MonthStep.NOTICE)),
        seminar=_step(duty.steps.get(MonthStep.SEMINAR)),
        activity=_step(duty.steps.get(MonthStep.ACTIVITY)),
        feedback=_step(records.results.feedback.get(duty.id)),
        comment=duty.id in records.results.commented,
        activities=sum(one.duty_id == duty.id for one in records.rotation.activities),
        units=records.rotation.units_in(duty.month),
        members=sum(quarter_members.was_member(one, period.end, period.end) for one in members),
        chair=dict(chair.result) if chair and chair.result else None,
        chair_words=chair.words if chair else quarter_results.NONE,
        url=duty.path,
    )


def _step(step: Step | None) -> dict[str, Any]:
    """{"due", "done", "words", "in_time"} of a step; of one that nothing is known of all empty."""
    if step is None:
        return {"due": "", "done": "", "words": "", "in_time": None}
    done = f"{step.done.month}月{step.done.day}日" if step.done else "未完成"
    late = "（超期）" if step.in_time is False and step.done else ""
    return {
        "due": step.due.isoformat() if step.due else "",
        "done": step.done.isoformat() if step.done else "",
        "words": f"{done}{late}",
        "in_time": step.in_time,
    }


def _activity(records: Records, one: rotation_record.ActivityRecord) -> ActivityRow:
    round = records.results.of_activity(one.id)
    return ActivityRow(
        id=one.id,
        held_on=one.held_on.isoformat(),
        month=one.month,
        kind=ActivityKind(one.kind).label,
        title=one.title,
        place=one.place,
        chairs=list(one.chairs),
        others=list(one.others),
        formula=one.formula,
        heads=one.heads,
        beneficiaries=one.beneficiaries,
        claims=one.claims,
        score_words=round.words if round else "",
        url=one.path,
    )


def _results(records: Records) -> list[ResultRow]:
    """Month by month the activities' results and then the chair's; what lies outside the rotation at the end of its month."""
    chairs = {duty.id: duty for duty in records.rotation.duties}
    rows = [
        ResultRow(
            month=one.month,
            subject="activity",
            title=one.title,
            chairs=[name for _, name in chairs[one.duty_id].chairs] if one.duty_id in chairs else [],
            state=one.state,
            words=one.words,
            result=dict(one.result) if one.result else None,
            counts=dict(one.counts) if one.counts else None,
            url=one.path,
        )
        for one in records.results.rounds
    ]
    for duty in records.rotation.duties:
        found = records.results.chairs.get(duty.id)
        if found is None:
            continue
        names = [name for _, name in duty.chairs]
        rows.append(
            ResultRow(
                month=duty.month,
                subject="chair",
                title=f"{duty.month}月轮值主席",
                chairs=names,
                state=found.state,
                words=found.words,
                result=dict(found.result) if found.result else None,
                counts=None,
                url=duty.path,
            )
        )
    return sorted(rows, key=lambda row: (row.month, row.subject))


# --- as JSON ------------------------------------------------------------------------------------------------------


def _member_json(line: MemberLine) -> dict[str, Any]:
    return {
        "member": line.member,
        "unit": line.unit,
        "sector": line.sector,
        "figures": {name: one.as_json() for name, one in line.figures.items()},
        "facts": facts_json(line.facts),
    }


def facts_json(found: MemberFacts) -> dict[str, Any]:
    """``MemberFacts`` with decimals as strings."""
    values = asdict(found)
    for name in ("chair_results", "activity_results"):
        values[name] = [str(score) for score in values[name]]
    return values


def _point_json(code: str, point: demands_record.Point) -> dict[str, Any]:
    asked = rate_questions(point.quarter)
    return {
        "year": point.quarter.year,
        "n": point.quarter.n,
        "label": point.quarter.label,
        **{
            name: _share_json(share) | _share_addresses(code, *asked[name])
            for name, share in (
                ("response", point.response),
                ("resolved", point.resolved),
                ("satisfied", point.satisfied),
            )
        },
    }


def _share_addresses(code: str, page: str, part: Question, whole: Question) -> dict[str, str]:
    return {
        "url": address_of(code, page, part.params()),
        "whole_url": address_of(code, page, whole.params()),
    }


def _share_json(share: Share) -> dict[str, Any]:
    percent = share.percent
    return {
        "part": share.part,
        "whole": share.whole,
        "percent": None if percent is None else str(percent),
    }
