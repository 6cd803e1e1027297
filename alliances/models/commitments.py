"""What a member promised in writing for a year (承诺事项 of 协议书 and 目标责任书; seeds 001, 003)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.enums import CommitmentState
from alliances.models.alliance import Agreement, Alliance, Member
from alliances.models.people import User
from alliances.querysets import CommitmentQuerySet


class Commitment(models.Model):
    """One counted promise, kept by ``due_on``: fulfilled with evidence, or waived with a reason that can be read.

    ``fulfilled_on`` is the day it was kept, ``settled_at`` when that was written down.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="commitments")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="commitments")
    agreement = models.ForeignKey(
        Agreement, null=True, blank=True, on_delete=models.PROTECT, related_name="commitments"
    )
    text = models.CharField("承诺事项", max_length=200)
    due_on = models.DateField("完成期限")
    state = models.CharField(
        "状态", max_length=12, choices=CommitmentState.choices, default=CommitmentState.OPEN
    )
    fulfilled_on = models.DateField("兑现日期", null=True, blank=True)
    evidence = models.CharField("兑现情况", max_length=200, blank=True)
    reason = models.CharField("不再考核的原因", max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "承诺事项"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=CommitmentState.FULFILLED)
                | (Q(fulfilled_on__isnull=False) & ~Q(evidence="")),
                name="commitment_fulfilled_says_how",
            ),
            models.CheckConstraint(
                condition=~Q(state=CommitmentState.WAIVED) | ~Q(reason=""),
                name="commitment_waived_says_why",
            ),
        ]
        indexes = [models.Index(fields=["alliance", "due_on"], name="commitment_due")]

    def __str__(self) -> str:
        return self.text[:30]
