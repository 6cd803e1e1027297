"""下单到单位: the office asks chosen units, takes an offer back, opens the hall; a unit answers."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from alliances import clock
from alliances.enums import MEMBER_ROLES
from alliances.views.base import act, require, saved, visible_or_404
from demands import policies
from demands.enums import OfferState
from demands.forms.hall import DeclineForm, OffersForm
from demands.models import Demand, Offer
from demands.selectors import fitting, hall, places
from demands.selectors.deadlines import Office
from demands.services import dispatch
from demands.views.hall_claim import FULL
from demands.views.hall_part import OFFER_TONES

WITH_DEMAND = Offer.objects.select_related(
    "member__unit",
    "member__alliance__organisation",
    "demand__category",
    "demand__station",
    "demand__shared_to",
    "demand__alliance__organisation",
)
SUGGESTED = 5
OFFICE_ONLY = "只有社区书记和工作人员可以派单。"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def offers(request: HttpRequest, pk: int) -> HttpResponse:
    """Units that fit, with why, as boxes to tick; the others beside. One page, one button."""
    demand = visible_or_404(FULL, request.user, pk=pk)
    require(policies.can_offer_demand(request.user, demand), OFFICE_ONLY)
    if demand.state not in dispatch.OFFERABLE:
        messages.info(request, f"需求现在是“{demand.get_state_display()}”，不能派单。")
        return redirect(places.of_demand(demand))
    asked = hall.offers_on(request.user, demand)
    waiting = {offer.member_id for offer in asked if offer.state == OfferState.OFFERED}
    units = [row for row in fitting.units_for(demand, None) if row.member.pk not in waiting]
    suggested, others = units[:SUGGESTED], units[SUGGESTED:]
    form = OffersForm(
        request.POST if request.method == "POST" else None,
        home=demand.alliance,
        suggested=suggested,
        others=hall.in_order((row.member for row in others), demand),
        reply_by=Office(demand.alliance.organisation).reply_by(clock.today()),
    )

    def deed() -> None:
        values = form.cleaned_data
        dispatch.offer(
            demand,
            values["members"],
            note=values["note"],
            reply_by=values["reply_by"],
            actor=request.user,
        )

    if request.method == "POST" and saved(form, deed):
        names = "、".join(member.unit.name for member in form.cleaned_data["members"])
        messages.success(request, f"已派给{names}，联络员会收到消息。")
        return redirect(places.of_demand(demand))
    context = {
        "demand": demand,
        "words": demand.content,  # the office's own
        "form": form,
        # The boxes as the form gives them, the suggested ones with the reason beside each.
        "suggested": [
            {"box": box, "reason": row.reason}
            for box, row in zip(form["units"].subwidgets, suggested, strict=False)
        ],
        "others": form["units"].subwidgets[len(suggested) :],
        "asked": [{"offer": row, "tone": OFFER_TONES[OfferState(row.state)]} for row in asked],
        "back": places.of_demand(demand),
        "crumbs": _crumbs(demand),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "demands/hall_offers.html", context, status=status)


def _crumbs(demand: Demand) -> list[dict[str, str]]:
    return [
        {"label": "领办大厅", "url": reverse("demands:hall")},
        {"label": demand.number, "url": places.of_demand(demand)},
    ]


@login_required
@require_POST
def open_hall(request: HttpRequest, pk: int) -> HttpResponse:
    demand = visible_or_404(FULL, request.user, pk=pk)
    require(policies.can_offer_demand(request.user, demand), "只有社区书记和工作人员可以开放领办。")
    return act(
        request,
        lambda: dispatch.open_hall(demand, actor=request.user),
        done="已放进领办大厅，联盟各单位都可以认领。",
        back=places.of_demand(demand),
    )


# --- one offer ------------------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it (a claim answers the offer) or decline with a reason; the office writes the unit's word down."""
    offer = visible_or_404(WITH_DEMAND, request.user, pk=pk)
    demand = offer.demand
    rule = policies.can_answer_offer
    require(rule(request.user, offer), "只有本单位联络员可以回复派单，社区可以代录。")
    if offer.state != OfferState.OFFERED:
        messages.info(request, f"这次派单已经“{offer.get_state_display()}”。")
        return redirect(places.of_demand(demand))
    on_behalf = rule.capacity(request.user, offer) not in MEMBER_ROLES
    form = DeclineForm(
        request.POST if request.method == "POST" else None,
        on_behalf=on_behalf,
        since=clock.local(offer.offered_at).date(),
    )
    if request.method == "POST" and saved(
        form, lambda: dispatch.decline(offer, **form.parts(), actor=request.user)
    ):
        messages.success(request, f"已记下{offer.member.unit.name}不能承接，社区会另派单位或开放领办。")
        return redirect(places.of_demand(demand))
    claim_url = reverse("demands:claim-take", args=[demand.pk])
    context = {
        "offer": offer,
        "demand": demand,
        "words": hall.words_for(request.user, [demand])[demand.pk],
        "share": hall.share_label(demand) if offer.member.alliance_id != demand.alliance_id else "",
        "form": form,
        "on_behalf": on_behalf,
        "is_late": offer.reply_by < clock.today(),
        "take_url": f"{claim_url}?record=1&member={offer.member_id}" if on_behalf else claim_url,
        "back": places.of_demand(demand),
        "crumbs": _crumbs(demand),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "demands/hall_offer.html", context, status=status)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    offer = visible_or_404(WITH_DEMAND, request.user, pk=pk)
    require(policies.can_offer_demand(request.user, offer.demand), OFFICE_ONLY)
    return act(
        request,
        lambda: dispatch.take_back(offer, actor=request.user),
        done=f"已收回给{offer.member.unit.name}的派单。",
        back=places.of_demand(offer.demand),
    )
