"""The states of plans, swaps, slips, meetings, activities and tasks as tables of moves."""

from alliances.lifecycle import Lifecycle, Move
from rotation import policies
from rotation.enums import ActivityState, MeetingState, PlanState, SlipState, SwapState, TaskState
from rotation.models import Activity, Meeting, Plan, Slip, Swap, Task
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


def _somebody_came(meeting: Meeting) -> str:
    """Minutes need attendance."""
    return "" if meeting.replies.filter(has_attended=True).exists() else "请先登记到会情况，再写纪要。"


MEETING = Lifecycle(
    name="rotation.meeting",
    title="会议",
    model=Meeting,
    states=MeetingState,
    initial=MeetingState.PLANNED,
    moves=(
        Move(
            "notice",
            "发出通知单",
            (MeetingState.PLANNED,),
            MeetingState.NOTICED,
            who=policies.can_send_notice,
            sentence="发出会议通知单",
        ),
        Move(
            "hold",
            "登记到会",
            (MeetingState.NOTICED,),
            MeetingState.HELD,
            who=policies.can_hold_meeting,
            sentence="登记会议到会情况",
        ),
        Move(
            "minute",
            "形成纪要",
            (MeetingState.HELD,),
            MeetingState.MINUTED,
            who=policies.can_write_minutes,
            guard=_somebody_came,
            stamp="minuted_at",
            sentence="形成会议纪要",
        ),
        Move(
            "cancel",
            "取消",
            (MeetingState.PLANNED, MeetingState.NOTICED),
            MeetingState.CANCELLED,
            who=policies.can_cancel_meeting,
            sentence="取消会议",
        ),
    ),
)


def _has_fact(activity: Activity) -> str:
    """A record says at least one thing that can be counted: people, or a claim that was served."""
    if activity.beneficiaries or activity.participations.filter(heads__gt=0).exists():
        return ""
    if activity.claims.exists():
        return ""
    return "请至少填写一项：参加人数或受益人数。"


ACTIVITY = Lifecycle(
    name="rotation.activity",
    title="活动",
    model=Activity,
    states=ActivityState,
    initial=ActivityState.PLANNED,
    moves=(
        Move(
            "hold", "登记举办", (ActivityState.PLANNED,), ActivityState.HELD, who=policies.can_lead_activity
        ),
        Move(
            "record",
            "完成记录",
            (ActivityState.HELD,),
            ActivityState.RECORDED,
            who=policies.can_lead_activity,
            guard=_has_fact,
            stamp="recorded_at",
        ),
        Move(
            "cancel",
            "取消",
            (ActivityState.PLANNED,),
            ActivityState.CANCELLED,
            who=policies.can_lead_activity,
        ),
    ),
)

TASK = Lifecycle(
    name="rotation.task",
    title="议定事项",
    model=Task,
    states=TaskState,
    initial=TaskState.OPEN,
    moves=(
        Move(
            "finish", "办结", (TaskState.OPEN,), TaskState.DONE, who=policies.can_report_task, stamp="done_at"
        ),
        Move("drop", "不再办理", (TaskState.OPEN,), TaskState.DROPPED, who=policies.can_drop_task),
    ),
)
