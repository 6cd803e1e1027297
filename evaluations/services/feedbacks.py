"""The month's feedback: a draft as soon as there are results, written by the president, published into the circle."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from alliances import clock
from alliances.enums import BulletinKind, Role, Visibility
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import User
from alliances.policies import can_lead_alliance
from alliances.selectors import directory
from alliances.services import audit, bulletins, digests, outbox
from evaluations import paths, policies
from evaluations.enums import FeedbackState
from evaluations.lifecycles import FEEDBACK
from evaluations.models import Feedback
from evaluations.selectors import papers, results
from evaluations.selectors import rounds as selector
from rotation.models import Duty
from rotation.selectors import tables
from rotation.selectors.deadlines import Office, Offices

LATER_RESULTS = "增加了新的评议结果"

REMIND, NUDGE = "evaluations.feedback.remind", "evaluations.feedback.nudge"
ESCALATE = "evaluations.feedback.escalate"
BEGUN = "evaluations.feedback.begun"
LONGEST = 1000
LONGEST_REASON = 200


def begin(duty: Duty) -> Feedback | None:
    """The draft for the month's results, once no round of it runs any more; called when a round is settled.

    Results that come after a feedback was published begin the next revision, with its words to go on from.
    """
    if selector.running_of(duty).exists():
        return None
    rounds = list(selector.settled_of(duty))
    if not rounds:
        return None
    office = Office(duty.alliance.organisation)
    due = office.days.add(max(round.closes_on for round in rounds), office.settings.feedback_within)
    feedback = Feedback.objects.filter(duty=duty, state=FeedbackState.DRAFT).first()
    if feedback is None:
        feedback = _new(duty, due, LATER_RESULTS)
        audit.record("evaluations.feedback.begin", feedback, actor=None, after=feedback.state)
    feedback.due_on, feedback.figures = due, results.month_figures(duty)
    feedback.save(update_fields=["due_on", "figures"])
    # Rounds settle by themselves, mostly at midnight: the president hears of it with the next day's reminders.
    text = f"{duty.month}月（{tables.chair_names(duty)}轮值）评议已出结果，请于{due.month}月{due.day}日前通报评议反馈"
    _queue(feedback, policies.can_write_feedback, BEGUN, text)
    return feedback


def _new(duty: Duty, due: date | None, reason: str) -> Feedback:
    """The duty's next revision; ``reason`` is why there is another one, kept for all but the first."""
    former = Feedback.objects.filter(duty=duty).order_by("-revision").first()
    return Feedback.objects.create(
        alliance=duty.alliance,
        duty=duty,
        revision=former.revision + 1 if former else 1,
        replaces=former,
        reason=reason if former else "",
        good=former.good if former else "",
        mend=former.mend if former else "",
        due_on=due,
        figures=results.month_figures(duty),
    )


def write(feedback: Feedback, *, good: str, mend: str, actor: User) -> Feedback:
    """Keep the words of a draft; nothing is published."""
    if not policies.can_write_feedback(actor, feedback):
        raise NotAllowed("评议反馈由会长撰写；没有会长的，由社区书记撰写。")
    good, mend = _words(good), _words(mend)
    with transaction.atomic():
        hit = Feedback.objects.filter(pk=feedback.pk, state=FeedbackState.DRAFT).update(good=good, mend=mend)
        if not hit:
            raise OfficeError("这份评议反馈已经通报，要改请先点“更正”。")
        audit.record("evaluations.feedback.write", feedback, actor=actor)
    feedback.good, feedback.mend = good, mend
    return feedback


