"""Rounds and ballots. Who voted and what was voted stand in different tables with nothing that joins them.

What could join them, and why it does not:

- no foreign key, no code, no user, no time on a ballot; its key is random, and anew at every shuffle;
- a sheet's two parts (activity, chair) are two rows without a link, so that having been asked about the activity only
  marks no ballot; a unit's ballot does not say whether it came by screen or by paper;
- the order of rows and the transaction that wrote them: a unit's ballot is written together with all units' ballots of
  its round, in random order; at closing all ballots of a round are (``services.ballots.shuffle``);
- the mark of a unit says on which day it voted, no finer; its vote writes no row of the log and no message (recording
  one from paper does, because staff answer for it). Times of codes are kept on codes, which name nobody.

What cannot be hidden in the data follows from counts alone: the only ballot of a group is that of its only voter.
Nothing shows figures of a group below its minimum, and nothing shows any before the round is settled.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.enums import Via
from alliances.models import Alliance, Member, User
from alliances.querysets import AllianceScopedQuerySet
from evaluations.enums import BallotSource, CodeOrigin, RoundState, RubricSubject, VoterGroup
from rotation.models import Activity, Duty


class Round(models.Model):
    """The scoring of one activity, and of its month's chair. The rubrics are copied at opening and fixed from then.

    ``duty`` is the activity's; None for activities outside the rotation, where no chair is asked about. ``opens_on``
    and ``closes_on`` are expectations until the round opens. ``paper_until`` is written at closing: through that day
    paper ballots can still be entered. ``figures`` are the activity's, written when the round is settled (see
    ``selectors.results``); the chair's are of the month and join its rounds. ``warnings`` are for the secretary alone.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="rounds")
    activity = models.OneToOneField(Activity, on_delete=models.PROTECT, related_name="round")
    duty = models.ForeignKey(Duty, null=True, blank=True, on_delete=models.PROTECT, related_name="rounds")
    state = models.CharField("状态", max_length=8, choices=RoundState.choices, default=RoundState.PREPARED)
    activity_items = models.JSONField(default=list)
    chair_items = models.JSONField(default=list)
    opens_on = models.DateField("开放日期")
    closes_on = models.DateField("截止日期")
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    paper_until = models.DateField("纸质票录入截止", null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    venue_token = models.CharField(max_length=43, unique=True)
    figures = models.JSONField(null=True)
    warnings = models.JSONField(default=list)

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

    @property
    def asks_chair(self) -> bool:
        return self.duty_id is not None

    @property
    def takes_votes(self) -> bool:
        """Whether liaisons and residents can vote: it is open, and its last day is not over, closed by the clock or not yet."""
        return self.state == RoundState.OPEN and clock.today() <= self.closes_on

    @property
    def gives_codes(self) -> bool:
        """Whether a new code could still be used: the round is prepared, or takes votes."""
        return self.state == RoundState.PREPARED or self.takes_votes


class ResidentCode(models.Model):
    """A resident's one-time code, by its hash: printed on a slip, drawn by a phone at the venue, or on a paper ballot.

    ``browser_hash`` is of a random value in the browser's cookie, mixed with the month: one code per browser, and the
    chair asked about once a month. ``form_hash`` is of a random value in the form that used the code up: posting the
    same form again gets the same answer. Times are kept here only, for the warning about bursts.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="codes")
    code_hash = models.CharField(max_length=64, unique=True)
    origin = models.CharField("来源", max_length=8, choices=CodeOrigin.choices)
    browser_hash = models.CharField(max_length=64, blank=True)
    asks_chair = models.BooleanField(default=True)
    issued_at = models.DateTimeField("发放时间", default=clock.now)
    used_at = models.DateTimeField("使用时间", null=True, blank=True)
    used_as = models.CharField("使用方式", max_length=8, choices=BallotSource.choices, blank=True)
    form_hash = models.CharField(max_length=64, blank=True)
    is_void = models.BooleanField("作废", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "评议码"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "browser_hash"], condition=~Q(browser_hash=""), name="code_one_per_browser"
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True, used_as="")
                | (Q(used_at__isnull=False, is_void=False) & ~Q(used_as="")),
                name="code_used_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.get_origin_display()}"


class UnitMark(models.Model):
    """That a unit has been asked in a round, and whether and on which day it has voted; never what.

    ``has_scored_chair``: this vote was the one about the chair, which a unit has once a month. ``via`` and
    ``voter_name`` say when staff recorded it from paper or telephone, and for whom.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="unit_marks")
    duty = models.ForeignKey(Duty, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="unit_marks")
    voted_on = models.DateField("投票日期", null=True, blank=True)
    has_scored_chair = models.BooleanField(default=False)
    via = models.CharField("方式", max_length=8, choices=Via.choices, blank=True)
    voter_name = models.CharField("评议人", max_length=40, blank=True)
    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    form_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "单位评议"
        ordering = ["round", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "member"], name="unitmark_once"),
            models.UniqueConstraint(
                fields=["duty", "member"],
                condition=Q(has_scored_chair=True),
                name="unitmark_chair_once_a_month",
            ),
            models.CheckConstraint(
                condition=Q(voted_on__isnull=True, via="", has_scored_chair=False)
                | (Q(voted_on__isnull=False) & ~Q(via="")),
                name="unitmark_voted_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.member}"


class Ballot(models.Model):
    """One part of a ballot: ``scores`` map every item's key to points 0..weight, or to None (不了解).

    ``source`` is kept for residents only; among units, where few come by paper, it could tell whose ballot it is.
    """

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="ballots")
    subject = models.CharField("评议对象", max_length=8, choices=RubricSubject.choices)
    group = models.CharField("评议人", max_length=10, choices=VoterGroup.choices)
    source = models.CharField("方式", max_length=8, choices=BallotSource.choices, blank=True)
    scores = models.JSONField()

    class Meta:
        verbose_name = verbose_name_plural = "评议票"
        constraints = [
            models.CheckConstraint(
                condition=Q(group=VoterGroup.UNITS, source="")
                | (Q(group=VoterGroup.RESIDENTS) & ~Q(source="")),
                name="ballot_source_of_residents_only",
            )
        ]

    def __str__(self) -> str:
        return str(self.key)


class PaperBatch(models.Model):
    """Residents' paper ballots typed in by staff at one sitting: how many were handed out, came back (``entered``,
    void ones among them), were void; and by whom they were typed. The ballots themselves name nobody."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="paper_batches")
    handed_out = models.PositiveIntegerField("发放")
    entered = models.PositiveIntegerField("收回")
    void = models.PositiveIntegerField("作废")
    entered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=clock.now)
    form_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "纸质评议票录入"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "form_hash"], condition=~Q(form_hash=""), name="paperbatch_form_once"
            ),
            models.CheckConstraint(
                condition=Q(entered__lte=models.F("handed_out"), void__lte=models.F("entered")),
                name="paperbatch_counts_fit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.entered}"
