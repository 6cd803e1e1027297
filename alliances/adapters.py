"""Our rules for allauth: accounts come by invitation only, the login name is the phone."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from alliances.services import accounts


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: Any, password: str) -> None:
        super().set_password(user, password)
        accounts.password_changed(user)
