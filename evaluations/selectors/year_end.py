"""年度汇总: a year from its four quarters' reports that stand (filed or received), and from nothing else.

Counts are summed, rates are put together from summed numerators and denominators, a unit's scores stand side by side with their
mean over the quarters that were scored. A quarter without a report is said so (未报送) and adds nothing. As JSON::

    {"version": 1, "year", "alliance": {"code", "name", "community", "street"},
     "quarters": [{"n", "label", "state", "words", "pk", "number", "revision", "hash", "mean", "rated"}],   # four
     "sections": [{"title", "rows": [{"key", "label", "kind", "cells": [text or None, ...4], "total",
                                      "numerator", "denominator"}]}],
     "members": [{"member", "unit", "scores": [text or None, ...4], "grades": [...4], "rated", "mean", "grade"}],
     "mean", "rated", "grades": {grade: n}, "reports": n}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q

from alliances import clock
from alliances.calendars import Quarter
from alliances.enums import Level
from alliances.models import Alliance, Member
from evaluations import yearly
from evaluations.assessing import mean_score
from evaluations.enums import AssessmentState, TwoWayState, YearPaperState
from evaluations.models import Assessment, AwardList, TwoWay, YearSummary
from evaluations.models.assessment import STANDING
from evaluations.selectors.quarter_shapes import every

Summary = dict[str, Any]
VERSION = 1
NOT_FILED, NOTHING = "未报送", "—"
NONE_DUE = "全年无此项"
FIRST_MONTH = 12  # from December on the year's end is in hand …
LAST_MONTH = 2  # … until the end of February

# What is added up, by its key in the reports; what stands at the year's end; what is a rate.
COUNTS, STOCKS, RATES = "count", "stock", "rate"
SECTIONS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "基本情况",
        (
            ("members", "成员单位（家，期末）", STOCKS),
            ("meetings", "召开会议（次）", COUNTS),
            ("attendance", "会议到会率", RATES),
            ("activities", "举办活动（场）", COUNTS),
            ("participations", "参加活动单位（家次）", COUNTS),
            ("heads", "参加活动人数（人次）", COUNTS),
            ("beneficiaries", "受益群众（人次）", COUNTS),
        ),
    ),
    (
        "轮值履职",
        (
            ("duties", "轮值月（个）", COUNTS),
            ("slips", "发出提醒单（份）", COUNTS),
            ("slips.acknowledged", "提醒单签收率", RATES),
            ("steps.notice", "按时发出研讨会通知单", RATES),
            ("steps.seminar", "按时召开研讨会", RATES),
            ("steps.activity", "按时举办活动", RATES),
            ("steps.feedback", "按时通报评议反馈", RATES),
        ),
    ),
    (
        "四项清单",
        (
            ("lists.demands", "群众需求（件）", COUNTS),
            ("lists.claims", "认领项目（个）", COUNTS),
            ("lists.delivered", "完成服务（个）", COUNTS),
            ("lists.volunteers", "参加服务的志愿者（人次）", COUNTS),
            ("rates.response", "响应率", RATES),
            ("rates.resolved", "解决率", RATES),
            ("rates.on_time", "按时率", RATES),
            ("rates.satisfied", "满意率", RATES),
            ("rates.strictly", "满意率（不含基本满意）", RATES),
            ("commitments", "承诺事项兑现率", RATES),
        ),
    ),
    (
        "评议",
        (
            ("rounds", "开展评议（次）", COUNTS),
            ("ballots.returned", "收回评议票（张）", COUNTS),
            ("ballots.valid", "有效评议票（张）", COUNTS),
        ),
    ),
)


def year_in_hand() -> int:
    """The year whose end is looked at today: this one from December on, before that the last."""
    today = clock.today()
    return today.year if today.month >= FIRST_MONTH else today.year - 1


def is_season() -> bool:
    """Whether the year's end is on desks now."""
    month = clock.today().month
    return month >= FIRST_MONTH or month <= LAST_MONTH


def reports(alliance: Alliance, year: int) -> dict[int, Assessment]:
    """Quarter → the report that stands. One query."""
    rows = Assessment.objects.filter(alliance=alliance, year=year, state__in=STANDING)
    return {row.quarter: row for row in rows.order_by("quarter")}


def summary(alliance: Alliance, year: int) -> Summary:
    """The year as its reports say it now; one query, two where the alliance comes without its organisation."""
    standing = reports(alliance, year)
    documents = [standing[n].figures if n in standing else None for n in range(1, yearly.QUARTERS + 1)]
    lines = _members(documents)
    means = [Decimal(line["mean"]) for line in lines if line["mean"] is not None]
    mean = mean_score(means)
    place = alliance.organisation
    return {
        "version": VERSION,
        "year": year,
        "alliance": {
            "code": alliance.code,
            "name": alliance.name,
            "community": place.name,
            "street": place.parent.name if place.parent else "",
        },
        "quarters": [_quarter(year, n, standing.get(n)) for n in range(1, yearly.QUARTERS + 1)],
        "sections": _sections(documents),
        "members": lines,
        "mean": None if mean is None else str(mean),
        "rated": len(means),
        "grades": dict(Counter(line["grade"] for line in lines)),
        "reports": len(standing),
    }


def _quarter(year: int, n: int, report: Assessment | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "n": n,
        "label": Quarter(year, n).label,
        "state": "missing",
        "words": NOT_FILED,
        "pk": None,
        "number": "",
        "revision": 0,
        "hash": "",
        "mean": None,
        "rated": 0,
    }
    if report is not None:
        assessed = report.figures.get("assessment", {})
        found |= {
            "state": str(report.state),
            "words": AssessmentState(report.state).label,
            "pk": report.pk,
            "number": report.number,
            "revision": report.revision,
            "hash": report.figures_hash,
            "mean": assessed.get("mean"),
            "rated": assessed.get("rated", 0),
        }
    return found


