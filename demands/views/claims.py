"""One claim: what was promised, what became of it, and the next thing to do; the venues it can use."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from alliances import clock
from alliances.registry import registries
from alliances.views.base import require, visible_or_404
from demands import policies
from demands.enums import CLAIM_WORKING, ClaimPart, ClaimState, ExtensionState, ResourceKind, ResourceState
from demands.forms.claims import NoteForm
from demands.models import Booking, Claim, Extension, Resource
from demands.selectors import claim_story, contacts, lists, places
from demands.selectors.reading import Reader
from demands.services.privacy import RevealReason
from demands.views import stations_part

MAY_NOT = "只有认领单位联络员可以办理，社区可以代录。"
MOST_VENUES = 30


def found_or_404(request: HttpRequest, pk: int) -> Claim:
    return claim_story.one(visible_or_404(claim_story.full(), request.user, pk=pk))


@login_required
@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return show(request, pk)


def show(request: HttpRequest, pk: int, *, note: NoteForm | None = None, status: int = 200) -> HttpResponse:
    """The page; ``note`` is a refused form of it."""
    claim, others = claim_story.with_others(request.user, pk)
    if claim is None:
        raise Http404("没有这一项。")
    user, demand, today = request.user, claim.demand, clock.today()
    extensions = claim_story.extensions_of(claim)
    people = claim_story.people(claim, user)
    sees_demand = claim_story.sees_demand(user, claim)
    notes = claim_story.notes_of(claim)
    reader = claim_story.reader_of(user, claim, people)
    visits = stations_part.context(request, claim, reader)
    seen = [row["visit"] for row in visits["visits_part"]["rows"]]
    asked = next((row for row in extensions if row.state == ExtensionState.ASKED), None)
    late = (today - claim.due_on).days if claim.is_overdue(today) else 0
    context = {
        "claim": claim,
        "demand": demand,
        "unit": claim.member.unit.name,
        "is_joint": claim.part == ClaimPart.JOINT,
        "state": lists.state_words(claim, today),
        "tone": "late" if late else claim_story.TONES[ClaimState(claim.state)],
        "days_late": late,
        "is_handed_back": claim.state == ClaimState.HANDED_BACK,
        "is_from_elsewhere": claim.member.alliance_id != claim.alliance_id,
        "sees_demand": sees_demand,
        "words": claim_story.demand_words(reader, claim) if sees_demand else "",
        "demand_url": places.of_demand(demand),
        "others": [_other(other) for other in others],
        "story": claim_story.for_reader(claim_story.story(claim, notes, extensions, seen), reader, claim),
        "said": {
            name: reader.said(claim, getattr(claim, name))
            for name in ("measures", "result", "hand_back_reason")
        },
        "reads_work": reader.reads_work(claim),
        "title": title(claim, reader),
        "crumbs": crumbs(claim),
        **_deeds(user, claim, note, asked),
        "asked_reason": reader.said(claim, asked.reason) if asked else "",
        **_contact(user, claim, people),
        **visits,
        "panels": [(panel.template, panel.context(user, claim)) for panel in registries.claim_panels],
    }
    return render(request, "demands/claims.html", context, status=status)


def title(claim: Claim, reader: Reader) -> str:
    """What a heading says of a claim: the unit's own name for it, else the demand's kind, never a resident's words."""
    own = claim.title if reader.reads_work(claim) else ""
    return reader.veiled(claim.demand, own) or str(claim.demand.category)


def _other(claim: Claim) -> dict[str, Any]:
    today = clock.today()
    tone = "late" if claim.is_overdue(today) else claim_story.TONES[ClaimState(claim.state)]
    return {
        "claim": claim,
        "url": places.of_claim(claim),
        "words": lists.state_words(claim, today),
        "tone": tone,
    }


def _deeds(user: Any, claim: Claim, note: NoteForm | None, asked: Extension | None) -> dict[str, Any]:
    """What the reader may do now."""
    is_working = claim.state in CLAIM_WORKING
    may_work = is_working and policies.can_work_on_claim(user, claim)
    own = claim_story.acts_for_unit(user, claim)
    return {
        "may_work": may_work,
        "own": own,
        "is_taken": claim.state == ClaimState.TAKEN,
        "is_returned": claim.state == ClaimState.RETURNED,
        "asked": asked,
        "may_answer": asked is not None and is_working and policies.can_answer_extension(user, claim),
        "note_form": (note or NoteForm(on_behalf=not own)) if may_work else None,
        "may_remove_photos": policies.can_work_on_claim(user, claim),
        "may_book": may_work and own,
        "may_release": claim_story.can_be_released(claim) and policies.can_release_contact(user, claim),
    }


def _contact(user: Any, claim: Claim, people: list[Any]) -> dict[str, Any]:
    """Whom the reader may ask for, masked; each is shown in full on a page of its own, with a reason."""
    waits = bool(people) and claim_story.waits_for_release(user, claim)
    return {
        "people": [author for author in people if author.is_open],
        "reasons": RevealReason.choices,
        # The unit asks in order to serve; whoever else looks says why.
        "usual_reason": RevealReason.SERVE.value if claim_story.acts_for_unit(user, claim) else "",
        "waits_for_release": waits,
        "release_asked_at": contacts.release_asked_at(claim) if waits else None,
        "knows_nobody": not people and policies.can_work_on_claim(user, claim),
    }


def crumbs(claim: Claim, *, below: bool = False) -> list[dict[str, str]]:
    found = [{"label": "认领清单", "url": places.of_claims()}]
    if below:
        found.append({"label": claim.demand.number, "url": places.of_claim(claim)})
    return found


# --- venues --------------------------------------------------------------------------------------------------------


@login_required
@require_safe
def venues(request: HttpRequest, pk: int) -> HttpResponse:
    """The places that the unit can book to serve its claim, and those it has booked."""
    claim = found_or_404(request, pk)
    require(
        claim_story.acts_for_unit(request.user, claim) and claim.state in CLAIM_WORKING,
        "只有正在办理的认领单位联络员可以为项目预约场地。",
    )
    rows = Resource.objects.visible_to(request.user).filter(
        kind=ResourceKind.VENUE, is_bookable=True, state=ResourceState.LISTED
    )
    bookings = Booking.objects.filter(claim=claim).select_related("resource").order_by("starts_at", "pk")
    context = {
        "claim": claim,
        "venues": [
            {"venue": venue, "url": f"{reverse_of_booking(venue)}?claim={claim.pk}"}
            for venue in rows.select_related("member__unit").order_by("name", "pk")[:MOST_VENUES]
        ],
        "bookings": [(booking, places.of_booking(booking)) for booking in bookings],
        "all_url": "/demands/resources/?kind=venue",
        "crumbs": crumbs(claim, below=True),
    }
    return render(request, "demands/claims_venues.html", context)


def reverse_of_booking(venue: Resource) -> str:
    return f"/demands/resources/{venue.pk}/book/"


def url_of(claim: Claim) -> str:
    return reverse("demands:claim-page", args=[claim.pk])
