"""Our rules for allauth: accounts come by invitation only, the login name is the phone, logins are in the log."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from alliances.models import User
from alliances.services import accounts, audit


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: Any, password: str) -> None:
        super().set_password(user, password)
        accounts.password_changed(user)

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        audit.record("alliances.account.login", user, actor=user)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Noted without the typed name, which may be a phone or a password in the wrong field."""
        known = User.objects.filter(phone=credentials.get("username") or "").first()
        audit.record("alliances.account.login_failed", known, actor=None)

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            audit.record("alliances.account.logout", request.user, actor=request.user)
        super().logout(request)
