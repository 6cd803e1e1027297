"""The quarterly assessment in people's hands: words, adjustments, filing, what the offices answer, corrections.

Drafts come from ``services.drafting``. Each act is one transaction with its log row and its messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from django.db import IntegrityError, transaction

from alliances import clock
from alliances.enums import Role
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import Person, User
from alliances.selectors import directory
from alliances.services import audit, numbering, outbox
from evaluations import paths, policies
from evaluations.assessing import NO_DATA, check_adjustment, grade
from evaluations.enums import AssessmentState
from evaluations.lifecycles import ASSESSMENT
from evaluations.models import Assessment, AssessmentLine
from evaluations.models.assessment import STANDING
from evaluations.selectors import assessments as reads
from evaluations.selectors import schemes
from evaluations.selectors.briefs import brief_of
from evaluations.services.drafting import compute, hold
from rotation.selectors.deadlines import Office

SERIES = "evaluations.assessment"
LONGEST = 3000
LONGEST_REASON = 200
LONGEST_RETURN = 300


# --- the draft ----------------------------------------------------------------------------------------------------


def write(assessment: Assessment, *, problems: str, next_steps: str, actor: User) -> Assessment:
    """Keep parts five (存在问题) and six (下步打算) of a draft. Raises OfficeError, NotAllowed, TooLate."""
    if not policies.can_write_assessment(actor, assessment):
        raise NotAllowed("只有社区书记和工作人员可以撰写报告。")
    problems, next_steps = problems.strip(), next_steps.strip()
    if max(len(problems), len(next_steps)) > LONGEST:
        raise OfficeError(f"文字太长，每部分请控制在 {LONGEST} 字以内。")
    with transaction.atomic():
        hold(assessment)
        assessment.problems, assessment.next_steps = problems, next_steps
        assessment.save(update_fields=["problems", "next_steps"])
        audit.record("evaluations.assessment.write", assessment, actor=actor)
    return assessment


def adjust(line: AssessmentLine, *, adjustment: Decimal | str, reason: str, actor: User) -> AssessmentLine:
    """Add or take off points of one member in a draft; 0 takes an adjustment back. The reason is printed.

    ``adjustment`` in tenths within the scheme's bounds. Raises OfficeError, NotAllowed, TooLate.
    """
    assessment = line.assessment
    if not policies.can_lead_assessment(actor, assessment):
        raise NotAllowed("加减分由社区书记决定。")
    scheme = schemes.scheme_for(assessment.alliance.organisation, assessment.year)
    try:
        value = Decimal(str(adjustment).strip()).quantize(Decimal("0.1")) + 0
        check_adjustment(Decimal(str(adjustment).strip()), scheme)
    except (InvalidOperation, ValueError) as problem:
        raise OfficeError(
            f"加减分应在 {scheme.lowest} 到 +{scheme.highest} 之间，最多一位小数。"
        ) from problem
    reason = reason.strip() if value else ""
    if value and not 1 <= len(reason) <= LONGEST_REASON:
        raise OfficeError(f"请写明加减分理由，不超过 {LONGEST_REASON} 字；理由会印在报告上。")
    with transaction.atomic():
        hold(assessment)
        line.refresh_from_db(fields=["raw", "score", "grade", "adjustment", "reason"])
        if line.raw is None and value:
            raise OfficeError(f"{line.member}本季度{NO_DATA}，不能加减分。")
        before = line.adjustment
        line.adjustment, line.reason, line.adjusted_by = value, reason, actor if value else None
        if line.raw is not None:
            line.score = min(Decimal(100), max(Decimal(0), line.raw + value))
            line.grade = grade(line.score)
        line.save(update_fields=["adjustment", "reason", "adjusted_by", "score", "grade"])
        audit.record(
            "evaluations.assessment.adjust",
            assessment,
            actor=actor,
            data={"member": line.member_id, "from": str(before), "to": str(value)},
        )
    return line


# --- filing -------------------------------------------------------------------------------------------------------


def file(assessment: Assessment, *, actor: User) -> Assessment:
    """Compute the draft once more, number it, freeze it with its hash, send it up: one transaction.

    The report it replaces is superseded by it. Raises OfficeError, NotAllowed, TooLate.
    """
    if not policies.can_lead_assessment(actor, assessment):
        raise NotAllowed("报告由社区书记报送。")
    assessment = reads.full().get(pk=assessment.pk)
    if assessment.state == AssessmentState.DRAFT and assessment.computed_at is None:
        raise OfficeError("报告还在起草，请稍候再报送。")
    with transaction.atomic():
        compute(assessment)
        place, day = assessment.alliance.organisation, clock.today()
        if assessment.replaces is not None:
            ASSESSMENT.apply(assessment.replaces, "supersede", actor=actor)
        serial = numbering.take(place, SERIES, day.year)
        number = f"{assessment.alliance.number_prefix}报〔{day.year}〕{serial}号"
        document, digest = reads.freeze(
            reads.compose(
                assessment,
                reads.lines_of(assessment),
                schemes.scheme_for(place, assessment.year),
                number=number,
                filed_on=day.isoformat(),
                signer=actor.person.name,
            )
        )
        ASSESSMENT.apply(
            assessment,
            "file",
            actor=actor,
            data={"revision": assessment.revision, "hash": digest},
            fields={
                "figures": document,
                "figures_hash": digest,
                "brief": brief_of(document),
                "number": number,
                "filed_by": actor,
            },
        )
        _send(assessment)
    return assessment


def _send(assessment: Assessment) -> None:
    """The outbox rows by which the report goes out: 主送 the office above, 抄送 the one above that."""
    title = f"{assessment.alliance.name}{assessment.period.label}专项考核评议报告（{assessment.number}）"
    if assessment.replaces is not None:
        title += f"，代替{assessment.replaces.number}"
    for way, rule, ask in (
        ("主送", policies.can_receive_assessment, "请审阅后接收，或写明原因退回。"),
        ("抄送", policies.can_acknowledge_assessment, "抄送知悉。"),
    ):
        outbox.post(
            rule.holders(assessment),
            kind="evaluations.assessment.filed",
            subject=f"{way}：{title}",
            body=f"{title}已报送。{ask}",
            path=paths.assessment(assessment.pk),
            dedupe_key=f"evaluations.assessment.filed:{assessment.pk}",
            alliance=assessment.alliance,
        )


# --- the offices --------------------------------------------------------------------------------------------------


def receive(assessment: Assessment, *, actor: User) -> Assessment:
    """The office above takes the report; from then on it stands, and every unit is told its own result."""
    with transaction.atomic():
        ASSESSMENT.apply(assessment, "receive", actor=actor, fields={"received_by": actor})
        _tell(
            assessment,
            policies.can_write_assessment.holders(assessment),
            "received",
            f"{assessment.period.label}考核评议报告已接收",
            f"{policies.recipient_of(assessment.alliance)}已接收{assessment.number}。",
        )
        _tell_units(assessment)
    return assessment


def send_back(assessment: Assessment, *, reason: str, actor: User) -> Assessment:
    """The office above returns the report with a reason the community can read; it answers with a new revision."""
    if not policies.can_receive_assessment(actor, assessment):
        raise NotAllowed("只有上级主送单位可以退回报告。")
    reason = _reason(reason, "退回原因", LONGEST_RETURN)
    with transaction.atomic():
        fields = {"returned_by": actor, "return_reason": reason}
        ASSESSMENT.apply(assessment, "return", actor=actor, fields=fields)
        _tell(
            assessment,
            policies.can_write_assessment.holders(assessment),
            "returned",
            f"{assessment.period.label}考核评议报告被退回",
            f"{policies.recipient_of(assessment.alliance)}退回了{assessment.number}，原因：{reason}\n请修改后重新报送。",
        )
    return assessment


def acknowledge(assessment: Assessment, *, actor: User) -> Assessment:
    """The office that got a copy of a report that stands has seen it; once. The report's state does not change."""
    if not policies.can_acknowledge_assessment(actor, assessment):
        raise NotAllowed("只有抄送单位可以确认知悉。")
    seen = {"acknowledged_at": clock.now(), "acknowledged_by": actor}
    with transaction.atomic():
        rows = Assessment.objects.filter(pk=assessment.pk, acknowledged_at=None, state__in=STANDING)
        if not rows.update(**seen):
            raise TooLate("这份报告已经确认知悉，或者还没有报送、已被退回或更正，请刷新后查看。")
        audit.record("evaluations.assessment.acknowledge", assessment, actor=actor)
    for key, value in seen.items():
        setattr(assessment, key, value)
    return assessment


