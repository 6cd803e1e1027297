"""A claim's page: the promise and its story, each deed by the unit or by the office for it, what each reader may see."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from alliances import clock
from alliances.models import LogEntry, Message, User
from demands import desk
from demands.models import Booking, Claim, Extension, ProgressNote
from demands.services import acceptance, claims, notes, privacy, review
from tests.cast import NOW, Cast
from tests.conftest import Frozen
from tests.demands import loop
from tests.factories import demands as lists

ClientFor = Callable[[User | None], Client]
NAME, PHONE = "方小超", "13800003449"


def url(claim: Claim, deed: str = "") -> str:
    return f"/demands/claims/{claim.pk}/{deed}"


def read(client: Client, claim: Claim) -> str:
    answer = client.get(url(claim))
    assert answer.status_code == 200
    return answer.content.decode()


# --- what the page says ----------------------------------------------------------------------------------------------


def test_page_tells_the_promise_and_its_story(cast: Cast, frozen: Frozen, client_for: ClientFor) -> None:
    claim = loop.claimed(cast)
    frozen.forward(days=2)
    notes.add(claim, "已与摊主谈过", actor=cast.liaison)
    frozen.forward(days=1)
    claims.deliver(claim, result="摊位已搬走", volunteers=3, teams="巡夜队", actor=cast.liaison)
    acceptance.send_back(claim, "油污还没有清理", actor=cast.station)
    page = read(client_for(cast.president), claim)
    for part in (
        "夜间巡查劝离",
        "钱新民",
        "县图书馆",
        "牵头认领",
        "已与摊主谈过",
        "摊位已搬走",
        "3 人",
        "巡夜队",
        "油污还没有清理",
        "整改中",
        "楼下烧烤摊夜里很吵",
        claim.demand.number,
    ):
        assert part in page, part
    steps = ("牵头认领</b>", "已与摊主谈过", "报完成</b>", "验收不合格</b>")
    places = [page.index(step) for step in steps]
    assert places == sorted(places)
    assert "btn-primary" not in page  # the president only reads
    title = re.search(r"<title>(.*?)</title>", page)
    assert title and "烧烤" not in title[1]


def test_deadline_that_has_passed_is_said(cast: Cast, frozen: Frozen, client_for: ClientFor) -> None:
    claim = loop.claimed(cast)
    assert "已逾期" not in read(client_for(cast.liaison), claim)
    frozen.to(NOW + timedelta(days=33))
    page = read(client_for(cast.liaison), claim)
    assert "已逾期 3 天" in page
    assert '<span class="tag tag-late">已逾期</span>' in page
    claims.deliver(claim, actor=cast.liaison)
    assert "已逾期" not in read(client_for(cast.liaison), claim)


def test_joint_claims_lead_to_each_other(cast: Cast, client_for: ClientFor) -> None:
    lead = loop.claimed(cast)
    joint = loop.joined(cast, lead.demand)
    assert f'href="{url(joint)}">县文体广电局' in read(client_for(cast.liaison), lead)
    page = read(client_for(cast.second_liaison), joint)
    assert f'href="{url(lead)}">县图书馆' in page
    assert "县文体广电局联合认领" in page


@pytest.mark.parametrize(
    ("name", "primary"),
    [("liaison", 1), ("leader", 0), ("other_liaison", 0), ("staff", 0), ("station", 0), ("street", 0)],
)
def test_only_the_unit_has_the_next_step(cast: Cast, client_for: ClientFor, name: str, primary: int) -> None:
    claim = loop.claimed(cast)
    page = read(client_for(getattr(cast, name)), claim)
    assert page.count("btn-primary") == primary
    assert ("填进展" in page) is (name in ("liaison", "staff"))
    assert ("代县图书馆登记" in page) is (name == "staff")


# --- whose words, whose contact --------------------------------------------------------------------------------------


def test_contact_is_masked_and_for_those_alone_who_may_ask(cast: Cast, client_for: ClientFor) -> None:
    claim = loop.claimed(cast)
    for name in ("liaison", "staff", "secretary", "station"):
        page = read(client_for(getattr(cast, name)), claim)
        assert "方* 138****3449" in page, name
        assert f"/demands/authors/{claim.demand.authors.get().pk}/reveal/" in page
        assert NAME not in page and PHONE not in page
    for name in ("leader", "other_liaison", "president", "street", "county"):
        page = read(client_for(getattr(cast, name)), claim)
        assert "138****" not in page and NAME not in page and "reveal" not in page, name


def test_contact_goes_with_the_acceptance(cast: Cast, client_for: ClientFor) -> None:
    claim = loop.claimed(cast)
    loop.accepted(cast, loop.delivered(cast, claim))
    assert "138****" not in read(client_for(cast.liaison), claim)
    assert "138****" in read(client_for(cast.staff), claim)


def test_sensitive_contact_waits_for_the_secretary(cast: Cast, client_for: ClientFor) -> None:
    claim = loop.claimed(cast, loop.opened(cast, is_sensitive=True))
    liaison, secretary = client_for(cast.liaison), client_for(cast.secretary)
    page = read(liaison, claim)
    assert "社区书记放行后才能查看" in page and "138****" not in page
    assert f"已于{NOW.month}月{NOW.day}日 {clock.local(NOW):%H:%M}告知社区书记" in page
    assert "楼下烧烤摊" in page  # what is asked for it needs to know
    assert "放行给县图书馆" in read(secretary, claim)
    assert "放行给县图书馆" not in read(client_for(cast.staff), claim)
    answer = secretary.post(url(claim, "release-contact/"), follow=True)
    assert "县图书馆现在可以查看需求人的联系方式。" in answer.content.decode()
    page = read(liaison, claim)
    assert "方* 138****3449" in page and "放行需求人联系方式" in page
    assert LogEntry.objects.filter(action="demands.claim.release_contact", object_id=claim.pk).count() == 1


def _asked(cast: Cast, user: User) -> list[tuple[str, str]]:
    """What the secretary's desk says of contacts to release: title and address."""
    lines = desk.lines(user, cast.alliance)
    return [(line.title, line.url) for line in lines if line.title.startswith("放行联系方式")]


