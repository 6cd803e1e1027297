"""Awards of a year: proposals with their basis, the secretary's decisions, the published list."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alliances import clock
from alliances.documents import chinese_date
from alliances.models import Alliance
from alliances.selectors import directory
from alliances.views.base import act, require, saved
from evaluations import paths, policies
from evaluations.enums import CandidateState, YearPaperState
from evaluations.forms.year_end import CandidateForm, DecideForm, KindsForm, ReasonForm
from evaluations.models import AwardList, Candidate
from evaluations.selectors import awards as reads
from evaluations.selectors import papers_year, year_end
from evaluations.services import awards as service
from evaluations.views.year_end import frame, place
from rotation.documents import paper_response

REFUSAL = "评选表彰由社区书记和工作人员整理。"
LEADS = "表彰由社区书记决定和公布。"
TONES = {CandidateState.PROPOSED: "wait", CandidateState.AWARDED: "done", CandidateState.DECLINED: "off"}
MET = {True: ("达到", "done"), False: ("未达到", "off"), None: ("无记录", "")}


@login_required
@require_safe
def page(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """The community works on the draft; everybody else reads what is published."""
    return _show(request, place(request, code, year), year)


def _versions(request: HttpRequest, alliance: Alliance, year: int) -> list[AwardList]:
    found = year_end.versions(request.user, AwardList, alliance, year)
    for one in found:
        one.alliance = alliance
    return found


def _draft_or_404(request: HttpRequest, code: str, year: int) -> AwardList:
    versions = _versions(request, place(request, code, year), year)
    if not versions:
        raise Http404("这一年还没有评选表彰。")
    return next((row for row in versions if row.state == YearPaperState.DRAFT), versions[0])


def _show(
    request: HttpRequest,
    alliance: Alliance,
    year: int,
    *,
    deciding: tuple[int, DecideForm] | None = None,
    kinds: KindsForm | None = None,
    correcting: ReasonForm | None = None,
) -> HttpResponse:
    content = frame(request, alliance, year, "awards")
    versions = _versions(request, alliance, year)
    draft = next((row for row in versions if row.state == YearPaperState.DRAFT), None)
    public = [row for row in versions if row.state != YearPaperState.DRAFT]
    shown = _asked_for(request, public) if draft is None or "revision" in request.GET else None
    content |= {
        "draft": draft if shown is None else None,
        "has_draft": draft is not None,
        "shown": shown,
        "versions": public,
        "may_begin": content["may_run"] and not versions,
        "can_begin_now": year_end.year_in_hand() >= year,
        "season": f"{year}年12月1日",
    }
    if shown is not None:
        text = papers_year.award_text(shown, list(reads.candidates_of(shown)))
        link = settings.SITE_URL + paths.awards(alliance.code, year)
        content["chat_text"] = f"{year}年度评选表彰结果\n{text}\n{link}"
        if shown.state == YearPaperState.PUBLISHED and draft is None and content["may_lead"]:
            content["correcting"] = correcting or ReasonForm()
    elif draft is not None:
        content |= _work(draft, deciding)
        content["kinds_form"] = (kinds or KindsForm(kinds=draft.kinds)) if content["may_lead"] else None
    is_wrong = any(form is not None for form in (deciding, kinds, correcting))
    return render(request, "evaluations/awards.html", content, status=422 if is_wrong else 200)


def _asked_for(request: HttpRequest, public: list[AwardList]) -> AwardList | None:
    wanted = request.GET.get("revision", "")
    if not wanted:
        return next((row for row in public if row.state == YearPaperState.PUBLISHED), None)
    found = next((row for row in public if str(row.revision) == wanted), None)
    if found is None:
        raise Http404("没有这一版。")
    return found


def _work(draft: AwardList, deciding: tuple[int, DecideForm] | None) -> dict[str, Any]:
    kinds = reads.by_kind(draft)
    waiting = 0
    for kind in kinds:
        for one in kind["candidates"]:
            one.tone = TONES[CandidateState(one.state)]
            one.form = deciding[1] if deciding and deciding[0] == one.pk else None
            # Never the reason that stands: why somebody was declined is not public, the reason of an award is printed.
            one.typed = one.form.data.get("reason", "") if one.form else ""
            waiting += one.state == CandidateState.PROPOSED
    units = [
        {
            "unit": unit["unit"],
            "criteria": [
                {**one, "word": MET[one["is_met"]][0], "tone": MET[one["is_met"]][1]}
                for one in unit["criteria"]
            ],
        }
        for unit in draft.figures.get("units", [])
    ]
    return {"kinds": kinds, "waiting": waiting, "facts": units, "as_of": _day(draft.figures.get("as_of", ""))}


def _day(text: str) -> str:
    return chinese_date(date.fromisoformat(text)) if text else ""


@login_required
@require_POST
def begin(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """Gather the proposals; for a draft that is there, from the record as it is now."""
    alliance = place(request, code, year)
    require(policies.can_run_year_end(request.user, alliance), REFUSAL)
    drafts = AwardList.objects.filter(alliance=alliance, year=year, state=YearPaperState.DRAFT)
    draft = drafts.select_related("alliance__organisation").first()
    if draft is not None:
        return act(
            request,
            lambda: service.propose_again(draft, actor=request.user),
            done="已按最新记录重新整理推荐；已作的决定不变。",
            back=paths.awards(code, year),
        )
    return act(
        request,
        lambda: service.begin(alliance, year, actor=request.user),
        done="已按全年记录整理出推荐，请书记逐个决定。",
        back=paths.awards(code, year),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """Propose somebody whom the record does not, with a written basis."""
    draft = _draft_or_404(request, code, year)
    require(policies.can_run_year_end(request.user, draft), "候选由社区书记和工作人员补充。")
    back = paths.awards(code, year)
    if draft.state != YearPaperState.DRAFT:
        messages.info(request, service.PUBLISHED)
        return redirect(back)
    members = directory.members_of(draft.alliance)
    form = CandidateForm(
        request.POST if request.method == "POST" else None, kinds=draft.kinds, members=members
    )
    if form.is_bound and saved(form, lambda: service.add(draft, **form.cleaned_data, actor=request.user)):
        messages.success(request, "候选已补充，请书记决定。")
        return redirect(back)
    content = {
        "year": year,
        "form": form,
        "back": back,
        "crumbs": [{"label": f"{year}年评选表彰", "url": back}],
    }
    return render(request, "evaluations/award_add.html", content, status=422 if form.is_bound else 200)


@login_required
@require_POST
def decide(request: HttpRequest, code: str, year: int, pk: int) -> HttpResponse:
    """The secretary awards or does not, with a reason."""
    alliance = place(request, code, year)
    lists = _versions(request, alliance, year)
    rows = Candidate.objects.filter(award_list__in=[one.pk for one in lists])
    candidate = (
        rows.select_related("award_list", "member__unit", "alliance__organisation").filter(pk=pk).first()
    )
    if candidate is None:
        raise Http404("没有这个候选。")
    require(policies.can_lead_year_end(request.user, candidate), LEADS)
    form = DecideForm(request.POST)
    if saved(form, lambda: _decide(candidate, form, request.user)):
        messages.success(request, f"{candidate.title}：{candidate.get_state_display()}。")
        return redirect(f"{paths.awards(code, year)}#candidate-{candidate.pk}")
    return _show(request, alliance, year, deciding=(candidate.pk, form))


def _decide(candidate: Candidate, form: DecideForm, user: Any) -> None:
    award = form.cleaned_data["decision"] == "award"
    service.decide(candidate, award=award, reason=form.cleaned_data["reason"], actor=user)


@login_required
@require_POST
def kinds(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """Name the awards."""
    draft = _draft_or_404(request, code, year)
    require(policies.can_lead_year_end(request.user, draft), "奖项由社区书记确定。")
    form = KindsForm(request.POST, kinds=draft.kinds)
    if saved(form, lambda: service.set_kinds(draft, form.kinds, actor=request.user)):
        messages.success(request, "奖项已保存。")
        return redirect(paths.awards(code, year))
    return _show(request, draft.alliance, year, kinds=form)


@login_required
@require_POST
def publish(request: HttpRequest, code: str, year: int) -> HttpResponse:
    draft = _draft_or_404(request, code, year)
    require(policies.can_lead_year_end(request.user, draft), LEADS)
    return act(
        request,
        lambda: service.publish(draft, actor=request.user),
        done="表彰名单已公布，已发到朋友圈。",
        back=paths.awards(code, year),
    )


@login_required
@require_POST
def correct(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """Begin the next revision of the published list, with the reason why."""
    alliance = place(request, code, year)
    require(policies.can_lead_year_end(request.user, alliance), LEADS)
    standing = year_end.standing(AwardList, alliance, year)
    back = paths.awards(code, year)
    if standing is None:
        messages.info(request, "还没有公布，直接修改即可。")
        return redirect(back)
    standing.alliance = alliance
    form = ReasonForm(request.POST)
    if saved(form, lambda: service.correct(standing, **form.cleaned_data, actor=request.user)):
        messages.success(request, "更正稿已建好，改好后再公布；原来的名单仍然有效。")
        return redirect(back)
    return _show(request, alliance, year, correcting=form)


@login_required
@require_safe
def paper(request: HttpRequest, code: str, year: int, fmt: str) -> HttpResponse:
    """The published list; ``?revision=`` asks for an earlier one; for the community a draft to look at."""
    versions = _versions(request, place(request, code, year), year)
    public = [row for row in versions if row.state != YearPaperState.DRAFT]
    shown = _asked_for(request, public)
    if shown is not None:
        return paper_response(shown.paper, fmt)
    draft = next((row for row in versions if row.state == YearPaperState.DRAFT), None)
    if draft is None:
        raise Http404("表彰名单还没有公布。")
    found = list(reads.candidates_of(draft))
    return paper_response(papers_year.award_paper(draft, found, published_on=clock.today()), fmt)
