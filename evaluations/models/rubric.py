"""What is asked: rubrics (评议表) of 100 points, per alliance and year."""

from django.db import models
from django.db.models import Q

from alliances.models import Alliance
from alliances.querysets import AllianceScopedQuerySet
from evaluations.enums import RubricSubject


class Rubric(models.Model):
    """An alliance's rubric for a subject and a year. ``items`` is a list of {"key", "title", "weight"}; weights are
    whole points that sum to 100. A round keeps its own copy when it opens, so changing a rubric changes no round."""

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="rubrics")
    year = models.PositiveSmallIntegerField("年度")
    subject = models.CharField("评议对象", max_length=8, choices=RubricSubject.choices)
    items = models.JSONField("评议项目")

    objects = AllianceScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评议表"
        ordering = ["-year", "subject"]
        constraints = [
            models.UniqueConstraint(fields=["alliance", "year", "subject"], name="rubric_once_per_year"),
            models.CheckConstraint(condition=~Q(items=[]), name="rubric_has_items"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.get_subject_display()}"
