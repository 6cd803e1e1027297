"""Who belongs where: alliances a person works in, members, contacts."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest

from alliances import clock
from alliances.enums import MEMBER_ROLES, Role
from alliances.models import Alliance, Appointment, Member, Unit
from alliances.selectors.unit_names import UnitNames

CHOSEN = "alliance"


def own_alliances(request: HttpRequest) -> list[Alliance]:
    """Alliances the user may look into, in the tree's order; read once per request.

    Those of a community's own people come with their appointments; only offices need a query of their own.
    """
    if not hasattr(request, "_own_alliances"):
        user = request.user
        if user.holds(Role.OFFICE):
            rows = list(Alliance.objects.visible_to(user).select_related("organisation"))
        else:
            found = {a.pk: a for post in user.current_appointments if (a := _alliance_of(post))}
            rows = sorted(found.values(), key=lambda alliance: alliance.organisation.path)
        request._own_alliances = rows  # type: ignore[attr-defined]  # a cache that lives with the request
    return request._own_alliances  # type: ignore[attr-defined]


def _alliance_of(post: Appointment) -> Alliance | None:
    """The alliance whose business a post below the offices opens; the same as ``Alliance.objects.visible_to``."""
    if post.member is not None:
        return post.member.alliance
    place = post.organisation
    if place is None or post.role in (Role.ADMINISTRATOR, Role.AUDITOR):
        return None
    if post.role == Role.STATION:
        place = place.parent
    return getattr(place, "alliance", None)


def chosen_alliance(request: HttpRequest) -> Alliance | None:
    """The alliance whose business the screen shows: the one the address names (``?alliance=CODE``), the one last chosen,
    else the first visible one.

    Offices choose by opening a community from their table; before that there is none.
    """
    chosen, named = request.session.get(CHOSEN), request.GET.get(CHOSEN)
    if request.user.holds(Role.OFFICE) and not hasattr(request, "_own_alliances"):
        if not hasattr(request, "_chosen_alliance"):
            request._chosen_alliance = _chosen_by_office(request.user, named, chosen)  # type: ignore[attr-defined]  # as above
        return request._chosen_alliance  # type: ignore[attr-defined]
    alliances = own_alliances(request)
    if named:
        found = next((alliance for alliance in alliances if alliance.code == named), None)
        if found is not None:
            return found
    for alliance in alliances:
        if alliance.pk == chosen:
            return alliance
    if not alliances or (len(alliances) > 1 and request.user.holds(Role.OFFICE)):
        return None
    return alliances[0]


def _chosen_by_office(user: Any, named: str | None, chosen: Any) -> Alliance | None:
    """The same without reading a whole county to find one of it."""
    rows = Alliance.objects.visible_to(user).select_related("organisation")
    wanted = Q(pk=chosen) if isinstance(chosen, int) else Q()
    if named and "\0" not in named:
        wanted |= Q(code=named)
    if wanted:
        found = {alliance.code: alliance for alliance in rows.filter(wanted)}
        if found:
            return found.get(named or "") or next(iter(found.values()))
    only = list(rows[:2])
    return only[0] if len(only) == 1 else None


def members_of(alliance: Alliance) -> QuerySet[Member]:
    """Current members of ``alliance`` with their unit and standing posts (``posts``)."""
    return roster(alliance)


def roster(alliance: Alliance, *, left: bool = False) -> QuerySet[Member]:
    """Current members, or with ``left`` those that have left; with their unit and standing posts (``posts``)."""
    posts = Appointment.objects.current().select_related("person__user")
    rows = Member.objects.filter(left_on__lte=clock.today()) if left else Member.objects.current()
    return (
        rows.filter(alliance=alliance)
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


def complaints_of(alliance: Alliance) -> dict[str, Any]:
    """Whom to turn to: the community's secretary and staff (``contacts``), and the office above (``street``)."""
    place = alliance.organisation
    posts = Appointment.objects.current().filter(organisation=place, role__in=[Role.SECRETARY, Role.STAFF])
    return {
        "contacts": list(posts.select_related("person", "organisation").order_by("role", "pk")),
        "place": place,
        "street": place.parent,
    }


def similar_units(name: str) -> list[Unit]:
    """Units whose name or alias is ``name`` or nearly so: never doubled silently, always asked about (design, papers)."""
    names = UnitNames(Unit.objects.values_list("name", "aliases"))
    same = names.find(name)
    found = list(dict.fromkeys(([same] if same else []) + names.near(name, abbreviations=True)))
    units = {unit.name: unit for unit in Unit.objects.filter(name__in=found)}
    return [units[name] for name in found if name in units]
