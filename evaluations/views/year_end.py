"""The year's end: the yearly summary of an alliance, a unit's own line of it, and what offices read of those below."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance
from alliances.selectors import directory
from alliances.views.base import act, alliance_or_404, require, saved
from evaluations import paths, policies
from evaluations.enums import YearPaperState
from evaluations.forms.year_end import ReasonForm
from evaluations.models import YearSummary
from evaluations.selectors import papers_year, year_end
from evaluations.services import year_papers
from rotation.documents import paper_response

FIRST_YEAR = 2000
REFUSAL = "年度汇总由社区书记公布。"
FORMATS = (("docx", "Word"), ("pdf", "PDF"), ("xlsx", "Excel"))


def place(request: HttpRequest, code: str, year: int) -> Alliance:
    """The alliance of an address, for a year that has begun; 404 otherwise."""
    alliance = alliance_or_404(request, code)
    if not FIRST_YEAR <= year <= clock.today().year:
        raise Http404("没有这个年度。")
    return alliance


def frame(request: HttpRequest, alliance: Alliance, year: int, here: str) -> dict[str, Any]:
    """What the three pages of a year share: the tabs, the years, the way back."""
    this = clock.today().year
    is_office = request.user.holds(Role.OFFICE)
    return {
        "alliance": alliance,
        "year": year,
        "tabs": [
            {"label": label, "url": url, "current": name == here}
            for name, label, url in _tabs(alliance.code, year)
        ],
        "years": [
            {"year": one, "url": _url(alliance.code, one, here), "current": one == year}
            for one in (year - 1, year, year + 1)
            if FIRST_YEAR <= one <= this
        ],
        "crumbs": [{"label": "各社区年终", "url": f"{reverse('evaluations:year-end-office')}?year={year}"}]
        if is_office
        else [],
        "may_run": policies.can_run_year_end(request.user, alliance),
        "may_lead": policies.can_lead_year_end(request.user, alliance),
        "prepares": policies.can_read_year_end(request.user, alliance),
    }


def _tabs(code: str, year: int) -> list[tuple[str, str, str]]:
    return [
        ("summary", "年度汇总", paths.year_end(code, year)),
        ("two_way", "双向评议", paths.two_way(code, year)),
        ("awards", "评选表彰", paths.awards(code, year)),
    ]


def _url(code: str, year: int, here: str) -> str:
    return next(url for name, _, url in _tabs(code, year) if name == here)


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The year in hand of the chosen alliance; for offices the list of those below."""
    alliance = directory.chosen_alliance(request)
    if request.user.holds(Role.OFFICE) and alliance is None:
        return redirect("evaluations:year-end-office")
    alliance = alliance_or_404(request)
    return redirect(paths.year_end(alliance.code, year_end.year_in_hand()))


