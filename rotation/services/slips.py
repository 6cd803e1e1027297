"""The reminder slip's life: issued by a sweep, acknowledged by every chair unit, nudged, escalated, lapsed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef

from alliances import clock
from alliances.calendars import Month
from alliances.enums import Role, Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import Member, Person, User
from alliances.policies import can_lead_alliance
from alliances.selectors import directory
from alliances.services import audit, digests, numbering, outbox, sweeps
from rotation import policies
from rotation.enums import PlanState, SlipState
from rotation.lifecycles import SLIP
from rotation.models import Duty, Receipt, Slip
from rotation.selectors import papers, tables
from rotation.selectors.deadlines import Office, Offices
from rotation.services import meetings

REMIND, NUDGE, ESCALATE = "rotation.slip.remind", "rotation.slip.nudge", "rotation.slip.escalate"


def path_of(slip: Slip) -> str:
    return f"/slips/{slip.pk}/"


# --- issuing ------------------------------------------------------------------------------------------------------


def issue_due(now: datetime) -> list[str]:
    """Sweep: a slip for every month that has begun and has none, in plans passed before that month ended."""
    today = clock.local(now).date()
    standing = Slip.objects.filter(duty=OuterRef("pk")).exclude(state=SlipState.WITHDRAWN)
    due = (
        Duty.objects.filter(plan__state=PlanState.PASSED, plan__year__lte=today.year, chairs__isnull=False)
        .filter(~Exists(standing))
        .exclude(plan__year=today.year, month__gt=today.month)
        .select_related("plan", "alliance__organisation")
        .distinct()
        .order_by("plan__year", "month", "alliance_id")
    )
    offices = Offices()

    def issue_one(duty: Duty) -> list[str]:
        office = offices.of(duty.alliance)
        passed_at = duty.plan.passed_at
        had_ended = passed_at is None or duty.period.end < clock.local(passed_at).date()
        if had_ended or office.issue_moment(duty) > now:
            return []
        slip = issue(duty, office=office)
        return [f"发出{slip.number}（{duty.alliance.name} {duty.month}月）"] if slip else []

    return sweeps.each(due, issue_one)


def issue(duty: Duty, *, office: Office | None = None, replaces: Slip | None = None) -> Slip | None:
    """Number, freeze and send the slip of ``duty``; None if it has one already or somebody else just issued it.

    Everything is one transaction: the number, the paper, the receipts, the messages, the planned seminar. What
    stood in ``duty`` when the caller read it does not matter: it is read again once the month is held.
    """
    office = office or Office(duty.alliance.organisation)
    today = clock.today()
    try:
        with transaction.atomic():
            _hold_duty(duty)
            chairs = [c.member for c in duty.chairs.select_related("member__unit").order_by("order", "pk")]
            chairs = [m for m in chairs if m.left_on is None or m.left_on > today]
            if not chairs or Slip.objects.filter(duty=duty).exclude(state=SlipState.WITHDRAWN).exists():
                return None
            slip = _create(duty, chairs, office, replaces)
            Receipt.objects.bulk_create(
                Receipt(slip=slip, member=member, order=order) for order, member in enumerate(chairs)
            )
            audit.record("rotation.slip.issue", slip, actor=None, after=slip.state, data={"duty": duty.pk})
            _tell_chairs(slip)
            meetings.prepare(duty)
    except IntegrityError:
        if not Slip.objects.filter(duty=duty).exclude(state=SlipState.WITHDRAWN).exists():
            raise  # not a race but something wrong: it must be seen, and undo what it is part of
        return None  # another process issued it between our look and our insert: theirs stands
    return slip


def _create(duty: Duty, chairs: list[Member], office: Office, replaces: Slip | None) -> Slip:
    now = clock.now()
    today = now.date()
    year = duty.plan.year
    is_late = today > duty.ends_on
    serial = numbering.take(duty.alliance.organisation, "rotation.slip", year)
    number = f"{duty.alliance.number_prefix}提〔{year}〕{serial}号"
    chain = None if is_late else office.chain(duty, today)
    paper, digest = papers.freeze_paper(
        papers.slip_paper(
            duty,
            chairs,
            number=number,
            chain=chain,
            issued_on=today,
            settings=office.settings,
            is_announced=office.days.announced(year),
        )
    )
    return Slip.objects.create(
        alliance=duty.alliance,
        duty=duty,
        year=year,
        serial=serial,
        number=number,
        issued_at=now,
        is_late=is_late,
        acknowledge_by=chain.acknowledge_by if chain else None,
        deadlines=chain.as_json() if chain else {},
        # A slip issued late gets the rest of the month it is issued in.
        lapses_on=max(duty.ends_on, Month(today.year, today.month).end if is_late else duty.ends_on),
        paper=paper,
        paper_hash=digest,
        replaces=replaces,
    )


def _tell_chairs(slip: Slip) -> None:
    outbox.post(
        policies.can_acknowledge_slip.holders(slip),
        kind="rotation.slip.issued",
        subject=f"请签收：{slip.duty.month}月轮值主席提醒单",
        body=_message(slip),
        path=path_of(slip),
        dedupe_key=f"rotation.slip.issued:{slip.pk}",
        alliance=slip.alliance,
    )


def _message(slip: Slip) -> str:
    text = f"{slip.alliance.name}{slip.number}：贵单位为{slip.duty}轮值主席。"
    if slip.acknowledge_by:
        text += f"请于{slip.acknowledge_by.month}月{slip.acknowledge_by.day}日前签收。"
    return text + ("（补发）" if slip.is_late else "")


def _hold_duty(duty: Duty) -> None:
    """Issuing and changing chairs exclude each other: both write this row first, then read what it says."""
    Duty.objects.filter(pk=duty.pk).update(revision=F("revision") + 1)
    duty.refresh_from_db(fields=["mode", "theme", "partners", "ends_on", "revision"])


# --- receipts -----------------------------------------------------------------------------------------------------


def acknowledge(receipt: Receipt, *, actor: User) -> Slip:
    """The unit's own liaison signs on screen. Signing twice is harmless and changes nothing."""
    if not policies.can_acknowledge_receipt(actor, receipt):
        raise NotAllowed("只有本单位联络员可以签收。")
    if receipt.signed_at is not None:
        return receipt.slip
    return _sign(
        receipt,
        signer=actor.person,
        signer_name=actor.person.name,
        via=Via.SCREEN,
        at=clock.now(),
        actor=actor,
    )


