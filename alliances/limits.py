"""How often somebody may fail: tries are counted in the cache, per address or per thing, for a while."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """The network address a request came from; behind a proxy, what trusted proxies say."""
    return str(get_adapter().get_client_ip(request))


@dataclass(frozen=True)
class Tries:
    """At most ``most`` failures of one key in ``window`` seconds after the first; ``name`` tells counters apart."""

    name: str
    most: int
    window: int

    def used_up(self, key: str) -> bool:
        """Whether ``key`` has failed as often as it may."""
        return int(cache.get(self._key(key), 0)) >= self.most

    def note(self, key: str) -> None:
        """Count a failure."""
        name = self._key(key)
        cache.add(name, 0, self.window)
        try:
            cache.incr(name)
        except ValueError:  # it lapsed between the two lines
            cache.set(name, 1, self.window)

    def _key(self, key: str) -> str:
        return f"tries:{self.name}:{key}"
