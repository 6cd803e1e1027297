"""回访: within three working days of acceptance the resident is asked, by the phone list or by a link. An unsatisfied
answer reopens the claim once, with a named follow-up. The only writer of call-backs apart from imports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import User
from alliances.services import audit
from demands import policies
from demands.enums import CallBackMethod, CallBackState, Satisfaction
from demands.fields import keyed_hash
from demands.lifecycles import CALL_BACK
from demands.models import Acceptance, Author, CallBack, Demand
from demands.selectors.deadlines import Office
from demands.services import codes, reopening
from demands.services.acting import hold, not_after_today, text

PHONE_METHODS = (CallBackMethod.PHONE, CallBackMethod.VISIT, CallBackMethod.WECHAT, CallBackMethod.ON_SITE)
MOST_TRIES = 3  # calls that nobody answers, until it ends as 联系不上


@dataclass(frozen=True)
class Answer:
    """What the resident said. ``follow_up`` names who does what about an unsatisfied answer."""

    satisfaction: str
    method: str = CallBackMethod.PHONE
    opinion: str = ""
    follow_up: str = ""
    on: date | None = None


def authors_of(demand: Demand) -> list[Author]:
    """Everybody who asked, also through demands merged into this one, who can still be reached."""
    rows = Author.objects.filter(Q(demand=demand) | Q(demand__merged_into=demand), anonymised_at=None)
    return [author for author in rows.order_by("pk") if author.phone or author.tracking_hash]


def ask(acceptance: Acceptance) -> list[CallBack]:
    """The call-backs of a visit that passed: one for everybody with a phone or a code, one for nobody when all are
    anonymous (the station looks for itself). Part of acceptance's transaction."""
    claim = acceptance.claim
    due = Office(claim.alliance.organisation).call_back_by(acceptance.visited_on)
    authors: list[Author | None] = [*authors_of(claim.demand)] or [None]
    rows = [
        CallBack.objects.create(acceptance=acceptance, author=author, due_on=due, state=CallBackState.DUE)
        for author in authors
    ]
    for row in rows:
        audit.record(
            "demands.call_back.ask",
            row,
            actor=None,
            alliance=claim.alliance,
            after=row.state,
            data={"claim": claim.pk},
        )
    return rows


def keep_one_look(demand: Demand) -> None:
    """Of a visit that several were to be asked about who are gone by now, one 现场查看 is left. Call it while the demand is
    held."""
    rows = CallBack.objects.filter(acceptance__claim__demand=demand, author=None)
    rows = rows.exclude(state=CallBackState.ANSWERED).select_related("acceptance__claim__alliance")
    seen: set[int] = set()
    for row in rows.order_by("state", "pk"):
        if row.acceptance_id in seen:
            reopening.drop(row, row.acceptance.claim, actor=None)
        seen.add(row.acceptance_id)


def answer(call_back: CallBack, given: Answer, *, actor: User) -> CallBack:
    """Staff or the station write down what the resident said; 现场查看 is the station's own look at an anonymous one's."""
    if given.method not in PHONE_METHODS:
        raise OfficeError("请选择回访方式。")
    if call_back.author_id is None and given.method != CallBackMethod.ON_SITE:
        raise OfficeError("匿名需求没有可回访的人，请现场查看后登记。")
    if given.method == CallBackMethod.PHONE and call_back.author and not call_back.author.phone:
        raise OfficeError("需求人没有留电话，请选择上门、微信或现场查看。")
    if given.satisfaction == Satisfaction.BAD and not given.follow_up.strip():
        raise OfficeError("群众不满意的，请写明由谁、怎样跟进。")
    return _answer(call_back, given, "answer", actor)


def answer_by_link(call_back: CallBack, satisfaction: str, opinion: str = "") -> CallBack:
    """The resident's own answer; the caller has found the row by the resident's code or link."""
    given = Answer(satisfaction=satisfaction, method=CallBackMethod.LINK, opinion=opinion)
    return _answer(call_back, given, "answer_by_link", None)


