"""What is measured: each list page, who opens it, and the rows a plain list of it would show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from alliances.enums import Channel, MessageState
from alliances.models import Alliance, LogEntry, Member, Message
from bench.world import BIG, HOME, OLD, liaison_person, year
from rotation.models import Duty, Slip, Swap, Wish


@dataclass(frozen=True)
class Page:
    """``path()`` of our page, opened by ``user`` (a part of ``world.USERS``); ``rows()`` and ``columns`` for the
    plain list, 50 rows a page as on ours. The rows of wishes, year and office stay as they are while the tables grow."""

    name: str
    user: str
    path: Callable[[], str]
    rows: Callable[[], QuerySet]
    columns: tuple[str, ...]


def _slips() -> QuerySet:
    return (
        Slip.objects.filter(alliance__code=OLD)
        .select_related("duty__plan", "alliance")
        .defer("paper", "deadlines")
        .order_by("-pk")
    )


PAGES = (
    Page(
        "members",
        "big_secretary",
        lambda: reverse("alliances:members"),
        lambda: Member.objects.filter(alliance__code=BIG).select_related("unit", "alliance").order_by("pk"),
        ("unit.name", "unit.get_sector_display", "get_duty_mode_display", "joined_on", "alliance.name"),
    ),
    Page(
        "ledger",
        "old_secretary",
        lambda: reverse("rotation:ledger"),
        _slips,
        ("number", "duty", "get_state_display", "issued_at", "acknowledge_by", "nudged_at", "escalated_at"),
    ),
    Page(
        "ledger (county)",
        "county",
        lambda: reverse("rotation:ledger"),
        lambda: (
            Slip.objects.select_related("duty__plan", "alliance").defer("paper", "deadlines").order_by("-pk")
        ),
        ("alliance.name", "number", "duty", "get_state_display", "issued_at", "acknowledge_by"),
    ),
    Page(
        "swaps",
        "old_secretary",
        lambda: reverse("rotation:swaps"),
        lambda: (
            Swap.objects.filter(alliance__code=OLD)
            .select_related("duty__plan", "other_duty__plan", "asker__unit", "other__unit")
            .order_by("-pk")
        ),
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
        lambda: (
            Message.objects.filter(recipient=liaison_person(), channel=Channel.INBOX, state=MessageState.SENT)
            .select_related("alliance")
            .order_by("-pk")
        ),
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
        lambda: (
            Wish.objects.filter(alliance__code=HOME, year=year())
            .select_related("member__unit")
            .order_by("pk")
        ),
        ("member.unit.name", "preferred", "blackout", "theme", "resources", "get_source_display"),
    ),
    Page(
        "year",
        "secretary",
        lambda: reverse("rotation:year", args=[HOME, year()]),
        lambda: (
            Duty.objects.filter(alliance__code=HOME, plan__year=year())
            .select_related("plan")
            .order_by("month")
        ),
        ("month", "get_mode_display", "theme", "partners", "note", "reason", "runner_up"),
    ),
    Page(
        "office",
        "county",
        lambda: reverse("alliances:office"),
        lambda: Alliance.objects.select_related("organisation__parent").order_by("organisation__path"),
        ("name", "brand", "organisation.name", "organisation.parent.name", "code"),
    ),
)
