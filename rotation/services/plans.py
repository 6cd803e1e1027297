"""The annual table before it is passed, and passing it. After that only swaps change it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max

from alliances import clock
from alliances.calendars import Month
from alliances.enums import DutyMode
from alliances.errors import OfficeError
from alliances.models import Alliance, Member, User
from alliances.selectors import directory
from alliances.selectors.settings import settings_for
from alliances.services import audit, outbox
from rotation import planner
from rotation.enums import PlanState, VersionOrigin
from rotation.lifecycles import PLAN
from rotation.models import Duty, DutyChair, Plan, PlanVersion
from rotation.policies import can_edit_plan
from rotation.selectors import planning, tables

EDITABLE = (PlanState.DRAFT, PlanState.DISCUSSING)


def open_plan(alliance: Alliance, year: int, *, start_month: int = 1, actor: User | None) -> Plan:
    """An empty table for ``year``, from ``start_month`` to December."""
    if not 2000 <= year <= 2100 or not 1 <= start_month <= 12:
        raise OfficeError("年度或起始月份不对。")
    try:
        with transaction.atomic():
            plan = Plan.objects.create(alliance=alliance, year=year, start_month=start_month)
            Duty.objects.bulk_create(
                Duty(alliance=alliance, plan=plan, month=month, ends_on=Month(year, month).end)
                for month in plan.months
            )
            audit.record(
                "rotation.plan.open",
                plan,
                actor=actor,
                after=plan.state,
                data={"year": year, "start_month": start_month},
            )
    except IntegrityError as problem:
        raise OfficeError(f"{year}年度安排表已经有了。") from problem
    return plan


def run_planner(plan: Plan, *, actor: User | None) -> planner.Draft:
    """Draft every month that is not locked and keep the result as a version. Raises ``OfficeError`` with the rules
    that collide; then the table is as before."""
    _must_be_editable(plan)
    problem = planning.problem_of(plan)
    try:
        draft = planner.draft(problem)
    except planner.Collision as collision:
        raise OfficeError("\n".join(collision.sentences)) from collision
    except planner.OutOfTime as problem_too_large:
        raise OfficeError("规定时间内没有排出来，请先锁定几个月份再起草。") from problem_too_large
    locked = {lock.month for lock in problem.locks}
    with transaction.atomic():
        _hold(plan)
        for month in draft.months:
            duty = Duty.objects.get(plan=plan, month=month.month)
            if month.month in locked:
                Duty.objects.filter(pk=duty.pk).update(
                    reason=month.reason[:300], runner_up=month.runner_up[:300]
                )
                continue
            _write_chairs(duty, month.keys)
            Duty.objects.filter(pk=duty.pk).update(
                theme=month.theme[:120], reason=month.reason[:300], runner_up=month.runner_up[:300]
            )
        _save_version(plan, VersionOrigin.PLANNER, actor)
        audit.record(
            "rotation.plan.draft",
            plan,
            actor=actor,
            data={"optimal": draft.is_optimal, "objectives": [list(pair) for pair in draft.objectives]},
        )
    return draft


def set_chairs(duty: Duty, members: Sequence[Member], *, actor: User) -> None:
    """The month's chairs, the lead first; none leaves a gap. The draft's reasons no longer hold and go."""
    _check_chairs(duty, members)
    with transaction.atomic():
        _hold(duty.plan)
        _write_chairs(duty, [m.pk for m in members])
        Duty.objects.filter(pk=duty.pk).update(reason="由社区手工安排", runner_up="")
        audit.record(
            "rotation.plan.set_chairs",
            duty.plan,
            actor=actor,
            data={"month": duty.month, "members": [m.pk for m in members]},
        )


def move(
    plan: Plan, member: Member, *, source: int, target: int, exchange: bool = False, actor: User
) -> None:
    """Take ``member`` from month ``source`` to month ``target`` (drag, or the keyboard).

    With ``exchange`` the target's only chair goes the other way, so that two solo months change places at once.
    """
    months = {duty.month: duty for duty in tables.duties_of(plan)}
    if source not in months or target not in months:
        raise OfficeError("这张表里没有这个月份。")
    if source == target:
        return
    here = [chair.member for chair in months[source].chairs.all()]
    there = [chair.member for chair in months[target].chairs.all()]
    if member not in here:
        raise OfficeError(f"{member.unit.name}已经不在{source}月，请刷新后再移。")
    if member in there:
        raise OfficeError(f"{member.unit.name}已经在{target}月。")
    for month in (source, target):
        if months[month].is_locked:
            raise OfficeError(f"{month}月已锁定，先解锁再移动。")
    here = [m for m in here if m != member]
    if exchange and len(there) == 1:
        here, there = [*here, there[0]], [member]
    else:
        there = [*there, member]
    with transaction.atomic():
        set_chairs(months[source], here, actor=actor)
        set_chairs(months[target], there, actor=actor)
        if exchange:
            _exchange_themes(months[source], months[target])


def _exchange_themes(first: Duty, second: Duty) -> None:
    Duty.objects.filter(pk=first.pk).update(theme=second.theme)
    Duty.objects.filter(pk=second.pk).update(theme=first.theme)


def set_locked(duty: Duty, locked: bool, *, actor: User) -> None:
    """A locked month is left alone by the planner."""
    if locked and not duty.chairs.exists():
        raise OfficeError(f"{duty.month}月还没有轮值主席单位，不能锁定。")
    with transaction.atomic():
        _hold(duty.plan)
        Duty.objects.filter(pk=duty.pk).update(is_locked=locked)
        audit.record(
            "rotation.plan.lock", duty.plan, actor=actor, data={"month": duty.month, "locked": locked}
        )


def describe(duty: Duty, *, theme: str, partners: str, note: str, actor: User) -> None:
    """Theme, partner units and note of a month."""
    with transaction.atomic():
        _hold(duty.plan)
        Duty.objects.filter(pk=duty.pk).update(theme=theme, partners=partners, note=note)
        audit.record("rotation.plan.describe", duty.plan, actor=actor, data={"month": duty.month})


def save_version(plan: Plan, *, actor: User) -> PlanVersion:
    """Keep the table as it stands for comparing."""
    with transaction.atomic():
        _hold(plan)
        return _save_version(plan, VersionOrigin.HAND, actor)


def submit(plan: Plan, *, actor: User) -> None:
    """Draft → discussing: from now on the members see it."""
    with transaction.atomic():
        PLAN.apply(plan, "submit", actor=actor)
        _save_version(plan, VersionOrigin.DISCUSSION, actor)


def take_back(plan: Plan, *, actor: User) -> None:
    PLAN.apply(plan, "take_back", actor=actor)


def pass_plan(plan: Plan, *, meeting: str, passed_on: date, actor: User) -> None:
    """Discussing → passed at ``meeting`` on ``passed_on``: the table is frozen and its members are told."""
    meeting = meeting.strip()
    if not meeting:
        raise OfficeError("请写明在哪次会议上通过。")
    if passed_on > clock.today():
        raise OfficeError("通过日期不能晚于今天。")
    with transaction.atomic():
        PLAN.apply(plan, "pass", actor=actor, fields={"passed_meeting": meeting, "passed_on": passed_on})
        version = _save_version(plan, VersionOrigin.PASSED, actor)
        recipients = [
            post.person
            for member in directory.members_of(plan.alliance)
            if (post := directory.holder(member, "liaison"))
        ]
        outbox.post(
            recipients,
            kind="rotation.plan.passed",
            subject=f"{plan.year}年度轮值主席安排表已通过",
            body=f"{plan.passed_meeting}已通过{plan.year}年度轮值主席安排表，请查看本单位轮值月份，提前准备。",
            path=f"/year/{plan.alliance.code}/{plan.year}/",
            dedupe_key=f"rotation.plan.passed:{plan.pk}:{version.number}",
            alliance=plan.alliance,
        )


def store_past(
    alliance: Alliance, year: int, months: dict[int, dict[str, Any]], *, actor: User | None
) -> tuple[Plan, dict[int, str]]:
    """A past year as a closed plan (import). ``months``: month → members (lead first), mode, theme, note.

    Returns the plan and for each month "added", "changed" or "unchanged". A mode in the table overrides the roster:
    solo units may stand in a collective month.
    """
    results: dict[int, str] = {}
    with transaction.atomic():
        plan = Plan.objects.filter(alliance=alliance, year=year).first()
        if plan and plan.state != PlanState.CLOSED:
            raise OfficeError(f"{year}年度安排表正在使用，不能用导入覆盖。")
        if plan is None:
            plan = Plan.objects.create(
                alliance=alliance, year=year, start_month=min(months), state=PlanState.CLOSED
            )
            audit.record("rotation.plan.import", plan, actor=actor, after=plan.state, data={"year": year})
        for month, values in sorted(months.items()):
            results[month] = _store_past_month(plan, month, values)
        if set(results.values()) != {"unchanged"}:
            if plan.start_month > min(months):
                Plan.objects.filter(pk=plan.pk).update(start_month=min(months))
            _save_version(plan, VersionOrigin.IMPORT, actor)
    return plan, results


def _store_past_month(plan: Plan, month: int, values: dict[str, Any]) -> str:
    details = {key: values[key] for key in ("mode", "theme", "note")}
    members = [m.pk for m in values["members"]]
    duty, created = Duty.objects.get_or_create(
        plan=plan,
        month=month,
        defaults={**details, "alliance": plan.alliance, "ends_on": Month(plan.year, month).end},
    )
    standing = list(duty.chairs.values_list("member_id", flat=True))
    if not created and standing == members and all(getattr(duty, k) == v for k, v in details.items()):
        return "unchanged"
    _write_chairs(duty, members)
    Duty.objects.filter(pk=duty.pk).update(**details)
    return "added" if created else "changed"


def close_past(now: datetime) -> list[str]:
    """Sweep: a passed table whose year has been over for a quarter is archived."""
    lines = []
    for plan in Plan.objects.filter(state=PlanState.PASSED, year__lt=now.year).select_related("alliance"):
        if now.month > 3 or now.year > plan.year + 1:
            PLAN.apply(plan, "close", actor=None)
            lines.append(f"归档{plan}")
    return lines


def _must_be_editable(plan: Plan) -> None:
    if plan.state not in EDITABLE:
        raise OfficeError("安排表已经通过，只能用调换、代理、顺延来调整。")


def _hold(plan: Plan) -> None:
    """Take the plan's row for this transaction and make sure that it can still be edited."""
    if not Plan.objects.filter(pk=plan.pk, state__in=EDITABLE).update(seed=F("seed")):
        raise OfficeError("安排表已经通过，只能用调换、代理、顺延来调整。")


