"""Activities: planned, joined, held, recorded (seed 000: X + N). Several a month, and outside the rotation too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from alliances import clock
from alliances.enums import Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Alliance, Member, Person, User
from alliances.policies import Rule
from alliances.services import audit, outbox
from demands.models import Claim
from rotation import policies
from rotation.enums import ActivityKind, ActivityState, MeetingState
from rotation.lifecycles import ACTIVITY
from rotation.models import Activity, Duty, Meeting, Participation
from rotation.selectors import activities as reads
from rotation.selectors import served
from rotation.selectors.papers import day_text

MOST_HEADS = 100_000
# Until it is recorded, what was planned can be corrected and units can come in.
OPEN = (ActivityState.PLANNED, ActivityState.HELD)


def plan(
    alliance: Alliance,
    *,
    kind: str,
    title: str,
    planned_on: date,
    place: str = "",
    plan: str = "",
    duty: Duty | None = None,
    meeting: Meeting | None = None,
    actor: User,
) -> Activity:
    """A planned activity; of a duty month its units take part by themselves. The other units are asked to join.

    Ask ``selectors.activities.similar`` first: what was done in the last 90 days is a warning, not a refusal.
    """
    may = policies.can_plan_in_duty(actor, duty) if duty else policies.can_plan_outside(actor, alliance)
    if not may:
        raise NotAllowed("只有当月轮值单位联络员和社区可以安排活动。")
    if duty is not None and duty.alliance_id != alliance.pk:
        raise OfficeError("请选择本联盟的轮值月份。")
    if meeting is not None and (
        meeting.alliance_id != alliance.pk or meeting.state == MeetingState.CANCELLED
    ):
        raise OfficeError("请选择本联盟召开的会议。")
    fields = _checked(kind, title, planned_on, place, plan, duty)
    with transaction.atomic():
        activity = Activity.objects.create(
            alliance=alliance, duty=duty, meeting=meeting, created_by=actor, **fields
        )
        audit.record("rotation.activity.plan", activity, actor=actor, after=activity.state)
        chairs = list(duty.chairs.order_by("order", "pk").values_list("member_id", flat=True)) if duty else []
        Participation.objects.bulk_create(
            Participation(activity=activity, member_id=pk, is_chair=True) for pk in chairs
        )
        if planned_on >= clock.today():
            _ask_to_join(activity, chairs)
    return reads.full().get(pk=activity.pk)


def _checked(
    kind: str, title: str, planned_on: date, place: str, plan: str, duty: Duty | None
) -> dict[str, Any]:
    if kind not in ActivityKind.values:
        raise OfficeError("请选择活动类型。")
    if not title.strip():
        raise OfficeError("请填写活动名称。")
    if duty is not None and not duty.starts_on <= planned_on <= duty.ends_on:
        raise OfficeError(
            f"活动日期应在{day_text(duty.starts_on)}至{day_text(duty.ends_on)}之间；需要延后的，请先申请顺延。"
        )
    return {
        "kind": kind,
        "title": title.strip()[:80],
        "planned_on": planned_on,
        "place": place.strip()[:80],
        "plan": plan.strip()[:2000],
    }


def _ask_to_join(activity: Activity, chairs: list[int]) -> None:
    """One message to the liaisons of the other units, who alone can bring them in."""
    others = activity.alliance.members.current().exclude(pk__in=chairs).values_list("pk", flat=True)
    rule = Rule(*policies.can_join_activity.roles, members=lambda _: list(others))
    outbox.post(
        rule.holders(activity),
        kind="rotation.activity.planned",
        subject=f"请回复是否参加：{activity.title}",
        body=f"{activity.alliance.name}定于{_when(activity)}开展“{activity.title}”，请回复本单位是否参加和参加人数。",
        path=reads.path_of(activity),
        dedupe_key=f"rotation.activity.planned:{activity.pk}",
        alliance=activity.alliance,
    )


def _when(activity: Activity) -> str:
    return day_text(activity.planned_on) + (f"在{activity.place}" if activity.place else "")


def change(
    activity: Activity, *, kind: str, title: str, planned_on: date, place: str, plan: str, actor: User
) -> Activity:
    """Correct what was planned; another day or place is told to the units that take part."""
    if not policies.can_lead_activity(actor, activity):
        raise NotAllowed("只有当月轮值单位联络员和社区可以修改活动安排。")
    fields = _checked(kind, title, planned_on, place, plan, activity.duty)
    moved = (fields["planned_on"], fields["place"]) != (activity.planned_on, activity.place)
    with transaction.atomic():
        if not Activity.objects.filter(pk=activity.pk, state=ActivityState.PLANNED).update(**fields):
            activity.refresh_from_db(fields=["state"])
            raise OfficeError(f"活动现在是“{activity.get_state_display()}”，不能再修改安排。")
        for name, value in fields.items():
            setattr(activity, name, value)
        entry = audit.record("rotation.activity.change", activity, actor=actor)
        if moved:
            tell_participants(
                activity,
                kind="rotation.activity.moved",
                subject=f"活动安排有变：{activity.title}",
                body=f"“{activity.title}”改为{_when(activity)}。",
                key=str(entry.pk),
                but=actor,
            )
    return activity


def tell_participants(
    activity: Activity, *, kind: str, subject: str, body: str, key: str, but: User | None = None
) -> None:
    """A message to the liaisons of the units that take part; ``key`` sets repeated messages apart."""
    members = list(Participation.objects.filter(activity=activity).values_list("member_id", flat=True))
    people: list[Person] = Rule(*policies.can_join_activity.roles, members=lambda _: members).holders(
        activity
    )
    outbox.post(
        [person for person in people if but is None or person.pk != but.person_id],
        kind=kind,
        subject=subject,
        body=body,
        path=reads.path_of(activity),
        dedupe_key=f"{kind}:{activity.pk}:{key}",
        alliance=activity.alliance,
    )


# --- taking part --------------------------------------------------------------------------------------------------


def join(
    activity: Activity, member: Member, *, heads: int | None = None, via: str = Via.SCREEN, actor: User
) -> Participation:
    """A unit takes part, with so many people (None: not counted yet). Repeating it changes the number.

    The unit's own liaison on screen; secretary and staff record what they were told on paper or by telephone.
    """
    own = policies.can_join_activity(actor, member)
    if not own and not policies.can_record_participation(actor, activity):
        raise NotAllowed("只有本单位联络员可以回复是否参加。")
    if not own and via not in (Via.PAPER, Via.PHONE):
        raise OfficeError("请选择纸质或电话。")
    if member.alliance_id != activity.alliance_id or member.left_on is not None:
        raise OfficeError("只有本联盟现有的成员单位可以参加。")
    heads = _heads(heads)
    with transaction.atomic():
        _hold_open(activity)
        row, _ = Participation.objects.update_or_create(
            activity=activity, member=member, defaults={"heads": heads, "via": Via.SCREEN if own else via}
        )
        audit.record(
            "rotation.activity.join", activity, actor=actor, data={"member": member.pk, "heads": heads}
        )
    return row


def step_back(activity: Activity, member: Member, *, actor: User) -> None:
    """A unit that had joined does not come after all; the units on duty always take part."""
    if not policies.can_join_activity(actor, member) and not policies.can_record_participation(
        actor, activity
    ):
        raise NotAllowed("只有本单位联络员可以回复是否参加。")
    with transaction.atomic():
        _hold_open(activity)
        row = Participation.objects.filter(activity=activity, member=member)
        if row.filter(is_chair=True).exists():
            raise OfficeError("轮值主席单位不能退出本月活动。")
        if row.delete()[0]:
            audit.record("rotation.activity.leave", activity, actor=actor, data={"member": member.pk})


def _hold_open(activity: Activity) -> None:
    """Take the activity's row while it is not recorded: joining and recording exclude each other."""
    if not Activity.objects.filter(pk=activity.pk, state__in=OPEN).update(title=F("title")):
        activity.refresh_from_db(fields=["state"])
        raise OfficeError(f"活动现在是“{activity.get_state_display()}”，不能再改参加单位。")


