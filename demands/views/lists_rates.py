"""三项比率: of an alliance with its stations, of an office with its communities; every number leads to its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from alliances import clock
from alliances.calendars import Quarter
from alliances.enums import MEMBER_ROLES, Level
from alliances.models import Alliance, Organisation
from demands import policies
from demands.selectors import rates as figures
from demands.selectors.lists import Question
from demands.selectors.rates import Rate, Rates
from demands.views.lists import question_of, readable_alliances
from demands.views.lists_filters import filters_of

QUARTERS_OFFERED = 5
MOST_OWN = 2  # units of one person whose lines are shown; three queries each
PAGES = {"offers": "demands:offers-list", "claims": "demands:claims", "answers": "demands:answers-list"}
FILTERS = ("since", "until", "place")


@dataclass(frozen=True)
class Shown:
    """A rate on the page: its words, and addresses of the rows behind both numbers, empty where the reader has none."""

    title: str
    percent: str
    part: int
    whole: int
    part_url: str
    whole_url: str
    empty: str
    is_aside: bool


@dataclass(frozen=True)
class Line:
    """A community, station or unit with its rates."""

    name: str
    url: str
    rates: list[Shown]


@login_required
@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    alliances = readable_alliances(request)
    question, narrowed = question_of(request, alliances)
    question, quarter = _period(question)
    scope = [narrowed] if narrowed else alliances
    words = _Words(request.user, scope, narrowed, quarter)
    if question.alliances is not None and not words.oversees:
        question = question.with_(member=None)  # another unit's rates are not the reader's
    own = _own(request.user, question, quarter)
    total, lines, of_what = _lines(question, scope, words)
    names = (*FILTERS, "member") if words.oversees else FILTERS
    filters = filters_of(request, "claims", names, question, alliances=scope, narrowed=narrowed)
    # The period stands in the head and in the fields already.
    filters.chosen = [one for one in filters.chosen if one.label not in ("从", "到")]
    context = {
        "filters": filters,
        "list": {"title": "比率"},
        "period": _label(question),
        "quarters": _quarters(request, question),
        "scope": _whose(question, scope, narrowed),
        "rates": words.linked(total) if question.alliances is None else words.shown(total),
        "lines": lines,
        "of_what": of_what,
        "own": own,
        "follows": "all" if words.oversees or question.alliances is None else "own" if own else "",
    }
    return render(request, "demands/rates.html", context)


class _Words:
    """How rates read for one reader: links where the rows behind a number are the reader's to see."""

    def __init__(self, user: Any, scope: list[Alliance], narrowed: Alliance | None, quarter: bool) -> None:
        self.narrowed = narrowed
        self.quarter = quarter
        self.oversees = all(policies.can_export_lists(user, alliance) for alliance in scope)

    def shown(self, rates: Rates, **more: str) -> list[Shown]:
        return _in_order(self._one(rate, more, linked=self.oversees) for rate in rates)

    def linked(self, rates: Rates) -> list[Shown]:
        """Of the reader's own unit: its rows are always the reader's."""
        return _in_order(self._one(rate, {}, linked=True, own=True) for rate in rates)

    def _one(self, rate: Rate, more: dict[str, str], *, linked: bool, own: bool = False) -> Shown:
        if self.narrowed and not own:
            more = {"alliance": self.narrowed.code, **more}
        address = reverse(PAGES[rate.page])
        links = [
            f"{address}?{urlencode({**params, **more})}" if linked and number else ""
            for number, params in ((rate.part, rate.rows), (rate.whole, rate.all_rows))
        ]
        empty = rate.empty.replace("本期", "本季度") if self.quarter else rate.empty
        percent = "" if rate.percent is None else f"{rate.percent}%"
        return Shown(rate.title, percent, rate.part, rate.whole, *links, empty, rate.is_aside)


def _in_order(found: Iterable[Shown]) -> list[Shown]:
    """The three first, what stands beside them after."""
    return sorted(found, key=lambda rate: rate.is_aside)


