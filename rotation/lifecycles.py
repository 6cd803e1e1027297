"""The states of plans, swaps and slips as tables of moves."""

from alliances.lifecycle import Lifecycle, Move
from rotation import policies
from rotation.enums import PlanState, SlipState, SwapState
from rotation.models import Plan, Slip, Swap
from rotation.selectors import tables


def _no_gaps(plan: Plan) -> str:
    """A table is discussed and passed whole: every month has a chair, and no hard rule is broken."""
    months = tables.gaps(plan)
    if months:
        return f"{'、'.join(f'{m}月' for m in months)}还没有轮值主席单位，安排好再提交。"
    return ""


PLAN = Lifecycle(
    name="rotation.plan",
    title="年度轮值主席安排表",
    model=Plan,
    states=PlanState,
    initial=PlanState.DRAFT,
    moves=(
        Move(
            "submit",
            "提交讨论",
            (PlanState.DRAFT,),
            PlanState.DISCUSSING,
            who=policies.can_edit_plan,
            guard=_no_gaps,
        ),
        Move("take_back", "退回修改", (PlanState.DISCUSSING,), PlanState.DRAFT, who=policies.can_edit_plan),
        Move(
            "pass",
            "会议通过",
            (PlanState.DISCUSSING,),
            PlanState.PASSED,
            who=policies.can_pass_plan,
            guard=_no_gaps,
            stamp="passed_at",
        ),
        Move("close", "归档", (PlanState.PASSED,), PlanState.CLOSED, system=True),
    ),
)

SWAP = Lifecycle(
    name="rotation.swap",
    title="轮值调整",
    model=Swap,
    states=SwapState,
    initial=SwapState.ASKED,
    moves=(
        Move("agree", "同意", (SwapState.ASKED,), SwapState.AGREED, system=True, stamp="agreed_at"),
        Move("refuse", "不同意", (SwapState.ASKED,), SwapState.REFUSED, who=policies.can_refuse_swap),
        Move(
            "cancel",
            "撤回",
            (SwapState.ASKED, SwapState.AGREED),
            SwapState.CANCELLED,
            who=policies.can_cancel_swap,
        ),
        Move(
            "file", "备案", (SwapState.AGREED,), SwapState.FILED, who=policies.can_file_swap, stamp="filed_at"
        ),
    ),
)

SLIP = Lifecycle(
    name="rotation.slip",
    title="提醒单",
    model=Slip,
    states=SlipState,
    initial=SlipState.ISSUED,
    moves=(
        Move(
            "acknowledge",
            "全部签收",
            (SlipState.ISSUED,),
            SlipState.ACKNOWLEDGED,
            system=True,
            stamp="acknowledged_at",
        ),
        Move("lapse", "到期未签收", (SlipState.ISSUED,), SlipState.UNACKNOWLEDGED, system=True),
        Move(
            "withdraw",
            "收回",
            (SlipState.ISSUED, SlipState.ACKNOWLEDGED, SlipState.UNACKNOWLEDGED),
            SlipState.WITHDRAWN,
            system=True,
        ),
    ),
)
