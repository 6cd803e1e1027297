from rotation.models.plan import Duty, DutyChair, Plan, PlanVersion, Wish
from rotation.models.slip import Receipt, Slip
from rotation.models.swap import Swap

__all__ = ["Duty", "DutyChair", "Plan", "PlanVersion", "Receipt", "Slip", "Swap", "Wish"]
