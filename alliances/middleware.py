"""What holds on every request: a strict content policy, an idle limit at office screens, the first-login password."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from alliances import clock
from alliances.enums import Role
from alliances.services import audit

Handler = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)
LAST_SEEN = "last_seen"
# Writing the session on every request would take SQLite's write lock on every page view.
NOTE_EVERY = timedelta(minutes=1)


class ContentSecurityPolicy:
    """Nothing inline, nothing from elsewhere; user texts can never become script."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", POLICY)
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response


class RefuseNul:
    """No address or search of ours holds a NUL, and PostgreSQL fails on it: 400 instead of a server error."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponse("地址不对。\n", status=400, content_type="text/plain; charset=utf-8")
        return self.get_response(request)


class Nameless:
    """Under ``NAMELESS_PATHS`` nobody is known: the session's cookie is not looked at, so that neither a row of a
    session nor a log says that a known person was here, and the answer is kept by no cache, list or address bar.

    The referrer is the bare site, which tells no code; with none at all, browsers send ``Origin: null`` along with a
    form, and the check against forged forms has to refuse it.
    """

    HEADERS = {
        "Cache-Control": "no-store",
        "Referrer-Policy": "strict-origin",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
    }

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(settings.NAMELESS_PATHS):
            return self.get_response(request)
        request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        response = self.get_response(request)
        for name, value in self.HEADERS.items():
            response.headers[name] = value
        return response


class IdleTimeout:
    """A session at an office screen ends after ``IDLE_TIMEOUT_MINUTES`` without a request, and with the browser; the
    login page leads back.

    Roles that keep their own device (liaisons and others) are left alone: they may stay logged in for 30 days.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and user.works_at_office_screen:
            moment = clock.machine_time().timestamp()
            seen = request.session.get(LAST_SEEN)
            limit = timedelta(minutes=settings.IDLE_TIMEOUT_MINUTES)
            if seen is not None and moment - seen > limit.total_seconds():
                audit.record("alliances.account.logout", user, actor=user, data={"idle": True})
                logout(request)
                query = urlencode(
                    {"next": request.get_full_path() if request.method == "GET" else "/", "idle": 1}
                )
                return HttpResponseRedirect(f"{reverse('account_login')}?{query}")
            if seen is None:
                request.session.set_expiry(0)  # whatever was ticked at login: office screens are shared
            if seen is None or moment - seen > NOTE_EVERY.total_seconds():
                request.session[LAST_SEEN] = moment
        return self.get_response(request)


class FirstPassword:
    """Somebody who was given a password does nothing else before choosing one."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and user.must_change_password:
            change = reverse("account_change_password")
            allowed = (change, reverse("account_logout"), reverse("account_reauthenticate"))
            if request.path not in allowed:
                return HttpResponseRedirect(change)
        return self.get_response(request)


class SecondFactor:
    """Administrators and offices work only with a second factor; until they have set one up they can do nothing else.

    The demo offers it without asking for it (``SECOND_FACTOR_REQUIRED``).
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            settings.SECOND_FACTOR_REQUIRED
            and user.is_authenticated
            and user.holds(Role.ADMINISTRATOR, Role.OFFICE)
            and not self._is_set_up(request)
        ):
            home = reverse("mfa_index")
            leave = (
                reverse("account_logout"),
                reverse("account_reauthenticate"),
                reverse("account_change_password"),
            )
            if not request.path.startswith(home) and request.path not in leave:
                messages.warning(request, "您的身份须先设置两步验证，才能办理业务。")
                return HttpResponseRedirect(home)
        return self.get_response(request)

    @staticmethod
    def _is_set_up(request: HttpRequest) -> bool:
        return bool(
            Authenticator.objects.filter(user_id=request.user.pk).exclude(type="recovery_codes").exists()
        )
