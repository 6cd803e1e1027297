"""The clock of the quarterly assessment: a reminder before the last day of filing, a nudge after it, an office's own urging."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from alliances import clock
from alliances.calendars import Quarter
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Alliance, User
from alliances.services import audit, digests, outbox, sweeps
from evaluations import paths, policies
from evaluations.enums import AssessmentState
from evaluations.models import Assessment
from rotation.selectors.deadlines import Office, Offices

REMIND, NUDGE = "evaluations.assessment.remind", "evaluations.assessment.nudge"
# A report that has been owed for so long is no longer pressed; the offices' table goes on saying so.
PRESSED_FOR = timedelta(days=60)


def follow_up(now: datetime) -> list[str]:
    """Sweep: remind a working day before the last day of filing, nudge once it is over."""
    if not digests.in_hours(now):
        return []
    today = clock.local(now).date()
    offices = Offices()
    drafts = Assessment.objects.filter(state=AssessmentState.DRAFT, due_on__gte=today - PRESSED_FOR)

    def follow_one(assessment: Assessment) -> list[str]:
        office = offices.of(assessment.alliance)
        if not digests.is_working_day(office.days, now):
            return []
        return _press(assessment, today, office)

    rows = drafts.light().select_related("alliance__organisation").order_by("pk")
    return sweeps.each(rows, follow_one)


def _press(assessment: Assessment, today: date, office: Office) -> list[str]:
    due, what = assessment.due_on, f"{assessment.period.label}考核评议报告"
    if today <= due:
        if office.days.add(due, -1) <= today:
            _queue(assessment, REMIND, f"请于{due.month}月{due.day}日前报送{what}")
        return []
    if assessment.nudged_at is not None or not _stamp(assessment):
        return []
    _queue(assessment, NUDGE, f"催办：{what}已过报送期限，请尽快报送")
    return [f"催办{assessment.alliance.name}：{what}"]


def _queue(assessment: Assessment, kind: str, text: str) -> None:
    digests.queue(
        policies.can_lead_assessment.holders(assessment),
        kind=kind,
        object_id=assessment.pk,
        text=text,
        path=paths.assessment(assessment.pk),
        alliance=assessment.alliance,
    )


def _stamp(assessment: Assessment) -> bool:
    """Set the time of the nudge once: the process whose UPDATE hits has done it."""
    with transaction.atomic():
        rows = Assessment.objects.filter(pk=assessment.pk, state=AssessmentState.DRAFT, nudged_at=None)
        hit = rows.update(nudged_at=clock.now())
        if hit:
            audit.record(NUDGE, assessment, actor=None)
    return bool(hit)


def still_due(assessment_id: int) -> bool:
    return Assessment.objects.filter(pk=assessment_id, state=AssessmentState.DRAFT).exists()


def urge(alliance: Alliance, quarter: Quarter, *, actor: User) -> bool:
    """An office reminds a community that has not filed (催报); at most once a day. False: somebody did so today already.

    Raises OfficeError, NotAllowed.
    """
    if not policies.can_urge_assessment(actor, alliance):
        raise NotAllowed("只有上级办公室可以催报。")
    draft = (
        Assessment.objects.of(quarter).filter(alliance=alliance, state=AssessmentState.DRAFT).light().first()
    )
    if draft is None:
        raise OfficeError(f"{alliance.name}{quarter.label}没有待报送的报告，不需要催报。")
    due, leads = draft.due_on, policies.can_lead_assessment.holders(alliance)
    if not leads:
        raise OfficeError(f"{alliance.name}还没有登记书记，催报没有人能收到，请先电话联系。")
    with transaction.atomic():
        new = outbox.post(
            leads,
            kind="evaluations.assessment.urge",
            subject=f"催报：{quarter.label}考核评议报告",
            body=f"请尽快报送{quarter.label}专项考核评议报告（报送期限{due.month}月{due.day}日）。",
            path=paths.assessment(draft.pk),
            dedupe_key=f"evaluations.assessment.urge:{draft.pk}:{clock.today().isoformat()}",
            alliance=alliance,
        )
        if new:
            audit.record("evaluations.assessment.urge", draft, actor=actor)
    return bool(new)
