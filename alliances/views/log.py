"""The log, for auditors only."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from alliances import clock
from alliances.enums import Role
from alliances.models import LogEntry
from alliances.policies import is_auditor
from alliances.registry import registries
from alliances.selectors import history, paging
from alliances.views.base import require


@login_required
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Newest first, filtered by ``action`` and by the days ``since`` and ``until`` (both included)."""
    require(is_auditor(request.user), "操作日志只供审计员查看。")
    rows = _filtered(LogEntry.objects.visible_to(request.user), request.GET)
    if request.GET.get("total") == "1":
        return render(request, "alliances/_total.html", {"total": rows.count()})
    page = paging.page(rows.select_related("actor__person", "alliance"), request.GET)
    query = request.GET.copy()
    query["total"] = "1"
    codes = sorted(registries.log_codes, key=lambda code: code.name)
    context = {
        "page": page,
        "rows": [_row(entry) for entry in page.rows],
        "codes": codes,
        "filters": request.GET,
        "total_url": f"?{query.urlencode()}",
    }
    return render(request, "alliances/log.html", context)


def _filtered(rows: QuerySet[LogEntry], params: Any) -> QuerySet[LogEntry]:
    if (action := params.get("action", "")) in registries.log_codes:
        rows = rows.filter(action=action)
    if since := _day(params.get("since", "")):
        rows = rows.filter(at__gte=datetime.combine(since, time.min, tzinfo=clock.ZONE))
    if until := _day(params.get("until", "")):
        rows = rows.filter(at__lte=datetime.combine(until, time.max, tzinfo=clock.ZONE))
    return rows


def _day(text: str) -> Any:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _row(entry: LogEntry) -> dict[str, Any]:
    labels = {
        state: label
        for lifecycle in registries.lifecycles
        if entry.action.startswith(f"{lifecycle.name}.")
        for state, label in lifecycle.states.choices
    }
    before, after = labels.get(entry.before, entry.before), labels.get(entry.after, entry.after)
    return {
        "entry": entry,
        "sentence": history.sentence(entry),
        "who": entry.actor.person.name if entry.actor else "系统",
        "capacity": Role(entry.capacity).label if entry.capacity in Role.values else "",
        "change": f"{before} → {after}" if before and after else after,
        "object": f"{entry.object_type} #{entry.object_id}" if entry.object_id else "",
        "data": "，".join(f"{key}={value}" for key, value in entry.data.items()),
    }
