"""Answering a notice on a phone, for several units, or by the community as told; what was typed is never lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from alliances.enums import Role
from alliances.models import User
from rotation.models import Meeting, Opinion, Reply, Slip
from rotation.services import meetings
from tests.cast import Cast
from tests.conftest import Frozen
from tests.factories import people
from tests.rotation.month_cast import held, notify, reply_of, seminar

ClientFor = Callable[[User | None], Client]


@pytest.fixture
def meeting(cast: Cast, march: Slip) -> Meeting:
    return notify(seminar(cast), cast.liaison)


def url(meeting: Meeting) -> str:
    return reverse("rotation:meeting-reply", args=[meeting.pk])


def record_url(reply: Reply) -> str:
    return reverse("rotation:meeting-reply-record", args=[reply.meeting_id, reply.pk])


def coming(**more: Any) -> dict[str, Any]:
    return {"choice": "attending", "attendee": "陶老师", "rows": "2"} | more


def test_unit_answers_without_typing(cast: Cast, meeting: Meeting, client_for: ClientFor) -> None:
    client = client_for(cast.other_liaison)
    page = client.get(reverse("rotation:meeting", args=[meeting.pk])).content.decode()
    reply = reply_of(meeting, cast.members["县实验小学"])
    assert "县实验小学还没有回复" in page
    assert f'{url(meeting)}?reply={reply.pk}"' in page
    form = client.get(url(meeting)).context["form"]
    sent = {bound.name: bound.value() for bound in form if bound.value() is not None}
    assert sent["attendee"] == "陶老师"
    done = client.post(url(meeting), sent, follow=True).content.decode()
    reply.refresh_from_db()
    assert (reply.state, reply.attendee, reply.attendee_title) == ("attending", "陶老师", "联络员")
    assert reply.attendee_phone == cast.other_liaison.person.phone
    assert not reply.opinions.exists()
    assert "已回复：县实验小学由陶老师参加。" in done
    assert "修改回复" in done


def test_opinions_travel_with_the_reply_and_can_be_changed(
    cast: Cast, meeting: Meeting, client_for: ClientFor
) -> None:
    client = client_for(cast.other_liaison)
    first = {"opinion_1": "路灯坏了", "theme_1": "safety", "voices_1": "12", "opinion_2": "", "voices_2": "1"}
    client.post(url(meeting), coming(**first))
    assert list(Opinion.objects.values_list("text", "theme", "voices")) == [("路灯坏了", "safety", 12)]
    page = client.get(reverse("rotation:meeting", args=[meeting.pk])).content.decode()
    assert "安全隐患（12 人次）" in page and "路灯坏了" in page
    again = client.get(url(meeting)).content.decode()
    assert "路灯坏了</textarea>" in again
    leave = {"choice": "leave", "attendee": "陶老师", "leave_reason": "出差", "rows": "2"}
    client.post(url(meeting), leave | {"opinion_1": "路灯修好了", "voices_1": ""})
    reply = reply_of(meeting, cast.members["县实验小学"])
    assert (reply.state, reply.attendee, reply.leave_reason) == ("leave", "", "出差")
    assert [(o.text, o.theme, o.voices) for o in reply.opinions.all()] == [("路灯修好了", "other", 1)]


def test_more_rows_keep_what_was_typed_and_save_nothing(
    cast: Cast, meeting: Meeting, client_for: ClientFor
) -> None:
    client = client_for(cast.other_liaison)
    typed = coming(attendee="刚换的人", opinion_2="第二条", theme_2="parking", voices_2="不是数", more="1")
    answer = client.post(url(meeting), typed)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="opinion_4"' in page and 'name="opinion_5"' not in page
    assert 'value="刚换的人"' in page and "第二条</textarea>" in page and 'value="不是数"' in page
    assert '<option value="parking" selected>' in page
    assert 'name="rows" value="4"' in page
    assert not Reply.objects.filter(state="attending").exclude(member=cast.members["县图书馆"]).exists()
    sent = coming(rows="4", opinion_4="第四条")
    client.post(url(meeting), sent)
    assert Opinion.objects.get().text == "第四条"


@pytest.mark.parametrize("rows", ["", "-5", "99999", "二", "9" * 30])
def test_number_of_rows_is_bounded(cast: Cast, meeting: Meeting, client_for: ClientFor, rows: str) -> None:
    answer = client_for(cast.other_liaison).post(url(meeting), coming(rows=rows, more="1"))
    assert answer.status_code == 200
    assert 3 <= len(answer.context["form"].row_groups()) <= 20


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"choice": ""}, "请选择参加或请假。"),
        ({"choice": "waiting"}, "请选择参加或请假。"),
        ({"attendee": " "}, "请填写参会人姓名。"),
        ({"attendee": "长" * 41}, "40"),
        ({"choice": "leave", "leave_reason": ""}, "请填写请假事由。"),
        ({"choice": "leave", "leave_reason": "长" * 121}, "120"),
        ({"opinion_1": "长" * 301}, "300"),
        ({"opinion_1": "路灯", "theme_1": "weather"}, "weather"),
        ({"opinion_1": "路灯", "voices_1": "0"}, "1"),
        ({"opinion_1": "路灯", "voices_1": "99999"}, "9999"),
        ({"opinion_1": "路灯", "voices_1": "9" * 30}, "9999"),
        ({"opinion_1": "路\0灯"}, ""),
    ],
)
def test_wrong_reply_says_why_and_keeps_every_word(
    cast: Cast, meeting: Meeting, client_for: ClientFor, sent: dict[str, str], sentence: str
) -> None:
    typed = coming(opinion_2="另一条意见", voices_2="3") | sent
    answer = client_for(cast.other_liaison).post(url(meeting), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "另一条意见</textarea>" in page
    assert reply_of(meeting, cast.members["县实验小学"]).state == "waiting"
    assert not Opinion.objects.exists()


def test_liaison_of_two_units_answers_for_each(cast: Cast, meeting: Meeting, client_for: ClientFor) -> None:
    people.appoint(cast.other_liaison.person, Role.LIAISON, cast.members["县司法局"])
    client = client_for(cast.other_liaison)
    page = client.get(reverse("rotation:meeting", args=[meeting.pk])).content.decode()
    assert "县实验小学还没有回复" in page and "县司法局还没有回复" in page
    second = reply_of(meeting, cast.members["县司法局"])
    answer = client.post(url(meeting), coming(attendee="司法局的人", reply=str(second.pk)))
    first = reply_of(meeting, cast.members["县实验小学"])
    assert answer["Location"] == f"{url(meeting)}?reply={first.pk}"  # on to the one that is still silent
    assert reply_of(meeting, second.member).attendee == "司法局的人"
    assert first.state == "waiting"


def test_reply_of_another_unit_cannot_be_named(cast: Cast, meeting: Meeting, client_for: ClientFor) -> None:
    other = reply_of(meeting, cast.members["县司法局"])
    client_for(cast.other_liaison).post(url(meeting), coming(reply=str(other.pk)))
    assert reply_of(meeting, other.member).state == "waiting"


def test_who_is_not_invited_or_no_liaison_may_not_reply(
    cast: Cast, march: Slip, client_for: ClientFor
) -> None:
    some = [cast.members["县图书馆"], cast.members["县司法局"]]
    meeting = notify(seminar(cast), cast.liaison, invited=some)
    for part in ("other_liaison", "leader", "secretary", "station"):
        client = client_for(getattr(cast, part))
        assert client.get(url(meeting)).status_code == 403
        assert client.post(url(meeting), coming()).status_code == 403


def test_after_the_roll_call_nobody_replies(
    cast: Cast, march: Slip, frozen: Frozen, client_for: ClientFor
) -> None:
    meeting = held(cast, frozen, march)
    late = client_for(cast.third_liaison).post(url(meeting), coming(), follow=True)
    assert "会议现在是“已召开”，不能再回复。" in late.content.decode()
    reply = reply_of(meeting, cast.members["县人民医院"])
    told = client_for(cast.staff).post(record_url(reply), coming(via="phone"), follow=True)
    assert "不能再回复" in told.content.decode()
    assert reply_of(meeting, reply.member).state == "waiting"


# --- by the community ---------------------------------------------------------------------------------------------


def test_staff_record_what_a_unit_said(cast: Cast, meeting: Meeting, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    reply = reply_of(meeting, cast.members["县财政局"])
    page = client.get(record_url(reply)).content.decode()
    assert "代录回执：县财政局" in page
    assert 'value="县财政局联络员"' in page
    done = client.post(
        record_url(reply), coming(attendee="财政局老李", via="phone", opinion_1="楼道堆物"), follow=True
    )
    assert "已记下：县财政局由财政局老李参加（电话，社区代录）。" in done.content.decode()
    reply = reply_of(meeting, reply.member)
    assert (reply.via, reply.recorded_by) == ("phone", cast.staff)
    assert reply.opinions.get().text == "楼道堆物"
    assert "财政局老李" in done.content.decode()


def test_recording_needs_a_way(cast: Cast, meeting: Meeting, client_for: ClientFor) -> None:
    reply = reply_of(meeting, cast.members["县财政局"])
    for via in ("", "screen"):
        answer = client_for(cast.staff).post(record_url(reply), coming(via=via, attendee="财政局老李"))
        assert answer.status_code == 422
        assert "请选择纸质或电话。" in answer.content.decode()
        assert 'value="财政局老李"' in answer.content.decode()


def test_reply_of_another_meeting_is_not_found(cast: Cast, meeting: Meeting, client_for: ClientFor) -> None:
    other = notify(
        meetings.call(cast.alliance, kind="quarterly", actor=cast.secretary), cast.secretary, place="大厅"
    )
    path = reverse("rotation:meeting-reply-record", args=[other.pk, meeting.replies.first().pk])
    client = client_for(cast.staff)
    assert client.get(path).status_code == 404
    assert client.post(path, coming(via="phone")).status_code == 404
    assert client.get(f"/meetings/{meeting.pk}/replies/{'9' * 30}/record/").status_code == 404
