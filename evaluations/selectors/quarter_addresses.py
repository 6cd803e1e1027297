"""Addresses of the lists behind a quarter's figures: the pages' own parameters, nothing else.

``alliance`` stands in every address, because an office that follows one has not chosen a community before.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from alliances.calendars import Quarter
from alliances.models import Alliance
from demands.selectors import lists
from demands.selectors.lists import Question

PAGES = {
    "resources": "/demands/resources/",
    "demands": "/demands/",
    "claims": "/demands/claims/",
    "acceptances": "/demands/acceptances/",
    "answers": "/demands/answers/",
    "offers": "/demands/offers/",
    "meetings": "/meetings/",
    "activities": "/activities/",
    "rounds": "/rounds/",
    "slips": "/slips/",
    "members": "/members/",
    "duties": "/duties/",
    "told": "/feedback/",
    "replies": "/meetings/replies/",
    "participations": "/activities/units/",
    "commitments": "/commitments/",
}
HAPPENED = "happened"  # meetings and activities that took place


def address(alliance: Alliance, page: str, params: Mapping[str, str] | None = None) -> str:
    """The list ``page`` of ``alliance``, narrowed by ``params``; empty values are left out."""
    return address_of(alliance.code, page, params)


def address_of(code: str, page: str, params: Mapping[str, str] | None = None) -> str:
    """The same by the alliance's code."""
    query = {"alliance": code, **{key: value for key, value in (params or {}).items() if value}}
    return f"{PAGES[page]}?{urlencode(query)}"


def of_member(page: str, member: int, params: Mapping[str, str]) -> str:
    """A member's rows of a demand list, wherever it served: without an alliance."""
    query = {**{key: value for key, value in params.items() if value}, "member": str(member), "wherever": "1"}
    return f"{PAGES[page]}?{urlencode(query)}"


def of_team(alliance: Alliance, page: str, params: Mapping[str, str]) -> str:
    """Rows of a demand list of all the alliance's units together, wherever they served."""
    query = {**{key: value for key, value in params.items() if value}, "team": alliance.code}
    return f"{PAGES[page]}?{urlencode(query)}"


def rate_questions(quarter: Quarter) -> dict[str, tuple[str, Question, Question]]:
    """Of each rate of the demand lists: its list, the question of the numerator, that of the denominator."""
    asked = Question(since=quarter.start, until=quarter.end)
    due = asked.with_(state=lists.STANDING, by="due")
    answered = asked.with_(state=lists.ANSWERED)
    return {
        "response": ("offers", asked.with_(state=lists.ANSWERED_IN_TIME), asked),
        "resolved": ("claims", due.with_(state=lists.DONE_BY), due),
        "on_time": ("claims", due.with_(state=lists.ON_TIME), due),
        "satisfied": ("answers", asked.with_(state=lists.SATISFIED_ONLY), answered),
        "strictly": ("answers", asked.with_(state=lists.STRICTLY), answered),
    }


def period(quarter: Quarter) -> dict[str, str]:
    return {"since": quarter.start.isoformat(), "until": quarter.end.isoformat()}


def held(alliance: Alliance, page: str, quarter: Quarter, **more: str) -> str:
    """Meetings or activities that took place in the quarter."""
    return address(alliance, page, {**period(quarter), "state": HAPPENED, **more})
