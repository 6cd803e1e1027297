"""A call-back answered by the link that staff sent: 满意度 and a word about it, once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from alliances.views.base import saved
from demands.forms.residents import AnswerForm
from demands.services import callbacks
from demands.views.residents_public import LinkUnknown, answered


@sensitive_variables("code")
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """Looking uses nothing up: chat programs open links before people do."""

    def show() -> HttpResponse:
        call_back = callbacks.by_link(code[:100])
        if call_back is None:
            raise LinkUnknown
        form = AnswerForm(request.POST if request.method == "POST" else None)

        def take() -> None:
            values = form.cleaned_data
            callbacks.answer_by_link(call_back, values["satisfaction"], values["opinion"])

        if request.method == "POST" and saved(form, take):
            return redirect("demands:resident-thanks")
        claim = call_back.acceptance.claim
        content = {
            "alliance": claim.demand.alliance,
            "demand": claim.demand,
            "unit": claim.member.unit.name,
            "visited_on": call_back.acceptance.visited_on,
            "form": form,
        }
        status = 422 if request.method == "POST" else 200
        return render(request, "demands/public/answer.html", content, status=status)

    return answered(request, show)


@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """After an answer: the same for everybody, the address tells nothing."""
    return render(request, "demands/public/thanks.html")
