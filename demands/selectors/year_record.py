"""What members did on the lists in a year, wherever they served: counted as a quarter counts it (``selectors.record``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from alliances import clock
from alliances.models import Alliance
from demands.enums import SATISFIED
from demands.selectors import lists
from demands.selectors.lists import Question


@dataclass(frozen=True)
class MemberYear:
    """``due`` claims of the year whose deadline has come, ``done`` accepted by its end, ``on_time`` of these delivered in
    time; ``answers`` of call-backs without 不了解, ``satisfied`` those 基本满意 and above."""

    due: int = 0
    done: int = 0
    on_time: int = 0
    answers: int = 0
    satisfied: int = 0


def members(alliance: Alliance, year: int) -> Mapping[int, MemberYear]:
    """Member id → its year, for those who did or owed anything; before the year is over what has fallen due by today, as
    nobody has missed a deadline that is still to come. Two queries."""
    asked = Question(since=date(year, 1, 1), until=min(date(year, 12, 31), clock.today()))
    due = lists.claims(asked.with_(state=lists.STANDING, by="due"))
    found: dict[int, dict[str, int]] = {}
    for rows, path, sums in (
        (
            due,
            "member",
            {
                "due": Q(),
                "done": lists.claim_condition(lists.DONE_BY, asked.last_day),
                "on_time": lists.claim_condition(lists.ON_TIME, asked.last_day),
            },
        ),
        (
            lists.answers(asked),
            "acceptance__claim__member",
            {"answers": Q(), "satisfied": Q(satisfaction__in=SATISFIED)},
        ),
    ):
        counted = {name: Count("pk", filter=condition or None) for name, condition in sums.items()}
        own = rows.select_related(None).filter(**{f"{path}__alliance": alliance}).order_by()
        for line in own.values(path).annotate(**counted):
            found.setdefault(line.pop(path), {}).update(line)
    return {pk: MemberYear(**counts) for pk, counts in found.items()}
