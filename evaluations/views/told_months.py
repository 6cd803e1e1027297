"""评议反馈和点评一览: what was said about the duty months of a quarter or a year."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from alliances.enums import Role
from alliances.selectors import directory, periods
from alliances.views.base import alliance_or_404
from evaluations import paths
from evaluations.selectors.told_months import STATES, STEPS, Question, ToldMonth


@login_required
@require_safe
def months(request: HttpRequest) -> HttpResponse:
    """Filters ``period``, ``step``, ``state``; ``?total=1`` is the count alone."""
    if request.user.holds(Role.OFFICE) and directory.chosen_alliance(request) is None:
        return redirect("alliances:office")
    alliance = alliance_or_404(request)
    question = Question.read(request.GET)
    rows = question.rows(alliance)
    if request.GET.get("total") == "1":
        return render(request, "alliances/_total.html", {"total": len(rows)})
    named = request.GET.get(directory.CHOSEN)
    context = {
        "alliance": alliance,
        "question": question,
        "rows": [_row(one) for one in rows],
        "periods": periods.offered(question.period),
        "steps": STEPS.items(),
        "states": STATES.items(),
        "all_url": f"{request.path}?{urlencode({directory.CHOSEN: named})}" if named else request.path,
        "crumbs": [{"label": "评议", "url": reverse("evaluations:rounds")}],
    }
    return render(request, "evaluations/told_months.html", context)


def _row(one: ToldMonth) -> dict[str, Any]:
    step = one.feedback
    word, tone = "没有评议反馈", "off"
    if step is not None:
        word, tone = ("已通报", "done") if step.done else ("待通报", "wait")
        if step.in_time is False and step.done:
            word, tone = "超期通报", "late"
    return {
        "duty": one.duty,
        "chairs": "、".join(name for _, name in one.duty.chairs),
        "word": word,
        "tone": tone,
        "done": step.done if step else None,
        "due": step.due if step else None,
        "feedback_url": paths.feedback(one.duty.id) if step and step.done else "",
        "is_commented": one.is_commented,
    }
