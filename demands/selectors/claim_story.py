"""One claim as its page tells it: what was promised, what happened since, who else serves the demand, whom it is for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from alliances import clock
from alliances.enums import MEMBER_ROLES, Via
from demands import policies
from demands.enums import CLAIM_STANDING, ClaimPart, ClaimState, ExtensionState, Verdict
from demands.models import Acceptance, Author, Claim, Demand, Extension, ProgressNote
from demands.querysets import reach_of
from demands.selectors import contacts
from demands.selectors.reading import Reader

TONES = {
    ClaimState.TAKEN: "wait",
    ClaimState.IN_SERVICE: "wait",
    ClaimState.DELIVERED: "wait",
    ClaimState.RETURNED: "late",
    ClaimState.ACCEPTED: "done",
    ClaimState.HANDED_BACK: "off",
}
END_OF_DAY = time(23, 59)


def one(claim: Claim) -> Claim:
    """``claim`` as ``full()`` fetched it, its demand knowing the alliance without another join."""
    claim.demand.alliance = claim.alliance
    return claim


def full() -> QuerySet[Claim]:
    """Claims with everything that policies and pages ask of one."""
    return Claim.objects.select_related(
        "alliance__organisation",
        "demand__category",
        "demand__station",
        "demand__shared_to",
        "member__unit",
        "member__alliance__organisation",
        "resource",
        "claimed_by__person",
    )


def with_others(user: Any, pk: int) -> tuple[Claim | None, list[Claim]]:
    """The claim, None where ``user`` may not see it, and the demand's other claims as far as ``user`` may see them: the
    lead first, handed-back ones last. One query for all."""
    siblings = Claim.objects.filter(pk=pk).values("demand")
    seen = Claim.objects.visible_to(user).filter(demand__in=siblings)
    rows = list(full().filter(pk__in=seen.values("pk")))
    claim = next((row for row in rows if row.pk == pk), None)
    others = [row for row in rows if row.pk != pk]
    others.sort(key=lambda row: (not row.stands, row.part != ClaimPart.LEAD, row.pk))
    return claim and one(claim), others


# --- what the demand says ------------------------------------------------------------------------------------------


def sees_demand(user: Any, claim: Claim) -> bool:
    """Whether the demand itself is open to ``user``. Who runs the claiming unit's alliance sees a claim on another's
    demand as that unit's record alone."""
    if claim.member.alliance_id == claim.alliance_id:
        return True
    return Demand.objects.visible_to(user).filter(pk=claim.demand_id).exists()


def people(claim: Claim, user: Any) -> list[Author]:
    """Whom the demand is for and who left a name or phone; ``is_open`` where ``user`` may ask for it. One query."""
    found = contacts.asked_by(user, [claim.demand])[claim.demand_id]
    return [author for author in found if author.name or author.phone]


def reader_of(user: Any, claim: Claim, asked_by: list[Author]) -> Reader:
    """Asks the database nothing more about ``claim``."""
    reader = Reader(user)
    reader.knows(claim.demand, asked_by)
    return reader


def demand_words(reader: Reader, claim: Claim) -> str:
    """The need as it may be read in a list; a sensitive one also by the unit of its community that serves it."""
    serves = claim.stands and claim.member_id in reader.reach.members
    is_near = claim.member.alliance_id == claim.alliance_id
    if serves and is_near:
        return reader.veiled(claim.demand, claim.demand.content)
    return reader.words(claim.demand)


def waits_for_release(user: Any, claim: Claim) -> bool:
    """The unit's own liaison, who will see the contact of this sensitive demand once the secretary lets it."""
    return (
        claim.demand.is_sensitive
        and claim.contact_released_at is None
        and claim.stands
        and claim.state != ClaimState.ACCEPTED
        and claim.member_id in reach_of(user).liaisons
    )


def can_be_released(claim: Claim) -> bool:
    return (
        claim.demand.is_sensitive
        and claim.contact_released_at is None
        and claim.state in CLAIM_STANDING
        and claim.state != ClaimState.ACCEPTED
    )


# --- what happened -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One step of the story: ``mark`` and ``tone`` as in a chain, ``text`` in the words of whoever acted."""

    at: datetime
    what: str
    who: str = ""
    text: str = ""
    tone: str = "done"
    mark: str = "✓"
    has_time: bool = True
    photos: list[Photo] = field(default_factory=list)


@dataclass(frozen=True)
class Photo:
    pk: int
    width: int
    height: int
    order: int


@dataclass(frozen=True)
class Note:
    """A line on how it goes, with its pictures."""

    at: datetime
    text: str
    via: str
    writer: str
    photos: list[Photo] = field(default_factory=list)


_NOTE = ("pk", "written_at", "text", "via", "writer__name")
_PHOTO = ("photos__pk", "photos__width", "photos__height", "photos__order")


def notes_of(claim: Claim) -> list[Note]:
    """Oldest first, read with their pictures in one query."""
    found: dict[int, Note] = {}
    rows = ProgressNote.objects.filter(claim=claim).order_by("pk", "photos__order")
    for pk, at, text, via, writer, *photo in rows.values_list(*_NOTE, *_PHOTO):
        note = found.setdefault(pk, Note(at, text, via, writer or ""))
        if photo[0] is not None:
            note.photos.append(Photo(*photo))
    return list(found.values())


