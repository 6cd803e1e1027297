"""Drafting the quarterly assessments: planned as rows, made by whoever has time, computed anew until they are filed.

The first day after a quarter ``plan_due`` writes one empty row per alliance, uniquely keyed; ``draft_waiting`` fills them, each
leased by a conditional UPDATE and written in one transaction. Any number of processes may do so at once, and may die:
what was begun is undone, its lease runs out, and the next one goes on where it stopped. Nothing has to hit its hour.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from celery import Celery, current_app
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from kombu.exceptions import OperationalError

from alliances import clock
from alliances.calendars import ONE_DAY, Quarter
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import Alliance, User
from alliances.services import audit, digests, sweeps
from evaluations import paths, policies
from evaluations.assessing import MemberFacts, Scheme, assess, parts_as_json
from evaluations.enums import AssessmentState
from evaluations.models import Assessment, AssessmentLine
from evaluations.selectors import assessments as reads
from evaluations.selectors import quarter as facts_of
from evaluations.selectors import schemes
from rotation.models import Duty
from rotation.selectors.deadlines import Office, Offices

logger = logging.getLogger("gongjian.drafting")

DRAFTED = "evaluations.assessment.drafted"
CATCH_UP = 4  # quarters back that a sweep drafts after an outage
LEASE = timedelta(minutes=2)
A_TICK = timedelta(seconds=40)  # of the machine: a tick comes every minute and has other sweeps to run
# A county's drafts are shared out among the workers there are; a single community's are made by the tick.
HELPER = "evaluations.draft_assessments"
DRAFTS_PER_HELPER, MOST_HELPERS = 25, 8
A_HELPERS_SHIFT = timedelta(seconds=60)  # the tick must not wait long where there is one worker


# --- planning -----------------------------------------------------------------------------------------------------


def plan_due(now: datetime) -> list[str]:
    """Sweep: a row for every alliance and ended quarter in which a passed plan had months, where there is none."""
    quarter = Quarter.of(clock.local(now).date())
    offices = Offices()
    lines = []
    for _ in range(CATCH_UP):
        quarter = quarter.prev()
        if planned := _plan(quarter, offices):
            lines.append(f"{quarter.label}考核评议报告待起草 {planned} 份")
            call_helpers(planned)
    return lines


def call_helpers(drafts: int, *, app: Celery = current_app) -> None:
    """Ask the workers to join in, by the task's name, when there are many drafts. Without a broker the ticks do all of it."""
    for _ in range(min(drafts // DRAFTS_PER_HELPER, MOST_HELPERS)):
        try:
            app.send_task(HELPER, retry=False, expires=600)
        except OperationalError:
            logger.warning("no broker: the drafts are made by the ticks alone")
            return


def _plan(quarter: Quarter, offices: Offices) -> int:
    """How many rows are new. A row that another process has just written is left as it is."""
    due = list(due_alliances(quarter))
    rows = [
        Assessment(
            alliance=alliance,
            year=quarter.year,
            quarter=quarter.n,
            due_on=due_on(quarter, offices.of(alliance)),
        )
        for alliance in due
    ]
    before = Assessment.objects.of(quarter).count()
    Assessment.objects.bulk_create(rows, ignore_conflicts=True, batch_size=200)
    return Assessment.objects.of(quarter).count() - before if rows else 0


def due_alliances(quarter: Quarter) -> list[Alliance]:
    """Alliances with a month of ``quarter`` in a table passed before that month ended, and without a report of it.

    Tables of past years that were imported have never been passed here, and nobody owes a report about them.
    """
    months = Q()
    for month in quarter.months:
        ended = datetime.combine(month.end + ONE_DAY, time(), tzinfo=clock.ZONE)
        months |= Q(month=month.month, plan__passed_at__lt=ended)
    duties = Duty.objects.filter(months, alliance=OuterRef("pk"), plan__year=quarter.year)
    there = Assessment.objects.of(quarter).filter(alliance=OuterRef("pk"))
    rows = Alliance.objects.filter(Exists(duties), ~Exists(there))
    return list(rows.select_related("organisation").order_by("organisation__path"))


def due_on(quarter: Quarter, office: Office) -> date:
    """The last day of filing: so many working days into the next quarter."""
    return office.days.add(quarter.end, office.settings.assessment_within)


# --- making -------------------------------------------------------------------------------------------------------


def draft_waiting(now: datetime, *, within: timedelta = A_TICK) -> list[str]:
    """Sweep: make the drafts that wait, and once a day compute the others anew; stops after ``within`` of machine time.

    Several processes may run it at once: each takes the next row that is nobody's.
    """
    until = clock.machine_time() + within
    return sweeps.each(_leased(now, until), _draft)


def _waits(now: datetime) -> Q:
    """Drafts never made, or last computed before today."""
    midnight = datetime.combine(clock.local(now).date(), time(), tzinfo=clock.ZONE)
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=clock.machine_time())
    return Q(state=AssessmentState.DRAFT) & (Q(computed_at__isnull=True) | Q(computed_at__lt=midnight)) & free


def _leased(now: datetime, until: datetime) -> Iterator[Assessment]:
    """Rows that this process alone may draft now, one after the other."""
    while clock.machine_time() < until:
        # Never made ones first; of a failed one the lease stands, so that it holds up nobody.
        rows = Assessment.objects.filter(_waits(now)).light()
        pk = rows.order_by(F("computed_at").asc(nulls_first=True), "pk").values_list("pk", flat=True).first()
        if pk is None:
            return
        if Assessment.objects.filter(_waits(now), pk=pk).update(leased_until=clock.machine_time() + LEASE):
            yield reads.full().get(pk=pk)


def _draft(assessment: Assessment) -> list[str]:
    is_first = assessment.computed_at is None
    try:
        compute(assessment)
    except TooLate:
        return []
    return [f"{assessment}已起草"] if is_first else []


def compute(assessment: Assessment) -> Assessment:
    """Compute a draft's figures and lines anew from the facts as they stand; adjustments stay. One transaction, which also
    holds the row: filing, adjusting and another computing wait for each other. Raises TooLate once it is filed.

    ``assessment`` as of ``selectors.assessments.full``; its figures are set.
    """
    with transaction.atomic():
        hold(assessment)
        is_first = assessment.computed_at is None
        facts = facts_of.facts(assessment.alliance, assessment.period)
        scheme = schemes.scheme_for(assessment.alliance.organisation, assessment.year)
        _write_lines(assessment, [(line.member, line.facts) for line in facts.members], scheme)
        assessment.figures, _ = reads.freeze(facts.as_figures())
        assessment.computed_at, assessment.leased_until = clock.now(), None
        assessment.save(update_fields=["figures", "computed_at", "leased_until"])
        if is_first and assessment.revision == 1:
            audit.record(DRAFTED, assessment, actor=None, after=assessment.state)
            _announce(assessment)
    return assessment


def hold(assessment: Assessment) -> None:
    """Keep the draft's row until the transaction ends (an UPDATE does so on every database), and read it again: what the
    caller had read before may have changed. Raises TooLate when it is no draft any more."""
    hit = Assessment.objects.filter(pk=assessment.pk, state=AssessmentState.DRAFT).update(
        revision=F("revision")
    )
    if not hit:
        raise TooLate("这份报告已经报送，数据和文字不再变动；要改请先点“更正”。")
    assessment.refresh_from_db(
        fields=["state", "computed_at", "leased_until", "problems", "next_steps", "due_on", "reason"]
    )


def _write_lines(assessment: Assessment, facts: list[tuple[int, MemberFacts]], scheme: Scheme) -> None:
    """One line per member of the quarter, in the roster's order; of members no longer in it none."""
    known = {line.member_id: line for line in AssessmentLine.objects.filter(assessment=assessment)}
    lines = []
    for order, (member, found) in enumerate(facts):
        line = known.pop(member, None) or AssessmentLine(assessment=assessment, member_id=member)
        adjustment = min(max(line.adjustment, Decimal(scheme.lowest)), Decimal(scheme.highest))
        outcome = assess(found, scheme, adjustment)
        line.order, line.parts = order, parts_as_json(outcome.parts)
        line.raw, line.score, line.grade = outcome.raw, outcome.score, outcome.grade
        line.adjustment, line.reason = adjustment, line.reason if adjustment else ""
        lines.append(line)
    AssessmentLine.objects.filter(pk__in=[line.pk for line in known.values()]).delete()
    AssessmentLine.objects.bulk_create([line for line in lines if line.pk is None])
    fields = ["order", "parts", "raw", "score", "grade", "adjustment", "reason"]
    AssessmentLine.objects.bulk_update([line for line in lines if line.pk], fields, batch_size=100)


def _announce(assessment: Assessment) -> None:
    """Drafts are made at night: the secretary hears of it with the next day's reminders."""
    due = assessment.due_on
    digests.queue(
        policies.can_lead_assessment.holders(assessment),
        kind=DRAFTED,
        object_id=assessment.pk,
        text=f"{assessment.period.label}考核评议报告已起草，请写好五、六部分，{due.month}月{due.day}日前报送",
        path=paths.assessment(assessment.pk),
        alliance=assessment.alliance,
    )


def recompute(assessment: Assessment, *, actor: User) -> Assessment:
    """Compute a draft anew because somebody asks for it (the page's button). Raises NotAllowed, TooLate, OfficeError."""
    if not policies.can_write_assessment(actor, assessment):
        raise NotAllowed("只有社区书记和工作人员可以重新计算报告。")
    if assessment.computed_at is None:
        raise OfficeError("报告正在起草，请稍候刷新。")
    return compute(assessment)
