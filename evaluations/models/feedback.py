"""What is said about a month: the president's feedback (评议反馈) and the secretary's comment (点评)."""

from __future__ import annotations

from typing import Any, cast

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance, User
from alliances.querysets import AllianceScopedQuerySet, appointments_of
from evaluations.enums import FeedbackState
from rotation.models import Duty, Meeting


def _own_places(user: Any) -> list[int | None]:
    """Where ``user`` works on feedback and comments before others see them."""
    roles = (Role.SECRETARY, Role.STAFF, Role.PRESIDENT)
    return [a.organisation_id for a in appointments_of(user) if a.role in roles]


class FeedbackQuerySet(AllianceScopedQuerySet):
    def visible_to(self, user: Any) -> FeedbackQuerySet:
        """Drafts are the community's and the president's; others see what is published."""
        visible = cast(FeedbackQuerySet, super().visible_to(user))
        return visible.filter(~Q(state=FeedbackState.DRAFT) | Q(alliance__organisation__in=_own_places(user)))


class CommentQuerySet(AllianceScopedQuerySet):
    def visible_to(self, user: Any) -> CommentQuerySet:
        """A comment is first heard at the seminar; before it, only the community and the president read it."""
        visible = cast(CommentQuerySet, super().visible_to(user))
        return visible.filter(Q(given_in__isnull=False) | Q(alliance__organisation__in=_own_places(user)))


class Feedback(models.Model):
    """The month's feedback, written by a person; publishing freezes text and figures. A correction is a new revision
    that names what it replaces, and why (``reason``).

    The draft is there as soon as the month's rounds are settled; ``due_on`` counts from the last closing.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="feedbacks")
    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="feedbacks")
    revision = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(
        "状态", max_length=12, choices=FeedbackState.choices, default=FeedbackState.DRAFT
    )
    reason = models.CharField("更正原因", max_length=200, blank=True)
    good = models.TextField("做得好的", blank=True)
    mend = models.TextField("需要改进的", blank=True)
    figures = models.JSONField(default=dict)
    due_on = models.DateField("通报期限", null=True, blank=True)
    nudged_at = models.DateTimeField("催办时间", null=True, blank=True)
    escalated_at = models.DateTimeField("报书记时间", null=True, blank=True)
    paper = models.JSONField(null=True)
    paper_hash = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField("通报时间", null=True, blank=True)
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评议反馈"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["duty", "revision"], name="feedback_revision_once"),
            models.UniqueConstraint(
                fields=["duty"], condition=Q(state=FeedbackState.PUBLISHED), name="feedback_one_published"
            ),
            models.UniqueConstraint(
                fields=["duty"], condition=Q(state=FeedbackState.DRAFT), name="feedback_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(state=FeedbackState.DRAFT) | Q(published_at__isnull=False),
                name="feedback_published_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty} 评议反馈"


class Comment(models.Model):
    """The secretary's comment on a month; it waits for the next seminar, whose agenda it opens.

    ``paper`` is frozen when the seminar in which it was given has been held.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="comments")
    duty = models.OneToOneField(Duty, on_delete=models.PROTECT, related_name="comment")
    text = models.TextField("点评")
    written_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=clock.now)
    given_in = models.ForeignKey(
        Meeting, null=True, blank=True, on_delete=models.PROTECT, related_name="comments_given"
    )
    paper = models.JSONField(null=True)
    paper_hash = models.CharField(max_length=64, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "点评"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.duty} 点评"
