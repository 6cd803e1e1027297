"""An uploaded spreadsheet between its preview and its commit."""

from django.db import models

from alliances import clock
from alliances.models.organisation import Organisation
from alliances.models.people import User


class ImportDraft(models.Model):
    """A file somebody uploaded and looks at before it is committed; removed by the nightly sweep after a day.

    ``content`` is sealed (``alliances.sealing``): a list of demands holds residents' names and phones; so is what the outcome in
    ``report`` quotes of it.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    file_name = models.CharField(max_length=120)
    content = models.BinaryField()
    report = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)
    committed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "导入"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"
