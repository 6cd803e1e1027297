"""A demand's whole story, from order to call-back: the steps it goes, and what happened, in words.

Whose eyes: people of the demand's own community read the words as they were said; offices above and units of other
alliances only the words for others, and no person's name in the history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from alliances import clock
from alliances.enums import Role
from alliances.models import LogEntry
from alliances.selectors import history
from demands.enums import (
    CLAIM_STANDING,
    DEMAND_ENDED,
    CallBackState,
    ClaimPart,
    ClaimState,
    DemandState,
)
from demands.models import Author, Claim, Demand, Offer
from demands.querysets import reach_of
from demands.selectors import contacts

# Looking at a contact is the business of those who run the community.
CONFIDENTIAL = frozenset({"demands.author.reveal", "demands.demand.change", "demands.claim.release_contact"})
# What follows by itself from a claim's own line, and would only say it twice.
FOLLOWING = frozenset(
    {
        "demands.demand.claim",
        "demands.demand.serve",
        "demands.demand.resume",
        "demands.demand.release",
        "demands.acceptance.visit",
    }
)
WARNINGS = frozenset(
    {
        "demands.demand.decline",
        "demands.demand.give_up",
        "demands.demand.withdraw",
        "demands.demand.withdraw_by_author",
        "demands.demand.reopen_by_author",
        "demands.claim.hand_back",
        "demands.claim.reopen",
        "demands.review.escalate",
        "demands.claim.escalate",
        "demands.call_back.escalate",
    }
)
# What no user did was done by the author where the log says so, else by the clock.
BY_AUTHOR = frozenset(
    {
        "demands.demand.take_in",
        "demands.demand.withdraw_by_author",
        "demands.demand.reopen_by_author",
        "demands.author.delete",
        "demands.call_back.answer_by_link",
    }
)
FIELD_WORDS = {
    "category": "类别",
    "content": "内容",
    "urgency": "紧急程度",
    "station": "站点",
    "expected_on": "期望时限",
    "is_sensitive": "敏感标记",
    "contact": "联系方式",
}


@dataclass(frozen=True)
class Step:
    """``state``: done, now, late, off (it ended before) or none (not yet)."""

    title: str
    state: str
    detail: str = ""
    when: str = ""
    tone: str = ""

    @property
    def word(self) -> str:
        return {"done": "已完成", "now": "正在进行", "late": "已过期", "off": "不再进行"}.get(
            self.state, "还没到"
        )

    def mark(self, number: int) -> str:
        return {"done": "✓", "late": "!", "off": "—"}.get(self.state, str(number))


@dataclass(frozen=True)
class Line:
    at: datetime
    what: str
    who: str
    is_warning: bool = False


@dataclass
class Work:
    """The claims of one demand with what hangs on them, by ids: what the story and the log are read by."""

    claims: dict[int, dict[str, Any]] = field(default_factory=dict)
    acceptances: dict[int, int] = field(default_factory=dict)  # → claim
    call_backs: dict[int, int] = field(default_factory=dict)
    extensions: dict[int, int] = field(default_factory=dict)
    asked: dict[int, str] = field(default_factory=dict)  # call-back → its state

    @property
    def standing(self) -> list[dict[str, Any]]:
        rows = [row for row in self.claims.values() if row["state"] in CLAIM_STANDING]
        return sorted(rows, key=lambda row: (row["part"] != ClaimPart.LEAD, row["pk"]))


def full() -> QuerySet[Demand]:
    """Demands with what their page shows."""
    return Demand.objects.select_related(
        "alliance__organisation__parent__parent",
        "station",
        "category",
        "member__unit",
        "created_by__person",
        "reviewed_by__person",
        "merged_into",
        "shared_to",
    )


def reads_whole(user: Any, demand: Demand) -> bool:
    """Whether ``user`` is of the demand's own community, where the need is read as it was said."""
    reach = reach_of(user)
    place = demand.alliance.organisation_id
    return (
        place in reach.places
        or place in reach.around_stations
        or demand.station_id in reach.stations
        or demand.alliance_id in reach.alliances
    )


