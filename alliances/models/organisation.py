"""The tree city - county - street - community - station."""

from __future__ import annotations

from django.db import models

from alliances.enums import Level
from alliances.querysets import OrganisationQuerySet


class Organisation(models.Model):
    """A node of the organisation tree; any level may be the root of a deployment.

    ``code`` is the parent's code, a dash and the order under the parent ("01-02-01"); it never changes.
    ``path`` is the same with slashes and one at the end ("01/02/01/"), so that everything below a node is one
    prefix test. ``settings`` overrides defaults for this node and everything below it (see ``selectors.settings``).
    """

    parent = models.ForeignKey(
        "self", verbose_name="上级", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    level = models.CharField("层级", max_length=12, choices=Level.choices)
    name = models.CharField("名称", max_length=80)
    code = models.CharField("编码", max_length=40, unique=True)
    path = models.CharField("路径", max_length=48, unique=True)
    settings = models.JSONField("设置", default=dict, blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "组织"
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="organisation_name_once_under_parent"),
            models.CheckConstraint(
                condition=~models.Q(level=Level.STATION) | models.Q(parent__isnull=False),
                name="organisation_station_has_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def path_of(code: str) -> str:
        return code.replace("-", "/") + "/"

    def is_under(self, other: Organisation) -> bool:
        """Whether this node is ``other`` or stands below it."""
        return self.path.startswith(other.path)

    @property
    def paths_above(self) -> list[str]:
        """Paths of this node and everything above it, root first."""
        parts = self.path.rstrip("/").split("/")
        return ["/".join(parts[: n + 1]) + "/" for n in range(len(parts))]


class DayCorrection(models.Model):
    """A day that an office declares working or free for itself and everything below it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="day_corrections")
    day = models.DateField("日期")
    is_working = models.BooleanField("上班")
    reason = models.CharField("原因", max_length=80)

    class Meta:
        verbose_name = verbose_name_plural = "工作日调整"
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "day"], name="daycorrection_once_per_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {'上班' if self.is_working else '放假'}"


class NumberSeries(models.Model):
    """The last number given out to papers of one kind in one year; counted up in the paper's own transaction."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="number_series")
    kind = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编号"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "year"], name="numberseries_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"
