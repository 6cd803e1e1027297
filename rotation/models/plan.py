"""The annual rotation table (年度轮值主席安排表): wishes, plans, duties, chairs, versions."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.calendars import Month
from alliances.enums import DutyMode, Role
from alliances.models import Alliance, Member, User
from alliances.querysets import AllianceScopedQuerySet, appointments_of
from rotation.enums import PlanState, VersionOrigin, WishSource


class Wish(models.Model):
    """What a member wants of a year: months it likes, months it cannot, its theme; or that it is excused, and why.

    A member without a row has no wish and no blackout and is willing (design, planner).
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="wishes")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="wishes")
    year = models.PositiveSmallIntegerField("年度")
    preferred = models.JSONField("意向月份", default=list)
    blackout = models.JSONField("不便月份", default=list)
    theme = models.CharField("拟办活动主题", max_length=120, blank=True)
    resources = models.CharField("可提供资源", max_length=200, blank=True)
    excused_reason = models.CharField("今年不轮值的原因", max_length=120, blank=True)
    source = models.CharField("来源", max_length=8, choices=WishSource.choices)
    submitted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField("填报时间", default=clock.now)

    objects = AllianceScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "轮值意愿"
        ordering = ["year", "member"]
        constraints = [models.UniqueConstraint(fields=["member", "year"], name="wish_once_per_year")]

    def __str__(self) -> str:
        return f"{self.member} {self.year}"


class PlanQuerySet(AllianceScopedQuerySet):
    def visible_to(self, user: Any) -> PlanQuerySet:
        """Drafts are the community's own table; others see what is discussed or passed."""
        visible = cast(PlanQuerySet, super().visible_to(user))
        own = [a.organisation_id for a in appointments_of(user) if a.role in (Role.SECRETARY, Role.STAFF)]
        return visible.filter(~Q(state=PlanState.DRAFT) | Q(alliance__organisation__in=own))


class Plan(models.Model):
    """One alliance's table of one year. May start in any month; passed at a meeting; then changed only by swaps."""

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="plans")
    year = models.PositiveSmallIntegerField("年度")
    start_month = models.PositiveSmallIntegerField("起始月份", default=1)
    state = models.CharField("状态", max_length=12, choices=PlanState.choices, default=PlanState.DRAFT)
    seed = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    passed_meeting = models.CharField("通过会议", max_length=80, blank=True)
    passed_on = models.DateField("通过日期", null=True, blank=True)
    passed_at = models.DateTimeField(null=True, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度轮值主席安排表"
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(fields=["alliance", "year"], name="plan_once_per_year"),
            models.CheckConstraint(
                condition=Q(start_month__gte=1, start_month__lte=12), name="plan_start_month"
            ),
            models.CheckConstraint(
                condition=~Q(state=PlanState.PASSED) | Q(passed_on__isnull=False, passed_at__isnull=False),
                name="plan_passed_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alliance}{self.year}年度轮值主席安排表"

    @property
    def months(self) -> range:
        return range(self.start_month, 13)


class Duty(models.Model):
    """One month of a plan. ``ends_on`` moves when the duty is postponed; ``chairs`` are ordered, the lead first."""

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="duties")
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="duties")
    month = models.PositiveSmallIntegerField("月份")
    mode = models.CharField("轮值方式", max_length=12, choices=DutyMode.choices, default=DutyMode.SOLO)
    theme = models.CharField("计划活动主题", max_length=120, blank=True)
    partners = models.CharField("协办单位", max_length=120, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    is_locked = models.BooleanField("锁定", default=False)
    reason = models.CharField("为什么是这家", max_length=300, blank=True)
    runner_up = models.CharField("次选", max_length=300, blank=True)
    ends_on = models.DateField("办结期限")
    revision = models.PositiveIntegerField(default=0, help_text="每次调整轮值单位加一；发提醒单与调整互斥。")

    objects = AllianceScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "轮值月"
        ordering = ["plan", "month"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "month"], name="duty_once_per_month"),
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="duty_month"),
        ]

    def __str__(self) -> str:
        return f"{self.plan.year}年{self.month}月"

    @property
    def period(self) -> Month:
        return Month(self.plan.year, self.month)

    @property
    def starts_on(self) -> date:
        return self.period.start


class DutyChair(models.Model):
    """A member on duty in a month (轮值主席); ``order`` 0 is the lead unit (牵头)."""

    duty = models.ForeignKey(Duty, on_delete=models.CASCADE, related_name="chairs")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="chairs")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "轮值主席"
        ordering = ["duty", "order"]
        constraints = [
            models.UniqueConstraint(fields=["duty", "member"], name="dutychair_once"),
            models.CheckConstraint(condition=Q(order__gte=0), name="dutychair_order"),
        ]

    def __str__(self) -> str:
        return f"{self.duty} {self.member}"


class PlanVersion(models.Model):
    """The table as it once stood, for comparing: ``months`` is a list of month, mode, theme and member ids."""

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField("版次")
    origin = models.CharField("来历", max_length=12, choices=VersionOrigin.choices)
    months = models.JSONField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)

    objects = AllianceScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "版次"
        ordering = ["plan", "-number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="planversion_number_once")]

    def __str__(self) -> str:
        return f"{self.plan} 第{self.number}版"
