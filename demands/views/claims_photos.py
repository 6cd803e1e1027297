"""Pictures of a claim's progress, for those alone who may see the claim."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from alliances.views.base import act, require, visible_or_404
from demands import policies
from demands.models import NotePhoto
from demands.services import notes
from demands.views.claims import found_or_404, url_of


def _photo_or_404(request: HttpRequest, pk: int) -> NotePhoto:
    return visible_or_404(NotePhoto.objects.select_related("note"), request.user, pk=pk)


@login_required
@require_safe
def picture(request: HttpRequest, pk: int) -> FileResponse:
    """The picture itself, as it was drawn anew; nobody's cache but the reader's own keeps it."""
    found = _photo_or_404(request, pk)
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
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    found = _photo_or_404(request, pk)
    claim = found_or_404(request, found.note.claim_id)
    require(policies.can_work_on_claim(request.user, claim), "只有认领单位联络员和社区可以删除照片。")
    found.note.claim = claim
    return act(
        request,
        lambda: notes.remove_photo(found, actor=request.user),
        done="照片已删除。",
        back=url_of(claim),
    )
