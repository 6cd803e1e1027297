"""What the year's end lays on desks, from December to February only; and the awards on a unit's page."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from alliances.enums import Role
from alliances.models import Alliance, Member
from alliances.registry import DeskLine
from alliances.selectors import directory
from evaluations import paths, policies
from evaluations.enums import TwoWayState, YearPaperState
from evaluations.models import AwardList, TwoWay
from evaluations.selectors import awards, two_way, year_end


def lines(user: Any, alliance: Alliance | None) -> list[DeskLine]:
    """Nothing is late here and nothing is said twice: who does not want to, leaves it. No query out of season."""
    if alliance is None or not year_end.is_season():
        return []
    found = _to_score(user, alliance)
    if policies.can_lead_year_end(user, alliance):
        found += _to_lead(alliance)
    return found


def _to_score(user: Any, alliance: Alliance) -> list[DeskLine]:
    members = [m.pk for m in directory.own_members(user, alliance)] if user.holds(Role.LIAISON) else []
    if not members:
        return []
    return [
        DeskLine(
            title=f"给社区打分：{mark.two_way.year}年度双向评议",
            url=paths.community_ballot(alliance.code, mark.two_way.year, mark.member_id),
            action="去评议",
            detail=f"{mark.member.unit.name} · 不记名，约 40 秒",
            state=f"{mark.two_way.closes_on.month}月{mark.two_way.closes_on.day}日前",
            tone="wait",
            urgency=30,
        )
        for mark in two_way.waiting_marks(members)
        if policies.can_score_community(user, mark)
    ]


# State of the year's evaluation (None: there is none) → what there is to do about it.
STEPS: dict[str | None, tuple[str, str, str]] = {
    None: ("准备{year}年度双向评议", "单位评社区、代表评承诺事项", "去准备"),
    TwoWayState.PREPARED: ("开放{year}年度双向评议", "评议表和截止日期已定", "去开放"),
    TwoWayState.CLOSED: ("公布{year}年度双向评议结果", "单位评议已截止", "去公布"),
}


def _to_lead(alliance: Alliance) -> list[DeskLine]:
    """One query."""
    year = year_end.year_in_hand()
    own = {"alliance": OuterRef("pk"), "year": year}
    drafts = AwardList.objects.filter(**own, state=YearPaperState.DRAFT)
    row = Alliance.objects.filter(pk=alliance.pk).annotate(
        two_way_state=Subquery(TwoWay.objects.filter(**own).values("state")[:1]), has_awards=Exists(drafts)
    )
    state, has_awards = row.values_list("two_way_state", "has_awards")[0]
    found = []
    if state in STEPS:
        title, detail, action = STEPS[state]
        url = paths.two_way(alliance.code, year)
        found.append(_line(title.format(year=year), detail, action, url))
    if has_awards:
        url = paths.awards(alliance.code, year)
        found.append(_line(f"决定并公布{year}年度评选表彰", "推荐和依据已整理", "去决定", url))
    return found


def _line(title: str, detail: str, action: str, url: str) -> DeskLine:
    return DeskLine(title=title, url=url, action=action, detail=detail, state="年终", tone="", urgency=45)


def member_panel(user: Any, member: Member) -> dict[str, Any]:
    """What the unit was given over the years, in the lists that stand. One query."""
    return {
        "awards": [{**one, "url": paths.awards(one["code"], one["year"])} for one in awards.of_member(member)]
    }


def hand_over_tasks(member: Member) -> list[str]:
    """What a new liaison of ``member`` takes over."""
    return [f"给社区打分（{mark.two_way.year}年度双向评议）" for mark in two_way.waiting_marks([member.pk])]
