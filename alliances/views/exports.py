"""Taking lists out of the house: one page and one rule for all of them. Looking writes nothing; the download is a
POST, because it leaves a row in the log."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from alliances.enums import Role
from alliances.errors import OfficeError
from alliances.exporting import MEDIA_TYPES, Export, PiecedExport, Several
from alliances.forms.exports import ExportForm
from alliances.models import Alliance, ExportJob
from alliances.registry import registries
from alliances.selectors import directory
from alliances.services import audit, export_jobs
from alliances.views.base import alliance_or_404, require

# What a page passes on of its own filters.
FILTERS = (
    "alliance", "month", "state",
    "place", "since", "until", "by", "group", "source", "urgency", "kind", "member", "verdict", "method",
    "late", "extension", "station", "period", "standing", "quarter", "under",
)  # fmt: skip
IN_MEMORY = 4 * 2**20


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, name: str) -> HttpResponse:
    """GET: what would be taken, year and format. POST: the file."""
    kind = registries.exports.get(name)
    if kind is None:
        raise Http404("没有这种表格。")
    params = _params(request.POST if request.method == "POST" else request.GET)
    scope = _scope(request, kind, params)
    kind = kind.narrowed(params).asked_by(request.user)
    form = ExportForm(
        request.POST if request.method == "POST" else None, export=kind, year=params.get("year")
    )
    if request.method == "POST" and form.is_valid():
        try:
            job = _job(request, kind, scope, params, form.cleaned_data)
            if job is not None:
                return redirect("alliances:export-job", pk=job.pk)
            return _file(request, kind, scope, form.cleaned_data)
        except OfficeError as problem:
            form.add_error(None, problem.message)
    context = {
        "kind": kind,
        "scope": scope,
        "heading": kind.heading(scope, None),
        "form": form,
        "crumbs": [{"label": kind.title, "url": reverse(kind.page)}] if kind.page else [],
        "kept": [(key, params[key]) for key in FILTERS if params.get(key)],
    }
    return render(request, "alliances/export.html", context)


def _params(given: QueryDict) -> dict[str, str]:
    """What was asked, without what no database could look for."""
    return {key: value for key, value in given.items() if isinstance(value, str) and "\0" not in value}


def _scope(request: HttpRequest, kind: Export, params: dict[str, str]) -> Alliance | Several:
    """The alliance named, else the chosen one; for offices, where the export can, all they may take."""
    code = params.get("alliance")
    if not code and kind.over_many:
        allowed = [a for a in directory.own_alliances(request) if kind.who_may(request.user, a)]
        if len(allowed) > 1:
            return Several(_office(request, allowed), tuple(allowed))
        if allowed:
            return allowed[0]
    alliance = alliance_or_404(request, code or None)
    require(kind.who_may(request.user, alliance), "您的身份不能导出这份表格。")
    return alliance


def _office(request: HttpRequest, alliances: list[Alliance]) -> Any:
    """Whose name the heading bears: the office, or the first community of somebody who works in several."""
    posts = [a.organisation for a in request.user.current_appointments if a.role == Role.OFFICE]
    return posts[0] if posts else alliances[0].organisation


def _job(
    request: HttpRequest,
    kind: Export,
    scope: Alliance | Several,
    params: dict[str, str],
    asked: dict[str, Any],
) -> ExportJob | None:
    """The worker's job where there are too many rows to wait for, or many papers; one paper is never that long."""
    suffix, year = asked["format"], asked.get("year")
    is_pieced = isinstance(kind, PiecedExport)
    total = kind.size(scope, year) if is_pieced or suffix in ("xlsx", "csv") else None
    if total is None or (total <= export_jobs.AT_ONCE and not is_pieced):
        return None
    kept = {key: params[key] for key in FILTERS if params.get(key)}
    return export_jobs.ask(
        kind, scope, suffix=suffix, year=year, params=kept, total=total, actor=request.user
    )


def _file(
    request: HttpRequest, kind: Export, scope: Alliance | Several, asked: dict[str, Any]
) -> FileResponse:
    suffix, year = asked["format"], asked.get("year")
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it when it has been sent
    with transaction.atomic():
        rows = kind.write(suffix, file, scope, year)
        audit.record(
            "alliances.export.download",
            scope if isinstance(scope, Alliance) else scope.organisation,
            actor=request.user,
            data={"name": kind.name, "format": suffix, "year": year, "rows": rows, **kind.logged()},
        )
    file.seek(0)
    response = FileResponse(
        file,
        as_attachment=True,
        filename=kind.file_name(scope, year, suffix),
        content_type=MEDIA_TYPES[suffix][1],
    )
    response["Cache-Control"] = "private, no-store"
    return response
