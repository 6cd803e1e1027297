"""Activities as screens, records and warnings need them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from alliances import clock
from alliances.models import Alliance
from rotation.enums import ActivityKind, ActivityState, SlipState
from rotation.models import Activity, Duty, Participation, Slip
from rotation.selectors import tables

SIMILAR_DAYS = 90
SIMILAR_FROM = 0.6
_MEMBERS = Prefetch(
    "participations",
    queryset=Participation.objects.select_related("member__unit").order_by("-is_chair", "pk"),
)
HAPPENED = (ActivityState.HELD, ActivityState.RECORDED)


def path_of(activity: Activity) -> str:
    return f"/activities/{activity.pk}/"


def full() -> QuerySet[Activity]:
    """Activities with everything that policies, pages and the record ask of one."""
    return Activity.objects.select_related(
        "alliance__organisation", "duty__plan", "duty__alliance", "meeting"
    ).prefetch_related(Prefetch("duty__chairs", queryset=tables.CHAIRS.queryset), _MEMBERS, "photos")


def activities_of(user: Any, alliance: Alliance | None = None) -> QuerySet[Activity]:
    """Activities that ``user`` may see, newest first, with a row's figures: ``units`` (X+N) and ``heads``."""
    rows = Activity.objects.visible_to(user)
    if alliance is not None:
        rows = rows.filter(alliance=alliance)
    return with_figures(rows).select_related("alliance", "duty__plan").order_by("-pk")


def with_figures(rows: QuerySet[Activity]) -> QuerySet[Activity]:
    """``rows`` with what their participations sum to; summed for the rows that are read alone."""
    taking_part = Participation.objects.filter(activity=OuterRef("pk"))
    return rows.annotate(
        units=Coalesce(_summed(taking_part, Count("pk")), 0),
        chairs=Coalesce(_summed(taking_part.filter(is_chair=True), Count("pk")), 0),
        heads=_summed(taking_part, Sum("heads")),
    )


def _summed(rows: QuerySet[Participation], what: Count | Sum) -> Subquery:
    return Subquery(rows.order_by().values("activity").annotate(n=what).values("n"))


@dataclass(frozen=True)
class Record:
    """An activity in figures: ``x`` chair units, ``n`` others, heads of all of them (None: nobody counted)."""

    chairs: list[Participation]
    others: list[Participation]
    heads: int | None
    beneficiaries: int | None

    @property
    def x(self) -> int:
        return len(self.chairs)

    @property
    def n(self) -> int:
        return len(self.others)

    @property
    def formula(self) -> str:
        """1+6, as the alliance writes X+N."""
        return f"{self.x}+{self.n}"


def record_of(activity: Activity) -> Record:
    """The figures of ``activity``; no query when ``full()`` has fetched it."""
    rows = list(activity.participations.all())
    counted = [row.heads for row in rows if row.heads is not None]
    return Record(
        chairs=[row for row in rows if row.is_chair],
        others=[row for row in rows if not row.is_chair],
        heads=sum(counted) if counted else None,
        beneficiaries=activity.beneficiaries,
    )


# --- the warning --------------------------------------------------------------------------------------------------


def _bare(title: str) -> str:
    """What a title is about: without brackets' signs, blanks, years and the words that every title has."""
    return re.sub(r"[\W_]|\d{4}年|\d+月|主题|活动|开展|举办", "", title)


def likeness(first: str, second: str) -> float:
    """0 to 1 between two titles; a title that contains the other counts as the same."""
    a, b = _bare(first), _bare(second)
    if not a or not b:
        return 0.0
    if min(len(a), len(b)) >= 3 and (a in b or b in a):
        return 1.0
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


def similar(alliance: Alliance, *, kind: str, title: str, on: date, but: int | None = None) -> list[Activity]:
    """Activities of this kind and nearly this title within 90 days before ``on`` in ``alliance``, held or planned: a
    warning before planning (90 天内办过), never a refusal. ``but`` is the id of the activity itself."""
    first = on - timedelta(days=SIMILAR_DAYS)
    rows = (
        Activity.objects.filter(alliance=alliance, kind=kind)
        .exclude(state=ActivityState.CANCELLED)
        .filter(
            Q(held_on__gte=first, held_on__lte=on)
            | Q(held_on=None, planned_on__gte=first, planned_on__lte=on)
        )
        .order_by("-planned_on", "-pk")
    )
    return [row for row in rows if row.pk != but and likeness(row.title, title) >= SIMILAR_FROM]


def similar_words(found: list[Activity]) -> str:
    """90天内办过：3月5日“学雷锋志愿服务”. Empty when nothing is alike."""
    if not found:
        return ""
    days = [(row.held_on or row.planned_on, row) for row in found]
    lines = [f"{day.month}月{day.day}日“{row.title}”" for day, row in days]
    return f"{SIMILAR_DAYS}天内办过或已安排：{'、'.join(lines)}。"


# --- the list and the form ----------------------------------------------------------------------------------------

TONES = {
    ActivityState.PLANNED: "wait",
    ActivityState.HELD: "wait",
    ActivityState.RECORDED: "done",
    ActivityState.CANCELLED: "off",
}


def filtered(
    rows: QuerySet[Activity], *, kind: str = "", state: str = "", year: str = ""
) -> QuerySet[Activity]:
    """``rows`` narrowed; values that are none narrow nothing."""
    if kind in ActivityKind.values:
        rows = rows.filter(kind=kind)
    if state in ActivityState.values:
        rows = rows.filter(state=state)
    if year.isascii() and year.isdigit() and len(year) == 4:
        rows = rows.filter(planned_on__year=int(year))
    return rows


# Words of a theme that tell the kind; the first that is found counts.
_KIND_WORDS = (
    (ActivityKind.PARTY_DAY, ("党日", "党课", "七一")),
    (ActivityKind.VISIT, ("慰问", "走访", "探望", "送温暖")),
    (ActivityKind.LECTURE, ("宣讲", "讲座", "培训", "宣传", "普法", "课堂")),
    (ActivityKind.CULTURE, ("读书", "文艺", "联欢", "运动会", "比赛", "演出", "观影", "分享会")),
    (ActivityKind.VOLUNTEERING, ("志愿", "雷锋", "清洁", "环境", "义诊", "义剪", "帮扶", "服务")),
)


def likely_kind(theme: str) -> str:
    """The kind that a theme's words speak for; empty when none does."""
    return next((kind for kind, words in _KIND_WORDS if any(word in theme for word in words)), "")


def plan_draft(alliance: Alliance, duty: Duty | None) -> dict[str, Any]:
    """What the plan's form is filled with: the month's theme for its first activity, its latest day, the last place."""
    today = clock.today()
    known = Activity.objects.filter(alliance=alliance).exclude(state=ActivityState.CANCELLED)
    place = known.exclude(place="").order_by("-pk").values_list("place", flat=True).first() or ""
    if duty is None:
        return {"planned_on": today, "place": place}
    theme = "" if known.filter(duty=duty).exists() else duty.theme[:80]
    return {
        "kind": likely_kind(theme),
        "title": theme,
        "planned_on": _likely_day(duty, today),
        "place": place,
    }


def _likely_day(duty: Duty, today: date) -> date | None:
    """The latest day that the month's slip names; None when the month is over and only the units know."""
    if duty.ends_on < today:
        return None
    slip = Slip.objects.filter(duty=duty).exclude(state=SlipState.WITHDRAWN).only("deadlines").first()
    printed = slip.deadlines.get("activity_by") if slip else None
    day = date.fromisoformat(printed) if printed else duty.ends_on
    return min(max(day, today, duty.starts_on), duty.ends_on)