def extensions_of(claim: Claim) -> list[Extension]:
    rows = Extension.objects.filter(claim=claim)
    return list(rows.select_related("asked_by__person", "answered_by__person").order_by("pk"))


def story(
    claim: Claim, notes: Iterable[Note], extensions: Iterable[Extension], visits: Sequence[Acceptance]
) -> list[Line]:
    """The claim from promise to the station's verdict, oldest first; ``visits`` in their order."""
    unit = claim.member.unit.name
    lines = [_taken(claim, unit)]
    lines += [_note(note, unit) for note in notes]
    for extension in extensions:
        lines += _extension(extension, unit)
    if claim.delivered_on:
        lines.append(_delivered(claim, claim.delivered_on, unit, visits))
    lines += [_visit(visit) for visit in visits]
    if claim.reopened_at:
        lines.append(Line(claim.reopened_at, "群众不满意，重新办理", tone="late", mark="!"))
    if claim.nudged_at:
        lines.append(Line(claim.nudged_at, "催办", "系统按时办理", tone="late", mark="!"))
    if claim.escalated_at:
        lines.append(Line(claim.escalated_at, "报社区书记", "系统按时办理", tone="late", mark="!"))
    if claim.contact_released_at:
        lines.append(Line(claim.contact_released_at, "放行需求人联系方式", "社区书记"))
    if claim.handed_back_at:
        text = claim.hand_back_reason
        lines.append(Line(claim.handed_back_at, "退回认领", unit, text, tone="off", mark="×"))
    return sorted(lines, key=lambda line: line.at)


def for_reader(lines: Iterable[Line], reader: Reader, claim: Claim) -> list[Line]:
    """Names are masked; of a sensitive need others read what happened when, without words and pictures."""
    if not reader.reads_work(claim):
        return [replace(line, text="", photos=[]) for line in lines]
    return [replace(line, text=reader.veiled(claim.demand, line.text)) for line in lines]


def _taken(claim: Claim, unit: str) -> Line:
    what = f"{'联合' if claim.part == ClaimPart.JOINT else '牵头'}认领"
    if claim.imported_at:
        return _on(claim.claimed_on, what, f"{unit}，从认领项目清单导入")
    name = claim.claimed_by.person.name if claim.claimed_by else ""
    return Line(claim.claimed_at, what, _by(unit, name, claim.via))


def _note(note: Note, unit: str) -> Line:
    return Line(note.at, "办理进展", _by(unit, note.writer, note.via), note.text, photos=note.photos)


def _extension(extension: Extension, unit: str) -> list[Line]:
    until = extension.until_on
    asked = Line(extension.asked_at, f"申请延期至{until.month}月{until.day}日", unit, extension.reason)
    if extension.state == ExtensionState.ASKED or extension.answered_at is None:
        return [replace(asked, tone="begun", mark="…")]
    agreed = extension.state == ExtensionState.GRANTED
    answered = Line(
        extension.answered_at,
        "同意延期" if agreed else "不同意延期",
        extension.answered_by.person.name if extension.answered_by else "",
        extension.answer,
        tone="done" if agreed else "late",
        mark="✓" if agreed else "!",
    )
    return [asked, answered]


def _delivered(claim: Claim, day: date, unit: str, visits: Sequence[Acceptance]) -> Line:
    """The last delivery, of which only the day is known: before the visit that followed it."""
    line = _on(day, "报完成", unit, claim.result)
    if claim.state == ClaimState.DELIVERED or not visits:
        return line
    return replace(line, at=min(line.at, _visit(visits[-1]).at - timedelta(microseconds=1)))


def _visit(visit: Acceptance) -> Line:
    failed = visit.verdict == Verdict.FAILED
    line = _on(visit.visited_on, f"验收{visit.get_verdict_display()}", visit.inspector_name)
    if visit.imported_at is None and clock.local(visit.recorded_at).date() == visit.visited_on:
        line = replace(line, at=visit.recorded_at)
    if failed:
        return replace(line, text=visit.to_mend, tone="late", mark="!")
    return replace(line, text=visit.mended)


def _on(day: date, what: str, who: str, text: str = "") -> Line:
    """Something of which only the day is known: after what that day's clock has told."""
    return Line(datetime.combine(day, END_OF_DAY, tzinfo=clock.ZONE), what, who, text, has_time=False)


def _by(unit: str, name: str, via: str) -> str:
    """Who did it for the unit: its own person, or the office's that wrote down what the unit said."""
    if via in (Via.PAPER, Via.PHONE):
        return f"{unit}，{Via(via).label}{f'（{name}）' if name else ''}"
    return f"{unit} {name}".strip()


# --- who acts ------------------------------------------------------------------------------------------------------


def acts_for_unit(user: Any, claim: Claim) -> bool:
    """Whether ``user`` works on the claim for its unit; the office only writes down what the unit said."""
    return policies.can_work_on_claim.capacity(user, claim) in MEMBER_ROLES
