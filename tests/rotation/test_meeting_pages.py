"""The list of meetings, a meeting's page, calling one, its notice, calling it off: as each reader sees them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from alliances.models import Message, User
from rotation.enums import MeetingKind
from rotation.models import Meeting, Slip
from rotation.selectors import meetings as reads
from rotation.services import meetings
from tests.cast import HOSTILE, Cast
from tests.conftest import Frozen
from tests.rotation.month_cast import at, notify, seminar

ClientFor = Callable[[User | None], Client]
LONG = "长" * 301


def url(name: str, meeting: Meeting) -> str:
    return reverse(f"rotation:{name}", args=[meeting.pk])


def text_of(client: Client, path: str, **query: Any) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def filled(client: Client, meeting: Meeting) -> dict[str, Any]:
    """What a browser would send of the notice form as it comes."""
    form = client.get(url("meeting-write", meeting)).context["form"]
    found: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if value is not None:
            found[bound.name] = value if isinstance(value, list) else bound.field.widget.format_value(value)
    return found


# --- the list -----------------------------------------------------------------------------------------------------


def test_list_shows_own_alliance_alone_with_its_counts(
    cast: Cast, march: Slip, client_for: ClientFor
) -> None:
    notify(seminar(cast), cast.liaison)
    meetings.call(cast.foreign_alliance, kind="quarterly", actor=cast.foreign_secretary)
    page = text_of(client_for(cast.other_liaison), "/meetings/")
    assert "2026年3月研讨会" in page
    assert "1/14 家已回复" in page  # the convenor's own
    assert "季度联席会</a>" not in page
    assert "召开会议" not in page
    assert "召开会议" in text_of(client_for(cast.secretary), "/meetings/")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"kind": "quarterly"}, ["2026年季度联席会"]),
        ({"state": "planned"}, ["2026年季度联席会", "2026年3月研讨会"]),
        ({"state": "cancelled"}, ["作废的会"]),
        ({"year": "2025"}, []),
        ({"year": "2026", "kind": "seminar"}, ["2026年3月研讨会"]),
        (
            {"kind": "nonsense", "state": "<b>", "year": "-1"},
            ["作废的会", "2026年季度联席会", "2026年3月研讨会"],
        ),
    ],
)
def test_filters_narrow_the_list_and_its_total(
    cast: Cast, march: Slip, client_for: ClientFor, query: dict[str, str], shown: list[str]
) -> None:
    meetings.call(cast.alliance, kind="quarterly", actor=cast.secretary)
    gone = meetings.call(cast.alliance, kind="liaisons", title="作废的会", actor=cast.secretary)
    meetings.cancel(gone, reason="重复", actor=cast.secretary)
    client = client_for(cast.secretary)
    page = text_of(client, "/meetings/", **query)
    assert re.findall(r'<a href="/meetings/\d+/">([^<]+)</a>', page) == shown
    assert f"共 {len(shown)} 条" in text_of(client, "/meetings/", **query, total="1")


def test_list_is_paged_by_key(cast: Cast, client_for: ClientFor) -> None:
    for number in range(51):
        meetings.call(cast.alliance, kind="liaisons", title=f"第{number}次会", actor=cast.secretary)
    client = client_for(cast.secretary)
    first = text_of(client, "/meetings/")
    assert "第50次会" in first and "第0次会" not in first
    older = re.search(r'href="\?(before=\d+)"', first)
    assert older
    assert "第0次会" in text_of(client, f"/meetings/?{older.group(1)}")


def test_office_chooses_a_community_first(cast: Cast, client_for: ClientFor) -> None:
    answer = client_for(cast.county).get("/meetings/")
    assert answer["Location"] == reverse("alliances:office")


# --- calling a meeting --------------------------------------------------------------------------------------------


def test_secretary_calls_a_meeting_and_sends_its_notice_without_typing(
    cast: Cast, march: Slip, client_for: ClientFor
) -> None:
    notify(seminar(cast), cast.liaison)  # from it the place is known
    client = client_for(cast.secretary)
    answer = client.post("/meetings/new/", {"kind": "yearly", "title": ""})
    meeting = Meeting.objects.get(kind="yearly")
    assert answer["Location"] == url("meeting-write", meeting)
    assert meeting.title == "2026年年初全体联席会"
    client.post(url("meeting-write", meeting), filled(client, meeting))
    meeting.refresh_from_db()
    assert (meeting.state, meeting.place) == ("noticed", "同心社区二楼会议室")
    assert meeting.agenda[0]["text"] == "通报上年度共建工作情况"
    assert meeting.replies.count() == 14


@pytest.mark.parametrize("kind", ["seminar", "", "x" * 400, "\0"])
def test_seminar_and_nonsense_cannot_be_called(cast: Cast, client_for: ClientFor, kind: str) -> None:
    answer = client_for(cast.staff).post("/meetings/new/", {"kind": kind, "title": "我们的会"})
    assert answer.status_code == 422
    assert "请选择会议类型。" in answer.content.decode()
    assert 'value="我们的会"' in answer.content.decode()
    assert not Meeting.objects.exists()


def test_cancelled_meeting_is_called_again_once(cast: Cast, client_for: ClientFor) -> None:
    former = meetings.call(cast.alliance, kind="committee", actor=cast.secretary)
    notify(former, cast.secretary, agenda=["研究物业问题"], starts_at=at("2026-03-09T09:30"))
    client = client_for(cast.secretary)
    client.post(url("meeting-cancel", former), {"reason": "书记出差"})
    page = text_of(client, url("meeting", former))
    assert "会议已取消：书记出差" in page
    assert f"/meetings/new/?again={former.pk}" in page
    form = text_of(client, f"/meetings/new/?again={former.pk}")
    assert 'value="2026年大党委会"' in form
    client.post("/meetings/new/", {"kind": "committee", "title": "再开的会", "again": str(former.pk)})
    again = Meeting.objects.get(title="再开的会")
    assert again.replaces == former
    assert "研究物业问题" in text_of(client, url("meeting-write", again))
    assert "看重新召集的会议" in text_of(client, url("meeting", former))
    refused = client.post("/meetings/new/", {"kind": "committee", "title": "三开", "again": str(former.pk)})
    assert refused.status_code == 422
    assert "这次会议已经重新召集。" in refused.content.decode()


@pytest.mark.parametrize("again", ["987654", "9" * 40, "-1", "abc"])
def test_unknown_meeting_cannot_be_called_again(cast: Cast, client_for: ClientFor, again: str) -> None:
    client = client_for(cast.secretary)
    assert client.get("/meetings/new/", {"again": again}).status_code == 200
    client.post("/meetings/new/", {"kind": "liaisons", "again": again})
    assert not Meeting.objects.exclude(replaces=None).exists()


def test_foreign_meeting_cannot_be_called_again(cast: Cast, client_for: ClientFor) -> None:
    foreign = meetings.call(cast.foreign_alliance, kind="yearly", actor=cast.foreign_secretary)
    meetings.cancel(foreign, reason="改期", actor=cast.foreign_secretary)
    client_for(cast.secretary).post("/meetings/new/", {"kind": "yearly", "again": str(foreign.pk)})
    assert Meeting.objects.get(alliance=cast.alliance).replaces is None


# --- the notice ---------------------------------------------------------------------------------------------------


def test_lead_liaison_sends_the_notice_as_it_comes_but_for_the_place(
    cast: Cast, march: Slip, client_for: ClientFor
) -> None:
    client, meeting = client_for(cast.liaison), seminar(cast)
    page = text_of(client, url("meeting-write", meeting))
    assert "今天发出的，研讨会在<b>3月5日至3月9日</b>之间召开" in page
    assert "通知单最迟3月9日发出" in page
    assert "协商策划3月共建活动（主题：3月主题活动）" in page
    assert 'name="via"' not in page  # only the community records paper
    sent = filled(client, meeting) | {"place": "县图书馆报告厅"}
    done = client.post(url("meeting-write", meeting), sent, follow=True).content.decode()
    meeting.refresh_from_db()
    assert (meeting.state, meeting.number) == ("noticed", "同心党建联会〔2026〕1号")
    assert meeting.starts_at == at("2026-03-05T09:30")
    assert meeting.reply_by == date(2026, 3, 4)
    assert f"通知单已发出，编号{meeting.number}" in done
    assert "县图书馆报告厅" in done  # the paper
    assert Message.objects.filter(kind="rotation.meeting.noticed", channel="inbox").count() >= 4


def test_reply_day_moves_with_the_meeting_unless_it_was_chosen(
    cast: Cast, march: Slip, client_for: ClientFor
) -> None:
    client, meeting = client_for(cast.liaison), seminar(cast)
    sent = filled(client, meeting) | {"place": "大厅", "day": "2026-03-09"}
    client.post(url("meeting-write", meeting), sent)
    meeting.refresh_from_db()
    assert meeting.reply_by == date(2026, 3, 6)


def test_day_outside_the_window_asks_for_the_reason_and_loses_nothing(
    cast: Cast, march: Slip, client_for: ClientFor
) -> None:
    client, meeting = client_for(cast.liaison), seminar(cast)
    sent = filled(client, meeting) | {
        "place": "只说一次的地点",
        "day": "2026-03-20",
        "agenda": "只写一次的议程",
    }
    refused = client.post(url("meeting-write", meeting), sent)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "研讨会应在3月5日（周四）至3月9日（周一）之间召开" in page
    assert "只说一次的地点" in page and "只写一次的议程" in page and 'value="2026-03-20"' in page
    assert re.search(r'<details class="fold" open><summary>会议要安排在期限之外', page)
    client.post(url("meeting-write", meeting), sent | {"reason": "等县里会议结束"})
    meeting.refresh_from_db()
    assert (meeting.state, meeting.timing_reason) == ("noticed", "等县里会议结束")
    assert "等县里会议结束" in text_of(client, url("meeting", meeting))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("place", " ", "请填写会议地点。"),
        ("place", LONG, "80"),
        ("agenda", "\n \n", "请至少写一项议程。"),
        ("agenda", "长" * 201, "每项议程最多200字"),
        ("agenda", "\n".join("一二三四五六七八九十甲乙丙"), "议程最多12项。"),
        ("prepare", LONG, "300"),
        ("day", "昨天", "请按“2026-03-05”的样子填写日期。"),
        ("day", "0001-01-01", "请检查日期"),
        ("day", "9999-12-31", "请检查日期"),
        ("day", "2026-03-01", "之间召开"),
        ("time", "25:00", "请按“09:30”的样子填写时间。"),
        ("reply_by", "9999-12-31", "请检查日期"),
        ("reply_by", "2026-03-01", "回执期限应在发出通知之后、会议当天或之前。"),
        ("invited", ["987654"], "只能邀请本联盟现有的成员单位。"),
        ("invited", ["9" * 40], "只能邀请本联盟现有的成员单位。"),
        ("invited", [], "请至少邀请一家成员单位。"),
        ("place", "会\0场", ""),
    ],
)
def test_wrong_notice_says_why_and_keeps_every_word(
    cast: Cast, march: Slip, client_for: ClientFor, field: str, value: Any, sentence: str
) -> None:
    client, meeting = client_for(cast.liaison), seminar(cast)
    sent = filled(client, meeting) | {"place": "报告厅", "prepare": "请带意见来"} | {field: value}
    answer = client.post(url("meeting-write", meeting), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert field == "place" or 'value="报告厅"' in page
    assert field == "prepare" or "请带意见来" in page
    meeting.refresh_from_db()
    assert meeting.state == "planned"
    assert not meeting.replies.exists()


def test_inviting_another_alliances_unit_is_refused(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    client, meeting = client_for(cast.liaison), seminar(cast)
    sent = filled(client, meeting) | {"place": "大厅", "invited": [cast.foreign_members["县法院"].pk]}
    answer = client.post(url("meeting-write", meeting), sent)
    assert answer.status_code == 422
    assert "只能邀请本联盟现有的成员单位。" in answer.content.decode()


def test_staff_record_a_notice_given_on_paper(
    cast: Cast, march: Slip, frozen: Frozen, client_for: ClientFor
) -> None:
    frozen.to("2026-03-05T09:00")
    before = Message.objects.filter(kind="rotation.meeting.noticed").count()
    client, meeting = client_for(cast.staff), seminar(cast)
    assert 'name="via"' in text_of(client, url("meeting-write", meeting))
    sent = filled(client, meeting) | {
        "place": "报告厅",
        "day": "2026-03-06",
        "via": "paper",
        "noticed_on": "2026-03-03",
    }
    page = client.post(url("meeting-write", meeting), sent, follow=True).content.decode()
    meeting.refresh_from_db()
    assert (meeting.noticed_via, meeting.noticed_at) == ("paper", at("2026-03-03T00:00"))
    assert "已补记通知单" in page
    assert "发出会议通知单（纸质，社区代录）" in page
    assert Message.objects.filter(kind="rotation.meeting.noticed").count() == before


def test_liaison_cannot_smuggle_in_a_paper_notice(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    client, meeting = client_for(cast.liaison), seminar(cast)
    sent = filled(client, meeting) | {"place": "报告厅", "via": "paper", "noticed_on": "2026-03-01"}
    client.post(url("meeting-write", meeting), sent)
    meeting.refresh_from_db()
    assert meeting.noticed_via == "screen"


def test_second_sending_leads_back_with_a_sentence(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    meeting = notify(seminar(cast), cast.liaison)
    for method in ("get", "post"):
        page = getattr(client_for(cast.liaison), method)(url("meeting-write", meeting), follow=True)
        assert "会议现在是“已通知”，不用再发通知单。" in page.content.decode()
    assert Meeting.objects.get(pk=meeting.pk).serial == 1


def test_meeting_of_a_part_invites_those_of_last_time(cast: Cast, client_for: ClientFor) -> None:
    few = [cast.members[name] for name in ("县财政局", "县图书馆", "县司法局")]
    first = meetings.call(cast.alliance, kind="committee", actor=cast.secretary)
    notify(first, cast.secretary, invited=few, starts_at=at("2026-03-06T09:30"))
    second = meetings.call(cast.alliance, kind="committee", actor=cast.secretary)
    assert [m.unit.name for m in reads.notice_draft(second).invited] == [m.unit.name for m in few]
    page = text_of(client_for(cast.secretary), url("meeting-write", second))
    assert "受邀单位（已选 3 家）" in page
    assert page.count('name="invited"') == 14
    whole = meetings.call(cast.alliance, kind="quarterly", actor=cast.secretary)
    assert len(reads.notice_draft(whole).invited) == 14


def test_every_kind_of_meeting_has_a_usual_agenda(cast: Cast) -> None:
    for kind in set(MeetingKind) - {MeetingKind.SEMINAR}:
        meeting = meetings.call(cast.alliance, kind=kind, actor=cast.secretary)
        assert reads.agenda_for(meeting), kind


# --- the page -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("liaison", "写通知单"),
        ("secretary", "写通知单"),
        ("second_liaison", "等县图书馆发出通知单。"),
        ("station", "等县图书馆发出通知单。"),
    ],
)
def test_planned_meeting_says_whose_turn_it_is(
    cast: Cast, march: Slip, client_for: ClientFor, name: str, words: str
) -> None:
    page = text_of(client_for(getattr(cast, name)), url("meeting", seminar(cast)))
    assert words in page
    assert ("btn-primary" in page) == (words == "写通知单")


def test_page_gives_paper_chat_text_and_files(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    meeting = notify(seminar(cast), cast.liaison)
    page = text_of(client_for(cast.other_liaison), url("meeting", meeting))
    assert "研讨会通知单" in page and meeting.paper_hash[:8] in page
    chat = re.search(r'<pre class="copy-text"[^>]*>(.*?)</pre>', page, re.S)
    assert chat and meeting.number in chat.group(1)
    assert chat.group(1).strip().endswith(f"{settings.SITE_URL}{url('meeting', meeting)}")
    assert f"/meetings/{meeting.pk}/notice.docx" in page
    assert f"/meetings/{meeting.pk}/replies.docx" not in page
    assert f"/meetings/{meeting.pk}/minutes.docx" not in page


def test_names_and_telephones_are_for_those_who_prepare_or_oversee(
    cast: Cast, march: Slip, client_for: ClientFor
) -> None:
    meeting = notify(seminar(cast), cast.liaison)
    phone = cast.both_liaison.person.phone
    for name in ("secretary", "staff", "second_liaison"):  # hosts may call the silent
        assert f'href="tel:{phone}"' in text_of(client_for(getattr(cast, name)), url("meeting", meeting))
    for name in ("other_liaison", "station"):
        page = text_of(client_for(getattr(cast, name)), url("meeting", meeting))
        assert phone not in page
        assert "参加 1 家，请假 0 家，未回复 13 家" in page
    record = f"/meetings/{meeting.pk}/replies/"
    assert record in text_of(client_for(cast.staff), url("meeting", meeting))
    assert record not in text_of(client_for(cast.second_liaison), url("meeting", meeting))


def test_hostile_names_are_only_words(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    meeting = notify(seminar(cast), cast.liaison, place=HOSTILE)
    page = text_of(client_for(cast.secretary), url("meeting", meeting))
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_story_tells_who_did_what(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    meeting = notify(seminar(cast), cast.liaison)
    page = text_of(client_for(cast.president), url("meeting", meeting))
    story = page[page.index("办理经过") :]
    assert story.index("筹备会议") < story.index("发出会议通知单")
    assert "杨欣然 单位联络员" in story


# --- calling off --------------------------------------------------------------------------------------------------


def test_cancelled_seminar_comes_back_at_once(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    meeting = notify(seminar(cast), cast.liaison, place="旧地点")
    client = client_for(cast.liaison)
    refused = client.post(url("meeting-cancel", meeting), {"reason": " "})
    assert refused.status_code == 422
    assert "请填写取消原因。" in refused.content.decode()
    answer = client.post(url("meeting-cancel", meeting), {"reason": "停电"})
    again = seminar(cast)
    assert again.pk != meeting.pk
    assert answer["Location"] == url("meeting", again)
    assert "旧地点" in text_of(client, url("meeting-write", again))
    old = text_of(client, url("meeting", meeting))
    assert "会议已取消：停电" in old and "看重新召集的会议" in old
    assert 'id="chat-text"' not in old


def test_held_meeting_cannot_be_cancelled(
    cast: Cast, march: Slip, frozen: Frozen, client_for: ClientFor
) -> None:
    meeting = notify(seminar(cast), cast.liaison)
    frozen.to("2026-03-05T16:00")
    meetings.hold(
        meeting,
        held_on=date(2026, 3, 5),
        attended=[cast.members["县图书馆"].pk, cast.members["县司法局"].pk],
        actor=cast.liaison,
    )
    page = client_for(cast.liaison).post(url("meeting-cancel", meeting), {"reason": "晚了"}, follow=True)
    assert "会议现在是“已召开”，不能取消。" in page.content.decode()
