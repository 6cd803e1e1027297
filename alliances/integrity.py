"""What must agree in the foundation's data although no database constraint can say it.

Each function returns a sentence for every contradiction, an empty list when all is well. They read only, walk large
tables in chunks, and are run by ``manage.py check_integrity`` and every night.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, F, OuterRef, Q, Subquery

from alliances import clock
from alliances.enums import Level, MessageState, Role
from alliances.models import Alliance, Appointment, Commitment, LogEntry, Message, Organisation, SweepRun
from alliances.registry import IntegrityCheck, registries
from alliances.services.outbox import LEASE

LEVELS = list(Level.values)
HEARTBEAT = "alliances.integrity"
# A lease that ended so long ago was not taken up by any sender: nothing sends any more.
STUCK_AFTER = timedelta(minutes=10)


def tree() -> list[str]:
    """Code, path and level of every node follow from its parent's; an alliance has its organisation's code."""
    found = []
    for node in Organisation.objects.select_related("parent").iterator(chunk_size=500):
        if node.path != Organisation.path_of(node.code):
            found.append(f"{node.name}的路径 {node.path} 与编码 {node.code} 对不上")
        if node.parent is None:
            if "-" in node.code:
                found.append(f"{node.name}没有上级，编码 {node.code} 却有")
            continue
        head, _, tail = node.code.rpartition("-")
        if head != node.parent.code or not tail.isdigit():
            found.append(
                f"{node.name}的编码 {node.code} 不在上级{node.parent.name}（{node.parent.code}）之下"
            )
        if LEVELS.index(node.level) <= LEVELS.index(node.parent.level):
            found.append(
                f"{node.name}（{node.get_level_display()}）不应在{node.parent.get_level_display()}之下"
            )
    for alliance in Alliance.objects.exclude(code=F("organisation__code")).select_related("organisation"):
        found.append(f"{alliance.name}的编码 {alliance.code} 与组织编码 {alliance.organisation.code} 不同")
    return found


def commitments() -> list[str]:
    """A commitment is kept in its member's alliance, and names that member's own agreement."""
    foreign = Commitment.objects.exclude(alliance=F("member__alliance")).order_by("pk")
    borrowed = (
        Commitment.objects.exclude(agreement=None).exclude(agreement__member=F("member")).order_by("pk")
    )
    return [
        *(f"承诺事项 {pk} 的联盟与单位所在的联盟不同" for pk in foreign.values_list("pk", flat=True)),
        *(f"承诺事项 {pk} 所依据的协议不是这家单位的" for pk in borrowed.values_list("pk", flat=True)),
    ]


def appointments() -> list[str]:
    """Posts stand where they make sense; nobody administers the system and audits it at once."""
    open_posts = Appointment.objects.filter(ends_on=None)
    wrong = open_posts.filter(
        Q(role=Role.STATION) & ~Q(organisation__level=Level.STATION)
        | Q(role=Role.OFFICE, organisation__level__in=[Level.COMMUNITY, Level.STATION])
        | Q(role__in=[Role.SECRETARY, Role.STAFF, Role.PRESIDENT], organisation__alliance__isnull=True)
    )
    found = [
        f"第{post.pk}号任职：{post.get_role_display()}不能任在{post.organisation.name}"
        f"（{post.organisation.get_level_display()}）"
        for post in wrong.select_related("organisation").order_by("pk")
    ]
    left = open_posts.filter(member__left_on__lte=clock.today()).select_related("member__unit")
    found += [f"第{post.pk}号任职：{post.member.unit.name}已退出联盟，任职还没有结束" for post in left]
    auditors = open_posts.filter(role=Role.AUDITOR).values("person_id")
    both = open_posts.filter(role=Role.ADMINISTRATOR, person_id__in=auditors).values_list(
        "person_id", flat=True
    )
    return found + [f"第{person}号联系人同时是系统管理员和审计员" for person in sorted(set(both))]


def messages() -> list[str]:
    """Every message is on its way or at an end, and none was written twice."""
    found = []
    stuck = Message.objects.filter(state=MessageState.SENDING).filter(
        Q(leased_until=None) | Q(leased_until__lt=clock.machine_time() - STUCK_AFTER - LEASE)
    )
    found += [f"第{pk}号消息停在“发送中”，没有程序在发送" for pk in stuck.values_list("pk", flat=True)]
    sent = Message.objects.filter(state=MessageState.SENT, sent_at=None).values_list("pk", flat=True)
    found += [f"第{pk}号消息已发送，却没有发送时间" for pk in sent]
    doubles = (
        Message.objects.order_by()
        .values("recipient_id", "channel", "dedupe_key")
        .annotate(times=Count("pk"))
        .filter(times__gt=1)
    )
    return found + [
        f"第{row['recipient_id']}号联系人有 {row['times']} 条相同的消息（{row['dedupe_key']}）"
        for row in doubles
    ]


def states_are_logged() -> list[str]:
    """The last log row of everything with a lifecycle tells the state it is in: no change went past the engine."""
    found = []
    for lifecycle in registries.lifecycles:
        label = lifecycle.model._meta.label_lower
        told = (
            LogEntry.objects.filter(object_type=label, object_id=OuterRef("pk"))
            .filter(action__startswith=f"{lifecycle.name}.")
            .exclude(after="")
            .order_by("-pk")
            .values("after")[:1]
        )
        rows = (
            lifecycle.model._default_manager.order_by("pk")
            .annotate(told=Subquery(told))
            .filter(~Q(told=F(lifecycle.state_field)) | Q(told=None))
            .values_list("pk", lifecycle.state_field, "told")
        )
        for pk, state, after in rows.iterator(chunk_size=500):
            logged = lifecycle.states(after).label if after in lifecycle.states.values else "没有记录"
            found.append(
                f"{lifecycle.title}（第{pk}号）是“{lifecycle.states(state).label}”，日志里是“{logged}”"
            )
    return found


CHECKS = (
    IntegrityCheck("alliances.tree", "组织架构", tree),
    IntegrityCheck("alliances.appointments", "任职", appointments),
    IntegrityCheck("alliances.commitments", "承诺事项", commitments),
    IntegrityCheck("alliances.messages", "消息", messages),
    IntegrityCheck("alliances.states", "状态与日志", states_are_logged),
)


def run() -> list[str]:
    """Run every registered check and note the outcome as the heartbeat ``alliances.integrity``."""
    began = clock.machine_time()
    found = [f"{check.title}：{sentence}" for check in registries.integrity for sentence in check.find()]
    noted = {"began_at": began, "error": ""}
    if found:
        noted |= {"failed_at": clock.machine_time(), "error": f"{len(found)} 处不一致：{found[0]}"[:200]}
    else:
        noted |= {"succeeded_at": clock.machine_time()}
    SweepRun.objects.update_or_create(name=HEARTBEAT, defaults=noted)
    return found
