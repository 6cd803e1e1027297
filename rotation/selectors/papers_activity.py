"""The 活动记录 of one activity as content: theme, X+N units, heads, beneficiaries (design, papers)."""

from __future__ import annotations

from typing import Any

from alliances import clock
from alliances.documents import Paper, chinese_date
from alliances.documents.pictures import picture_item
from alliances.registry import registries
from rotation.models import Activity, Participation
from rotation.selectors import activities


def activity_paper(activity: Activity) -> Paper:
    """The record as it stands; ``activity`` as ``selectors.activities.full()`` fetches it."""
    record = activities.record_of(activity)
    day = activity.held_on or activity.planned_on
    month = f"{activity.duty.plan.year}年{activity.duty.month}月" if activity.duty else "轮值之外"
    fields: list[list[Any]] = [
        ["活动名称", activity.title],
        ["活动类型", activity.get_kind_display(), "轮值月份", month],
        ["举办日期", chinese_date(day), "地点", activity.place],
        ["参加单位", f"{record.formula} 家", "参加人数", _people(record.heads)],
        ["受益人数", _people(record.beneficiaries), "状态", activity.get_state_display()],
    ]
    if activity.plan:
        fields.append(["活动安排", activity.plan])
    if activity.summary:
        fields.append(["活动情况", activity.summary])
    for entry in registries.activity_links:
        if items := entry.items(activity):
            fields.append([entry.label, "；".join(text for text, _ in items)])
    blocks: list[dict[str, Any]] = [{"type": "fields", "rows": fields}]
    if record.chairs or record.others:
        blocks.append(
            {
                "type": "table",
                "label": "参加单位",
                "columns": [
                    {"title": "序号", "width": 12, "align": "center"},
                    {"title": "单位", "width": 70, "align": "left"},
                    {"title": "身份", "width": 30, "align": "center"},
                    {"title": "人数", "width": 20, "align": "center"},
                ],
                "rows": _rows([*record.chairs, *record.others]),
                "total": ["", "合计", f"{record.formula} 家", record.heads],
            }
        )
    if pictures := _pictures(activity):
        blocks.append({"type": "pictures", "items": pictures})
    written_on = clock.local(activity.recorded_at).date() if activity.recorded_at else day
    blocks.append(
        {
            "type": "signature",
            "issuer": activity.alliance.name,
            "date": chinese_date(written_on),
            "sealed": False,
        }
    )
    return {
        "kind": "rotation.activity",
        "layout": "form",
        "title": "活动记录",
        "head": {"style": "plain", "issuer": activity.alliance.name},
        "date": written_on.isoformat(),
        "blocks": blocks,
    }


def _pictures(activity: Activity) -> list[dict[str, Any]]:
    """The stored pictures; one whose file is gone is left out, the record stands without it."""
    found = []
    for photo in activity.photos.all():
        try:
            with photo.file.open("rb") as stored:
                item = picture_item(stored.read(), f"{activity.title}，照片{photo.order}")
        except FileNotFoundError:
            continue
        if item:
            found.append(item)
    return found


def _people(number: int | None) -> str:
    return "未统计" if number is None else f"{number} 人"


def _rows(participations: list[Participation]) -> list[list[Any]]:
    return [
        [str(number), row.member.unit.name, "轮值主席" if row.is_chair else "参加单位", row.heads]
        for number, row in enumerate(participations, 1)
    ]
