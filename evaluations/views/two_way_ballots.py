"""A unit's ballot about the community: its liaison's one page, or written down by staff. No page shows a ballot again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from alliances.enums import Role, Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Appointment
from alliances.views.base import require
from evaluations import paths, policies
from evaluations.enums import RubricSubject
from evaluations.errors import AlreadyVoted
from evaluations.forms.ballots import BallotForm, RecordBallotForm
from evaluations.models import TwoWayMark
from evaluations.selectors import two_way as reads
from evaluations.services import two_way as service
from evaluations.views import form_keys
from evaluations.views.two_way import RUNNING, crumbs, visible_or_404


def _mark(request: HttpRequest, code: str, year: int, member: int) -> TwoWayMark:
    two_way = visible_or_404(request, code, year)
    mark = reads.marks_of(two_way).filter(member__pk=member).first()
    if mark is None:
        raise Http404("没有这张评议票。")
    mark.two_way = two_way
    return mark


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def ballot(request: HttpRequest, code: str, year: int, member: int) -> HttpResponse:
    """The liaison's page; once voted, it says thanks and on which day."""
    mark = _mark(request, code, year, member)
    require(policies.can_score_community(request.user, mark), "只有本单位联络员可以评议社区。")
    posts = request.method == "POST"
    if not posts and (mark.voted_on or not mark.two_way.takes_votes):
        return render(request, "evaluations/two_way_state.html", _context(mark))
    form = BallotForm(request.POST if posts else None, activity=mark.two_way.items)
    if posts and form.is_valid():
        scores = form.scores(RubricSubject.ACTIVITY)
        try:
            service.cast(mark, scores, form_key=form_keys.posted(request), actor=request.user)
        except AlreadyVoted as problem:
            return _refused(request, mark, problem)
        except OfficeError as problem:
            if _is_over(mark):
                return _refused(request, mark, problem)
            form.add_error(None, problem.message)
        else:
            return redirect(paths.community_ballot(code, year, member))
    content = _context(mark) | {"form": form, "form_key": form_keys.for_page(request)}
    return render(request, "evaluations/two_way_ballot.html", content, status=422 if posts else 200)


def _is_over(mark: TwoWayMark) -> bool:
    mark.two_way.refresh_from_db(fields=["state"])
    return not mark.two_way.takes_votes


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, code: str, year: int, member: int) -> HttpResponse:
    """Secretary or staff write down a unit's ballot; also after closing, until the result is published."""
    mark = _mark(request, code, year, member)
    require(policies.can_record_score(request.user, mark), "只有社区书记和工作人员可以代录评议票。")
    posts, back = request.method == "POST", paths.two_way(code, year)
    if not posts and (mark.voted_on or mark.two_way.state not in RUNNING):
        name = mark.member.unit.name
        messages.info(request, f"{name}已经评过，每家单位评一次。" if mark.voted_on else "现在不录入评议票。")
        return redirect(back)
    form = RecordBallotForm(request.POST if posts else None, activity=mark.two_way.items)
    form.initial = {"voter_name": _liaison(member), "via": Via.PAPER.value}
    if posts and form.is_valid():
        how = {name: form.cleaned_data[name] for name in ("voter_name", "via")}
        try:
            service.record(
                mark,
                form.scores(RubricSubject.ACTIVITY),
                **how,
                form_key=form_keys.posted(request),
                actor=request.user,
            )
        except NotAllowed as problem:
            raise PermissionDenied(problem.message) from problem
        except AlreadyVoted as problem:
            return _refused(request, mark, problem)
        except OfficeError as problem:
            form.add_error(None, problem.message)
        else:
            messages.success(request, f"已记下{mark.member.unit.name}的评议票（{Via(how['via']).label}）。")
            return redirect(back)
    content = _context(mark) | {"form": form, "form_key": form_keys.for_page(request)}
    return render(request, "evaluations/two_way_record.html", content, status=422 if posts else 200)


def _liaison(member: int) -> str:
    post = Appointment.objects.current().filter(member=member, role=Role.LIAISON)
    known = post.select_related("person").first()
    return known.person.name if known else ""


def _context(mark: TwoWayMark) -> dict[str, Any]:
    two_way = mark.two_way
    return {
        "mark": mark,
        "two_way": two_way,
        "year": two_way.year,
        "community": two_way.alliance.organisation.name,
        "back": paths.two_way(two_way.alliance.code, two_way.year),
        "crumbs": crumbs(two_way),
    }


def _refused(request: HttpRequest, mark: TwoWayMark, problem: OfficeError) -> HttpResponse:
    """A second ballot, or one that came too late: nothing was counted."""
    mark.refresh_from_db(fields=["voted_on", "via"])
    status = 409 if isinstance(problem, AlreadyVoted) else 410
    content = _context(mark) | {"sentence": problem.message}
    return render(request, "evaluations/two_way_state.html", content, status=status)
