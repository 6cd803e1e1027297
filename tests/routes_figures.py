"""A unit's promises and what stands in the lists behind a quarter's figures, for every route and for the ceilings."""

from __future__ import annotations

from datetime import date
from typing import Any

from alliances.enums import AgreementKind
from alliances.models import Agreement, Alliance, Commitment, Member, User
from alliances.services import commitments
from tests.cast import Cast


def furnish_figures(cast: Cast) -> dict[str, dict[str, Any]]:
    """Route → arguments; the commitment is 县图书馆's."""
    member = cast.members["县图书馆"]
    found = commitments.add(member, text="全年开放阅览室", due_on=date(2026, 3, 31), actor=cast.staff)
    routes: dict[str, dict[str, Any]] = {"alliances:commitment-new": {"pk": member.pk}}
    for name in ("commitment", "commitment-fulfil", "commitment-waive", "commitment-reopen"):
        routes[f"alliances:{name}"] = {"pk": found.pk}
    return routes


def town_commitments(home: Alliance, members: list[Member], actor: User) -> None:
    """``n`` promises of each of ``n`` units, by a target letter of its own."""
    for member in members:
        paper = Agreement.objects.create(
            alliance=home, member=member, kind=AgreementKind.TARGET, signed_on=date(2026, 1, 5)
        )
        for number in range(len(members)):
            commitments.add(
                member, text=f"第{number}项", due_on=date(2026, 3, 31), agreement=paper, actor=actor
            )


def of_town(home: Alliance) -> Commitment:
    return Commitment.objects.filter(alliance=home).order_by("pk")[0]
