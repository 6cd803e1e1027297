"""Pictures of an activity, for those alone who may see it, and its record as a file."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from alliances.errors import OfficeError
from alliances.views.base import act, require, saved
from rotation import policies
from rotation.documents import paper_response
from rotation.enums import ActivityState
from rotation.forms.activities import PhotosForm
from rotation.models import Activity, Photo
from rotation.selectors.papers_activity import activity_paper
from rotation.services import photos
from rotation.views.activities import came_back, found_or_404

MAY_NOT = "只有当月轮值单位联络员和社区可以上传或删除照片。"


@login_required
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """One or several pictures; those before a refused one are kept, and the page says so."""
    activity = found_or_404(request, pk)
    require(policies.can_lead_activity(request.user, activity), MAY_NOT)
    form = PhotosForm(request.POST, request.FILES)
    kept: list[Photo] = []

    def deed() -> None:
        for name, content in form.cleaned_data["photos"]:
            try:
                kept.append(photos.add(activity, content, actor=request.user))
            except OfficeError as problem:
                words = f"“{name}”没有上传：{problem.message}"
                raise OfficeError(f"{words}前面{len(kept)}张已上传。" if kept else words) from problem

    if saved(form, deed):
        messages.success(request, f"已上传{len(kept)}张照片。")
        return redirect("rotation:activity", activity.pk)
    return came_back(request, pk, "photos", form)


def _photo_or_404(activity: Activity, photo: int) -> Photo:
    return get_object_or_404(Photo.objects.select_related("activity"), activity=activity, pk=photo)


@login_required
@require_safe
def picture(request: HttpRequest, pk: int, photo: int) -> FileResponse:
    """The picture itself, as it was drawn anew; nobody's cache but the reader's own keeps it."""
    found = _photo_or_404(found_or_404(request, pk), photo)
    try:
        content = found.file.open("rb")
    except FileNotFoundError as problem:
        raise Http404("这张照片已经不在了。") from problem
    response = FileResponse(content, content_type="image/jpeg")
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    return response


@login_required
@require_POST
def remove(request: HttpRequest, pk: int, photo: int) -> HttpResponse:
    activity = found_or_404(request, pk)
    require(policies.can_lead_activity(request.user, activity), MAY_NOT)
    found = _photo_or_404(activity, photo)
    found.activity = activity
    return act(
        request,
        lambda: photos.remove(found, actor=request.user),
        done="照片已删除。",
        back=reverse("rotation:activity", args=[activity.pk]),
    )


@login_required
@require_safe
def paper(request: HttpRequest, pk: int, fmt: str) -> HttpResponse:
    """The record as it stands, as Word or PDF; what was cancelled has none."""
    activity = found_or_404(request, pk)
    if activity.state == ActivityState.CANCELLED:
        raise Http404("活动已取消，没有活动记录。")
    return paper_response(activity_paper(activity), fmt)
