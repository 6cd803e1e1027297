"""Reading the awards (评选表彰): a list with its candidates, and a unit's awards over the years."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from alliances.models import Member
from evaluations.enums import CandidateState, YearPaperState
from evaluations.models import AwardList, Candidate


def candidates_of(award_list: AwardList) -> QuerySet[Candidate]:
    rows = Candidate.objects.filter(award_list=award_list)
    return rows.select_related("member__unit", "alliance__organisation", "award_list").order_by("pk")


def by_kind(award_list: AwardList) -> list[dict[str, Any]]:
    """The list's awards in their order, each with its candidates; one query."""
    found = list(candidates_of(award_list))
    return [
        {**kind, "candidates": [one for one in found if one.kind == kind["key"]]} for kind in award_list.kinds
    ]


def title_of(award_list: AwardList, key: str) -> str:
    return next((kind["title"] for kind in award_list.kinds if kind["key"] == key), key)


def of_member(member: Member) -> list[dict[str, Any]]:
    """What a unit, or somebody of it, was given in the lists that stand, the newest year first. One query."""
    rows = Candidate.objects.filter(
        member=member, state=CandidateState.AWARDED, award_list__state=YearPaperState.PUBLISHED
    )
    return [
        {
            "year": one.award_list.year,
            "title": title_of(one.award_list, one.kind),
            "name": one.name,
            "code": one.award_list.alliance.code,
        }
        for one in rows.select_related("award_list__alliance__organisation").order_by(
            "-award_list__year", "pk"
        )
    ]
