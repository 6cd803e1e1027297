"""What the author of a demand reads by the code: where it stands, in everyday words, and what can be done now.

Unit names and days only: no person of any side, no words of other authors, no notes of the work.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q

from alliances import clock
from demands.enums import CallBackState, ClaimState, DemandState, UnresolvedReason
from demands.models import Author, CallBack, Claim, Demand
from demands.selectors import contacts


@dataclass(frozen=True)
class Step:
    """``state``: done, now, none (still ahead) or off (ended here)."""

    title: str
    state: str
    when: str = ""
    words: str = ""


@dataclass(frozen=True)
class Progress:
    """``demand`` is the author's own, ``followed`` what it was merged into or itself."""

    demand: Demand
    followed: Demand
    sentence: str
    words: str  # what was asked, empty for a sensitive need; the page names nobody, not even its reader
    reason: str
    steps: list[Step]
    can_withdraw: bool
    can_reopen: bool
    is_reopened: bool
    due: list[CallBack] = field(default_factory=list)
    answered: list[CallBack] = field(default_factory=list)

    @property
    def is_merged(self) -> bool:
        return self.demand.pk != self.followed.pk

    @property
    def state_words(self) -> str:
        return str(self.followed.get_state_display())


def of(author: Author) -> Progress:
    """Four queries beside the author's, one more while the demand can still be taken back."""
    own = author.demand
    demand = own.merged_into or own
    claims = list(
        Claim.objects.standing().filter(demand=demand).select_related("member__unit").order_by("-part", "pk")
    )
    due, answered = _call_backs(author)
    reopened = any(claim.reopened_at for claim in claims)
    accepted = any(claim.state == ClaimState.ACCEPTED for claim in claims)
    return Progress(
        demand=own,
        followed=demand,
        sentence=_sentence(demand, claims),
        words="" if own.is_sensitive else _veiled(own.content, own),
        reason=_veiled(_reason(demand), demand),
        steps=_steps(own, demand, claims),
        can_withdraw=_can_withdraw(author),
        can_reopen=demand.state == DemandState.CLOSED and accepted and not reopened and not due,
        is_reopened=reopened,
        due=due,
        answered=answered,
    )


def _call_backs(author: Author) -> tuple[list[CallBack], list[CallBack]]:
    """What may be answered now (the last visit of each accepted claim) and what has been."""
    rows = (
        CallBack.objects.filter(author=author)
        .select_related(
            "acceptance__claim__demand__alliance__organisation", "acceptance__claim__member__unit"
        )
        .order_by("pk")
    )
    due: dict[int, CallBack] = {}
    answered = []
    for row in rows:
        claim = row.acceptance.claim
        if row.state == CallBackState.ANSWERED:
            answered.append(row)
            due.pop(claim.pk, None)
        elif claim.state == ClaimState.ACCEPTED:
            due[claim.pk] = row
    return list(due.values()), answered


def _can_withdraw(author: Author) -> bool:
    """Before anybody works on it, and not where others asked for the same."""
    demand = author.demand
    if demand.state not in (DemandState.SUBMITTED, DemandState.OPEN):
        return False
    others = Author.objects.filter(Q(demand=demand) | Q(demand__merged_into=demand)).exclude(pk=author.pk)
    return not others.exists()


# --- words ---------------------------------------------------------------------------------------------------------


def _day(moment: date | datetime | None) -> str:
    if moment is None:
        return ""
    day = clock.local(moment).date() if isinstance(moment, datetime) else moment
    return f"{day.month}月{day.day}日"


def _units(claims: list[Claim]) -> str:
    return "、".join(claim.member.unit.name for claim in claims)


def _sentence(demand: Demand, claims: list[Claim]) -> str:
    """One sentence: what happens now, and by when."""
    today = clock.today()
    if demand.state == DemandState.SUBMITTED:
        if demand.review_by and demand.review_by < today:
            return "已收到。社区答复晚了，系统已在催办。"
        by = f"{_day(demand.review_by)}前" if demand.review_by else ""
        return f"已收到，社区{by}答复是否受理。"
    if demand.state == DemandState.OPEN:
        return "社区已受理，正在联系能办的单位。"
    if demand.state == DemandState.CLAIMED:
        working = [claim for claim in claims if claim.state != ClaimState.ACCEPTED] or claims
        if any(claim.is_overdue(today) for claim in working):
            return f"{_units(working)}正在办理，已超过原定时限，系统已在催办。"
        latest = max(claim.due_on for claim in working) if working else None
        if latest is None or latest < today:  # being mended after its day
            return f"{_units(working)}正在办理。"
        return f"{_units(working)}正在办理，{_day(latest)}前完成。"
    sentences = {
        DemandState.SERVED: "单位已经办完，等站点验收。",
        DemandState.CLOSED: "单位已经办完，站点验收合格。",
        DemandState.DECLINED: "社区没有受理。",
        DemandState.WITHDRAWN: "已经撤回，不再办理。",
        DemandState.UNRESOLVED: "这次没有办成。",
    }
    return sentences.get(DemandState(demand.state), "")


def _veiled(words: str, demand: Demand) -> str:
    """Several may follow one demand by their codes: what the office wrote names none of them."""
    return contacts.veil(words, contacts.authors_of([demand])[demand.pk]) if words else words


def _reason(demand: Demand) -> str:
    if demand.state == DemandState.UNRESOLVED:
        return f"{UnresolvedReason(demand.unresolved_reason).label}。{demand.reason}"
    return demand.reason if demand.state == DemandState.DECLINED else ""


_DONE_BEFORE = {
    # How many of the five steps lie behind a demand in this state.
    DemandState.SUBMITTED: 1,
    DemandState.OPEN: 2,
    DemandState.CLAIMED: 3,
    DemandState.SERVED: 4,
    DemandState.CLOSED: 5,
}


def _steps(own: Demand, demand: Demand, claims: list[Claim]) -> list[Step]:
    received = ("收到您的需求", _day(own.created_at), "")
    reviewed = ("社区受理", _day(demand.reviewed_at), "")
    if demand.state not in _DONE_BEFORE:
        behind = [received]
        if demand.reviewed_at and demand.state != DemandState.DECLINED:
            behind.append(reviewed)
        end = Step(str(demand.get_state_display()), "off", _day(demand.ended_at))
        return [*(Step(title, "done", when, words) for title, when, words in behind), end]
    delivered = [claim.delivered_on for claim in claims if claim.delivered_on]
    passed = [claim.accepted_on for claim in claims if claim.accepted_on]
    claimed_on = min((claim.claimed_on for claim in claims), default=None)
    rows = [
        received,
        reviewed,
        ("单位认领", _day(claimed_on), _units(claims)),
        ("单位办理", _day(max(delivered, default=None)), ""),
        ("站点验收", _day(max(passed, default=None)), ""),
    ]
    behind_count = _DONE_BEFORE[DemandState(demand.state)]
    found = []
    for number, (title, when, words) in enumerate(rows):
        state = "done" if number < behind_count else "now" if number == behind_count else "none"
        found.append(Step(title, state, when if state == "done" else "", words if state == "done" else ""))
    return found
