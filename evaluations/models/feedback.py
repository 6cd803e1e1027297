"""What is said about a month: the president's feedback (评议反馈) and the secretary's comment (点评)."""

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.models import Alliance, User
from alliances.querysets import AllianceScopedQuerySet
from evaluations.enums import FeedbackState
from rotation.models import Duty, Meeting


class Feedback(models.Model):
    """The month's feedback, written by a person; publishing freezes text and figures. A correction is a new revision
    that names what it replaces."""

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="feedbacks")
    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="feedbacks")
    revision = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(
        "状态", max_length=12, choices=FeedbackState.choices, default=FeedbackState.DRAFT
    )
    good = models.TextField("做得好的", blank=True)
    mend = models.TextField("需要改进的", blank=True)
    figures = models.JSONField(default=dict)
    paper = models.JSONField(null=True)
    paper_hash = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField("通报时间", null=True, blank=True)
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )

    objects = AllianceScopedQuerySet.as_manager()

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
        ]

    def __str__(self) -> str:
        return f"{self.duty} 评议反馈"


class Comment(models.Model):
    """The secretary's comment on a month; it waits for the next seminar, whose agenda it opens."""

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="comments")
    duty = models.OneToOneField(Duty, on_delete=models.PROTECT, related_name="comment")
    text = models.TextField("点评")
    written_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=clock.now)
    given_in = models.ForeignKey(
        Meeting, null=True, blank=True, on_delete=models.PROTECT, related_name="comments_given"
    )

    objects = AllianceScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "点评"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.duty} 点评"
