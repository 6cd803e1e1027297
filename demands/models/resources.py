"""What units can give (服务资源清单), and the bookings of their venues."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from alliances import clock
from alliances.enums import Via
from alliances.models import Alliance, Member, Organisation, User
from alliances.querysets import AllianceScopedQuerySet
from demands.enums import BookingState, ResourceKind, ResourceState
from demands.fields import EncryptedTextField
from demands.querysets import BookingQuerySet, ResourceQuerySet


class Resource(models.Model):
    """One line of a unit's menu, registered through one of its memberships and seen in all of them.

    ``quantity`` and ``available_when`` are the unit's own words. Venues that can be booked (``is_bookable``) say so in
    numbers too: ``capacity`` bookings at the same time, each of at most ``seats`` people, within their opening hours.
    ``source_no`` is the 序号 of the list of ``source_organisation`` that it was imported from.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="resources")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="resources")
    kind = models.CharField("资源类别", max_length=12, choices=ResourceKind.choices)
    name = models.CharField("资源名称", max_length=80)
    description = models.CharField("内容说明", max_length=500, blank=True)
    quantity = models.CharField("数量或容量", max_length=80, blank=True)
    available_when = models.CharField("可用时间", max_length=120, blank=True)
    audience = models.CharField("服务对象", max_length=80, blank=True)
    contact_name = models.CharField("联系人", max_length=40, blank=True)
    contact_phone = models.CharField("电话", max_length=24, blank=True)
    state = models.CharField(
        "状态", max_length=12, choices=ResourceState.choices, default=ResourceState.LISTED
    )
    is_bookable = models.BooleanField("可按时段预约", default=False)
    capacity = models.PositiveSmallIntegerField("同一时段最多预约", default=1)
    seats = models.PositiveIntegerField("容纳人数", null=True, blank=True)
    notice_days = models.PositiveSmallIntegerField("提前几天预约", default=0)
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField("更新时间", default=clock.now)
    source_organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source_no = models.PositiveIntegerField("原序号", null=True, blank=True)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "服务资源"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source_organisation", "source_no"],
                condition=Q(source_no__isnull=False),
                name="resource_source_once",
            ),
            models.UniqueConstraint(
                fields=["member", "kind", "name"],
                condition=~Q(state=ResourceState.WITHDRAWN),
                name="resource_once_per_member",
            ),
            models.CheckConstraint(
                condition=Q(is_bookable=False) | Q(kind=ResourceKind.VENUE, capacity__gte=1),
                name="resource_only_venues_are_booked",
            ),
            models.CheckConstraint(
                condition=Q(source_no__isnull=True) | Q(source_organisation__isnull=False),
                name="resource_source_says_whose",
            ),
        ]
        indexes = [
            models.Index(fields=["alliance", "kind"], name="resource_kind"),
            models.Index(fields=["member"], name="resource_member"),
        ]

    def __str__(self) -> str:
        return self.name


class OpeningHoursQuerySet(AllianceScopedQuerySet):
    alliance_path = "resource__alliance"


class OpeningHour(models.Model):
    """When a venue can be booked on one weekday (0 Monday - 6 Sunday); residents only where it says so."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField("星期")
    starts = models.TimeField("起")
    ends = models.TimeField("止")
    for_residents = models.BooleanField("居民开放时段", default=False)

    objects = OpeningHoursQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "开放时间"
        ordering = ["resource", "weekday", "starts"]
        constraints = [
            models.UniqueConstraint(fields=["resource", "weekday", "starts"], name="openinghour_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="openinghour_weekday"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="openinghour_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.weekday} {self.starts}"


class Booking(models.Model):
    """A venue asked for from ``starts_at`` to ``ends_at`` (end excluded).

    ``alliance`` is the asking side's: a unit (``member``), the office (neither), or a resident (``tracking_hash``, name and
    phone encrypted). That a venue is never over capacity is kept by the booking service, which locks the resource row.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="bookings")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="bookings")
    member = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="bookings"
    )
    claim = models.ForeignKey(
        "demands.Claim", null=True, blank=True, on_delete=models.PROTECT, related_name="bookings"
    )
    state = models.CharField("状态", max_length=12, choices=BookingState.choices, default=BookingState.ASKED)
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    heads = models.PositiveIntegerField("人数", null=True, blank=True)
    purpose = models.CharField("用途", max_length=100)
    asker_name = EncryptedTextField("预约人", blank=True, default="")
    asker_phone = EncryptedTextField("电话", blank=True, default="")
    tracking_hash = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField("申请时间", default=clock.now)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    via = models.CharField(max_length=8, choices=Via.choices, default=Via.SCREEN)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField("答复", max_length=200, blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "场地预约"
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_ends_after_start"),
            models.CheckConstraint(
                condition=~Q(state=BookingState.DECLINED) | ~Q(answer=""), name="booking_declined_says_why"
            ),
            models.UniqueConstraint(
                fields=["tracking_hash"], condition=~Q(tracking_hash=""), name="booking_tracking_once"
            ),
        ]
        indexes = [
            models.Index(fields=["resource", "starts_at"], name="booking_resource"),
            models.Index(fields=["alliance", "-id"], name="booking_alliance"),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.starts_at:%Y-%m-%d %H:%M}"
