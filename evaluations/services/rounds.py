"""A round's life by the clock: prepared with its activity, opened when it is held, closed, settled with its figures.

Every step finds what is due and may be run again at any time (design: sweeps that catch up).
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from alliances import clock
from alliances.enums import Via
from alliances.errors import OfficeError
from alliances.models import User
from alliances.services import audit, digests, outbox
from evaluations import paths, policies
from evaluations.enums import CodeOrigin, RoundState, RubricSubject
from evaluations.lifecycles import ROUND
from evaluations.models import PaperBatch, ResidentCode, Round, UnitMark
from evaluations.selectors import results
from evaluations.selectors import rounds as selector
from evaluations.selectors.rubrics import Items, items_for, year_of
from evaluations.services import ballots, feedbacks
from rotation.enums import ActivityState
from rotation.models import Activity, DutyChair, Participation
from rotation.selectors.deadlines import Office, Offices

REMIND = "evaluations.round.remind"
HELD = (ActivityState.HELD, ActivityState.RECORDED)
AHEAD = timedelta(days=14)  # rounds are prepared so long before the activity, for codes to be printed
BEHIND = timedelta(days=30)  # an activity recorded later than this is history and is not scored
LEAST_DAYS = 2  # a round opened late is open for at least so many days more, else for its full time


# --- preparing and opening ----------------------------------------------------------------------------------------


def prepare(activity: Activity) -> Round:
    """The activity's round, made if there is none; its codes can be printed from now on."""
    existing = Round.objects.filter(activity=activity).first()
    if existing is not None:
        return existing
    if activity.state == ActivityState.CANCELLED:
        raise OfficeError("活动已取消，不再评议。")
    day = activity.held_on or activity.planned_on
    days = Office(activity.alliance.organisation).settings.scoring_days
    try:
        with transaction.atomic():
            round = Round.objects.create(
                alliance=activity.alliance,
                activity=activity,
                duty=activity.duty,
                opens_on=day,
                closes_on=day + timedelta(days=days),
                venue_token=secrets.token_urlsafe(32),
            )
            audit.record("evaluations.round.prepare", round, actor=None, after=round.state)
    except IntegrityError:  # another process made it between our look and our insert
        return Round.objects.get(activity=activity)
    return round


def open_early(round: Round, *, actor: User) -> Round:
    """Staff open the round at the venue, on the activity's day, before anybody has recorded that it was held."""
    return _open(round, actor)


def _open(round: Round, actor: User | None) -> Round:
    """Freeze the rubrics, set the days, mark the units that are asked, write to their liaisons: one transaction."""
    today = clock.today()
    round.duty = round.activity.duty  # a filed swap may have moved the activity since the round was prepared
    with transaction.atomic():
        ROUND.apply(
            round,
            "open_early" if actor else "open",
            actor=actor,
            fields={
                "duty": round.duty,
                "opens_on": today,
                "closes_on": _closing_day(round, today),
                "activity_items": items_for(round.alliance, year_of(round), RubricSubject.ACTIVITY),
                "chair_items": _chair_items(round),
            },
        )
        ask_units(round)
    return round


def _closing_day(round: Round, today: date) -> date:
    """So many days from the activity's end; in full from today when little of that is left."""
    days = Office(round.alliance.organisation).settings.scoring_days
    held_on = round.activity.held_on or today
    closing = held_on + timedelta(days=days)
    return closing if closing >= today + timedelta(days=LEAST_DAYS) else today + timedelta(days=days)


def _chair_items(round: Round) -> Items:
    """The chair's rubric; one for all rounds of a month, because they have one result."""
    if round.duty is None:
        return []
    begun = Round.objects.filter(duty=round.duty).exclude(pk=round.pk).exclude(chair_items=[])
    earlier = begun.order_by("pk").values_list("chair_items", flat=True).first()
    return earlier or items_for(round.alliance, year_of(round), RubricSubject.CHAIR)


def ask_units(round: Round) -> int:
    """A mark and a message for every participating unit that has none; returns how many.

    Chair units get no ballot. A unit that takes part no longer and has not voted is asked no more.
    """
    chairs = set(DutyChair.objects.filter(duty=round.duty_id).values_list("member_id", flat=True))
    asked = set(UnitMark.objects.filter(round=round).values_list("member_id", flat=True))
    rows = Participation.objects.filter(activity=round.activity_id, is_chair=False).order_by("pk")
    taking_part = [pk for pk in rows.values_list("member_id", flat=True) if pk not in chairs]
    if gone := asked.difference(taking_part):
        UnitMark.objects.filter(round=round, member__in=gone, voted_on=None).delete()
    new = [pk for pk in taking_part if pk not in asked]
    if not new:
        return 0
    UnitMark.objects.bulk_create(
        [UnitMark(round=round, duty=round.duty, member_id=pk) for pk in new], ignore_conflicts=True
    )
    day = f"{round.closes_on.month}月{round.closes_on.day}日"
    for mark in UnitMark.objects.filter(round=round, member__in=new).select_related(
        "round__alliance__organisation"
    ):
        outbox.post(
            policies.can_vote_for_unit.holders(mark),
            kind="evaluations.round.opened",
            subject=f"请评议：{round.activity.title}",
            body=f"“{round.activity.title}”已经举办，请于{day}前代表单位评议打分，约 40 秒。",
            path=paths.unit_ballot(mark.pk),
            dedupe_key=f"evaluations.round.opened:{mark.pk}",
            alliance=round.alliance,
        )
    return len(new)


