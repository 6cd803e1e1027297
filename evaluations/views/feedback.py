"""The month's feedback: the president's words beside the figures, the paper as published, earlier revisions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alliances import clock
from alliances.views.base import act, require, saved, visible_or_404
from evaluations import paths, policies
from evaluations.enums import FeedbackState
from evaluations.forms.feedback import CorrectForm, FeedbackForm
from evaluations.models import Comment, Feedback
from evaluations.selectors import papers
from evaluations.selectors import rounds as round_selector
from evaluations.services import feedbacks as service
from evaluations.views.rounds import TONES
from rotation.documents import paper_response
from rotation.enums import PlanState
from rotation.models import Duty
from rotation.selectors import month, tables

REFUSAL = "评议反馈由会长撰写；没有会长的，由社区书记撰写。"
WEAKEST = 2  # items named to the writer as those with the lowest rates


def duty_or_404(request: HttpRequest, pk: int) -> Duty:
    """A month of a passed plan that the user may see, with its chairs."""
    rows = (
        Duty.objects.filter(plan__state__in=[PlanState.PASSED, PlanState.CLOSED])
        .select_related("plan", "alliance__organisation")
        .prefetch_related(tables.CHAIRS)
    )
    return visible_or_404(rows, request.user, pk=pk)


def versions_of(request: HttpRequest, duty: Duty) -> list[Feedback]:
    """The month's revisions that the user may see, oldest first."""
    rows = Feedback.objects.visible_to(request.user).filter(duty=duty)
    found = list(rows.select_related("published_by__person").order_by("revision"))
    for feedback in found:
        feedback.duty, feedback.alliance = duty, duty.alliance
    return found


def crumbs(duty: Duty) -> list[dict[str, str]]:
    return [{"label": f"{duty.period.label}轮值", "url": month.path_of(duty)}]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest, pk: int) -> HttpResponse:
    """Published: everybody of the alliance reads it. In draft: who writes it, with a form; a POST keeps the words."""
    duty = duty_or_404(request, pk)
    versions = versions_of(request, duty)
    draft = next((row for row in versions if row.state == FeedbackState.DRAFT), None)
    may_write = policies.can_write_feedback(request.user, duty)
    form = None
    if request.method == "POST":
        require(may_write, REFUSAL)
        if draft is None:
            messages.info(request, "没有待通报的评议反馈。")
            return redirect("evaluations:feedback", pk=duty.pk)
        form = FeedbackForm(request.POST)
        if saved(form, lambda: service.write(draft, **form.cleaned_data, actor=request.user)):
            messages.success(request, "文字已保存，还没有通报。请核对下面的通报样式。")
            return redirect(f"{paths.feedback(duty.pk)}?preview=1")
    elif draft is not None and may_write:
        form = FeedbackForm(initial={"good": draft.good, "mend": draft.mend})
    return _show(request, duty, versions, form=form, status=422 if form and form.is_bound else 200)


def _show(
    request: HttpRequest,
    duty: Duty,
    versions: list[Feedback],
    *,
    form: FeedbackForm | None = None,
    correcting: CorrectForm | None = None,
    status: int = 200,
) -> HttpResponse:
    draft = next((row for row in versions if row.state == FeedbackState.DRAFT), None)
    public = [row for row in versions if row.state != FeedbackState.DRAFT]
    shown = _asked_for(request, public)
    previews = draft is not None and request.GET.get("preview") == "1"
    works_on_draft = draft is not None and (previews or shown is None or form is not None)
    may_correct = shown is not None and shown.state == FeedbackState.PUBLISHED and draft is None
    may_write = policies.can_write_feedback(request.user, duty)
    content = {
        "duty": duty,
        "chairs": tables.chair_names(duty),
        "draft": draft if works_on_draft and "revision" not in request.GET else None,
        "has_draft": draft is not None,
        "form": form,
        "previews": previews,
        "preview": papers.feedback_paper(draft, published_on=clock.today()) if previews else None,
        "is_late": bool(draft and draft.due_on and draft.due_on < clock.today()),
        "weak": _weakest(draft) if draft and form else [],
        "shown": shown,
        "versions": public,
        "chat_text": _chat_text(shown) if shown else "",
        "may_write": may_write,
        "correcting": (correcting or CorrectForm()) if may_correct and may_write else None,
        "rounds": _rounds(duty) if not versions else [],
        "comment_url": _comment_url(request, duty),
        "crumbs": crumbs(duty),
    }
    return render(request, "evaluations/feedback.html", content, status=status)


