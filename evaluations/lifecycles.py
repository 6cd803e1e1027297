"""The states of rounds, feedbacks and quarterly assessments as tables of moves."""

from alliances import clock
from alliances.lifecycle import Lifecycle, Move
from evaluations import policies
from evaluations.enums import AssessmentState, FeedbackState, RoundState
from evaluations.models import Assessment, Feedback, Round
from evaluations.selectors import rounds as selector
from rotation.enums import ActivityState


def _day_has_come(round: Round) -> str:
    """The activity's day has come and it is not cancelled."""
    if round.activity.state == ActivityState.CANCELLED:
        return "活动已取消，不再评议。"
    if round.activity.planned_on > clock.today():
        return "活动日期还没有到，活动当天才能开放评议。"
    return ""


def _all_settled(feedback: Feedback) -> str:
    """The month has results, and no round of it is still running."""
    if selector.running_of(feedback.duty).exists():
        return "本月还有评议没有结束，出了结果再通报。"
    if not selector.settled_of(feedback.duty).exists():
        return "本月还没有评议结果，不能通报。"
    return ""


def _ready_to_file(assessment: Assessment) -> str:
    """The quarter is over, the figures are there, and somebody has written parts five and six."""
    if clock.today() <= assessment.period.end:
        return "本季度还没有结束，季度结束后再报送。"
    if assessment.computed_at is None:
        return "报告还在起草，请稍候再报送。"
    if not assessment.problems.strip() or not assessment.next_steps.strip():
        return "请先写好“存在问题”和“下步打算”，再报送。"
    return ""


ROUND = Lifecycle(
    name="evaluations.round",
    title="评议",
    model=Round,
    states=RoundState,
    initial=RoundState.PREPARED,
    moves=(
        Move("open", "开放评议", (RoundState.PREPARED,), RoundState.OPEN, system=True, stamp="opened_at"),
        Move(
            "open_early",
            "当场开放评议",
            (RoundState.PREPARED,),
            RoundState.OPEN,
            who=policies.can_run_round,
            guard=_day_has_come,
            stamp="opened_at",
        ),
        Move("close", "截止", (RoundState.OPEN,), RoundState.CLOSED, system=True, stamp="closed_at"),
        Move("settle", "出结果", (RoundState.CLOSED,), RoundState.SETTLED, system=True, stamp="settled_at"),
        Move(
            "settle_early",
            "纸质票已录完，出结果",
            (RoundState.CLOSED,),
            RoundState.SETTLED,
            who=policies.can_enter_paper,
            stamp="settled_at",
        ),
    ),
)

FEEDBACK = Lifecycle(
    name="evaluations.feedback",
    title="评议反馈",
    model=Feedback,
    states=FeedbackState,
    initial=FeedbackState.DRAFT,
    moves=(
        Move(
            "publish",
            "通报",
            (FeedbackState.DRAFT,),
            FeedbackState.PUBLISHED,
            who=policies.can_write_feedback,
            guard=_all_settled,
            stamp="published_at",
        ),
        Move("supersede", "更正", (FeedbackState.PUBLISHED,), FeedbackState.SUPERSEDED, system=True),
    ),
)

ASSESSMENT = Lifecycle(
    name="evaluations.assessment",
    title="季度考核评议报告",
    model=Assessment,
    states=AssessmentState,
    initial=AssessmentState.DRAFT,
    moves=(
        Move(
            "file",
            "报送",
            (AssessmentState.DRAFT,),
            AssessmentState.FILED,
            who=policies.can_lead_assessment,
            guard=_ready_to_file,
            stamp="filed_at",
        ),
        Move(
            "receive",
            "接收",
            (AssessmentState.FILED,),
            AssessmentState.RECEIVED,
            who=policies.can_receive_assessment,
            stamp="received_at",
        ),
        Move(
            "return",
            "退回",
            (AssessmentState.FILED,),
            AssessmentState.RETURNED,
            who=policies.can_receive_assessment,
            stamp="returned_at",
        ),
        Move(
            "supersede",
            "更正",
            (AssessmentState.FILED, AssessmentState.RECEIVED, AssessmentState.RETURNED),
            AssessmentState.SUPERSEDED,
            system=True,
        ),
    ),
)
