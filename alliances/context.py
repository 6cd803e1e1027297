"""What every page's frame shows: who, for which alliance, where one can go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from alliances import clock
from alliances.enums import Role
from alliances.registry import registries
from alliances.selectors import directory, inbox

BIG_TYPE_COOKIE = "big_type"
# So many places stand side by side; where there are more, the rest folds into one menu.
SIDE_BY_SIDE = 7
# Pictures of static/site/icons.svg for the places that have one, by the name of the navigation item.
ICONS = {
    "desk": "desk",
    "office": "lists",
    "year": "year",
    "month": "month",
    "meetings": "quarter",
    "demands": "slips",
    "call-backs": "bell",
    "hall": "hall",
    "circle": "circle",
    "slips": "slips",
    "members": "members",
    "imports": "imports",
    "outbox": "bell",
    "accounts": "lock",
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """``shell`` for templates; computed only when a template looks at it."""
    return {"shell": SimpleLazyObject(lambda: _shell(request))}


def _shell(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    known = user is not None and user.is_authenticated
    frame: dict[str, Any] = {
        "big_type": request.COOKIES.get(BIG_TYPE_COOKIE) == "1",
        "big_type_url": reverse("alliances:big-type"),
        "feedback_url": reverse("alliances:complaint"),
        "demo": _demo(user) if settings.DEMO else None,
        "path": request.get_full_path() if request.method == "GET" else "/",
        "user_name": "",
        "alliance": None,
        "nav": [],
        "nav_more": [],
        "tabs": [],
        "alliances": [],
    }
    if not known:
        return frame
    alliance = directory.chosen_alliance(request)
    appointments = user.current_appointments
    nav = [
        {
            "label": item.label,
            "url": reverse(item.url_name),
            "on_phone": item.on_phone,
            "icon": ICONS.get(item.name, ""),
        }
        for item in registries.nav
        if item.shown(user)
    ]
    # The desk's address begins every other: it is the current place only where it is the whole path.
    here = [
        n["url"]
        for n in nav
        if request.path == n["url"] or (n["url"] != "/" and request.path.startswith(n["url"]))
    ]
    best = max(here, key=len, default="")
    for item in nav:
        item["current"] = item["url"] == best
    frame |= {
        "user_name": user.person.name,
        "role_label": appointments[0].title if appointments else "目前没有任职",
        "alliance": alliance,
        "nav": nav,
        "nav_first": nav[:SIDE_BY_SIDE] if len(nav) > SIDE_BY_SIDE + 1 else nav,
        "nav_more": nav[SIDE_BY_SIDE:] if len(nav) > SIDE_BY_SIDE + 1 else [],
        "tabs": [item for item in nav if item["on_phone"]][:4],
        "inbox_unread": inbox.unread_count(user),
        "inbox_url": reverse("alliances:inbox"),
        "alliances": _switcher(request, alliance),
    }
    return frame


def _switcher(request: HttpRequest, chosen: Any) -> list[dict[str, Any]]:
    """Several alliances: a person of two units or an office; offices drill down from their table instead."""
    if request.user.holds(Role.OFFICE):
        return []
    alliances = directory.own_alliances(request)
    if len(alliances) < 2:
        return []
    url = reverse("alliances:choose")
    return [{"name": a.name, "url": url, "code": a.code, "current": a == chosen} for a in alliances]


def _demo(user: Any) -> dict[str, Any]:
    can_move = bool(user and user.is_authenticated and user.holds(Role.ADMINISTRATOR))
    return {"now": clock.now(), "can_move": can_move, "move_url": reverse("alliances:demo-clock")}
