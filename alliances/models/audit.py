"""What happened: rows that can only be added. The database itself refuses UPDATE and DELETE (see migration)."""

from django.db import models

from alliances import clock
from alliances.models.alliance import Alliance
from alliances.models.people import User
from alliances.querysets import LogEntryQuerySet


class LogEntry(models.Model):
    """One change: who, in which capacity, what, from which state to which. Holds ids, never names or phones."""

    at = models.DateTimeField("时间", default=clock.now)
    actor = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="操作人"
    )
    capacity = models.CharField("身份", max_length=16, blank=True)
    alliance = models.ForeignKey(
        Alliance, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="联盟"
    )
    action = models.CharField("事项", max_length=60)
    object_type = models.CharField("对象", max_length=60)
    object_id = models.BigIntegerField("对象编号", null=True)
    before = models.CharField("变更前", max_length=20, blank=True)
    after = models.CharField("变更后", max_length=20, blank=True)
    data = models.JSONField("内容", default=dict)

    objects = LogEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "操作日志"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="logentry_object"),
            models.Index(fields=["alliance", "-id"], name="logentry_alliance"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type}#{self.object_id}"
