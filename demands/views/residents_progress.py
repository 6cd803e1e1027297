"""Progress by code: whoever holds the code is the author. Looks, takes back, reopens once, answers, deletes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from alliances.errors import OfficeError
from demands.forms.residents import AnswerForm, TrackForm
from demands.models import Author
from demands.selectors import places
from demands.selectors import progress as selector
from demands.services import bookings, callbacks, tracking
from demands.views.residents_public import TOO_OFTEN_WORDS, CodeUnknown, answered, too_often

DEEDS = ("withdraw", "reopen", "delete", "answer")


@sensitive_post_parameters()
@sensitive_variables("code", "path")
@require_http_methods(["GET", "HEAD", "POST"])
def typed(request: HttpRequest) -> HttpResponse:
    """A code typed by hand: an order's, a booking's or a call-back's, whichever it is."""
    form = TrackForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if path := _leads_to(form.cleaned_data["code"]):
                return redirect(path)
            words = CodeUnknown().message
            status = 404
            if too_often(request):
                status, words = 429, TOO_OFTEN_WORDS
            form.add_error("code", words)
    return render(request, "demands/public/typed.html", {"form": form}, status=status)


def _leads_to(typed_code: str) -> str:
    """The page of a code; empty for a wrong one."""
    code = "".join(letter for letter in typed_code if letter.isalnum())
    if tracking.find(code) is not None:
        return places.of_progress(code)
    if bookings.find(code) is not None:
        return places.of_resident_booking(code)
    return places.of_answer(code) if callbacks.by_link(code) is not None else ""


@sensitive_variables("code")
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: HttpRequest, code: str) -> HttpResponse:
    """Where the demand stands. A POST's ``deed`` leads back here; after a deletion there is nothing to lead back to."""

    def show() -> HttpResponse:
        author = tracking.find(code[:100])
        if author is None:
            raise CodeUnknown
        if request.method != "POST":
            return _show(request, author)
        deed = request.POST.get("deed", "")
        if deed == "answer":
            return _answer(request, author, code)
        try:
            if deed == "delete":
                alliance = author.demand.alliance
                tracking.delete_my_data(author)
                return render(request, "demands/public/deleted.html", {"alliance": alliance})
            if deed not in DEEDS:
                return _show(request, author, problem="没有办成，请再点一次。", status=422)
            (tracking.withdraw if deed == "withdraw" else tracking.reopen)(author)
        except OfficeError as problem:
            return _again(request, code, problem.message)
        return redirect(places.of_progress(code))

    return answered(request, show)


def _answer(request: HttpRequest, author: Author, code: str) -> HttpResponse:
    """One of the author's own open call-backs; the one that is meant stands in the form's prefix."""
    due = {f"back{row.pk}": row for row in selector.of(author).due}
    call_back = due.get(request.POST.get("which", ""))
    if call_back is None:
        return _again(request, code, "这次评价已经收到了，不用再填。")
    form = AnswerForm(request.POST, prefix=f"back{call_back.pk}")
    if not form.is_valid():
        return _show(request, author, bound=form, status=422)
    try:
        callbacks.answer_by_link(call_back, form.cleaned_data["satisfaction"], form.cleaned_data["opinion"])
    except OfficeError as problem:
        return _again(request, code, problem.message)
    return redirect(places.of_progress(code))


def _again(request: HttpRequest, code: str, problem: str) -> HttpResponse:
    """The page as it is now, read anew, with the sentence why a deed was refused."""
    author = tracking.find(code[:100])
    if author is None:
        raise CodeUnknown
    return _show(request, author, problem=problem, status=409)


def _show(
    request: HttpRequest,
    author: Author,
    *,
    problem: str = "",
    bound: AnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    found = selector.of(author)
    forms = [
        {"which": prefix, "unit": row.acceptance.claim.member.unit.name, "form": form}
        for row in found.due
        if (prefix := f"back{row.pk}")
        and (form := bound if bound is not None and bound.prefix == prefix else AnswerForm(prefix=prefix))
    ]
    content: dict[str, Any] = {
        "alliance": author.demand.alliance,
        "progress": found,
        "has_contact": bool(author.name or author.phone),
        "answers": forms,
        "problem": problem,
    }
    return render(request, "demands/public/progress.html", content, status=status)
