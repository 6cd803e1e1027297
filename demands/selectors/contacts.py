"""Residents' names and phones: masked for lists, in full for those who may and say why (the reveal service logs it)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet

from alliances.models import Message
from demands.enums import CLAIM_STANDING, ClaimState
from demands.fields import mask_name, mask_phone
from demands.models import Author, Claim, Demand

ANONYMOUS = "匿名"
SHORTEST_NAME = 2
# What people write between the characters of a name or the digits of a phone.
BETWEEN = r"[\s\-–—·]*"
HIDDEN = "（涉及敏感信息，内容不对外提供）"
# The message by which the secretary is asked to release a contact; one a claim.
RELEASE_ASKED = "demands.claim.release_asked"


def authors_of(demands: Iterable[Demand], *, with_merged: bool = True) -> dict[int, list[Author]]:
    """Demand's primary key → its authors and those of the demands merged into it; one query, no permission check."""
    return _by_demand(Author.objects.all(), {demand.pk for demand in demands}, with_merged=with_merged)


def asked_by(user: Any, demands: Iterable[Demand]) -> dict[int, list[Author]]:
    """``authors_of``, each with ``is_open``: whether ``user`` may ask for the contact. One query."""
    open_to = Author.objects.visible_to(user).filter(pk=OuterRef("pk"))
    rows = Author.objects.annotate(is_open=Exists(open_to))
    return _by_demand(rows, {demand.pk for demand in demands}, with_merged=True)


def _by_demand(rows: QuerySet[Author], wanted: set[int], *, with_merged: bool) -> dict[int, list[Author]]:
    found: dict[int, list[Author]] = {pk: [] for pk in wanted}
    if not wanted:
        return found
    theirs = Q(pk__in=wanted) | Q(merged_into__in=wanted) if with_merged else Q(pk__in=wanted)
    rows = rows.filter(demand__in=Demand.objects.filter(theirs).values("pk"))
    authors = list(rows.annotate(into=F("demand__merged_into")).select_related("demand").order_by("pk"))
    for author in authors:
        if author.demand_id in wanted:
            found[author.demand_id].append(author)
    if with_merged:
        for author in authors:
            if author.into in wanted:
                found[author.into].append(author)
    return found


def standing_authors(demand: Demand) -> QuerySet[Author]:
    """Who can be asked about ``demand``: its authors and those of what was merged into it, as far as not cleared."""
    rows = Author.objects.filter(demand=demand) | Author.objects.filter(demand__merged_into=demand)
    return rows.filter(anonymised_at=None).order_by("pk")


def needs_release() -> Q:
    """Claims at work on a sensitive demand whose contact the secretary has not released; as a filter of claims."""
    theirs = Q(demand=OuterRef("demand")) | Q(demand__merged_into=OuterRef("demand"))
    known = Author.objects.filter(theirs).exclude(name="", phone="").order_by()
    return Q(
        Exists(known),
        demand__is_sensitive=True,
        contact_released_at=None,
        state__in=[state for state in CLAIM_STANDING if state != ClaimState.ACCEPTED],
    )


def waiting_for_release(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    return claims.filter(needs_release()).select_related("alliance", "member__unit").order_by("pk")


def release_asked_at(claim: Claim) -> datetime | None:
    """When the secretary was told that ``claim`` waits for the contact; None where nobody was. One query."""
    rows = Message.objects.filter(kind=RELEASE_ASKED, dedupe_key=f"{RELEASE_ASKED}:{claim.pk}")
    return rows.filter(alliance=claim.alliance_id).aggregate(first=Min("created_at"))["first"]


def masked(authors: Iterable[Author]) -> str:
    """张* 138****0000、李*; 匿名 where nobody is known."""
    return "、".join(a.masked for a in authors if a.name or a.phone) or ANONYMOUS


def words_outside(demand: Demand) -> str:
    """The need in the words that may leave the community: a sensitive one only as it was put for others."""
    return HIDDEN if demand.is_sensitive and not demand.share_text else demand.words_for_others


# --- names typed into words ------------------------------------------------------------------------------------------


def veil(words: str, authors: Iterable[Author]) -> str:
    """``words`` with the authors' names and phones masked, also with blanks or dashes between the characters: slips of
    paper are typed as they were written."""
    if not words:
        return words
    secrets: list[tuple[str, str]] = []
    for author in authors:
        secrets += [(author.name, mask_name(author.name)), (author.phone, mask_phone(author.phone))]
    tight = _tight(words)
    for secret, mask in sorted(secrets, key=lambda pair: -len(pair[0])):  # 王小明 before 王小
        if _stands_in(tight, secret):
            written = BETWEEN.join(map(re.escape, _tight(secret)))
            words = re.sub(written, mask.replace("\\", ""), words)
    return words


def veil_for_reader(words: str, authors: Iterable[Author]) -> str:
    """``veil`` of those whose contact is not open to the reader: of ``asked_by`` all that are not ``is_open``."""
    return veil(words, [author for author in authors if not getattr(author, "is_open", False)])


def names_anybody(words: str, secrets: Iterable[str]) -> bool:
    """Whether one of these names and phones stands in ``words``."""
    tight = _tight(words)
    return any(_stands_in(tight, secret) for secret in secrets)


def _tight(words: str) -> str:
    return re.sub(BETWEEN, "", words)


def _stands_in(tight: str, secret: str) -> bool:
    """What is too short is not told from any other word."""
    signs = _tight(secret)
    return len(signs) >= SHORTEST_NAME and signs in tight
