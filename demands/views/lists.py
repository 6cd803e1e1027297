"""The four lists as pages, and the two that the rates are counted from: offers and residents' answers.

Filters live in the address, pages go by key, totals come later by themselves; the export asks the same question.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from alliances.enums import MEMBER_ROLES, Role
from alliances.models import Alliance
from alliances.selectors import directory, paging
from alliances.views.base import require
from demands import policies
from demands.enums import DemandState, Satisfaction, Verdict
from demands.selectors import lists, venues
from demands.selectors.lists import Question
from demands.selectors.reading import Reader
from demands.views import lists_rows
from demands.views.lists_filters import STATES, filters_of, without

NOT_YOURS = "四项清单供联盟的社区、站点、成员单位和上级办公室查看。"


@dataclass(frozen=True)
class ListPage:
    """What one list is: its words, its filters (the first three stand in front), its rows and how they read."""

    name: str
    title: str
    lead: str
    filters: tuple[str, ...]
    found: Callable[[Question, Any], QuerySet]
    rows: Callable[[list[Any], Reader], list[lists_rows.Row]]
    counted_by: str
    empty: str
    exports: tuple[str, ...] = ()


def _demands(question: Question, user: Any) -> QuerySet:
    rows = lists.demands(question, newest=True).select_related("reviewed_by__person", "created_by__person")
    return _readable(rows, question, user)


def _claims(question: Question, user: Any) -> QuerySet:
    return _readable(lists.claims(question, newest=True), question, user)


def _acceptances(question: Question, user: Any) -> QuerySet:
    return _readable(lists.acceptances(question, newest=True), question, user)


def _answers(question: Question, user: Any) -> QuerySet:
    rows = lists.answers(question).select_related(
        "acceptance__claim__demand__category",
        "acceptance__claim__alliance",
        "acceptance__claim__member__unit",
    )
    return _readable(rows, question, user)


def _readable(rows: Any, question: Question, user: Any) -> QuerySet:
    """What of ``rows`` the reader may see: the short rule inside one's alliances, the whole one beyond them."""
    return rows.visible_to(user) if question.alliances is None else rows.within(user)


PERIOD = ("since", "until")
RESOURCES = ListPage(
    "resources",
    "资源清单",
    "成员单位能提供的场地、人才、物资、服务、信息。",
    ("kind", "state", "member", "place"),
    lambda question, user: lists.resources(question, newest=True),
    lists_rows.resources,
    "state",
    "单位登记服务资源，或由社区导入《服务资源清单》，就会列在这里。",
    ("resources",),
)
DEMANDS = ListPage(
    "demands",
    "需求清单",
    "群众和单位提出的需求，从提出到办结。",
    ("state", "place", "group", "source", "urgency", "late", *PERIOD, "member"),
    _demands,
    lists_rows.demands,
    "state",
    "登记群众需求，或由社区导入《群众需求清单》，就会列在这里。",
    ("demands", "demands_full"),
)
CLAIMS = ListPage(
    "claims",
    "认领清单",
    "单位认领的项目、时限和进展。",
    ("state", "place", "member", "group", "late", "extension", *PERIOD),
    _claims,
    lists_rows.claims,
    "state",
    "单位从领办大厅认领需求以后，项目会列在这里。",
    ("claims",),
)
ACCEPTANCES = ListPage(
    "acceptances",
    "验收清单",
    "站点验收的结论，群众回访的满意度。",
    ("verdict", "place", "state", "member", *PERIOD),
    _acceptances,
    lists_rows.acceptances,
    "verdict",
    "单位报完成以后由站点验收，结果会列在这里。",
    ("acceptances",),
)
OFFERS = ListPage(
    "offers",
    "派单记录",
    "派到单位的需求，按回复期限；响应率由此统计。",
    ("state", "place", "member", *PERIOD),
    lambda question, user: lists.offers(question).visible_to(user),
    lists_rows.offers,
    "state",
    "社区把需求派给单位以后会列在这里。",
)
ANSWERS = ListPage(
    "answers",
    "回访结果",
    "群众的答复，按回访日期，不计“不了解”；满意率由此统计。",
    ("state", "method", "place", "member", *PERIOD),
    _answers,
    lists_rows.answers,
    "satisfaction",
    "验收以后回访群众，答复会列在这里。",
)


@login_required
@require_safe
def demands(request: HttpRequest) -> HttpResponse:
    return _show(request, DEMANDS)


@login_required
@require_safe
def claims(request: HttpRequest) -> HttpResponse:
    return _show(request, CLAIMS)


@login_required
@require_safe
def acceptances(request: HttpRequest) -> HttpResponse:
    return _show(request, ACCEPTANCES)


@login_required
@require_safe
def resources(request: HttpRequest) -> HttpResponse:
    return _show(request, RESOURCES)


@login_required
@require_safe
def offers(request: HttpRequest) -> HttpResponse:
    return _show(request, OFFERS)


@login_required
@require_safe
def answers(request: HttpRequest) -> HttpResponse:
    return _show(request, ANSWERS)


# --- what they share ------------------------------------------------------------------------------------------------


def readable_alliances(request: HttpRequest) -> list[Alliance]:
    """The alliances whose lists the user reads; 403 for those who have none."""
    alliances = directory.own_alliances(request)
    require(alliances, NOT_YOURS)
    return alliances