def test_secretary_is_asked_to_release_a_contact_until_it_is(cast: Cast) -> None:
    first = loop.claimed(cast, loop.opened(cast, is_sensitive=True))
    second = loop.claimed(cast, loop.opened(cast, is_sensitive=True))
    asked = Message.objects.filter(kind="demands.claim.release_asked")
    assert set(asked.values_list("recipient", flat=True)) == {cast.secretary.person_id}
    message = asked.get(path=url(first))
    assert first.demand.number in message.subject and "县图书馆" in message.subject
    for word in (NAME, PHONE, "138****", "烧烤"):
        assert word not in message.subject + message.body
    assert _asked(cast, cast.secretary) == [
        (f"放行联系方式：{claim.demand.number}", url(claim)) for claim in (first, second)
    ]
    assert _asked(cast, cast.staff) == []
    privacy.release(first, actor=cast.secretary)
    told = Message.objects.get(kind="demands.claim.contact_released")
    assert (told.recipient_id, told.path) == (cast.liaison.person_id, url(first))
    claims.hand_back(second, "人手不够", actor=cast.liaison)
    assert _asked(cast, cast.secretary) == []


def test_nobody_is_asked_where_there_is_nothing_to_release(cast: Cast) -> None:
    loop.claimed(cast)
    loop.claimed(cast, loop.opened(cast, is_sensitive=True, name="", phone=""))
    assert not Message.objects.filter(kind="demands.claim.release_asked").exists()
    assert _asked(cast, cast.secretary) == []


def test_secretary_is_asked_when_a_claimed_demand_becomes_sensitive(
    cast: Cast, client_for: ClientFor
) -> None:
    claim = loop.claimed(cast)
    review.change(claim.demand, is_sensitive=True, actor=cast.staff)
    assert Message.objects.filter(kind="demands.claim.release_asked", path=url(claim)).count() == 1
    assert len(_asked(cast, cast.secretary)) == 1
    merged = loop.claimed(cast)
    review.merge(loop.taken_in(cast, is_sensitive=True)[0], merged.demand, actor=cast.staff)
    assert Message.objects.filter(kind="demands.claim.release_asked", path=url(merged)).count() == 1
    # An imported claim was announced to nobody, but stands on the secretary's desk: the page says that.
    Message.objects.all().delete()
    assert "已列入社区书记的待办" in read(client_for(cast.liaison), claim)


