"""What is waiting to be said in a person's one reminder message of the day."""

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.models.alliance import Alliance
from alliances.models.outbox import Message
from alliances.models.people import Person
from alliances.querysets import AllianceScopedQuerySet


class ReminderLine(models.Model):
    """One line of somebody's digest: written when a step comes due, bundled once into a message or dropped if it
    has been settled meanwhile. ``kind`` and ``object_id`` say what to ask before it is sent."""

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reminder_lines")
    kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    text = models.CharField(max_length=200)
    path = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="reminder_lines")

    objects = AllianceScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待提示事项"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "kind", "object_id"], name="reminderline_once"),
        ]
        indexes = [
            models.Index(fields=["recipient"], condition=Q(settled_at=None), name="reminderline_waiting"),
        ]

    def __str__(self) -> str:
        return self.text
