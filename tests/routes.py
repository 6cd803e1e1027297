"""Every route of the site, from the URL resolver, with an object of the cast to ask it about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from alliances import clock
from alliances.enums import Channel, MessageState, Role
from alliances.models import Appointment, DayCorrection, ImportDraft, Message, Person
from alliances.registry import registries
from alliances.services import accounts, imports
from rotation.models import Slip
from rotation.services import plans, swaps
from tests import (
    routes_assessments,
    routes_demands_claims,
    routes_demands_hall,
    routes_demands_intake,
    routes_demands_lists,
    routes_demands_residents,
    routes_demands_resources,
    routes_demands_stations,
)
from tests.cast import Cast
from tests.routes_activities import furnish_activities
from tests.routes_ballots import furnish_ballots
from tests.routes_circle import furnish_circle
from tests.routes_figures import furnish_figures
from tests.routes_meetings import furnish_meetings
from tests.routes_scoring import furnish_scoring
from tests.routes_year_end import furnish_year_end

DEMANDS = (
    routes_demands_residents,
    routes_demands_intake,
    routes_demands_hall,
    routes_demands_claims,
    routes_demands_stations,
    routes_demands_resources,
    routes_demands_lists,
)
YEAR = {"code": "01-01-01", "year": 2027}


def names(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    """Full names of all routes that the site answers; a route without a name by its pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from names(entry, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name or entry.pattern}"


def furnish(cast: Cast, march: Slip) -> dict[str, dict[str, Any]]:
    """One object for every route that asks for one; returns route → arguments. All objects belong to 同心社区.

    A route that serves several things is listed once for each, e.g. ``alliances:export ledger``.
    """
    plan = plans.open_plan(cast.alliance, 2027, actor=cast.secretary)
    members = list(cast.members.values())
    for duty in plan.duties.select_related("plan__alliance__organisation"):
        plans.set_chairs(duty, [members[duty.month]], actor=cast.secretary)
    plans.save_version(plan, actor=cast.secretary)
    swap = swaps.ask(
        cast.duties[3],
        cast.members["县图书馆"],
        kind="swap",
        reason="三月布展",
        other=cast.members["县实验小学"],
        other_duty=cast.duties[4],
        actor=cast.liaison,
    )
    Message.objects.update(state=MessageState.SENT, sent_at=clock.now())
    received = Message.objects.filter(recipient=cast.liaison.person, channel=Channel.INBOX).first()
    failed = Message.objects.filter(recipient=cast.second_liaison.person).first()
    assert received
    assert failed
    Message.objects.filter(pk=failed.pk).update(state=MessageState.FAILED, error="550")
    contact = Appointment.objects.get(member=cast.members["县财政局"], role=Role.LIAISON).person
    token = accounts.invite(Person.objects.get(pk=contact.pk), actor=cast.secretary)
    correction = DayCorrection.objects.create(
        organisation=cast.community, day=date(2026, 5, 9), is_working=False, reason="调休"
    )
    member, person = {"pk": cast.members["县图书馆"].pk}, {"pk": cast.liaison.person_id}
    found: dict[str, dict[str, Any]] = {
        "alliances:day-remove": {"pk": correction.pk},
        "alliances:invitation": {"token": token},
        "alliances:invite": {"pk": contact.pk},
        "alliances:message": {"pk": received.pk},
        "alliances:send-again": {"pk": failed.pk},
        "alliances:post-end": {"pk": Appointment.objects.get(person=cast.staff.person).pk},
        "account_reset_password_from_key": {"uidb36": "1", "key": "used"},
        "mfa_edit_webauthn": {"pk": 1},
        "mfa_remove_webauthn": {"pk": 1},
        "rotation:slip-paper": {"pk": march.pk, "fmt": "pdf"},
        "rotation:swap-new": {"pk": cast.duties[5].pk},
        "rotation:wish": {"pk": member["pk"], "year": 2027},
        "rotation:year-describe": {**YEAR, "month": 5},
        "rotation:year-paper": {**YEAR, "fmt": "pdf"},
        "rotation:year-restore": {**YEAR, "number": 1},
    }
    for name in ("member", "member-edit", "member-liaison", "member-agreement", "member-leave"):
        found[f"alliances:{name}"] = member
    for name in ("account", "reset-password", "account-enable", "account-disable"):
        found[f"alliances:{name}"] = person
    for name in ("slip", "slip-acknowledge", "slip-record"):
        found[f"rotation:{name}"] = {"pk": march.pk}
    for name in ("swap", "swap-agree", "swap-refuse", "swap-cancel", "swap-file", "swap-record"):
        found[f"rotation:{name}"] = {"pk": swap.pk}
    for name in names():
        if (name.startswith("rotation:year-") and name not in found) or name in (
            "rotation:wishes",
            "rotation:year",
        ):
            found[name] = YEAR
    found |= _kinds(cast)
    found |= furnish_scoring(cast)
    found |= routes_assessments.furnish(cast)
    found |= furnish_meetings(cast)
    found |= furnish_ballots(cast)
    found |= furnish_activities(cast) | furnish_circle(cast)
    found |= furnish_figures(cast)
    found |= furnish_year_end(cast)
    for part in DEMANDS:
        found |= part.furnish(cast)
    return found


def _kinds(cast: Cast) -> dict[str, dict[str, Any]]:
    """Exports and imports of every kind, and a file that the secretary has uploaded."""
    found: dict[str, dict[str, Any]] = {}
    for export in registries.exports:
        found[f"alliances:export {export.name}"] = {"name": export.name}
    for kind in registries.importers:
        found[f"alliances:import-new {kind.name}"] = {"kind": kind.name}
        found[f"alliances:import-template {kind.name}"] = {"kind": kind.name}
    kind = registries.importers.get("members")
    assert kind
    draft: ImportDraft = imports.upload(
        kind,
        "单位名称,单位类型,轮值方式\n县档案馆,事业单位,单独\n".encode(),
        "名册.csv",
        only=cast.alliance,
        year=None,
        actor=cast.secretary,
    )
    for name in ("import-draft", "import-answer", "import-commit", "import-drop"):
        found[f"alliances:{name}"] = {"pk": draft.pk}
    return found


def address(route: str, arguments: dict[str, dict[str, Any]]) -> str:
    """The path of a route as ``furnish`` names it."""
    return reverse(route.split(" ")[0], kwargs=arguments.get(route))


def listed(arguments: dict[str, dict[str, Any]]) -> list[str]:
    """All routes, those of several kinds once for each."""
    several = {route.split(" ")[0]: route for route in arguments if " " in route}
    plain = [name for name in dict.fromkeys(names()) if name not in several]
    return plain + [route for route in arguments if " " in route]
