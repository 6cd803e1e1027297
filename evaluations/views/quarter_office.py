"""The quarter as an office reads it: communities side by side, or what stands below with their sums; urging; the trend's picture.

No league table: rows stand in the order of the tree. What the page shows lives in its address (``quarter``, ``under``, ``state``,
``after``), so that it can be sent to a colleague.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from alliances import clock
from alliances.calendars import Quarter, quarter_of
from alliances.documents import charts
from alliances.enums import Level
from alliances.errors import OfficeError
from alliances.models import Alliance, Organisation
from alliances.views.base import go_next, require
from demands.selectors.record import Share
from evaluations import paths, policies
from evaluations.selectors import papers_quarter_charts
from evaluations.selectors import papers_quarter_words as words
from evaluations.selectors import quarter_office as reads
from evaluations.selectors.quarter_office import STATES, Community, Group, Sums
from evaluations.services import pressing

SIZE = 100
QUARTERS_OFFERED = 5
SHOWN = (
    ("members", "成员单位"),
    ("meetings", "会议"),
    ("activities", "活动"),
    ("beneficiaries", "受益群众"),
    ("lists.demands", "群众需求"),
    ("lists.claims", "认领项目"),
)
RATES = (("rates.response", "响应率"), ("rates.resolved", "解决率"), ("rates.satisfied", "满意率"))
TITLES = (*(title for _, title in SHOWN), *(title for _, title in RATES))
CHART = (66.0, 30.0)  # mm, drawn; the page shows it as wide as its column
NONE = "—"


@dataclass(frozen=True)
class Cell:
    """``detail`` is a rate's numerator and denominator."""

    title: str
    word: str
    detail: str = ""


@dataclass(frozen=True)
class Row:
    """A community, or an office with what is below it. ``trend``: the address of the chart, ``words`` say what it shows."""

    name: str
    above: str
    url: str
    cells: Sequence[Cell]
    mean: str
    trend: str
    words: str
    community: Community | None = None
    sums: Sums | None = None
    urged: bool = False


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
        "sums": _cells(total.counts, total.rates) if total.filed else [],
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
    code = given.get("under", "")
    place = next((one for one in mine if code in ("", one.code)), None)
    if place is None:
        place = get_object_or_404(Organisation, code=code)
        if not any(place.is_under(one) for one in mine):
            raise Http404("没有这个下级单位。")
    return place, quarter


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
    known = words.index(one.brief) if one.brief else {}
    points = one.brief["trend"] if one.brief else []
    return Row(
        name=one.name,
        above=one.above,
        url=paths.assessment(one.pk) if one.pk else "",
        cells=_cells(
            {key: words.number(known[key]) for key, _ in SHOWN if key in known},
            {
                key: Share(words.number(known[key]), known[key]["denominator"] or 0)
                for key, _ in RATES
                if key in known
            },
        )
        if known
        else [],
        mean=(one.brief["assessment"]["mean"] or NONE) if one.brief else "",
        trend=address.trend(one.place_code) if points else "",
        words=_trend_words(points),
        community=one,
        urged=one.alliance in urged,
    )


def _group_row(group: Group, address: _Address) -> Row:
    found = reads.sums(group.communities)
    return Row(
        name=group.name,
        above="",
        url=address(under=group.code),
        cells=_cells(found.counts, found.rates) if found.filed else [],
        mean=found.mean or NONE,
        trend=address.trend(group.code) if found.points else "",
        words=_trend_words(found.points),
        sums=found,
    )


def _cells(counts: Any, rates: Any) -> list[Cell]:
    """The counts and the rates in the order of ``TITLES``; a rate stands with both its numbers."""
    cells = [Cell(title, str(counts[key]) if key in counts else NONE) for key, title in SHOWN]
    for key, title in RATES:
        share = rates.get(key)
        if share is None or not share.whole:
            cells.append(Cell(title, NONE))
        else:
            cells.append(Cell(title, f"{share.percent}%", f"{share.part}/{share.whole}"))
    return cells


def _trend_words(points: Sequence[Any]) -> str:
    """What the chart shows, in a sentence; empty where there is too little for a chart."""
    block = papers_quarter_charts.trend({"trend": list(points)}, 1)
    return block["text"] if block else ""


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
    block = reads.trend_block(reads.trend_of([one.brief for one in found if one.brief]))
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
    code = request.POST.get("alliance", "")
    back = _Address(place, quarter)()
    rows = Alliance.objects.visible_to(request.user).select_related("organisation")
    if code:
        alliance = get_object_or_404(rows, code=code)
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
