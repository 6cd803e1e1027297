"""A year's end of 2025 for the tests: commitments, claims, a two-way evaluation in each of its states, an award list."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from alliances import clock
from alliances.models import Commitment
from alliances.registry import registries
from alliances.services import commitments
from evaluations import integrity_year, yearly
from evaluations.models import Assessment, AssessmentLine, AwardList, Candidate, TwoWay, TwoWayMark
from evaluations.selectors import two_way as reads
from evaluations.services import awards, two_way
from rotation.models import Plan
from tests.cast import Cast
from tests.factories import demands as lists
from tests.factories import rotation as tables

YEAR = 2025
OPENED, VOTED, MET, PUBLISHED = "2025-12-25T09:00", "2025-12-29T10:00", "2026-01-05T15:00", "2026-01-12T09:00"
CLOSES = date(2026, 1, 9)
WEIGHTS = {"organising": 25, "needs": 25, "support": 25, "openness": 25}
MARKS = {"good": 9, "rather_good": 4, "fair": 1, "poor": 0, "unknown": 2}


OURS = ("双向评议", "年度汇总", "评选表彰", "表彰候选")


def sound() -> list[str]:
    """What the nightly checks find of the year's end, the one of states and their log among them."""
    states = registries.integrity.get("alliances.states")
    assert states
    return [
        *(line for check in integrity_year.CHECKS for line in check.find()),
        *(line for line in states.find() if line.startswith(OURS)),
    ]


def on(moment: str) -> Any:
    return clock.at(datetime.fromisoformat(moment).replace(tzinfo=clock.ZONE))


def scores(total: int) -> dict[str, int | None]:
    """A ballot of exactly ``total`` points."""
    filled: dict[str, int | None] = {}
    for key, weight in WEIGHTS.items():
        filled[key] = min(total, weight)
        total -= min(total, weight)
    return filled


def past_plan(cast: Cast) -> Plan:
    """2025: 县图书馆 chaired in May, 县实验小学 in June."""
    months = {5: [cast.members["县图书馆"]], 6: [cast.members["县实验小学"]]}
    return tables.plan(cast.alliance, YEAR, months, state="closed")


def promise(cast: Cast, name: str, text: str, *, kept: bool = True) -> Commitment:
    """A commitment of 2025, kept in November or still open."""
    with on("2025-11-20T10:00"):
        one = commitments.add(cast.members[name], text=text, due_on=date(2025, 11, 30), actor=cast.staff)
        if kept:
            commitments.fulfil(one, evidence="已办结，有记录", actor=cast.staff)
    return one


def served(cast: Cast, name: str, *, count: int = 1, late: int = 0) -> None:
    """``count`` claims of 2025 accepted, the first ``late`` delivered after their deadline, each with a satisfied answer."""
    for number in range(count):
        claim = lists.claim(
            lists.demand(cast.alliance, cast.station_place),
            cast.members[name],
            state="accepted",
            claimed_on=date(2025, 6, 1),
            due_on=date(2025, 6, 20),
            delivered_on=date(2025, 6, 25 if number < late else 10),
            accepted_on=date(2025, 6, 26),
        )
        lists.answer(lists.acceptance(claim, visited_on=date(2025, 6, 26)))


def prepared(cast: Cast) -> TwoWay:
    with on(OPENED):
        return two_way.prepare(cast.alliance, YEAR, closes_on=CLOSES, actor=cast.staff)


def opened(cast: Cast) -> TwoWay:
    """县图书馆 has two commitments of the year, 县实验小学 one."""
    promise(cast, "县图书馆", "全年开放阅览室不少于12次")
    promise(cast, "县图书馆", "举办读书会4场")
    promise(cast, "县实验小学", "寒暑假开放操场", kept=False)
    one = prepared(cast)
    with on(OPENED):
        return two_way.open_two_way(reads.full().get(pk=one.pk), actor=cast.secretary)


def mark(one: TwoWay, name: str) -> TwoWayMark:
    return reads.marks_of(one).get(member__unit__name=name)


