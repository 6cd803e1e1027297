"""What must agree between meetings, replies, minutes, activities and numbers (see ``alliances.integrity``)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, Max, Min, Q

from alliances.models import NumberSeries
from alliances.registry import IntegrityCheck
from rotation.enums import ActivityState, MeetingState, ReplyState
from rotation.models import Activity, Meeting, Participation, Photo, Reply, Task
from rotation.selectors.papers import freeze_paper

CHUNK = 500
HELD = (MeetingState.HELD, MeetingState.MINUTED)


def notices() -> list[str]:
    """The stored notice and minutes are those that were sent; minutes are there when they should be."""
    found = []
    rows = Meeting.objects.exclude(paper=None).order_by("pk")
    for meeting in rows.iterator(chunk_size=CHUNK):
        if meeting.paper and freeze_paper(meeting.paper)[1] != meeting.paper_hash:
            found.append(f"{meeting.number}通知单的内容与发出时不同")
        minutes = meeting.minutes_paper
        if bool(minutes) != (meeting.state == MeetingState.MINUTED):
            found.append(
                f"{meeting.title}是“{meeting.get_state_display()}”，纪要{'已有' if minutes else '没有'}"
            )
        elif minutes and freeze_paper(minutes)[1] != meeting.minutes_hash:
            found.append(f"{meeting.title}纪要的内容与形成时不同")
    return found


def numbers() -> list[str]:
    """Numbers of notices of a year run from 1 without gaps, up to the last one given out."""
    found = []
    given: dict[tuple[Any, Any], int] = {
        (row["organisation__alliance"], row["year"]): row["last"]
        for row in NumberSeries.objects.filter(kind="rotation.meeting").values(
            "organisation__alliance", "year", "last"
        )
    }
    used = (
        Meeting.objects.filter(serial__isnull=False)
        .order_by()
        .values("alliance", "alliance__name", "year")
        .annotate(count=Count("serial", distinct=True), top=Max("serial"), least=Min("serial"))
    )
    for row in used:
        last = given.pop((row["alliance"], row["year"]), 0)
        name = f"{row['alliance__name']}{row['year']}年会议通知单"
        if row["least"] != 1 or row["top"] != row["count"]:
            found.append(f"{name}编号不连续：{row['count']} 份，最大 {row['top']} 号")
        if row["top"] != last:
            found.append(f"{name}最大 {row['top']} 号，编号簿记到 {last} 号")
    unused = [key for key, last in given.items() if last]
    return found + [f"第{alliance}号联盟{year}年会议编号簿已用，却没有通知单" for alliance, year in unused]


def replies() -> list[str]:
    """Replies are there exactly when a notice went out; a roll call has everybody in it and somebody present."""
    found = []
    rows = Meeting.objects.annotate(
        invited=Count("replies"),
        called=Count("replies", filter=Q(replies__has_attended__isnull=False)),
        came=Count("replies", filter=Q(replies__has_attended=True)),
    ).defer("paper", "minutes_paper")
    for meeting in rows.order_by("pk").iterator(chunk_size=CHUNK):
        if bool(meeting.invited) != (meeting.serial is not None):
            found.append(f"{meeting.title}的回执与通知单对不上")
        is_held = meeting.state in HELD
        if is_held and (meeting.called != meeting.invited or not meeting.came):
            found.append(f"{meeting.title}已召开，到会登记不全")
        if not is_held and meeting.called:
            found.append(f"{meeting.title}没有召开，却有到会登记")
    early = Reply.objects.exclude(state=ReplyState.WAITING).filter(meeting__noticed_at=None)
    return found + [f"{reply.meeting.title}还没有通知，却有回复" for reply in early.select_related("meeting")]


def tasks() -> list[str]:
    """Tasks come from minutes, and belong to the alliance of their meeting and member."""
    found = [
        f"{task.meeting.title}没有纪要，却有议定事项"
        for task in Task.objects.exclude(meeting__state=MeetingState.MINUTED).select_related("meeting")
    ]
    strange = Task.objects.filter(
        ~Q(meeting__alliance=F("alliance")) | (Q(member__isnull=False) & ~Q(member__alliance=F("alliance")))
    )
    return found + [f"议定事项“{task.text}”的单位不在本联盟" for task in strange]


def activity_facts() -> list[str]:
    """A recorded activity has at least one fact; units, months and meetings are of its own alliance."""
    found = []
    recorded = (
        Activity.objects.filter(state=ActivityState.RECORDED)
        .annotate(counted=Count("participations", filter=Q(participations__heads__gt=0)))
        .filter(Q(beneficiaries=None) | Q(beneficiaries=0), counted=0, claims=None)
    )
    found += [f"活动“{activity.title}”已记录，却没有人数" for activity in recorded.order_by("pk")]
    astray = Participation.objects.exclude(member__alliance=F("activity__alliance"))
    found += [
        f"活动“{row.activity.title}”有外联盟单位{row.member.unit.name}"
        for row in astray.select_related("activity", "member__unit")
    ]
    served = Activity.claims.through.objects.exclude(claim__alliance=F("activity__alliance"))
    found += [
        f"活动“{row.activity.title}”服务的需求{row.claim.demand.number}不在本联盟"
        for row in served.select_related("activity", "claim__demand").order_by("pk")
    ]
    misplaced = Activity.objects.filter(
        (Q(duty__isnull=False) & ~Q(duty__alliance=F("alliance")))
        | (Q(meeting__isnull=False) & ~Q(meeting__alliance=F("alliance")))
    )
    return found + [f"活动“{activity.title}”的月份或会议不在本联盟" for activity in misplaced]


def photos() -> list[str]:
    """Every picture's file is where its row says."""
    rows = Photo.objects.select_related("activity").order_by("pk")
    return [
        f"活动“{photo.activity.title}”第 {photo.order} 张照片的文件不见了"
        for photo in rows.iterator(chunk_size=CHUNK)
        if not photo.file.storage.exists(str(photo.file.name))
    ]


CHECKS = (
    IntegrityCheck("rotation.notices", "会议通知单与纪要", notices),
    IntegrityCheck("rotation.meeting_numbers", "会议通知单编号", numbers),
    IntegrityCheck("rotation.replies", "回执与到会", replies),
    IntegrityCheck("rotation.tasks", "议定事项", tasks),
    IntegrityCheck("rotation.activities", "活动记录", activity_facts),
    IntegrityCheck("rotation.photos", "活动照片", photos),
)