def _sections(documents: Sequence[Mapping[str, Any] | None]) -> list[dict[str, Any]]:
    known = [None if one is None else {figure["key"]: figure for figure in every(one)} for one in documents]
    return [
        {"title": title, "rows": [_row(key, label, kind, known) for key, label, kind in rows]}
        for title, rows in SECTIONS
    ]


def _row(
    key: str, label: str, kind: str, known: Sequence[Mapping[str, Mapping[str, Any]] | None]
) -> dict[str, Any]:
    """A figure's four quarters and its year; None where no report stands, — where a report does not know it."""
    figures = [None if one is None else one.get(key) for one in known]
    there = [one for one in figures if one is not None]
    part = sum(one["numerator"] or 0 for one in there)
    whole = sum(one["denominator"] or 0 for one in there) if kind == RATES else None
    if not there:
        total = NOTHING
    elif kind == RATES:
        total = yearly.rate_words(part, whole or 0) or NONE_DUE
    elif kind == STOCKS:
        part = there[-1]["numerator"] or 0
        total = str(part)
    else:
        total = str(part)
    return {
        "key": key,
        "label": label,
        "kind": kind,
        "cells": [
            None if document is None else _cell(figure, kind)
            for document, figure in zip(known, figures, strict=True)
        ],
        "total": total,
        "numerator": part if there else None,
        "denominator": whole if there else None,
    }


def _cell(figure: Mapping[str, Any] | None, kind: str) -> str:
    if figure is None:
        return NOTHING
    if kind == RATES:
        return yearly.rate_words(figure["numerator"] or 0, figure["denominator"] or 0) or "无"
    return str(figure["numerator"] or 0)


def _members(documents: Sequence[Mapping[str, Any] | None]) -> list[dict[str, Any]]:
    """Every unit of any of the reports, in the order in which they name them."""
    found: dict[int, dict[str, Any]] = {}
    for index, document in enumerate(documents):
        for line in document["assessment"]["lines"] if document else ():
            empty = {
                "member": line["member"],
                "unit": line["unit"],
                "scores": [None] * yearly.QUARTERS,
                "grades": [None] * yearly.QUARTERS,
            }
            one = found.setdefault(line["member"], empty)
            one["scores"][index], one["grades"][index] = line["score"], line["grade"]
    for one in found.values():
        scores = [None if score is None else Decimal(score) for score in one["scores"]]
        mean = yearly.year_mean(scores)
        one["rated"] = sum(score is not None for score in scores)
        one["mean"] = None if mean is None else str(mean)
        one["grade"] = yearly.year_grade(mean)
    return list(found.values())


def differs(published: YearSummary, now: Summary) -> list[str]:
    """Quarters whose report is not the one that the published summary was made from."""
    then = {one["n"]: one["hash"] for one in published.figures["quarters"]}
    return [one["label"] for one in now["quarters"] if then.get(one["n"]) != one["hash"]]


def own_line(document: Summary, member: int) -> dict[str, Any] | None:
    return next((line for line in document["members"] if line["member"] == member), None)


# --- papers of the year ---------------------------------------------------------------------------------------------


def versions(user: Any, model: Any, alliance: Alliance, year: int) -> list[Any]:
    """The revisions of a summary or award list that ``user`` may see, the newest first."""
    rows = model.objects.visible_to(user).filter(alliance=alliance, year=year)
    return list(rows.select_related("published_by__person", "replaces").order_by("-revision"))


def standing(model: Any, alliance: Alliance, year: int) -> Any | None:
    return model.objects.filter(alliance=alliance, year=year, state=YearPaperState.PUBLISHED).first()


# --- the offices ----------------------------------------------------------------------------------------------------


def years_offered() -> list[int]:
    last = clock.today().year
    return [last - 2, last - 1, last]


def below(user: Any, year: int, *, after: str = "", size: int = 100) -> tuple[list[dict[str, Any]], str]:
    """For the offices: every alliance below them with what it has published of ``year``; and where the next page begins.
    Four queries."""
    members = Member.objects.filter(alliance=OuterRef("pk"), left_on=None)
    rows = Alliance.objects.visible_to(user).select_related("organisation__parent")
    rows = rows.filter(Q(organisation__level=Level.COMMUNITY) | Exists(members))
    found = list(rows.filter(organisation__path__gt=after).order_by("organisation__path")[: size + 1])
    shown = found[:size]
    summaries = _published(YearSummary, shown, year)
    awards = _published(AwardList, shown, year)
    two_ways = {
        row.alliance_id: row
        for row in TwoWay.objects.filter(alliance__in=shown, year=year, state=TwoWayState.PUBLISHED).defer(
            "paper"
        )
    }
    return [
        {
            "alliance": one,
            "street": one.organisation.parent.name if one.organisation.parent else "",
            "summary": summaries.get(one.pk),
            "two_way": two_ways.get(one.pk),
            "awards": awards.get(one.pk),
        }
        for one in shown
    ], (shown[-1].organisation.path if len(found) > size else "")


def _published(model: Any, alliances: Sequence[Alliance], year: int) -> dict[int, Any]:
    rows = model.objects.filter(alliance__in=alliances, year=year, state=YearPaperState.PUBLISHED)
    return {row.alliance_id: row for row in rows.defer("paper")}
