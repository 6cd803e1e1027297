"""The year's end in every state, a year for each: of 2025 an open evaluation and a draft of awards, of 2024 an evaluation that is
prepared beside a published summary and award list, of 2023 a closed one, of 2022 a published one; and a town's for the ceilings."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from alliances import clock
from alliances.models import Alliance, Commitment, Member, User
from evaluations.models import (
    AwardList,
    Candidate,
    TwoWay,
    TwoWayBallot,
    TwoWayItem,
    TwoWayMark,
)
from evaluations.selectors import papers, papers_two_way
from evaluations.selectors import two_way as reads
from evaluations.services import awards, year_papers
from tests.cast import Cast

OPEN, PREPARED, CLOSED, PUBLISHED = 2025, 2024, 2023, 2022


def furnish_year_end(cast: Cast) -> dict[str, dict[str, Any]]:
    """Route → arguments."""
    members = [cast.members[name] for name in ("县图书馆", "县实验小学", "县财政局")]
    for year, state in ((OPEN, "open"), (PREPARED, "prepared"), (CLOSED, "closed"), (PUBLISHED, "published")):
        an_evaluation(cast.alliance, year, state, members, cast.staff)
    draft = an_award_list(cast.alliance, OPEN, members[:1], cast.staff)
    given = an_award_list(cast.alliance, PREPARED, members[:1], cast.staff)
    awards.decide(first_of(given), award=True, actor=cast.secretary)
    awards.publish(given, actor=cast.secretary)
    year_papers.publish_summary(cast.alliance, PREPARED, actor=cast.secretary)
    now, before = ({"code": cast.alliance.code, "year": year} for year in (OPEN, PREPARED))
    found: dict[str, dict[str, Any]] = {
        "year-end-paper": {**before, "fmt": "xlsx"},
        "two-way-open": before,
        "two-way-publish": {**now, "year": CLOSED},
        "two-way-sheet": {**now, "kind": "items", "fmt": "docx"},
        "two-way-paper": {**now, "year": PUBLISHED, "fmt": "pdf"},
        "two-way-ballot": {**now, "member": cast.members["县实验小学"].pk},
        "two-way-record": {**now, "member": cast.members["县财政局"].pk},
        "awards-correct": before,
        "awards-paper": {**before, "fmt": "docx"},
        "award-decide": {**now, "pk": first_of(draft).pk},
    }
    for name in (
        "year-end-summary", "year-end-publish", "two-way", "two-way-close", "two-way-items", "awards", "awards-begin",
        "award-add", "award-kinds", "awards-publish",
    ):  # fmt: skip
        found[name] = now
    return {f"evaluations:{name}": arguments for name, arguments in found.items()}


def first_of(award_list: AwardList) -> Candidate:
    rows = Candidate.objects.select_related("award_list", "member__unit", "alliance__organisation")
    return rows.filter(award_list=award_list)[0]


def an_evaluation(alliance: Alliance, year: int, state: str, members: list[Member], actor: User) -> TwoWay:
    """With an item of every member, whichever state it is in."""
    one = TwoWay.objects.create(
        alliance=alliance,
        year=year,
        items=[dict(item) for item in reads.DEFAULT_ITEMS],
        closes_on=clock.today() + timedelta(days=10),
        opened_at=clock.now(),
        closed_at=clock.now(),
    )
    for member in members:
        promise = Commitment.objects.create(
            alliance=alliance, member=member, text=f"{year}年承诺", due_on=date(year, 11, 1)
        )
        if state != "prepared":
            TwoWayMark.objects.create(two_way=one, member=member)
            TwoWayItem.objects.create(two_way=one, member=member, commitment=promise, text=promise.text)
    if state == "published":
        TwoWayBallot.objects.create(two_way=one, scores={item["key"]: None for item in one.items})
        one.figures = reads.figures(one)
        paper = papers_two_way.result_paper(one, one.figures, published_on=clock.today())
        one.paper, one.paper_hash = papers.freeze_paper(paper)
        one.published_at, one.published_by = clock.now(), actor
    one.state = state
    one.save()
    return one


def an_award_list(alliance: Alliance, year: int, members: list[Member], actor: User) -> AwardList:
    """A draft with the members as candidates, as if it had been begun in its season."""
    draft: AwardList = year_papers.next_revision(
        AwardList,
        alliance,
        year,
        "",
        kinds=[{"key": "advanced", "title": "先进党组织"}],
        figures={"year": year, "as_of": f"{year + 1}-01-05", "reports": 0, "units": []},
    )
    for member in members:
        awards.add(draft, kind="advanced", member=member, words="全年服务群众", actor=actor)
    return draft


def town_year_end(alliances: list[Alliance], members: list[Member], users: dict[str, User]) -> None:
    """For the query ceilings: the first alliance as ``furnish_year_end`` has it, with something of every unit; of every
    alliance a published evaluation of 2022."""
    home, secretary = alliances[0], users["secretary"]
    for year, state in ((OPEN, "open"), (PREPARED, "prepared")):
        an_evaluation(home, year, state, members, secretary)
    for alliance in alliances:
        an_evaluation(alliance, PUBLISHED, "published", list(alliance.members.all()), secretary)
    an_award_list(home, OPEN, members, secretary)
    given = an_award_list(home, PREPARED, members, secretary)
    for one in Candidate.objects.select_related("award_list", "alliance__organisation").filter(
        award_list=given
    ):
        awards.decide(one, award=True, actor=secretary)
    awards.publish(given, actor=secretary)
    year_papers.publish_summary(home, PREPARED, actor=secretary)
