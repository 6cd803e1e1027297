"""A quarter as an office sees it: every community below it with the report in hand, and the sums of any part of them.

Offices see nothing of a draft but that it is not filed. Figures are those of reports that stand (filed, received); a returned
one says that it was returned and no more. Order is that of the tree, never that of a figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from alliances import clock
from alliances.calendars import Quarter
from alliances.enums import Role
from alliances.models import LogEntry, Organisation
from alliances.querysets import appointments_of
from evaluations.enums import AssessmentState
from evaluations.models import Assessment
from evaluations.models.assessment import STANDING
from evaluations.selectors import briefs
from evaluations.selectors import papers_quarter_charts as charts
from evaluations.selectors.assessments import STATES_OF_FILING, state_words
from evaluations.selectors.briefs import Brief
from evaluations.selectors.papers_quarter_digest import COUNTS, RATES, Reported

URGED = "evaluations.assessment.urge"
UNFILED, LATE = "unfiled", "late"
STATES = {
    UNFILED: "未报送",
    LATE: "逾期未报",
    AssessmentState.FILED.value: "已报送",
    AssessmentState.RECEIVED.value: "已接收",
    AssessmentState.RETURNED.value: "已退回",
}
# As plain text: asked for every community of a county.
_DRAFT = AssessmentState.DRAFT.value
_FILED = frozenset(state.value for state in STATES_OF_FILING)
_STANDING = frozenset(state.value for state in STANDING)
_FIELDS = (
    "pk", "revision", "state", "due_on", "computed_at", "filed_at", "number", "figures_hash", "brief",
    "alliance_id", "alliance__code", "alliance__organisation__code", "alliance__organisation__path",
    "alliance__organisation__name", "alliance__organisation__parent__name",
)  # fmt: skip


def office_places(user: Any) -> list[Organisation]:
    """Where ``user`` is an office, in the tree's order."""
    found = {
        a.organisation.pk: a.organisation
        for a in appointments_of(user)
        if a.role == Role.OFFICE and a.organisation is not None
    }
    return sorted(found.values(), key=lambda place: place.path)


class Community(NamedTuple):
    """One community. ``state`` is a key of ``STATES``; ``pk`` and ``digest`` are of the report in hand (None, empty: none has
    been filed), ``draft`` of the draft that is being written. ``brief`` is empty unless the report stands."""

    alliance: int
    code: str
    place_code: str
    path: str
    name: str
    above: str
    pk: int | None
    digest: str
    number: str
    state: str
    word: str
    tone: str
    is_late: bool
    due_on: date
    filed_on: date | None
    draft: int | None
    is_drafted: bool
    brief: Brief

    @property
    def stands(self) -> bool:
        return self.state in _STANDING

    @property
    def may_be_urged(self) -> bool:
        """Nothing stands, and a report is being written."""
        return not self.stands and self.draft is not None

    @property
    def reported(self) -> Reported:
        """As the digest takes it."""
        late = "（迟报）" if self.is_late and self.pk is not None else ""
        return Reported(
            self.name,
            f"{self.word}{late}",
            self.filed_on,
            briefs.as_document(self.brief) if self.brief else None,
        )


def communities(place: Organisation, quarter: Quarter) -> list[Community]:
    """Every community below ``place`` that owes a report of ``quarter``, in the tree's order. One query.

    Whether the reader may see ``place`` has been asked before.
    """
    rows = Assessment.objects.of(quarter).filter(alliance__organisation__path__startswith=place.path)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows.order_by("alliance__organisation__path", "revision").values(*_FIELDS):
        found.setdefault(row["alliance_id"], []).append(row)
    today = clock.today()
    return [_community(revisions, today) for revisions in found.values()]


def _community(revisions: Sequence[Mapping[str, Any]], today: date) -> Community:
    first = revisions[0]
    row = draft = None
    for one in revisions:
        if one["state"] == _DRAFT:
            draft = one
        elif one["state"] in _FILED:
            row = one
    filed_on = _day(row["filed_at"]) if row else None
    first_on = filed_on if row is first else _day(first["filed_at"])
    is_late = (first_on or today) > first["due_on"]
    state = row["state"] if row else LATE if is_late else UNFILED
    word, tone = state_words(row["state"] if row else None, is_late=is_late)
    return Community(
        alliance=first["alliance_id"],
        code=first["alliance__code"],
        place_code=first["alliance__organisation__code"],
        path=first["alliance__organisation__path"],
        name=first["alliance__organisation__name"],
        above=first["alliance__organisation__parent__name"] or "",
        pk=row["pk"] if row else None,
        digest=row["figures_hash"] if row else "",
        number=row["number"] if row else "",
        state=state,
        word=word,
        tone=tone,
        is_late=is_late,
        due_on=first["due_on"],
        filed_on=filed_on,
        draft=draft["pk"] if draft else None,
        is_drafted=first["computed_at"] is not None,
        brief=row["brief"] if row and row["state"] in _STANDING else {},
    )


