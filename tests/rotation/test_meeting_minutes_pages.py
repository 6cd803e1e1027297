"""Roll call, minutes, tasks and the papers of a meeting, through their pages."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse

from alliances.models import User
from alliances.registry import AgendaItem, registries
from rotation.models import Meeting, Slip, Task
from rotation.selectors import meetings as reads
from rotation.services import meetings, minutes, replies, slips
from rotation.services.replies import OpinionIn
from tests.cast import Cast
from tests.conftest import Frozen
from tests.rotation.month_cast import coming, held, minuted, notify, reply_of, seminar

ClientFor = Callable[[User | None], Client]


def url(name: str, meeting: Meeting) -> str:
    return reverse(f"rotation:{name}", args=[meeting.pk])


def task_url(name: str, task: Task) -> str:
    return reverse(f"rotation:{name}", args=[task.meeting_id, task.pk])


def noticed(cast: Cast, frozen: Frozen) -> Meeting:
    """The seminar on its day, an hour after it began; only 县实验小学 has said that it comes."""
    meeting = notify(seminar(cast), cast.liaison)
    given = coming(opinions=[OpinionIn("路灯坏了", "safety", 4)])
    replies.answer(reply_of(meeting, cast.members["县实验小学"]), given, actor=cast.other_liaison)
    frozen.to("2026-03-05T10:30")
    return meeting


# --- roll call ----------------------------------------------------------------------------------------------------


def test_roll_call_is_ticked_from_the_replies(
    cast: Cast, march: Slip, frozen: Frozen, client_for: ClientFor
) -> None:
    meeting = noticed(cast, frozen)
    client = client_for(cast.second_liaison)  # any unit on duty may
    page = client.get(url("meeting", meeting)).content.decode()
    assert page.index("登记到会情况") < page.index("还没有回复")  # the meeting has begun: the roll call first
    form = client.get(url("meeting-hold", meeting)).context["form"]
    ticked = [cast.members[name].pk for name in ("县图书馆", "县实验小学")]
    assert sorted(form["came"].value()) == sorted(ticked)
    assert form["held_on"].value() == date(2026, 3, 5)
    sent = {"held_on": "2026-03-05", "place": "改到活动室", "came": ticked}
    done = client.post(url("meeting-hold", meeting), sent, follow=True).content.decode()
    meeting.refresh_from_db()
    assert (meeting.state, meeting.held_on, meeting.place) == ("held", date(2026, 3, 5), "改到活动室")
    assert "已登记，2 家到会。请写会议纪要。" in done
    assert "写纪要" in done


def test_roll_call_before_the_time_warns(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    meeting = notify(seminar(cast), cast.liaison)
    page = client_for(cast.liaison).get(url("meeting-hold", meeting)).content.decode()
    assert "会议定于3月5日 09:30，还没有到时间。" in page


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"came": []}, "请勾选到会单位。"),
        ({"came": ["987654"]}, "到会单位应在受邀单位之中。"),
        ({"came": ["9" * 30]}, "到会单位应在受邀单位之中。"),
        ({"came": ["\0"]}, "到会单位应在受邀单位之中。"),
        ({"held_on": ""}, "请填写召开日期。"),
        ({"held_on": "2026-03-06"}, "召开日期应在发出通知之后、今天或之前。"),
        ({"held_on": "0001-01-01"}, "召开日期应在发出通知之后、今天或之前。"),
        ({"held_on": "9999-12-31"}, "召开日期应在发出通知之后、今天或之前。"),
        ({"place": "长" * 81}, "80"),
    ],
)
def test_wrong_roll_call_keeps_what_was_said(
    cast: Cast, march: Slip, frozen: Frozen, client_for: ClientFor, sent: dict[str, Any], sentence: str
) -> None:
    meeting = noticed(cast, frozen)
    whole = {"held_on": "2026-03-05", "place": "改到活动室", "came": [cast.members["县司法局"].pk]} | sent
    answer = client_for(cast.liaison).post(url("meeting-hold", meeting), whole)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "place" in sent or 'value="改到活动室"' in answer.content.decode()
    meeting.refresh_from_db()
    assert meeting.state == "noticed"
    assert not meeting.replies.filter(has_attended=True).exists()


# --- minutes ------------------------------------------------------------------------------------------------------


def test_minutes_give_tasks_to_units_and_the_community(
    cast: Cast, march: Slip, frozen: Frozen, client_for: ClientFor
) -> None:
    meeting = held(cast, frozen, march)
    client = client_for(cast.liaison)
    sent = {
        "summary": "商定20日读书会。\n各单位出人。",
        "rows": "3",
        "task_1": "布置会场",
        "unit_1": str(cast.members["县图书馆"].pk),
        "due_1": "2026-03-18",
        "task_2": "",
        "unit_2": "",
        "task_3": "通知居民",
        "unit_3": "",
        "due_3": "",
    }
    done = client.post(url("meeting-minutes", meeting), sent, follow=True).content.decode()
    meeting.refresh_from_db()
    assert meeting.state == "minuted"
    tasks = [(t.text, t.member and t.member.unit.name, t.due_on) for t in meeting.tasks.all()]
    assert tasks == [("布置会场", "县图书馆", date(2026, 3, 18)), ("通知居民", None, None)]
    assert "2026年3月研讨会纪要" in done
    assert "报办理情况" in done
    assert "当时的通知单" in done
    assert f"/meetings/{meeting.pk}/minutes.docx" in done


def test_what_the_meeting_had_before_it_stands_beside_the_form(
    cast: Cast, march: Slip, frozen: Frozen, client_for: ClientFor
) -> None:
    entry = AgendaItem("test.comment", lambda meeting: ["书记点评2月轮值"])
    registries.agenda_items.register(entry, order=1)
    try:
        meeting = noticed(cast, frozen)
    finally:
        del registries.agenda_items._entries["test.comment"]
    client = client_for(cast.secretary)
    sent = {"held_on": "2026-03-05", "came": [cast.members["县图书馆"].pk, cast.members["县司法局"].pk]}
    client.post(url("meeting-hold", meeting), sent)
    page = client.get(url("meeting-minutes", meeting)).content.decode()
    beside = page[page.index('aria-label="会前材料"') :]
    assert "上月点评" in beside and "书记点评2月轮值" in beside
    assert "路灯坏了" in beside and "4 人反映" in beside


def test_tasks_of_last_time_stand_beside_the_next_minutes(
    cast: Cast, march: Slip, frozen: Frozen, client_for: ClientFor
) -> None:
    minuted(cast, frozen, march, minutes.TaskIn("修路灯", cast.members["县供电公司"]))
    frozen.to("2026-04-02T09:00")
    slips.issue(cast.duties[4])
    april = reads.seminar_of(cast.duties[4])
    assert april
    notify(april, cast.other_liaison)
    frozen.to("2026-04-09T16:00")
    came = [cast.members["县实验小学"].pk, cast.members["县图书馆"].pk]
    meetings.hold(april, held_on=date(2026, 4, 9), attended=came, actor=cast.other_liaison)
    page = client_for(cast.other_liaison).get(url("meeting-minutes", april)).content.decode()
    assert "上次议定的事" in page and "修路灯" in page and "县供电公司" in page


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"summary": " ", "task_1": ""}, "请写明会议议定的内容，或至少一项议定事项。"),
        ({"summary": "长" * 5001}, "5000"),
        ({"task_1": "长" * 201}, "200"),
        ({"unit_1": "987654"}, "责任单位应是受邀单位或社区。"),
        ({"due_1": "2026-03-01"}, "完成期限应在会议召开之后、三年之内。"),
        ({"due_1": "9999-12-31"}, "完成期限应在会议召开之后、三年之内。"),
        ({"due_1": "明天"}, "请按“2026-03-05”的样子填写日期。"),
        ({"task_1": "布\0置"}, ""),
    ],
)
def test_wrong_minutes_say_why_and_keep_every_word(
    cast: Cast, march: Slip, frozen: Frozen, client_for: ClientFor, sent: dict[str, str], sentence: str
) -> None:
    meeting = held(cast, frozen, march)
    whole = {"summary": "商定读书会", "rows": "3", "task_1": "布置会场", "due_3": "2026-03-20"} | sent
    answer = client_for(cast.liaison).post(url("meeting-minutes", meeting), whole)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert 'value="2026-03-20"' in page
    assert "summary" in sent or "商定读书会</textarea>" in page
    assert "task_1" in sent or 'value="布置会场"' in page
    meeting.refresh_from_db()
    assert meeting.state == "held"


def test_more_rows_for_tasks_lose_nothing(
    cast: Cast, march: Slip, frozen: Frozen, client_for: ClientFor
) -> None:
    meeting = held(cast, frozen, march)
    unit = cast.members["县司法局"].pk
    sent = {"summary": "写了一半", "rows": "3", "task_3": "第三件", "unit_3": str(unit), "more": "1"}
    answer = client_for(cast.liaison).post(url("meeting-minutes", meeting), sent)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "写了一半</textarea>" in page and 'value="第三件"' in page and 'name="task_6"' in page
    assert f'<option value="{unit}" selected>' in page
    meeting.refresh_from_db()
    assert meeting.state == "held"


def test_steps_out_of_turn_lead_back_with_a_sentence(
    cast: Cast, march: Slip, frozen: Frozen, client_for: ClientFor
) -> None:
    client, meeting = client_for(cast.liaison), seminar(cast)
    for name in ("meeting-hold", "meeting-minutes"):
        page = client.post(url(name, meeting), follow=True).content.decode()
        assert "会议现在是“筹备中”，不用办这一步。" in page
    meeting = held(cast, frozen, march)
    assert "会议现在是“已召开”" in client.get(url("meeting-hold", meeting), follow=True).content.decode()


# --- tasks --------------------------------------------------------------------------------------------------------


@pytest.fixture
def task(cast: Cast, frozen: Frozen, march: Slip) -> Task:
    return minuted(
        cast, frozen, march, minutes.TaskIn("借出操场", cast.members["县实验小学"], date(2026, 3, 18))
    ).tasks.get()


def test_unit_reports_its_task_done(cast: Cast, task: Task, client_for: ClientFor) -> None:
    client = client_for(cast.other_liaison)
    page = client.get(url("meeting", task.meeting)).content.decode()
    assert "请在3月18日前办结。" in page
    assert f'btn-primary" href="{task_url("task-done", task)}"' in page
    refused = client.post(task_url("task-done", task), {"result": " "})
    assert refused.status_code == 422
    assert "请简要写明办理情况。" in refused.content.decode()
    done = client.post(task_url("task-done", task), {"result": "周末开放"}, follow=True).content.decode()
    task.refresh_from_db()
    assert (task.state, task.result) == ("done", "周末开放")
    assert "已办结" in done and "周末开放" in done
    assert "办结：借出操场" in done  # the story
    again = client.post(task_url("task-done", task), {"result": "又一次"}, follow=True).content.decode()
    assert "这件事现在是“已办结”，不用再办。" in again
    task.refresh_from_db()
    assert task.result == "周末开放"


def test_only_the_community_drops_a_task(cast: Cast, task: Task, client_for: ClientFor) -> None:
    assert client_for(cast.other_liaison).get(task_url("task-drop", task)).status_code == 403
    assert client_for(cast.liaison).get(task_url("task-done", task)).status_code == 403
    client = client_for(cast.staff)
    assert task_url("task-drop", task) in client.get(task_url("task-done", task)).content.decode()
    refused = client.post(task_url("task-drop", task), {"reason": "长" * 201})
    assert refused.status_code == 422
    assert "长" * 201 in refused.content.decode()
    client.post(task_url("task-drop", task), {"reason": "操场翻修"})
    task.refresh_from_db()
    assert (task.state, task.result) == ("dropped", "操场翻修")


def test_task_under_another_meetings_address_is_not_found(
    cast: Cast, task: Task, client_for: ClientFor
) -> None:
    other = seminar(cast)
    wrong = reverse("rotation:task-done", args=[other.pk + 987, task.pk])
    assert client_for(cast.staff).get(wrong).status_code == 404
    missing = reverse("rotation:task-done", args=[task.meeting_id, task.pk + 987])
    assert client_for(cast.staff).post(missing, {"result": "好"}).status_code == 404


# --- papers -------------------------------------------------------------------------------------------------------


def words_of(content: bytes) -> str:
    return ZipFile(io.BytesIO(content)).read("word/document.xml").decode()


def test_papers_are_there_when_their_step_is_done(
    cast: Cast, march: Slip, frozen: Frozen, client_for: ClientFor
) -> None:
    client = client_for(cast.secretary)
    planned = seminar(cast)
    for name in ("notice", "replies", "opinions", "minutes"):
        assert client.get(f"/meetings/{planned.pk}/{name}.docx").status_code == 404
    meeting = noticed(cast, frozen)
    assert client.get(f"/meetings/{meeting.pk}/minutes.pdf").status_code == 404
    notice = client.get(f"/meetings/{meeting.pk}/notice.docx")
    assert "协商策划3月共建活动" in words_of(notice.content)
    assert notice["Cache-Control"] == "private, no-store"
    assert "陶老师" in words_of(client.get(f"/meetings/{meeting.pk}/replies.docx").content)
    assert "路灯坏了" in words_of(client.get(f"/meetings/{meeting.pk}/opinions.docx").content)
    for name in ("notice", "replies", "opinions"):
        pdf = client.get(f"/meetings/{meeting.pk}/{name}.pdf")
        assert pdf.content.startswith(b"%PDF-")
    assert client.get(f"/meetings/{meeting.pk}/notice.xlsx").status_code == 404
    assert client.get(f"/meetings/{'9' * 18}/notice.docx").status_code == 404


def test_minutes_paper_is_frozen_and_replies_say_who_came(
    cast: Cast, march: Slip, frozen: Frozen, client_for: ClientFor
) -> None:
    meeting = minuted(cast, frozen, march, minutes.TaskIn("通知居民"))
    Meeting.objects.filter(pk=meeting.pk).update(summary="后来改的")
    client = client_for(cast.leader)
    frozen_words = words_of(client.get(f"/meetings/{meeting.pk}/minutes.docx").content)
    assert "商定3月20日举办读书会。" in frozen_words and "后来改的" not in frozen_words
    sheet = words_of(client.get(f"/meetings/{meeting.pk}/replies.docx").content)
    assert "到会 3 家" in sheet and "未回复" in sheet and "待回复" not in sheet
    assert client_for(cast.other_liaison).get(f"/meetings/{meeting.pk}/replies.docx").status_code == 403
