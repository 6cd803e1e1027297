"""The phone list of residents to be asked: whose it is, what is due first, what an address can ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from alliances import clock
from alliances.models import Organisation
from alliances.selectors import paging
from demands.enums import CallBackState, Satisfaction
from demands.models import CallBack
from demands.querysets import reach_of

DUE, LATE, UNHAPPY, UNREACHABLE, ANSWERED = "due", "late", "unhappy", "unreachable", "answered"
# What can be asked for: its words, and its parameters in an address (the desk's lines use them).
VIEWS: dict[str, tuple[str, str]] = {
    DUE: ("待回访", "state=due"),
    LATE: ("已过期", "late=1"),
    UNHAPPY: ("不满意待跟进", "follow=none"),
    UNREACHABLE: ("联系不上", "state=unreachable"),
    ANSWERED: ("已回访", "state=answered"),
}
# An unsatisfied answer, or one whose author had the claim reopened later, for which nobody has said yet what is done;
# imported ones are history.
NOT_FOLLOWED = Q(follow_up="", imported_at=None) & (Q(satisfaction=Satisfaction.BAD) | Q(reopened_claim=True))


@dataclass(frozen=True)
class Question:
    """One of ``VIEWS``, and a station's code or nothing."""

    view: str = DUE
    station: str = ""

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Self:
        """What makes no sense is not asked."""
        state = str(params.get("state") or "")
        view = DUE
        if params.get("follow") == "none":
            view = UNHAPPY
        elif params.get("late") == "1":
            view = LATE
        elif state in (UNREACHABLE, ANSWERED):
            view = state
        station = str(params.get("station") or "")
        return cls(view, station if len(station) <= 40 and "\0" not in station else "")

    @property
    def is_by_date(self) -> bool:
        """Whether what is due first comes first; the rest begins with the newest."""
        return self.view in (DUE, LATE)


def own(user: Any) -> QuerySet[CallBack]:
    """The call-backs that ``user`` may make: those of the communities run and of the own stations (see
    ``policies.can_call_back``)."""
    reach = reach_of(user)
    mine = Q(acceptance__claim__alliance__organisation__in=reach.desks)
    mine |= Q(acceptance__claim__demand__station__in=reach.stations)
    mine |= Q(
        acceptance__claim__demand__station=None,
        acceptance__claim__alliance__organisation__in=reach.stations,
    )
    return CallBack.objects.filter(mine)


def full(rows: QuerySet[CallBack]) -> QuerySet[CallBack]:
    """With everything that a row or a page of a call-back says."""
    return rows.select_related(
        "author",
        "acceptance__claim__demand__category",
        "acceptance__claim__demand__station",
        "acceptance__claim__demand__alliance__organisation",
        "acceptance__claim__alliance__organisation",
        "acceptance__claim__member__unit",
    )


def asked_for(rows: QuerySet[CallBack], question: Question) -> QuerySet[CallBack]:
    if question.station == "none":
        rows = rows.filter(acceptance__claim__demand__station=None)
    elif question.station:
        rows = rows.filter(acceptance__claim__demand__station__code=question.station)
    return rows.filter(_condition(question.view, clock.today()))


def _condition(view: str, today: date) -> Q:
    if view == UNHAPPY:
        return NOT_FOLLOWED
    if view == LATE:
        return Q(state=CallBackState.DUE, due_on__lt=today)
    return Q(state=view)


def counts(rows: QuerySet[CallBack]) -> dict[str, int]:
    """How many there are of each view that is somebody's work; one query over what is open."""
    today = clock.today()
    views = (DUE, LATE, UNHAPPY, UNREACHABLE)
    is_open = Q(state__in=[CallBackState.DUE, CallBackState.UNREACHABLE]) | NOT_FOLLOWED
    figures = {view: Count("pk", filter=_condition(view, today)) for view in views}
    return rows.filter(is_open).aggregate(**figures)


def stations(user: Any) -> list[Organisation]:
    """The stations to choose from: those below the communities that ``user`` runs."""
    reach = reach_of(user)
    if not reach.desks:
        return []
    return list(Organisation.objects.filter(parent__in=reach.desks, level="station").order_by("code"))


def page(rows: QuerySet[CallBack], question: Question, params: QueryDict, size: int) -> paging.Page:
    if not question.is_by_date:
        return paging.page(rows, params, size)
    return _page_by_date(rows, params, size)


def _page_by_date(rows: QuerySet[CallBack], params: QueryDict, size: int) -> paging.Page:
    """Keyset pages by deadline: a place in the list is ``<day>.<primary key>``."""
    start, end = _place(params.get("after")), _place(params.get("before"))
    if end is not None:
        day, pk = end
        earlier = rows.filter(Q(due_on__lt=day) | Q(due_on=day, pk__lt=pk))
        found = list(earlier.order_by("-due_on", "-pk")[: size + 1])
        has_previous, has_next = len(found) > size, True
        found = found[:size][::-1]
    else:
        if start is not None:
            day, pk = start
            rows = rows.filter(Q(due_on__gt=day) | Q(due_on=day, pk__gt=pk))
        found = list(rows.order_by("due_on", "pk")[: size + 1])
        has_previous, has_next = start is not None, len(found) > size
        found = found[:size]
    if not found:
        return paging.Page([], "", _query(params, "") if start or end else "")
    return paging.Page(
        found,
        older=_query(params, "after", found[-1]) if has_next else "",
        newer=_query(params, "before", found[0]) if has_previous else "",
    )


def _place(text: str | None) -> tuple[date, int] | None:
    day, _, key = (text or "").partition(".")
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    try:
        return date.fromisoformat(day), int(key)
    except ValueError:
        return None


def _query(params: QueryDict, key: str, row: CallBack | None = None) -> str:
    query = params.copy()
    for name in ("before", "after", "total"):
        query.pop(name, None)
    if row is not None:
        query[key] = f"{row.due_on}.{row.pk}"
    return f"?{query.urlencode()}"