def _day(moment: datetime | None) -> date | None:
    return clock.local(moment).date() if moment else None


def in_state(found: Iterable[Community], state: str) -> list[Community]:
    """Those in one of ``STATES``; what is late has not been filed either."""
    states = (UNFILED, LATE) if state == UNFILED else (state,)
    return [one for one in found if one.state in states]


# --- sums -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sums:
    """Some communities together. ``counts`` and ``rates`` (numerator, denominator) are over the ``filed`` ones, by
    the keys of a quarter's figures; ``mean``
    is the mean of their means, each counted once."""

    total: int
    filed: int
    received: int
    returned: int
    unfiled: int
    overdue: int
    late: int
    drafted: int
    counts: Mapping[str, int]
    rates: Mapping[str, tuple[int, int]]
    mean: str


def sums(found: Sequence[Community]) -> Sums:
    """``unfiled`` includes ``overdue``; ``late`` counts reports that came after their day."""
    standing = [one.brief for one in found if one.brief]
    states = [str(one.state) for one in found]
    return Sums(
        total=len(found),
        filed=sum(one.stands for one in found),
        received=states.count(AssessmentState.RECEIVED),
        returned=states.count(AssessmentState.RETURNED),
        unfiled=states.count(UNFILED) + states.count(LATE),
        overdue=states.count(LATE),
        late=sum(one.is_late and one.pk is not None for one in found),
        drafted=sum(one.is_drafted for one in found),
        counts={key: sum(one["counts"].get(key, 0) for one in standing) for key, _ in COUNTS},
        rates={
            key: (
                sum(one["rates"][key][0] for one in standing if key in one["rates"]),
                sum(one["rates"][key][1] for one in standing if key in one["rates"]),
            )
            for key, _ in RATES
        },
        mean=_mean([Decimal(mean) for one in standing if (mean := one["mean"])]),
    )


def trend(found: Iterable[Community]) -> list[int]:
    """The rates over the quarters of what stands in ``found``, together; as a brief has it."""
    return briefs.trend_of(one.brief for one in found if one.brief)


def _mean(scores: Sequence[Decimal]) -> str:
    if not scores:
        return ""
    return str((sum(scores, Decimal(0)) / len(scores)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))


def trend_block(trend: Sequence[int]) -> dict[str, Any] | None:
    """The small chart of three rates over the quarters; None with fewer than two quarters that have any."""
    block = charts.trend({"trend": briefs.points_of(trend)}, 1)
    if block is None:
        return None
    names = [f"{year % 100}年{'一二三四'[n - 1]}季" for year, n, _ in briefs.quarters_of(trend)]
    labels = names[-len(block["labels"]) :]
    series = [{**one, "name": one["name"].removesuffix("率")} for one in block["series"]]
    return {**block, "title": "", "labels": labels, "series": series}


# --- groups ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Group:
    """What stands directly below an office, with the communities under it."""

    code: str
    name: str
    path: str
    communities: Sequence[Community]


def groups(place: Organisation, found: Sequence[Community]) -> list[Group]:
    """``found`` by the offices directly below ``place``; communities without one between are left out. One query."""
    step = len(place.path.split("/"))
    under: dict[str, list[Community]] = {}
    for one in found:
        parts = one.path.split("/")
        head = "/".join(parts[:step]) + "/"
        if head != one.path and one.path.startswith(place.path):
            under.setdefault(head, []).append(one)
    rows = Organisation.objects.filter(path__in=list(under)).order_by("path")
    return [
        Group(code, name, path, under[path]) for code, name, path in rows.values_list("code", "name", "path")
    ]


# --- urging ---------------------------------------------------------------------------------------------------------


def urged_today(found: Iterable[Community]) -> set[int]:
    """Alliances that some office has urged today. One query."""
    drafts = {one.draft: one.alliance for one in found if one.may_be_urged}
    if not drafts:
        return set()
    midnight = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = LogEntry.objects.filter(
        object_type=Assessment._meta.label_lower, object_id__in=list(drafts), action=URGED, at__gte=midnight
    )
    return {drafts[pk] for pk in rows.order_by().values_list("object_id", flat=True)}
