"""Tables the worker makes: how far they are, fetching and dropping them. Only their owner knows of them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from alliances.errors import OfficeError
from alliances.exporting import MEDIA_TYPES
from alliances.models import ExportJob
from alliances.services import export_jobs

MOST_SHOWN = 20


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """One's own tables of the last days."""
    return render(
        request, "alliances/export_jobs.html", {"jobs": export_jobs.jobs_of(request.user)[:MOST_SHOWN]}
    )


@login_required
@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is; the page asks again by itself and can be left."""
    found = _job(request, pk)
    template = (
        "alliances/_export_job.html" if request.headers.get("HX-Request") else "alliances/export_job.html"
    )
    return render(request, template, {"job": found, "format": MEDIA_TYPES[found.suffix][0]})


@login_required
@require_POST
def fetch(request: HttpRequest, pk: int) -> HttpResponse:
    """The file; a POST, because it leaves a row in the log."""
    found = _job(request, pk)
    try:
        with transaction.atomic():
            file, name = export_jobs.fetch(found)
    except OfficeError as problem:
        if problem.message == export_jobs.NO_LONGER:
            raise PermissionDenied(problem.message) from problem
        messages.error(request, problem.message)
        return redirect("alliances:export-job", pk=pk)
    response = FileResponse(
        file, as_attachment=True, filename=name, content_type=MEDIA_TYPES[found.suffix][1]
    )
    response["Content-Length"] = str(found.size)
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    export_jobs.drop(_job(request, pk))
    messages.success(request, "已删去这份表格。")
    return redirect("alliances:export-jobs")


def _job(request: HttpRequest, pk: int) -> ExportJob:
    return get_object_or_404(
        ExportJob.objects.select_related("owner", "organisation"), pk=pk, owner=request.user
    )
