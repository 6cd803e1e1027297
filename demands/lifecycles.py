"""The states of resources, bookings, demands, offers, claims, extensions and call-backs as tables of moves.

A demand's state between 待认领 and 已办结 follows from its claims: those moves are the system's, made by
``services.states.follow_claims`` in the transaction of the claim's own move.
"""

from alliances.lifecycle import Lifecycle, Move
from demands import policies
from demands.enums import (
    CLAIM_STANDING,
    BookingState,
    CallBackState,
    ClaimState,
    DemandState,
    ExtensionState,
    OfferState,
    ResourceState,
)
from demands.models import Booking, CallBack, Claim, Demand, Extension, Offer, Resource

RESOURCE = Lifecycle(
    name="demands.resource",
    title="服务资源",
    model=Resource,
    states=ResourceState,
    initial=ResourceState.LISTED,
    moves=(
        Move("pause", "暂停", (ResourceState.LISTED,), ResourceState.PAUSED, who=policies.can_keep_resource),
        Move(
            "resume",
            "恢复提供",
            (ResourceState.PAUSED,),
            ResourceState.LISTED,
            who=policies.can_keep_resource,
        ),
        Move(
            "withdraw",
            "撤下",
            (ResourceState.LISTED, ResourceState.PAUSED),
            ResourceState.WITHDRAWN,
            who=policies.can_keep_resource,
        ),
    ),
)

BOOKING = Lifecycle(
    name="demands.booking",
    title="场地预约",
    model=Booking,
    states=BookingState,
    initial=BookingState.ASKED,
    moves=(
        Move(
            "confirm",
            "确认",
            (BookingState.ASKED,),
            BookingState.CONFIRMED,
            who=policies.can_answer_booking,
            stamp="answered_at",
        ),
        Move(
            "decline",
            "不同意",
            (BookingState.ASKED, BookingState.CONFIRMED),
            BookingState.DECLINED,
            who=policies.can_answer_booking,
            stamp="answered_at",
        ),
        Move(
            "use", "登记使用", (BookingState.CONFIRMED,), BookingState.USED, who=policies.can_answer_booking
        ),
        Move(
            "cancel",
            "取消",
            (BookingState.ASKED, BookingState.CONFIRMED),
            BookingState.CANCELLED,
            who=policies.can_cancel_booking,
        ),
        Move(
            "cancel_by_resident",
            "居民取消",
            (BookingState.ASKED, BookingState.CONFIRMED),
            BookingState.CANCELLED,
            system=True,
        ),
    ),
)


def _nobody_serves(demand: Demand) -> str:
    """Given up, declined or merged only while no unit works on it."""
    if demand.claims.filter(state__in=CLAIM_STANDING).exists():
        return "还有单位在办理，请先由单位退回认领。"
    return ""


DEMAND = Lifecycle(
    name="demands.demand",
    title="群众需求",
    model=Demand,
    states=DemandState,
    initial=DemandState.SUBMITTED,
    moves=(
        Move(
            "open",
            "受理",
            (DemandState.SUBMITTED,),
            DemandState.OPEN,
            who=policies.can_review_demand,
            stamp="reviewed_at",
        ),
        Move(
            "decline",
            "不予受理",
            (DemandState.SUBMITTED, DemandState.OPEN),
            DemandState.DECLINED,
            who=policies.can_review_demand,
            guard=_nobody_serves,
            stamp="ended_at",
        ),
        Move(
            "merge",
            "合并",
            (DemandState.SUBMITTED, DemandState.OPEN),
            DemandState.MERGED,
            who=policies.can_review_demand,
            guard=_nobody_serves,
            stamp="ended_at",
        ),
        Move(
            "withdraw",
            "撤回",
            (DemandState.SUBMITTED, DemandState.OPEN),
            DemandState.WITHDRAWN,
            who=policies.can_withdraw_demand,
            guard=_nobody_serves,
            stamp="ended_at",
        ),
        Move(
            "withdraw_by_author",
            "需求人撤回",
            (DemandState.SUBMITTED, DemandState.OPEN),
            DemandState.WITHDRAWN,
            system=True,
            guard=_nobody_serves,
            stamp="ended_at",
        ),
        Move("claim", "有单位认领", (DemandState.OPEN,), DemandState.CLAIMED, system=True),
        Move("release", "退回待认领", (DemandState.CLAIMED,), DemandState.OPEN, system=True),
        Move("serve", "全部完成", (DemandState.CLAIMED,), DemandState.SERVED, system=True),
        Move("resume", "继续办理", (DemandState.SERVED,), DemandState.CLAIMED, system=True),
        Move(
            "close",
            "办结",
            (DemandState.CLAIMED, DemandState.SERVED),
            DemandState.CLOSED,
            system=True,
            stamp="ended_at",
        ),
        Move("reopen", "重新办理", (DemandState.CLOSED,), DemandState.CLAIMED, system=True),
        Move(
            "give_up",
            "未能解决",
            (DemandState.OPEN,),
            DemandState.UNRESOLVED,
            who=policies.can_give_up_demand,
            guard=_nobody_serves,
            stamp="ended_at",
        ),
        Move(
            "take_up",
            "重新受理",
            (DemandState.DECLINED, DemandState.UNRESOLVED),
            DemandState.OPEN,
            who=policies.can_review_demand,
            stamp="reviewed_at",
        ),
    ),
)

