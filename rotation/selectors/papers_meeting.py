"""A meeting's papers as content: notice with reply part, sheet of replies, 意见建议汇总, minutes (design, papers)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alliances import clock
from alliances.documents import Paper, chinese_date
from alliances.enums import Role
from alliances.models import Member
from alliances.policies import can_run_alliance
from alliances.selectors import directory
from rotation.enums import MeetingKind, ReplyState
from rotation.models import Meeting, Reply
from rotation.selectors import meetings
from rotation.selectors.papers import WEEKDAYS, day_text

CONSULT = "请会前与社区党员群众沟通交流，广泛听取意见建议，填入回执。"


def moment_text(moment: datetime | None) -> str:
    """2026年3月12日（周四）9:30; empty for a meeting without a time."""
    if moment is None:
        return ""
    local = clock.local(moment)
    return f"{chinese_date(local.date())}（周{WEEKDAYS[local.weekday()]}）{local.hour}:{local.minute:02d}"


def numbered(lines: list[str]) -> str:
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def _base(meeting: Meeting, kind: str, title: str, *, layout: str = "form", **more: Any) -> Paper:
    return {
        "kind": kind,
        "layout": layout,
        "title": title,
        "head": {"style": "plain", "issuer": meeting.alliance.name},
        **more,
    }


def _contact(meeting: Meeting) -> str:
    """Who answers questions: the convenor's liaison, else somebody of the community."""
    post = directory.holder(meeting.convenor, Role.LIAISON) if meeting.convenor else None
    people = [post.person] if post else [p for p in can_run_alliance.holders(meeting.alliance) if p.phone]
    return f"联系人：{people[0].name} {people[0].phone}".strip() if people else ""


def notice_paper(meeting: Meeting, invited: list[Member], *, number: str, is_whole_alliance: bool) -> Paper:
    """The 研讨会通知单 (or the notice of another meeting) of a meeting whose fields are filled, with its reply part."""
    names = meetings.convenor_names(meeting)
    noticed_on = clock.local(meeting.noticed_at or clock.now()).date()
    is_seminar = meeting.kind == MeetingKind.SEMINAR
    to = "各成员单位" if is_whole_alliance else "、".join(member.unit.name for member in invited)
    rows = [
        ["会议名称", meeting.title],
        ["会议时间", moment_text(meeting.starts_at)],
        ["会议地点", meeting.place],
        ["召集单位", names],
        ["会议议程", numbered([item["text"] for item in meeting.agenda])],
    ]
    if meeting.prepare:
        rows.append(["会前准备", meeting.prepare])
    if is_seminar:
        rows.append(["征求意见", CONSULT])
    if meeting.reply_by:
        rows.append(["回执期限", day_text(meeting.reply_by)])
    opening = (
        "按照年度轮值主席安排，现将本月研讨会有关事项通知如下："
        if is_seminar
        else "现将会议有关事项通知如下："
    )
    return _base(
        meeting,
        "rotation.notice",
        f"{meeting.get_kind_display()}通知单",
        number=number,
        date=noticed_on.isoformat(),
        blocks=[
            {"type": "recipient", "text": f"{to}："},
            {"type": "para", "text": opening},
            {"type": "fields", "rows": rows},
            {
                "type": "signature",
                "issuer": names if meeting.convenor_id else meeting.alliance.name,
                "date": chinese_date(noticed_on),
                "sealed": True,
            },
            {
                "type": "receipt",
                "title": "回执",  # printed after the notice's own title
                "rows": [
                    ["单位", "", "能否参会", ""],
                    ["参会人", "", "职务", ""],
                    ["联系电话", "", "请假事由", ""],
                    ["意见建议", "\n\n"],  # room to write by hand
                ],
                "note": f"请于{day_text(meeting.reply_by) if meeting.reply_by else '会议'}前回复，也可在线填写回执。{_contact(meeting)}",
            },
        ],
    )


def replies_paper(meeting: Meeting) -> Paper:
    """The sheet of replies that also serves for signing in: every invited unit, who comes or why not."""
    replies = meetings.replies_of(meeting)
    came = any(reply.has_attended is not None for reply in replies)
    rows = [
        [
            str(number),
            reply.member.unit.name,
            reply.attendee,
            reply.attendee_title,
            reply.attendee_phone,
            "未回复" if came and reply.state == ReplyState.WAITING else reply_words(reply),
            ("到会" if reply.has_attended else "未到") if came else "",
        ]
        for number, reply in enumerate(replies, 1)
    ]
    attending = sum(reply.state == ReplyState.ATTENDING for reply in replies)
    figures = f"应回复 {len(replies)} 家，参加 {attending} 家"
    if came:
        figures += f"，到会 {sum(bool(reply.has_attended) for reply in replies)} 家"
    return _base(
        meeting,
        "rotation.replies",
        f"{meeting.title}参会回执汇总表",
        layout="table",
        orientation="landscape",
        subline=[
            f"会议时间：{moment_text(meeting.starts_at)}",
            figures,
        ],
        blocks=[
            {
                "type": "table",
                "repeat_header": True,
                "columns": [
                    {"title": "序号", "width": 10, "align": "center"},
                    {"title": "单位", "width": 50, "align": "left"},
                    {"title": "参会人", "width": 22, "align": "center"},
                    {"title": "职务", "width": 26, "align": "center"},
                    {"title": "电话", "width": 30, "align": "center"},
                    {"title": "回复", "width": 50, "align": "left"},
                    {"title": "签到" if not came else "到会", "width": 26, "align": "center"},
                ],
                "rows": rows,
            },
            {"type": "foot", "items": ["制表人：", "审核人："]},
        ],
    )


