"""Meetings: the month's seminar (研讨会) and the other joint meetings, on one model (seeds 000, 001, 003, 004)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from alliances import clock
from alliances.enums import MEMBER_ROLES, Via
from alliances.models import Alliance, Member, User
from alliances.querysets import AllianceScopedQuerySet, appointments_of
from rotation.enums import MeetingKind, MeetingState, OpinionTheme, ReplyState, TaskState
from rotation.models.plan import Duty


class Meeting(models.Model):
    """One meeting. Sending the notice numbers and freezes it (``paper``) and writes a Reply per invited member.

    ``duty`` is set for the seminar of a duty month and only for it. ``convenor`` is the member whose liaison writes
    the notice; None means that the community does. ``agenda`` is a list of {"text", "source"} in order, source the
    name of the registry entry it came from or empty. ``due_on``: the seminar's latest day, written when its notice
    goes out. ``timing_reason``: why it is held outside the days the rules give. ``replaces``: the cancelled meeting
    it takes the place of.
    """

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="meetings")
    kind = models.CharField("会议类型", max_length=16, choices=MeetingKind.choices)
    duty = models.ForeignKey(Duty, null=True, blank=True, on_delete=models.PROTECT, related_name="meetings")
    convenor = models.ForeignKey(Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        "状态", max_length=12, choices=MeetingState.choices, default=MeetingState.PLANNED
    )
    title = models.CharField("会议名称", max_length=80)
    starts_at = models.DateTimeField("会议时间", null=True, blank=True)
    place = models.CharField("会议地点", max_length=80, blank=True)
    agenda = models.JSONField("议程", default=list)
    prepare = models.CharField("请各单位准备", max_length=300, blank=True)
    reply_by = models.DateField("回执期限", null=True, blank=True)
    due_on = models.DateField("最迟召开日期", null=True, blank=True)
    timing_reason = models.CharField("时间安排说明", max_length=200, blank=True)
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(null=True)
    serial = models.PositiveIntegerField("编号", null=True)
    number = models.CharField("文号", max_length=60, blank=True)
    noticed_at = models.DateTimeField("通知时间", null=True, blank=True)
    noticed_via = models.CharField(max_length=8, choices=Via.choices, blank=True)
    paper = models.JSONField(null=True)
    paper_hash = models.CharField(max_length=64, blank=True)
    nudged_at = models.DateTimeField("催办回执时间", null=True, blank=True)
    escalated_at = models.DateTimeField("回执报书记时间", null=True, blank=True)
    held_on = models.DateField("召开日期", null=True, blank=True)
    summary = models.TextField("议定事项", blank=True)
    minuted_at = models.DateTimeField("纪要时间", null=True, blank=True)
    minutes_paper = models.JSONField(null=True)
    minutes_hash = models.CharField(max_length=64, blank=True)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True)

    objects = AllianceScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会议"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=MeetingKind.SEMINAR, duty__isnull=False)
                | (~Q(kind=MeetingKind.SEMINAR) & Q(duty__isnull=True)),
                name="meeting_seminar_has_duty",
            ),
            models.UniqueConstraint(
                fields=["duty"],
                condition=Q(duty__isnull=False) & ~Q(state=MeetingState.CANCELLED),
                name="meeting_one_seminar_per_duty",
            ),
            models.UniqueConstraint(
                fields=["alliance", "year", "serial"],
                condition=Q(serial__isnull=False),
                name="meeting_number_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[MeetingState.HELD, MeetingState.MINUTED]) | Q(held_on__isnull=False),
                name="meeting_held_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[MeetingState.NOTICED, MeetingState.HELD, MeetingState.MINUTED])
                | Q(
                    serial__isnull=False,
                    starts_at__isnull=False,
                    noticed_at__isnull=False,
                    paper__isnull=False,
                ),
                name="meeting_noticed_has_paper",
            ),
        ]
        indexes = [models.Index(fields=["alliance", "-id"], name="meeting_alliance")]

    def __str__(self) -> str:
        return self.title


class ReplyQuerySet(AllianceScopedQuerySet):
    alliance_path = "meeting__alliance"

    def of_own_members(self, user: Any) -> ReplyQuerySet:
        own = [a.member_id for a in appointments_of(user) if a.role in MEMBER_ROLES and a.member_id]
        return self.filter(member_id__in=own)


class Reply(models.Model):
    """An invited member's answer (回执), there from the notice on: who comes, or why not; later whether it came."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="replies")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="replies")
    state = models.CharField("回复", max_length=12, choices=ReplyState.choices, default=ReplyState.WAITING)
    attendee = models.CharField("参会人", max_length=40, blank=True)
    attendee_title = models.CharField("职务", max_length=40, blank=True)
    attendee_phone = models.CharField("电话", max_length=24, blank=True)
    leave_reason = models.CharField("请假事由", max_length=120, blank=True)
    answered_at = models.DateTimeField("回复时间", null=True, blank=True)
    via = models.CharField("方式", max_length=8, choices=Via.choices, blank=True)
    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    has_attended = models.BooleanField("到会", null=True)

    objects = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "回执"
        ordering = ["meeting", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "member"], name="reply_once"),
            models.CheckConstraint(
                condition=Q(state=ReplyState.WAITING, answered_at__isnull=True)
                | (~Q(state=ReplyState.WAITING) & Q(answered_at__isnull=False)),
                name="reply_answered_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReplyState.ATTENDING) | ~Q(attendee=""), name="reply_attending_says_who"
            ),
            models.CheckConstraint(
                condition=~Q(state=ReplyState.LEAVE) | ~Q(leave_reason=""), name="reply_leave_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting} {self.member}"


class Opinion(models.Model):
    """An opinion gathered from residents and party members before the meeting (seed 000, step 3)."""

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="opinions")
    theme = models.CharField("类别", max_length=12, choices=OpinionTheme.choices, default=OpinionTheme.OTHER)
    text = models.CharField("意见建议", max_length=300)
    voices = models.PositiveSmallIntegerField("反映人数", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "意见建议"
        ordering = ["reply", "pk"]

    def __str__(self) -> str:
        return self.text[:30]


class Task(models.Model):
    """A line of the minutes: who does what by when. Open until its member (or the community) reports it done."""

    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="tasks")
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="tasks")
    member = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks", verbose_name="责任单位"
    )
    text = models.CharField("事项", max_length=200)
    due_on = models.DateField("完成期限", null=True, blank=True)
    state = models.CharField("状态", max_length=8, choices=TaskState.choices, default=TaskState.OPEN)
    done_at = models.DateTimeField("办结时间", null=True, blank=True)
    result = models.CharField("办理情况", max_length=200, blank=True)

    objects = AllianceScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "议定事项"
        ordering = ["meeting", "pk"]

    def __str__(self) -> str:
        return self.text[:30]
