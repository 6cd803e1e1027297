"""The secretary's comment on a month: written, waiting for the next seminar, given there."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from alliances import clock
from alliances.documents import to_text
from alliances.views.base import require, saved
from evaluations import paths, policies
from evaluations.forms.feedback import CommentForm
from evaluations.models import Comment, Feedback
from evaluations.selectors import comments as selector
from evaluations.selectors import papers, results
from evaluations.services import comments as service
from evaluations.views.feedback import crumbs, duty_or_404
from rotation.documents import paper_response
from rotation.models import Duty, Meeting
from rotation.selectors import meetings, tables


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Until the seminar the community and the president read it; then everybody of the alliance."""
    duty = duty_or_404(request, pk)
    may_write = policies.can_comment(request.user, duty)
    found = _comment(request, duty)
    is_given = found is not None and found.given_in is not None
    form = None
    if request.method == "POST":
        require(may_write, "点评由社区书记撰写。")
        form = CommentForm(request.POST)
        if saved(form, lambda: service.write(duty, form.cleaned_data["text"], actor=request.user)):
            messages.success(request, "点评已保存，下次研讨会通报。")
            return redirect("evaluations:comment", pk=duty.pk)
    elif may_write and not is_given:
        form = CommentForm(initial={"text": found.text if found else ""})
    paper = _paper(found) if found else None
    content = {
        "duty": duty,
        "chairs": tables.chair_names(duty),
        "comment": found,
        "is_given": is_given,
        "form": form if not is_given or (form and form.is_bound) else None,
        "paper": paper,
        "chat_text": to_text(paper, link=settings.SITE_URL + paths.comment(duty.pk)) if paper else "",
        "meeting": _meeting(request, duty, found),
        # The paper, once there is one, shows them already.
        "facts": _facts(duty) if form and not paper else None,
        "crumbs": [
            *crumbs(duty),
            {"label": "评议反馈", "url": reverse("evaluations:feedback", args=[duty.pk])},
        ],
    }
    return render(request, "evaluations/comment.html", content, status=422 if form and form.is_bound else 200)


def _comment(request: HttpRequest, duty: Duty) -> Comment | None:
    rows = Comment.objects.visible_to(request.user).filter(duty=duty)
    found = rows.select_related("given_in", "written_by__person").first()
    if found is not None:
        found.duty = duty
    return found


def _paper(comment: Comment) -> dict[str, Any]:
    """Frozen once it was given in a seminar, before that as it stands."""
    return comment.paper or papers.comment_paper(comment)


def _meeting(request: HttpRequest, duty: Duty, comment: Comment | None) -> dict[str, Any] | None:
    """In which seminar it was given, else in which it will be; a link for those who may see the meeting."""
    meeting = comment.given_in if comment else None
    if meeting is None:
        if not policies.can_run_round(request.user, duty):
            return None
        meeting = selector.next_seminar(duty.alliance, clock.today())
    if meeting is None:
        return None
    seen = Meeting.objects.visible_to(request.user).filter(pk=meeting.pk).exists()
    day = meeting.held_on or (clock.local(meeting.starts_at).date() if meeting.starts_at else None)
    return {"title": meeting.title, "day": day, "url": meetings.path_of(meeting) if seen else ""}


def _facts(duty: Duty) -> dict[str, Any]:
    """What the secretary reads beside the box: the month's results and the president's feedback."""
    feedback: Feedback | None = results.published_feedback(duty)
    return {"words": results.month_words(duty), "feedback": feedback}


@login_required
@require_safe
def download(request: HttpRequest, pk: int, fmt: str) -> HttpResponse:
    """点评单 as Word or PDF."""
    found = _comment(request, duty_or_404(request, pk))
    if found is None:
        raise Http404("点评还没有通报。")
    return paper_response(_paper(found), fmt)
