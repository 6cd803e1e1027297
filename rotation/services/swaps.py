"""Changing a passed table: asked, agreed by the units, filed by the secretary - then paper and calendar move at once."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from alliances import clock
from alliances.calendars import Month
from alliances.enums import Role, Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Member, User
from alliances.policies import can_lead_alliance
from alliances.selectors import directory
from alliances.services import audit, outbox
from rotation import policies
from rotation.enums import PlanState, SwapKind, SwapState
from rotation.lifecycles import SWAP
from rotation.models import Duty, DutyChair, Swap
from rotation.selectors import tables
from rotation.selectors.papers import describe_swap
from rotation.services import rearranging, slips


def path_of(swap: Swap) -> str:
    return f"/swaps/{swap.pk}/"


def ask(
    duty: Duty,
    asker: Member,
    *,
    kind: str,
    reason: str,
    other: Member | None = None,
    other_duty: Duty | None = None,
    until: date | None = None,
    with_theme: bool = True,
    actor: User,
) -> Swap:
    """Ask for a change. A chair's own liaison or leader agrees by asking; asked by staff, both units still have to."""
    if not policies.can_ask_swap(actor, duty):
        raise NotAllowed("只有当月轮值单位或社区可以申请调整。")
    if not reason.strip():
        raise OfficeError("请写明调整原因。")
    _check_parts(duty, asker, kind, other, other_duty, until)
    own = {a.member_id for a in actor.current_appointments if a.role in (Role.LIAISON, Role.LEADER)}
    if own and not policies.can_record_for_units(actor, duty) and asker.pk not in own:
        raise NotAllowed("只能为本单位申请调整。")
    try:
        with transaction.atomic():
            swap = Swap.objects.create(
                alliance=duty.alliance,
                plan=duty.plan,
                kind=kind,
                duty=duty,
                other_duty=other_duty if kind == SwapKind.SWAP else None,
                asker=asker,
                other=other if kind != SwapKind.POSTPONE else None,
                until=until if kind == SwapKind.POSTPONE else None,
                with_theme=with_theme,
                reason=reason.strip(),
                asked_by=actor,
            )
            audit.record("rotation.swap.ask", swap, actor=actor, after=swap.state, data={"duty": duty.pk})
            if asker.pk in own:
                _consent(swap, "asker", Via.SCREEN)
            _tell_waiting(swap)
            _settle(swap, actor)
    except IntegrityError as problem:
        raise OfficeError(f"{duty.month}月已有一项调整正在办理，办完再申请。") from problem
    return swap


def _check_parts(
    duty: Duty, asker: Member, kind: str, other: Member | None, other_duty: Duty | None, until: date | None
) -> None:
    """Plan passed, the month not over, and what the kind needs."""
    if duty.plan.state != PlanState.PASSED:
        raise OfficeError("安排表还没有通过，直接在表上修改即可。")
    if duty.ends_on < clock.today():
        raise OfficeError(f"{duty.month}月已经过去，不能再调整。")
    chairs = {chair.member_id for chair in duty.chairs.all()}
    if asker.pk not in chairs:
        raise OfficeError(f"{asker.unit.name}不是{duty.month}月的轮值主席。")
    if kind == SwapKind.POSTPONE:
        latest = Month(duty.plan.year, duty.month).next().end
        if until is None or not duty.ends_on < until <= latest:
            raise OfficeError(f"顺延须晚于{duty.ends_on:%m月%d日}，最迟到{latest.month}月{latest.day}日。")
        return
    if other is None or other.alliance_id != duty.alliance_id or other.left_on is not None:
        raise OfficeError("请选择本联盟的一家成员单位。")
    if other.pk in chairs:
        raise OfficeError(f"{other.unit.name}已经是{duty.month}月的轮值主席。")
    if kind == SwapKind.SWAP:
        if other_duty is None or other_duty.plan_id != duty.plan_id or other_duty.pk == duty.pk:
            raise OfficeError("请选择同一张表里的另一个月份。")
        if other_duty.ends_on < clock.today():
            raise OfficeError(f"{other_duty.month}月已经过去，不能再调整。")
        others = {chair.member_id for chair in other_duty.chairs.all()}
        if other.pk not in others:
            raise OfficeError(f"{other.unit.name}不是{other_duty.month}月的轮值主席。")
        if asker.pk in others:
            raise OfficeError(f"{asker.unit.name}已经是{other_duty.month}月的轮值主席。")


