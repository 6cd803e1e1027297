"""The circle (共建“朋友圈”): feedback, news, superior tasks, work plans - readable on a phone."""

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.enums import BulletinKind, Visibility
from alliances.models.alliance import Alliance
from alliances.models.people import User
from alliances.querysets import BulletinQuerySet


class Bulletin(models.Model):
    """One entry of the circle. ``path`` leads to what it is about, if that is more than its text.

    ``source`` makes an entry that another part writes (a published feedback) repeatable.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="bulletins")
    kind = models.CharField("类型", max_length=12, choices=BulletinKind.choices)
    title = models.CharField("标题", max_length=100)
    body = models.TextField("内容")
    visibility = models.CharField(
        "谁能看", max_length=10, choices=Visibility.choices, default=Visibility.ALLIANCE
    )
    path = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=80, blank=True)
    published_at = models.DateTimeField("发布时间", default=clock.now)
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField("撤下时间", null=True, blank=True)

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "朋友圈"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["alliance", "source"], condition=~Q(source=""), name="bulletin_source_once"
            )
        ]
        indexes = [models.Index(fields=["alliance", "-id"], name="bulletin_alliance")]

    def __str__(self) -> str:
        return self.title


class Attachment(models.Model):
    """A file of a bulletin, served through the permission check only."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField("文件名", max_length=100)
    file = models.FileField(upload_to="circle/")
    size = models.PositiveIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
