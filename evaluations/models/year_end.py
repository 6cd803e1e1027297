"""The year's end (seeds 003, 004): the yearly summary, the two-way evaluation (双向评议), the awards (评选表彰).

Units' ballots about the community are kept as those about activities are (decision 0010): that a unit has voted stands in
``TwoWayMark``, what was voted in ``TwoWayBallot``, and nothing joins the two.
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, cast

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.enums import MEMBER_ROLES, Role, Via
from alliances.models import Alliance, Commitment, Member, User
from alliances.querysets import AllianceScopedQuerySet, appointments_of
from evaluations.enums import CandidateState, TwoWayState, YearPaperState


def _prepares(user: Any) -> list[int | None]:
    """Where ``user`` works on the year's end before others see it."""
    roles = (Role.SECRETARY, Role.STAFF, Role.PRESIDENT)
    return [a.organisation_id for a in appointments_of(user) if a.role in roles]


class TwoWayQuerySet(AllianceScopedQuerySet):
    def visible_to(self, user: Any) -> TwoWayQuerySet:
        """The community sees all of it, its units from the opening on, stations and offices what has been published."""
        visible = cast(TwoWayQuerySet, super().visible_to(user))
        own = [a.member.alliance_id for a in appointments_of(user) if a.role in MEMBER_ROLES and a.member]
        begun = Q(alliance__in=own) & ~Q(state=TwoWayState.PREPARED)
        return visible.filter(
            Q(alliance__organisation__in=_prepares(user)) | begun | Q(state=TwoWayState.PUBLISHED)
        )


class TwoWay(models.Model):
    """The two-way evaluation of one alliance and year. ``items`` is the rubric by which units score the community, fixed
    when it opens; ``closes_on`` is the last day of voting.

    ``handed_out`` and ``returned`` count the sheets of the representatives' meeting (None: no meeting was written down);
    the marks stand on ``TwoWayItem``. Publishing stores ``figures`` and the frozen ``paper`` with its sha256.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="two_ways")
    year = models.PositiveSmallIntegerField("年度")
    state = models.CharField("状态", max_length=10, choices=TwoWayState.choices, default=TwoWayState.PREPARED)
    items = models.JSONField(default=list)
    closes_on = models.DateField("截止日期")
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    met_on = models.DateField("代表会日期", null=True, blank=True)
    handed_out = models.PositiveIntegerField("发放", null=True, blank=True)
    returned = models.PositiveIntegerField("收回", null=True, blank=True)
    entered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    figures = models.JSONField(null=True)
    paper = models.JSONField(null=True)
    paper_hash = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField("公布时间", null=True, blank=True)
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = TwoWayQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "双向评议"
        ordering = ["-year", "alliance"]
        constraints = [
            models.UniqueConstraint(fields=["alliance", "year"], name="twoway_once_a_year"),
            models.CheckConstraint(
                condition=Q(handed_out__isnull=True, returned__isnull=True)
                | Q(handed_out__isnull=False, returned__lte=models.F("handed_out")),
                name="twoway_sheets_fit",
            ),
            models.CheckConstraint(
                condition=~Q(state=TwoWayState.PUBLISHED)
                | (Q(published_at__isnull=False, figures__isnull=False) & ~Q(paper_hash="")),
                name="twoway_published_is_frozen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alliance}{self.year}年双向评议"

    @property
    def takes_votes(self) -> bool:
        """Whether liaisons can vote: it is open, and its last day is not over, closed by the clock or not yet."""
        return self.state == TwoWayState.OPEN and clock.today() <= self.closes_on

    @property
    def ended_on(self) -> date:
        """The last day on which units could vote: ``closes_on``, or that of an earlier closing."""
        if self.closed_at is None:
            return self.closes_on
        return min(self.closes_on, clock.local(self.closed_at).date())


class TwoWayMark(models.Model):
    """That a unit was asked to score the community, and on which day it did; never what it said."""

    two_way = models.ForeignKey(TwoWay, on_delete=models.CASCADE, related_name="marks")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="two_way_marks")
    voted_on = models.DateField("投票日期", null=True, blank=True)
    via = models.CharField("方式", max_length=8, choices=Via.choices, blank=True)
    voter_name = models.CharField("评议人", max_length=40, blank=True)
    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    form_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "单位评社区"
        ordering = ["two_way", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["two_way", "member"], name="twowaymark_once"),
            models.CheckConstraint(
                condition=Q(voted_on__isnull=True, via="") | (Q(voted_on__isnull=False) & ~Q(via="")),
                name="twowaymark_voted_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.two_way} {self.member}"


class TwoWayBallot(models.Model):
    """A unit's scores of the community: item key → points 0..weight or None (不了解). Names nobody and no time."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    two_way = models.ForeignKey(TwoWay, on_delete=models.CASCADE, related_name="ballots")
    scores = models.JSONField()

    class Meta:
        verbose_name = verbose_name_plural = "评社区的票"

    def __str__(self) -> str:
        return str(self.key)


