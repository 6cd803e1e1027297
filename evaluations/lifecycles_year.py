"""The states of the year's end: the two-way evaluation, the yearly summary, the award list and its candidates."""

from datetime import date

from alliances import clock
from alliances.lifecycle import Lifecycle, Move
from evaluations import policies
from evaluations.enums import CandidateState, TwoWayState, YearPaperState
from evaluations.models import AwardList, Candidate, TwoWay, YearSummary
from evaluations.selectors import year_end


def _may_open(two_way: TwoWay) -> str:
    if clock.today() < date(two_way.year, year_end.FIRST_MONTH, 1):
        return f"{two_way.year}年的双向评议从12月1日起可以开放。"
    if two_way.closes_on <= clock.today():
        return "截止日期已经过了，请先改成今天以后的日子，再开放。"
    return ""


def _year_is_over(summary: YearSummary) -> str:
    return "" if clock.today().year > summary.year else "本年度还没有结束，年度汇总从次年1月1日起可以公布。"


def _all_decided(award_list: AwardList) -> str:
    rows = Candidate.objects.filter(award_list=award_list)
    states = list(rows.values_list("state", flat=True))
    if waiting := states.count(CandidateState.PROPOSED):
        return f"还有{waiting}个候选没有决定，逐个决定后再公布。"
    if CandidateState.AWARDED not in states:
        return "还没有决定表彰任何单位或个人，不能公布。"
    return ""


def _list_is_draft(candidate: Candidate) -> str:
    if candidate.award_list.state == YearPaperState.DRAFT:
        return ""
    return "表彰名单已经公布，要改请先点“更正”。"


TWO_WAY = Lifecycle(
    name="evaluations.two_way",
    title="双向评议",
    model=TwoWay,
    states=TwoWayState,
    initial=TwoWayState.PREPARED,
    moves=(
        Move(
            "open",
            "开放评议",
            (TwoWayState.PREPARED,),
            TwoWayState.OPEN,
            who=policies.can_lead_year_end,
            guard=_may_open,
            stamp="opened_at",
        ),
        Move("close", "截止", (TwoWayState.OPEN,), TwoWayState.CLOSED, system=True, stamp="closed_at"),
        Move(
            "close_early",
            "提前截止",
            (TwoWayState.OPEN,),
            TwoWayState.CLOSED,
            who=policies.can_lead_year_end,
            stamp="closed_at",
        ),
        Move(
            "publish",
            "公布结果",
            (TwoWayState.CLOSED,),
            TwoWayState.PUBLISHED,
            who=policies.can_lead_year_end,
            stamp="published_at",
        ),
    ),
)

YEAR_SUMMARY = Lifecycle(
    name="evaluations.year_summary",
    title="年度汇总",
    model=YearSummary,
    states=YearPaperState,
    initial=YearPaperState.DRAFT,
    moves=(
        Move(
            "publish",
            "公布",
            (YearPaperState.DRAFT,),
            YearPaperState.PUBLISHED,
            who=policies.can_lead_year_end,
            guard=_year_is_over,
            stamp="published_at",
        ),
        Move("supersede", "更正", (YearPaperState.PUBLISHED,), YearPaperState.SUPERSEDED, system=True),
    ),
)

AWARD_LIST = Lifecycle(
    name="evaluations.award_list",
    title="评选表彰",
    model=AwardList,
    states=YearPaperState,
    initial=YearPaperState.DRAFT,
    moves=(
        Move(
            "publish",
            "公布",
            (YearPaperState.DRAFT,),
            YearPaperState.PUBLISHED,
            who=policies.can_lead_year_end,
            guard=_all_decided,
            stamp="published_at",
        ),
        Move("supersede", "更正", (YearPaperState.PUBLISHED,), YearPaperState.SUPERSEDED, system=True),
    ),
)

CANDIDATE = Lifecycle(
    name="evaluations.candidate",
    title="表彰候选",
    model=Candidate,
    states=CandidateState,
    initial=CandidateState.PROPOSED,
    moves=(
        Move(
            "award",
            "表彰",
            (CandidateState.PROPOSED, CandidateState.DECLINED),
            CandidateState.AWARDED,
            who=policies.can_lead_year_end,
            guard=_list_is_draft,
            stamp="decided_at",
        ),
        Move(
            "decline",
            "不表彰",
            (CandidateState.PROPOSED, CandidateState.AWARDED),
            CandidateState.DECLINED,
            who=policies.can_lead_year_end,
            guard=_list_is_draft,
            stamp="decided_at",
        ),
    ),
)

LIFECYCLES = (TWO_WAY, YEAR_SUMMARY, AWARD_LIST, CANDIDATE)