def _answer(call_back: CallBack, given: Answer, move: str, actor: User | None) -> CallBack:
    if given.satisfaction not in Satisfaction.values:
        raise OfficeError("请选择满意度。")
    day = not_after_today(given.on or clock.today(), "回访日期")
    claim = call_back.acceptance.claim
    with transaction.atomic():
        hold(claim.demand)
        if day < call_back.acceptance.visited_on:
            raise OfficeError("回访日期不能早于验收日期。")
        fields: dict[str, Any] = {
            "satisfaction": given.satisfaction,
            "method": given.method,
            "opinion": text(given.opinion, 200),
            "follow_up": text(given.follow_up, 200),
            "answered_on": day,
            "recorded_by": actor,
            "link_hash": "",
        }
        CALL_BACK.apply(
            call_back, move, actor=actor, fields=fields, data={"satisfaction": given.satisfaction}
        )
        if given.satisfaction == Satisfaction.BAD and reopening.reopen(claim, actor=actor):
            CallBack.objects.filter(pk=call_back.pk).update(reopened_claim=True)
            call_back.reopened_claim = True
    return call_back


def follow_up(call_back: CallBack, words: str, *, actor: User) -> CallBack:
    """Name what is done about an unsatisfied answer that came by link."""
    if not policies.can_call_back(actor, call_back):
        raise NotAllowed("只有站点和社区可以登记回访。")
    words = text(words, 200, missing="请写明由谁、怎样跟进。")
    with transaction.atomic():
        unhappy = Q(satisfaction=Satisfaction.BAD) | Q(reopened_claim=True)
        hit = CallBack.objects.filter(unhappy, pk=call_back.pk).update(follow_up=words)
        if not hit:
            raise OfficeError("只有不满意的回访需要跟进措施。")
        audit.record("demands.call_back.follow_up", call_back, actor=actor, alliance=call_back.alliance)
    call_back.follow_up = words
    return call_back


def miss(call_back: CallBack, *, attempts: int | None = None, actor: User) -> CallBack:
    """Nobody answered. The third time it ends as 联系不上; an answer may still come in later, also by link. ``attempts``
    is how many the page had counted: the same page sent again is the same call."""
    if not policies.can_call_back(actor, call_back):
        raise NotAllowed("只有站点和社区可以登记回访。")
    with transaction.atomic():
        hold(call_back.acceptance.claim.demand)
        call_back.refresh_from_db()
        if attempts is not None and call_back.attempts == attempts + 1:
            return call_back
        if attempts is not None and call_back.attempts != attempts:
            raise OfficeError("别人刚刚也打过这个电话，请看现在的次数。")
        if call_back.attempts + 1 >= MOST_TRIES:
            CALL_BACK.apply(call_back, "miss", actor=actor, fields={"attempts": call_back.attempts + 1})
            return call_back
        hit = CallBack.objects.filter(pk=call_back.pk, state=CallBackState.DUE).update(
            attempts=F("attempts") + 1
        )
        if not hit:
            raise OfficeError("这次回访已经有结果了，请刷新后查看。")
        audit.record("demands.call_back.try", call_back, actor=actor, alliance=call_back.alliance)
    call_back.attempts += 1
    return call_back


# --- by link -------------------------------------------------------------------------------------------------------


def link(call_back: CallBack, *, actor: User) -> str:
    """A code for a link that staff send to the resident in WeChat; shown once, a new one voids the old."""
    if not policies.can_call_back(actor, call_back):
        raise NotAllowed("只有站点和社区可以发送回访链接。")
    code = codes.new()
    with transaction.atomic():
        hit = (
            CallBack.objects.filter(pk=call_back.pk, author__isnull=False)
            .exclude(state=CallBackState.ANSWERED)
            .update(link_hash=keyed_hash(codes.normal(code)))
        )
        if not hit:
            raise OfficeError("这次回访已有结果，或需求人匿名，不用发链接。")
        audit.record("demands.call_back.link", call_back, actor=actor, alliance=call_back.alliance)
    return code


def by_link(code: str) -> CallBack | None:
    """The unanswered call-back of a link's code."""
    hashed = keyed_hash(codes.normal(code))
    if not hashed:
        return None
    return (
        CallBack.objects.filter(link_hash=hashed)
        .exclude(state=CallBackState.ANSWERED)
        .select_related(
            "acceptance__claim__demand__alliance__organisation",
            "acceptance__claim__demand__station",
            "acceptance__claim__member__unit",
        )
        .first()
    )


def due_of(author: Author) -> list[CallBack]:
    """What the resident of a tracking code may answer now."""
    rows = CallBack.objects.filter(author=author).exclude(state=CallBackState.ANSWERED)
    return list(rows.select_related("acceptance__claim__demand__alliance__organisation").order_by("pk"))
