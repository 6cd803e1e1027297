"""A person's messages and an alliance's outbox."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet

from alliances.enums import Channel, MessageState
from alliances.models import Alliance, Message


def messages_for(user: Any) -> QuerySet[Message]:
    """The in-site messages of ``user``, newest first; only those already sent."""
    return Message.objects.filter(
        recipient_id=user.person_id, channel=Channel.INBOX, state=MessageState.SENT
    ).select_related("alliance")


def unread_count(user: Any) -> int:
    """Unread messages, 100 for "more than 99": the bell shows no more, and every page counts them."""
    return messages_for(user).filter(read_at=None).order_by()[:100].count()


def outbox_of(alliance: Alliance) -> QuerySet[Message]:
    """Every message of ``alliance``, newest first."""
    return Message.objects.filter(alliance=alliance).select_related("recipient").order_by("-pk")


def outbox_counts(alliance: Alliance) -> dict[str, int]:
    """Messages of ``alliance`` per state; states without messages count 0."""
    counts = dict.fromkeys(MessageState.values, 0)
    rows = Message.objects.filter(alliance=alliance).order_by().values_list("state").annotate(n=Count("pk"))
    counts.update(dict(rows))
    return counts
