"""Alliances, units and who belongs to which."""

from django.db import models
from django.db.models import F, Q

from alliances.enums import AgreementKind, DutyMode, Sector
from alliances.models.organisation import Organisation
from alliances.querysets import AllianceQuerySet, AllianceScopedQuerySet, MemberQuerySet


class Alliance(models.Model):
    """A co-building alliance (社区党建联盟); most belong to a community, a county may have one of its own (总站)."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="alliance")
    name = models.CharField("名称", max_length=80)
    brand = models.CharField("品牌", max_length=60, blank=True)
    code = models.CharField("编码", max_length=40, unique=True)
    number_prefix = models.CharField(
        "文号代字", max_length=20, help_text="用在提醒单等的编号前，如“同心党建联”。"
    )

    objects = AllianceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联盟"
        ordering = ["organisation__path"]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A unit exists once in a deployment, however many alliances it sits in."""

    name = models.CharField("单位名称", max_length=80, unique=True)
    aliases = models.JSONField("曾用名、简称", default=list, blank=True)
    sector = models.CharField("单位类型", max_length=24, choices=Sector.choices)
    party_branch = models.CharField("党组织名称", max_length=120, blank=True)
    party_members = models.PositiveIntegerField("党员数", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A unit in one alliance. Liaisons and duties belong to the member, not to the unit (design, domain)."""

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="members")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="memberships")
    duty_mode = models.CharField("轮值方式", max_length=12, choices=DutyMode.choices, default=DutyMode.SOLO)
    joined_on = models.DateField("加入日期", null=True, blank=True)
    left_on = models.DateField("退出日期", null=True, blank=True)
    source_no = models.PositiveIntegerField("名册序号", null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "成员单位"
        ordering = ["alliance", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["alliance", "unit"],
                condition=Q(left_on__isnull=True),
                name="member_unit_once_per_alliance",
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True)
                | Q(joined_on__isnull=True)
                | Q(left_on__gte=F("joined_on")),
                name="member_leaves_after_joining",
            ),
        ]

    def __str__(self) -> str:
        return self.unit.name


class Agreement(models.Model):
    """The signed paper by which a unit joined (共驻共建协议书, 双向协议书); the paper itself stays in the cabinet."""

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="agreements")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="agreements")
    kind = models.CharField("协议类型", max_length=12, choices=AgreementKind.choices)
    signed_on = models.DateField("签订日期")
    valid_until = models.DateField("有效期至", null=True, blank=True)

    objects = AllianceScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "协议"
        ordering = ["-signed_on"]
        constraints = [
            models.UniqueConstraint(fields=["member", "kind", "signed_on"], name="agreement_once"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("signed_on")),
                name="agreement_ends_after_signing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.signed_on}"
