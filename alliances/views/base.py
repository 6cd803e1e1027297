"""What every screen shares: what one cannot see is 404, what one may not do is 403, a refusal is a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme

from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Alliance
from alliances.selectors import directory

M = TypeVar("M", bound=Model)


def visible_or_404(rows: QuerySet[M], user: Any, **lookup: Any) -> M:
    """The row if ``user`` may see it; rows of others do not exist. ``rows`` has ``visible_to``."""
    if any(isinstance(value, str) and "\0" in value for value in lookup.values()):
        raise Http404("没有这一项。")  # PostgreSQL refuses to compare with it
    return get_object_or_404(rows.visible_to(user), **lookup)  # type: ignore[attr-defined]  # our querysets have it


def require(allowed: Any, sentence: str = "您的身份不能办理这件事。") -> None:
    """403 with a sentence unless ``allowed``."""
    if not allowed:
        raise PermissionDenied(sentence)


def alliance_or_404(request: HttpRequest, code: str | None = None) -> Alliance:
    """The alliance of ``code`` if visible; without a code the chosen one, 404 when there is none."""
    if code is not None:
        return visible_or_404(Alliance.objects.select_related("organisation"), request.user, code=code)
    alliance = directory.chosen_alliance(request)
    if alliance is None:
        raise Http404("请先选择一个联盟。")
    return alliance


def act(request: HttpRequest, deed: Callable[[], Any], *, done: str, back: str) -> HttpResponse:
    """Do a POST's deed and go back: with ``done`` as success, or with the sentence why it could not be done."""
    try:
        deed()
    except NotAllowed as problem:
        raise PermissionDenied(problem.message) from problem
    except OfficeError as problem:
        for line in problem.message.split("\n"):
            messages.error(request, line)
    else:
        messages.success(request, done)
    return redirect(back)


def saved(form: Any, deed: Callable[[], Any]) -> bool:
    """Whether a valid form's deed was done; a refusal becomes the form's own error, so no typed word is lost."""
    if not form.is_valid():
        return False
    try:
        deed()
    except NotAllowed as problem:
        raise PermissionDenied(problem.message) from problem
    except OfficeError as problem:
        form.add_error(None, problem.message)
        return False
    return True


def next_url(request: HttpRequest, fallback: str) -> str:
    """``next`` of a POST if it is the path of a page of this site; any other word might be taken for a route's name."""
    target = request.POST.get("next", "")
    is_ours = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if is_ours else fallback


def go_next(request: HttpRequest, fallback: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(next_url(request, fallback))
