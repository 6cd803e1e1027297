from rotation.models.activity import Activity, Participation, Photo
from rotation.models.meeting import Meeting, Opinion, Reply, Task
from rotation.models.plan import Duty, DutyChair, Plan, PlanVersion, Wish
from rotation.models.slip import Receipt, Slip
from rotation.models.step import StepMark
from rotation.models.swap import Swap

__all__ = [
    "Activity",
    "Duty",
    "DutyChair",
    "Meeting",
    "Opinion",
    "Participation",
    "Photo",
    "Plan",
    "PlanVersion",
    "Receipt",
    "Reply",
    "Slip",
    "StepMark",
    "Swap",
    "Task",
    "Wish",
]