def test_sensitive_words_stay_with_those_who_serve(cast: Cast, client_for: ClientFor) -> None:
    claim = loop.claimed(cast, loop.opened(cast, is_sensitive=True))
    for name in ("other_liaison", "street", "county"):
        page = read(client_for(getattr(cast, name)), claim)
        assert "楼下烧烤摊" not in page and "涉及敏感信息" in page, name


def test_names_typed_into_the_need_are_masked(cast: Cast, client_for: ClientFor) -> None:
    claim = loop.claimed(cast, loop.opened(cast, content=f"{NAME}家电话{PHONE}，楼下很吵"))
    assert NAME in read(client_for(cast.staff), claim)
    for name in ("other_liaison", "president", "street"):
        page = read(client_for(getattr(cast, name)), claim)
        assert "楼下很吵" in page and NAME not in page and PHONE not in page, name


def test_names_typed_by_the_unit_are_masked_for_others(cast: Cast, client_for: ClientFor) -> None:
    claim = loop.claimed(cast, promise=loop.Promise(measures=f"联系{NAME}", responsible="钱新民"))
    notes.add(claim, f"已打{PHONE}", actor=cast.liaison)
    claims.ask_extension(claim, claim.due_on + timedelta(days=3), f"{NAME}外出", actor=cast.liaison)
    page = read(client_for(cast.liaison), claim)
    assert f"联系{NAME}" in page and f"已打{PHONE}" in page
    for name in ("other_liaison", "president", "county"):
        page = read(client_for(getattr(cast, name)), claim)
        assert "已打" in page and NAME not in page and PHONE not in page, name


def test_foreign_unit_reads_the_words_for_others_and_its_community_the_record(
    cast: Cast, client_for: ClientFor
) -> None:
    demand = lists.demand(
        cast.alliance,
        cast.station_place,
        state="claimed",
        shared_to=cast.county_place,
        shared_at=NOW,
        share_text="一处夜间噪声",
    )
    lists.author(demand)
    claim = lists.claim(demand, cast.foreign_members["县法院"])
    page = read(client_for(cast.foreign_liaison), claim)
    assert "一处夜间噪声" in page and "烧烤" not in page
    assert "方* 138****3449" in page and "填进展" in page and "跨社区" in page
    record = read(client_for(cast.foreign_secretary), claim)
    assert "夜间巡查劝离" in record
    for hidden in ("噪声</p>", "烧烤", "138****", "填进展", f'href="/demands/{demand.pk}/"'):
        assert hidden not in record, hidden
    assert "填进展" in read(client_for(cast.staff), claim)
    assert client_for(cast.other_street).get(url(claim)).status_code == 404


# --- at work ---------------------------------------------------------------------------------------------------------


def test_unit_starts_with_one_tap(cast: Cast, client_for: ClientFor) -> None:
    claim = loop.claimed(cast)
    page = client_for(cast.liaison).post(url(claim, "start/"), follow=True).content.decode()
    assert "已登记开始办理。" in page
    assert loop.state(claim) == "in_service"
    again = client_for(cast.liaison).post(url(claim, "start/"), follow=True).content.decode()
    assert "不能再开始办理" in again


def test_office_says_how_it_heard(cast: Cast, client_for: ClientFor) -> None:
    claim = loop.claimed(cast)
    client = client_for(cast.staff)
    assert "请选择纸质或电话" in client.post(url(claim, "start/"), follow=True).content.decode()
    client.post(url(claim, "start/"), {"via": "phone"})
    assert LogEntry.objects.get(action="demands.claim.start").data == {"via": "phone"}
    answer = client.post(url(claim, "note/"), {"text": "来电说已约好时间"})
    assert answer.status_code == 422
    assert "请选择电话或纸质。" in answer.content.decode() and "来电说已约好时间" in answer.content.decode()
    client.post(url(claim, "note/"), {"text": "来电说已约好时间", "via": "phone"})
    assert ProgressNote.objects.get().via == "phone"
    assert "电话，社区代录（周小雨）" in read(client, claim)
    assert client.post(url(claim, "deliver/"), {}).status_code == 422
    client.post(url(claim, "deliver/"), {"via": "paper"})
    assert loop.state(claim) == "delivered"


