"""What was sent: message rows written in the change's transaction, and the heartbeats of what runs by the clock."""

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.enums import Channel, MessageState
from alliances.models.alliance import Alliance
from alliances.models.people import Person
from alliances.querysets import AllianceScopedQuerySet


class Message(models.Model):
    """One message to one person by one channel. ``dedupe_key`` makes every writing step repeatable.

    ``leased_until`` and ``next_try_at`` are machine time: a sender that died is noticed even in the demo.
    """

    alliance = models.ForeignKey(Alliance, null=True, on_delete=models.PROTECT, related_name="messages")
    recipient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="messages")
    channel = models.CharField("渠道", max_length=8, choices=Channel.choices)
    kind = models.CharField("类型", max_length=40)
    subject = models.CharField("标题", max_length=120)
    body = models.TextField("正文")
    path = models.CharField("链接", max_length=200, blank=True)
    dedupe_key = models.CharField(max_length=120)
    state = models.CharField("状态", max_length=8, choices=MessageState.choices, default=MessageState.WAITING)
    created_at = models.DateTimeField("产生时间", default=clock.now)
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    next_try_at = models.DateTimeField(default=clock.machine_time)
    leased_until = models.DateTimeField(null=True, blank=True)
    may_be_double = models.BooleanField("可能重复", default=False)
    error = models.CharField("失败原因", max_length=200, blank=True)

    objects = AllianceScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "channel", "dedupe_key"], name="message_once"),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=[MessageState.WAITING, MessageState.SENDING]),
                name="message_to_send",
            ),
            models.Index(fields=["alliance", "-id"], name="message_alliance"),
            models.Index(fields=["recipient", "channel", "-id"], name="message_inbox"),
            # The bell on every page counts these; without parameters in its condition SQLite can use it too.
            models.Index(
                fields=["recipient", "channel", "state"],
                condition=Q(read_at__isnull=True),
                name="message_unread",
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class SweepRun(models.Model):
    """Heartbeat of one sweep (or of a process): when it last began, succeeded, and what last went wrong."""

    name = models.CharField(max_length=60, unique=True)
    began_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DemoClock(models.Model):
    """The demo's calendar: ``office_at`` was the office's time at machine time ``machine_at``. One row at most."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    office_at = models.DateTimeField()
    machine_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "演示时钟"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="democlock_single")]

    def __str__(self) -> str:
        return f"{self.office_at}"
