"""The quarterly assessment (季度专项考核评议): an alliance's report of a quarter, and what it says of each member."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.calendars import Quarter
from alliances.enums import MEMBER_ROLES, Role
from alliances.models import Alliance, Member, Organisation, User
from alliances.querysets import AllianceScopedQuerySet, appointments_of
from evaluations.enums import AssessmentState

STANDING = (AssessmentState.FILED, AssessmentState.RECEIVED)


class AssessmentQuerySet(AllianceScopedQuerySet):
    def visible_to(self, user: Any) -> AssessmentQuerySet:
        """The community and its president read everything, the offices above what has been filed; units only their own
        lines (``AssessmentLine``), because the report names them all."""
        posts = appointments_of(user)
        own = [a.organisation_id for a in posts if a.role in (Role.SECRETARY, Role.STAFF, Role.PRESIDENT)]
        scope = Q(alliance__organisation__in=own)
        for post in posts:
            if post.role == Role.OFFICE and post.organisation is not None:
                below = Q(alliance__organisation__path__startswith=post.organisation.path)
                scope |= below & ~Q(state=AssessmentState.DRAFT)
        return self.filter(scope)

    def of(self, quarter: Quarter) -> AssessmentQuerySet:
        return self.filter(year=quarter.year, quarter=quarter.n)

    def light(self) -> AssessmentQuerySet:
        """Without the frozen document and its brief, which lists do not need."""
        return self.defer("figures", "brief")


class AssessmentLineQuerySet(AllianceScopedQuerySet):
    alliance_path = "assessment__alliance"

    def visible_to(self, user: Any) -> AssessmentLineQuerySet:
        """Of reports that the user may read all lines; of the own unit the line of the report that stands."""
        members = [a.member_id for a in appointments_of(user) if a.role in MEMBER_ROLES]
        own = Q(member__in=members, assessment__state__in=STANDING)
        reports = Assessment.objects.visible_to(user)
        return cast(AssessmentLineQuerySet, self.filter(own | Q(assessment__in=reports.values("pk"))))


class AssessmentScheme(models.Model):
    """How many points each sum of the assessment has, and how far the secretary may adjust, from ``year`` on.

    Holds for the organisation's own alliance and for those below that have none of their own.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="assessment_schemes"
    )
    year = models.PositiveSmallIntegerField("年度")
    weights = models.JSONField("分值")
    lowest = models.SmallIntegerField("最多扣分")
    highest = models.SmallIntegerField("最多加分")

    class Meta:
        verbose_name = verbose_name_plural = "考核方案"
        ordering = ["organisation", "-year"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year"], name="assessmentscheme_once_per_year"),
            models.CheckConstraint(
                condition=Q(lowest__lte=0, highest__gte=0), name="assessmentscheme_contains_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}{self.year}年考核方案"


class Assessment(models.Model):
    """One revision of an alliance's report of a quarter. Drafts are computed anew until filing, which freezes ``figures``.

    ``computed_at`` is None until the draft has been made; ``leased_until`` (machine time) says that some worker is at
    it. ``figures`` is the whole document a paper is made from (``selectors.assessments.document``), ``figures_hash`` the
    sha256 of its canonical JSON, written at filing with ``brief``, what the offices' tables need of it
    (``selectors.briefs``; empty of a draft). ``problems`` and ``next_steps`` are parts five and six, in a
    person's words. ``due_on`` is the last day of filing. A correction is a new revision: ``replaces`` names the former
    one, ``reason`` says why; the former stands until the new one is filed. ``copied_to`` acknowledges, nothing more.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="assessments")
    year = models.PositiveSmallIntegerField("年度")
    quarter = models.PositiveSmallIntegerField("季度")
    revision = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(
        "状态", max_length=12, choices=AssessmentState.choices, default=AssessmentState.DRAFT
    )
    due_on = models.DateField("报送期限")
    computed_at = models.DateTimeField("数据截至", null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    figures = models.JSONField(default=dict)  # the table's last column, see the migration
    figures_hash = models.CharField(max_length=64, blank=True)
    brief = models.JSONField(default=dict)
    problems = models.TextField("存在问题", blank=True)
    next_steps = models.TextField("下步打算", blank=True)
    number = models.CharField("文号", max_length=60, blank=True)
    filed_at = models.DateTimeField("报送时间", null=True, blank=True)
    filed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField("接收时间", null=True, blank=True)
    received_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    returned_at = models.DateTimeField("退回时间", null=True, blank=True)
    returned_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    return_reason = models.CharField("退回原因", max_length=300, blank=True)
    acknowledged_at = models.DateTimeField("知悉时间", null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("更正原因", max_length=300, blank=True)
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    nudged_at = models.DateTimeField("催办时间", null=True, blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "季度考核评议报告"
        ordering = ["-year", "-quarter", "alliance", "-revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["alliance", "year", "quarter", "revision"], name="assessment_revision_once"
            ),
            models.UniqueConstraint(
                fields=["alliance", "year", "quarter"],
                condition=Q(state=AssessmentState.DRAFT),
                name="assessment_one_draft",
            ),
            models.UniqueConstraint(
                fields=["alliance", "year", "quarter"],
                condition=Q(state__in=STANDING),
                name="assessment_one_standing",
            ),
            models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="assessment_quarter"),
            models.CheckConstraint(
                condition=Q(state=AssessmentState.DRAFT)
                | (Q(filed_at__isnull=False, computed_at__isnull=False) & ~Q(figures_hash="")),
                name="assessment_filed_is_frozen",
            ),
            models.CheckConstraint(
                condition=~Q(state=AssessmentState.RETURNED) | ~Q(return_reason=""),
                name="assessment_returned_says_why",
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True, revision=1)
                | (Q(replaces__isnull=False, revision__gt=1) & ~Q(reason="")),
                name="assessment_revision_names_former",
            ),
        ]
        indexes = [
            models.Index(fields=["year", "quarter", "state"], name="assessment_quarter_state"),
        ]

    def __str__(self) -> str:
        return f"{self.alliance}{self.period.label}考核评议报告"

    @property
    def period(self) -> Quarter:
        return Quarter(self.year, self.quarter)

    @property
    def is_late(self) -> bool:
        """Filed after its last day, or not filed although that is over."""
        day = clock.local(self.filed_at).date() if self.filed_at else clock.today()
        return day > self.due_on


class AssessmentLine(models.Model):
    """What the report says of one member: its parts (``assessing.parts_as_json``), score 0..100 or None for 数据不足.

    ``raw`` is the computed score, ``score`` what is left of raw and ``adjustment`` within 0..100. An adjustment has a
    reason, which is printed.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="lines")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="assessment_lines")
    order = models.PositiveSmallIntegerField(default=0)
    parts = models.JSONField(default=list)
    raw = models.DecimalField("得分", max_digits=4, decimal_places=1, null=True, blank=True)
    adjustment = models.DecimalField("加减分", max_digits=4, decimal_places=1, default=Decimal(0))
    reason = models.CharField("加减分理由", max_length=200, blank=True)
    adjusted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    score = models.DecimalField("总分", max_digits=4, decimal_places=1, null=True, blank=True)
    grade = models.CharField("等次", max_length=12)

    objects = AssessmentLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "成员单位考核结果"
        ordering = ["assessment", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "member"], name="assessmentline_once"),
            models.CheckConstraint(
                condition=Q(score__isnull=True, raw__isnull=True)
                | Q(score__gte=0, score__lte=100, raw__gte=0, raw__lte=100),
                name="assessmentline_score_in_range",
            ),
            models.CheckConstraint(
                condition=Q(adjustment=0, reason="") | (~Q(adjustment=0) & ~Q(reason="")),
                name="assessmentline_adjusted_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.grade}"
