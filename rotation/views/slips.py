"""The slip: its paper as issued, who has signed and how, signing, recording from paper, downloads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alliances import clock
from alliances.enums import Role, Via
from alliances.models import Appointment, LogEntry, Person
from alliances.selectors import history
from alliances.views.base import act, require, saved, visible_or_404
from rotation import policies
from rotation.documents import chat_text, paper_response
from rotation.enums import SlipState
from rotation.forms.slips import RecordReceiptForm
from rotation.models import Receipt, Slip
from rotation.selectors import ledgers
from rotation.services import slips

WARNINGS = {f"rotation.slip.{name}" for name in ("nudge", "escalate", "lapse", "withdraw")}


@dataclass(frozen=True)
class Line:
    """One line of the slip's story."""

    at: datetime
    what: str
    who: str
    is_warning: bool


@login_required
@require_safe
def slip(request: HttpRequest, pk: int) -> HttpResponse:
    """Reading never signs: only the button does."""
    slip = _slip(request, pk)
    receipts = _receipts(slip)
    standing = slip.state == SlipState.ISSUED
    may_record = policies.can_record_receipt(request.user, slip)
    words, tone = ledgers.state_words(slip, clock.today())
    own = [r for r in receipts if policies.can_acknowledge_receipt(request.user, r)]
    liaisons = _liaisons(receipts) if may_record and standing else {}
    context = {
        "slip": slip,
        "paper": slip.paper,
        "words": words,
        "tone": tone,
        "is_overdue": tone == "late",
        "signatures": [{"receipt": r, "liaison": liaisons.get(r.member_id)} for r in receipts],
        "to_sign": [r for r in own if r.signed_at is None] if standing else [],
        "may_record": may_record and standing,
        "chat_text": chat_text(slip.paper, reverse("rotation:slip", args=[slip.pk])),
        "others": _linked(request, slip),
        "story": _story(slip, receipts),
        "crumbs": _crumbs(request, slip),
        "withdrawn": slip.state == SlipState.WITHDRAWN,
    }
    return render(request, "rotation/slip.html", context)


