"""Importing spreadsheets: choose and upload, look at what would happen, answer, commit."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alliances.enums import Role
from alliances.errors import OfficeError
from alliances.forms.imports import AnswersForm, UploadForm
from alliances.importing.importer import ADDED, CHANGED, SheetImport
from alliances.models import ImportDraft
from alliances.services import imports
from alliances.views.base import require

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_SHOWN = 200
FATES = {"added": ("新增", "done"), "changed": ("更改", "wait"), "unchanged": ("不变", "off")}


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What can be imported, and the person's own uploads of the day."""
    kinds = imports.kinds_for(request.user)
    require(kinds, "导入表格由社区书记、社区工作人员或系统管理员办理。")
    drafts = [
        {"draft": draft, "title": kind.title, "counts": draft.report.get("outcome", {})}
        for draft in imports.drafts_of(request.user)
        if (kind := imports.kind_of(draft.kind))
    ]
    return render(request, "alliances/imports.html", {"kinds": kinds, "drafts": drafts})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Upload a file; it is read at once and kept for a day until it is committed or dropped."""
    importer = _kind(request, kind)
    alliances = imports.alliances_for(request.user)
    if importer.by_alliance and not alliances:
        messages.warning(request, "还没有可以导入的联盟，请先导入组织架构。")
        return redirect("alliances:imports")
    posted = request.method == "POST"
    form = UploadForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        kind=importer,
        alliances=alliances,
        whole=request.user.holds(Role.ADMINISTRATOR),
    )
    if posted and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            draft = imports.upload(
                importer,
                file.read(),
                file.name,
                only=form.only,
                year=form.cleaned_data.get("year"),
                actor=request.user,
            )
        except OfficeError as problem:
            form.add_error("file", problem.message)
        else:
            return redirect("alliances:import-draft", pk=draft.pk)
    context = {"form": form, "kind": importer, "crumbs": _crumbs()}
    return render(request, "alliances/import_new.html", context)


@login_required
@require_safe
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """The empty form of this kind as .xlsx."""
    importer = _kind(request, kind)
    response = HttpResponse(imports.template(importer), content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, f"{importer.title}（模板）.xlsx")
    return response


@login_required
@require_safe
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """What the file would do, or did."""
    found = _draft(request, pk)
    return _show(request, found, AnswersForm(questions=_questions(found)))


@login_required
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    found = _draft(request, pk)
    form = AnswersForm(request.POST, questions=_questions(found))
    if not form.is_valid():
        return _show(request, found, form)
    try:
        imports.answer(found, form.answers())
    except OfficeError as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, "已按您的答复重新核对。")
    return redirect("alliances:import-draft", pk=pk)


@login_required
@require_POST
def commit(request: HttpRequest, pk: int) -> HttpResponse:
    found = _draft(request, pk)
    try:
        outcome = imports.commit(found, skip_refused=request.POST.get("skip") == "1")
    except OfficeError as problem:
        messages.error(request, problem.message)
    else:
        done = f"导入完成：新增 {outcome.added}，更改 {outcome.changed}，不变 {outcome.unchanged}。"
        messages.success(request, done)
    return redirect("alliances:import-draft", pk=pk)


@login_required
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    imports.drop(_draft(request, pk))
    messages.success(request, "已放弃，没有导入任何内容。")
    return redirect("alliances:imports")


# --- what the pages share ----------------------------------------------------------------------------------------


def _kind(request: HttpRequest, name: str) -> type[SheetImport]:
    kind = imports.kind_of(name)
    if kind is None:
        raise Http404("没有这种表格。")
    if not imports.may_import(request.user, kind):
        raise PermissionDenied(f"您的身份不能导入{kind.title}。")
    return kind


def _draft(request: HttpRequest, pk: int) -> ImportDraft:
    found = imports.draft_of(request.user, pk)
    if found is None or imports.kind_of(found.kind) is None:
        raise Http404("这份导入不存在或已过期。")
    return found


def _questions(found: ImportDraft) -> list[dict[str, Any]]:
    outcome = imports.told(found)
    return [*outcome.get("questions", []), *outcome.get("answered", [])]


def _crumbs() -> list[dict[str, str]]:
    return [{"label": "导入", "url": reverse("alliances:imports")}]


def _show(request: HttpRequest, found: ImportDraft, form: AnswersForm) -> HttpResponse:
    outcome = imports.told(found)
    moving = [row for row in outcome.get("rows", []) if row["fate"] in (ADDED, CHANGED)]
    for row in moving:
        row["word"], row["tone"] = FATES[row["fate"]]
    refused = outcome.get("refused", [])
    organisation = found.organisation
    context = {
        "draft": found,
        "kind": imports.kind_of(found.kind),
        "place": organisation.name if organisation else "",
        "outcome": outcome,
        "form": form,
        "open_questions": len(outcome.get("questions", [])),
        "moving": moving[:_MOST_SHOWN],
        "moving_more": max(0, len(moving) - _MOST_SHOWN),
        "refused": refused[:_MOST_SHOWN],
        "refused_count": len(refused),
        "refused_more": max(0, len(refused) - _MOST_SHOWN),
        "good": outcome.get("added", 0) + outcome.get("changed", 0),
        "crumbs": _crumbs(),
    }
    return render(request, "alliances/import_draft.html", context)
