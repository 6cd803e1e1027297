"""What became of it (验收结果清单): the station's visits and the residents' answers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.enums import Via
from alliances.models import Alliance, Organisation, Person, User
from demands.enums import CallBackMethod, CallBackState, Satisfaction, Verdict
from demands.models.claims import Claim
from demands.models.demands import Author
from demands.querysets import CallBackQuerySet, OfClaimQuerySet


class Acceptance(models.Model):
    """One visit of the station to one claim; a claim that had to be mended has several, counted by ``visit`` from 1.

    ``to_mend`` is what the unit is asked to mend (a failed visit says it; imported lists have no such column), ``mended``
    what has been done about it. ``inspector`` is the person of a station with an account or contact, ``inspector_name``
    what the paper says.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="acceptances")
    visit = models.PositiveSmallIntegerField("次数", default=1)
    station = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="acceptances"
    )
    inspector = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="acceptances"
    )
    inspector_name = models.CharField("验收人", max_length=40)
    visited_on = models.DateField("验收日期")
    verdict = models.CharField("验收结论", max_length=8, choices=Verdict.choices)
    to_mend = models.CharField("需整改", max_length=200, blank=True)
    mended = models.CharField("整改情况", max_length=200, blank=True)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    via = models.CharField("方式", max_length=8, choices=Via.choices, default=Via.SCREEN)
    source_organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source_no = models.PositiveIntegerField("原序号", null=True, blank=True)
    imported_at = models.DateTimeField("导入时间", null=True, blank=True)

    objects = OfClaimQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "验收"
        ordering = ["-visited_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "visit"], name="acceptance_visit_once"),
            models.UniqueConstraint(
                fields=["source_organisation", "source_no"],
                condition=Q(source_no__isnull=False),
                name="acceptance_source_once",
            ),
            models.CheckConstraint(
                condition=Q(source_no__isnull=True) | Q(source_organisation__isnull=False),
                name="acceptance_source_says_whose",
            ),
            models.CheckConstraint(
                condition=~Q(verdict=Verdict.FAILED) | ~Q(to_mend="") | Q(imported_at__isnull=False),
                name="acceptance_failed_says_what",
            ),
        ]
        indexes = [
            models.Index(fields=["station", "visited_on"], name="acceptance_station"),
            models.Index(fields=["visited_on"], name="acceptance_visited"),
        ]

    def __str__(self) -> str:
        return f"{self.claim} {self.visit}"

    @property
    def alliance(self) -> Alliance:
        return self.claim.alliance


class CallBack(models.Model):
    """A resident is asked about one visit; ``author`` is who is asked, empty for anonymous demands.

    ``link_hash`` is the keyed hash of the code by which the resident answers alone. ``follow_up`` names what is done about
    an unsatisfied answer. An imported answer bears the day of the visit and moves nothing.
    """

    acceptance = models.ForeignKey(Acceptance, on_delete=models.PROTECT, related_name="call_backs")
    author = models.ForeignKey(
        Author, null=True, blank=True, on_delete=models.SET_NULL, related_name="call_backs"
    )
    state = models.CharField("状态", max_length=12, choices=CallBackState.choices, default=CallBackState.DUE)
    method = models.CharField("回访方式", max_length=8, choices=CallBackMethod.choices, blank=True)
    due_on = models.DateField("回访期限", null=True, blank=True)
    satisfaction = models.CharField("群众满意度", max_length=12, choices=Satisfaction.choices, blank=True)
    opinion = models.CharField("群众意见", max_length=200, blank=True)
    follow_up = models.CharField("跟进措施", max_length=200, blank=True)
    answered_on = models.DateField("回访日期", null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    attempts = models.PositiveSmallIntegerField("拨打次数", default=0)
    link_hash = models.CharField(max_length=64, blank=True)
    reopened_claim = models.BooleanField("已重新办理", default=False)
    nudged_at = models.DateTimeField("催办时间", null=True, blank=True)
    escalated_at = models.DateTimeField("报书记时间", null=True, blank=True)
    imported_at = models.DateTimeField("导入时间", null=True, blank=True)

    objects = CallBackQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "回访"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["acceptance", "author"],
                condition=Q(author__isnull=False),
                name="callback_once_per_author",
            ),
            models.UniqueConstraint(
                fields=["link_hash"], condition=~Q(link_hash=""), name="callback_link_once"
            ),
            models.CheckConstraint(
                condition=~Q(state=CallBackState.ANSWERED)
                | Q(answered_on__isnull=False) & ~Q(satisfaction="") & ~Q(method=""),
                name="callback_answered_says_what",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on"], name="callback_due"),
            models.Index(fields=["answered_on"], name="callback_answered"),
        ]

    def __str__(self) -> str:
        return f"{self.acceptance} {self.pk}"

    @property
    def alliance(self) -> Alliance:
        return self.acceptance.claim.alliance
