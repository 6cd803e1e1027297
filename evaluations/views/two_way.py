"""The two-way evaluation of a year: prepared and opened, who has voted, the representatives' marks, the result."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alliances import clock
from alliances.enums import Via
from alliances.models import Alliance
from alliances.views.base import act, require, saved
from evaluations import paths, policies
from evaluations.enums import TwoWayState
from evaluations.forms.year_end import MarksForm, PrepareForm
from evaluations.models import TwoWay
from evaluations.selectors import papers_two_way, year_end
from evaluations.selectors import two_way as reads
from evaluations.services import rubrics
from evaluations.services import two_way as service
from evaluations.views.year_end import frame, place
from rotation.documents import paper_response

TONES = {
    TwoWayState.PREPARED: "off",
    TwoWayState.OPEN: "wait",
    TwoWayState.CLOSED: "wait",
    TwoWayState.PUBLISHED: "done",
}
USUAL_DAYS = 14
SHEETS = ("items", "unit")
RUNNING = (TwoWayState.OPEN, TwoWayState.CLOSED)
REFUSAL = "双向评议由社区书记和工作人员办理。"
LEADS = "双向评议由社区书记开放、截止和公布。"


def visible(request: HttpRequest, alliance: Alliance, year: int) -> TwoWay | None:
    """The year's evaluation if the user may see it yet."""
    rows = TwoWay.objects.visible_to(request.user).select_related("published_by__person")
    two_way = rows.filter(alliance=alliance, year=year).first()
    if two_way is not None:
        two_way.alliance = alliance
    return two_way


def visible_or_404(request: HttpRequest, code: str, year: int) -> TwoWay:
    two_way = visible(request, place(request, code, year), year)
    if two_way is None:
        raise Http404("没有这一年的双向评议。")
    return two_way


