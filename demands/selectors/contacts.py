"""Residents' names and phones: masked for lists, in full for those who may and say why (the reveal service logs it)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from demands.models import Author, Demand

ANONYMOUS = "匿名"
HIDDEN = "（涉及敏感信息，内容不对外提供）"


def authors_of(demands: Iterable[Demand], *, with_merged: bool = True) -> dict[int, list[Author]]:
    """Demand's primary key → its authors and those of the demands merged into it; two queries, no permission check."""
    wanted = [demand.pk for demand in demands]
    found: dict[int, list[Author]] = {pk: [] for pk in wanted}
    for author in Author.objects.filter(demand__in=wanted).order_by("pk"):
        found[author.demand_id].append(author)
    if not with_merged:
        return found
    merged = Author.objects.filter(demand__merged_into__in=wanted).select_related("demand").order_by("pk")
    for author in merged:
        found[author.demand.merged_into_id or 0].append(author)
    return found


def standing_authors(demand: Demand) -> QuerySet[Author]:
    """Who can be asked about ``demand``: its authors and those of what was merged into it, as far as not cleared."""
    rows = Author.objects.filter(demand=demand) | Author.objects.filter(demand__merged_into=demand)
    return rows.filter(anonymised_at=None).order_by("pk")


def masked(authors: Iterable[Author]) -> str:
    """张* 138****0000、李*; 匿名 where nobody is known."""
    return "、".join(a.masked for a in authors if a.name or a.phone) or ANONYMOUS


def words_outside(demand: Demand) -> str:
    """The need in the words that may leave the community: a sensitive one only as it was put for others."""
    return HIDDEN if demand.is_sensitive and not demand.share_text else demand.words_for_others