@login_required
@require_safe
def summary(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """The community sees the year as its reports say it now; offices what is published; units their own line."""
    return _show(request, place(request, code, year), year)


def _show(
    request: HttpRequest, alliance: Alliance, year: int, *, form: ReasonForm | None = None
) -> HttpResponse:
    content = frame(request, alliance, year, "summary")
    public = [
        row
        for row in year_end.versions(request.user, YearSummary, alliance, year)
        if row.state != YearPaperState.DRAFT
    ]
    shown = _asked_for(request, public)
    document = shown.figures if shown else None
    changed: list[str] = []
    if content["prepares"] and (shown is None or shown.state == YearPaperState.PUBLISHED):
        now = year_end.summary(alliance, year)
        if shown is None:
            document = now
        else:
            changed = year_end.differs(shown, now)
    reads = content["prepares"] or bool(public) or _reads_from_above(request, alliance)
    content |= {
        "document": document if reads else None,
        "reads_all": reads,
        "shown": shown,
        "versions": public,
        "changed": changed,
        "is_over": clock.today().year > year,
        **({} if reads else _own(request, alliance, year)),
        "form": form or ReasonForm(),
        "missing": papers_year.missing_words(document) if document else "",
        "chat_text": _chat_text(document, alliance, year) if document and shown else "",
        "formats": FORMATS,
        "report_urls": _report_urls(document),
    }
    return render(request, "evaluations/year_end.html", content, status=422 if form is not None else 200)


def _asked_for(request: HttpRequest, public: list[YearSummary]) -> YearSummary | None:
    """The revision of ``?revision=``, else the one that stands."""
    wanted = request.GET.get("revision", "")
    if not wanted:
        return next((row for row in public if row.state == YearPaperState.PUBLISHED), None)
    found = next((row for row in public if str(row.revision) == wanted), None)
    if found is None:
        raise Http404("没有这一版。")
    return found


def _reads_from_above(request: HttpRequest, alliance: Alliance) -> bool:
    return any(
        post.role == Role.OFFICE
        and post.organisation is not None
        and alliance.organisation.is_under(post.organisation)
        for post in request.user.current_appointments
    )


def _own(request: HttpRequest, alliance: Alliance, year: int) -> dict[str, Any]:
    """The lines of the user's units in the published summary, with the mean of all; nobody else's."""
    published = year_end.standing(YearSummary, alliance, year)
    if published is None:
        return {"own": [], "is_published": False}
    document = published.figures
    found = []
    for member in directory.own_members(request.user, alliance):
        if line := year_end.own_line(document, member.pk):
            cells = [
                {"title": title, "word": _score(document, index, line)}
                for index, title in enumerate(papers_year.quarter_titles(document))
            ]
            found.append({"line": line, "cells": cells, "mean": document["mean"], "rated": document["rated"]})
    return {"own": found, "is_published": True}


def _score(document: dict[str, Any], index: int, line: dict[str, Any]) -> str:
    if document["quarters"][index]["state"] == "missing":
        return year_end.NOT_FILED
    return line["scores"][index] or "数据不足"


def _report_urls(document: dict[str, Any] | None) -> list[dict[str, str]]:
    """The quarters' reports behind the figures."""
    if document is None:
        return []
    return [
        {"label": one["label"], "url": paths.assessment(one["pk"])}
        for one in document["quarters"]
        if one["pk"]
    ]


def _chat_text(document: dict[str, Any], alliance: Alliance, year: int) -> str:
    return f"{papers_year.summary_text(document)}\n{settings.SITE_URL}{paths.year_end(alliance.code, year)}"


@login_required
@require_POST
def publish(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """Publish the summary, or with a reason correct the one that stands."""
    alliance = place(request, code, year)
    require(policies.can_lead_year_end(request.user, alliance), REFUSAL)
    back = paths.year_end(code, year)
    if year_end.standing(YearSummary, alliance, year) is None:
        return act(
            request,
            lambda: year_papers.publish_summary(alliance, year, actor=request.user),
            done=f"{year}年度汇总已公布，已发到朋友圈，街道、县级可以查看。",
            back=back,
        )
    form = ReasonForm(request.POST)
    if saved(
        form, lambda: year_papers.publish_summary(alliance, year, **form.cleaned_data, actor=request.user)
    ):
        return redirect(back)
    return _show(request, alliance, year, form=form)


@login_required
@require_safe
def paper(request: HttpRequest, code: str, year: int, fmt: str) -> HttpResponse:
    """The published summary as a file; for the community before that the draft as it stands."""
    alliance = place(request, code, year)
    public = [
        row
        for row in year_end.versions(request.user, YearSummary, alliance, year)
        if row.state != YearPaperState.DRAFT
    ]
    shown = _asked_for(request, public)
    if shown is not None:
        return paper_response(shown.paper, fmt, offered=tuple(fmt for fmt, _ in FORMATS))
    if not policies.can_read_year_end(request.user, alliance):
        require(_reads_from_above(request, alliance), "年度汇总列有各单位得分，供社区和上级办公室查看。")
        raise Http404("年度汇总还没有公布。")
    draft = papers_year.summary_paper(
        year_end.summary(alliance, year), revision=1, reason="", made_on=clock.today(), is_draft=True
    )
    return paper_response(draft, fmt, offered=tuple(fmt for fmt, _ in FORMATS))


@login_required
@require_safe
def office(request: HttpRequest) -> HttpResponse:
    """What the communities below the own office have published of ``?year=``; nothing of drafts."""
    require(request.user.holds(Role.OFFICE), "各社区年终情况供街道、县区和市级办公室查看。")
    offered = year_end.years_offered()
    wanted = request.GET.get("year", "")
    year = int(wanted) if wanted in {str(one) for one in offered} else year_end.year_in_hand()
    rows, after = year_end.below(request.user, year, after=request.GET.get("after", ""))
    for row in rows:
        code = row["alliance"].code
        row |= {
            "summary_url": paths.year_end(code, year),
            "two_way_url": paths.two_way(code, year),
            "awards_url": paths.awards(code, year),
        }
    content = {
        "year": year,
        "years": [{"year": one, "current": one == year} for one in offered],
        "rows": rows,
        "after": after,
        "published": sum(row["summary"] is not None for row in rows),
        "awarded": sum(row["awards"] is not None for row in rows),
    }
    return render(request, "evaluations/year_end_office.html", content)
