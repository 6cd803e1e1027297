"""Dispatch and service (认领项目清单): offers, claims, extensions of deadlines, progress."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from alliances import clock
from alliances.enums import Via
from alliances.models import Alliance, Member, Organisation, Person, User
from demands.enums import CLAIM_STANDING, CLAIM_UNDELIVERED, ClaimPart, ClaimState, ExtensionState, OfferState
from demands.models.demands import Demand
from demands.models.resources import Resource
from demands.querysets import ClaimQuerySet, OfClaimQuerySet, OfferQuerySet, PhotoQuerySet


class Claim(models.Model):
    """A unit's promise to serve a demand.

    ``alliance`` is the demand's; ``member`` is the membership through which it was claimed, also of another alliance. One
    standing claim of a demand leads, the others join it. ``first_due_on`` is the deadline before any extension.
    ``contact_released_at``: the secretary let this claim see the contact of a sensitive demand. ``reopened_at``: an
    unsatisfied call-back sent it back to work, which happens once.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="claims")
    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="claims")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="claims")
    part = models.CharField("方式", max_length=8, choices=ClaimPart.choices, default=ClaimPart.LEAD)
    state = models.CharField("状态", max_length=12, choices=ClaimState.choices, default=ClaimState.TAKEN)
    title = models.CharField("项目名称", max_length=80, blank=True)
    measures = models.CharField("服务措施", max_length=500)
    responsible = models.CharField("责任人", max_length=40)
    responsible_phone = models.CharField("责任人电话", max_length=24, blank=True)
    # Few claims name one: an index over all of them would look useless to a planner that counts the empty ones.
    resource = models.ForeignKey(
        Resource, null=True, blank=True, on_delete=models.PROTECT, related_name="claims", db_index=False
    )
    claimed_on = models.DateField("认领日期")
    due_on = models.DateField("完成时限")
    first_due_on = models.DateField("原定时限")
    delivered_on = models.DateField("完成日期", null=True, blank=True)
    accepted_on = models.DateField("验收通过日期", null=True, blank=True)
    volunteers = models.PositiveIntegerField("志愿者人数", null=True, blank=True)
    teams = models.CharField("志愿服务队", max_length=100, blank=True)
    result = models.CharField("完成情况", max_length=200, blank=True)
    claimed_at = models.DateTimeField(default=clock.now)
    claimed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    via = models.CharField("方式", max_length=8, choices=Via.choices, default=Via.SCREEN)
    contact_released_at = models.DateTimeField("联系方式放行时间", null=True, blank=True)
    contact_released_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    handed_back_at = models.DateTimeField("退回时间", null=True, blank=True)
    hand_back_reason = models.CharField("退回原因", max_length=200, blank=True)
    reopened_at = models.DateTimeField("重新办理时间", null=True, blank=True)
    nudged_at = models.DateTimeField("催办时间", null=True, blank=True)
    escalated_at = models.DateTimeField("报书记时间", null=True, blank=True)
    source_organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source_no = models.PositiveIntegerField("原序号", null=True, blank=True)
    imported_at = models.DateTimeField("导入时间", null=True, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "认领项目"
        ordering = ["-claimed_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["demand"],
                condition=Q(part=ClaimPart.LEAD) & ~Q(state=ClaimState.HANDED_BACK),
                name="claim_one_lead",
            ),
            models.UniqueConstraint(
                fields=["demand", "member"],
                condition=~Q(state=ClaimState.HANDED_BACK),
                name="claim_once_per_member",
            ),
            models.UniqueConstraint(
                fields=["source_organisation", "source_no"],
                condition=Q(source_no__isnull=False),
                name="claim_source_once",
            ),
            models.CheckConstraint(
                condition=Q(source_no__isnull=True) | Q(source_organisation__isnull=False),
                name="claim_source_says_whose",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("claimed_on")), name="claim_due_after_claimed"),
            models.CheckConstraint(
                condition=Q(delivered_on__isnull=True) | Q(delivered_on__gte=F("claimed_on")),
                name="claim_delivered_after_claimed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ClaimState.DELIVERED, ClaimState.RETURNED, ClaimState.ACCEPTED])
                | Q(delivered_on__isnull=False),
                name="claim_delivered_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=ClaimState.ACCEPTED) | Q(accepted_on__isnull=False),
                name="claim_accepted_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=ClaimState.HANDED_BACK)
                | Q(handed_back_at__isnull=False) & ~Q(hand_back_reason=""),
                name="claim_handed_back_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["alliance", "-claimed_on", "-id"], name="claim_alliance"),
            models.Index(fields=["alliance", "state", "due_on"], name="claim_state"),
            models.Index(fields=["member", "state"], name="claim_member"),
            models.Index(fields=["alliance", "due_on"], name="claim_due"),
            models.Index(fields=["resource"], condition=Q(resource__isnull=False), name="claim_resource"),
        ]

    def __str__(self) -> str:
        return f"{self.demand} {self.member}"

    @property
    def stands(self) -> bool:
        return self.state in CLAIM_STANDING

    def is_overdue(self, day: date | None = None) -> bool:
        """Not delivered and past its deadline. Derived, never a state."""
        return self.state in CLAIM_UNDELIVERED and self.due_on < (day or clock.today())


