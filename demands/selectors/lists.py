"""The four lists as rows: one question an address can carry, one queryset a list.

Pages, exports and the rates' links ask the same question, so that a number and the rows behind it cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.lookups import In

from alliances import clock
from alliances.enums import Level
from alliances.models import Alliance, Organisation
from alliances.selectors.standing import stood_between
from demands.enums import (
    CLAIM_STANDING,
    CLAIM_UNDELIVERED,
    CLAIM_WORKING,
    OVERDUE_LABEL,
    SATISFIED,
    SATISFIED_STRICTLY,
    CallBackState,
    ClaimState,
    DemandSource,
    DemandState,
    ExtensionState,
    OfferState,
    ResourceKind,
    ResourceState,
    Satisfaction,
    Urgency,
    Verdict,
)
from demands.models import Acceptance, CallBack, Claim, Demand, Extension, Offer, Resource

# States of the pages' filters beside those of the rows themselves.
OVERDUE = "overdue"
STANDING = "standing"
DONE_BY = "done_by"  # accepted by the period's last day
ON_TIME = "on_time"  # delivered by the deadline and accepted by the period's last day
ANSWERED = "answered"
SATISFIED_ONLY = "satisfied"
STRICTLY = "strictly"
ANSWERED_IN_TIME = "in_time"
HANDED_UP = "handed_up"  # by a community, and neither shared nor taken yet
HANDED_UP_OPEN = Q(handed_up_at__isnull=False, shared_to=None, state=DemandState.OPEN)

# The parameters of an address that narrow a list; what a page passes on to its export.
FILTERS = (
    "place", "state", "since", "until", "by", "group", "source", "urgency", "kind", "member", "verdict",
    "method", "late", "extension", "station",
)  # fmt: skip
# Filters that are plain words of an address.
WORDS = (
    "state", "by", "group", "source", "urgency", "kind", "verdict", "method", "late", "extension", "station",
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """What is asked of a list. ``alliances`` None means every alliance (the asker's ``visible_to`` narrows then).

    ``place``: a street, community or station. ``since``/``until``: both days included, of the day that ``by`` names (each
    list has its own first choice). ``member``: a unit's membership; its unit's claims count wherever served.
    ``team``: claims, offers and answers of an alliance's units that were members in the period, wherever they serve.
    ``late`` "1": what has passed its date; ``extension`` "asked": claims whose new deadline waits for an answer;
    ``station`` "none": what belongs to no station, the community's own; "any": what belongs to one.
    """

    alliances: tuple[Alliance, ...] | None = None
    place: Organisation | None = None
    state: str = ""
    since: date | None = None
    until: date | None = None
    by: str = ""
    group: str = ""
    source: str = ""
    urgency: str = ""
    kind: str = ""
    verdict: str = ""
    method: str = ""
    late: str = ""
    extension: str = ""
    station: str = ""
    member: int | None = None
    team: Alliance | None = None

    @classmethod
    def read(cls, params: Mapping[str, Any], alliances: Sequence[Alliance] | None = None) -> Self:
        """The question of an address. What makes no sense is not asked; nor a place away from ``alliances``."""
        chosen = tuple(alliances) if alliances is not None else None
        if chosen is not None and (code := params.get("alliance")):
            chosen = tuple(a for a in chosen if a.code == code) or chosen
        words = {key: _word(params.get(key)) for key in WORDS}
        return cls(
            alliances=chosen,
            place=_place(str(params.get("place") or ""), alliances),
            since=_day(params.get("since")),
            until=_day(params.get("until")),
            member=_number(params.get("member")),
            team=next((a for a in alliances or () if a.code == params.get("team")), None),
            **words,
        )

    def params(self) -> dict[str, str]:
        """The question as parameters of an address, without the alliances."""
        found = {
            "place": self.place.code if self.place else "",
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "member": str(self.member or ""),
            "team": self.team.code if self.team else "",
        }
        for key in WORDS:
            found[key] = getattr(self, key)
        return {key: value for key, value in found.items() if value}

    def with_(self, **changes: Any) -> Self:
        return replace(self, **changes)

    @property
    def last_day(self) -> date:
        return self.until or clock.today()

    def scope(self, alliance: str = "alliance", station: str = "station", *, newest: bool = False) -> Q:
        """Rows of the alliances and the place, by the lookups that lead to a row's alliance and station.

        ``newest``: for a page that shows the newest rows of several alliances. The sum keeps the database from fetching
        and sorting all rows of all alliances for one page; narrow questions are left to their indexes.
        """
        scope = Q()
        if self.alliances is not None:
            ids = [a.pk for a in self.alliances]
            if newest and len(ids) > 1 and not self._is_narrow:
                scope &= Q(In(F(f"{alliance}_id") + 0, ids))
            else:
                scope &= Q(**{f"{alliance}__in": ids})
        if self.station in ("none", "any") and station:
            scope &= Q(**{f"{station}__isnull": self.station == "none"})
        if self.place is None:
            return scope
        if self.place.level == Level.STATION and station:
            return scope & Q(**{station: self.place.pk})
        return scope & Q(**{f"{alliance}__organisation__path__startswith": self.place.path})

    @property
    def _is_narrow(self) -> bool:
        return bool(self.state or self.place or self.member or self.late or self.extension)

    def units(self, path: str) -> Q:
        """Rows of the member or the team asked for, by the lookup ``path`` that leads to the unit (``member``)."""
        scope = Q(**{path: self.member}) if self.member else Q()
        if self.team is not None:
            scope &= Q(**{f"{path}__alliance": self.team}) & stood_between(
                self.since, self.until, f"{path}__"
            )
        return scope

    def between(self, field: str) -> Q:
        scope = Q()
        if self.since:
            scope &= Q(**{f"{field}__gte": self.since})
        if self.until:
            scope &= Q(**{f"{field}__lte": self.until})
        return scope


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def _number(text: Any) -> int | None:
    typed = str(text or "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else None


def _word(typed: Any) -> str:
    word = str(typed or "")[:40]
    return "" if "\0" in word else word  # PostgreSQL cannot be asked for one


def _place(code: str, alliances: Sequence[Alliance] | None) -> Organisation | None:
    """A place in, of or above one of ``alliances``: the page names it, and a name elsewhere is not the reader's."""
    if not code or len(code) > 40 or "\0" in code:
        return None
    place = Organisation.objects.filter(code=code).first()
    if place is None or alliances is None:
        return place
    paths = [alliance.organisation.path for alliance in alliances]
    is_near = any(path.startswith(place.path) or place.path.startswith(path) for path in paths)
    return place if is_near else None


# --- resources -----------------------------------------------------------------------------------------------------


def resources(question: Question, *, newest: bool = False) -> QuerySet[Resource]:
    """服务资源清单. Withdrawn ones only where they are asked for."""
    rows = Resource.objects.select_related("member__unit", "alliance__organisation")
    rows = rows.filter(question.scope(station="", newest=newest))
    if question.kind in ResourceKind.values:
        rows = rows.filter(kind=question.kind)
    rows = rows.filter(question.units("member"))
    if question.state in ResourceState.values:
        return rows.filter(state=question.state)
    return rows.exclude(state=ResourceState.WITHDRAWN)


# --- demands -------------------------------------------------------------------------------------------------------


def demands(question: Question, *, newest: bool = False) -> QuerySet[Demand]:
    """群众需求清单 by the day they were raised; ``newest`` for pages (see ``Question.scope``). Authors are never joined: see ``selectors.contacts``."""
    rows = Demand.objects.select_related("category", "station", "alliance__organisation", "member__unit")
    rows = rows.filter(question.scope(newest=newest), question.between("raised_on"))
    if question.state in DemandState.values:
        rows = rows.filter(state=question.state)
    if question.state == HANDED_UP:
        rows = rows.filter(HANDED_UP_OPEN)
    if question.group:
        rows = rows.filter(_of_category(question.group))
    if question.source in DemandSource.values:
        rows = rows.filter(source=question.source)
    if question.urgency in Urgency.values:
        rows = rows.filter(urgency=question.urgency)
    if question.late:
        rows = rows.filter(state=DemandState.SUBMITTED, review_by__lt=clock.today())
    if question.member or question.team:
        claims = Claim.objects.filter(question.units("member"), demand=OuterRef("pk"))
        rows = rows.filter(Exists(claims))
    return rows


def _of_category(words: str, path: str = "") -> Q:
    """Rows of a 类别大项 (环境), or of one category in it (环境/噪声)."""
    group, _, name = words.partition("/")
    scope = Q(**{f"{path}category__group": group})
    return scope & Q(**{f"{path}category__name": name}) if name else scope


# --- offers --------------------------------------------------------------------------------------------------------


def offers(question: Question) -> QuerySet[Offer]:
    """派单 by the day an answer was due."""
    rows = Offer.objects.select_related("demand__category", "demand__alliance", "member__unit")
    scope = question.scope("demand__alliance", "demand__station")
    rows = rows.filter(scope, question.between("reply_by"), question.units("member"))
    if question.state == ANSWERED_IN_TIME:
        return rows.filter(OFFER_IN_TIME)
    if question.state in OfferState.values:
        rows = rows.filter(state=question.state)
    return rows


OFFER_IN_TIME = Q(state__in=[OfferState.TAKEN, OfferState.DECLINED], answered_on__lte=F("reply_by"))


# --- claims --------------------------------------------------------------------------------------------------------

CLAIM_DAYS = {"claimed": "claimed_on", "due": "due_on", "delivered": "delivered_on"}


def claims(question: Question, *, newest: bool = False) -> QuerySet[Claim]:
    """认领项目清单 by the day of claiming, or of ``by`` (due, delivered)."""
    rows = Claim.objects.select_related(
        "demand__category", "demand__station", "alliance__organisation", "member__unit"
    )
    rows = rows.filter(
        _of_claims(question, "", newest=newest), question.between(CLAIM_DAYS.get(question.by, "claimed_on"))
    )
    if question.group:
        rows = rows.filter(_of_category(question.group, "demand__"))
    if question.late:  # as the desk counts them: also what is being mended past its deadline
        rows = rows.filter(state__in=CLAIM_WORKING, due_on__lt=clock.today())
    if question.extension == ExtensionState.ASKED:
        asked = Extension.objects.filter(claim=OuterRef("pk"), state=ExtensionState.ASKED)
        rows = rows.filter(Exists(asked))
    return rows.filter(claim_condition(question.state, question.last_day))


def claim_condition(state: str, last_day: date) -> Q:
    """Claims in ``state``: one of their own, or overdue, standing, done by and on time as of ``last_day``."""
    if state == OVERDUE:
        return Q(state__in=CLAIM_UNDELIVERED, due_on__lt=clock.today())
    if state == STANDING:
        return Q(state__in=CLAIM_STANDING)
    if state == DONE_BY:
        return Q(state=ClaimState.ACCEPTED, accepted_on__lte=last_day)
    if state == ON_TIME:
        return Q(state=ClaimState.ACCEPTED, accepted_on__lte=last_day, delivered_on__lte=F("due_on"))
    return Q(state=state) if state in ClaimState.values else Q()


def _of_claims(question: Question, path: str, *, newest: bool = False) -> Q:
    """The question's alliances, place and member, for rows that reach a claim through ``path`` (``claim__``)."""
    scope = question.scope(f"{path}alliance", f"{path}demand__station", newest=newest)
    return scope & question.units(f"{path}member")


TITLE_WORDS = 20


def project_title(claim: Claim, veil: Callable[[str], str] = str) -> str:
    """项目名称: the unit's own, else the demand's kind and how it begins; of a sensitive one only the kind. ``veil``
    masks names in the words, before they are cut."""
    if claim.title:
        return veil(claim.title)
    return "：".join(filter(None, [claim.demand.category.name, veil(_begins(claim))[:TITLE_WORDS]]))


def project_words(claim: Claim, veil: Callable[[str], str] = str) -> str:
    """``project_title`` for reading: … says that the demand's words go on."""
    goes_on = not claim.title and len(_begins(claim)) > TITLE_WORDS
    return f"{project_title(claim, veil)}{'…' if goes_on else ''}"


def _begins(claim: Claim) -> str:
    demand = claim.demand
    return demand.share_text or ("" if demand.is_sensitive else demand.content)


def state_words(claim: Claim, today: date) -> str:
    """The claim's state as the county's list says it: 已逾期 for what is being worked on past its deadline."""
    return OVERDUE_LABEL if claim.is_overdue(today) else claim.get_state_display()


# --- acceptances ---------------------------------------------------------------------------------------------------

ANSWERS = Prefetch(
    "call_backs", CallBack.objects.filter(state=CallBackState.ANSWERED).order_by("pk"), to_attr="answers"
)

# Read apart from the visits: joined, SQLite would begin with the units and sort all visits for one page.
CLAIMS_OF_VISITS = Prefetch(
    "claim",
    Claim.objects.select_related("demand__category", "member__unit", "alliance__organisation"),
)


def acceptances(question: Question, *, newest: bool = False) -> QuerySet[Acceptance]:
    """验收结果清单 by the day of the visit, with the residents' answers as ``answers``."""
    rows = Acceptance.objects.select_related("station").prefetch_related(CLAIMS_OF_VISITS, ANSWERS)
    rows = rows.filter(_of_claims(question, "claim__", newest=newest))
    if question.state in (ANSWERED, SATISFIED_ONLY, STRICTLY):
        return rows.filter(Exists(answers(question).filter(acceptance=OuterRef("pk"))))
    rows = rows.filter(question.between("visited_on"))
    if question.verdict in Verdict.values:
        rows = rows.filter(verdict=question.verdict)
    if question.state in Satisfaction.values:
        rows = rows.filter(
            Exists(CallBack.objects.filter(acceptance=OuterRef("pk"), satisfaction=question.state))
        )
    return rows


def answers(question: Question) -> QuerySet[CallBack]:
    """The answers a rate counts, by the day they were given; 不了解 is left out."""
    rows = CallBack.objects.filter(
        _of_claims(question, "acceptance__claim__"),
        question.between("answered_on"),
        state=CallBackState.ANSWERED,
    ).exclude(satisfaction=Satisfaction.UNKNOWN)
    if question.method:
        rows = rows.filter(method=question.method)
    if question.state == SATISFIED_ONLY:
        return rows.filter(satisfaction__in=SATISFIED)
    if question.state == STRICTLY:
        return rows.filter(satisfaction__in=SATISFIED_STRICTLY)
    if question.state in Satisfaction.values:
        return rows.filter(satisfaction=question.state)
    return rows
