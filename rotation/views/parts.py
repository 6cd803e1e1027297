"""会议到会情况 and 单位参加活动情况: a unit's part in what took place, a row each."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from alliances.enums import Role
from alliances.models import Alliance, Member
from alliances.policies import reads_unit_records
from alliances.selectors import directory, paging, periods
from alliances.views.base import alliance_or_404, require
from rotation import policies
from rotation.enums import ReplyState
from rotation.models import Participation, Reply
from rotation.selectors import parts
from rotation.selectors.parts import Question
from rotation.views.duty_months import all_url

MOST_MEMBERS = 200  # more units than this are no choice for a phone
CAME = {"1": "到会的", "0": "没有到会的"}
PART = {"1": "轮值主席单位", "0": "参加的单位"}
NOT_YOURS = "到会情况供社区、上级办公室查看，单位看自己的。"


@login_required
@require_safe
def replies(request: HttpRequest) -> HttpResponse:
    """Everybody invited to meetings that took place, newest first; a unit reads its own rows."""
    if request.user.holds(Role.OFFICE) and directory.chosen_alliance(request) is None:
        return redirect("alliances:office")
    alliance = alliance_or_404(request)
    require(reads_unit_records(request.user, alliance), NOT_YOURS)
    sees_all = policies.can_oversee_alliance(request.user, alliance)
    question = Question.read(request.GET)
    rows = parts.readable_replies(question.replies(alliance), request.user, alliance)
    page_words = {
        "title": "会议到会情况",
        "lead": "已召开的会议请了哪些单位，谁到了会",
        "choices": CAME.items(),
        "choice_label": "到会",
        "columns": ("会议", "召开日期", "单位", "到会"),
        "empty": "会议召开并登记到会以后会列在这里。",
        "crumbs": [{"label": "会议", "url": reverse("rotation:meetings")}],
    }
    return _show(request, alliance, question, rows.select_related("meeting", "member__unit").defer("meeting__paper", "meeting__minutes_paper", "meeting__agenda"), _reply, page_words, units=sees_all)  # fmt: skip


@login_required
@require_safe
def participations(request: HttpRequest) -> HttpResponse:
    """Every unit in every activity that took place, newest first: 家次."""
    if request.user.holds(Role.OFFICE) and directory.chosen_alliance(request) is None:
        return redirect("alliances:office")
    alliance = alliance_or_404(request)
    question = Question.read(request.GET)
    rows = question.participations(alliance).select_related("activity", "member__unit")
    page_words = {
        "title": "单位参加活动情况",
        "lead": "已举办的活动有哪些单位参加，一家一次为一行",
        "choices": PART.items(),
        "choice_label": "身份",
        "columns": ("活动", "举办日期", "单位", "参加"),
        "empty": "活动举办并登记参加单位以后会列在这里。",
        "crumbs": [{"label": "活动", "url": reverse("rotation:activities")}],
    }
    return _show(request, alliance, question, rows, _participation, page_words, units=True)


def _show(
    request: HttpRequest,
    alliance: Alliance,
    question: Question,
    rows: Any,
    row: Any,
    words: dict[str, Any],
    *,
    units: bool,
) -> HttpResponse:
    if request.GET.get("total") == "1":
        return render(request, "alliances/_total.html", {"total": rows.count()})
    page = paging.page(rows, request.GET)
    query = request.GET.copy()
    for key in ("before", "after"):
        query.pop(key, None)
    query["total"] = "1"
    context = {
        **words,
        "alliance": alliance,
        "question": question,
        "page": page,
        "rows": [row(one) for one in page.rows],
        "periods": periods.offered(question.period),
        "members": _members(alliance) if units else [],
        "chosen_member": str(question.member or ""),
        "total_url": f"?{query.urlencode()}",
        "all_url": all_url(request),
    }
    return render(request, "rotation/parts.html", context)


def _members(alliance: Alliance) -> list[tuple[str, str]]:
    """Units to choose from, also those that have left: they took part too."""
    rows = Member.objects.filter(alliance=alliance).order_by("pk").values_list("pk", "unit__name")
    pairs = [(str(pk), name) for pk, name in rows[: MOST_MEMBERS + 1]]
    return pairs if len(pairs) <= MOST_MEMBERS else []


def _reply(reply: Reply) -> dict[str, Any]:
    meeting = reply.meeting
    word, tone = ("到会", "done") if reply.has_attended else ("未到会", "off")
    if not reply.has_attended and reply.state == ReplyState.LEAVE:
        word = "请假"
    return {
        "title": meeting.title,
        "url": reverse("rotation:meeting", args=[meeting.pk]),
        "day": meeting.held_on,
        "kind": meeting.get_kind_display(),
        "unit": reply.member.unit.name,
        "word": word,
        "tone": tone,
        "detail": "",
    }


def _participation(one: Participation) -> dict[str, Any]:
    activity = one.activity
    return {
        "title": activity.title,
        "url": reverse("rotation:activity", args=[activity.pk]),
        "day": activity.held_on,
        "kind": activity.get_kind_display(),
        "unit": one.member.unit.name,
        "word": "轮值主席" if one.is_chair else "参加",
        "tone": "",
        "detail": f"{one.heads} 人" if one.heads is not None else "",
    }
