"""Every route × everybody, GET and POST: whose business it is, who sees but may not (403), for whom it does not exist
(404), who is sent to the login page. Generated from the URL resolver: a route that is missing in the table fails.

The objects belong to 同心社区 (see ``tests/routes.py``); 清河社区 is the foreign alliance. A POST carries little or no
data: 200 or 422 is a form that came back, 302 a deed that was done or refused with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve, reverse

from alliances import clock
from rotation.services import slips
from tests import cast as cast_module
from tests import (
    matrix_activities,
    matrix_assessments,
    matrix_ballots,
    matrix_circle,
    matrix_demands_claims,
    matrix_demands_hall,
    matrix_demands_intake,
    matrix_demands_lists,
    matrix_demands_residents,
    matrix_demands_resources,
    matrix_demands_stations,
    matrix_figures,
    matrix_meetings,
    matrix_quarter_office,
    matrix_scoring,
    matrix_year_end,
    routes,
)
from tests.cast import NOW, Cast
from tests.conftest import client_of
from tests.matrix import (
    ADMINISTERS,
    ADMINISTRATOR,
    ALL,
    ANYONE,
    DRAFT,
    DRAFTS,
    EDITS,
    EVERYBODY,
    EXPORTS,
    HOME,
    IMPORTS,
    LIBRARY,
    MANAGES_CONTACT,
    MARCH,
    NOT_HERE,
    OFFICE,
    OFFICE_ANYWHERE,
    OFFICES,
    ON_SLIP,
    OWN_UPLOAD,
    READS_LEDGER,
    SECRETARIES,
    SECRETARY,
    Row,
    get,
    post,
    who,
)

pytestmark = pytest.mark.django_db
# The four lists; the one with residents' contacts is the secretary's alone.
LISTS: Row = {200: READS_LEDGER, 404: who("administrator auditor"), 403: ALL}
CONTACTS: Row = {200: SECRETARIES, 404: who("administrator auditor county"), 403: ALL}
TABLE: dict[str, tuple[Row, Row]] = {
    # --- the frame
    "alliances:desk": get(EVERYBODY),
    "alliances:desk-month": get({404: who("administrator auditor county"), 200: ALL}),
    "alliances:desk-news": get(EVERYBODY),
    "alliances:office": get({200: OFFICES, 403: ALL}),
    "alliances:choose": post({302: HOME, 404: ALL}),
    "alliances:big-type": ({405: ANYONE}, {302: ANYONE}),
    "alliances:complaint": ({200: ANYONE}, {405: ANYONE}),
    "alliances:demo-clock": post({404: ALL}),
    "alliances:health": ({200: ANYONE}, {405: ANYONE}),
    # --- member units
    "alliances:members": get({403: who("administrator auditor"), 302: who("county"), 200: ALL}),
    "alliances:member": get({200: HOME, 404: ALL}),
    "alliances:member-new": ({200: OFFICE_ANYWHERE, 403: ALL}, {200: OFFICE_ANYWHERE, 403: ALL}),
    "alliances:member-edit": (EDITS, EDITS),
    "alliances:member-liaison": (EDITS, EDITS),
    "alliances:member-agreement": (EDITS, EDITS),
    "alliances:member-leave": (EDITS, EDITS),
    # --- posts and accounts
    "alliances:posts": ({200: OFFICE_ANYWHERE, 403: ALL}, {200: SECRETARIES, 403: ALL}),
    "alliances:post-end": post({302: SECRETARY | ADMINISTRATOR, 403: HOME, 404: ALL}),
    "alliances:accounts": get(ADMINISTERS),
    "alliances:appoint": (ADMINISTERS, ADMINISTERS),
    "alliances:account": get(MANAGES_CONTACT),
    "alliances:invite": post(MANAGES_CONTACT),
    "alliances:reset-password": post(MANAGES_CONTACT),
    "alliances:account-enable": post({302: ADMINISTRATOR, 403: ALL}),
    "alliances:account-disable": post({302: ADMINISTRATOR, 403: ALL}),
    "alliances:invitation": ({200: ANYONE}, {200: ANYONE}),
    # --- messages: one's own; the outbox is the community's
    "alliances:inbox": get(EVERYBODY),
    "alliances:inbox-read": post({302: ALL}),
    "alliances:message": ({200: who("liaison"), 404: ALL}, {302: who("liaison"), 404: ALL}),
    "alliances:outbox": get({200: OFFICE_ANYWHERE, 403: ALL}),
    "alliances:send-again": post({302: OFFICE, 403: HOME, 404: ALL}),
    # --- settings, log, state
    "alliances:settings": (
        {200: OFFICE_ANYWHERE | OFFICES, 403: ALL},
        {200: SECRETARIES, 302: OFFICES, 403: ALL},
    ),
    "alliances:days": (
        {200: OFFICE_ANYWHERE | OFFICES, 403: ALL},
        {200: SECRETARIES | OFFICES, 403: ALL},
    ),
    "alliances:day-remove": post(
        {302: SECRETARY, 404: who("street other_street county foreign_secretary"), 403: ALL}
    ),
    "alliances:log": get({200: who("auditor"), 403: ALL}),
    "alliances:status": get(ADMINISTERS),
    # --- imports and exports
    "alliances:imports": get(IMPORTS),
    "alliances:import-new organisations": (ADMINISTERS, ADMINISTERS),
    "alliances:import-template organisations": get(ADMINISTERS),
    "alliances:import-new members": (IMPORTS, IMPORTS),
    "alliances:import-template members": get(IMPORTS),
    "alliances:import-new plan": (IMPORTS, IMPORTS),
    "alliances:import-template plan": get(IMPORTS),
    "alliances:import-new wishes": (IMPORTS, IMPORTS),
    "alliances:import-template wishes": get(IMPORTS),
    "alliances:import-new resources": (IMPORTS, IMPORTS),
    "alliances:import-template resources": get(IMPORTS),
    "alliances:import-new demands": (IMPORTS, IMPORTS),
    "alliances:import-template demands": get(IMPORTS),
    "alliances:import-new claims": (IMPORTS, IMPORTS),
    "alliances:import-template claims": get(IMPORTS),
    "alliances:import-new acceptances": (IMPORTS, IMPORTS),
    "alliances:import-template acceptances": get(IMPORTS),
    "alliances:import-draft": get({200: SECRETARY, 404: ALL}),
    "alliances:import-answer": post(OWN_UPLOAD),
    "alliances:import-commit": post(OWN_UPLOAD),
    "alliances:import-drop": post(OWN_UPLOAD),
    "alliances:export organisations": (
        {
            200: OFFICE_ANYWHERE | who("street other_street"),
            404: who("administrator auditor county"),
            403: ALL,
        },
        {
            200: OFFICE_ANYWHERE | who("street other_street"),
            404: who("administrator auditor county"),
            403: ALL,
        },
    ),
    "alliances:export members": (EXPORTS, EXPORTS),
    "alliances:export plan": (EXPORTS, EXPORTS),
    "alliances:export slip": (EXPORTS, EXPORTS),
    "alliances:export wishes": (EXPORTS, EXPORTS),
    "alliances:export swaps": (EXPORTS, EXPORTS),
    "alliances:export ledger": (
        {200: READS_LEDGER, 404: who("administrator auditor"), 403: ALL},
        {200: READS_LEDGER, 404: who("administrator auditor"), 403: ALL},
    ),
    "alliances:export resources": (LISTS, LISTS),
    "alliances:export demands": (LISTS, LISTS),
    "alliances:export demands_full": (CONTACTS, CONTACTS),
    "alliances:export claims": (LISTS, LISTS),
    "alliances:export acceptances": (LISTS, LISTS),
    # --- the annual table (a draft of 2027)
    "rotation:this-year": get({404: who("administrator auditor"), 302: ALL}),
    "rotation:year": get(DRAFT),
    "rotation:year-open": post({422: OFFICE, 403: HOME, 404: ALL}),
    "rotation:year-run": post(DRAFTS),
    "rotation:year-move": post(DRAFTS),
    "rotation:year-lock": post(DRAFTS),
    "rotation:year-describe": (DRAFT, DRAFTS),
    "rotation:year-version": post(DRAFTS),
    "rotation:year-compare": get(DRAFT),
    "rotation:year-restore": post(DRAFTS),
    "rotation:year-submit": post(DRAFTS),
    "rotation:year-take-back": post(DRAFTS),
    "rotation:year-pass": (
        {302: SECRETARY, 403: who("staff"), 404: ALL},
        {200: SECRETARY, 403: who("staff"), 404: ALL},
    ),
    "rotation:year-sheet": get(DRAFT),
    "rotation:year-paper": get(DRAFT),
    "rotation:wishes": get({200: OFFICE | who("president street county"), 403: HOME, 404: ALL}),
    "rotation:wish": (
        {200: OFFICE | LIBRARY, 403: HOME, 404: ALL},
        {302: OFFICE | who("liaison"), 403: HOME, 404: ALL},
    ),
    # --- changes: 县图书馆's March with 县实验小学's April
    "rotation:swaps": get({404: who("administrator auditor"), 302: who("county"), 200: ALL}),
    "rotation:swap": get({200: HOME, 404: ALL}),
    "rotation:swap-new": (  # of May, whose unit has nobody with an account
        {200: OFFICE, 403: HOME, 404: ALL},
        {422: OFFICE, 403: HOME, 404: ALL},
    ),
    "rotation:swap-agree": post({302: LIBRARY | who("other_liaison"), 403: HOME, 404: ALL}),
    "rotation:swap-refuse": post({422: LIBRARY | who("other_liaison"), 403: HOME, 404: ALL}),
    "rotation:swap-cancel": post({302: LIBRARY | OFFICE, 403: HOME, 404: ALL}),
    "rotation:swap-file": post({302: SECRETARY, 403: HOME, 404: ALL}),
    "rotation:swap-record": post({302: OFFICE, 403: HOME, 404: ALL}),
    # --- the slip of March
    "rotation:ledger": get({200: READS_LEDGER, 403: ALL}),
    "rotation:slip": get({200: ON_SLIP, 404: ALL}),
    "rotation:slip-acknowledge": post({302: MARCH, 403: ON_SLIP, 404: ALL}),
    "rotation:slip-record": ({200: OFFICE, 403: ON_SLIP, 404: ALL}, {200: OFFICE, 403: ON_SLIP, 404: ALL}),
    "rotation:slip-paper": get({200: ON_SLIP, 404: ALL}),
    # --- accounts (allauth)
    "account_login": ({302: ALL, 200: ANYONE}, {302: ALL, 200: ANYONE}),
    "account_logout": (EVERYBODY, {302: ALL}),
    "account_signup": ({302: ALL, 200: ANYONE}, {302: ALL, 200: ANYONE}),
    "account_inactive": ({200: ANYONE}, {405: ANYONE}),
    "account_reauthenticate": (EVERYBODY, EVERYBODY),
    "account_change_password": (EVERYBODY, EVERYBODY),
    "account_set_password": ({302: ALL}, {302: ALL}),
    "account_reset_password": ({200: ANYONE}, {200: ANYONE}),
    "account_reset_password_done": ({200: ANYONE}, {405: ANYONE}),
    "account_reset_password_from_key": ({200: ANYONE}, {200: ANYONE}),
    "account_reset_password_from_key_done": ({200: ANYONE}, {405: ANYONE}),
    "mfa_index": get(EVERYBODY),
    "mfa_authenticate": ({302: ALL}, {302: ALL}),
    "mfa_reauthenticate": ({302: ALL}, {302: ALL}),
    "mfa_activate_totp": ({302: ALL}, {302: ALL}),
    "mfa_deactivate_totp": ({404: ALL}, {404: ALL}),
    "mfa_view_recovery_codes": ({404: ALL}, {405: ALL}),
    "mfa_generate_recovery_codes": ({302: ALL}, {302: ALL}),
    "mfa_download_recovery_codes": ({404: ALL}, {404: ALL}),
    "mfa_list_webauthn": get(EVERYBODY),
    "mfa_add_webauthn": ({302: ALL}, {302: ALL}),
    "mfa_reauthenticate_webauthn": ({302: ALL}, {302: ALL}),
    "mfa_edit_webauthn": ({302: ALL}, {302: ALL}),  # to the password first, whosever key it is
    "mfa_remove_webauthn": ({302: ALL}, {302: ALL}),
}
TABLE |= matrix_meetings.ROWS | matrix_activities.ROWS | matrix_circle.ROWS
TABLE |= matrix_ballots.ROWS | matrix_scoring.ROWS | matrix_figures.ROWS | matrix_assessments.ROWS
TABLE |= matrix_year_end.ROWS | matrix_quarter_office.ROWS
for part in (
    matrix_demands_residents,
    matrix_demands_intake,
    matrix_demands_hall,
    matrix_demands_claims,
    matrix_demands_stations,
    matrix_demands_resources,
    matrix_demands_lists,
):
    TABLE |= part.ROWS
# What a POST says where an empty one would not reach the rule.
BODY: dict[str, Any] = {
    "alliances:choose": {"alliance": "01-01-01"},
    "rotation:year-lock": {"month": "5", "locked": "1"},
    "rotation:year-move": {"deed": "out", "member": "0", "source": "5"},
}
# Who is sent here must have a session's row of his own afterwards; nothing else is ever written by a GET.
SESSION_TABLES = re.compile(r'"(django_session|axes_\w+)"')
WRITE = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.I)


@dataclass
class World:
    """The cast with an object for every route, and a session cookie for everybody."""

    cast: Cast
    arguments: dict[str, dict[str, Any]]
    cookies: dict[str, str]

    def client(self, part: str) -> Client:
        client = Client(raise_request_exception=False)
        if part in self.cookies:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.cookies[part]
        return client


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Built once: what a request writes is undone after it."""
    with django_db_blocker.unblock(), clock.at(NOW), transaction.atomic():
        cast = cast_module.build()
        slip = slips.issue(cast.duties[3])
        assert slip
        arguments = routes.furnish(cast, slip)
        cookies = {
            part: client_of(user).cookies[settings.SESSION_COOKIE_NAME].value
            for part, user in cast.users.items()
        }
        yield World(cast, arguments, cookies)
        transaction.set_rollback(True)


