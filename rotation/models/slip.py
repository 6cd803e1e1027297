"""The monthly reminder slip (轮值主席提醒单) and its receipts."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.enums import Role, Via
from alliances.models import Alliance, Member, Person, User
from alliances.querysets import AllianceScopedQuerySet, appointments_of
from rotation.enums import SlipState
from rotation.models.plan import Duty


class SlipQuerySet(AllianceScopedQuerySet):
    def visible_to(self, user: Any) -> SlipQuerySet:
        """A slip is seen by the alliance's own people and offices above, and by the units it is addressed to."""
        own_members: list[int] = []
        places: list[int | None] = []
        scope = Q()
        for appointment in appointments_of(user):
            if appointment.member_id is not None:
                own_members.append(appointment.member_id)
            elif appointment.role in (Role.SECRETARY, Role.STAFF, Role.PRESIDENT):
                places.append(appointment.organisation_id)
            elif appointment.role == Role.OFFICE:
                scope |= Q(alliance__organisation__path__startswith=appointment.organisation.path)
        if places:
            scope |= Q(alliance__organisation_id__in=places)
        if own_members:
            scope |= Q(pk__in=Receipt.objects.filter(member_id__in=own_members).values("slip_id"))
        return self.filter(scope) if scope else self.none()


class Slip(models.Model):
    """A numbered, frozen slip for one duty. ``paper`` is its content as issued, ``paper_hash`` its sha256.

    One standing slip per duty; a withdrawn one stays with its number. ``is_late``: issued after its month because of
    an outage (补发); it starts no further deadlines. ``received_on`` and ``notice_by`` are written when the next step
    begins: at the first receipt, at latest when acknowledgement was due.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="slips")
    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="slips")
    state = models.CharField("状态", max_length=16, choices=SlipState.choices, default=SlipState.ISSUED)
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField("编号")
    number = models.CharField("文号", max_length=60)
    issued_at = models.DateTimeField("发出时间", default=clock.now)
    is_late = models.BooleanField("补发", default=False)
    acknowledge_by = models.DateField("签收期限", null=True, blank=True)
    deadlines = models.JSONField("时限", default=dict)
    lapses_on = models.DateField("失效日期", help_text="过了这一天仍未签收即为到期未签收。")
    received_on = models.DateField("接到日期", null=True, blank=True)
    notice_by = models.DateField("通知单期限", null=True, blank=True)
    acknowledged_at = models.DateTimeField("签收时间", null=True, blank=True)
    nudged_at = models.DateTimeField("催办时间", null=True, blank=True)
    escalated_at = models.DateTimeField("报书记时间", null=True, blank=True)
    paper = models.JSONField()
    paper_hash = models.CharField(max_length=64)
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )

    objects = SlipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "轮值主席提醒单"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["duty"], condition=~Q(state="withdrawn"), name="slip_one_standing"
            ),
            models.UniqueConstraint(fields=["alliance", "year", "serial"], name="slip_number_once"),
        ]
        indexes = [models.Index(fields=["alliance", "-id"], name="slip_alliance")]

    def __str__(self) -> str:
        return self.number


class Receipt(models.Model):
    """A chair unit's receipt of a slip, there from issue on; signed on screen or recorded from paper or phone."""

    slip = models.ForeignKey(Slip, on_delete=models.CASCADE, related_name="receipts")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="receipts")
    order = models.PositiveSmallIntegerField(default=0)
    signed_at = models.DateTimeField("签收时间", null=True, blank=True)
    signer = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="签收人"
    )
    signer_name = models.CharField("签收人", max_length=40, blank=True)
    via = models.CharField("方式", max_length=8, choices=Via.choices, blank=True)
    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "签收"
        ordering = ["slip", "order"]
        constraints = [
            models.UniqueConstraint(fields=["slip", "member"], name="receipt_once"),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True, via="") | Q(signed_at__isnull=False) & ~Q(via=""),
                name="receipt_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slip} {self.member}"
