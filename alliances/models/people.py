"""Contacts, accounts and appointments: the account belongs to a person, the duty to the unit or the place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from alliances import clock
from alliances.enums import MEMBER_ROLES, OFFICE_SCREEN_ROLES, Role
from alliances.models.alliance import Member
from alliances.models.organisation import Organisation
from alliances.querysets import AppointmentQuerySet

INVITATION_LIFE = timedelta(days=14)


class Person(models.Model):
    """A contact: a name and, where known, a phone. Rosters create persons; only an invitation creates an account."""

    name = models.CharField("姓名", max_length=40)
    phone = models.CharField("电话", max_length=24, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "联系人"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "phone"], condition=~Q(phone=""), name="person_name_phone_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> models.QuerySet[User]:
        """With the person: every page shows the name, and nothing shows an account without it."""
        return super().get_queryset().select_related("person")

    def create_user(self, phone: str, password: str | None, person: Person, **fields: Any) -> User:
        user = self.model(phone=phone, person=person, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, phone: str, password: str | None, **fields: Any) -> User:
        """Only for the very first administrator of a deployment (``createsuperuser``)."""
        person = Person.objects.create(name=fields.pop("name", "系统管理员"), phone=phone)
        user = self.create_user(phone, password, person, **fields)
        roots = Organisation.objects.filter(parent=None)
        Appointment.objects.bulk_create(
            Appointment(person=person, role=Role.ADMINISTRATOR, organisation=root, starts_on=clock.today())
            for root in roots
        )
        return user


class User(AbstractBaseUser):
    """An account. The login name is the phone; what it may do comes from the person's appointments alone."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="user")
    phone = models.CharField("手机号", max_length=24, unique=True)
    email = models.EmailField("电子邮件", blank=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("首次登录须改密码", default=False)
    created_at = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "phone"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        verbose_name = verbose_name_plural = "账号"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.person.name

    @cached_property
    def current_appointments(self) -> list[Appointment]:
        """Today's appointments, read once per request: every permission question is answered from them."""
        return list(
            Appointment.objects.current()
            .filter(person_id=self.person_id)
            .select_related(
                "organisation__alliance",
                "organisation__parent__alliance",
                "member__alliance__organisation",
                "member__unit",
            )
            .order_by("pk")
        )

    def holds(self, *roles: str) -> bool:
        return any(appointment.role in roles for appointment in self.current_appointments)

    @property
    def works_at_office_screen(self) -> bool:
        return self.holds(*OFFICE_SCREEN_ROLES)

    # Django's admin asks these; administrators keep accounts and settings there, nobody else enters.
    @property
    def is_staff(self) -> bool:
        return self.is_active and self.holds(Role.ADMINISTRATOR)

    # Tables of libraries (codes of second factors, login attempts) stay closed to them too.
    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_staff and perm.startswith("alliances.")

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff and app_label == "alliances"


class Appointment(models.Model):
    """A person's role at an organisation or, for liaisons and leaders, at a member; history keeps the names."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField("职务", max_length=16, choices=Role.choices)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments"
    )
    member = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments"
    )
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("终止日期", null=True, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=sorted(MEMBER_ROLES), member__isnull=False, organisation__isnull=True)
                | (~Q(role__in=sorted(MEMBER_ROLES)) & Q(member__isnull=True, organisation__isnull=False)),
                name="appointment_place_fits_role",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="appointment_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["person", "role", "member"],
                condition=Q(ends_on__isnull=True, member__isnull=False),
                name="appointment_open_once_per_member",
            ),
            models.UniqueConstraint(
                fields=["person", "role", "organisation"],
                condition=Q(ends_on__isnull=True, organisation__isnull=False),
                name="appointment_open_once_per_place",
            ),
            models.UniqueConstraint(
                fields=["member", "role"],
                condition=Q(ends_on__isnull=True, member__isnull=False),
                name="appointment_one_holder_per_member",
            ),
            models.UniqueConstraint(
                fields=["organisation", "role"],
                condition=Q(ends_on__isnull=True, role__in=[Role.SECRETARY, Role.PRESIDENT]),
                name="appointment_one_secretary_and_president",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_role_display()}"

    @property
    def place_name(self) -> str:
        return self.member.unit.name if self.member_id else self.organisation.name

    @property
    def title(self) -> str:
        """What people call the role here, e.g. 城关街道办公室 or 县图书馆 · 单位联络员."""
        return f"{self.place_name} · {self.get_role_display()}"


class Invitation(models.Model):
    """A one-time link by which a person gets an account; only a hash of its token is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "邀请"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.person} {self.created_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.used_at is None and self.expires_at > clock.now()