@dataclass(frozen=True)
class Answer:
    status: int
    to_login: bool
    writes: tuple[str, ...]


def ask(world: World, route: str, part: str, method: str) -> Answer:
    url = routes.address(route, world.arguments)
    cache.clear()
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        client = world.client(part)
        data = BODY.get(route, {}) if method == "post" else {}
        response = getattr(client, method)(url, data)
        transaction.set_rollback(True)
    writes = tuple(
        q["sql"][:120] for q in queries if WRITE.match(q["sql"]) and not SESSION_TABLES.search(q["sql"])
    )
    return Answer(response.status_code, "/accounts/login/" in response.headers.get("Location", ""), writes)


def expected(row: Row, part: str) -> int | None:
    """The status for ``part``; None is the login page."""
    return next((status for status, people in row.items() if part in people), None)


@pytest.mark.parametrize("route", TABLE)
def test_route(route: str, world: World) -> None:
    wrong = []
    for method, row in zip(("get", "post"), TABLE[route], strict=True):
        for part in sorted(ANYONE):
            status = expected(row, part)
            answer = ask(world, route, part, method)
            right = answer.to_login if status is None else answer.status == status
            if not right:
                wrong.append(f"{method} {part}: {answer.status} instead of {status or 'login'}")
            if answer.writes and (method == "get" or answer.status in (403, 404, 405)):
                wrong.append(f"{method} {part}: {answer.status}, yet it wrote {answer.writes}")
    assert not wrong, "\n".join(wrong)


