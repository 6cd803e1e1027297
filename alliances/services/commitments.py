"""Commitments of members (承诺事项): written down from the signed paper, confirmed with evidence, or waived with a reason."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.lifecycles import COMMITMENT
from alliances.models import Agreement, Commitment, Member, User
from alliances.policies import can_run_alliance
from alliances.services import audit, digests, promises

LONGEST = 200


def add(
    member: Member, *, text: str, due_on: date, agreement: Agreement | None = None, actor: User
) -> Commitment:
    """Write down one promise of ``member``. Raises OfficeError for an empty text or another member's agreement."""
    if not can_run_alliance(actor, member.alliance):
        raise NotAllowed("承诺事项由社区书记和工作人员登记。")
    if agreement is not None and agreement.member_id != member.pk:
        raise OfficeError("所选的协议不是这家单位签订的。")
    with transaction.atomic():
        commitment = Commitment.objects.create(
            alliance=member.alliance,
            member=member,
            agreement=agreement,
            text=_words(text, "承诺事项"),
            due_on=due_on,
            created_by=actor,
        )
        data = {"member": member.pk, "due_on": due_on.isoformat()}
        audit.record("alliances.commitment.add", commitment, actor=actor, after=commitment.state, data=data)
    return commitment


def fulfil(
    commitment: Commitment, *, evidence: str, fulfilled_on: date | None = None, actor: User
) -> Commitment:
    """Confirm that the promise was kept on ``fulfilled_on`` (today by default), and by what that was seen."""
    day = fulfilled_on or clock.today()
    if day > clock.today():
        raise OfficeError("兑现日期不能在今天以后。")
    fields = {"evidence": _words(evidence, "兑现情况"), "fulfilled_on": day}
    data = {"fulfilled_on": day.isoformat()}
    return COMMITMENT.apply(commitment, "fulfil", actor=actor, fields=fields, data=data)


def waive(commitment: Commitment, *, reason: str, actor: User) -> Commitment:
    """The promise does not count any more; ``reason`` can be read by the unit."""
    return COMMITMENT.apply(commitment, "waive", actor=actor, fields={"reason": _words(reason, "原因")})


def reopen(commitment: Commitment, *, actor: User) -> Commitment:
    """Take a mistaken confirmation or waiver back; the unit is reminded of it anew."""
    fields = {"evidence": "", "fulfilled_on": None, "reason": "", "settled_at": None}
    with transaction.atomic():
        found = COMMITMENT.apply(commitment, "reopen", actor=actor, fields=fields)
        digests.forget([promises.REMIND], commitment.pk)
    return found


def _words(text: str, what: str) -> str:
    words = text.strip()
    if not words:
        raise OfficeError(f"请填写{what}。")
    if len(words) > LONGEST:
        raise OfficeError(f"{what}最多 {LONGEST} 字。")
    return words
