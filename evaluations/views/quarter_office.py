"""The quarter as an office reads it: communities side by side, or what stands below with their sums; urging; the trend's picture.

No league table: rows stand in the order of the tree. What the page shows lives in its address (``quarter``, ``under``, ``state``,
``after``), so that it can be sent to a colleague.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from alliances import clock
from alliances.calendars import Quarter, quarter_of
from alliances.documents import charts
from alliances.enums import Level
from alliances.errors import OfficeError
from alliances.models import Alliance, Organisation
from alliances.views.base import go_next, require, visible_or_404
from evaluations import paths, policies
from evaluations.selectors import quarter_office as reads
from evaluations.selectors.briefs import percent, words_of
from evaluations.selectors.quarter_office import STATES, Community, Group, Sums
from evaluations.services import pressing

SIZE = 100
QUARTERS_OFFERED = 5
# Key of a figure, its name in the templates, its title; in the order of the columns there.
SHOWN = (
    ("members", "members", "成员单位"),
    ("meetings", "meetings", "会议"),
    ("activities", "activities", "活动"),
    ("beneficiaries", "beneficiaries", "受益群众"),
    ("lists.demands", "demands", "群众需求"),
    ("lists.claims", "claims", "认领项目"),
)
RATES = (
    ("rates.response", "response", "响应率"),
    ("rates.resolved", "resolved", "解决率"),
    ("rates.satisfied", "satisfied", "满意率"),
)
TITLES = tuple(title for _, _, title in (*SHOWN, *RATES))
CHART = (66.0, 30.0)  # mm, drawn; the page shows it as wide as its column
NONE = "—"


# A row for the templates, as dicts: what Django looks up fastest, and a county has hundreds of rows.
# name, above, url, when: its day in words, cells: see ``_cells``, or None; trend: address of the chart; words: what it shows.
# Of a community also code, word, tone, is_returned, may_be_urged, urged; of an office ``sums``.
Row = dict[str, Any]


@login_required
@require_safe
def quarter_office(request: HttpRequest) -> HttpResponse:
    """``?quarter=2026-1&under=CODE&state=…``; a wrong quarter or state means the last quarter, everything."""
    place, quarter = _asked(request)
    found = reads.communities(place, quarter)
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    total = reads.sums(found)
    grouped = reads.groups(place, found) if not state and place.level in (Level.CITY, Level.COUNTY) else []
    below = {one.path for group in grouped for one in group.communities}
    shown = [one for one in (reads.in_state(found, state) if state else found) if one.path not in below]
    page, after = _page(shown, request.GET.get("after", ""))
    urged = reads.urged_today(found)
    address = _Address(place, quarter)
    context = {
        "place": place,
        "quarter": quarter,
        "quarter_value": address.quarter,
        "crumbs": _crumbs(request.user, place, address),
        "offices": _offices(request.user, place, address),
        "quarters": _quarters(address),
        "counters": _counters(total, state, address),
        "total": total,
        "sums": _cells(total.counts, total.rates, total.mean) if total.filed else None,
        "titles": TITLES,
        "groups": [_group_row(group, address) for group in grouped],
        "below_what": Level(_next_level(place)).label,
        "rows": [_row(one, address, urged) for one in page],
        "is_wide": place.level in (Level.CITY, Level.COUNTY),
        "state": state,
        "state_word": STATES.get(state, ""),
        "next_url": address(state=state, after=after) if after else "",
        "first_url": address(state=state) if request.GET.get("after") else "",
        "unfiled": sum(one.may_be_urged for one in found),
        "urged_all": bool(found) and all(one.alliance in urged for one in found if one.may_be_urged),
        "next": request.get_full_path(),
    }
    return render(request, "evaluations/quarter_office.html", context)


def _asked(request: HttpRequest) -> tuple[Organisation, Quarter]:
    """The place and the quarter of the address; 403 for who is no office, 404 for a place that is not below it."""
    mine = reads.office_places(request.user)
    require(mine, "季度汇总供街道、县区和市级办公室查看。")
    given = request.POST if request.method == "POST" else request.GET
    quarter = quarter_of(given.get("quarter", "")) or Quarter.of(clock.today()).prev()
    code = _code(given.get("under", ""))
    place = next((one for one in mine if code in ("", one.code)), None)
    if place is None:
        place = visible_or_404(Organisation.objects.all(), request.user, code=code)
        if not any(place.is_under(one) for one in mine):
            raise Http404("没有这个下级单位。")
    return place, quarter


def _code(typed: str) -> str:
    """``typed`` as something that a database can look for; 404 for what none can."""
    if "\0" in typed:
        raise Http404("没有这个单位。")
    return typed


class _Address:
    """Addresses of this page at another place, quarter or state."""

    def __init__(self, place: Organisation, quarter: Quarter) -> None:
        self.under, self.quarter = place.code, f"{quarter.year}-{quarter.n}"
        self.page, self.chart = reverse("evaluations:quarter-office"), reverse("evaluations:quarter-trend")

    def __call__(self, **other: str) -> str:
        kept = {"quarter": self.quarter, "under": self.under, **other}
        return f"{self.page}?{urlencode({key: value for key, value in kept.items() if value})}"

    def trend(self, under: str) -> str:
        return f"{self.chart}?{urlencode({'quarter': self.quarter, 'under': under})}"


def _page(shown: Sequence[Community], after: str) -> tuple[Sequence[Community], str]:
    """The rows behind the path ``after`` and where the next page begins, empty at the end."""
    rows = [one for one in shown if one.path > after] if after else shown
    return rows[:SIZE], rows[SIZE - 1].path if len(rows) > SIZE else ""


def _next_level(place: Organisation) -> str:
    return {Level.CITY: Level.COUNTY, Level.COUNTY: Level.STREET}.get(Level(place.level), Level.COMMUNITY)


# --- rows -----------------------------------------------------------------------------------------------------------


def _row(one: Community, address: _Address, urged: set[int]) -> Row:
    brief = one.brief
    trend = brief["trend"] if brief else []
    return {
        "name": one.name,
        "above": one.above,
        "url": paths.assessment(one.pk) if one.pk else "",
        "when": _when(one),
        "cells": _cells(brief["counts"], brief["rates"], brief["mean"]) if brief else None,
        "trend": address.trend(one.place_code),
        "words": words_of(trend),
        "code": one.code,
        "word": one.word,
        "tone": one.tone,
        "may_be_urged": one.may_be_urged,
        "urged": one.alliance in urged,
    }


def _when(one: Community) -> str:
    if one.filed_on is None:
        return f"{one.due_on.month}月{one.due_on.day}日截止"
    return f"{one.filed_on.month}月{one.filed_on.day}日报{'（迟报）' if one.is_late else ''}"


def _group_row(group: Group, address: _Address) -> Row:
    found = reads.sums(group.communities)
    return {
        "name": group.name,
        "url": address(under=group.code),
        "cells": _cells(found.counts, found.rates, found.mean) if found.filed else None,
        "trend": address.trend(group.code),
        "words": words_of(reads.trend(group.communities)),
        "sums": found,
    }


def _cells(counts: Mapping[str, int], rates: Mapping[str, Sequence[int]], mean: str | None) -> dict[str, str]:
    """The words of a row's figures: the counts by ``SHOWN``, of each rate its percent and both its numbers (``…_of``), ``mean``."""
    cells = {name: str(counts.get(key, NONE)) for key, name, _ in SHOWN}
    for key, name, _ in RATES:
        part, whole = rates.get(key, (0, 0))
        cells[name] = percent(part, whole) if whole else NONE
        cells[f"{name}_of"] = f"{part}/{whole}" if whole else ""
    cells["mean"] = mean or NONE
    return cells