class TwoWayItem(models.Model):
    """One thing of a unit that the representatives mark (一事一评): a commitment due in the year as it read when the
    evaluation opened, or, without one, the service projects it led. Marks are counts of sheets; None until entered."""

    two_way = models.ForeignKey(TwoWay, on_delete=models.CASCADE, related_name="two_way_items")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="two_way_items")
    commitment = models.ForeignKey(
        Commitment, null=True, blank=True, on_delete=models.PROTECT, related_name="two_way_items"
    )
    order = models.PositiveSmallIntegerField(default=0)
    text = models.CharField("事项", max_length=220)
    outcome = models.CharField("完成情况", max_length=260, blank=True)
    good = models.PositiveIntegerField("好", null=True, blank=True)
    rather_good = models.PositiveIntegerField("较好", null=True, blank=True)
    fair = models.PositiveIntegerField("一般", null=True, blank=True)
    poor = models.PositiveIntegerField("差", null=True, blank=True)
    unknown = models.PositiveIntegerField("不了解", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "一事一评事项"
        ordering = ["two_way", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["two_way", "commitment"],
                condition=Q(commitment__isnull=False),
                name="twowayitem_commitment_once",
            ),
            models.UniqueConstraint(
                fields=["two_way", "member"],
                condition=Q(commitment__isnull=True),
                name="twowayitem_projects_once",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:30]


class YearPaperQuerySet(AllianceScopedQuerySet):
    def visible_to(self, user: Any) -> YearPaperQuerySet:
        """Drafts are the community's; what is published is for everybody of the alliance and above."""
        visible = cast(YearPaperQuerySet, super().visible_to(user))
        return visible.filter(~Q(state=YearPaperState.DRAFT) | Q(alliance__organisation__in=_prepares(user)))


class YearSummaryQuerySet(YearPaperQuerySet):
    def visible_to(self, user: Any) -> YearSummaryQuerySet:
        """The summary has a line for every unit: the community and the offices above read it, units their own line."""
        visible = cast(YearSummaryQuerySet, super().visible_to(user))
        scope = Q(alliance__organisation__in=_prepares(user))
        for post in appointments_of(user):
            if post.role == Role.OFFICE and post.organisation is not None:
                scope |= Q(alliance__organisation__path__startswith=post.organisation.path)
        return visible.filter(scope)


class YearPaper(models.Model):
    """A paper of an alliance and year, frozen with its sha256 when published. A correction is a new revision that names
    what it ``replaces`` and why; the former one stands until the new one is published."""

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="%(class)s_set")
    year = models.PositiveSmallIntegerField("年度")
    revision = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(
        "状态", max_length=10, choices=YearPaperState.choices, default=YearPaperState.DRAFT
    )
    reason = models.CharField("更正原因", max_length=200, blank=True)
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    figures = models.JSONField(default=dict)
    paper = models.JSONField(null=True)
    paper_hash = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField("公布时间", null=True, blank=True)
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
        ordering = ["-year", "alliance", "-revision"]
        constraints = [
            models.UniqueConstraint(fields=["alliance", "year", "revision"], name="%(class)s_revision_once"),
            models.UniqueConstraint(
                fields=["alliance", "year"],
                condition=Q(state=YearPaperState.PUBLISHED),
                name="%(class)s_one_published",
            ),
            models.UniqueConstraint(
                fields=["alliance", "year"],
                condition=Q(state=YearPaperState.DRAFT),
                name="%(class)s_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(state=YearPaperState.DRAFT) | (Q(published_at__isnull=False) & ~Q(paper_hash="")),
                name="%(class)s_published_is_frozen",
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True, revision=1)
                | (Q(replaces__isnull=False, revision__gt=1) & ~Q(reason="")),
                name="%(class)s_revision_names_former",
            ),
        ]


class YearSummary(YearPaper):
    """年度汇总 as published: ``figures`` as ``selectors.year_end.summary`` composes them from the quarters' reports."""

    objects = YearSummaryQuerySet.as_manager()

    class Meta(YearPaper.Meta):
        verbose_name = verbose_name_plural = "年度汇总"

    def __str__(self) -> str:
        return f"{self.alliance}{self.year}年度汇总"


class AwardList(YearPaper):
    """评选表彰 of a year. ``kinds`` are the awards given: {"key", "title"}; ``figures`` what the year's record says of each
    unit (``selectors.year_facts``), from which the proposals were made."""

    kinds = models.JSONField(default=list)

    objects = YearPaperQuerySet.as_manager()

    class Meta(YearPaper.Meta):
        verbose_name = verbose_name_plural = "评选表彰"

    def __str__(self) -> str:
        return f"{self.alliance}{self.year}年度评选表彰"


class Candidate(models.Model):
    """Somebody proposed for an award: a unit, or by ``name`` a person or team (of ``member``, if it is of one).

    ``basis`` are sentences with figures; a candidate that the facts have not proposed has the secretary's ``words``.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="candidates")
    award_list = models.ForeignKey(AwardList, on_delete=models.CASCADE, related_name="candidates")
    kind = models.CharField("奖项", max_length=12)
    member = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="candidates"
    )
    name = models.CharField("个人或队伍", max_length=40, blank=True)
    is_computed = models.BooleanField("按事实推荐", default=False)
    basis = models.JSONField("依据", default=list)
    words = models.CharField("书面依据", max_length=300, blank=True)
    state = models.CharField(
        "决定", max_length=10, choices=CandidateState.choices, default=CandidateState.PROPOSED
    )
    reason = models.CharField("理由", max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = AllianceScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "表彰候选"
        ordering = ["award_list", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["award_list", "kind", "member", "name"], name="candidate_once_an_award"
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=False) | ~Q(name=""), name="candidate_is_somebody"
            ),
            models.CheckConstraint(
                condition=Q(is_computed=True) | ~Q(words=""), name="candidate_has_a_basis"
            ),
            models.CheckConstraint(
                condition=~Q(state=CandidateState.DECLINED) | ~Q(reason=""),
                name="candidate_declined_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The unit, or the person or team with the unit behind."""
        unit = self.member.unit.name if self.member is not None else ""
        return f"{self.name}（{unit}）" if self.name and unit else self.name or unit