# --- closing and settling -----------------------------------------------------------------------------------------


def expects_paper(round: Round) -> bool:
    """Whether paper ballots may still lie on a desk: some were printed, entered or recorded."""
    return (
        ResidentCode.objects.filter(round=round, origin=CodeOrigin.PAPER, is_void=False).exists()
        or PaperBatch.objects.filter(round=round).exists()
        or UnitMark.objects.filter(round=round, via__in=[Via.PAPER, Via.PHONE]).exists()
    )


def _close(round: Round) -> None:
    """Ballots lose their order; paper ones can be entered through the next working day, if there are any."""
    days = Office(round.alliance.organisation).days
    with transaction.atomic():
        ROUND.apply(
            round,
            "close",
            actor=None,
            fields={"paper_until": days.add(round.closes_on, 1) if expects_paper(round) else round.closes_on},
        )
        ballots.shuffle(round)


def settle(round: Round, *, actor: User | None = None) -> Round:
    """Compute and store the figures; with ``actor``, staff who have entered all paper ballots. Begins the feedback."""
    with transaction.atomic():
        if round.state == RoundState.CLOSED:
            ballots.hold(round, RoundState.CLOSED)
        ROUND.apply(
            round,
            "settle_early" if actor else "settle",
            actor=actor,
            fields={"figures": results.activity_figures(round), "warnings": results.warnings(round)},
        )
        if round.duty is not None:
            feedbacks.begin(round.duty)
    return round


# --- the clock ----------------------------------------------------------------------------------------------------


def run(now: datetime) -> list[str]:
    """Sweep: prepare, open, ask, close, settle whatever is due."""
    today = clock.local(now).date()
    return _prepare_due(today) + _open_due(today) + _ask_due() + _close_due(today) + _settle_due(today)


def _rounds(state: str, *due: Q) -> list[Round]:
    """Rounds in ``state`` for which ``due`` holds, with all that a step asks of one; on most ticks there are none."""
    keys = list(Round.objects.filter(*due, state=state).values_list("pk", flat=True))
    if not keys:
        return []
    return list(
        Round.objects.filter(pk__in=keys, state=state)
        .select_related(
            "activity__duty__plan", "duty__plan", "duty__alliance__organisation", "alliance__organisation"
        )
        .order_by("pk")
    )


def _prepare_due(today: date) -> list[str]:
    without = Activity.objects.filter(round=None).select_related("alliance__organisation", "duty")
    due = without.filter(
        state=ActivityState.PLANNED, planned_on__gte=today - BEHIND, planned_on__lte=today + AHEAD
    ) | without.filter(state__in=HELD, held_on__gte=today - BEHIND)
    lines = []
    for activity in due.order_by("pk"):
        prepare(activity)
        lines.append(f"准备“{activity.title}”评议")
    return lines


def _open_due(today: date) -> list[str]:
    held = Q(activity__state__in=HELD, activity__held_on__lte=today)
    return [
        f"开放“{round.activity.title}”评议"
        for round in _rounds(RoundState.PREPARED, held)
        if _made(round, "open")
    ]


def _made(round: Round, step: str) -> bool:
    """Make the step; False when another process has just made it."""
    try:
        {"open": lambda: _open(round, None), "close": lambda: _close(round), "settle": lambda: settle(round)}[
            step
        ]()
    except OfficeError:
        return False
    return True


def _ask_due() -> list[str]:
    """Units that were entered as participants after the round had opened."""
    lines = []
    for round in _rounds(RoundState.OPEN):
        with transaction.atomic():
            if count := ask_units(round):
                lines.append(f"“{round.activity.title}”增加评议单位 {count} 家")
    return lines


def _close_due(today: date) -> list[str]:
    return [
        f"“{round.activity.title}”评议截止"
        for round in _rounds(RoundState.OPEN, Q(closes_on__lt=today))
        if _made(round, "close")
    ]


def _settle_due(today: date) -> list[str]:
    over = Q(paper_until=None) | Q(paper_until__lt=today)
    return [
        f"“{round.activity.title}”评议出结果"
        for round in _rounds(RoundState.CLOSED, over)
        if _made(round, "settle")
    ]


def remind(now: datetime) -> list[str]:
    """Sweep: a working day before closing, the liaisons whose units have not voted."""
    if not digests.in_hours(now):
        return []
    today = clock.local(now).date()
    offices = Offices()
    for round in _rounds(RoundState.OPEN):
        due, days = round.closes_on, offices.of(round.alliance).days
        if not days.is_working(today) or not days.add(due, -1) <= today <= due:
            continue
        for mark in selector.marks_of(round):
            if mark.voted_on is None:
                digests.queue(
                    policies.can_vote_for_unit.holders(mark),
                    kind=REMIND,
                    object_id=mark.pk,
                    text=f"请于{due.month}月{due.day}日前评议“{round.activity.title}”",
                    path=paths.unit_ballot(mark.pk),
                    alliance=round.alliance,
                )
    return []


def vote_still_due(mark_id: int) -> bool:
    return UnitMark.objects.filter(pk=mark_id, voted_on=None, round__state=RoundState.OPEN).exists()
