"""What must agree at the year's end: ballots with marks, marks of items with the sheets, published papers with their hashes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Count

from alliances.registry import IntegrityCheck
from evaluations import yearly
from evaluations.enums import CandidateState, TwoWayState, YearPaperState
from evaluations.models import AwardList, Candidate, TwoWay, TwoWayBallot, TwoWayMark, YearSummary
from evaluations.selectors import two_way as reads
from evaluations.selectors.papers import freeze_paper

CHUNK = 200


def ballots() -> list[str]:
    """Of every evaluation as many ballots as units have voted."""
    there = Counter(dict(TwoWayBallot.objects.order_by().values_list("two_way").annotate(n=Count("pk"))))
    marks = TwoWayMark.objects.filter(voted_on__isnull=False).order_by()
    voted = Counter(dict(marks.values_list("two_way").annotate(n=Count("pk"))))
    rows = TwoWay.objects.select_related("alliance").order_by("pk")
    return [
        f"{one}：评社区的票 {there[one.pk]} 张，登记 {voted[one.pk]} 家"
        for one in rows.defer("paper", "figures").iterator(chunk_size=CHUNK)
        if there[one.pk] != voted[one.pk]
    ]


def items() -> list[str]:
    """No item has more marks than sheets came back."""
    found = []
    for one in TwoWay.objects.filter(returned__isnull=False).select_related("alliance").order_by("pk"):
        for item in reads.items_of(one):
            counts = reads.counts_of(item)
            if counts and sum(counts.values()) > (one.returned or 0):
                found.append(f"{one}：“{item.text}”的票数比收回的张数多")
    return found


def _published() -> Iterator[Any]:
    yield from TwoWay.objects.filter(state=TwoWayState.PUBLISHED).select_related("alliance").order_by("pk")
    for model in (YearSummary, AwardList):
        rows = model.objects.exclude(state=YearPaperState.DRAFT)
        yield from rows.select_related("alliance").order_by("pk").iterator(chunk_size=CHUNK)


def papers() -> list[str]:
    """What was published is what its hash was made of."""
    return [
        f"{one}：公布的文书与校验码不符"
        for one in _published()
        if one.paper is None or freeze_paper(one.paper)[1] != one.paper_hash
    ]


def figures() -> list[str]:
    """The figures of a published evaluation are those that its ballots and marks give."""
    rows = TwoWay.objects.filter(state=TwoWayState.PUBLISHED).select_related("alliance").order_by("pk")
    return [
        f"{one}：公布的数字与票数不符"
        for one in rows
        if _nameless(reads.figures(one)) != _nameless(one.figures)
    ]


def _nameless(figures: reads.Figures | None) -> reads.Figures:
    """A unit that has changed its name since then is still the same line."""
    known = figures or {}
    return {**known, "units": [{**unit, "unit": ""} for unit in known.get("units", [])]}


def decisions() -> list[str]:
    """In a published list everything is decided, and of an award that it gives."""
    found = []
    for one in (
        AwardList.objects.exclude(state=YearPaperState.DRAFT).select_related("alliance").order_by("pk")
    ):
        keys = {kind["key"] for kind in one.kinds}
        for candidate in Candidate.objects.filter(award_list=one).select_related("member__unit"):
            if candidate.state == CandidateState.PROPOSED or candidate.kind not in keys:
                found.append(f"{one}：候选“{candidate.title}”没有决定或奖项不在名单里")
    return found


def summaries() -> list[str]:
    """Of a published summary the printed means follow from the printed scores."""
    found = []
    for one in YearSummary.objects.exclude(state=YearPaperState.DRAFT).select_related("alliance"):
        for line in one.figures["members"]:
            mean = yearly.year_mean([None if s is None else Decimal(s) for s in line["scores"]])
            if (None if mean is None else str(mean)) != line["mean"]:
                found.append(f"{one}：{line['unit']}的年度平均分与各季度得分不符")
    return found


CHECKS = (
    IntegrityCheck("evaluations.two_way_ballots", "双向评议的票和登记一致", ballots),
    IntegrityCheck("evaluations.two_way_items", "一事一评的票数不超过收回的张数", items),
    IntegrityCheck("evaluations.two_way_figures", "双向评议的数字由票数得出", figures),
    IntegrityCheck("evaluations.year_papers", "年终文书与校验码一致", papers),
    IntegrityCheck("evaluations.award_decisions", "公布的表彰都有决定", decisions),
    IntegrityCheck("evaluations.year_summaries", "年度平均分由各季度得分得出", summaries),
)