def _tell_units(assessment: Assessment) -> None:
    """To each unit's liaison its own line and the alliance's mean, nobody else's."""
    lines = list(reads.lines_of(assessment))
    mean, _ = reads.means_of([assessment.pk])[assessment.pk]
    members = {member.pk: member for member in directory.members_of(assessment.alliance)}
    for line in lines:
        post = directory.holder(members[line.member_id], Role.LIAISON) if line.member_id in members else None
        if post is None:
            continue
        score = f"{line.score} 分，{line.grade}" if line.score is not None else NO_DATA
        beside = f"；联盟平均 {mean} 分" if mean and line.score is not None else ""
        outbox.post(
            [post.person],
            kind="evaluations.assessment.result",
            subject=f"{assessment.period.label}考核评议结果：{line.member.unit.name}",
            body=f"{line.member.unit.name}{assessment.period.label}考核评议：{score}{beside}。仅供参考。",
            path=paths.own_results(),
            dedupe_key=f"evaluations.assessment.result:{line.pk}",
            alliance=assessment.alliance,
        )


def _tell(assessment: Assessment, people: Iterable[Person], what: str, subject: str, body: str) -> None:
    outbox.post(
        people,
        kind=f"evaluations.assessment.{what}",
        subject=subject,
        body=body,
        path=paths.assessment(assessment.pk),
        dedupe_key=f"evaluations.assessment.{what}:{assessment.pk}",
        alliance=assessment.alliance,
    )


