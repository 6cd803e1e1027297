"""What has been said about the overdue steps of a month (design: the clock)."""

from __future__ import annotations

from django.db import models

from alliances.querysets import AllianceScopedQuerySet
from rotation.models.slip import Slip


class StepMarkQuerySet(AllianceScopedQuerySet):
    alliance_path = "slip__alliance"


class StepMark(models.Model):
    """That a step of a slip's month was nudged, and reported to the secretary: each is said once.

    ``step`` is a ``MonthStep`` here, or a name of the app whose step it is. A slip that takes another's place starts
    with no marks, as its dates are new.
    """

    slip = models.ForeignKey(Slip, on_delete=models.CASCADE, related_name="marks")
    step = models.CharField("环节", max_length=16)
    nudged_at = models.DateTimeField("催办时间", null=True, blank=True)
    escalated_at = models.DateTimeField("报书记时间", null=True, blank=True)

    objects = StepMarkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "环节催办"
        ordering = ["slip", "pk"]
        constraints = [models.UniqueConstraint(fields=["slip", "step"], name="stepmark_once")]

    def __str__(self) -> str:
        return f"{self.slip} {self.step}"
