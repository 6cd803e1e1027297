"""After the meeting: who came, the minutes, and what became of each task."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from alliances import clock
from alliances.views.base import require, saved
from rotation import policies
from rotation.enums import MeetingState, TaskState
from rotation.forms.meetings_minutes import DropForm, HoldForm, MinutesForm, TaskForm
from rotation.models import Meeting, Reply, Task
from rotation.selectors import meetings as reads
from rotation.services import meetings as service
from rotation.services import minutes as minutes_service
from rotation.views.meetings import crumbs, meeting_or_404

HOSTS_ONLY = "只有召集单位联络员和社区可以办理。"


def _elsewhere(request: HttpRequest, meeting: Meeting, wanted: str) -> HttpResponse | None:
    """Back to the meeting's page with a sentence unless it is in the state that the step starts from."""
    if meeting.state == wanted:
        return None
    messages.info(request, f"会议现在是“{meeting.get_state_display()}”，不用办这一步。")
    return redirect("rotation:meeting", pk=meeting.pk)


def _replies(meeting: Meeting) -> QuerySet[Reply]:
    return Reply.objects.filter(meeting=meeting).select_related("member__unit").order_by("member_id")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """The roll call."""
    meeting = meeting_or_404(request, pk)
    require(policies.can_hold_meeting(request.user, meeting), HOSTS_ONLY)
    if away := _elsewhere(request, meeting, MeetingState.NOTICED):
        return away
    sent = request.POST if request.method == "POST" else None
    form = HoldForm(sent, meeting=meeting, replies=list(_replies(meeting)))

    def deed() -> None:
        values = form.cleaned_data
        service.hold(
            meeting,
            held_on=values["held_on"],
            attended=values["came"],
            place=values["place"],
            actor=request.user,
        )

    if sent is not None and saved(form, deed):
        messages.success(request, f"已登记，{len(form.cleaned_data['came'])} 家到会。请写会议纪要。")
        return redirect("rotation:meeting", pk=pk)
    context = {
        "meeting": meeting,
        "form": form,
        "is_early": meeting.starts_at is not None and meeting.starts_at > clock.now(),
        "crumbs": crumbs(meeting),
    }
    return render(request, "rotation/meeting_hold.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """The minutes, with what the meeting had before it beside the form."""
    meeting = meeting_or_404(request, pk)
    require(policies.can_write_minutes(request.user, meeting), HOSTS_ONLY)
    if away := _elsewhere(request, meeting, MeetingState.HELD):
        return away
    replies = reads.replies_of(meeting)
    sent = request.POST if request.method == "POST" else None
    form = MinutesForm(sent, meeting=meeting, replies=replies)

    def deed() -> None:
        minutes_service.write(
            meeting, summary=form.cleaned_data["summary"], tasks=form.tasks(), actor=request.user
        )

    if form.is_bound and saved(form, deed):
        messages.success(request, "会议纪要已形成，有任务的单位会收到消息。")
        return redirect("rotation:meeting", pk=pk)
    context = {
        "meeting": meeting,
        "form": form,
        "came": [reply.member.unit.name for reply in replies if reply.has_attended],
        "comments": [item["text"] for item in meeting.agenda if item.get("source")],
        "opinions": reads.group_opinions(replies),
        "previous": reads.previous_tasks(meeting),
        "crumbs": crumbs(meeting),
    }
    return render(request, "rotation/meeting_minutes.html", context, status=422 if form.is_bound else 200)


# --- tasks --------------------------------------------------------------------------------------------------------


def _task_or_404(request: HttpRequest, pk: int, task: int) -> Task:
    meeting = meeting_or_404(request, pk)
    found = Task.objects.filter(meeting=meeting, pk=task).select_related("member__unit").first()
    if found is None:
        raise Http404("没有这项议定事项。")
    found.meeting, found.alliance = meeting, meeting.alliance
    return found


def _settled(request: HttpRequest, task: Task) -> HttpResponse | None:
    if task.state == TaskState.OPEN:
        return None
    messages.info(request, f"这件事现在是“{task.get_state_display()}”，不用再办。")
    return redirect("rotation:meeting", pk=task.meeting_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    """The responsible unit says how it was done; the community for its own, or as told by telephone."""
    found = _task_or_404(request, pk, task)
    require(policies.can_report_task(request.user, found), "只有责任单位联络员和社区可以报办理情况。")
    if settled := _settled(request, found):
        return settled
    sent = request.POST if request.method == "POST" else None
    form = TaskForm(sent)
    if sent is not None and saved(
        form, lambda: minutes_service.finish(found, result=form.cleaned_data["result"], actor=request.user)
    ):
        messages.success(request, "已办结，谢谢。")
        return redirect("rotation:meeting", pk=pk)
    context = {
        "task": found,
        "form": form,
        "title": "报办理情况",
        "button": "办结",
        "other": policies.can_drop_task(request.user, found),
        "crumbs": crumbs(found.meeting),
    }
    return render(request, "rotation/meeting_task.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def drop(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    """Secretary or staff close a task that has become pointless."""
    found = _task_or_404(request, pk, task)
    require(policies.can_drop_task(request.user, found), "只有社区书记和工作人员可以停办议定事项。")
    if settled := _settled(request, found):
        return settled
    sent = request.POST if request.method == "POST" else None
    form = DropForm(sent)
    if sent is not None and saved(
        form, lambda: minutes_service.drop(found, reason=form.cleaned_data["reason"], actor=request.user)
    ):
        messages.success(request, "已记为不再办理。")
        return redirect("rotation:meeting", pk=pk)
    context = {
        "task": found,
        "form": form,
        "title": "不再办理",
        "button": "不再办理",
        "crumbs": crumbs(found.meeting),
    }
    return render(request, "rotation/meeting_task.html", context, status=422 if form.is_bound else 200)
