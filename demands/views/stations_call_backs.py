"""The phone list: residents to be asked, for the community and its stations."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alliances import clock
from alliances.enums import Role
from alliances.views.base import require
from demands import policies
from demands.enums import CallBackState, Satisfaction
from demands.models import CallBack
from demands.selectors import call_backs as reads
from demands.selectors import places
from demands.services.callbacks import MOST_TRIES
from demands.services.privacy import RevealReason

ROLES = (Role.SECRETARY, Role.STAFF, Role.STATION)
SIZE = 30


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """What is due first comes first; other views begin with the newest."""
    require(request.user.holds(*ROLES), "回访名单供站点和社区使用。")
    question = reads.Question.read(request.GET)
    mine = reads.own(request.user)
    page = reads.page(reads.full(reads.asked_for(mine, question)), question, request.GET, SIZE)
    counts = reads.counts(mine)
    choices = reads.stations(request.user)
    context = {
        "question": question,
        "label": reads.VIEWS[question.view][0],
        "counters": [_counter(question, view, counts[view]) for view in reads.VIEWS if view in counts],
        "answered_url": _url(question, reads.ANSWERED),
        "hidden": [pair.split("=") for pair in [reads.VIEWS[question.view][1]]],
        "stations": choices if len(choices) > 1 else [],
        "page": page,
        "reason": RevealReason.CALL_BACK.value,
        "rows": [row_of(row) for row in page.rows],
    }
    return render(request, "demands/stations_call_backs.html", context)


def _url(question: reads.Question, view: str) -> str:
    narrowed = f"&{urlencode({'station': question.station})}" if question.station else ""
    return f"?{reads.VIEWS[view][1]}{narrowed}"


def _counter(question: reads.Question, view: str, number: int) -> dict[str, Any]:
    return {
        "label": reads.VIEWS[view][0],
        "number": number,
        "url": _url(question, view),
        "current": question.view == view,
        "late": view in (reads.LATE, reads.UNHAPPY) and number > 0,
    }


def row_of(row: CallBack) -> dict[str, Any]:
    """A call-back in the words of the list and of its page; ``row`` as ``selectors.call_backs.full`` fetches it."""
    claim = row.acceptance.claim
    author = row.author
    words, tone = state_words(row)
    return {
        "row": row,
        "claim": claim,
        "claim_url": places.of_claim(claim),
        "demand": claim.demand,
        "project": claim.title or str(claim.demand.category),  # never the words of a resident
        "place": policies.station_of(claim.demand).name,
        "who": author.masked if author else "匿名需求",
        "author": author,
        "has_phone": bool(author and author.phone),
        "reveal_url": f"/demands/authors/{author.pk}/reveal/" if author else "",
        "words": words,
        "tone": tone,
        "tries": f"已打 {row.attempts} 次没接通" if row.attempts else "",
        "tries_left": MOST_TRIES - row.attempts,
        "is_open": row.state != CallBackState.ANSWERED,
    }


def state_words(row: CallBack) -> tuple[str, str]:
    """What stands on the row's tag, and its tone."""
    if row.state == CallBackState.ANSWERED:
        return row.get_satisfaction_display(), "late" if row.satisfaction == Satisfaction.BAD else "done"
    if row.state == CallBackState.UNREACHABLE or row.due_on is None:
        return row.get_state_display(), "off"
    day = f"{row.due_on.month}月{row.due_on.day}日"
    return (f"{day}已过期", "late") if row.due_on < clock.today() else (f"{day}前", "wait")
