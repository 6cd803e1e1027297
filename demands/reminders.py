"""What the demand loop may say in a digest, and how to ask whether it is still worth saying."""

from alliances.reminding import Reminder
from demands.services import follow_up

REMINDERS = (
    Reminder("demands.review.remind", "受理需求提示", follow_up.review_still_due),
    Reminder("demands.review.nudge", "受理需求催办", follow_up.review_still_due),
    Reminder("demands.review.escalate", "受理需求报书记", follow_up.review_still_due),
    Reminder("demands.offer.remind", "回复派单提示", follow_up.offer_still_due),
    Reminder("demands.claim.remind", "认领项目到期提示", follow_up.claim_still_due),
    Reminder("demands.claim.nudge", "认领项目催办", follow_up.claim_still_due),
    Reminder("demands.claim.escalate", "认领项目报书记", follow_up.claim_still_due),
    Reminder("demands.visit.due", "验收提示", follow_up.visit_still_due),
    Reminder("demands.call_back.remind", "回访提示", follow_up.call_back_still_due),
    Reminder("demands.call_back.nudge", "回访催办", follow_up.call_back_still_due),
    Reminder("demands.call_back.escalate", "回访报书记", follow_up.call_back_still_due),
)