# --- around the table -----------------------------------------------------------------------------------------------


def _crumbs(user: Any, place: Organisation, address: _Address) -> list[dict[str, str]]:
    """From the reader's office down to the place; the place itself is the page. One query where there is any."""
    above = next((one for one in reads.office_places(user) if place.is_under(one)), place)
    if above.pk == place.pk:
        return []
    line = [path for path in place.paths_above if path.startswith(above.path) and path != place.path]
    rows = Organisation.objects.filter(path__in=line).order_by("path").values_list("code", "name")
    return [{"label": name, "url": address(under=code)} for code, name in rows]


def _offices(user: Any, place: Organisation, address: _Address) -> list[tuple[str, str, bool]]:
    """(name, address, whether it is shown) of somebody who works in several offices."""
    mine = reads.office_places(user)
    if len(mine) < 2:
        return []
    return [(one.name, address(under=one.code), one.pk == place.pk) for one in mine]


def _quarters(address: _Address) -> list[tuple[str, str, bool]]:
    """The last quarters that are over, newest first, and the one in the address."""
    quarter = Quarter.of(clock.today()).prev()
    found = []
    for _ in range(QUARTERS_OFFERED):
        found.append(quarter)
        quarter = quarter.prev()
    asked = quarter_of(address.quarter)
    if asked and asked not in found:
        found.append(asked)
    return [
        (one.label, address(quarter=f"{one.year}-{one.n}"), f"{one.year}-{one.n}" == address.quarter)
        for one in sorted(found, reverse=True)
    ]


