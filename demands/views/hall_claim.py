"""Taking a demand: a unit by itself with three fields, or the office for a unit that said so on paper or by telephone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from alliances import clock
from alliances.enums import Role, Via
from alliances.models import Member
from alliances.selectors import directory
from alliances.views.base import require, saved, visible_or_404
from demands import policies
from demands.enums import ClaimPart
from demands.forms.hall import ClaimForm, RecordForm
from demands.models import Claim, Demand
from demands.selectors import hall, places
from demands.selectors.deadlines import Office
from demands.selectors.hall import OnDemand
from demands.services import claims
from demands.services.claims import Promise

FULL = Demand.objects.select_related("category", "station", "shared_to", "alliance__organisation")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """``?record=1``: the office writes a unit's word down, for the unit of ``?member=`` if it is named."""
    demand = visible_or_404(FULL, request.user, pk=pk)
    own = hall.own_members(request.user, demand)
    may_record = policies.can_record_claim(request.user, demand)
    require(own or may_record, "只有单位联络员可以认领，社区可以代单位登记。")
    records = may_record and (not own or request.GET.get("record") == "1")
    found = hall.on_demand(request.user, demand)
    if records:
        members = hall.units_that_may(demand) if demand.state in hall.CLAIMABLE else []
    else:
        members = found.free(demand, own)
    if not members:
        return _not_now(request, demand, found, own)
    form = _form(request, demand, found, members, records=records)
    done: list[Claim] = []
    if request.method == "POST" and saved(form, lambda: done.append(_take(request, demand, form, records))):
        return _taken(request, done[0], records=records)
    if request.method == "POST" and form.is_bound and form.non_field_errors():
        found = hall.on_demand(
            request.user, demand
        )  # somebody else was faster: what is said now is how it stands now
    context = {
        "demand": demand,
        "words": hall.words_for(request.user, [demand])[demand.pk],
        "share": hall.share_label(demand),
        "form": form,
        "records": records,
        "part": found.next_part,
        "lead": found.lead,
        "unit": members[0] if len(members) == 1 else None,
        "back": places.of_demand(demand),
        "crumbs": [
            {"label": "领办大厅", "url": reverse("demands:hall")},
            {"label": demand.number, "url": places.of_demand(demand)},
        ],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "demands/hall_claim.html", context, status=status)


def _not_now(request: HttpRequest, demand: Demand, found: OnDemand, own: list[Member]) -> HttpResponse:
    """Why nobody can claim here now, on the page that shows how it stands."""
    mine = {member.pk for member in own}
    claim = next((claim for claim in found.standing if claim.member_id in mine), None)
    if claim is not None:
        messages.info(request, "本单位已经认领这项需求。")
        return redirect(places.of_claim(claim))
    if demand.state not in hall.CLAIMABLE:
        messages.info(request, f"这项需求现在是“{demand.get_state_display()}”，不能再认领。")
    elif demand.hall_opened_at is None and own:
        messages.info(request, "这项需求正在等派单的单位回复，还没有开放领办。")
    else:
        messages.info(request, "能够认领的单位都已认领。")
    return redirect(places.of_demand(demand))


def _form(
    request: HttpRequest, demand: Demand, found: OnDemand, members: list[Member], *, records: bool
) -> ClaimForm | RecordForm:
    data = request.POST if request.method == "POST" else None
    latest = Office(demand.alliance.organisation).due_on(demand.urgency, clock.today())
    asked = {"home": demand.alliance, "members": members, "latest": latest}
    if records:
        named = next((m for m in members if str(m.pk) == request.GET.get("member")), None)
        # A foreign unit's people are not ours to show; who answers for it is typed as it was said.
        own = named if named and named.alliance_id == demand.alliance_id else None
        post = directory.holder(own, Role.LIAISON) if own else None
        initial: dict[str, Any] = {"member": named.pk if named else ""}
        if post is not None:
            initial |= {"responsible": post.person.name, "responsible_phone": post.person.phone}
        return RecordForm(data, **asked, initial=initial)
    offer = next((o for m in members if (o := found.open_offer(m))), None)
    initial = {
        "responsible": request.user.person.name,
        "member": offer.member_id if offer else members[0].pk,
        "resource": offer.resource_id if offer else None,
    }
    return ClaimForm(data, **asked, resources=hall.resources_of(members), initial=initial)


def _take(request: HttpRequest, demand: Demand, form: Any, records: bool) -> Claim:
    values = form.cleaned_data
    promise = Promise(
        measures=values["measures"],
        responsible=values["responsible"],
        responsible_phone=values["responsible_phone"] if records else _own_phone(request, values),
        due_on=values["due_on"],
        part=ClaimPart.JOINT if request.POST.get("part") == ClaimPart.JOINT else ClaimPart.LEAD,
        resource=form.chosen_resource,
    )
    via = values["via"] if records else Via.SCREEN
    return claims.take(demand, form.chosen_member, promise, via=via, actor=request.user)


def _own_phone(request: HttpRequest, values: dict[str, Any]) -> str:
    """The liaison's own number while the liaison stays responsible: nothing that is known is asked."""
    person = request.user.person
    return person.phone if values["responsible"].strip() == person.name else ""


def _taken(request: HttpRequest, claim: Claim, *, records: bool) -> HttpResponse:
    name = claim.member.unit.name
    if records:
        messages.success(
            request, f"已登记{name}{claim.get_part_display()}认领（{claim.get_via_display()}）。"
        )
        return redirect(places.of_demand(claim.demand))
    day = f"{claim.due_on.month}月{claim.due_on.day}日"
    messages.success(request, f"已由{name}{claim.get_part_display()}认领，请在{day}前完成。")
    return redirect(places.of_claim(claim))
