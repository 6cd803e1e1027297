"""A unit's ballot: its liaison votes on the phone, or staff write down what came on paper or by telephone.

No page shows scores: not after the vote, and not to the one who gave them.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from alliances.enums import Role, Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Appointment
from alliances.views.base import require
from evaluations import paths, policies
from evaluations.enums import RoundState, RubricSubject
from evaluations.errors import AlreadyVoted, BallotRefused, RoundNotOpen, RoundOver
from evaluations.forms.ballots import BallotForm, RecordBallotForm
from evaluations.models import Round, UnitMark
from evaluations.selectors import rounds as selector
from evaluations.services import ballots
from evaluations.views import form_keys


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def unit_ballot(request: HttpRequest, pk: int) -> HttpResponse:
    """The liaison's one page; once voted, it says thanks and on which day."""
    mark = _mark(request, pk)
    require(policies.can_vote_for_unit(request.user, mark), "只有本单位联络员可以评议。")
    posts = request.method == "POST"
    if not posts and (mark.voted_on or not mark.round.takes_votes):
        return render(request, "evaluations/ballots/unit_state.html", _context(request, mark))
    form = _form(BallotForm, request, mark)
    if posts and form.is_valid():
        try:
            ballots.cast_unit(mark, *_parts(form), form_key=form_keys.posted(request), actor=request.user)
        except BallotRefused as problem:
            return _refused(request, mark, problem)
        except OfficeError as problem:
            form.add_error(None, problem.message)
        else:
            return redirect("evaluations:unit-ballot", pk=mark.pk)
    context = _context(request, mark) | {"form": form, "form_key": form_keys.for_page(request)}
    return render(request, "evaluations/ballots/unit.html", context, status=422 if posts else 200)


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Secretary or staff write down a unit's ballot; also after closing, until the figures are out."""
    mark = _mark(request, pk)
    require(policies.can_record_vote(request.user, mark), "只有社区书记和工作人员可以代录评议票。")
    posts = request.method == "POST"
    if not posts and (sentence := _no_record(mark)):
        messages.info(request, sentence)
        return redirect(paths.round_page(mark.round_id))
    form = _form(RecordBallotForm, request, mark)
    if posts and form.is_valid():
        how = {name: form.cleaned_data[name] for name in ("voter_name", "via")}
        key = form_keys.posted(request)
        try:
            ballots.record_unit(mark, *_parts(form), **how, form_key=key, actor=request.user)
        except NotAllowed as problem:
            raise PermissionDenied(problem.message) from problem
        except BallotRefused as problem:
            return _refused(request, mark, problem)
        except OfficeError as problem:
            form.add_error(None, problem.message)
        else:
            messages.success(request, f"已记下{mark.member.unit.name}的评议票（{Via(how['via']).label}）。")
            return redirect(paths.round_page(mark.round_id))
    context = _context(request, mark) | {"form": form, "form_key": form_keys.for_page(request)}
    return render(request, "evaluations/ballots/unit_record.html", context, status=422 if posts else 200)


# --- what the pages show ------------------------------------------------------------------------------------------


def _mark(request: HttpRequest, pk: int) -> UnitMark:
    """404 outside the round's alliance, and for activities that were called off."""
    rows = UnitMark.objects.select_related(
        "round__activity", "round__alliance__organisation", "round__duty__plan", "member__unit"
    )
    mark = rows.filter(round__in=Round.objects.visible_to(request.user)).filter(pk=pk).first()
    if mark is None or selector.is_called_off(mark.round):
        raise Http404("没有这张评议票。")
    return mark


def _form(kind: type[BallotForm], request: HttpRequest, mark: UnitMark) -> Any:
    data = request.POST if request.method == "POST" else None
    chair = mark.round.chair_items if selector.asks_chair(mark) else None
    form = kind(data, activity=mark.round.activity_items, chair=chair)
    if kind is RecordBallotForm:
        post = Appointment.objects.current().filter(member=mark.member_id, role=Role.LIAISON)
        known = post.select_related("person").first()
        form.initial = {"voter_name": known.person.name if known else "", "via": Via.PAPER.value}
    return form


def _parts(form: BallotForm) -> tuple[Any, Any]:
    return (
        form.scores(RubricSubject.ACTIVITY),
        form.scores(RubricSubject.CHAIR) if form.asks_chair else None,
    )


def _context(request: HttpRequest, mark: UnitMark) -> dict[str, Any]:
    round = mark.round
    return {
        "mark": mark,
        "round": round,
        "activity": round.activity,
        "chairs": selector.chair_names(round),
        "is_open": round.takes_votes,
        "is_early": round.state == RoundState.PREPARED,
        "round_url": paths.round_page(round.pk),
        "crumbs": [{"label": "工作台", "url": reverse("alliances:desk")}],
    }


def _no_record(mark: UnitMark) -> str:
    """Why there is nothing to write down, if so."""
    name = mark.member.unit.name
    if mark.voted_on:
        return f"{name}已于{mark.voted_on.month}月{mark.voted_on.day}日评议，每家单位评一次。"
    if mark.round.state == RoundState.PREPARED:
        return RoundNotOpen().message
    return RoundOver().message if mark.round.state == RoundState.SETTLED else ""


def _refused(request: HttpRequest, mark: UnitMark, problem: BallotRefused) -> HttpResponse:
    """A second ballot, or one that came too early or too late: nothing was counted."""
    mark.refresh_from_db(fields=["voted_on", "via"])
    status = 409 if isinstance(problem, (AlreadyVoted, RoundNotOpen)) else 410
    context = _context(request, mark) | {"sentence": problem.message}
    return render(request, "evaluations/ballots/unit_state.html", context, status=status)
