"""Who is at the other end of the line."""

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The client's address; ``X-Forwarded-For`` counts as far as ``TRUSTED_PROXY_COUNT`` proxies wrote it.

    With n trusted proxies the n-th entry from the right was written by the outermost of them; anything
    further left came from the client and may be invented.
    """
    remote = str(request.META.get("REMOTE_ADDR", ""))
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    count = settings.TRUSTED_PROXY_COUNT
    return hops[-count] if 0 < count <= len(hops) else remote


def login_name(request: HttpRequest | None, credentials: dict[str, str] | None) -> str | None:
    """The login name a failed login counts for; our form and the admin's name the field differently."""
    if credentials:
        return credentials.get("username") or credentials.get("phone")
    if request is None:
        return None
    return request.POST.get("login") or request.POST.get("username")
