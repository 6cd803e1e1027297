"""The report of a quarter on one page: figures beside text, words of a person, adjusting, filing, answering, correcting."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alliances.documents import to_text
from alliances.views.base import act, require, saved, visible_or_404
from evaluations import paths, policies
from evaluations.enums import AssessmentState
from evaluations.forms.assessments import AdjustForm, ReturnForm, ReviseForm, WordsForm
from evaluations.lifecycles import ASSESSMENT
from evaluations.models import Assessment, AssessmentLine
from evaluations.models.assessment import STANDING
from evaluations.selectors import assessment_page
from evaluations.selectors import assessments as reads
from evaluations.selectors.papers_quarter import report_paper
from evaluations.selectors.papers_quarter_letters import president_summary
from evaluations.selectors.papers_quarter_words import adjustment_words
from evaluations.services import assessments as service
from evaluations.services import drafting
from evaluations.views.assessments import state_of

WRITES = "报告由社区书记和工作人员撰写。"
LEADS = "加减分、报送和更正由社区书记办理。"
RECEIVES = "报告由上级主送单位接收或退回。"
COPIED = "只有抄送单位可以确认知悉。"


def found(request: HttpRequest, pk: int) -> Assessment:
    """The report, if the user may read it."""
    return visible_or_404(reads.full(), request.user, pk=pk)


def crumbs() -> list[dict[str, str]]:
    return [{"label": "季度考核", "url": paths.ASSESSMENTS}]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the report, ``?paper=1`` as it is printed; a POST keeps the words of parts five and six."""
    assessment = found(request, pk)
    form = None
    if request.method == "POST":
        require(policies.can_write_assessment(request.user, assessment), WRITES)
        form = WordsForm(request.POST)
        if saved(form, lambda: service.write(assessment, **form.cleaned_data, actor=request.user)):
            messages.success(request, "文字已保存，还没有报送。")
            return redirect(paths.assessment(pk) + "#words")
    return show(request, assessment, words=form)


def show(
    request: HttpRequest,
    assessment: Assessment,
    *,
    words: WordsForm | None = None,
    adjusting: tuple[int, AdjustForm] | None = None,
    returning: ReturnForm | None = None,
    revising: ReviseForm | None = None,
) -> HttpResponse:
    """The page; a form that came back with an error stands where it was."""
    came_back = any((words, adjusting, returning, revising))
    context = _frame(request, assessment)
    if assessment.computed_at is not None:
        document = reads.document(assessment)
        context |= _content(request, assessment, document, context, adjusting)
        context |= _forms(assessment, context, words, returning, revising)
    is_paper = request.GET.get("paper") == "1" and not came_back and assessment.computed_at is not None
    template = "evaluations/assessment_paper.html" if is_paper else "evaluations/assessment.html"
    return render(request, template, context, status=422 if came_back else 200)


def _frame(request: HttpRequest, assessment: Assessment) -> dict[str, Any]:
    """Who the reader is to the report, and where it stands."""
    user = request.user
    is_draft = assessment.state == AssessmentState.DRAFT
    versions = list(reads.versions(user, assessment.alliance, assessment.period))
    leads = policies.can_lead_assessment(user, assessment)
    moves = {move.name for move in ASSESSMENT.open_to(user, assessment)}
    copied = policies.can_acknowledge_assessment(user, assessment)
    word, tone = state_of(assessment)
    return {
        "assessment": assessment,
        "period": assessment.period,
        "word": word,
        "tone": tone,
        "is_draft": is_draft,
        "is_standing": assessment.state in STANDING,
        "versions": [
            {"assessment": row, "word": state_of(row)[0], "tone": state_of(row)[1]} for row in versions
        ],
        "newest": versions[0] if versions and versions[0].pk != assessment.pk else None,
        "recipient": policies.recipient_of(assessment.alliance),
        "copied_to": policies.copied_to(assessment.alliance),
        "writes": is_draft and policies.can_write_assessment(user, assessment),
        "leads": is_draft and leads,
        "receives": "receive" in moves,
        "acknowledges": copied and assessment.acknowledged_at is None and assessment.state in STANDING,
        "may_file": "file" in moves,
        "may_revise": leads
        and assessment.state in reads.STATES_OF_FILING
        and versions[0].pk == assessment.pk,
        "watches": not is_draft
        and assessment.state != AssessmentState.SUPERSEDED
        and policies.can_write_assessment(user, assessment),
        "crumbs": crumbs(),
    }


def _content(
    request: HttpRequest,
    assessment: Assessment,
    document: reads.Document,
    frame: dict[str, Any],
    adjusting: tuple[int, AdjustForm] | None,
) -> dict[str, Any]:
    summary = president_summary(document)
    return {
        "document": document,
        "chief": assessment_page.chief(document),
        "opening": assessment_page.opening(document),
        "parts": assessment_page.parts(document),
        "offered": assessment_page.offered(document),
        "attachments": assessment_page.attachments(document),
        "lines": _lines(document, adjusting, with_forms=frame["leads"]),
        "paper": report_paper(document) if request.GET.get("paper") == "1" else None,
        # For the alliance's group: units look at their own results, the report itself names them all.
        "chat_text": to_text(summary, link=f"{settings.SITE_URL}{paths.own_results()}"),
    }