def _counters(total: Sums, state: str, address: _Address) -> list[dict[str, Any]]:
    """How many communities there are in each state; each a link to them."""
    standing = {"filed": total.filed - total.received, "received": total.received, "returned": total.returned}
    numbers = {"unfiled": total.unfiled, "late": total.overdue, **standing}
    counters = [
        {"word": "应报社区", "n": total.total, "url": address(), "current": not state, "is_late": False}
    ]
    for key, word in STATES.items():
        counters.append(
            {
                "word": word,
                "n": numbers[key],
                "url": address(state=key),
                "current": key == state,
                "is_late": key == reads.LATE and bool(numbers[key]),
            }
        )
    return counters


# --- the trend's picture --------------------------------------------------------------------------------------------


@login_required
@require_safe
def quarter_trend(request: HttpRequest) -> HttpResponse:
    """Three rates over the quarters of what was filed below ``?under=CODE``, as SVG; 404 where there is too little."""
    place, quarter = _asked(request)
    found = reads.communities(place, quarter)
    block = reads.trend_block(reads.trend(found))
    if block is None:
        raise Http404("已报送的数据还不足两个季度。")
    response = HttpResponse(charts.svg(block, *CHART), content_type="image/svg+xml; charset=utf-8")
    response["Cache-Control"] = "private, max-age=60"
    return response


# --- urging ---------------------------------------------------------------------------------------------------------


@login_required
@require_POST
def quarter_urge(request: HttpRequest) -> HttpResponse:
    """催报: the community named (``alliance``), or with none all below that have not filed. At most once a day each."""
    place, quarter = _asked(request)
    code = _code(request.POST.get("alliance", ""))
    back = _Address(place, quarter)()
    rows = Alliance.objects.visible_to(request.user).select_related("organisation")
    if code:
        alliance = visible_or_404(rows, request.user, code=code)
        require(policies.can_urge_assessment(request.user, alliance), "只有上级办公室可以催报。")
        alliances = [alliance]
    else:
        waiting = {one.alliance for one in reads.communities(place, quarter) if one.may_be_urged}
        alliances = list(rows.filter(pk__in=waiting).order_by("organisation__path"))
    done, already = [], []
    for alliance in alliances:
        try:
            (done if pressing.urge(alliance, quarter, actor=request.user) else already).append(alliance)
        except OfficeError as problem:
            messages.error(request, problem.message)
    if done:
        whom = done[0].organisation.name if len(done) == 1 else f"{len(done)} 个社区"
        messages.success(request, f"已催报{whom}，消息已发给社区书记。")
    if already:
        whom = already[0].organisation.name if len(already) == 1 else f"{len(already)} 个社区"
        messages.info(request, f"{whom}今天已经催报过，一天只催一次。")
    if not alliances:
        messages.info(request, "没有需要催报的社区。")
    return go_next(request, back)