def test_every_route_of_the_site_is_in_the_table(world: World) -> None:
    routed = {name for name in routes.listed(world.arguments) if not name.startswith("admin:")}
    assert routed - set(TABLE) == set(), "routes that nobody has thought about"
    assert set(TABLE) - routed == set(), "rows without a route"
    assert {*world.cast.users, "anonymous"} == ANYONE


def admin_routes() -> list[str]:
    return sorted({name for name in routes.names() if name.startswith("admin:")})


def admin_addresses(world: World, name: str) -> list[str]:
    tries: tuple[dict[str, Any], ...] = (
        {},
        {"object_id": str(world.cast.community.pk)},
        {"app_label": "alliances"},
        {"content_type_id": 1, "object_id": 1},
        {"url": "x"},
    )
    found = []
    for kwargs in tries:
        try:
            found.append(reverse(name, kwargs=kwargs))
        except Exception:
            continue
    return found


def test_admin_is_the_administrators_alone(world: World) -> None:
    """Everybody else is sent to its login page, whatever the address; and it shows no business tables."""
    entered = 0
    for name in admin_routes():
        for url in [url for url in admin_addresses(world, name) if "/login/" not in url]:
            for part in ("administrator", "secretary", "county", "auditor", "liaison", "anonymous"):
                with transaction.atomic():
                    response = world.client(part).get(url)
                    transaction.set_rollback(True)
                if part == "administrator":
                    assert response.status_code in (200, 301, 302, 403, 404, 405), url
                    entered += response.status_code == 200
                else:
                    to_login = "login" in response.headers.get("Location", "")
                    assert (to_login or response.status_code == 404) or url.endswith("/logout/"), (url, part)
    assert entered > 3
    models = {name.split(":")[1].rsplit("_", 1)[0] for name in admin_routes() if name.endswith("_changelist")}
    assert not {model for model in models if model.startswith(("rotation_", "demands_", "evaluations_"))}
    assert not models & {"alliances_logentry", "alliances_member", "alliances_message", "alliances_person"}