def _heads(heads: int | None) -> int | None:
    if heads is not None and not 0 <= heads <= MOST_HEADS:
        raise OfficeError("参加人数应是一个合理的数字。")
    return heads


# --- held, recorded, cancelled ------------------------------------------------------------------------------------


def hold(activity: Activity, *, held_on: date, actor: User) -> Activity:
    """It has taken place, on a day up to today."""
    if held_on > clock.today():
        raise OfficeError("举办日期不能在今天之后。")
    if activity.duty is not None and held_on < activity.duty.starts_on:
        raise OfficeError("举办日期不能早于轮值月。")
    return ACTIVITY.apply(activity, "hold", actor=actor, fields={"held_on": held_on})


def record(
    activity: Activity,
    *,
    heads: Mapping[int, int | None] | None = None,
    beneficiaries: int | None = None,
    summary: str = "",
    held_on: date | None = None,
    claims: Sequence[Claim] = (),
    via: str = Via.SCREEN,
    actor: User,
) -> Activity:
    """Finish the record: ``heads`` (member id → people; units not yet there are added), beneficiaries, a few words, and
    the ``claims`` of units that took part which it served.

    Needs at least one fact. With ``held_on`` a planned activity is held and recorded at once (from paper). Nothing
    has changed when it is refused.
    """
    if via != Via.SCREEN and not policies.can_record_participation(actor, activity):
        raise NotAllowed("只有社区书记和工作人员可以代录活动。")
    with transaction.atomic():
        if activity.state == ActivityState.PLANNED and held_on is not None:
            hold(activity, held_on=held_on, actor=actor)
        for member_id, number in (heads or {}).items():
            _count(activity, member_id, _heads(number), via)
        activity.beneficiaries = _heads(beneficiaries)
        _serve(activity, claims)
        ACTIVITY.apply(
            activity,
            "record",
            actor=actor,
            fields={
                "beneficiaries": activity.beneficiaries,
                "summary": summary.strip()[:500],
                "recorded_via": via,
            },
            data={"via": via, "claims": [claim.pk for claim in claims]},
        )
    return reads.full().get(pk=activity.pk)


