"""The public page behind a one-time link. Opening it changes nothing: chat programs open links before people do."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from alliances import limits
from alliances.errors import OfficeError
from alliances.forms.invitations import AcceptForm
from alliances.models import User
from alliances.services import accounts

TRIES = limits.Tries("invitation", 20, 600)  # unusable links and refused passwords per address in ten minutes


@sensitive_post_parameters("password", "again")
@sensitive_variables("token")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a password; a POST opens the account and logs in."""
    if TRIES.used_up(limits.address(request)):
        return render(request, "alliances/invitation_gone.html", {"too_often": True}, status=429)
    found = accounts.open_invitation(token)
    if found is None:
        TRIES.note(limits.address(request))
        return render(request, "alliances/invitation_gone.html", status=404)
    form = AcceptForm(request.POST or None)
    if request.method == "POST":
        user = _accepted(request, form, token)
        if user is not None:
            messages.success(request, f"{user.person.name}同志，账号已开通，以后用手机号和密码登录。")
            response = perform_login(request, user, email_verification="none")
            request.session.set_expiry(settings.SESSION_COOKIE_AGE if form.cleaned_data["remember"] else 0)
            return response
    phone = found.person.phone
    context = {
        "form": form,
        "person": found.person,
        "phone": f"{phone[:3]}****{phone[-4:]}",
        "expires_at": found.expires_at,
    }
    return render(request, "alliances/invitation.html", context)


def _accepted(request: HttpRequest, form: AcceptForm, token: str) -> User | None:
    if not form.is_valid():
        return None
    try:
        return accounts.accept(token, form.cleaned_data["password"], email=form.cleaned_data["email"])
    except OfficeError as problem:
        TRIES.note(limits.address(request))
        form.add_error("password" if accounts.open_invitation(token) else None, problem.message)
        return None