class Offer(models.Model):
    """A demand offered to one unit with a reply date (下单到单位)."""

    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="offers")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="offers")
    state = models.CharField("状态", max_length=12, choices=OfferState.choices, default=OfferState.OFFERED)
    resource = models.ForeignKey(
        Resource, null=True, blank=True, on_delete=models.PROTECT, related_name="offers"
    )
    note = models.CharField("派单说明", max_length=200, blank=True)
    reply_by = models.DateField("回复期限")
    offered_at = models.DateTimeField("派单时间", default=clock.now)
    offered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField("回复时间", null=True, blank=True)
    answered_on = models.DateField("回复日期", null=True, blank=True)
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answer_via = models.CharField(max_length=8, choices=Via.choices, blank=True)
    decline_reason = models.CharField("不能承接的原因", max_length=200, blank=True)
    claim = models.OneToOneField(Claim, null=True, blank=True, on_delete=models.PROTECT, related_name="offer")
    nudged_at = models.DateTimeField("催办时间", null=True, blank=True)
    escalated_at = models.DateTimeField("报书记时间", null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "派单"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["demand", "member"],
                condition=Q(state=OfferState.OFFERED),
                name="offer_one_open_per_member",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[OfferState.TAKEN, OfferState.DECLINED])
                | Q(answered_at__isnull=False, answered_on__isnull=False),
                name="offer_answered_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=OfferState.DECLINED) | ~Q(decline_reason=""),
                name="offer_declined_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state=OfferState.TAKEN) | Q(claim__isnull=False),
                name="offer_taken_has_claim",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "state"], name="offer_member"),
            models.Index(fields=["state", "reply_by"], name="offer_reply_by"),
        ]

    def __str__(self) -> str:
        return f"{self.demand} {self.member}"

    @property
    def alliance(self) -> Alliance:
        return self.demand.alliance


class Extension(models.Model):
    """A new deadline asked for with a reason; it holds only with a yes."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="extensions")
    state = models.CharField(
        "状态", max_length=12, choices=ExtensionState.choices, default=ExtensionState.ASKED
    )
    from_on = models.DateField("原时限")
    until_on = models.DateField("延至")
    reason = models.CharField("原因", max_length=200)
    asked_at = models.DateTimeField("申请时间", default=clock.now)
    asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField("答复", max_length=200, blank=True)

    objects = OfClaimQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "延期申请"
        ordering = ["claim", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"], condition=Q(state=ExtensionState.ASKED), name="extension_one_open"
            ),
            models.CheckConstraint(condition=Q(until_on__gt=F("from_on")), name="extension_is_later"),
            models.CheckConstraint(condition=~Q(reason=""), name="extension_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.claim} {self.until_on}"

    @property
    def alliance(self) -> Alliance:
        return self.claim.alliance


class ProgressNote(models.Model):
    """A line on how a claim goes, at most 200 characters."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="notes")
    text = models.CharField("进展", max_length=200)
    written_at = models.DateTimeField("时间", default=clock.now)
    written_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    writer = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    via = models.CharField("方式", max_length=8, choices=Via.choices, default=Via.SCREEN)

    objects = OfClaimQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理进展"
        ordering = ["claim", "pk"]

    def __str__(self) -> str:
        return f"{self.claim} {self.pk}"


class NotePhoto(models.Model):
    """An optional picture of a progress note, re-encoded without EXIF; at most three."""

    note = models.ForeignKey(ProgressNote, on_delete=models.CASCADE, related_name="photos")
    file = models.FileField(upload_to="progress/")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    order = models.PositiveSmallIntegerField()
    added_at = models.DateTimeField(default=clock.now)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "进展照片"
        ordering = ["note", "order"]
        constraints = [
            models.UniqueConstraint(fields=["note", "order"], name="notephoto_place_once"),
            models.CheckConstraint(condition=Q(order__gte=1, order__lte=3), name="notephoto_at_most_three"),
        ]

    def __str__(self) -> str:
        return f"{self.note} {self.order}"