def crumbs(two_way: TwoWay) -> list[dict[str, str]]:
    return [
        {
            "label": f"{two_way.year}年双向评议",
            "url": paths.two_way(two_way.alliance.code, two_way.year),
        }
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """How far it is, and what is mine to do; a POST keeps the last day and the rubric."""
    alliance = place(request, code, year)
    two_way = visible(request, alliance, year)
    form = None
    if request.method == "POST":
        require(policies.can_run_year_end(request.user, alliance), REFUSAL)
        if two_way is not None and two_way.state != TwoWayState.PREPARED:
            messages.info(request, "双向评议已经开放，不能再改评议表和截止日期。")
            return redirect(paths.two_way(code, year))
        form = _prepare_form(alliance, year, two_way, request.POST)
        if saved(form, lambda: service.prepare(alliance, year, **_wanted(form), actor=request.user)):
            messages.success(request, "评议表和截止日期已保存，还没有开放。")
            return redirect(paths.two_way(code, year))
    return _show(request, alliance, year, two_way, form)


def _wanted(form: PrepareForm) -> dict[str, Any]:
    return {"closes_on": form.cleaned_data["closes_on"], "items": form.cleaned_data["items"]}


def _prepare_form(alliance: Alliance, year: int, two_way: TwoWay | None, data: Any = None) -> PrepareForm:
    items = two_way.items if two_way else reads.items_for(alliance, year)
    usual = max(clock.today(), date(year, year_end.FIRST_MONTH, 1)) + timedelta(days=USUAL_DAYS)
    return PrepareForm(data, items=items, closes_on=two_way.closes_on if two_way else usual)


def _show(
    request: HttpRequest,
    alliance: Alliance,
    year: int,
    two_way: TwoWay | None,
    form: PrepareForm | None = None,
) -> HttpResponse:
    content = frame(request, alliance, year, "two_way")
    is_new = two_way is None or two_way.state == TwoWayState.PREPARED
    may_prepare = content["may_run"] and is_new and _in_time(year)
    content |= {
        "two_way": two_way,
        "tone": TONES[TwoWayState(two_way.state)] if two_way else "off",
        "form": (form or _prepare_form(alliance, year, two_way)) if may_prepare else None,
        "most": rubrics.MOST_ITEMS,
        "may_open": bool(two_way and two_way.state == TwoWayState.PREPARED and content["may_lead"]),
        "season": f"{year}年12月1日",
        "can_open_now": clock.today() >= date(year, year_end.FIRST_MONTH, 1),
        "own_marks": _own_marks(request, two_way),
    }
    if two_way and two_way.state == TwoWayState.PUBLISHED:
        text = papers_two_way.result_text(year, two_way.figures)
        link = settings.SITE_URL + paths.two_way(alliance.code, year)
        content["chat_text"] = f"{year}年度双向评议结果\n{text}\n{link}"
    elif two_way and content["prepares"]:
        content |= _work(two_way, content["may_run"])
    elif may_prepare:
        content["items"] = reads.to_mark(alliance, year)
    return render(
        request, "evaluations/two_way.html", content, status=422 if form is not None and form.errors else 200
    )


def _in_time(year: int) -> bool:
    """Whether an evaluation of ``year`` can still end within its season."""
    return clock.today() < date(year + 1, year_end.LAST_MONTH + 1, 1)


def _work(two_way: TwoWay, may_run: bool) -> dict[str, Any]:
    """For the community, before the result: how many have voted, for those who run it also who (decision 0010), and what
    the representatives mark."""
    code, year = two_way.alliance.code, two_way.year
    if two_way.state == TwoWayState.PREPARED:
        return {"items": reads.to_mark(two_way.alliance, year)}
    marks = list(reads.marks_of(two_way))
    units = [
        {
            "name": mark.member.unit.name,
            "voted": mark.voted_on is not None,
            "recorded": mark.via in (Via.PAPER, Via.PHONE),
            "record_url": f"{paths.community_ballot(code, year, mark.member_id)}record/"
            if mark.voted_on is None
            else "",
        }
        for mark in (marks if may_run else ())
    ]
    return {
        "units": units,
        "asked": len(marks),
        "voted": sum(mark.voted_on is not None for mark in marks),
        "items": reads.items_of(two_way),
        "is_entered": two_way.handed_out is not None,
    }


def _own_marks(request: HttpRequest, two_way: TwoWay | None) -> list[dict[str, Any]]:
    """The user's units' own lines, while it runs."""
    if two_way is None or two_way.state not in RUNNING:
        return []
    members = {a.member_id for a in request.user.current_appointments if a.member_id}
    if not members:
        return []
    return [
        {
            "mark": mark,
            "url": paths.community_ballot(two_way.alliance.code, two_way.year, mark.member_id)
            if two_way.takes_votes
            and mark.voted_on is None
            and policies.can_score_community(request.user, mark)
            else "",
        }
        for mark in reads.marks_of(two_way).filter(member__in=members)
    ]


def _step(request: HttpRequest, code: str, year: int, verb: str, done: str) -> HttpResponse:
    alliance = place(request, code, year)
    require(policies.can_lead_year_end(request.user, alliance), LEADS)
    two_way = visible(request, alliance, year)
    if two_way is None:
        messages.info(request, "请先保存评议表和截止日期。")
        return redirect(paths.two_way(code, year))
    steps = {"open": service.open_two_way, "close": service.close, "publish": service.publish}
    return act(
        request,
        lambda: steps[verb](two_way, actor=request.user),
        done=done,
        back=paths.two_way(code, year),
    )


@login_required
@require_POST
def open_two_way(request: HttpRequest, code: str, year: int) -> HttpResponse:
    return _step(request, code, year, "open", "双向评议已开放，已告知各单位联络员。")


@login_required
@require_POST
def close(request: HttpRequest, code: str, year: int) -> HttpResponse:
    return _step(request, code, year, "close", "双向评议已截止。纸质票和代表会的票录完后再公布。")


@login_required
@require_POST
def publish(request: HttpRequest, code: str, year: int) -> HttpResponse:
    return _step(request, code, year, "publish", "双向评议结果已公布，已发到朋友圈。")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def items(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """Staff write down the representatives' sheets as counts."""
    two_way = visible_or_404(request, code, year)
    require(policies.can_run_year_end(request.user, two_way), "一事一评的票数由社区书记和工作人员录入。")
    back = paths.two_way(code, year)
    found = reads.items_of(two_way)
    if two_way.state not in RUNNING or not found:
        messages.info(request, "没有要录入的事项。" if not found else "现在不录入代表会的票。")
        return redirect(back)
    initial = {
        "met_on": two_way.met_on or clock.today(),
        "handed_out": two_way.handed_out,
        "returned": two_way.returned,
    }
    form = MarksForm(request.POST if request.method == "POST" else None, items=found, initial=initial)
    if form.is_bound and saved(
        form, lambda: service.enter_items(two_way, **form.cleaned_data, actor=request.user)
    ):
        messages.success(request, f"已录入 {len(found)} 个事项的票数。公布以前可以再改。")
        return redirect(back)
    content = {
        "two_way": two_way,
        "year": year,
        "form": form,
        "crumbs": crumbs(two_way),
        "back": back,
        "sheet_url": reverse("evaluations:two-way-sheet", args=[code, year, "items", "docx"]),
    }
    return render(request, "evaluations/two_way_items.html", content, status=422 if form.is_bound else 200)


@login_required
@require_safe
def sheet(request: HttpRequest, code: str, year: int, kind: str, fmt: str) -> HttpResponse:
    """Ballots to be printed: the representatives' (items), or a unit's about the community (unit)."""
    two_way = visible_or_404(request, code, year)
    require(policies.can_run_year_end(request.user, two_way), "评议票由社区书记和工作人员打印。")
    if kind not in SHEETS:
        raise Http404("没有这种评议票。")
    if kind == "unit":
        return paper_response(papers_two_way.unit_sheet(two_way), fmt)
    prepared = two_way.state == TwoWayState.PREPARED
    found = reads.to_mark(two_way.alliance, year) if prepared else reads.items_of(two_way)
    if not found:
        raise Http404("没有要评的事项。")
    return paper_response(papers_two_way.representatives_sheet(two_way, found), fmt)


@login_required
@require_safe
def paper(request: HttpRequest, code: str, year: int, fmt: str) -> HttpResponse:
    """The published result."""
    two_way = visible_or_404(request, code, year)
    if two_way.paper is None:
        raise Http404("双向评议结果还没有公布。")
    return paper_response(two_way.paper, fmt)
