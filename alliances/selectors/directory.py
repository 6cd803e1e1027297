"""Who belongs where: alliances a person works in, members, contacts."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest

from alliances.enums import MEMBER_ROLES, Role
from alliances.models import Alliance, Appointment, Member, Unit

CHOSEN = "alliance"


def own_alliances(request: HttpRequest) -> list[Alliance]:
    """Alliances the user may look into, in the tree's order; read once per request."""
    if not hasattr(request, "_own_alliances"):
        rows = Alliance.objects.visible_to(request.user).select_related("organisation")
        request._own_alliances = list(rows)  # type: ignore[attr-defined]  # a cache that lives with the request
    return request._own_alliances  # type: ignore[attr-defined]


def chosen_alliance(request: HttpRequest) -> Alliance | None:
    """The alliance whose business the screen shows: the one last chosen, else the first visible one.

    Offices choose by opening a community from their table; before that there is none.
    """
    alliances = own_alliances(request)
    chosen = request.session.get(CHOSEN)
    for alliance in alliances:
        if alliance.pk == chosen:
            return alliance
    if not alliances or (len(alliances) > 1 and request.user.holds(Role.OFFICE)):
        return None
    return alliances[0]


def members_of(alliance: Alliance) -> QuerySet[Member]:
    """Current members of ``alliance`` with their unit and standing posts (``posts``)."""
    posts = Appointment.objects.current().select_related("person__user")
    return (
        Member.objects.current()
        .filter(alliance=alliance)
        .select_related("unit", "alliance")
        .prefetch_related(Prefetch("appointments", queryset=posts, to_attr="posts"))
        .order_by("pk")
    )


def holder(member: Member, role: str) -> Appointment | None:
    """The standing holder of ``role`` at ``member``; uses ``posts`` where ``members_of`` has fetched them."""
    posts = getattr(member, "posts", None)
    if posts is None:
        posts = (
            Appointment.objects.current().filter(member=member).select_related("person__user").order_by("pk")
        )
    return next((post for post in posts if post.role == role), None)


def contact_line(member: Member, role: str = Role.LIAISON) -> str:
    """Name and phone as papers print them, e.g. 杨欣然 13900005085."""
    post = holder(member, role)
    return f"{post.person.name} {post.person.phone}".strip() if post else ""


def own_members(user: Any, alliance: Alliance | None = None) -> list[Member]:
    """Members that ``user`` is liaison or leader of, in ``alliance`` or anywhere."""
    rows = [a.member for a in user.current_appointments if a.role in MEMBER_ROLES]
    return [m for m in dict.fromkeys(rows) if alliance is None or m.alliance_id == alliance.pk]


def similar_units(name: str) -> list[Unit]:
    """Units whose name or alias is nearly ``name``: never doubled silently, always asked about (design, papers)."""
    from difflib import SequenceMatcher  # only imports and forms need it

    plain = _plain(name)
    found = []
    for unit in Unit.objects.all():
        for known in (unit.name, *unit.aliases):
            other = _plain(known)
            if other == plain or SequenceMatcher(None, plain, other).ratio() >= 0.86:
                found.append(unit)
                break
    return found


def _plain(name: str) -> str:
    return "".join(name.split()).replace("（", "(").replace("）", ")").lower()