def record_receipt(receipt: Receipt, *, signer_name: str, via: str, signed_on: date, actor: User) -> Slip:
    """Secretary or staff record that a unit has signed on paper or by phone, and say so."""
    if not policies.can_record_receipt(actor, receipt.slip):
        raise NotAllowed("只有社区书记和工作人员可以代录签收。")
    signer_name = signer_name.strip()
    if not signer_name:
        raise OfficeError("请填写签收人姓名。")
    if via not in (Via.PAPER, Via.PHONE):
        raise OfficeError("请选择纸质或电话。")
    slip = receipt.slip
    if not clock.local(slip.issued_at).date() <= signed_on <= clock.today():
        raise OfficeError("签收日期应在提醒单发出之后、今天之前。")
    now = clock.now()
    at = (
        now
        if signed_on == now.date()
        else datetime.combine(signed_on, datetime.min.time(), tzinfo=clock.ZONE)
    )
    at = max(at, slip.issued_at)
    post = directory.holder(receipt.member, Role.LIAISON)
    signer = post.person if post and post.person.name == signer_name else None
    return _sign(receipt, signer=signer, signer_name=signer_name, via=via, at=at, actor=actor)


def _sign(
    receipt: Receipt, *, signer: Person | None, signer_name: str, via: str, at: datetime, actor: User
) -> Slip:
    slip = receipt.slip
    with transaction.atomic():
        # Taking the slip's row first makes two last signatures see each other.
        if not Slip.objects.filter(pk=slip.pk, state=SlipState.ISSUED).update(serial=F("serial")):
            slip.refresh_from_db()
            raise OfficeError(f"提醒单现在是“{slip.get_state_display()}”，不能再签收。")
        hit = Receipt.objects.filter(pk=receipt.pk, signed_at=None).update(
            signed_at=at, signer=signer, signer_name=signer_name, via=via, recorded_by=actor
        )
        if not hit:
            raise OfficeError("这家单位刚刚已经签收，请刷新后查看。")
        audit.record("rotation.slip.sign", slip, actor=actor, data={"member": receipt.member_id, "via": via})
        slip.refresh_from_db()
        _begin_notice(slip, at.astimezone(clock.ZONE).date())
        if not Receipt.objects.filter(slip=slip, signed_at=None).exists():
            SLIP.apply(slip, "acknowledge", actor=actor)
    receipt.refresh_from_db()
    return slip


def _begin_notice(slip: Slip, day: date) -> None:
    """The notice's clock starts at the first receipt, at latest when acknowledgement was due; written once."""
    if slip.is_late or slip.received_on is not None:
        return
    if slip.acknowledge_by:
        day = min(day, slip.acknowledge_by)
    notice_by = Office(slip.alliance.organisation).notice_by(day)
    Slip.objects.filter(pk=slip.pk, received_on=None).update(received_on=day, notice_by=notice_by)
    slip.received_on, slip.notice_by = day, notice_by


# --- the clock ----------------------------------------------------------------------------------------------------


