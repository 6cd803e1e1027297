"""Activities: X + N - the chair units and those that take part (seed 000); also outside the rotation."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.enums import Via
from alliances.models import Alliance, Member, User
from alliances.querysets import AllianceScopedQuerySet
from rotation.enums import ActivityKind, ActivityState
from rotation.models.meeting import Meeting
from rotation.models.plan import Duty


class Activity(models.Model):
    """One activity; a month can have several, and some belong to no duty month. ``claims`` are those of the units that
    took part which it served, named when it is recorded."""

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="activities")
    duty = models.ForeignKey(Duty, null=True, blank=True, on_delete=models.PROTECT, related_name="activities")
    meeting = models.ForeignKey(
        Meeting, null=True, blank=True, on_delete=models.PROTECT, related_name="activities"
    )
    kind = models.CharField("活动类型", max_length=16, choices=ActivityKind.choices)
    title = models.CharField("活动名称", max_length=80)
    state = models.CharField(
        "状态", max_length=12, choices=ActivityState.choices, default=ActivityState.PLANNED
    )
    planned_on = models.DateField("计划日期")
    place = models.CharField("地点", max_length=80, blank=True)
    plan = models.TextField("活动安排", blank=True)
    held_on = models.DateField("举办日期", null=True, blank=True)
    beneficiaries = models.PositiveIntegerField("受益人数", null=True, blank=True)
    summary = models.CharField("活动情况", max_length=500, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    claims = models.ManyToManyField(
        "demands.Claim", blank=True, related_name="activities", verbose_name="服务的需求"
    )
    recorded_at = models.DateTimeField("记录时间", null=True, blank=True)
    recorded_via = models.CharField(max_length=8, choices=Via.choices, blank=True)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True)

    objects = AllianceScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "活动"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[ActivityState.HELD, ActivityState.RECORDED])
                | Q(held_on__isnull=False),
                name="activity_held_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["alliance", "-id"], name="activity_alliance"),
            models.Index(fields=["alliance", "held_on"], name="activity_held"),
        ]

    def __str__(self) -> str:
        return self.title


class Participation(models.Model):
    """A member that takes part in an activity, with how many people; the chair units are X, the others N."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="participations")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="participations")
    is_chair = models.BooleanField("轮值主席", default=False)
    heads = models.PositiveIntegerField("参加人数", null=True, blank=True)
    via = models.CharField("方式", max_length=8, choices=Via.choices, default=Via.SCREEN)

    class Meta:
        verbose_name = verbose_name_plural = "参加单位"
        ordering = ["activity", "-is_chair", "pk"]
        constraints = [models.UniqueConstraint(fields=["activity", "member"], name="participation_once")]

    def __str__(self) -> str:
        return f"{self.activity} {self.member}"


class Photo(models.Model):
    """An optional picture of an activity, re-encoded without EXIF; at most three, never compulsory."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="photos")
    file = models.FileField(upload_to="photos/")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    order = models.PositiveSmallIntegerField()
    added_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "照片"
        ordering = ["activity", "order"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "order"], name="photo_place_once"),
            models.CheckConstraint(condition=Q(order__gte=1, order__lte=3), name="photo_at_most_three"),
        ]

    def __str__(self) -> str:
        return f"{self.activity} {self.order}"
