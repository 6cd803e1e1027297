"""The slip ledger: the month's figures, each a link to its slips; for offices over all communities below them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alliances import clock
from alliances.calendars import Month
from alliances.models import Alliance
from alliances.selectors import directory, paging
from alliances.views.base import require
from rotation import policies
from rotation.models import Slip
from rotation.selectors import ledgers
from rotation.selectors.ledgers import Question

COUNTERS = ("due", "acknowledged", "nudged", "escalated")


@login_required
@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    readable = readable_alliances(request)
    require(readable, "提醒单台账供社区和上级办公室查看；本单位的提醒单在工作台和消息里。")
    question = Question.read(request.GET, readable)
    if request.GET.get("total") == "1":
        return render(request, "alliances/_total.html", {"total": ledgers.rows_of(question).count()})
    duties = ledgers.duties_in(question.alliances, question.month)
    counts = ledgers.counts(duties)
    rows = ledgers.rows_of(question, duties if question.months == [question.month] else None)
    page = paging.page(rows, request.GET)
    today = clock.today()
    narrowed = question.alliances[0] if len(question.alliances) < len(readable) else None
    context = {
        "question": question,
        "counts": counts,
        "counters": _counters(question, counts, narrowed),
        "page": page,
        "rows": [_row(slip, today) for slip in page.rows],
        "several": len(readable) > 1,
        "alliances": readable if len(readable) > 1 else [],
        "narrowed": narrowed,
        "months": [(f"{m.year}-{m.month:02d}", m.label) for m in ledgers.months_offered(question.month)],
        "state_label": "应发" if question.state == "due" else ledgers.FILTERS[question.state],
        "states": list(ledgers.FILTERS.items()),
        "total_url": _total_url(request),
        "export_query": _export_query(question, narrowed),
        "is_this_month": question.month == Month.of(today),
    }
    return render(request, "rotation/ledger.html", context)


def readable_alliances(request: HttpRequest) -> list[Alliance]:
    """The alliances whose ledger the user may read, in the tree's order."""
    return [a for a in directory.own_alliances(request) if policies.can_read_ledger(request.user, a)]


def _counters(question: Question, counts: ledgers.Counts, narrowed: Alliance | None) -> list[dict[str, Any]]:
    this = question.month == Month.of(clock.today())
    found = []
    for name in COUNTERS:
        query = {"month": question.month_value, "state": name}
        if narrowed:
            query["alliance"] = narrowed.code
        number = getattr(counts, name)
        found.append(
            {
                "label": f"{question.month.month}月应发"
                if name == "due" and not this
                else ledgers.FILTERS[name],
                "number": number,
                "url": f"?{urlencode(query)}",
                "current": question.state == name,
                "late": name in ("nudged", "escalated") and number > 0,
            }
        )
    return found


def _row(slip: Slip, today: Any) -> dict[str, Any]:
    words, tone = ledgers.state_words(slip, today)
    receipts = list(slip.receipts.all())
    # Whoever did not sign a slip that was taken back owes nothing any more.
    owing = [] if tone == "off" else [r.member.unit.name for r in receipts if r.signed_at is None]
    return {
        "slip": slip,
        "words": words,
        "tone": tone,
        "chairs": [r.member.unit.name for r in receipts],
        "owing": owing,
    }


def _export_query(question: Question, narrowed: Alliance | None) -> str:
    """What is shown, for the export's page."""
    query = {}
    if question.listed:
        query = {"month": question.month_value, "state": question.state}
    if narrowed:
        query["alliance"] = narrowed.code
    return urlencode(query)


def _total_url(request: HttpRequest) -> str:
    query = request.GET.copy()
    for key in ("before", "after"):
        query.pop(key, None)
    query["total"] = "1"
    return f"?{query.urlencode()}"
