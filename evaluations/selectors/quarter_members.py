"""Each member's line of a quarter: its figures, and the facts that its assessment is computed from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from alliances.calendars import Quarter
from alliances.models import Alliance, Member
from alliances.selectors.standing import stood_between
from demands.selectors import lists
from demands.selectors.lists import Question
from evaluations.assessing import MemberFacts
from evaluations.selectors.quarter_addresses import of_member, of_team, rate_questions
from evaluations.selectors.quarter_figures import (
    NO_ANSWER,
    NO_CLAIM,
    NO_COMMITMENT,
    NO_MEETING,
    NO_OFFER,
    Records,
    count,
    rate,
)
from evaluations.selectors.quarter_shapes import SCORE, SUM, Figure, MemberLine

NOT_ON_DUTY = "本季度未轮值"


def members_in(alliance: Alliance, quarter: Quarter) -> list[Member]:
    """Everybody who was a member on any day of the quarter, in the roster's order; one query."""
    rows = Member.objects.filter(stood_between(quarter.start, quarter.end), alliance=alliance)
    return list(rows.select_related("unit").order_by("pk"))


def was_member(member: Member, first: date, last: date) -> bool:
    """On any day from ``first`` to ``last``."""
    return (member.joined_on is None or member.joined_on <= last) and (
        member.left_on is None or member.left_on > first
    )


def months_of(member: Member, quarter: Quarter) -> frozenset[int]:
    """Month numbers of the quarter in which it was a member on any day."""
    return frozenset(month.month for month in quarter.months if was_member(member, month.start, month.end))


def facts_of(records: Records, member: Member) -> MemberFacts:
    """What the assessment counts; months with a part only while it was a member."""
    rotation, demands = records.rotation.of(member.pk), records.demands.of(member.pk)
    owed = records.commitments.of(member.pk)
    duties = [
        duty.id for duty in records.rotation.duties if any(chair == member.pk for chair, _ in duty.chairs)
    ]
    chairs, scores, running = records.results.member_results(duties)
    months = months_of(member, records.quarter)
    return MemberFacts(
        chair_results=chairs,
        activity_results=scores,
        meetings_invited=rotation.invited,
        meetings_attended=rotation.attended,
        months_taking_part=len(rotation.months & months),
        claims_due=demands.due,
        claims_on_time=demands.on_time,
        answers=demands.answers,
        satisfied=demands.satisfied,
        commitments_due=owed.due,
        commitments_fulfilled=owed.fulfilled,
        on_duty=bool(duties),
        rounds_running=running,
        months_as_member=len(months),
    )


def line(records: Records, member: Member) -> MemberLine:
    facts = facts_of(records, member)
    return MemberLine(
        member=member.pk,
        unit=member.unit.name,
        sector=member.unit.get_sector_display(),
        figures=_figures(records, member.pk, facts),
        facts=facts,
    )


def _figures(records: Records, member: int, facts: MemberFacts) -> dict[str, Figure]:
    rotation, demands = records.rotation.of(member), records.demands.of(member)
    asked = Question(since=records.quarter.start, until=records.quarter.end)
    standing = asked.with_(state=lists.STANDING)
    rates = rate_questions(records.quarter)

    def key(name: str) -> str:
        return f"member.{member}.{name}"

    def url(page: str, question: Question) -> str:
        return of_member(page, member, question.params())

    def urls(name: str) -> tuple[str, str]:
        page, part, whole = rates[name]
        return url(page, part), url(page, whole)

    held = {"member": str(member)}
    activities = records.held("activities", **held)
    return {
        "duty": _duty(records, member, facts, key("duty")),
        "attendance": rate(
            key("attendance"),
            "到会率",
            facts.meetings_attended,
            facts.meetings_invited,
            NO_MEETING,
            *records.attendance(member),
        ),
        "activities": count(key("activities"), "参加活动", rotation.activities, activities),
        "months": Figure(
            key("months"),
            "参加活动的月数",
            f"{facts.months_taking_part}/{facts.months_as_member}",
            facts.months_taking_part,
            facts.months_as_member,
            activities,
            kind=SUM,
        ),
        "response": rate(
            key("response"),
            "响应率",
            demands.replied,
            demands.offered,
            NO_OFFER,
            *urls("response"),
        ),
        "resolved": rate(
            key("resolved"),
            "解决率",
            demands.done,
            demands.due,
            NO_CLAIM,
            *urls("resolved"),
        ),
        "on_time": rate(
            key("on_time"),
            "按时率",
            demands.on_time,
            demands.due,
            NO_CLAIM,
            *urls("on_time"),
        ),
        "satisfied": rate(
            key("satisfied"),
            "满意率",
            demands.satisfied,
            demands.answers,
            NO_ANSWER,
            *urls("satisfied"),
        ),
        "strictly": rate(
            key("strictly"),
            "满意率（不含基本满意）",
            demands.strictly,
            demands.answers,
            NO_ANSWER,
            *urls("strictly"),
        ),
        "claimed": count(key("claimed"), "认领项目", demands.claimed, url("claims", standing)),
        "delivered": count(
            key("delivered"), "完成服务", demands.delivered, url("claims", standing.with_(by="delivered"))
        ),
        "commitments": rate(
            key("commitments"),
            "承诺兑现率",
            facts.commitments_fulfilled,
            facts.commitments_due,
            NO_COMMITMENT,
            *records.promised(member),
        ),
    }


def _duty(records: Records, member: int, facts: MemberFacts, key: str) -> Figure:
    """The chair's results of the member's duty months in words; the page of the last of them."""
    mine = [duty for duty in records.rotation.duties if any(chair == member for chair, _ in duty.chairs)]
    if not mine:
        return Figure(key, "轮值主席评议", NOT_ON_DUTY, kind=SCORE)
    chairs = records.results.chairs
    words = [chairs[duty.id].words if duty.id in chairs else "无评议" for duty in mine]
    return Figure(key, "轮值主席评议", "；".join(words), url=mine[-1].path, kind=SCORE)


def means(records: Records, lines: Iterable[MemberLine]) -> dict[str, Figure]:
    """The alliance's own rates beside a unit's line: all members' counts together, wherever they served."""
    found = list(lines)
    asked = rate_questions(records.quarter)

    def both(name: str) -> tuple[int, int]:
        figures = [one.figures[name] for one in found]
        return sum(f.numerator or 0 for f in figures), sum(f.denominator or 0 for f in figures)

    def urls(name: str) -> tuple[str, str]:
        page, part, whole = asked[name]
        return (
            of_team(records.alliance, page, part.params()),
            of_team(records.alliance, page, whole.params()),
        )

    labels = (
        ("attendance", "到会率", NO_MEETING, records.attendance(standing=True)),
        ("response", "响应率", NO_OFFER, urls("response")),
        ("resolved", "解决率", NO_CLAIM, urls("resolved")),
        ("on_time", "按时率", NO_CLAIM, urls("on_time")),
        ("satisfied", "满意率", NO_ANSWER, urls("satisfied")),
        ("strictly", "满意率（不含基本满意）", NO_ANSWER, urls("strictly")),
        ("commitments", "承诺兑现率", NO_COMMITMENT, records.promised(standing=True)),
    )
    return {
        name: rate(f"mean.{name}", f"联盟平均{label}", *both(name), empty, *addresses)
        for name, label, empty, addresses in labels
    }