def _words(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST:
        raise OfficeError(f"文字太长，请控制在 {LONGEST} 字以内。")
    return text


def correct(published: Feedback, *, reason: str, actor: User) -> Feedback:
    """Begin the next revision of a published feedback; the published one stands until the new one is published.

    ``reason`` is printed on the new one.
    """
    if not policies.can_write_feedback(actor, published):
        raise NotAllowed("评议反馈由会长更正；没有会长的，由社区书记更正。")
    if published.state != FeedbackState.PUBLISHED:
        raise OfficeError("只有已通报的评议反馈可以更正。")
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise OfficeError(f"请写明更正原因，不超过 {LONGEST_REASON} 字。")
    try:
        with transaction.atomic():
            draft = _new(published.duty, None, reason)
            audit.record(
                "evaluations.feedback.correct",
                draft,
                actor=actor,
                after=draft.state,
                data={"replaces": published.pk},
            )
    except IntegrityError as problem:
        raise OfficeError("这个月的更正已经有人在写，请刷新后查看。") from problem
    return draft


def publish(feedback: Feedback, *, actor: User) -> Feedback:
    """Freeze figures and words as a paper, put it into the circle, tell the chair units: one transaction.

    The feedback it replaces is superseded by it.
    """
    if not feedback.good.strip() and not feedback.mend.strip():
        raise OfficeError("请先写几句“做得好的”或“需要改进的”，再通报。")
    duty = feedback.duty
    with transaction.atomic():
        former = Feedback.objects.filter(duty=duty, state=FeedbackState.PUBLISHED).first()
        if former is not None:
            FEEDBACK.apply(former, "supersede", actor=actor)
        feedback.figures = results.month_figures(duty)
        paper, digest = papers.freeze_paper(papers.feedback_paper(feedback, published_on=clock.today()))
        FEEDBACK.apply(
            feedback,
            "publish",
            actor=actor,
            data={"duty": duty.pk, "revision": feedback.revision},
            fields={
                "figures": feedback.figures,
                "paper": paper,
                "paper_hash": digest,
                "published_by": actor,
                "replaces": former,
            },
        )
        _into_the_circle(feedback, actor)
        _tell_chairs(feedback)
    return feedback


def _into_the_circle(feedback: Feedback, actor: User) -> None:
    duty = feedback.duty
    title = f"{duty.plan.year}年{duty.month}月轮值评议反馈"
    bulletins.publish(
        feedback.alliance,
        kind=BulletinKind.FEEDBACK,
        title=title if feedback.revision == 1 else f"{title}（更正）",
        body=papers.feedback_text(feedback),
        visibility=Visibility.ALLIANCE,
        path=paths.feedback(duty.pk),
        source=f"evaluations.feedback:{feedback.pk}",
        actor=actor,
    )


def _tell_chairs(feedback: Feedback) -> None:
    duty = feedback.duty
    chairs = [chair.member for chair in duty.chairs.select_related("member__unit")]
    people = [post.person for member in chairs if (post := directory.holder(member, Role.LIAISON))]
    outbox.post(
        people,
        kind="evaluations.feedback.published",
        subject=f"{duty.month}月评议反馈已通报",
        body=papers.feedback_text(feedback),
        path=paths.feedback(duty.pk),
        dedupe_key=f"evaluations.feedback.published:{feedback.pk}",
        alliance=feedback.alliance,
    )


# --- the clock ----------------------------------------------------------------------------------------------------


def follow_up(now: datetime) -> list[str]:
    """Sweep: remind a working day before, nudge when overdue, escalate to the secretary two working days later."""
    lines: list[str] = []
    if not digests.in_hours(now):
        return lines
    today = clock.local(now).date()
    offices = Offices()
    drafts = Feedback.objects.filter(state=FeedbackState.DRAFT, due_on__isnull=False)
    for feedback in drafts.select_related("alliance__organisation", "duty__plan").order_by("pk"):
        office = offices.of(feedback.alliance)
        if feedback.due_on is not None and digests.is_working_day(office.days, now):
            lines += _press(feedback, feedback.due_on, today, office)
    return lines


def _press(feedback: Feedback, due: date, today: date, office: Office) -> list[str]:
    month = feedback.duty.month
    if today <= due:
        if office.days.add(due, -1) <= today:
            text = f"请于{due.month}月{due.day}日前通报{month}月评议反馈"
            _queue(feedback, policies.can_write_feedback, REMIND, text)
        return []
    lines = []
    if feedback.nudged_at is None and _stamp(feedback, "nudged_at", NUDGE):
        _queue(feedback, policies.can_write_feedback, NUDGE, f"催办：{month}月评议反馈已过期限，请尽快通报")
        lines.append(f"催办{feedback.duty}评议反馈")
    escalate_on = office.days.add(due, 1 + office.settings.escalate_after)
    if feedback.escalated_at is None and today >= escalate_on and _stamp(feedback, "escalated_at", ESCALATE):
        _queue(feedback, can_lead_alliance, ESCALATE, f"报书记：{month}月评议反馈仍未通报")
        lines.append(f"{feedback.duty}评议反馈报书记")
    return lines


def _queue(feedback: Feedback, rule: Any, kind: str, text: str) -> None:
    digests.queue(
        rule.holders(feedback),
        kind=kind,
        object_id=feedback.pk,
        text=text,
        path=paths.feedback(feedback.duty_id),
        alliance=feedback.alliance,
    )


def _stamp(feedback: Feedback, field: str, action: str) -> bool:
    """Set a time once: the process whose UPDATE hits has done it, any other has not."""
    with transaction.atomic():
        hit = Feedback.objects.filter(pk=feedback.pk, state=FeedbackState.DRAFT, **{field: None}).update(
            **{field: clock.now()}
        )
        if hit:
            audit.record(action, feedback, actor=None)
    return bool(hit)


def feedback_still_due(feedback_id: int) -> bool:
    return Feedback.objects.filter(pk=feedback_id, state=FeedbackState.DRAFT).exists()
