"""The rounds of an alliance: their list, and one round from preparing to its result.

Before a round is settled a page shows how many ballots came back, never what they say. Which units have voted is shown
to those who run the round, for them to telephone; a unit sees its own line. See docs/decisions/0010.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from alliances import clock
from alliances.calendars import quarter_of
from alliances.enums import Role, Via
from alliances.models import Alliance, Appointment, Person
from alliances.selectors import directory, paging
from alliances.views.base import act, alliance_or_404, require, visible_or_404
from evaluations import paths, policies
from evaluations.arithmetic import GROUPS
from evaluations.enums import RoundState
from evaluations.lifecycles import ROUND
from evaluations.models import Feedback, Round, UnitMark
from evaluations.selectors import rounds as selector
from evaluations.selectors import rubrics
from evaluations.services import rounds as service
from rotation.enums import ActivityState
from rotation.selectors import activities, month, tables

TONES = {
    RoundState.PREPARED: "off",
    RoundState.OPEN: "wait",
    RoundState.CLOSED: "wait",
    RoundState.SETTLED: "done",
}
MINIMUM = {group.key: group.minimum for group in GROUPS}
FIRST_YEAR = 2000


@login_required
@require_safe
def rounds(request: HttpRequest) -> HttpResponse:
    """The chosen alliance's rounds, newest first; ``?total=1`` is the count alone."""
    if request.user.holds(Role.OFFICE) and directory.chosen_alliance(request) is None:
        return redirect("alliances:office")
    alliance = alliance_or_404(request)
    rows = selector.of_alliance(request.user, alliance)
    state, year = request.GET.get("state", ""), request.GET.get("year", "")
    if state in RoundState.values:
        rows = rows.filter(state=state)
    years = _years(alliance)
    if year in {str(number) for number in years}:
        rows = rows.filter(opens_on__year=int(year))
    quarter = quarter_of(request.GET.get("quarter", ""))
    if quarter is not None:
        rows = selector.of_quarter(rows, quarter)
    if request.GET.get("total"):
        return render(request, "alliances/_total.html", {"total": rows.count()})
    page = paging.page(_listed(rows), request.GET)
    content = {
        "alliance": alliance,
        "page": page,
        "rows": [_row(round) for round in page.rows],
        "states": RoundState.choices,
        "state": state,
        "years": years,
        "year": year,
        "narrowed": quarter.label if quarter else "",
        "this_year": clock.today().year,
        "total_url": _total_url(request),
    }
    return render(request, "evaluations/rounds.html", content)


def _listed(rows: QuerySet[Round]) -> QuerySet[Round]:
    return selector.with_counts(rows).defer("activity_items", "chair_items", "warnings")


def _years(alliance: Alliance) -> list[int]:
    """From this year back to that of the first round."""
    first = Round.objects.filter(alliance=alliance).order_by("pk").values_list("opens_on", flat=True).first()
    return list(range(clock.today().year, first.year - 1, -1)) if first else []


def _row(round: Round) -> dict[str, Any]:
    result = (round.figures or {}).get("activity")
    return {
        "round": round,
        "tone": TONES[RoundState(round.state)],
        "counts": selector.counts(round),
        "result": result if round.state == RoundState.SETTLED else None,
    }


def _total_url(request: HttpRequest) -> str:
    query = request.GET.copy()
    for key in ("before", "after"):
        query.pop(key, None)
    query["total"] = "1"
    return f"?{query.urlencode()}"


# --- one round ----------------------------------------------------------------------------------------------------


def round_or_404(request: HttpRequest, pk: int) -> Round:
    """A round that the user may see, with its activity, month and chairs."""
    rows = Round.objects.select_related("alliance__organisation", "activity", "duty__plan")
    rows = rows.prefetch_related(Prefetch("duty__chairs", queryset=tables.CHAIRS.queryset))
    round = visible_or_404(rows, request.user, pk=pk)
    if round.duty is not None:
        round.duty.alliance = round.alliance
    return round


def crumbs(round: Round | None = None) -> list[dict[str, str]]:
    found = [{"label": "评议", "url": reverse("evaluations:rounds")}]
    if round is not None:
        found.append({"label": round.activity.title, "url": reverse("evaluations:round", args=[round.pk])})
    return found


