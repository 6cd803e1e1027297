"""Small ordered registries through which a lower app learns of a higher one (design, architecture: rule 3).

Filled in each app's ``apps.py: ready()`` and only read afterwards. An entry is anything with a ``name``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar


class Named(Protocol):
    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


class Registry(Generic[T]):
    """Entries in order of ``order`` then registration; a second entry of the same name is a programming error."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._entries: dict[str, tuple[int, T]] = {}

    def register(self, entry: T, *, order: int = 100) -> T:
        if entry.name in self._entries:
            raise ValueError(f"{self.what} {entry.name!r} is registered twice")
        self._entries[entry.name] = (order, entry)
        return entry

    def __iter__(self) -> Iterator[T]:
        return (entry for _, entry in sorted(self._entries.values(), key=lambda pair: pair[0]))

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def get(self, name: str) -> T | None:
        pair = self._entries.get(name)
        return pair[1] if pair else None


@dataclass(frozen=True)
class LogCode:
    """A kind of log entry and the sentence it reads as, e.g. ("rotation.slip.issue", "发出提醒单")."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Sweep:
    """Work that is due by the clock. ``run(now)`` finds what is due, does it, returns a line for each thing done.

    It must be safe to run at any time, any number of times, in several processes at once.
    """

    name: str
    title: str
    run: Callable[[datetime], list[str]]


@dataclass(frozen=True)
class DeskLine:
    """One thing on a person's desk: what, one action away, and how urgent (lower is more urgent)."""

    title: str
    url: str
    action: str
    detail: str = ""
    state: str = ""
    tone: str = ""
    urgency: int = 50
    waiting_for_others: bool = False


@dataclass(frozen=True)
class DeskCard:
    """Asks an app what stands on ``user``'s desk in ``alliance``: ``lines(user, alliance) -> list[DeskLine]``."""

    name: str
    lines: Callable[[Any, Any], list[DeskLine]]


@dataclass(frozen=True)
class DeskFragment:
    """A section that the desk fetches from ``url`` after its lines, because it reads much: ``title`` and a link
    (``link_url``, ``link_label``) stand there until then. ``shows(user) -> bool`` asks no database."""

    name: str
    title: str
    url: str
    link_url: str
    link_label: str
    shows: Callable[[Any], bool]


@dataclass(frozen=True)
class ChainStep:
    """One step of a month as it stands: shown on the desk and the Month page."""

    title: str
    detail: str
    state: str  # "done" | "now" | "late" | "ahead"
    due: str = ""  # ISO date
    url: str = ""
    who: str = ""  # who holds the step, in words
    action: str = ""  # label of the one action that is open to the reader; empty when there is none
    paper_url: str = ""


@dataclass(frozen=True)
class MonthPart:
    """What one app knows of a month: its chair units in words (empty where nobody is on duty) and its steps."""

    chairs: str = ""
    steps: list[ChainStep] = field(default_factory=list)


@dataclass(frozen=True)
class MonthView:
    """A month that ``user`` looks at. ``found`` is what the apps that answer have looked up: a later one need not."""

    user: Any
    alliance: Any
    year: int
    month: int
    found: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class MonthSteps:
    """``part(view) -> MonthPart`` contributed by one app."""

    name: str
    part: Callable[[MonthView], MonthPart]


def month_parts(view: MonthView) -> list[MonthPart]:
    """What every app knows of a month, in order."""
    return [entry.part(view) for entry in registries.month_steps]


@dataclass(frozen=True)
class OfficeCell:
    """One figure of one alliance in the offices' table: a word, its tone as of a tag, and the page behind it."""

    word: str
    tone: str = ""
    url: str = ""
    detail: str = ""


@dataclass(frozen=True)
class OfficeColumns:
    """Columns of the offices' table from one app: ``titles`` and ``cells(alliances, year, month)``, which gives for every
    alliance's primary key one cell a title; a fixed number of queries for any number of alliances."""

    name: str
    titles: tuple[str, ...]
    cells: Callable[[list[Any], int, int], dict[int, list[OfficeCell]]]


@dataclass(frozen=True)
class PaperSection:
    """A part another app adds to a paper: ``blocks(obj) -> list[dict]`` (blocks as in ``documents``)."""

    name: str
    paper: str
    blocks: Callable[[Any], list[dict[str, Any]]]


@dataclass(frozen=True)
class AgendaItem:
    """Items another app puts on a meeting's agenda: ``items(meeting) -> list[str]``, one sentence each."""

    name: str
    items: Callable[[Any], list[str]]


@dataclass(frozen=True)
class ActivityLinks:
    """What another app ties to an activity: ``items(activity) -> [(text, address)]``, shown under ``label``."""

    name: str
    label: str
    items: Callable[[Any], list[tuple[str, str]]]


@dataclass(frozen=True)
class NavItem:
    """A place in the main navigation; ``shown(user)`` decides for whom."""

    name: str
    label: str
    url_name: str
    shown: Callable[[Any], bool]
    on_phone: bool = True


@dataclass(frozen=True)
class IntegrityCheck:
    """``find() -> list[str]``: one sentence for each thing in the data that contradicts another."""

    name: str
    title: str
    find: Callable[[], list[str]]


@dataclass(frozen=True)
class MemberPanel:
    """A part of a member's page from another app: ``template``, and ``context(user, member)`` for it."""

    name: str
    template: str
    context: Callable[[Any, Any], dict[str, Any]]


@dataclass(frozen=True)
class ClaimPanel:
    """A part of a claim's page from an app above: ``template``, and ``context(user, claim)`` for it."""

    name: str
    template: str
    context: Callable[[Any, Any], dict[str, Any]]


@dataclass(frozen=True)
class HandOver:
    """``tasks(member) -> list[str]``: what a new liaison takes over, in words."""

    name: str
    tasks: Callable[[Any], list[str]]


@dataclass
class Registries:
    log_codes: Registry[LogCode] = field(default_factory=lambda: Registry("log code"))
    lifecycles: Registry[Any] = field(default_factory=lambda: Registry("lifecycle"))
    exports: Registry[Any] = field(default_factory=lambda: Registry("export"))
    importers: Registry[Any] = field(default_factory=lambda: Registry("importer"))
    reminders: Registry[Any] = field(default_factory=lambda: Registry("reminder"))
    sweeps: Registry[Sweep] = field(default_factory=lambda: Registry("sweep"))
    desk_cards: Registry[DeskCard] = field(default_factory=lambda: Registry("desk card"))
    desk_fragments: Registry[DeskFragment] = field(default_factory=lambda: Registry("desk fragment"))
    month_steps: Registry[MonthSteps] = field(default_factory=lambda: Registry("month steps"))
    office_columns: Registry[OfficeColumns] = field(default_factory=lambda: Registry("office columns"))
    paper_sections: Registry[PaperSection] = field(default_factory=lambda: Registry("paper section"))
    agenda_items: Registry[AgendaItem] = field(default_factory=lambda: Registry("agenda item"))
    activity_links: Registry[ActivityLinks] = field(default_factory=lambda: Registry("activity link"))
    nav: Registry[NavItem] = field(default_factory=lambda: Registry("navigation item"))
    integrity: Registry[IntegrityCheck] = field(default_factory=lambda: Registry("integrity check"))
    member_panels: Registry[MemberPanel] = field(default_factory=lambda: Registry("member panel"))
    claim_panels: Registry[ClaimPanel] = field(default_factory=lambda: Registry("claim panel"))
    hand_overs: Registry[HandOver] = field(default_factory=lambda: Registry("hand-over"))


registries = Registries()
