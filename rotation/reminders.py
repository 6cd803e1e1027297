"""What the rotation may say in a digest, and how to ask whether it is still worth saying."""

from alliances.reminding import Reminder
from rotation.services import slips

REMINDERS = (
    Reminder(slips.REMIND, "提醒单签收提示", slips.receipt_still_due),
    Reminder(slips.NUDGE, "提醒单催办", slips.receipt_still_due),
    Reminder(slips.ESCALATE, "提醒单报书记", slips.slip_still_due),
)