def agree(swap: Swap, *, actor: User) -> Swap:
    """A unit's liaison or leader agrees on screen; the last consent moves the swap on. Twice is harmless."""
    if not policies.can_agree_swap(actor, swap):
        raise NotAllowed("只有调整双方单位可以同意。")
    with transaction.atomic():
        _hold(swap)
        for member in policies.may_agree_for(actor, swap):
            _consent(swap, "asker" if member == swap.asker_id else "other", Via.SCREEN)
        audit.record("rotation.swap.consent", swap, actor=actor)
        _settle(swap, actor)
    return swap


def record_consent(swap: Swap, member: Member, *, via: str, actor: User) -> Swap:
    """Secretary or staff record a unit's consent given on paper or by phone."""
    if not policies.can_record_for_units(actor, swap):
        raise NotAllowed("只有社区书记和工作人员可以代录。")
    if via not in (Via.PAPER, Via.PHONE):
        raise OfficeError("请选择纸质或电话。")
    if member.pk not in (swap.asker_id, swap.other_id):
        raise OfficeError(f"{member.unit.name}不是这次调整的单位。")
    with transaction.atomic():
        _hold(swap)
        _consent(swap, "asker" if member.pk == swap.asker_id else "other", via)
        audit.record("rotation.swap.consent", swap, actor=actor, data={"member": member.pk, "via": via})
        _settle(swap, actor)
    return swap


def refuse(swap: Swap, *, answer: str, actor: User) -> Swap:
    with transaction.atomic():
        SWAP.apply(swap, "refuse", actor=actor, fields={"answer": answer.strip()[:200]})
        _tell_asker(swap, "对方单位不同意调整")
    return swap


def cancel(swap: Swap, *, actor: User) -> Swap:
    return SWAP.apply(swap, "cancel", actor=actor)


def file(swap: Swap, *, actor: User) -> Swap:
    """The secretary files an agreed change. State, chairs, themes, dates, seminar, activities, slips and
    messages are one transaction: if any of it cannot be done, none of it is."""
    with transaction.atomic():
        SWAP.apply(swap, "file", actor=actor)
        duties = [duty for duty in (swap.duty, swap.other_duty) if duty]
        for duty in sorted(
            duties, key=lambda d: d.pk
        ):  # one order for everyone: no two filings wait in a ring
            Duty.objects.filter(pk=duty.pk).update(revision=F("revision") + 1)
        _check_still_possible(swap, duties)
        before = [_line(duty) for duty in duties]
        _apply(swap)
        duties = list(
            Duty.objects.filter(pk__in=[d.pk for d in duties])
            .select_related("plan", "alliance__organisation")
            .order_by("month")
        )
        Swap.objects.filter(pk=swap.pk).update(before=before, after=[_line(duty) for duty in duties])
        rearranging.follow(swap, duties, actor=actor)
        for duty in duties:
            slips.reissue(duty, actor=actor)
        _tell_filed(swap, duties)
    swap.refresh_from_db()
    return swap


def _check_still_possible(swap: Swap, duties: list[Duty]) -> None:
    """Between asking and filing a month can pass and a unit can leave."""
    for duty in duties:
        if duty.ends_on < clock.today():
            raise OfficeError(f"{duty.month}月已经过去，不能再备案，请撤回。")
    if swap.other is not None and swap.other.left_on is not None:
        raise OfficeError(f"{swap.other.unit.name}已退出联盟，不能再备案，请撤回。")


def _apply(swap: Swap) -> None:
    if swap.kind == SwapKind.POSTPONE:
        hit = Duty.objects.filter(pk=swap.duty_id, ends_on__lt=swap.until).update(ends_on=swap.until)
        if not hit:
            raise OfficeError("这个月已经顺延过，请撤回后重新申请。")
        return
    if swap.other is None:
        raise OfficeError("这项调整没有对方单位。")
    _replace_chair(swap.duty, swap.asker, swap.other)
    if swap.other_duty is not None:
        _replace_chair(swap.other_duty, swap.other, swap.asker)
        if swap.with_theme:
            _exchange_themes(swap.duty, swap.other_duty)


def _exchange_themes(first: Duty, second: Duty) -> None:
    themes = dict(Duty.objects.filter(pk__in=[first.pk, second.pk]).values_list("pk", "theme"))
    Duty.objects.filter(pk=first.pk).update(theme=themes[second.pk])
    Duty.objects.filter(pk=second.pk).update(theme=themes[first.pk])


