"""Large tables that are made behind the scenes: asked for in the browser, written by the worker, fetched later."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.models.alliance import Alliance
from alliances.models.organisation import Organisation
from alliances.models.people import User


class ExportJobState(models.TextChoices):
    WAITING = "waiting", "排队中"
    RUNNING = "running", "正在生成"
    DONE = "done", "已生成"
    FAILED = "failed", "没有生成"


class ExportJob(models.Model):
    """One file for one person: which export, narrowed by which parameters, of which alliances.

    ``organisation`` is whose name the heading bears when several alliances are covered. ``rows`` of ``total`` are written.
    ``leased_until`` is machine time: a worker that died is noticed and the file is begun again. Row and file are removed
    some days later.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    suffix = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    params = models.JSONField(default=dict)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    alliances = models.ManyToManyField(Alliance, related_name="+")
    title = models.CharField("表格", max_length=200)
    state = models.CharField(
        "状态", max_length=8, choices=ExportJobState.choices, default=ExportJobState.WAITING
    )
    rows = models.PositiveIntegerField("已写入行数", default=0)
    total = models.PositiveIntegerField("总行数", default=0)
    file = models.FileField(upload_to="exports/", blank=True)
    size = models.PositiveBigIntegerField("字节", default=0)
    error = models.CharField("原因", max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField("申请时间", default=clock.now)
    made_at = models.DateTimeField("生成时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "后台导出"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=ExportJobState.DONE) | ~Q(file=""), name="exportjob_done_has_file"
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="exportjob_owner"),
            models.Index(
                fields=["id"],
                condition=Q(state__in=[ExportJobState.WAITING, ExportJobState.RUNNING]),
                name="exportjob_to_make",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"

    @property
    def thing(self) -> str:
        """What the file is, in the words of its page and messages."""
        return "压缩包" if self.suffix == "zip" else "表格"

    @property
    def unit(self) -> str:
        """What ``rows`` counts."""
        return "份报告" if self.suffix == "zip" else "行"

    @property
    def percent(self) -> int:
        """How far the file is written, 0 to 100."""
        if self.state == ExportJobState.DONE:
            return 100
        return min(99, self.rows * 100 // self.total) if self.total else 0

    @property
    def is_going(self) -> bool:
        return self.state in (ExportJobState.WAITING, ExportJobState.RUNNING)