@login_required
@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """The liaison's one tap: signs for the unit named, else for every unit of the person's that has not signed."""
    slip = _slip(request, pk)
    own = [r for r in _receipts(slip) if policies.can_acknowledge_receipt(request.user, r)]
    if named := request.POST.get("receipt"):
        own = [r for r in own if str(r.pk) == named]
    require(own, "只有本单位联络员可以签收。纸质或电话签收的，请社区代录。")

    def deed() -> None:
        for receipt in own:
            slips.acknowledge(receipt, actor=request.user)

    names = "、".join(r.member.unit.name for r in own)
    return act(request, deed, done=f"{names}已签收，谢谢。", back=reverse("rotation:slip", args=[slip.pk]))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Secretary or staff write down a receipt given on paper or by telephone."""
    slip = _slip(request, pk)
    require(policies.can_record_receipt(request.user, slip), "只有社区书记和工作人员可以代录签收。")
    receipts = [r for r in _receipts(slip) if r.signed_at is None]
    if slip.state != SlipState.ISSUED or not receipts:
        words, _ = ledgers.state_words(slip, clock.today())
        messages.info(request, f"提醒单现在是“{words}”，没有要代录的签收。")
        return redirect("rotation:slip", pk=slip.pk)
    liaisons = _liaisons(receipts)
    named = request.POST.get("receipt") or request.GET.get("receipt")
    chosen = next((r for r in receipts if str(r.pk) == named), receipts[0])
    form = RecordReceiptForm(
        request.POST if request.method == "POST" else None,
        receipts=receipts,
        liaisons={pk: person.name for pk, person in liaisons.items()},
        chosen=chosen,
    )
    if request.method == "POST" and saved(form, lambda: _record(form, request.user)):
        how = Via(form.cleaned_data["via"]).label
        messages.success(request, f"已记下{form.chosen_receipt.member.unit.name}签收（{how}）。")
        return redirect("rotation:slip", pk=slip.pk)
    context = {
        "slip": slip,
        "form": form,
        "chosen": chosen,
        "crumbs": [
            *_crumbs(request, slip),
            {"label": f"{slip.duty.period.label}提醒单", "url": reverse("rotation:slip", args=[slip.pk])},
        ],
    }
    return render(request, "rotation/slip_record.html", context)


def _record(form: RecordReceiptForm, user: Any) -> None:
    slips.record_receipt(
        form.chosen_receipt,
        signer_name=form.cleaned_data["signer_name"],
        via=form.cleaned_data["via"],
        signed_on=form.cleaned_data["signed_on"],
        actor=user,
    )


@login_required
@require_safe
def paper(request: HttpRequest, pk: int, fmt: str) -> HttpResponse:
    """The frozen paper as Word or PDF."""
    return paper_response(_slip(request, pk).paper, fmt)


# --- what the page shows ------------------------------------------------------------------------------------------


def _slip(request: HttpRequest, pk: int) -> Slip:
    rows = Slip.objects.select_related(
        "alliance__organisation", "duty__plan", "replaces", "replaced_by"
    ).defer("replaces__paper", "replaced_by__paper")
    return visible_or_404(rows, request.user, pk=pk)


def _receipts(slip: Slip) -> list[Receipt]:
    """All receipts in order; each knows this very slip, so that asking who may sign costs no query."""
    rows = list(slip.receipts.select_related("member__unit", "recorded_by__person").order_by("order"))
    for receipt in rows:
        receipt.slip = slip
        receipt.member.alliance = slip.alliance
    return rows


def _liaisons(receipts: list[Receipt]) -> dict[int, Person]:
    """Liaisons of the units that have not signed, by member id: whom staff telephone."""
    waiting = [r.member_id for r in receipts if r.signed_at is None]
    posts = Appointment.objects.current().filter(member__in=waiting, role=Role.LIAISON)
    return {post.member_id: post.person for post in posts.select_related("person")}


def _linked(request: HttpRequest, slip: Slip) -> list[dict[str, Any]]:
    """The slip this one replaces and the one that replaced it; a link only for those who may see it."""
    linked = []
    if slip.replaces is not None:
        linked.append({"words": "本单替换", "slip": slip.replaces})
    if newer := getattr(slip, "replaced_by", None):
        linked.append({"words": "已换发", "slip": newer})
    if linked:
        rows = Slip.objects.visible_to(request.user).filter(pk__in=[entry["slip"].pk for entry in linked])
        seen = set(rows.values_list("pk", flat=True))
        for entry in linked:
            entry["visible"] = entry["slip"].pk in seen
    return linked


def _story(slip: Slip, receipts: list[Receipt]) -> list[Line]:
    """What happened to the slip, oldest first."""
    units = {receipt.member_id: receipt.member.unit.name for receipt in receipts}
    return [
        Line(clock.local(entry.at), _what(entry, units), _who(entry), entry.action in WARNINGS)
        for entry in reversed(history.of_object(slip))
    ]


def _what(entry: LogEntry, units: dict[int, str]) -> str:
    sentence = history.sentence(entry).removeprefix("提醒单：")
    unit = units.get(entry.data.get("member"))
    via = entry.data.get("via")
    if unit is None:
        return sentence
    return f"{unit}签收（{Via(via).label}）" if via in Via.values else f"{sentence}：{unit}"


def _who(entry: LogEntry) -> str:
    if entry.actor is None:
        return "系统按时办理"
    role = Role(entry.capacity).label if entry.capacity in Role.values else ""
    return f"{entry.actor.person.name} {role}".strip()


def _crumbs(request: HttpRequest, slip: Slip) -> list[dict[str, str]]:
    """The ledger for those who may read it; for the unit's own people, the desk."""
    if policies.can_read_ledger(request.user, slip):
        return [{"label": "提醒单台账", "url": reverse("rotation:ledger")}]
    return [{"label": "工作台", "url": reverse("alliances:desk")}]