def test_delivering_asks_for_nothing(cast: Cast, frozen: Frozen, client_for: ClientFor) -> None:
    claim = loop.claimed(cast)
    client = client_for(cast.liaison)
    form = client.get(url(claim, "deliver/")).content.decode()
    assert form.count("（选填）") == 4
    frozen.forward(days=3)
    page = client.post(url(claim, "deliver/"), {}, follow=True).content.decode()
    assert "已报完成，等待验收。" in page and "等清风小区服务站验收" in page
    claim.refresh_from_db()
    assert (claim.state, claim.delivered_on) == ("delivered", date(2026, 3, 5))
    # Once delivered there is nothing more to send.
    answer = client.get(url(claim, "deliver/"))
    assert answer.headers["Location"] == url(claim)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"volunteers": "-1"}, "人数不能小于0。"),
        ({"volunteers": "三"}, "请填写整数。"),
        ({"on": "2026-03-09"}, "完成日期不能晚于今天。"),
        ({"on": "2026-03-01"}, "完成日期不能早于认领日期。"),
    ],
)
def test_wrong_delivery_keeps_every_word(
    cast: Cast, client_for: ClientFor, sent: dict[str, str], sentence: str
) -> None:
    claim = loop.claimed(cast)
    answer = client_for(cast.liaison).post(url(claim, "deliver/"), {"result": "清理完毕<b>", **sent})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page and "清理完毕&lt;b&gt;" in page
    assert loop.state(claim) == "taken"


def test_second_delivery_begins_with_what_was_said(cast: Cast, frozen: Frozen, client_for: ClientFor) -> None:
    claim = loop.claimed(cast)
    claims.deliver(claim, result="摊位已搬走", volunteers=3, teams="巡夜队", actor=cast.liaison)
    acceptance.send_back(claim, "油污还没有清理", actor=cast.station)
    form = client_for(cast.liaison).get(url(claim, "deliver/")).content.decode()
    assert "摊位已搬走</textarea>" in form and 'value="3"' in form and 'value="巡夜队"' in form
    frozen.forward(days=1)
    claims.deliver(claim, result="已清理", actor=cast.liaison)
    frozen.forward(hours=2)
    acceptance.accept(claim, mended="油污已清", actor=cast.station)
    page = read(client_for(cast.president), claim)
    steps = ("牵头认领</b>", "验收不合格</b>", "报完成</b>", "验收整改后合格</b>")
    places = [page.index(step) for step in steps]
    assert places == sorted(places)


def test_handing_back_says_why(cast: Cast, client_for: ClientFor) -> None:
    claim = loop.claimed(cast)
    client = client_for(cast.liaison)
    assert client.post(url(claim, "hand-back/"), {}).status_code == 422
    page = client.post(url(claim, "hand-back/"), {"reason": "人员调整"}, follow=True).content.decode()
    assert "已退回认领" in page and "人员调整" in page
    assert loop.state(claim) == "handed_back"
    assert "填进展" not in page and "btn-primary" not in page
    assert Message.objects.filter(kind="demands.claim.handed_back", recipient=cast.staff.person).exists()


# --- more time -------------------------------------------------------------------------------------------------------


def test_more_time_is_asked_for_and_granted(cast: Cast, client_for: ClientFor) -> None:
    claim = loop.claimed(cast)
    liaison, staff = client_for(cast.liaison), client_for(cast.staff)
    later = claim.due_on + timedelta(days=10)
    sent = {"until": later.isoformat(), "reason": "等配件"}
    page = liaison.post(url(claim, "extend/"), sent, follow=True).content.decode()
    assert "已申请延期" in page and "等社区答复" in page and "申请延期</a>" not in page
    asked = Extension.objects.get()
    office = read(staff, claim)
    assert f'href="/demands/extensions/{asked.pk}/"' in office and office.count("btn-primary") == 1
    form = staff.get(f"/demands/extensions/{asked.pk}/").content.decode()
    assert "等配件" in form and "多 10 天" in form and form.count("btn-primary") == 1
    page = staff.post(
        f"/demands/extensions/{asked.pk}/", {"verdict": "grant", "answer": ""}, follow=True
    ).content.decode()
    assert "已答复" in page and "同意延期" in page
    claim.refresh_from_db()
    assert (claim.due_on, claim.first_due_on) == (later, later - timedelta(days=10))
    assert f"（原定{claim.first_due_on.month}月{claim.first_due_on.day}日）" in page
    late = staff.get(f"/demands/extensions/{asked.pk}/")
    assert late.headers["Location"] == url(claim)


