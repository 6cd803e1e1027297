"""Answering a notice: by the unit's own liaison, or by the community as told on paper or by telephone."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from alliances.enums import Via
from alliances.views.base import require, saved
from rotation import policies
from rotation.enums import MeetingState, ReplyState
from rotation.forms.meetings_replies import RecordReplyForm, ReplyForm
from rotation.models import Meeting, Reply
from rotation.selectors import meetings as reads
from rotation.services import replies as service
from rotation.views.meetings import crumbs, meeting_or_404


def _closed(request: HttpRequest, meeting: Meeting) -> HttpResponse | None:
    """Back to the meeting's page with a sentence where nobody can answer any more."""
    if meeting.state == MeetingState.NOTICED:
        return None
    messages.info(request, f"会议现在是“{meeting.get_state_display()}”，不能再回复。")
    return redirect("rotation:meeting", pk=meeting.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """The own unit's reply; a liaison of several units answers for each (``reply`` names which)."""
    meeting = meeting_or_404(request, pk)
    own = _own(request, meeting)
    require(own, "只有受邀单位的联络员可以回复。用纸质或电话回复的，请社区代录。")
    if closed := _closed(request, meeting):
        return closed
    named = request.POST.get("reply") or request.GET.get("reply")
    chosen = next((row for row in own if str(row.pk) == named), own[0])
    sent = request.POST if request.method == "POST" else None
    form = ReplyForm(sent, reply=chosen, draft=reads.reply_draft(chosen))
    if form.is_bound and saved(form, lambda: service.answer(chosen, form.answer(), actor=request.user)):
        messages.success(request, f"已回复：{chosen.member.unit.name}{_said(chosen)}。")
        silent = next((r for r in own if r.pk != chosen.pk and r.state == ReplyState.WAITING), None)
        if silent is not None:
            return redirect(f"{request.path}?reply={silent.pk}")
        return redirect("rotation:meeting", pk=pk)
    context = {
        "meeting": meeting,
        "reply": chosen,
        "others": [row for row in own if row.pk != chosen.pk],
        "form": form,
        "crumbs": crumbs(meeting),
    }
    return render(request, "rotation/meeting_reply.html", context, status=422 if form.is_bound else 200)


def _own(request: HttpRequest, meeting: Meeting) -> list[Reply]:
    """The replies that the reader answers for, those still silent first."""
    rows = Reply.objects.filter(meeting=meeting).of_own_members(request.user).select_related("member__unit")
    found = []
    for row in rows.prefetch_related("opinions").order_by("pk"):
        row.meeting = meeting
        if policies.can_answer_reply(request.user, row):
            found.append(row)
    return sorted(found, key=lambda row: row.state != ReplyState.WAITING)


def _said(reply: Reply) -> str:
    return f"由{reply.attendee}参加" if reply.state == ReplyState.ATTENDING else "请假"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, pk: int, reply: int) -> HttpResponse:
    """Secretary or staff write down what a unit answered on paper or by telephone."""
    meeting = meeting_or_404(request, pk)
    require(policies.can_record_reply(request.user, meeting), "只有社区书记和工作人员可以代录回执。")
    rows = Reply.objects.filter(meeting=meeting, pk=reply).select_related("member__unit")
    row = rows.prefetch_related("opinions").first()
    if row is None:
        raise Http404("没有这份回执。")
    row.meeting = meeting
    if closed := _closed(request, meeting):
        return closed
    sent = request.POST if request.method == "POST" else None
    form = RecordReplyForm(sent, reply=row, draft=reads.reply_draft(row))
    if form.is_bound and saved(
        form,
        lambda: service.record(row, form.answer(), via=form.cleaned_data["via"], actor=request.user),
    ):
        how = Via(row.via).label
        messages.success(request, f"已记下：{row.member.unit.name}{_said(row)}（{how}）。")
        return redirect("rotation:meeting", pk=pk)
    context = {
        "meeting": meeting,
        "reply": row,
        "records": True,
        "form": form,
        "crumbs": crumbs(meeting),
    }
    return render(request, "rotation/meeting_reply.html", context, status=422 if form.is_bound else 200)
