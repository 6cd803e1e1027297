"""A cast with an object for every route, residents planted all over the loop, and a session for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from alliances import clock
from demands.models import Author
from rotation.services import slips
from tests import cast as cast_module
from tests import routes
from tests.cast import NOW, Cast
from tests.conftest import client_of
from tests.demands import planted as planting
from tests.demands.planted import SECRET_WORDS, Planted, leaks
from tests.matrix import OFFICE

# Who reads a sensitive demand's own words: the community, its stations and its units.
COMMUNITY = OFFICE | frozenset(
    [
        "president",
        "station",
        "liaison",
        "second_liaison",
        "third_liaison",
        "other_liaison",
        "both_liaison",
        "leader",
    ]
)
FILES = ("docx", "pdf")


@dataclass
class World:
    """What a request writes is undone by whoever sends it."""

    cast: Cast
    arguments: dict[str, dict[str, Any]]
    cookies: dict[str, str]
    planted: Planted
    before: dict[str, int]  # the last keys before planting

    def client(self, part: str) -> Client:
        cache.clear()  # nobody is slowed down here
        client = Client(raise_request_exception=False)
        if part in self.cookies:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.cookies[part]
        return client

    def told(self, part: str, words: str) -> set[str]:
        """Whom ``words`` name, and whether they hold what ``part`` must not read. Who was typed into words is named to
        those who may open the contact."""
        found = leaks(words, self.planted.people)
        if found:
            found -= self.planted.typed & self.open_to(part)
        if part not in COMMUNITY and SECRET_WORDS in words:
            found.add("敏感需求的原话")
        return found

    def open_to(self, part: str) -> set[str]:
        """Names of those whose contact ``part`` may open."""
        if part not in self.cast.users:
            return set()
        user = self.cast.fresh(self.cast.users[part])
        return {author.name for author in Author.objects.visible_to(user)}

    def routes(self) -> list[str]:
        return [route for route in routes.listed(self.arguments) if not route.startswith("admin:")]

    def addresses(self, route: str) -> list[str]:
        """Where ``route`` answers: with what is furnished for it, and in the loop with every planted row. Empty for a
        route that nobody has furnished."""
        arguments = self.arguments.get(route)
        try:
            first = routes.address(route, self.arguments)
        except NoReverseMatch:
            return []
        if arguments is None or not route.startswith("demands:"):
            return [first]
        kinds = [{**arguments, "fmt": fmt} for fmt in FILES] if "fmt" in arguments else [arguments]
        if "pk" in arguments and "code" not in arguments:
            kinds = [{**kind, "pk": pk} for kind in kinds for pk in planting.objects_of(first, self.before)]
        elif "code" in arguments:
            assert self.planted.point
            codes = [*self.planted.codes.values(), *self.planted.booking_codes, self.planted.point.code]
            kinds = [{**kind, "code": code} for kind in kinds for code in codes]
        name = route.split(" ")[0]
        return list(dict.fromkeys([first, *(reverse(name, kwargs=kind) for kind in kinds)]))


@contextmanager
def planted_world() -> Iterator[World]:
    """Undone afterwards."""
    with clock.at(NOW), transaction.atomic():
        cast = cast_module.build()
        slip = slips.issue(cast.duties[3])
        assert slip
        arguments = routes.furnish(cast, slip)
        before = planting.last_keys()
        planted = planting.plant(cast)
        cookies = {
            part: client_of(user).cookies[settings.SESSION_COOKIE_NAME].value
            for part, user in cast.users.items()
        }
        yield World(cast, arguments, cookies, planted, before)
        transaction.set_rollback(True)