def reply_words(reply: Reply) -> str:
    """参加 · 请假（出差） · 待回复."""
    if reply.state == ReplyState.LEAVE:
        return f"请假（{reply.leave_reason}）"
    return reply.get_state_display()


def opinions_paper(meeting: Meeting) -> Paper:
    """The 意见建议汇总: what residents and party members said before the meeting, by theme, with units and voices."""
    groups = meetings.opinions_by_theme(meeting)
    rows: list[list[Any]] = []
    for group in groups:
        for text, voices, units in group.rows:
            rows.append([str(len(rows) + 1), group.theme, text, voices, units])
    counts = meetings.reply_counts(meeting)
    blocks: list[dict[str, Any]] = [
        {
            "type": "table",
            "repeat_header": True,
            "columns": [
                {"title": "序号", "width": 10, "align": "center"},
                {"title": "类别", "width": 20, "align": "center"},
                {"title": "意见建议", "width": 84, "align": "left"},
                {"title": "反映人数", "width": 16, "align": "center"},
                {"title": "征集单位", "width": 44, "align": "left"},
            ],
            "rows": rows,
            "total": ["", "合计", f"{len(rows)} 条", sum(group.voices for group in groups), ""],
        }
    ]
    if not rows:
        blocks = [{"type": "note", "text": "会前没有收到意见建议。"}]
    return _base(
        meeting,
        "rotation.opinions",
        f"{meeting.title}意见建议汇总",
        layout="table",
        orientation="landscape",
        subline=[
            f"召集单位：{meetings.convenor_names(meeting)}",
            f"已回复 {counts.invited - counts.waiting} 家，应回复 {counts.invited} 家",
        ],
        blocks=[*blocks, {"type": "foot", "items": ["制表人：", "审核人："]}],
    )


def minutes_paper(meeting: Meeting) -> Paper:
    """The 会议纪要: who came, who was excused, what was decided, who does what by when."""
    replies = meetings.replies_of(meeting)
    tasks = meetings.tasks_of(meeting)
    came = [_came_words(reply) for reply in replies if reply.has_attended]
    leave = [r.member.unit.name for r in replies if not r.has_attended and r.state == ReplyState.LEAVE]
    absent = [r.member.unit.name for r in replies if not r.has_attended and r.state != ReplyState.LEAVE]
    fields = [
        ["会议名称", meeting.title],
        ["会议时间", _held_text(meeting), "会议地点", meeting.place],
        ["召集单位", meetings.convenor_names(meeting)],
        ["出席单位", f"{'、'.join(came)}（{len(came)} 家）"],
    ]
    if leave:
        fields.append(["请假单位", "、".join(leave)])
    if absent:
        fields.append(["缺席单位", "、".join(absent)])
    fields.append(["会议议程", numbered([item["text"] for item in meeting.agenda])])
    blocks: list[dict[str, Any]] = [{"type": "fields", "rows": fields}]
    blocks += [{"type": "para", "text": line} for line in meeting.summary.splitlines() if line.strip()]
    if tasks:
        blocks.append(
            {
                "type": "table",
                "label": "议定事项",
                "columns": [
                    {"title": "序号", "width": 12, "align": "center"},
                    {"title": "事项", "width": 66, "align": "left"},
                    {"title": "责任单位", "width": 38, "align": "left"},
                    {"title": "完成期限", "width": 40, "align": "center"},
                ],
                "rows": [
                    [
                        str(number),
                        task.text,
                        task.member.unit.name if task.member else meeting.alliance.organisation.name,
                        day_text(task.due_on) if task.due_on else "另行确定",
                    ]
                    for number, task in enumerate(tasks, 1)
                ],
            }
        )
    written_on = clock.local(meeting.minuted_at or clock.now()).date()
    blocks.append(
        {
            "type": "signature",
            "issuer": meeting.alliance.name,
            "date": chinese_date(written_on),
            "sealed": False,
        }
    )
    return _base(
        meeting,
        "rotation.minutes",
        f"{meeting.title}纪要",
        number=meeting.number,
        date=written_on.isoformat(),
        blocks=blocks,
    )


def _came_words(reply: Reply) -> str:
    return f"{reply.member.unit.name}（{reply.attendee}）" if reply.attendee else reply.member.unit.name


def _held_text(meeting: Meeting) -> str:
    """The announced hour where the meeting was held on the announced day, else the day alone."""
    if meeting.starts_at and clock.local(meeting.starts_at).date() == meeting.held_on:
        return moment_text(meeting.starts_at)
    return chinese_date(meeting.held_on) if meeting.held_on else ""
