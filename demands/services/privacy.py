"""Residents' contacts: shown on click with a reason that is logged, released to a unit by the secretary, cleared by the
clock or on request. The log keeps ids and the reason's kind, never a name or a phone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import Alliance, User
from alliances.selectors.settings import settings_for
from alliances.services import audit, sweeps
from demands import policies
from demands.enums import CLAIM_STANDING, DEMAND_ENDED, CallBackState, ClaimState, DemandState
from demands.models import (
    Acceptance,
    Author,
    Booking,
    CallBack,
    Claim,
    Demand,
    Extension,
    Offer,
    ProgressNote,
)
from demands.selectors import contacts, places
from demands.services.acting import hold, liaisons, tell

RESIDENTS_PURPOSE = "居民使用"  # what is left of a resident's booking
BATCH = 500


class RevealReason(models.TextChoices):
    """Why a contact is looked at: a short list, so that no name slips into the log."""

    ASK = "ask", "联系需求人了解情况"
    SERVE = "serve", "上门或联系服务"
    ACCEPT = "accept", "验收"
    CALL_BACK = "call_back", "回访"
    CHECK = "check", "核对是否重复、登记是否有误"


@dataclass(frozen=True)
class Contact:
    name: str
    phone: str


def reveal(author: Author, reason: str, *, actor: User) -> Contact:
    """The contact in full, with a row of the log that says who looked and why. Raises OfficeError, NotAllowed."""
    if reason not in RevealReason.values:
        raise OfficeError("请选择查看联系方式的原因。")
    if not policies.may_see_contact(actor, author):
        raise NotAllowed("您不能查看这位需求人的联系方式。")
    with transaction.atomic():
        audit.record(
            "demands.author.reveal", author.demand, actor=actor, data={"author": author.pk, "reason": reason}
        )
        # Read after the row is written: what was cleared in the meantime is not shown.
        fresh = Author.objects.get(pk=author.pk)
    return Contact(fresh.name, fresh.phone)


def release(claim: Claim, *, actor: User) -> Claim:
    """The secretary lets the unit of a standing claim see the contact of a sensitive demand."""
    if not policies.can_release_contact(actor, claim):
        raise NotAllowed("只有社区书记可以放行敏感需求的联系方式。")
    with transaction.atomic():
        hold(claim.demand)
        hit = Claim.objects.filter(
            pk=claim.pk, state__in=[s for s in CLAIM_STANDING if s != ClaimState.ACCEPTED]
        ).update(contact_released_at=clock.now(), contact_released_by=actor)
        if not hit:
            raise TooLate("这家单位已不在办理，不能再放行联系方式。")
        audit.record("demands.claim.release_contact", claim, actor=actor, data={"member": claim.member_id})
        tell(
            liaisons(claim.member),
            claim,
            "demands.claim.contact_released",
            f"联系方式已放行：{claim.demand.number}",
            "社区书记已放行需求人的联系方式，请打开认领项目查看；只用于办理这件事。",
            places.of_claim(claim),
        )
    claim.refresh_from_db(fields=["contact_released_at", "contact_released_by"])
    return claim


# Where people type words about a need: the lookup that leads to the demand, and the fields.
_TYPED: tuple[tuple[type[models.Model], str, tuple[str, ...]], ...] = (
    (Demand, "pk", ("content", "reason", "share_text", "hand_up_note")),
    (Offer, "demand", ("note", "decline_reason")),
    (Claim, "demand", ("title", "measures", "result", "hand_back_reason")),
    (ProgressNote, "claim__demand", ("text",)),
    (Extension, "claim__demand", ("reason", "answer")),
    (Booking, "claim__demand", ("purpose", "answer")),
    (Acceptance, "claim__demand", ("to_mend", "mended")),
    (CallBack, "acceptance__claim__demand", ("opinion", "follow_up")),
)


def clear(authors: Iterable[int]) -> int:
    """Make these authors numbers without persons, also in the words that were typed about their needs; their call-backs
    are answered by nobody any more. How many were."""
    keys = list(authors)
    with transaction.atomic():
        _mask_words(keys)
        hit = Author.objects.filter(pk__in=keys, anonymised_at=None).update(
            name="", phone="", phone_key="", tracking_hash="", anonymised_at=clock.now()
        )
        # Whoever cannot be asked any more is not: the station looks for itself.
        open_ones = CallBack.objects.filter(author_id__in=keys).exclude(state=CallBackState.ANSWERED)
        open_ones.update(author=None, link_hash="")
    return hit


def _mask_words(authors: list[int]) -> None:
    """Words are masked by the names when they are read; before a name goes, the mask is written into the words of its
    demand, of what that was merged into and of what else was merged there."""
    whose: dict[int, list[Author]] = {}
    rows = Author.objects.filter(pk__in=authors, anonymised_at=None).select_related("demand")
    for author in rows:
        if author.name or author.phone:
            whose.setdefault(author.demand.merged_into_id or author.demand_id, []).append(author)
    family = Demand.objects.filter(Q(pk__in=whose) | Q(merged_into__in=whose))
    root = {pk: into or pk for pk, into in family.values_list("pk", "merged_into")} if whose else {}
    if not root:
        return
    for model, path, fields in _TYPED:
        found = model._default_manager.filter(**{f"{path}__in": list(root)})
        for pk, demand, *words in found.values_list("pk", path, *fields):
            masked = [contacts.veil(word, whose[root[demand]]) for word in words]
            changed = {
                name: after[: model._meta.get_field(name).max_length]
                for name, before, after in zip(fields, words, masked, strict=True)
                if before != after
            }
            if changed:
                model._default_manager.filter(pk=pk).update(**changed)


# --- the clock -----------------------------------------------------------------------------------------------------


def anonymise_due(now: datetime) -> list[str]:
    """Sweep: 90 days (a setting) after the later of its end and its import a demand keeps nobody's name; one that was
    merged waits for the end of what it was merged into. Residents' bookings likewise after their day."""
    return sweeps.each(
        Alliance.objects.select_related("organisation").order_by("pk"), lambda one: _anonymise_in(one, now)
    )