# --- corrections --------------------------------------------------------------------------------------------------


def revise(former: Assessment, *, reason: str = "", actor: User) -> Assessment:
    """Begin the next revision of a filed, received or returned report, with its words and adjustments to go on from.

    The former one stands until the new one is filed. ``reason`` is printed; of a returned report it is the office's
    unless another is given. Raises OfficeError, NotAllowed.
    """
    if not policies.can_lead_assessment(actor, former):
        raise NotAllowed("报告由社区书记更正。")
    former = reads.full().get(pk=former.pk)
    if former.state not in reads.STATES_OF_FILING:
        raise OfficeError("只有已经报送的报告可以更正。")
    reason = _reason(reason or former.return_reason, "更正原因", LONGEST_RETURN)
    office = Office(former.alliance.organisation)
    due = max(former.due_on, office.days.add(clock.today(), office.settings.assessment_within))
    try:
        with transaction.atomic():
            draft = Assessment.objects.create(
                alliance=former.alliance,
                year=former.year,
                quarter=former.quarter,
                revision=former.revision + 1,
                replaces=former,
                reason=reason,
                due_on=due,
                problems=former.problems,
                next_steps=former.next_steps,
            )
            AssessmentLine.objects.bulk_create(_carried(former, draft))
            audit.record(
                "evaluations.assessment.revise",
                draft,
                actor=actor,
                after=draft.state,
                data={"replaces": former.pk, "revision": draft.revision},
            )
            compute(draft)
    except IntegrityError as problem:
        raise OfficeError("这份报告的更正已经有人在写，请刷新后查看。") from problem
    return draft


def _carried(former: Assessment, draft: Assessment) -> list[AssessmentLine]:
    """The adjustments of ``former``, as lines that computing fills."""
    adjusted = AssessmentLine.objects.filter(assessment=former).exclude(adjustment=0)
    return [
        AssessmentLine(
            assessment=draft,
            member_id=line.member_id,
            adjustment=line.adjustment,
            reason=line.reason,
            adjusted_by_id=line.adjusted_by_id,
            grade=NO_DATA,
        )
        for line in adjusted
    ]


def _reason(text: str, what: str, longest: int) -> str:
    text = text.strip()
    if not 1 <= len(text) <= longest:
        raise OfficeError(f"请写明{what}，不超过 {longest} 字。")
    return text