def follow_up(now: datetime) -> list[str]:
    """Sweep: remind a working day before, nudge when overdue, escalate two working days later, lapse at the end."""
    today = clock.local(now).date()
    offices = Offices()

    def follow_one(slip: Slip) -> list[str]:
        if slip.lapses_on < today:
            return _lapse(slip)
        office = offices.of(slip.alliance)
        if slip.acknowledge_by is None or not digests.in_hours(now):
            return []
        return (
            _press(slip, slip.acknowledge_by, today, office)
            if digests.is_working_day(office.days, now)
            else []
        )

    slips = Slip.objects.filter(state=SlipState.ISSUED).select_related("alliance__organisation", "duty__plan")
    return sweeps.each(slips.order_by("pk"), follow_one)


def _press(slip: Slip, due: date, today: date, office: Office) -> list[str]:
    if today <= due:
        if office.days.add(due, -1) <= today:
            _queue(slip, REMIND, f"请于{due.month}月{due.day}日前签收{slip.duty.month}月轮值主席提醒单")
        return []
    lines = []
    if slip.received_on is None:
        _begin_notice(slip, due)
    if slip.nudged_at is None and _stamp(slip, "nudged_at", "rotation.slip.nudge"):
        _queue(slip, NUDGE, f"催办：{slip.duty.month}月轮值主席提醒单已过签收期限，请尽快签收")
        lines.append(f"催办{slip.number}")
    escalate_on = office.days.add(due, 1 + office.settings.escalate_after)
    if (
        slip.escalated_at is None
        and today >= escalate_on
        and _stamp(slip, "escalated_at", "rotation.slip.escalate")
    ):
        waiting = "、".join(unit_names_waiting(slip))
        digests.queue(
            can_lead_alliance.holders(slip.alliance),
            kind=ESCALATE,
            object_id=slip.pk,
            text=f"报书记：{slip.duty.month}月提醒单，{waiting}仍未签收",
            path=path_of(slip),
            alliance=slip.alliance,
        )
        lines.append(f"{slip.number}报书记")
    return lines


def _stamp(slip: Slip, field: str, action: str) -> bool:
    """Set a time once: the process whose UPDATE hits has done it, any other has not."""
    with transaction.atomic():
        hit = Slip.objects.filter(pk=slip.pk, state=SlipState.ISSUED, **{field: None}).update(
            **{field: clock.now()}
        )
        if hit:
            audit.record(action, slip, actor=None)
            setattr(slip, field, clock.now())
    return bool(hit)


def _queue(slip: Slip, kind: str, text: str) -> None:
    """Into the digest of everyone who can still sign, and of nobody else."""
    for receipt in Receipt.objects.filter(slip=slip, signed_at=None).select_related(
        "slip__alliance__organisation"
    ):
        digests.queue(
            policies.can_acknowledge_receipt.holders(receipt),
            kind=kind,
            object_id=receipt.pk,
            text=text,
            path=path_of(slip),
            alliance=slip.alliance,
        )


def _lapse(slip: Slip) -> list[str]:
    try:
        with transaction.atomic():
            if not slip.is_late and slip.received_on is None:
                _begin_notice(slip, slip.acknowledge_by or slip.lapses_on)
            SLIP.apply(slip, "lapse", actor=None)
    except TooLate:  # signed or replaced in this very moment: it has its end
        return []
    return [f"{slip.number}到期未签收"]


def unit_names_waiting(slip: Slip) -> list[str]:
    rows = Receipt.objects.filter(slip=slip, signed_at=None).order_by("order")
    return list(rows.values_list("member__unit__name", flat=True))


def receipt_still_due(object_id: int) -> bool:
    return Receipt.objects.filter(pk=object_id, signed_at=None, slip__state=SlipState.ISSUED).exists()


def slip_still_due(object_id: int) -> bool:
    return Slip.objects.filter(pk=object_id, state=SlipState.ISSUED).exists()


# --- replacing ----------------------------------------------------------------------------------------------------


def reissue(duty: Duty, *, actor: Any) -> Slip | None:
    """Withdraw the standing slip of ``duty``, if any, and issue a new number in its place (a filed swap)."""
    standing = (
        Slip.objects.filter(duty=duty).exclude(state=SlipState.WITHDRAWN).select_related("duty__plan").first()
    )
    if standing is None:
        return None
    with transaction.atomic():
        SLIP.apply(standing, "withdraw", actor=actor)
        former = [r.member for r in standing.receipts.select_related("member__unit")]
        slip = issue(duty, replaces=standing)
        stay = {r.member_id for r in slip.receipts.all()} if slip else set()
        gone = [
            post.person
            for member in former
            if member.pk not in stay and (post := directory.holder(member, Role.LIAISON))
        ]
        outbox.post(
            gone,
            kind="rotation.slip.withdrawn",
            subject=f"{duty.month}月轮值主席提醒单已收回",
            body=f"{standing.number}因轮值调整已收回，{duty.month}月由{tables.chair_names(duty)}轮值。",
            path=path_of(standing),
            dedupe_key=f"rotation.slip.withdrawn:{standing.pk}",
            alliance=standing.alliance,
        )
    return slip