def _anonymise_in(alliance: Alliance, now: datetime) -> list[str]:
    before = now - timedelta(days=settings_for(alliance.organisation).anonymise_after)
    ended = Demand.objects.filter(alliance=alliance, anonymised_at=None, state__in=DEMAND_ENDED)
    late = Greatest(F("ended_at"), Coalesce(F("imported_at"), F("ended_at")))
    target_ended = Q(merged_into=None) | Q(
        merged_into__state__in=DEMAND_ENDED, merged_into__ended_at__lt=before
    )
    rows = ended.annotate(late=late).filter(target_ended, late__lt=before).order_by("pk")
    keys = list(rows.values_list("pk", flat=True)[:BATCH])
    with transaction.atomic():
        # A demand that was taken up again a moment ago is not touched.
        still = list(
            Demand.objects.select_for_update()
            .filter(pk__in=keys, state__in=DEMAND_ENDED, anonymised_at=None)
            .exclude(state=DemandState.MERGED, merged_into=None)
        )
        clear(Author.objects.filter(demand__in=still).values_list("pk", flat=True))
        for demand in still:
            Demand.objects.filter(pk=demand.pk).update(anonymised_at=now)
            audit.record("demands.demand.anonymise", demand, actor=None)
        gone = _anonymise_bookings(alliance, before)
    count = len(still) + gone
    return [f"{alliance.name}清除 {count} 件的需求人信息"] if count else []


def _anonymise_bookings(alliance: Alliance, before: datetime) -> int:
    over = Booking.objects.filter(alliance=alliance, ends_at__lt=before, member=None).exclude(
        asker_name="", asker_phone="", tracking_hash=""
    )
    keys = list(over.order_by("pk").values_list("pk", flat=True)[:BATCH])
    for booking in Booking.objects.filter(pk__in=keys).select_related("alliance"):
        # What a resident wrote it was for may name somebody too.
        Booking.objects.filter(pk=booking.pk).update(
            asker_name="", asker_phone="", tracking_hash="", purpose=RESIDENTS_PURPOSE
        )
        audit.record("demands.booking.anonymise", booking, actor=None)
    return len(keys)
