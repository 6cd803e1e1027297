"""Residents' ballots: no account, one light page, no script. Nobody is known here (``alliances.middleware.Nameless``).

A code is the whole right to vote. Codes have 73 bits: they cannot be found by trying, so wrong ones are answered 429
after a number of tries from one address, while right ones are never refused for what others behind the same address
have tried: at a venue, a whole square shares one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from alliances import limits
from alliances.errors import OfficeError
from evaluations import paths
from evaluations.enums import RoundState, RubricSubject
from evaluations.errors import (
    AlreadyVoted,
    BallotRefused,
    CalledOff,
    CodeUnknown,
    CodeUsed,
    CodeVoid,
    RoundNotOpen,
    RoundOver,
)
from evaluations.forms.ballots import BallotForm, CodeForm
from evaluations.models import ResidentCode, Round
from evaluations.selectors import rounds as selector
from evaluations.services import ballots, codes
from evaluations.views import form_keys

WRONG_CODES = limits.Tries(
    "ballot-address", 30, 600
)  # unknown codes and venues of one address in ten minutes
WRONG_DRAWS = limits.Tries(
    "ballot-venue", 100, 600
)  # draws without a cookie at one venue's QR in ten minutes
BROWSER = "gongjian_ballot"  # cookie: a random value, so that a phone votes once in a round
BROWSER_SALT = "evaluations.browser_key"
BROWSER_AGE = 400 * 24 * 3600  # as long as browsers keep a cookie

TITLES: dict[type[OfficeError], tuple[str, int]] = {
    CodeUnknown: ("评议码不对", 404),
    CodeUsed: ("已经评过了", 409),
    AlreadyVoted: ("已经评过了", 409),
    RoundNotOpen: ("还没有开始", 409),
    CodeVoid: ("评议码已作废", 410),
    RoundOver: ("评议已经截止", 410),
    CalledOff: ("活动已取消", 410),
}
TOO_OFTEN = ("请稍等一会儿", 429)
TOO_OFTEN_WORDS = (
    "这里输错评议码的次数太多，请过 10 分钟再试。评议码没有问题的，仍可直接扫码评议；"
    "也可以向社区工作人员领取纸质评议票。"
)


@sensitive_variables("code")
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def ballot(request: HttpRequest, code: str) -> HttpResponse:
    """The ballot of one code. A vote leads to the thanks, whose address tells nothing."""

    def show() -> HttpResponse:
        row = codes.find(code)
        if selector.is_called_off(row.round):
            raise CalledOff
        form = _form(request, row)
        status = 200
        if request.method == "POST":
            if form.is_valid():
                ballots.cast_by_code(code, *_parts(form), form_key=form_keys.posted(request))
                return redirect("evaluations:resident-thanks")
            status = 422
        ballots.refuse(row)
        context = _about(row.round) | {"form": form, "form_key": form_keys.for_page(request)}
        return render(request, "evaluations/ballots/resident.html", context, status=status)

    return _answered(request, show)


@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """After the vote: no scores, no code, the same for everybody."""
    return render(request, "evaluations/ballots/thanks.html")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def typed(request: HttpRequest) -> HttpResponse:
    """A code typed by hand from a slip whose QR the phone cannot read."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                codes.find(form.cleaned_data["code"])
            except CodeUnknown as problem:
                status = _note(request)
                form.add_error("code", TOO_OFTEN_WORDS if status == 429 else problem.message)
            else:
                return redirect(
                    paths.resident_ballot(codes.grouped(codes.squeezed(form.cleaned_data["code"])))
                )
    return render(request, "evaluations/ballots/typed.html", {"form": form}, status=status)


@sensitive_variables("token", "key")
@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def venue(request: HttpRequest, token: str) -> HttpResponse:
    """What the QR at the venue leads to. Looking hands out nothing: chat programs open links before people do.

    The page leaves the browser a random value; the button exchanges it for the browser's code.
    """

    def show() -> HttpResponse:
        round = _venue(token)
        key = request.get_signed_cookie(BROWSER, default="", salt=BROWSER_SALT, max_age=BROWSER_AGE) or ""
        if request.method == "POST":
            try:
                return redirect(paths.resident_ballot(codes.draw_at_venue(round, key)))
            except BallotRefused:
                raise
            except OfficeError:  # no cookie, or no codes left
                if WRONG_DRAWS.used_up(_short(token)):
                    return _refused(request, *TOO_OFTEN, TOO_OFTEN_WORDS)
                WRONG_DRAWS.note(_short(token))
                raise
        if round.state == RoundState.PREPARED:
            raise RoundNotOpen
        if not round.takes_votes:
            raise RoundOver
        response = render(request, "evaluations/ballots/venue.html", _about(round))
        if not key:
            _give_key(response)
        return response

    return _answered(request, show)


# --- refusals -----------------------------------------------------------------------------------------------------


def _answered(request: HttpRequest, show: Callable[[], HttpResponse]) -> HttpResponse:
    """What ``show`` answers, or a page with the sentence why it did not."""
    try:
        return show()
    except CodeUnknown as problem:
        if _note(request) == 429:
            return _refused(request, *TOO_OFTEN, TOO_OFTEN_WORDS)
        return _refused(request, *TITLES[CodeUnknown], problem.message)
    except BallotRefused as problem:
        return _refused(request, *TITLES[type(problem)], problem.message)
    except OfficeError as problem:
        return _refused(request, "没有评成", 400, problem.message)


def _refused(request: HttpRequest, title: str, status: int, sentence: str) -> HttpResponse:
    context = {"title": title, "sentence": sentence, "may_type": status == 404}
    return render(request, "evaluations/ballots/refused.html", context, status=status)


def _note(request: HttpRequest) -> int:
    """Count a wrong code: 404, or 429 when there were too many from the address."""
    address = limits.address(request)
    if WRONG_CODES.used_up(address):
        return 429
    WRONG_CODES.note(address)
    return 404


def _short(token: str) -> str:
    """Of a token, for the name of a counter."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


# --- what the pages show ------------------------------------------------------------------------------------------


def _venue(token: str) -> Round:
    """Raises CodeUnknown, in the same words as for a code, for what is no venue's."""
    rows = Round.objects.select_related("activity", "alliance__organisation", "duty__plan")
    round = rows.filter(venue_token=token[:100]).first()
    if round is None:
        raise CodeUnknown
    if selector.is_called_off(round):
        raise CalledOff
    return round


def _form(request: HttpRequest, row: ResidentCode) -> BallotForm:
    round = row.round
    chair = round.chair_items if row.asks_chair and round.asks_chair else None
    data = request.POST if request.method == "POST" else None
    return BallotForm(data, activity=round.activity_items, chair=chair)


def _parts(form: BallotForm) -> tuple[Any, Any]:
    """The chair's part is None for one who leaves it out, which counts as no ballot about the chair."""
    asked = form.asks_chair and not form.skips_chair
    return form.scores(RubricSubject.ACTIVITY), form.scores(RubricSubject.CHAIR) if asked else None


def _about(round: Round) -> dict[str, Any]:
    return {
        "round": round,
        "activity": round.activity,
        "held_on": round.activity.held_on or round.activity.planned_on,
        "alliance": round.alliance,
        "chairs": selector.chair_names(round),
    }


def _give_key(response: HttpResponse) -> None:
    response.set_signed_cookie(
        BROWSER,
        secrets.token_urlsafe(24),
        salt=BROWSER_SALT,
        max_age=BROWSER_AGE,
        path="/b/",
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
