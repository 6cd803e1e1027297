"""The station's visits: what was delivered is accepted, or goes back with what to mend. The only writer of acceptances
apart from imports."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from alliances import clock
from alliances.enums import Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import User
from alliances.services import audit
from demands import policies
from demands.enums import Verdict
from demands.lifecycles import CLAIM
from demands.models import Acceptance, Claim
from demands.selectors import places
from demands.services import callbacks
from demands.services.acting import hold, liaisons, not_after_today, own_or_recorded, tell, text
from demands.services.states import follow_claims


def accept(
    claim: Claim,
    *,
    inspector_name: str = "",
    on: date | None = None,
    mended: str = "",
    via: str = Via.SCREEN,
    actor: User,
) -> Acceptance:
    """The visit finds it done: 合格, or 整改后合格 after a failed one. Call-backs fall due within three working days."""
    with transaction.atomic():
        demand = hold(claim.demand)
        failed = Acceptance.objects.filter(claim=claim, verdict=Verdict.FAILED).exists()
        verdict = Verdict.MENDED if failed else Verdict.PASSED
        values = {"verdict": verdict, "mended": text(mended, 200)}
        row = _visit(claim, "accept", values, inspector_name, on, via, actor)
        follow_claims(demand, actor=actor)
        callbacks.ask(row)
    return row


def send_back(
    claim: Claim,
    to_mend: str,
    *,
    inspector_name: str = "",
    on: date | None = None,
    via: str = Via.SCREEN,
    actor: User,
) -> Acceptance:
    """The visit finds something to mend and says what; the unit works on."""
    to_mend = text(to_mend, 200, missing="请写明需要整改什么。")
    with transaction.atomic():
        demand = hold(claim.demand)
        values = {"verdict": Verdict.FAILED, "to_mend": to_mend}
        row = _visit(claim, "return", values, inspector_name, on, via, actor)
        follow_claims(demand, actor=actor)
        tell(
            liaisons(claim.member),
            row,
            "demands.claim.returned",
            f"验收未通过，请整改：{demand.number}",
            "请打开查看需要整改什么，改好后再报完成。",
            places.of_claim(claim),
        )
    return row


def _visit(
    claim: Claim,
    move: str,
    values: dict[str, Any],
    inspector_name: str,
    on: date | None,
    via: str,
    actor: User,
) -> Acceptance:
    """The visit's row and the claim's move, together."""
    if not policies.can_accept_claim(actor, claim):
        raise NotAllowed("只有需求所在站点可以验收，社区可以代录。")
    station = claim.demand.station
    # Where there is no station the community itself accepts, and records nobody's act but its own.
    via = own_or_recorded(policies.can_accept_claim, actor, claim, via) if station else Via.SCREEN
    if via == Via.SCREEN:
        inspector, name = actor.person, actor.person.name
    else:
        inspector, name = None, text(inspector_name, 40, missing="请填写验收人姓名。")
    day = not_after_today(on or clock.today(), "验收日期")
    claim.refresh_from_db()
    if claim.delivered_on and day < claim.delivered_on:
        raise OfficeError("验收日期不能早于完成日期。")
    if Acceptance.objects.filter(claim=claim, visited_on__gt=day).exists():
        raise OfficeError("验收日期不能早于上一次验收。")
    fields = {"accepted_on": day} if move == "accept" else {}
    visit = Acceptance.objects.filter(claim=claim).count() + 1
    CLAIM.apply(claim, move, actor=actor, fields=fields, data={"visit": visit, "via": via})
    row = Acceptance.objects.create(
        claim=claim,
        visit=visit,
        station=station,
        inspector=inspector,
        inspector_name=name,
        visited_on=day,
        recorded_by=actor,
        via=via,
        **values,
    )
    audit.record(
        "demands.acceptance.visit",
        row,
        actor=actor,
        alliance=claim.alliance,
        data={"claim": claim.pk, "verdict": row.verdict, "via": via},
    )
    return row
