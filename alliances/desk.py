"""What the foundation lays on a person's desk: the first steps of a new alliance, messages that did not go out."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from alliances import clock
from alliances.enums import MessageState, Role
from alliances.models import Alliance, Appointment, Commitment, Member, Message, Organisation
from alliances.policies import can_run_alliance
from alliances.registry import DeskLine
from alliances.selectors import commitments, heartbeats


def lines(user: Any, alliance: Alliance | None) -> list[DeskLine]:
    """An administrator's concerns about the installation, a community's about its members and messages."""
    found = _administrator() if user.holds(Role.ADMINISTRATOR) else []
    if alliance is not None and can_run_alliance(user, alliance):
        found += _community(alliance)
    return found


def _number(rows: QuerySet, of: str) -> Coalesce:
    """How many of ``rows`` belong to the alliance of the outer query, through their lookup ``of``."""
    counted = rows.filter(**{of: OuterRef("pk")}).order_by().annotate(where=F(of)).values("where")
    return Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def _community(alliance: Alliance) -> list[DeskLine]:
    """One query for all four figures."""
    without_account = Appointment.objects.current().filter(role=Role.LIAISON, person__user=None)
    figures = (
        Alliance.objects.filter(pk=alliance.pk)
        .annotate(
            units=_number(Member.objects.current(), "alliance"),
            strangers=_number(without_account, "member__alliance"),
            failed=_number(Message.objects.filter(state=MessageState.FAILED), "alliance"),
            promised=_number(Commitment.objects.filter(commitments.due_by(clock.today())), "alliance"),
        )
        .values("units", "strangers", "failed", "promised")
        .get()
    )
    found = []
    if not figures["units"]:
        url = reverse("alliances:import-new", args=["members"])
        found.append(
            DeskLine("还没有成员单位", url, "导入名册", "把手头的成员单位名册传上来即可", urgency=18)
        )
    if figures["failed"]:
        url = reverse("alliances:outbox") + "?state=failed"
        found.append(
            DeskLine(
                f"{figures['failed']} 条消息没有发送成功",
                url,
                "查看并重发",
                "多次重试仍未成功，可改用电话或纸质通知",
                state="发送失败",
                tone="late",
                urgency=40,
            )
        )
    if figures["promised"]:
        url = f"{reverse('alliances:commitments')}?alliance={alliance.code}&state={commitments.DUE}"
        found.append(
            DeskLine(
                f"{figures['promised']} 项承诺到期待确认",
                url,
                "去确认",
                "核实单位是否兑现；不再考核的由书记注明原因",
                urgency=55,
            )
        )
    if figures["strangers"]:
        url = reverse("alliances:members") + "?account=none"
        found.append(
            DeskLine(
                f"{figures['strangers']} 位联络员还没有账号",
                url,
                "去邀请",
                "发一个链接到微信，对方自己设密码即可",
                urgency=60,
            )
        )
    return found


def _administrator() -> list[DeskLine]:
    found = []
    if not Organisation.objects.exclude(parent=None).exists():
        url = reverse("alliances:import-new", args=["organisations"])
        found.append(
            DeskLine("还没有组织架构", url, "导入组织架构", "街道、社区、小区服务站一次导入", urgency=1)
        )
    last = heartbeats.last_tick()
    if last is not None and clock.machine_time() - last > heartbeats.SILENT_AFTER:
        found.append(
            DeskLine(
                "后台任务停了",
                reverse("alliances:status"),
                "查看运行状态",
                "提醒单、催办和消息暂时不会自动发出，恢复后会补上",
                state="需要处理",
                tone="late",
                urgency=2,
            )
        )
    failed = Message.objects.filter(state=MessageState.FAILED, alliance=None).count()
    if failed:
        found.append(
            DeskLine(
                f"{failed} 条消息没有发送成功",
                reverse("alliances:status"),
                "查看",
                "请核对邮件服务器设置",
                state="发送失败",
                tone="late",
                urgency=40,
            )
        )
    return found