def question_of(request: HttpRequest, alliances: list[Alliance]) -> tuple[Question, Alliance | None]:
    """The address's question and the alliance it is narrowed to. A unit's own rows count wherever they are
    served; a secretary sees those of a member so with ``wherever=1``, of all members with ``team=CODE``, as the
    assessment counts them."""
    question = Question.read(request.GET, alliances)
    assert question.alliances is not None
    narrowed = question.alliances[0] if len(question.alliances) < len(alliances) else None
    # ``visible_to`` narrows what is not narrowed by alliances: no more than the reader may see.
    wherever = request.GET.get("wherever") == "1"
    if question.team or (question.member and (wherever or question.member in own_members(request.user))):
        question = replace(question, alliances=None)
    return question, narrowed


def own_members(user: Any) -> set[int]:
    return {a.member_id for a in user.current_appointments if a.role in MEMBER_ROLES and a.member_id}


def _show(request: HttpRequest, page: ListPage) -> HttpResponse:
    alliances = readable_alliances(request)
    question, narrowed = question_of(request, alliances)
    rows = page.found(question, request.user)
    if request.GET.get("total") == "1":
        return render(request, "demands/_lists_total.html", _totals(request, page, question, rows))
    found = paging.page(rows, request.GET)
    reader = Reader(request.user)
    built = page.rows(found.rows, reader)
    filters = filters_of(
        request,
        page.name,
        page.filters,
        question,
        alliances=[narrowed] if narrowed else alliances,
        narrowed=narrowed,
    )
    context = {
        "list": page,
        "rows": built,
        "page": found,
        "filters": filters,
        "scope": _scope_words(question, alliances, narrowed),
        "total_url": without(request, total="1"),
        "deed": _deed(request.user, page, question),
        "exports": _exports(request.user, page, question, alliances, narrowed),
        "beside": _beside(request, page),
    }
    return render(request, "demands/lists.html", context)


def _deed(user: Any, page: ListPage, question: Question) -> tuple[str, str] | None:
    """(label, address) of what a reader is likely to write into this list."""
    if page is DEMANDS and question.state == DemandState.SUBMITTED and user.holds(Role.SECRETARY, Role.STAFF):
        return "受理需求", "/demands/review/"
    if page is DEMANDS and user.holds(Role.SECRETARY, Role.STAFF, Role.STATION):
        return "登记需求", "/demands/new/"
    if page is DEMANDS and user.holds(Role.LIAISON):
        return "提出需求", "/demands/ask/"
    if page is RESOURCES and user.holds(Role.SECRETARY, Role.STAFF, Role.LIAISON):
        return "登记资源", "/demands/resources/new/"
    return None


def _beside(request: HttpRequest, page: ListPage) -> tuple[str, str] | None:
    """(label, address) of the page that stands behind this list and is no list of the four."""
    if page is CLAIMS:
        return "派单记录", reverse("demands:offers-list")
    if page is ACCEPTANCES:
        return "回访结果", reverse("demands:answers-list")
    if page is RESOURCES and venues.reads_bookings(request.user, directory.chosen_alliance(request)):
        return "场地预约", reverse("demands:bookings")
    return None


def _scope_words(question: Question, alliances: list[Alliance], narrowed: Alliance | None) -> str:
    if question.place is not None:
        return question.place.name
    if question.team is not None:
        return f"{question.team.name}成员单位，含在其他社区服务的"
    if question.alliances is None:
        return "这个单位，含在其他社区服务的"
    if narrowed is not None:
        return narrowed.organisation.name
    return alliances[0].name if len(alliances) == 1 else f"全部 {len(alliances)} 个社区"


def _exports(
    user: Any,
    page: ListPage,
    question: Question,
    alliances: list[Alliance],
    narrowed: Alliance | None,
) -> list[tuple[str, str, str]]:
    """(export, label, query) of the files the user may take of what is shown."""
    scope = [narrowed] if narrowed else alliances
    if question.alliances is None:
        return []  # rows of other alliances are read here, not taken away
    query = dict(question.params())
    if narrowed:
        query["alliance"] = narrowed.code
    found = []
    for name in page.exports:
        rule = policies.can_export_contacts if name == "demands_full" else policies.can_export_lists
        if any(rule(user, alliance) for alliance in scope):
            label = "导出（含联系方式）" if name == "demands_full" else "导出"
            found.append((name, label, urlencode(query)))
    return found


def _totals(request: HttpRequest, page: ListPage, question: Question, rows: QuerySet) -> dict[str, Any]:
    """How many there are, and how many in each state, each a link that narrows the list to them."""
    field = page.counted_by
    counts = dict(rows.order_by().values_list(field).annotate(n=Count("pk")))
    labels = {"verdict": dict(Verdict.choices), "satisfaction": dict(Satisfaction.choices)}.get(
        field, dict(STATES[page.name])
    )
    links = field if field == "verdict" else "state" if page.name not in ("acceptances", "answers") else ""
    parts = [
        (labels[value], counts[value], without(request, links, **{links: value}) if links else "")
        for value in labels
        if counts.get(value)
    ]
    return {"total": sum(counts.values()), "parts": parts if len(parts) > 1 else []}
