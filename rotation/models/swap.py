"""Changes to a passed table: swap, stand-in, postpone. The old row stays visible with its reason."""

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.enums import Via
from alliances.models import Alliance, Member, User
from alliances.querysets import AllianceScopedQuerySet
from rotation.enums import SwapKind, SwapState
from rotation.models.plan import Duty, Plan


class Swap(models.Model):
    """A change asked for by a chair unit, agreed by the units concerned, filed by the community.

    swap: ``asker`` leaves ``duty`` for ``other_duty``, ``other`` the reverse. stand_in: ``other`` takes ``asker``'s
    place in ``duty``. postpone: ``duty`` keeps its chairs and ends at ``until`` at latest; no second unit.
    ``before`` and ``after`` are written at filing: the months as they stood and as they stand.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="swaps")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="swaps")
    kind = models.CharField("方式", max_length=12, choices=SwapKind.choices)
    state = models.CharField("状态", max_length=12, choices=SwapState.choices, default=SwapState.ASKED)
    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="swaps_from")
    other_duty = models.ForeignKey(Duty, null=True, on_delete=models.PROTECT, related_name="swaps_to")
    asker = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="swaps_asked")
    other = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="swaps_received")
    until = models.DateField("顺延至", null=True, blank=True)
    reason = models.CharField("原因", max_length=200)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("申请时间", default=clock.now)
    with_theme = models.BooleanField("活动主题随单位一起调", default=True)
    asker_agreed_at = models.DateTimeField("申请单位同意时间", null=True, blank=True)
    asker_agreed_via = models.CharField(max_length=8, choices=Via.choices, blank=True)
    other_agreed_at = models.DateTimeField("对方单位同意时间", null=True, blank=True)
    other_agreed_via = models.CharField(max_length=8, choices=Via.choices, blank=True)
    agreed_at = models.DateTimeField("双方同意时间", null=True, blank=True)
    filed_at = models.DateTimeField("备案时间", null=True, blank=True)
    answer = models.CharField("答复", max_length=200, blank=True)
    before = models.JSONField(default=list)
    after = models.JSONField(default=list)

    objects = AllianceScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "轮值调整"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=SwapKind.SWAP, other_duty__isnull=False, other__isnull=False)
                | Q(kind=SwapKind.STAND_IN, other_duty__isnull=True, other__isnull=False)
                | Q(kind=SwapKind.POSTPONE, other_duty__isnull=True, other__isnull=True, until__isnull=False),
                name="swap_kind_has_its_parts",
            ),
            models.UniqueConstraint(
                fields=["duty"],
                condition=Q(state__in=[SwapState.ASKED, SwapState.AGREED]),
                name="swap_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.duty}"