def _asked_for(request: HttpRequest, public: list[Feedback]) -> Feedback | None:
    """The revision of ``?revision=``, else the one that stands."""
    wanted = request.GET.get("revision", "")
    if not wanted:
        return next((row for row in public if row.state == FeedbackState.PUBLISHED), None)
    found = next((row for row in public if str(row.revision) == wanted), None)
    if found is None:
        raise Http404("没有这一版。")
    return found


def _weakest(draft: Feedback) -> list[dict[str, Any]]:
    """The items with the lowest rates: facts for who writes what to mend."""
    parts = [(row["title"], row["activity"]) for row in draft.figures.get("activities", [])]
    if draft.figures.get("chair"):
        parts.append(("轮值主席", draft.figures["chair"]))
    items = [
        {"of": title, "title": item["title"], "rate": item["rate"]}
        for title, result in parts
        for item in result["items"]
        if item["rate"] is not None
    ]
    return sorted(items, key=lambda item: float(item["rate"]))[:WEAKEST]


def _chat_text(feedback: Feedback) -> str:
    title = feedback.paper["title"] if feedback.paper else ""
    link = settings.SITE_URL + paths.feedback(feedback.duty_id)
    return f"{title}\n{papers.feedback_text(feedback)}\n{link}"


def _rounds(duty: Duty) -> list[dict[str, Any]]:
    return [
        {"round": round, "tone": TONES[round.state], "url": paths.round_page(round.pk)}
        for round in round_selector.of_duty(duty).defer("figures", "activity_items", "chair_items")
    ]


def _comment_url(request: HttpRequest, duty: Duty) -> str:
    """The secretary's comment, for who writes it or may read it."""
    if policies.can_comment(request.user, duty):
        return paths.comment(duty.pk)
    seen = Comment.objects.visible_to(request.user).filter(duty=duty).exists()
    return paths.comment(duty.pk) if seen else ""


@login_required
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Freeze and publish the words as they were kept."""
    duty = duty_or_404(request, pk)
    require(policies.can_write_feedback(request.user, duty), REFUSAL)
    draft = next((row for row in versions_of(request, duty) if row.state == FeedbackState.DRAFT), None)
    back = reverse("evaluations:feedback", args=[duty.pk])
    if draft is None:
        messages.info(request, "没有待通报的评议反馈，可能刚刚已经通报。")
        return redirect(back)
    return act(
        request,
        lambda: service.publish(draft, actor=request.user),
        done="评议反馈已通报，已发到朋友圈并告知轮值单位。",
        back=back,
    )


@login_required
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next revision, with the reason why."""
    duty = duty_or_404(request, pk)
    require(policies.can_write_feedback(request.user, duty), REFUSAL)
    versions = versions_of(request, duty)
    standing = next((row for row in versions if row.state == FeedbackState.PUBLISHED), None)
    if standing is None:
        messages.info(request, "还没有通报，直接修改即可。")
        return redirect("evaluations:feedback", pk=duty.pk)
    if any(row.state == FeedbackState.DRAFT for row in versions):
        messages.info(request, "这个月的更正已经有人在写。")
        return redirect("evaluations:feedback", pk=duty.pk)
    form = CorrectForm(request.POST)
    if saved(form, lambda: service.correct(standing, **form.cleaned_data, actor=request.user)):
        messages.success(request, "更正稿已建好，改好后再通报；原来的通报仍然有效。")
        return redirect("evaluations:feedback", pk=duty.pk)
    return _show(request, duty, versions, correcting=form, status=422)


@login_required
@require_safe
def paper(request: HttpRequest, pk: int, fmt: str) -> HttpResponse:
    """The frozen paper as Word or PDF; ``?revision=`` asks for an earlier one."""
    duty = duty_or_404(request, pk)
    public = [row for row in versions_of(request, duty) if row.state != FeedbackState.DRAFT]
    shown = _asked_for(request, public)
    if shown is None or shown.paper is None:
        raise Http404("评议反馈还没有通报。")
    return paper_response(shown.paper, fmt)