@login_required
@require_safe
def round_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the round stands, what can be done now, its result once there is one."""
    round = round_or_404(request, pk)
    user = request.user
    runs = policies.can_run_round(user, round)
    is_settled = round.state == RoundState.SETTLED
    content = {
        "round": round,
        "tone": TONES[RoundState(round.state)],
        "is_cancelled": round.activity.state == ActivityState.CANCELLED,
        "counts": selector.counts(round),
        "moves": {move.name for move in ROUND.open_to(user, round)},
        "may_print": runs and round.gives_codes,
        "may_enter": policies.can_enter_paper(user, round) and round.state in selector.RUNNING,
        "expects_paper": runs and not is_settled and service.expects_paper(round),
        "runs": runs,
        "units": _units(request, round, runs),
        "figures": round.figures if is_settled else None,
        "groups": _groups(round) if is_settled else [],
        "range_width": _range_width(round) if is_settled else "",
        "warnings": round.warnings if is_settled and policies.can_read_warnings(user, round) else [],
        "rubrics": rubrics.rubrics_of(round),
        "activity_url": activities.path_of(round.activity),
        "month_url": month.path_of(round.duty) if round.duty else "",
        "chairs": tables.chair_names(round.duty) if round.duty else "",
        "feedback_url": _feedback_url(request, round) if is_settled else "",
        "rubric_url": reverse("evaluations:rubric", args=[round.alliance.code, rubrics.year_of(round)]),
        "crumbs": crumbs(),
    }
    return render(request, "evaluations/round.html", content)


def _groups(round: Round) -> list[dict[str, Any]]:
    """The settled figures by group; of one below its minimum only that it is not used."""
    groups = (round.figures or {}).get("activity", {}).get("groups", [])
    return [{**group, "minimum": MINIMUM[group["key"]]} for group in groups]


def _range_width(round: Round) -> str:
    """Width of the interval in points, for the drawing of the result."""
    result = (round.figures or {}).get("activity", {})
    return str(Decimal(result["high"]) - Decimal(result["low"])) if result.get("low") else ""


def _units(request: HttpRequest, round: Round, runs: bool) -> list[dict[str, Any]]:
    """Units that are asked, and whether they have voted: all of them for those who run the round, else one's own."""
    if round.state == RoundState.PREPARED:
        return []
    marks = selector.marks_of(round)
    own = {member.pk for member in directory.own_members(request.user, round.alliance)}
    shown = marks if runs else [mark for mark in marks if mark.member_id in own]
    for mark in shown:
        mark.round, mark.member.alliance = round, round.alliance
    waiting = [mark for mark in shown if mark.voted_on is None]
    people = _liaisons(waiting) if runs and round.state in selector.RUNNING else {}
    return [_unit(request, mark, people.get(mark.member_id)) for mark in shown]


def _unit(request: HttpRequest, mark: UnitMark, person: Person | None) -> dict[str, Any]:
    waits = mark.voted_on is None
    return {
        "name": mark.member.unit.name,
        "voted": not waits,
        "recorded": mark.via in (Via.PAPER, Via.PHONE),
        "person": person,
        "vote_url": paths.unit_ballot(mark.pk)
        if waits and mark.round.takes_votes and policies.can_vote_for_unit(request.user, mark)
        else "",
        "record_url": reverse("evaluations:unit-ballot-record", args=[mark.pk])
        if waits and mark.round.state in selector.RUNNING and policies.can_record_vote(request.user, mark)
        else "",
    }


def _liaisons(marks: list[UnitMark]) -> dict[int, Person]:
    """Liaisons of the units that have not voted, by member id: whom staff telephone."""
    posts = Appointment.objects.current().filter(
        member__in=[mark.member_id for mark in marks], role=Role.LIAISON
    )
    return {post.member_id: post.person for post in posts.select_related("person") if post.member_id}


def _feedback_url(request: HttpRequest, round: Round) -> str:
    """The month's feedback, where the chair's result stands, if there is one that the reader may see."""
    if round.duty_id is None:
        return ""
    seen = Feedback.objects.visible_to(request.user).filter(duty=round.duty_id).exists()
    return paths.feedback(round.duty_id) if seen else ""


# --- what staff do ------------------------------------------------------------------------------------------------


@login_required
@require_POST
def open_early(request: HttpRequest, pk: int) -> HttpResponse:
    """At the venue, on the activity's day."""
    round = round_or_404(request, pk)
    require(policies.can_run_round(request.user, round), "只有社区书记和工作人员可以开放评议。")
    return act(
        request,
        lambda: service.open_early(round, actor=request.user),
        done="评议已开放，参加单位会收到消息，居民可以扫码评议。",
        back=reverse("evaluations:round", args=[round.pk]),
    )


@login_required
@require_POST
def settle_early(request: HttpRequest, pk: int) -> HttpResponse:
    """All paper is entered: the result need not wait for the last day."""
    round = round_or_404(request, pk)
    require(policies.can_enter_paper(request.user, round), "只有社区书记和工作人员可以办理。")
    return act(
        request,
        lambda: service.settle(round, actor=request.user),
        done="评议已出结果。",
        back=reverse("evaluations:round", args=[round.pk]),
    )