def _replace_chair(duty: Duty, leaving: Member, coming: Member) -> None:
    """Conditional: the second of two filings that touch the same chair finds nobody to replace and is undone."""
    try:
        with transaction.atomic():
            hit = DutyChair.objects.filter(duty=duty, member=leaving).update(member=coming)
    except IntegrityError as problem:
        raise OfficeError(
            f"{coming.unit.name}已经是{duty.month}月的轮值主席，请撤回后重新申请。"
        ) from problem
    if hit != 1:
        raise OfficeError(f"{leaving.unit.name}已经不是{duty.month}月的轮值主席，请撤回后重新申请。")


def _line(duty: Duty) -> dict[str, Any]:
    row = Duty.objects.prefetch_related(tables.CHAIRS).get(pk=duty.pk)
    return {
        "month": row.month,
        "members": [chair.member_id for chair in row.chairs.all()],
        "theme": row.theme,
        "ends_on": row.ends_on.isoformat(),
    }


def _hold(swap: Swap) -> None:
    """Take the swap's row while it is still being asked about."""
    if not Swap.objects.filter(pk=swap.pk, state=SwapState.ASKED).update(reason=F("reason")):
        swap.refresh_from_db()
        raise OfficeError(f"这项调整现在是“{swap.get_state_display()}”，请刷新后查看。")


def _consent(swap: Swap, side: str, via: str) -> None:
    Swap.objects.filter(pk=swap.pk, **{f"{side}_agreed_at": None}).update(
        **{f"{side}_agreed_at": clock.now(), f"{side}_agreed_via": via}
    )


def _settle(swap: Swap, actor: User) -> None:
    """All consents there: agreed, and the secretary is told."""
    swap.refresh_from_db()
    if swap.asker_agreed_at is None or (swap.other_id and swap.other_agreed_at is None):
        return
    SWAP.apply(swap, "agree", actor=actor)
    outbox.post(
        can_lead_alliance.holders(swap.alliance),
        kind="rotation.swap.agreed",
        subject=f"请备案：{describe_swap(swap)}",
        body=f"{describe_swap(swap)}，单位均已同意。原因：{swap.reason}",
        path=path_of(swap),
        dedupe_key=f"rotation.swap.agreed:{swap.pk}",
        alliance=swap.alliance,
    )


def _tell_waiting(swap: Swap) -> None:
    swap.refresh_from_db()
    waiting = [swap.asker] if swap.asker_agreed_at is None else []
    waiting += [swap.other] if swap.other and swap.other_agreed_at is None else []
    people = [post.person for member in waiting if (post := directory.holder(member, Role.LIAISON))]
    outbox.post(
        people,
        kind="rotation.swap.asked",
        subject=f"请回复：{describe_swap(swap)}",
        body=f"{describe_swap(swap)}。原因：{swap.reason}",
        path=path_of(swap),
        dedupe_key=f"rotation.swap.asked:{swap.pk}",
        alliance=swap.alliance,
    )


def _tell_asker(swap: Swap, subject: str) -> None:
    post = directory.holder(swap.asker, Role.LIAISON)
    outbox.post(
        [post.person] if post else [],
        kind="rotation.swap.answered",
        subject=f"{subject}：{describe_swap(swap)}",
        body=swap.answer or describe_swap(swap),
        path=path_of(swap),
        dedupe_key=f"rotation.swap.answered:{swap.pk}",
        alliance=swap.alliance,
    )


def _tell_filed(swap: Swap, duties: list[Duty]) -> None:
    members = {swap.asker, *([swap.other] if swap.other else [])}
    people = [
        post.person
        for m in sorted(members, key=lambda m: m.pk)
        if (post := directory.holder(m, Role.LIAISON))
    ]
    outbox.post(
        people,
        kind="rotation.swap.filed",
        subject=f"已备案：{describe_swap(swap)}",
        body="；".join(
            f"{duty.month}月由{tables.chair_names(duty)}轮值，最迟{duty.ends_on.month}月{duty.ends_on.day}日前办结"
            for duty in duties
        ),
        path=path_of(swap),
        dedupe_key=f"rotation.swap.filed:{swap.pk}",
        alliance=swap.alliance,
    )
