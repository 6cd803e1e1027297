"""What the foundation may say in a digest, and how to ask whether it is still worth saying."""

from alliances.reminding import Reminder
from alliances.services import promises

REMINDERS = (Reminder(promises.REMIND, "承诺事项提示", promises.still_due),)
