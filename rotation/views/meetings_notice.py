"""Calling a meeting, sending its notice, calling it off."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from alliances import clock
from alliances.enums import Via
from alliances.views.base import alliance_or_404, require, saved, visible_or_404
from rotation import policies
from rotation.enums import MeetingKind, MeetingState
from rotation.forms.meetings import CallForm, CancelForm, NoticeForm
from rotation.models import Meeting
from rotation.selectors import meetings as reads
from rotation.selectors.deadlines import Office
from rotation.services import meetings as service
from rotation.views.meetings import crumbs, meeting_or_404


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: HttpRequest) -> HttpResponse:
    """A meeting outside the rotation is planned; its notice is the next step. ``?again=`` a cancelled meeting's id."""
    alliance = alliance_or_404(request)
    require(policies.can_call_meeting(request.user, alliance), "只有社区书记和工作人员可以召集会议。")
    sent = request.POST if request.method == "POST" else None
    former = _former(request, (sent or request.GET).get("again", ""))
    initial = {"kind": MeetingKind.QUARTERLY.value}
    if former is not None:
        initial = {"kind": former.kind, "title": former.title, "again": str(former.pk)}
    form = CallForm(sent, initial=initial)
    made: list[Meeting] = []

    def deed() -> None:
        values = form.cleaned_data
        made.append(
            service.call(
                alliance, kind=values["kind"], title=values["title"], replaces=former, actor=request.user
            )
        )

    if sent is not None and saved(form, deed):
        messages.success(request, f"已筹备{made[0].title}，请写通知单。")
        return redirect("rotation:meeting-write", pk=made[0].pk)
    context = {"form": form, "former": former, "alliance": alliance, "crumbs": crumbs()}
    return render(request, "rotation/meeting_new.html", context, status=422 if form.is_bound else 200)


def _former(request: HttpRequest, text: str) -> Meeting | None:
    """The cancelled meeting to be called again; anything else counts as none."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    rows = reads.full().visible_to(request.user).filter(state=MeetingState.CANCELLED, duty=None)
    return rows.filter(pk=int(text)).first()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """The notice: one form that is filled in; sending it numbers and freezes the paper and tells the invited."""
    # Without the chairs, whom nothing here asks for.
    meeting = visible_or_404(reads.with_last_place(reads.full().prefetch_related(None)), request.user, pk=pk)
    require(policies.can_send_notice(request.user, meeting), "只有召集单位联络员和社区可以发出通知单。")
    if meeting.state != MeetingState.PLANNED:
        messages.info(request, f"会议现在是“{meeting.get_state_display()}”，不用再发通知单。")
        return redirect("rotation:meeting", pk=pk)
    office = Office(meeting.alliance.organisation)
    draft = reads.notice_draft(meeting, office)
    records = policies.can_call_meeting(request.user, meeting)
    sent = request.POST if request.method == "POST" else None
    form = NoticeForm(sent, draft=draft, office=office, records=records)
    if sent is not None and saved(
        form, lambda: service.send_notice(meeting, **form.parts(), actor=request.user)
    ):
        messages.success(request, _sent(meeting))
        return redirect("rotation:meeting", pk=pk)
    context = {
        "meeting": meeting,
        "form": form,
        "draft": draft,
        "convenor": (meeting.convenor.unit if meeting.convenor else meeting.alliance.organisation).name,
        "everybody": len(draft.invited) == len(draft.members),
        "crumbs": crumbs(meeting),
    }
    return render(request, "rotation/meeting_write.html", context, status=422 if form.is_bound else 200)


def _sent(meeting: Meeting) -> str:
    if meeting.noticed_via == Via.SCREEN:
        return f"通知单已发出，编号{meeting.number}，受邀单位联络员会收到消息。"
    return f"已补记通知单，编号{meeting.number}；没有另发消息。"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Calling a meeting off asks for the reason. A seminar is planned anew at once: the month still owes it."""
    meeting = meeting_or_404(request, pk)
    require(policies.can_cancel_meeting(request.user, meeting), "只有召集单位联络员和社区可以取消会议。")
    if meeting.state not in reads.OPEN_STATES:
        messages.info(request, f"会议现在是“{meeting.get_state_display()}”，不能取消。")
        return redirect("rotation:meeting", pk=pk)
    sent = request.POST if request.method == "POST" else None
    form = CancelForm(sent)
    if sent is not None and saved(
        form, lambda: service.cancel(meeting, reason=form.cleaned_data["reason"], actor=request.user)
    ):
        messages.success(request, f"{meeting.title}已取消。")
        again = reads.seminar_of(meeting.duty) if meeting.duty else None
        return redirect(reads.path_of(again or meeting))
    will_return = meeting.duty is not None and meeting.duty.ends_on >= clock.today()
    context = {
        "meeting": meeting,
        "form": form,
        "will_return": will_return,
        "back": reverse("rotation:meeting", args=[pk]),
        "crumbs": crumbs(meeting),
    }
    return render(request, "rotation/meeting_cancel.html", context, status=422 if form.is_bound else 200)
