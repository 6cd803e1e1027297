"""What the rotation may say in a digest, and how to ask whether it is still worth saying."""

from alliances.reminding import Reminder
from rotation.enums import MonthStep
from rotation.services import minutes, replies, slips, steps

STILL_DUE = {
    MonthStep.NOTICE: steps.notice_still_due,
    MonthStep.SEMINAR: steps.seminar_still_due,
    MonthStep.ACTIVITY: steps.activity_still_due,
}

REMINDERS = (
    Reminder(slips.REMIND, "提醒单签收提示", slips.receipt_still_due),
    Reminder(slips.NUDGE, "提醒单催办", slips.receipt_still_due),
    Reminder(slips.ESCALATE, "提醒单报书记", slips.slip_still_due),
    Reminder(replies.REMIND, "回执提示", replies.reply_still_due),
    Reminder(replies.NUDGE, "回执催办", replies.reply_still_due),
    Reminder(replies.ESCALATE, "回执报书记", replies.replies_still_due),
    Reminder(minutes.REMIND, "议定事项提示", minutes.task_still_due),
    Reminder(minutes.NUDGE, "议定事项催办", minutes.task_still_due),
    *(Reminder(steps.REMIND[step], f"{step.label}提示", check) for step, check in STILL_DUE.items()),
    *(Reminder(steps.NUDGE[step], f"{step.label}催办", check) for step, check in STILL_DUE.items()),
    *(Reminder(steps.ESCALATE[step], f"{step.label}报书记", check) for step, check in STILL_DUE.items()),
)
