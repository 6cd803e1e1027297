"""What residents and units ask for (群众需求清单): demands, their authors, categories, the doors they come in by."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from alliances import clock
from alliances.models import Alliance, Member, Organisation, User
from demands.enums import DemandSource, DemandState, UnresolvedReason, Urgency
from demands.fields import EncryptedTextField, mask_name, mask_phone
from demands.querysets import AuthorQuerySet, DemandQuerySet


class Category(models.Model):
    """One pair of 大类 and 小项, the same in the whole deployment. ``is_sensitive``: the default for its demands."""

    group = models.CharField("大类", max_length=20)
    name = models.CharField("小项", max_length=20)
    is_sensitive = models.BooleanField("涉及敏感信息", default=False)
    is_retired = models.BooleanField("不再使用", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "需求类别"
        ordering = ["group", "name"]
        constraints = [models.UniqueConstraint(fields=["group", "name"], name="category_once")]

    def __str__(self) -> str:
        return f"{self.group}/{self.name}"


class IntakePoint(models.Model):
    """A door for residents: the code in the QR on a community's or station's wall (``/d/CODE``)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="intake_points")
    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="intake_points")
    code = models.CharField("编码", max_length=16, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "点单入口"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(closed_at=None), name="intakepoint_one_open"
            )
        ]

    def __str__(self) -> str:
        return self.code


class Demand(models.Model):
    """One demand. Its state follows from its claims and is moved only by the services.

    ``raised_on`` is the day it was said, ``created_at`` when it was typed. ``station`` may be empty (community-wide); then
    the community accepts. ``member``: the unit that asks for itself. ``shared_to`` is the office in whose hall units of
    other alliances see it, ``share_text`` the need in words that name nobody; a sensitive demand is shared with them
    only. ``hall_opened_at``: from when the own alliance's units may claim it without an offer. ``imported_at`` starts the
    clock of anonymisation together with ``ended_at``; ``source_no`` is the 序号 of ``source_organisation``'s list.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="demands")
    station = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="demands"
    )
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    number = models.CharField("编号", max_length=60)
    state = models.CharField(
        "状态", max_length=12, choices=DemandState.choices, default=DemandState.SUBMITTED
    )
    source = models.CharField("来源", max_length=16, choices=DemandSource.choices)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="demands")
    urgency = models.CharField("紧急程度", max_length=8, choices=Urgency.choices, default=Urgency.NORMAL)
    content = models.TextField("需求内容")
    raised_on = models.DateField("提出日期")
    expected_on = models.DateField("期望时限", null=True, blank=True)
    is_sensitive = models.BooleanField("涉及敏感信息", default=False)
    member = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="demands"
    )
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    review_by = models.DateField("受理期限", null=True, blank=True)
    reviewed_at = models.DateTimeField("受理时间", null=True, blank=True)
    reviewed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    hall_opened_at = models.DateTimeField("进入领办大厅时间", null=True, blank=True)
    reason = models.CharField("答复", max_length=200, blank=True)
    unresolved_reason = models.CharField(
        "未能解决的原因", max_length=12, choices=UnresolvedReason.choices, blank=True
    )
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    ended_at = models.DateTimeField("办结时间", null=True, blank=True)
    anonymised_at = models.DateTimeField("去标识时间", null=True, blank=True)

    shared_to = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    shared_at = models.DateTimeField("共享时间", null=True, blank=True)
    shared_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    share_text = models.CharField("对外表述", max_length=300, blank=True)
    handed_up_at = models.DateTimeField("上报时间", null=True, blank=True)
    hand_up_note = models.CharField("上报说明", max_length=200, blank=True)
    nudged_at = models.DateTimeField("催办时间", null=True, blank=True)
    escalated_at = models.DateTimeField("报书记时间", null=True, blank=True)

    source_organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source_no = models.PositiveIntegerField("原序号", null=True, blank=True)
    imported_at = models.DateTimeField("导入时间", null=True, blank=True)

    objects = DemandQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "群众需求"
        ordering = ["-raised_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["alliance", "year", "serial"], name="demand_number_once"),
            models.UniqueConstraint(
                fields=["source_organisation", "source_no"],
                condition=Q(source_no__isnull=False),
                name="demand_source_once",
            ),
            models.CheckConstraint(
                condition=Q(source_no__isnull=True) | Q(source_organisation__isnull=False),
                name="demand_source_says_whose",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[DemandState.DECLINED, DemandState.UNRESOLVED]) | ~Q(reason=""),
                name="demand_refusal_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state=DemandState.UNRESOLVED) | ~Q(unresolved_reason=""),
                name="demand_unresolved_from_the_list",
            ),
            models.CheckConstraint(
                condition=~Q(state=DemandState.MERGED) | Q(merged_into__isnull=False),
                name="demand_merged_says_where",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="demand_not_into_itself"),
            models.CheckConstraint(
                condition=Q(shared_to__isnull=True, shared_at__isnull=True)
                | Q(shared_to__isnull=False, shared_at__isnull=False),
                name="demand_shared_says_when",
            ),
            models.CheckConstraint(
                condition=Q(shared_to__isnull=True) | Q(is_sensitive=False) | ~Q(share_text=""),
                name="demand_sensitive_shared_in_words",
            ),
        ]
        indexes = [
            models.Index(fields=["alliance", "-raised_on", "-id"], name="demand_alliance"),
            models.Index(fields=["alliance", "state"], name="demand_state"),
            models.Index(fields=["station", "state"], name="demand_station"),
            models.Index(fields=["raised_on"], name="demand_raised"),
            models.Index(
                fields=["shared_to", "state"], condition=Q(shared_to__isnull=False), name="demand_hall"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def words_for_others(self) -> str:
        """What units of other alliances read of it."""
        return self.share_text or self.content


class Author(models.Model):
    """Who asked: a resident with an optional contact, encrypted; a demand can have several, also after merging.

    Query authors apart from demands and only through ``visible_to``. ``tracking_hash`` is the keyed hash of the code that
    opens the progress page, ``phone_key`` that of the phone. A cleared row (``anonymised_at``, by the sweep or on request)
    stays as a number without a person.
    """

    demand = models.ForeignKey(Demand, on_delete=models.CASCADE, related_name="authors")
    name = EncryptedTextField("需求人", blank=True, default="")
    phone = EncryptedTextField("电话", blank=True, default="")
    phone_key = models.CharField(max_length=64, blank=True)
    tracking_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    consented_at = models.DateTimeField("同意告知时间", null=True, blank=True)
    anonymised_at = models.DateTimeField("去标识时间", null=True, blank=True)

    objects = AuthorQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "需求人"
        ordering = ["demand", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["tracking_hash"], condition=~Q(tracking_hash=""), name="author_tracking_once"
            ),
            models.CheckConstraint(
                condition=Q(anonymised_at__isnull=True) | Q(name="", phone="", phone_key=""),
                name="author_anonymised_is_empty",
            ),
        ]
        indexes = [
            models.Index(fields=["phone_key"], condition=~Q(phone_key=""), name="author_phone"),
        ]

    def __str__(self) -> str:
        return f"需求人{self.pk}"  # never the name: this text reaches logs and the admin

    @property
    def masked(self) -> str:
        """张* 138****0000; 匿名 where nothing is known."""
        return f"{mask_name(self.name)} {mask_phone(self.phone)}".strip() or "匿名"