OFFER = Lifecycle(
    name="demands.offer",
    title="派单",
    model=Offer,
    states=OfferState,
    initial=OfferState.OFFERED,
    moves=(
        # Taking an offer is claiming: the claim service makes both.
        Move("take", "接单", (OfferState.OFFERED,), OfferState.TAKEN, system=True, stamp="answered_at"),
        Move(
            "decline",
            "不能承接",
            (OfferState.OFFERED,),
            OfferState.DECLINED,
            who=policies.can_answer_offer,
            stamp="answered_at",
        ),
        Move("lapse", "逾期未回复", (OfferState.OFFERED,), OfferState.LAPSED, system=True),
    ),
)

CLAIM = Lifecycle(
    name="demands.claim",
    title="认领项目",
    model=Claim,
    states=ClaimState,
    initial=ClaimState.TAKEN,
    moves=(
        Move("start", "开始办理", (ClaimState.TAKEN,), ClaimState.IN_SERVICE, who=policies.can_work_on_claim),
        Move(
            "deliver",
            "办理完成",
            (ClaimState.TAKEN, ClaimState.IN_SERVICE, ClaimState.RETURNED),
            ClaimState.DELIVERED,
            who=policies.can_work_on_claim,
        ),
        Move(
            "accept",
            "验收合格",
            (ClaimState.DELIVERED,),
            ClaimState.ACCEPTED,
            who=policies.can_accept_claim,
        ),
        Move(
            "return",
            "退回整改",
            (ClaimState.DELIVERED,),
            ClaimState.RETURNED,
            who=policies.can_accept_claim,
        ),
        Move(
            "hand_back",
            "退回认领",
            (ClaimState.TAKEN, ClaimState.IN_SERVICE, ClaimState.RETURNED),
            ClaimState.HANDED_BACK,
            who=policies.can_work_on_claim,
            stamp="handed_back_at",
        ),
        Move(
            "reopen",
            "重新办理",
            (ClaimState.ACCEPTED,),
            ClaimState.IN_SERVICE,
            system=True,
            stamp="reopened_at",
        ),
    ),
)

EXTENSION = Lifecycle(
    name="demands.extension",
    title="延期申请",
    model=Extension,
    states=ExtensionState,
    initial=ExtensionState.ASKED,
    moves=(
        Move(
            "grant",
            "同意延期",
            (ExtensionState.ASKED,),
            ExtensionState.GRANTED,
            who=policies.can_answer_extension,
            stamp="answered_at",
        ),
        Move(
            "refuse",
            "不同意延期",
            (ExtensionState.ASKED,),
            ExtensionState.REFUSED,
            who=policies.can_answer_extension,
            stamp="answered_at",
        ),
    ),
)

CALL_BACK = Lifecycle(
    name="demands.call_back",
    title="回访",
    model=CallBack,
    states=CallBackState,
    initial=CallBackState.DUE,
    moves=(
        Move(
            "answer",
            "登记回访",
            (CallBackState.DUE, CallBackState.UNREACHABLE),
            CallBackState.ANSWERED,
            who=policies.can_call_back,
            stamp="answered_at",
        ),
        Move(
            "answer_by_link",
            "需求人自评",
            (CallBackState.DUE, CallBackState.UNREACHABLE),
            CallBackState.ANSWERED,
            system=True,
            stamp="answered_at",
        ),
        Move(
            "miss",
            "联系不上",
            (CallBackState.DUE,),
            CallBackState.UNREACHABLE,
            who=policies.can_call_back,
        ),
    ),
)

LIFECYCLES = (RESOURCE, BOOKING, DEMAND, OFFER, CLAIM, EXTENSION, CALL_BACK)
