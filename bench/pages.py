"""What is measured: each list page, who opens it, and the rows a plain list of it would show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from alliances import clock
from alliances.enums import Channel, MessageState
from alliances.models import Alliance, Bulletin, LogEntry, Member, Message
from bench.world import BIG, HOME, OLD, liaison_person, year
from evaluations.models import Round
from rotation.models import Activity, Duty, Meeting, Slip, Swap, Wish


@dataclass(frozen=True)
class Page:
    """``path()`` of our page, opened by ``user`` (see ``world.found``); ``rows()`` and ``columns`` for the plain list.

    The plain list has 50 rows a page, as ours, and tells what our rows tell, fetched as Django's manual says
    (``select_related``, ``prefetch_related``). A column is a path from ``object``, or a piece of template. The rows of
    wishes, year and office stay as they are while the tables grow.
    """

    name: str
    user: str
    path: Callable[[], str]
    rows: Callable[[], QuerySet]
    columns: tuple[str, ...]


def _members() -> QuerySet:
    rows = Member.objects.filter(alliance__code=BIG).select_related("unit", "alliance")
    return rows.prefetch_related("appointments__person__user", "agreements").order_by("pk")


def _slips() -> QuerySet:
    rows = Slip.objects.select_related("duty__plan", "alliance").defer("paper", "deadlines")
    return rows.prefetch_related("receipts__member__unit").order_by("-pk")


def _swaps() -> QuerySet:
    rows = Swap.objects.filter(alliance__code=OLD).order_by("-pk")
    return rows.select_related("duty__plan", "other_duty__plan", "asker__unit", "other__unit")


def _inbox() -> QuerySet:
    rows = Message.objects.filter(recipient=liaison_person(), channel=Channel.INBOX, state=MessageState.SENT)
    return rows.select_related("alliance").order_by("-pk")


def _meetings() -> QuerySet:
    rows = Meeting.objects.filter(alliance__code=OLD).defer("paper", "minutes_paper").order_by("-pk")
    return rows.select_related("convenor__unit", "duty__plan").prefetch_related("replies")


def _activities() -> QuerySet:
    rows = Activity.objects.filter(alliance__code=OLD).order_by("-pk")
    return rows.select_related("duty__plan").prefetch_related("participations")


def _rounds() -> QuerySet:
    """With what was handed out and came back: units' marks, residents' codes and paper batches."""
    rows = Round.objects.filter(alliance__code=OLD).select_related("activity", "duty__plan").order_by("-pk")
    return rows.prefetch_related("unit_marks", "codes", "paper_batches")


def _circle() -> QuerySet:
    rows = Bulletin.objects.filter(alliance__code=OLD, withdrawn_at=None).order_by("-pk")
    return rows.select_related("alliance", "published_by__person").prefetch_related("attachments")


def _wishes() -> QuerySet:
    """A row for each member, with its wish if there is one."""
    wishes = Wish.objects.filter(year=year()).select_related("submitted_by__person")
    rows = Member.objects.filter(alliance__code=HOME).select_related("unit").order_by("pk")
    return rows.prefetch_related(Prefetch("wishes", queryset=wishes), "appointments__person")


def _duties() -> QuerySet:
    rows = Duty.objects.filter(alliance__code=HOME, plan__year=year()).select_related("plan")
    return rows.prefetch_related("chairs__member__unit").order_by("month")


def _communities() -> QuerySet:
    """Alliances with this month's duty, its chairs and its slip."""
    month = Duty.objects.filter(plan__year=year(), month=clock.today().month).select_related("plan")
    month = month.prefetch_related("chairs__member__unit", Prefetch("slips", Slip.objects.defer("paper")))
    rows = Alliance.objects.select_related("organisation__parent").order_by("organisation__path")
    return rows.prefetch_related(Prefetch("duties", queryset=month))


def _each(rows: str, text: str) -> str:
    """A column that lists several rows of a prefetched relation."""
    return f"{{% for row in object.{rows}.all %}}{text} {{% endfor %}}"


SIGNERS = _each("receipts", "{{ row.member.unit.name }} {{ row.signed_at }}")
CHAIRS = _each("chairs", "{{ row.member.unit.name }}")
POSTS = _each("appointments", "{{ row.person.name }} {{ row.person.phone }}")
WISH = _each("wishes", "{{ row.preferred }} {{ row.blackout }} {{ row.theme }} {{ row.get_source_display }}")
MONTH = (
    "{% for duty in object.duties.all %}{{ duty.plan.get_state_display }}"
    "{% for row in duty.chairs.all %}{{ row.member.unit.name }} {% endfor %}"
    "{% for slip in duty.slips.all %}{{ slip.number }} {{ slip.get_state_display }} {{ slip.acknowledge_by }}"
    "{% endfor %}{% endfor %}"
)