POSTS = [route for route, (_, row) in TABLE.items() if row is not NOT_HERE and 405 not in row]


@pytest.mark.parametrize("route", POSTS)
def test_post_without_the_forms_token_is_refused(route: str, world: World) -> None:
    """Nobody is made to act by a page of somebody else's."""
    row = TABLE[route][1]
    part = next((p for status in (302, 200, 422) for p in sorted(row.get(status, ()))), "secretary")
    client = world.client(part)
    client.handler.enforce_csrf_checks = True
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        response = client.post(routes.address(route, world.arguments), BODY.get(route, {}))
        transaction.set_rollback(True)
    assert response.status_code == 403
    assert not [q["sql"] for q in queries if WRITE.match(q["sql"]) and not SESSION_TABLES.search(q["sql"])]


def test_numbers_that_are_nobodys_are_not_found(world: World) -> None:
    """Pages of objects that do not exist answer 404, never an error."""
    for route, arguments in world.arguments.items():
        if "pk" in arguments and not route.startswith("mfa_"):
            url = reverse(route.split(" ")[0], kwargs={**arguments, "pk": 987654321})
            with transaction.atomic():
                client = world.client(
                    "administrator" if route.startswith("alliances:account") else "secretary"
                )
                found = {client.get(url).status_code, client.post(url, BODY.get(route, {})).status_code}
                transaction.set_rollback(True)
            assert found <= {404, 405, 403}, route
            assert 404 in found or route in ("alliances:account-enable", "alliances:account-disable"), route


def test_unknown_address_is_not_found() -> None:
    with pytest.raises(Resolver404):
        resolve("/no/such/page/")