def test_refusing_more_time_needs_words(cast: Cast, client_for: ClientFor) -> None:
    claim = loop.claimed(cast)
    later = claim.due_on + timedelta(days=10)
    asked = claims.ask_extension(claim, later, "等配件", actor=cast.liaison)
    address, staff = f"/demands/extensions/{asked.pk}/", client_for(cast.staff)
    bare = staff.post(address, {"verdict": "refuse", "answer": ""})
    assert bare.status_code == 422 and "请写明不同意延期的原因。" in bare.content.decode()
    neither = staff.post(address, {"answer": "嗯"})
    assert neither.status_code == 422 and "请选择同意或不同意。" in neither.content.decode()
    assert loop.state(asked) == "asked"
    page = staff.post(address, {"verdict": "refuse", "answer": "请借用备件"}, follow=True).content.decode()
    assert "不同意延期" in page and "请借用备件" in page
    assert loop.state(asked) == "refused"
    assert client_for(cast.liaison).get(address).status_code == 403


@pytest.mark.parametrize("days", [0, -40])
def test_more_time_is_later(cast: Cast, client_for: ClientFor, days: int) -> None:
    claim = loop.claimed(cast)
    until = claim.due_on + timedelta(days=days)
    sent = {"until": until.isoformat(), "reason": "等配件"}
    answer = client_for(cast.liaison).post(url(claim, "extend/"), sent)
    assert answer.status_code == 422
    assert "新的时限应晚于原时限和今天。" in answer.content.decode()
    assert "等配件" in answer.content.decode()


def test_office_records_what_the_unit_asked_for(cast: Cast, client_for: ClientFor) -> None:
    claim = loop.claimed(cast)
    until = claim.due_on + timedelta(days=5)
    sent = {"until": until.isoformat(), "reason": "等配件"}
    staff = client_for(cast.staff)
    assert staff.post(url(claim, "extend/"), sent).status_code == 422
    staff.post(url(claim, "extend/"), sent | {"via": "paper"})
    assert LogEntry.objects.get(action="demands.extension.ask").data["via"] == "paper"


# --- a venue ---------------------------------------------------------------------------------------------------------


def test_venues_for_a_claim(cast: Cast, client_for: ClientFor) -> None:
    claim = loop.claimed(cast)
    venue = lists.venue(cast.members["县实验小学"], name="报告厅")
    lists.resource(cast.members["县实验小学"], name="法律讲座")
    lists.venue(cast.members["县实验小学"], name="停用的厅", state="paused")
    lists.venue(cast.foreign_members["县法院"], name="法庭")
    client = client_for(cast.liaison)
    assert f'href="{url(claim, "venues/")}"' in read(client, claim)
    page = client.get(url(claim, "venues/")).content.decode()
    assert f'href="/demands/resources/{venue.pk}/book/?claim={claim.pk}"' in page
    for hidden in ("法律讲座", "停用的厅", "法庭"):
        assert hidden not in page
    lists.booking(venue, member=claim.member, claim=claim, purpose="座谈")
    page = client.get(url(claim, "venues/")).content.decode()
    assert f'href="/demands/bookings/{Booking.objects.get().pk}/"' in page and "座谈" in page
    assert client_for(cast.staff).get(url(claim, "venues/")).status_code == 403


def test_get_changes_nothing(cast: Cast, client_for: ClientFor) -> None:
    claim = loop.claimed(cast)
    before = LogEntry.objects.count()
    client = client_for(cast.liaison)
    for deed in ("", "deliver/", "hand-back/", "extend/", "venues/"):
        assert client.get(url(claim, deed)).status_code == 200
    for deed in ("start/", "note/", "release-contact/"):
        assert client.get(url(claim, deed)).status_code == 405
    assert LogEntry.objects.count() == before
    assert clock.now() == NOW
