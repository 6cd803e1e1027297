"""The filters of a list as form fields, and those in force as words that can be taken off again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from alliances.enums import Level
from alliances.models import Alliance, Member, Organisation
from demands.enums import (
    OVERDUE_LABEL,
    CallBackMethod,
    ClaimState,
    DemandSource,
    DemandState,
    OfferState,
    ResourceKind,
    ResourceState,
    Satisfaction,
    Urgency,
    Verdict,
)
from demands.selectors import categories, lists
from demands.selectors.lists import Question

MOST_MEMBERS = 200  # more units than this are no choice for a phone; their own pages lead here
Pairs = list[tuple[str, str]]

STATES: dict[str, Pairs] = {
    "resources": list(ResourceState.choices),
    "demands": list(DemandState.choices),
    "claims": [(lists.STANDING, "全部有效"), *ClaimState.choices, (lists.OVERDUE, OVERDUE_LABEL)],
    "acceptances": [(lists.ANSWERED, "已回访"), *Satisfaction.choices],
    "offers": [*OfferState.choices, (lists.ANSWERED_IN_TIME, "按时回复")],
    "answers": [(lists.SATISFIED_ONLY, "满意（含基本满意）"), (lists.STRICTLY, "非常满意和满意")],
}
# States that only come by a link, from the rates.
LINKED_STATES: dict[str, Pairs] = {
    "demands": [(lists.HANDED_UP, "社区上报待处理")],
    "claims": [(lists.DONE_BY, "期末前已办结"), (lists.ON_TIME, "按时完成并办结")],
    "acceptances": [(lists.SATISFIED_ONLY, "满意（含基本满意）"), (lists.STRICTLY, "非常满意和满意")],
    "answers": [(lists.ANSWERED, "已回访（不计不了解）"), *Satisfaction.choices],
}
BY = {"due": "按完成时限", "delivered": "按完成日期", "claimed": "按认领日期"}
STATE_LABELS = {"acceptances": "回访", "answers": "满意度"}
CHOICES: dict[str, tuple[str, Pairs]] = {
    "kind": ("资源类别", list(ResourceKind.choices)),
    "source": ("来源", list(DemandSource.choices)),
    "urgency": ("紧急程度", list(Urgency.choices)),
    "verdict": ("验收结论", list(Verdict.choices)),
    "method": ("回访方式", list(CallBackMethod.choices)),
    "late": ("期限", [("1", "已过期")]),
    "extension": ("延期", [("asked", "申请待答复")]),
}


@dataclass(frozen=True)
class Filter:
    """One field: a choice of ``options`` (value, label), or a day without any. ``value`` is the one in force."""

    name: str
    label: str
    value: str
    options: Pairs = field(default_factory=list)


@dataclass(frozen=True)
class Chosen:
    """A filter in force, in words, and the address without it."""

    label: str
    value: str
    url: str


@dataclass
class Filters:
    """``shown``: fields of the form. ``more``: those behind 更多条件. ``chosen``: what is in force. ``kept``: what the form
    carries on without a field of its own."""

    shown: list[Filter]
    more: list[Filter]
    chosen: list[Chosen]
    kept: list[tuple[str, str]]

    @property
    def is_more_open(self) -> bool:
        return any(one.value for one in self.more)


def filters_of(
    request: HttpRequest,
    page: str,
    names: tuple[str, ...],
    question: Question,
    *,
    alliances: list[Alliance],
    narrowed: Alliance | None,
) -> Filters:
    """The filters ``names`` of ``page``; the first three stand in front. At most three queries, none for each row."""
    fields = {"state": Filter("state", STATE_LABELS.get(page, "状态"), question.state, STATES[page])}
    fields["place"] = Filter(
        "place",
        "地点",
        question.place.code if question.place else "",
        _places(alliances, question, stations=page != "resources"),
    )
    fields["since"] = Filter("since", "从", question.since.isoformat() if question.since else "")
    fields["until"] = Filter("until", "到", question.until.isoformat() if question.until else "")
    if "group" in names:
        groups = [(group, group) for group in categories.pairs()]
        if "/" in question.group:  # one category, as the gaps lead here
            groups.append((question.group, question.group))
        fields["group"] = Filter("group", "类别", question.group, groups)
    if "member" in names:
        fields["member"] = Filter("member", "单位", str(question.member or ""), _members(alliances))
    for name, (label, options) in CHOICES.items():
        fields[name] = Filter(name, label, getattr(question, name), options)
    built = [fields[name] for name in names]
    usable = [one for one in built if one.options or one.name in ("since", "until")]
    chosen = _chosen(request, page, question, fields, narrowed)
    own = {one.name for one in usable}
    params = question.params() | ({"alliance": narrowed.code} if narrowed else {})
    kept = [(key, value) for key, value in params.items() if key not in own]
    return Filters(usable[:3], usable[3:], chosen, kept)


def _places(alliances: list[Alliance], question: Question, *, stations: bool) -> Pairs:
    """Streets and communities of an office; of one community its stations."""
    found: Pairs = []
    homes = [a.organisation for a in alliances]
    chosen = question.place
    community = (
        homes[0] if len(homes) == 1 else chosen if chosen and chosen.level == Level.COMMUNITY else None
    )
    wanted = Q()
    if len(homes) > 1:
        wanted |= Q(pk__in={home.parent_id for home in homes if home.parent_id})
    if not stations:
        wanted |= Q(pk=None)  # what units can give belongs to no station
    elif community is not None:
        wanted |= Q(parent=community.pk, level=Level.STATION)
    elif chosen is not None and chosen.level == Level.STATION:
        wanted |= Q(parent=chosen.parent_id, level=Level.STATION)
    around = list(Organisation.objects.filter(wanted).only("code", "name", "path", "level", "parent_id"))
    places = {place.code: place for place in (*homes, *around)}
    if len(homes) == 1:
        places.pop(homes[0].code)
    least = min((place.path.count("/") for place in places.values()), default=0)
    for place in sorted(places.values(), key=lambda p: p.path):
        found.append((place.code, "　" * (place.path.count("/") - least) + place.name))
    return found


def _members(alliances: list[Alliance]) -> Pairs:
    """Units to choose from where the reader looks at one alliance."""
    if len(alliances) != 1:
        return []
    rows = Member.objects.current().filter(alliance=alliances[0]).order_by("pk")
    pairs = [(str(pk), name) for pk, name in rows.values_list("pk", "unit__name")[: MOST_MEMBERS + 1]]
    return pairs if len(pairs) <= MOST_MEMBERS else []


def _chosen(
    request: HttpRequest,
    page: str,
    question: Question,
    fields: dict[str, Filter],
    narrowed: Alliance | None,
) -> list[Chosen]:
    labels = {"by": "日期", "station": "地点", "member": "单位", "team": "单位"}
    words: dict[str, Any] = {
        "by": BY.get(question.by, ""),
        "station": {"none": "没有分到小区的", "any": "分到小区的"}.get(question.station, ""),
        "place": question.place.name if question.place else "",
        "team": f"{question.team.name}各成员单位" if question.team else "",
    }
    found = []
    if narrowed:
        found.append(Chosen("社区", narrowed.organisation.name, without(request, "alliance")))
    for name, value in question.params().items():
        pairs = list(fields[name].options) if name in fields else []
        if name == "state":
            pairs += LINKED_STATES.get(page, [])
        word = words.get(name) or dict(pairs).get(value) or ("这个单位" if name == "member" else value)
        label = fields[name].label if name in fields else labels.get(name, "")
        if label:
            found.append(Chosen(label, word.strip(), without(request, name)))
    return found


def without(request: HttpRequest, *names: str, **more: str) -> str:
    """The page's address without filters ``names`` and its place in the pages, with ``more``."""
    query = request.GET.copy()
    for name in (*names, "before", "after", "total"):
        query.pop(name, None)
    for name, value in more.items():
        query[name] = value
    return f"?{query.urlencode()}"
