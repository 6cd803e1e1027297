"""Commitments: who writes them down, what confirming and waiving ask for, and what a quarter counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from alliances.calendars import Quarter
from alliances.enums import AgreementKind
from alliances.errors import OfficeError
from alliances.integrity import commitments as contradictions
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import Commitment, LogEntry, Member
from alliances.selectors import commitments as record
from alliances.services import commitments, membership
from tests.cast import Cast

FIRST = Quarter(2026, 1)


def promised(cast: Cast, unit: str = "县图书馆", due: date = date(2026, 3, 31), **more: Any) -> Commitment:
    values = {"text": "全年开放阅览室不少于12次", "actor": cast.staff, **more}
    return commitments.add(cast.members[unit], due_on=due, **values)


def test_staff_write_a_commitment_down_from_the_paper(cast: Cast) -> None:
    member = cast.members["县图书馆"]
    paper = membership.sign_agreement(
        member, kind=AgreementKind.TARGET, signed_on=date(2026, 1, 5), actor=cast.staff
    )
    found = promised(cast, agreement=paper)
    assert (found.state, found.agreement, found.created_by) == ("open", paper, cast.staff)
    entry = LogEntry.objects.get(action="alliances.commitment.add")
    assert entry.data == {"member": member.pk, "due_on": "2026-03-31"}


def test_a_commitment_needs_words_and_its_own_members_agreement(cast: Cast) -> None:
    paper = membership.sign_agreement(
        cast.members["县财政局"], kind=AgreementKind.TARGET, signed_on=date(2026, 1, 5), actor=cast.staff
    )
    with pytest.raises(OfficeError, match="不是这家单位"):
        promised(cast, agreement=paper)
    with pytest.raises(OfficeError, match="请填写承诺事项"):
        promised(cast, text="  ")
    with pytest.raises(OfficeError, match="最多 200 字"):
        promised(cast, text="长" * 201)
    with pytest.raises(NotAllowed):
        promised(cast, actor=cast.liaison)
    with pytest.raises(NotAllowed):
        promised(cast, actor=cast.foreign_secretary)
    assert not Commitment.objects.exists()


def test_fulfilling_asks_for_evidence_and_a_day_that_has_come(cast: Cast) -> None:
    found = promised(cast)
    with pytest.raises(OfficeError, match="请填写兑现情况"):
        commitments.fulfil(found, evidence="", actor=cast.staff)
    with pytest.raises(OfficeError, match="今天以后"):
        commitments.fulfil(found, evidence="已开放3次", fulfilled_on=date(2026, 3, 3), actor=cast.staff)
    commitments.fulfil(found, evidence="已开放3次", actor=cast.staff)
    found.refresh_from_db()
    assert (found.state, found.fulfilled_on, found.evidence) == ("fulfilled", date(2026, 3, 2), "已开放3次")
    with pytest.raises(TooLate):
        commitments.waive(found, reason="职能调整", actor=cast.secretary)


def test_waiving_is_the_secretarys_and_says_why(cast: Cast) -> None:
    found = promised(cast)
    with pytest.raises(NotAllowed):
        commitments.waive(found, reason="职能调整", actor=cast.staff)
    with pytest.raises(OfficeError, match="请填写原因"):
        commitments.waive(found, reason="", actor=cast.secretary)
    commitments.waive(found, reason="职能调整", actor=cast.secretary)
    commitments.reopen(found, actor=cast.secretary)
    found.refresh_from_db()
    assert (found.state, found.reason, found.settled_at) == ("open", "", None)


def test_a_quarter_counts_by_the_day_due_and_leaves_waived_ones_out(cast: Cast) -> None:
    kept = promised(cast, due=date(2026, 1, 1))
    late = promised(cast, due=date(2026, 3, 31))
    commitments.fulfil(kept, evidence="见台账", actor=cast.staff)
    Commitment.objects.filter(pk=late.pk).update(
        state="fulfilled", fulfilled_on=date(2026, 4, 1), evidence="见台账"
    )
    waived = promised(cast, "县财政局", due=date(2026, 2, 1))
    commitments.waive(waived, reason="职能调整", actor=cast.secretary)
    promised(cast, due=date(2026, 4, 1))
    promised(cast, due=date(2025, 12, 31))
    found = record.for_quarter(cast.alliance, FIRST)
    assert (found.fulfilled, found.due, found.waived) == (1, 2, 1)
    assert found.of(cast.members["县图书馆"].pk) == record.MemberRecord(due=2, fulfilled=1)
    assert found.of(cast.members["县财政局"].pk) == record.MemberRecord()


def test_a_commitment_of_another_alliances_member_is_a_contradiction(cast: Cast) -> None:
    found = promised(cast)
    assert contradictions() == []
    other: Member = cast.foreign_members["县法院"]
    Commitment.objects.filter(pk=found.pk).update(member=other)
    assert contradictions() == [f"承诺事项 {found.pk} 的联盟与单位所在的联盟不同"]
