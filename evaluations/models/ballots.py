"""Rounds and ballots. Who voted and what was voted are kept in different tables with nothing that joins them.

A ballot has a random key and no time finer than its round; the code or the unit's mark that was used up stands
elsewhere, without a ballot. Rows are written in one transaction, but neither order nor key links them.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.models import Alliance, Member, User
from alliances.querysets import AllianceScopedQuerySet
from evaluations.enums import BallotSource, CodeOrigin, RoundState, VoterGroup
from rotation.models import Activity


class Round(models.Model):
    """The scoring of one activity, and of its month's chair. The rubrics are copied at opening and fixed from then.

    ``asks_chair`` is False for activities outside the rotation. ``figures`` are written when the round is settled.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="rounds")
    activity = models.OneToOneField(Activity, on_delete=models.PROTECT, related_name="round")
    state = models.CharField("状态", max_length=8, choices=RoundState.choices, default=RoundState.PREPARED)
    asks_chair = models.BooleanField(default=True)
    activity_items = models.JSONField(default=list)
    chair_items = models.JSONField(default=list)
    opens_on = models.DateField("开放日期")
    closes_on = models.DateField("截止日期")
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    venue_token = models.CharField(max_length=43, unique=True)
    figures = models.JSONField(null=True)

    objects = AllianceScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评议轮次"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=models.F("opens_on")), name="round_closes_after_opening"
            ),
            models.CheckConstraint(
                condition=~Q(state=RoundState.SETTLED) | Q(figures__isnull=False),
                name="round_settled_has_figures",
            ),
        ]
        indexes = [models.Index(fields=["alliance", "-id"], name="round_alliance")]

    def __str__(self) -> str:
        return f"{self.activity} 评议"


class ResidentCode(models.Model):
    """A resident's one-time code, by its hash: printed on a slip, drawn by a phone at the venue, or on a paper ballot.

    Times are kept here only, for the warning about bursts; no ballot refers to a code.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="codes")
    code_hash = models.CharField(max_length=64, unique=True)
    origin = models.CharField("来源", max_length=8, choices=CodeOrigin.choices)
    issued_at = models.DateTimeField("发放时间", default=clock.now)
    used_at = models.DateTimeField("使用时间", null=True, blank=True)
    is_void = models.BooleanField("作废", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "评议码"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.round} {self.get_origin_display()}"


class UnitMark(models.Model):
    """That a unit has been asked and whether it has voted in a round; never what it voted."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="unit_marks")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    asks_chair = models.BooleanField(default=True)
    voted_on = models.DateField("投票日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "单位评议"
        ordering = ["round", "pk"]
        constraints = [models.UniqueConstraint(fields=["round", "member"], name="unitmark_once")]

    def __str__(self) -> str:
        return f"{self.round} {self.member}"


class Ballot(models.Model):
    """One ballot. ``activity_scores`` and ``chair_scores`` map item key to points 0..weight, or to None (不了解);
    ``chair_scores`` None: the chair was not asked about. An invalid (作废) paper ballot is counted, not scored."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="ballots")
    group = models.CharField("评议人", max_length=10, choices=VoterGroup.choices)
    source = models.CharField("方式", max_length=8, choices=BallotSource.choices)
    activity_scores = models.JSONField(default=dict)
    chair_scores = models.JSONField(null=True)
    is_valid = models.BooleanField("有效", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "评议票"

    def __str__(self) -> str:
        return str(self.key)


class PaperBatch(models.Model):
    """Paper ballots typed in by staff at one sitting: how many, by whom; the ballots themselves name nobody."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="paper_batches")
    handed_out = models.PositiveIntegerField("发放")
    entered = models.PositiveIntegerField("收回")
    void = models.PositiveIntegerField("作废")
    entered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "纸质评议票录入"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(entered__lte=models.F("handed_out"), void__lte=models.F("entered")),
                name="paperbatch_counts_fit",
            )
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.entered}"
