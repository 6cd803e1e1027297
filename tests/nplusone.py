"""Queries repeated for each row are found on every page that is read; writing goes row by row through services."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from zeal.middleware import zeal_middleware


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """zeal's middleware for requests that only read; a POST that imports a roster asks once for each row."""
    watched = zeal_middleware(get_response)

    def handle(request: HttpRequest) -> HttpResponse:
        return watched(request) if request.method in ("GET", "HEAD") else get_response(request)

    return handle