def _lines(
    document: reads.Document, adjusting: tuple[int, AdjustForm] | None, *, with_forms: bool
) -> list[dict[str, Any]]:
    """The members' results beside the text; for who may adjust each with its form."""
    scheme = document["assessment"]["scheme"]
    bounds = f"{scheme['lowest']} 到 +{scheme['highest']} 分，最多一位小数；0 表示不加不减。"
    shown = []
    for line in document["assessment"]["lines"]:
        form = None
        if adjusting and adjusting[0] == line["member"]:
            form = adjusting[1]
        elif with_forms and line["score"] is not None:
            initial = {"adjustment": line["adjustment"], "reason": line["reason"]}
            form = AdjustForm(line=line["member"], bounds=bounds, initial=initial)
        shown.append(
            {
                "line": line,
                "parts": assessment_page.parts_words(line),
                "adjustment": adjustment_words(line),
                "form": form,
            }
        )
    return shown


def _forms(
    assessment: Assessment,
    frame: dict[str, Any],
    words: WordsForm | None,
    returning: ReturnForm | None,
    revising: ReviseForm | None,
) -> dict[str, Any]:
    """The forms that are open to the reader, and whatever came back, also if somebody was faster: no typed word is lost."""
    if frame["writes"] and words is None:
        words = WordsForm(initial={"problems": assessment.problems, "next_steps": assessment.next_steps})
    if frame["receives"] and returning is None:
        returning = ReturnForm()
    if frame["may_revise"] and revising is None:
        revising = ReviseForm(initial={"revise_reason": assessment.return_reason})
    return {
        "form": words,
        "returning": returning,
        "revising": revising,
        "not_ready": _not_ready(assessment) if frame["leads"] and not frame["may_file"] else "",
    }


def _not_ready(assessment: Assessment) -> str:
    guard = ASSESSMENT.move("file").guard
    return guard(assessment) if guard else ""


# --- the community ------------------------------------------------------------------------------------------------


@login_required
@require_POST
def recompute(request: HttpRequest, pk: int) -> HttpResponse:
    assessment = found(request, pk)
    require(policies.can_write_assessment(request.user, assessment), WRITES)
    return act(
        request,
        lambda: drafting.recompute(assessment, actor=request.user),
        done="已按现在的数据重新计算，文字和加减分不变。",
        back=paths.assessment(pk),
    )


@login_required
@require_POST
def adjust(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    """One member's points with the reason that will be printed."""
    assessment = found(request, pk)
    require(policies.can_lead_assessment(request.user, assessment), LEADS)
    line = get_object_or_404(
        AssessmentLine.objects.select_related("member__unit"), assessment=assessment, member__pk=member
    )
    line.assessment = assessment
    form = AdjustForm(request.POST, line=member, bounds="")
    if not form.is_valid():
        return show(request, assessment, adjusting=(member, form))
    given = form.cleaned_data
    if saved(form, lambda: service.adjust(line, **given, actor=request.user)):
        done = (
            f"{line.member.unit.name}加减分已保存。"
            if line.adjustment
            else f"已取消{line.member.unit.name}的加减分。"
        )
        messages.success(request, done)
        return redirect(f"{paths.assessment(pk)}#unit-{member}")
    return show(request, assessment, adjusting=(member, form))


@login_required
@require_POST
def file(request: HttpRequest, pk: int) -> HttpResponse:
    assessment = found(request, pk)
    require(policies.can_lead_assessment(request.user, assessment), LEADS)
    return act(
        request,
        lambda: service.file(assessment, actor=request.user),
        done="报告已报送，内容已固定。",
        back=paths.assessment(pk),
    )


@login_required
@require_POST
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next revision; the words and adjustments go on from this one."""
    assessment = found(request, pk)
    require(policies.can_lead_assessment(request.user, assessment), LEADS)
    form = ReviseForm(request.POST)
    begun: list[Assessment] = []

    def begin() -> None:
        reason = form.cleaned_data["revise_reason"]
        begun.append(service.revise(assessment, reason=reason, actor=request.user))

    if saved(form, begin):
        stands = "" if assessment.state == AssessmentState.RETURNED else "；原来的报告在那之前仍然有效"
        messages.success(request, f"第 {begun[0].revision} 版已建好，改好后再报送{stands}。")
        return redirect(paths.assessment(begun[0].pk))
    return show(request, assessment, revising=form)


@login_required
@require_safe
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What a correction would change: reads the whole quarter anew, so it is loaded after the page or asked for alone."""
    assessment = found(request, pk)
    context = {
        "assessment": assessment,
        "period": assessment.period,
        "changes": reads.changes(assessment),
        "crumbs": [*crumbs(), {"label": assessment.period.label, "url": paths.assessment(pk)}],
    }
    is_fragment = bool(request.headers.get("HX-Request"))
    name = "_assessment_changes" if is_fragment else "assessment_changes"
    return render(request, f"evaluations/{name}.html", context)


# --- the offices --------------------------------------------------------------------------------------------------


@login_required
@require_POST
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    assessment = found(request, pk)
    require(policies.can_receive_assessment(request.user, assessment), RECEIVES)
    return act(
        request,
        lambda: service.receive(assessment, actor=request.user),
        done="已接收，社区和各单位会收到消息。",
        back=paths.assessment(pk),
    )


@login_required
@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    assessment = found(request, pk)
    require(policies.can_receive_assessment(request.user, assessment), RECEIVES)
    form = ReturnForm(request.POST)
    if saved(
        form,
        lambda: service.send_back(assessment, reason=form.cleaned_data["return_reason"], actor=request.user),
    ):
        messages.success(request, "已退回，社区会收到退回原因。")
        return redirect(paths.assessment(pk))
    return show(request, assessment, returning=form)


@login_required
@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    assessment = found(request, pk)
    require(policies.can_acknowledge_assessment(request.user, assessment), COPIED)
    return act(
        request,
        lambda: service.acknowledge(assessment, actor=request.user),
        done="已确认知悉。",
        back=paths.assessment(pk),
    )