def _check_chairs(duty: Duty, members: Sequence[Member]) -> None:
    rules = settings_for(duty.plan.alliance.organisation)
    if len(members) > max(rules.collective_max, 1):
        raise OfficeError(f"{duty.month}月最多安排{rules.collective_max}家单位集体轮值。")
    if len(set(members)) != len(members):
        raise OfficeError(f"{duty.month}月同一家单位安排了两次。")
    for member in members:
        if member.alliance_id != duty.alliance_id or member.left_on is not None:
            raise OfficeError(f"{member.unit.name}不是本联盟的成员单位。")


def _write_chairs(duty: Duty, keys: Sequence[int]) -> None:
    """Replace a month's chairs. The mode of a draft follows from their number."""
    DutyChair.objects.filter(duty=duty).delete()
    DutyChair.objects.bulk_create(
        DutyChair(duty=duty, member_id=key, order=order) for order, key in enumerate(keys)
    )
    Duty.objects.filter(pk=duty.pk).update(
        mode=DutyMode.COLLECTIVE if len(keys) > 1 else DutyMode.SOLO, revision=F("revision") + 1
    )


def _save_version(plan: Plan, origin: str, actor: User | None) -> PlanVersion:
    last = PlanVersion.objects.filter(plan=plan).aggregate(last=Max("number"))["last"] or 0
    return PlanVersion.objects.create(
        alliance=plan.alliance,
        plan=plan,
        number=last + 1,
        origin=origin,
        months=tables.snapshot(plan),
        made_by=actor,
    )


def may_edit(user: Any, plan: Plan) -> bool:
    return plan.state in EDITABLE and can_edit_plan(user, plan)
