"""What scoring may say in a digest, and how to ask whether it is still worth saying."""

from alliances.reminding import Reminder
from evaluations.services import comments, drafting, feedbacks, pressing, rounds

REMINDERS = (
    Reminder(rounds.REMIND, "评议打分提示", rounds.vote_still_due),
    Reminder(feedbacks.BEGUN, "撰写评议反馈", feedbacks.feedback_still_due),
    Reminder(feedbacks.REMIND, "评议反馈提示", feedbacks.feedback_still_due),
    Reminder(feedbacks.NUDGE, "评议反馈催办", feedbacks.feedback_still_due),
    Reminder(feedbacks.ESCALATE, "评议反馈报书记", feedbacks.feedback_still_due),
    Reminder(drafting.DRAFTED, "报送考核评议报告", pressing.still_due),
    Reminder(pressing.REMIND, "考核评议报告提示", pressing.still_due),
    Reminder(pressing.NUDGE, "考核评议报告催办", pressing.still_due),
    Reminder(comments.REMIND, "点评提示", comments.comment_still_due),
)