PAGES = (
    Page(
        "members",
        "big_secretary",
        lambda: reverse("alliances:members"),
        _members,
        (
            "unit.name",
            "unit.get_sector_display",
            "get_duty_mode_display",
            POSTS,
            _each("agreements", "{{ row.valid_until }}"),
        ),
    ),
    Page(
        "ledger",
        "old_secretary",
        lambda: reverse("rotation:ledger"),
        lambda: _slips().filter(alliance__code=OLD),
        ("number", "duty", "get_state_display", "issued_at", "acknowledge_by", SIGNERS),
    ),
    Page(
        "ledger (county)",
        "county",
        lambda: reverse("rotation:ledger"),
        _slips,
        ("alliance.name", "number", "duty", "get_state_display", "issued_at", "acknowledge_by", SIGNERS),
    ),
    Page(
        "swaps",
        "old_secretary",
        lambda: reverse("rotation:swaps"),
        _swaps,
        (
            "get_kind_display",
            "asker.unit.name",
            "other.unit.name",
            "duty",
            "get_state_display",
            "asked_at",
            "reason",
        ),
    ),
    Page(
        "meetings",
        "old_secretary",
        lambda: reverse("rotation:meetings"),
        _meetings,
        (
            "title",
            "get_kind_display",
            "convenor.unit.name",
            "get_state_display",
            "starts_at",
            "place",
            _each("replies", "{{ row.state }} {{ row.has_attended }}"),
        ),
    ),
    Page(
        "activities",
        "old_secretary",
        lambda: reverse("rotation:activities"),
        _activities,
        (
            "title",
            "get_kind_display",
            "held_on",
            "place",
            "beneficiaries",
            "get_state_display",
            _each("participations", "{{ row.is_chair }} {{ row.heads }}"),
        ),
    ),
    Page(
        "rounds",
        "old_secretary",
        lambda: reverse("evaluations:rounds"),
        _rounds,
        (
            "activity.title",
            "duty",
            "opens_on",
            "closes_on",
            "get_state_display",
            "figures.activity.score",
            _each("unit_marks", "{{ row.voted_on }}"),
            _each("codes", "{{ row.used_at }}"),
            _each("paper_batches", "{{ row.entered }} {{ row.handed_out }}"),
        ),
    ),
    Page(
        "circle",
        "old_secretary",
        lambda: reverse("alliances:circle"),
        _circle,
        (
            "title",
            "body",
            "get_kind_display",
            "published_at",
            "published_by.person.name",
            "alliance.name",
            _each("attachments", "{{ row.name }}"),
        ),
    ),
    Page(
        "outbox",
        "secretary",
        lambda: reverse("alliances:outbox"),
        lambda: Message.objects.filter(alliance__code=HOME).select_related("recipient").order_by("-pk"),
        (
            "subject",
            "recipient.name",
            "get_channel_display",
            "get_state_display",
            "created_at",
            "sent_at",
            "error",
        ),
    ),
    Page(
        "inbox",
        "liaison",
        lambda: reverse("alliances:inbox"),
        _inbox,
        ("subject", "body", "alliance.name", "sent_at", "read_at"),
    ),
    Page(
        "log",
        "auditor",
        lambda: reverse("alliances:log"),
        lambda: LogEntry.objects.select_related("actor__person", "alliance").order_by("-pk"),
        ("at", "actor.person.name", "capacity", "alliance.name", "action", "object_id", "before", "after"),
    ),
    Page(
        "wishes",
        "secretary",
        lambda: reverse("rotation:wishes", args=[HOME, year()]),
        _wishes,
        ("unit.name", WISH, POSTS),
    ),
    Page(
        "year",
        "secretary",
        lambda: reverse("rotation:year", args=[HOME, year()]),
        _duties,
        ("month", "get_mode_display", CHAIRS, "theme", "partners", "note", "reason", "runner_up"),
    ),
    Page(
        "office",
        "county",
        lambda: reverse("alliances:office"),
        _communities,
        ("name", "organisation.parent.name", MONTH),
    ),
)