def _period(question: Question) -> tuple[Question, bool]:
    """The question with its period, this quarter where none is asked for; and whether it is a whole quarter."""
    if question.since is None and question.until is None:
        quarter = Quarter.of(clock.today())
        return question.with_(since=quarter.start, until=quarter.end), True
    question = question.with_(since=question.since or date(2000, 1, 1), until=question.until or clock.today())
    return question, _quarter(question) is not None


def _quarter(question: Question) -> Quarter | None:
    """The quarter that the question's period is, if it is one."""
    assert question.since is not None
    quarter = Quarter.of(question.since)
    return quarter if (quarter.start, quarter.end) == (question.since, question.until) else None


def _label(question: Question) -> str:
    quarter = _quarter(question)
    if quarter is not None:
        return quarter.label
    days = [f"{day.year}年{day.month}月{day.day}日" for day in (question.since, question.until) if day]
    return "至".join(days)


def _quarters(request: HttpRequest, question: Question) -> list[tuple[str, str, bool]]:
    """(label, address, whether it is shown) of the last quarters, newest first."""
    found = []
    quarter = Quarter.of(clock.today())
    for _ in range(QUARTERS_OFFERED):
        query = request.GET.copy()
        query["since"], query["until"] = quarter.start.isoformat(), quarter.end.isoformat()
        found.append((quarter.label, f"?{query.urlencode()}", quarter == _quarter(question)))
        quarter = Quarter.of(quarter.start - timedelta(days=1))
    return found


def _whose(question: Question, scope: list[Alliance], narrowed: Alliance | None) -> str:
    if question.place is not None:
        return question.place.name
    return (
        narrowed.organisation.name
        if narrowed
        else scope[0].name
        if len(scope) == 1
        else f"全部 {len(scope)} 个社区"
    )


def _lines(question: Question, scope: list[Alliance], words: _Words) -> tuple[Rates, list[Line], str]:
    """The whole's rates, and those of its parts: communities of several, stations of one."""
    if question.member or (question.place is not None and question.place.level == Level.STATION):
        return figures.rates_of(question), [], ""
    under = [a for a in scope if question.place is None or a.organisation.is_under(question.place)]
    if len(under) != 1:
        total, found = figures.by_alliance(question)
        lines = [
            Line(a.organisation.name, f"?{urlencode({**_days(question), 'alliance': a.code})}", words.shown(found[a.pk], alliance=a.code))
            for a in under
            if a.pk in found
        ]  # fmt: skip
        return total, lines, "社区"
    total, parts = figures.by_station(question)
    names = {s.pk: s for s in Organisation.objects.filter(parent=under[0].organisation, level=Level.STATION)}
    lines = []
    for pk, place in sorted(names.items(), key=lambda pair: pair[1].path):
        if pk in parts:
            query = {**_days(question), "place": place.code}
            if words.narrowed:
                query["alliance"] = words.narrowed.code
            lines.append(Line(place.name, f"?{urlencode(query)}", words.shown(parts[pk], place=place.code)))
    if lines and None in parts:
        lines.append(Line("没有分到小区的", "", words.shown(parts[None])))
    return total, lines, "小区服务站"


def _days(question: Question) -> dict[str, str]:
    assert question.since is not None
    assert question.until is not None
    return {"since": question.since.isoformat(), "until": question.until.isoformat()}


def _own(user: Any, question: Question, quarter: bool) -> list[Line]:
    """The reader's own units' lines beside the alliance's: all their claims, wherever served."""
    if question.member:
        return []
    words = _Words(user, [], None, quarter)
    units = {
        a.member.pk: a.member.unit for a in user.current_appointments if a.role in MEMBER_ROLES and a.member
    }
    found = []
    for pk, unit in sorted(units.items())[:MOST_OWN]:
        mine = Question(member=pk, since=question.since, until=question.until)
        found.append(Line(unit.name, "", words.linked(figures.rates_of(mine))))
    return found