def people(user: Any, demand: Demand) -> list[Author]:
    """Everybody who asked, also for what was merged into it; ``is_open`` where ``user`` may ask for the contact. One
    query."""
    return contacts.asked_by(user, [demand])[demand.pk]


def open_to_reader(asked_by: Sequence[Author]) -> list[Author]:
    """Of ``people`` those whose contact the reader may ask for; nobody else is shown, not even masked."""
    return [author for author in asked_by if getattr(author, "is_open", False)]


def words(user: Any, demand: Demand, asked_by: Sequence[Author]) -> str:
    """The need as ``user`` may read it."""
    said = demand.content if reads_whole(user, demand) else contacts.words_outside(demand)
    return contacts.veil_for_reader(said, asked_by)


def work_on(demand: Demand) -> Work:
    """One query."""
    keys = (
        "pk", "state", "part", "member__unit__name", "claimed_on", "due_on", "delivered_on", "accepted_on",
        "acceptances__pk", "acceptances__call_backs__pk", "acceptances__call_backs__state", "extensions__pk",
    )  # fmt: skip
    found = Work()
    for row in Claim.objects.filter(demand=demand).order_by("pk").values(*keys):
        claim = row["pk"]
        found.claims.setdefault(claim, row)
        if visit := row["acceptances__pk"]:
            found.acceptances[visit] = claim
        if asked := row["acceptances__call_backs__pk"]:
            found.call_backs[asked] = claim
            found.asked[asked] = row["acceptances__call_backs__state"]
        if longer := row["extensions__pk"]:
            found.extensions[longer] = claim
    return found


# --- the steps ---------------------------------------------------------------------------------------------------------


def steps(demand: Demand, work: Work) -> list[Step]:
    """点单、受理、认领、服务、验收、回访."""
    state = demand.state
    asked = Step("点单", "done", demand.get_source_display(), _day(demand.raised_on))
    return [asked, _review(demand), *_claiming(demand, work, state), *_ending(demand, work, state)]


def _review(demand: Demand) -> Step:
    if demand.state == DemandState.SUBMITTED:
        late = bool(demand.review_by and demand.review_by < clock.today())
        when = f"{_day(demand.review_by)}前" if demand.review_by else ""
        return Step("受理", "late" if late else "now", "等社区受理", when, "late" if late else "wait")
    if demand.state in (DemandState.DECLINED, DemandState.MERGED, DemandState.WITHDRAWN):
        word = demand.get_state_display()
        return Step("受理", "off", word, _moment(demand.ended_at))
    return Step("受理", "done", "社区已受理", _moment(demand.reviewed_at))


def _claiming(demand: Demand, work: Work, state: str) -> list[Step]:
    if state == DemandState.SUBMITTED:
        return [Step("认领", "none"), Step("服务", "none")]
    if state == DemandState.OPEN:
        word = "在领办大厅，等单位认领" if demand.hall_opened_at else "等派单的单位回复"
        return [Step("认领", "now", word), Step("服务", "none")]
    standing = work.standing
    if not standing:
        word = demand.get_state_display() if state == DemandState.UNRESOLVED else ""
        return [Step("认领", "off", word), Step("服务", "off")]
    units = "、".join(row["member__unit__name"] for row in standing)
    taken = Step("认领", "done", units, _day(min(row["claimed_on"] for row in standing)))
    if state != DemandState.CLAIMED:
        days = [row["delivered_on"] for row in standing if row["delivered_on"]]
        return [taken, Step("服务", "done", "已完成服务", _day(max(days)) if days else "")]
    due = min(
        row["due_on"]
        for row in standing
        if row["state"] not in (ClaimState.ACCEPTED, ClaimState.DELIVERED) or len(standing) == 1
    )
    mending = any(row["state"] == ClaimState.RETURNED for row in standing)
    late = due < clock.today() and not mending
    word = "验收未通过，整改中" if mending else "正在办理"
    return [
        taken,
        Step("服务", "late" if late else "now", word, f"{_day(due)}前", "late" if late else "wait"),
    ]


