"""The secretary is asked to release the contact of a sensitive demand: by a message, the moment a unit needs it."""

from __future__ import annotations

from collections.abc import Iterable

from demands import policies
from demands.models import Claim, Demand
from demands.selectors import contacts, places
from demands.services.acting import tell


def ask_for(demand: Demand) -> None:
    """One message to the secretary for every claim of ``demand`` that waits for the release of a contact; in the
    transaction of the change that makes it wait. Who was told already is not told again."""
    waiting: Iterable[Claim] = contacts.waiting_for_release(Claim.objects.filter(demand=demand))
    for claim in waiting:
        tell(
            policies.can_release_contact.holders(demand),
            claim,
            contacts.RELEASE_ASKED,
            f"放行联系方式：{demand.number}（{claim.member.unit.name}）",
            f"{claim.member.unit.name}已认领这项涉及敏感信息的需求，放行后才能查看需求人的联系方式。请打开核对，决定是否放行。",
            places.of_claim(claim),
        )
