"""The states of rounds and feedbacks as tables of moves."""

from alliances import clock
from alliances.lifecycle import Lifecycle, Move
from evaluations import policies
from evaluations.enums import FeedbackState, RoundState
from evaluations.models import Feedback, Round
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