def _ending(demand: Demand, work: Work, state: str) -> list[Step]:
    if state == DemandState.SERVED:
        where = demand.station.name if demand.station else "社区"
        return [Step("验收", "now", f"等{where}验收"), Step("回访", "none")]
    if state != DemandState.CLOSED:
        word = "off" if state in DEMAND_ENDED else "none"
        return [Step("验收", word), Step("回访", word)]
    days = [row["accepted_on"] for row in work.standing if row["accepted_on"]]
    passed = Step("验收", "done", "验收合格", _day(max(days)) if days else "")
    asked = work.asked.values()
    if not asked:
        return [passed, Step("回访", "none", "没有安排回访")]
    if CallBackState.DUE in asked:
        return [passed, Step("回访", "now", "等回访")]
    word = "已回访" if CallBackState.ANSWERED in asked else "联系不上"
    return [passed, Step("回访", "done", word)]


def _day(day: date | None) -> str:
    if day is None:
        return ""
    return (
        f"{day.month}月{day.day}日"
        if day.year == clock.today().year
        else f"{day.year}年{day.month}月{day.day}日"
    )


def _moment(at: datetime | None) -> str:
    return _day(clock.local(at).date()) if at else ""


# --- what happened -----------------------------------------------------------------------------------------------------


def happened(
    user: Any, demand: Demand, work: Work, *, whole: bool, is_run: bool, reasons: dict[str, str]
) -> list[Line]:
    """The log in words, oldest first; two queries. ``whole``: with people's names; ``is_run``: with who looked at
    contacts and what was corrected, ``reasons`` being the words of why."""
    offers = {
        row["pk"]: row["member__unit__name"]
        for row in Offer.objects.visible_to(user).filter(demand=demand).values("pk", "member__unit__name")
    }
    units = {pk: row["member__unit__name"] for pk, row in work.claims.items()}
    scope = _of("demands.demand", [demand.pk])
    for kind, keys in (
        ("demands.claim", work.claims),
        ("demands.acceptance", work.acceptances),
        ("demands.callback", work.call_backs),
        ("demands.extension", work.extensions),
        ("demands.offer", offers),
    ):
        if keys:
            scope |= _of(kind, list(keys))
    entries = LogEntry.objects.filter(scope).select_related("actor__person").order_by("at", "pk")
    found = []
    for entry in entries:
        if entry.action in FOLLOWING or (entry.action in CONFIDENTIAL and not is_run):
            continue
        key = entry.object_id or 0
        claim = {
            "demands.claim": key,
            "demands.acceptance": work.acceptances.get(key, 0),
            "demands.callback": work.call_backs.get(key, 0),
            "demands.extension": work.extensions.get(key, 0),
        }.get(entry.object_type, 0)
        unit = offers.get(key, "") if entry.object_type == "demands.offer" else units.get(claim, "")
        found.append(_line(entry, unit, whole=whole, reasons=reasons))
    return found


def _of(kind: str, keys: Sequence[int]) -> Q:
    return Q(object_type=kind, object_id__in=keys)


def _line(entry: LogEntry, unit: str, *, whole: bool, reasons: dict[str, str]) -> Line:
    what = history.sentence(entry)
    for title in ("群众需求：", "认领项目：", "派单：", "延期申请：", "回访："):
        what = what.removeprefix(title)
    if unit:
        what = f"{what}：{unit}"
    if entry.action == "demands.author.reveal":
        what = f"{what}（{reasons.get(entry.data.get('reason', ''), '未写原因')}）"
    if entry.action == "demands.demand.change":
        words = "、".join(FIELD_WORDS.get(name, name) for name in entry.data.get("fields", []))
        what = f"{what}：{words}" if words else what
    role = Role(entry.capacity).label if entry.capacity in Role.values else ""
    if entry.actor is None:
        who = "需求人" if entry.action in BY_AUTHOR else "系统按时办理"
    elif whole:
        who = f"{entry.actor.person.name} {role}".strip()
    else:
        who = role
    return Line(clock.local(entry.at), what, who, entry.action in WARNINGS)
