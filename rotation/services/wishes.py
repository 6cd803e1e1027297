"""Collecting wishes: the only writer of ``Wish``."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from alliances import clock
from alliances.errors import OfficeError
from alliances.models import Member, User
from alliances.services import audit
from rotation.enums import PlanState
from rotation.models import Plan, Wish


def submit(
    member: Member,
    year: int,
    *,
    preferred: Sequence[int],
    blackout: Sequence[int],
    theme: str = "",
    resources: str = "",
    excused_reason: str = "",
    source: str,
    actor: User | None,
) -> tuple[Wish, bool]:
    """The member's wish for ``year``, replacing an earlier one. Returns it and whether anything changed."""
    both = sorted(set(preferred) & set(blackout))
    if both:
        raise OfficeError(f"{'、'.join(f'{m}月' for m in both)}既填了意向又填了不便，请留一项。")
    if any(month not in range(1, 13) for month in (*preferred, *blackout)):
        raise OfficeError("月份只能是1月至12月。")
    if Plan.objects.filter(
        alliance=member.alliance, year=year, state__in=[PlanState.PASSED, PlanState.CLOSED]
    ).exists():
        raise OfficeError(f"{year}年度安排表已经通过，要改月份请申请调换。")
    values = {
        "preferred": sorted(set(preferred)),
        "blackout": sorted(set(blackout)),
        "theme": theme,
        "resources": resources,
        "excused_reason": excused_reason,
    }
    with transaction.atomic():
        wish = Wish.objects.filter(member=member, year=year).first()
        if wish and all(getattr(wish, key) == value for key, value in values.items()):
            return wish, False
        wish, _ = Wish.objects.update_or_create(
            member=member,
            year=year,
            defaults={
                **values,
                "alliance": member.alliance,
                "source": source,
                "submitted_by": actor,
                "submitted_at": clock.now(),
            },
        )
        audit.record("rotation.wish.submit", wish, actor=actor, data={"member": member.pk, "year": year})
    return wish, True
