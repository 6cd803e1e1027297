"""The log, for auditors only."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.apps import apps
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

# What the keys of an entry's data are called; an unknown one stands as it is.
WORDS = {
    "person": "联系人",
    "user": "账号",
    "member": "成员",
    "unit": "单位",
    "role": "职务",
    "duty": "轮值月",
    "slip": "提醒单",
    "year": "年度",
    "month": "月份",
    "day": "日期",
    "on": "日期",
    "is_working": "上班",
    "fields": "改动项",
    "keys": "设置项",
    "kind": "种类",
    "code": "编码",
    "number": "文号",
    "reason": "原因",
    "via": "方式",
    "idle": "长时间未操作",
    "added": "新增",
    "changed": "更改",
    "unchanged": "不变",
    "refused": "未导入",
    "rows": "行数",
    "step": "步子",
    "done": "办理件数",
}


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
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and day.year > 1900 else None  # the very first days have no moment in UTC


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
        "object": _object(entry),
        "data": "，".join(f"{WORDS.get(key, key)}：{_value(value)}" for key, value in entry.data.items()),
    }


def _object(entry: LogEntry) -> str:
    """提醒单 第12号 - the kind as people call it, and its number in the database."""
    if entry.object_id is None:
        return ""
    try:
        kind = apps.get_model(entry.object_type)._meta.verbose_name
    except LookupError:  # a kind that a later version no longer has
        kind = entry.object_type
    return f"{kind} 第{entry.object_id}号"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(str(part) for part in value)
    return str(Role(value).label if value in Role.values else value)