def _serve(activity: Activity, claims: Sequence[Claim]) -> None:
    known = set(served.claims_for(activity).values_list("pk", flat=True)) if claims else set()
    if any(claim.pk not in known for claim in claims):
        raise OfficeError("只能选参加单位正在办理或刚办完的认领项目。")
    activity.claims.set(claims)


def _count(activity: Activity, member_id: int, heads: int | None, via: str) -> None:
    row = Participation.objects.filter(activity=activity, member_id=member_id)
    if row.update(heads=heads):
        return
    if not activity.alliance.members.filter(pk=member_id).exists():
        raise OfficeError("只有本联盟的成员单位可以参加。")
    try:
        with transaction.atomic():
            Participation.objects.create(activity=activity, member_id=member_id, heads=heads, via=via)
    except IntegrityError:  # the unit has just joined by itself
        row.update(heads=heads)


def cancel(activity: Activity, *, reason: str, actor: User) -> Activity:
    """Call a planned activity off; the units that take part read why."""
    if not reason.strip():
        raise OfficeError("请填写取消原因。")
    reason = reason.strip()[:200]
    with transaction.atomic():
        ACTIVITY.apply(activity, "cancel", actor=actor, fields={"cancel_reason": reason})
        tell_participants(
            activity,
            kind="rotation.activity.cancelled",
            subject=f"取消：{activity.title}",
            body=f"原定{_when(activity)}开展的“{activity.title}”取消。原因：{reason}",
            key="once",
            but=actor,
        )
    return activity