def vote(cast: Cast, one: TwoWay, **totals: int) -> None:
    """Liaisons by their part in the cast, e.g. ``liaison=90``."""
    units = {
        "liaison": "县图书馆",
        "other_liaison": "县实验小学",
        "both_liaison": "县交警队",
        "second_liaison": "县文体广电局",
    }
    with on(VOTED):
        for part, total in totals.items():
            two_way.cast(mark(one, units[part]), scores(total), actor=getattr(cast, part))


def entered(cast: Cast, one: TwoWay, counts: dict[str, int] | None = None) -> TwoWay:
    """The same marks for every item: by default sixteen of twenty sheets."""
    with on(MET):
        marks = {item.pk: counts or MARKS for item in reads.items_of(one)}
        return two_way.enter_items(
            one, marks, met_on=date(2026, 1, 5), handed_out=20, returned=16, actor=cast.staff
        )


def published(cast: Cast) -> TwoWay:
    """Three units voted 90, 80, 70; the meeting's sheets are in."""
    one = opened(cast)
    vote(cast, one, liaison=90, other_liaison=80, both_liaison=70)
    entered(cast, one)
    with on(PUBLISHED):
        two_way.close_due(clock.now())
        one.refresh_from_db()
        return two_way.publish(one, actor=cast.secretary)


def proposed(cast: Cast) -> AwardList:
    """县图书馆 has chaired, served in time and kept its word; 县实验小学 was late."""
    past_plan(cast)
    served(cast, "县图书馆", count=6)
    served(cast, "县实验小学", count=4, late=2)
    with on(PUBLISHED):
        return awards.begin(cast.alliance, YEAR, actor=cast.staff)


def candidate(one: AwardList, name: str, kind: str = yearly.ADVANCED) -> Candidate:
    rows = Candidate.objects.select_related("award_list", "alliance__organisation", "member__unit")
    return rows.get(award_list=one, kind=kind, member__unit__name=name)


def awarded(cast: Cast) -> AwardList:
    """Everybody proposed is awarded, and published."""
    one = proposed(cast)
    with on(PUBLISHED):
        rows = Candidate.objects.select_related("award_list", "alliance__organisation", "member__unit")
        for found in rows.filter(award_list=one):
            awards.decide(found, award=True, actor=cast.secretary)
        return awards.publish(one, actor=cast.secretary)


def figure(key: str, numerator: int, denominator: int | None = None) -> dict[str, Any]:
    return {
        "key": key,
        "label": key,
        "kind": "rate" if denominator is not None else "count",
        "value": "",
        "numerator": numerator,
        "denominator": denominator,
        "url": "",
        "whole_url": "",
    }


def report(
    cast: Cast,
    quarter: int,
    scored: dict[str, str | None],
    figures: list[dict[str, Any]],
    *,
    state: str = "filed",
) -> Assessment:
    """A filed report of a quarter of 2025 as filing leaves it, with these scores and figures."""
    lines = [
        {
            "member": cast.members[name].pk,
            "unit": name,
            "score": score,
            "grade": "良好" if score else "数据不足",
        }
        for name, score in scored.items()
    ]
    row = Assessment.objects.create(
        alliance=cast.alliance,
        year=YEAR,
        quarter=quarter,
        state=state,
        due_on=date(2026, 1, 9),
        computed_at=clock.now(),
        filed_at=clock.now(),
        return_reason="写得太简单" if state == "returned" else "",
        figures_hash=f"{quarter}" * 64,
        number=f"同心党建联报〔2025〕{quarter}号",
        figures={
            "sections": [{"key": "basics", "title": "基本情况", "figures": figures}],
            "tables": {},
            "mean": {},
            "members": [],
            "assessment": {"mean": "85.0", "rated": len(lines), "lines": lines},
        },
    )
    AssessmentLine.objects.bulk_create(
        [
            AssessmentLine(
                assessment=row,
                member_id=line["member"],
                score=line["score"],
                raw=line["score"],
                grade=line["grade"],
            )
            for line in lines
        ]
    )
    return row
