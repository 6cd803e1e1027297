"""Looking at a resident's contact: a reason first, then once on the answer page; the log keeps who looked and why."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from alliances.views.base import next_url, saved, visible_or_404
from demands.forms.intake_deeds import RevealForm
from demands.models import Author
from demands.selectors import places
from demands.services import privacy
from demands.services.privacy import Contact, RevealReason


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """GET asks for the reason; the answer to the POST is the only page that ever says name and phone in full."""
    rows = Author.objects.select_related("demand__alliance__organisation", "demand__merged_into")
    author = visible_or_404(rows, request.user, pk=pk)
    form = RevealForm(request.POST if request.method == "POST" else None)
    found: list[Contact] = []
    shown = request.method == "POST" and saved(
        form,
        lambda: found.append(privacy.reveal(author, form.cleaned_data["reason"], actor=request.user)),
    )
    demand = author.demand.merged_into or author.demand
    context = {
        "author": author,
        "demand": demand,
        "form": form,
        "contact": found[0] if found else None,
        "back": next_url(request, places.of_demand(demand)),  # where the contact was asked for
        "reason": RevealReason(form.cleaned_data["reason"]).label if shown else "",
        "crumbs": [
            {"label": "需求清单", "url": places.of_demands()},
            {"label": demand.number, "url": places.of_demand(demand)},
        ],
    }
    status = 422 if form.is_bound and not shown else 200
    response = render(request, "demands/intake_reveal.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
