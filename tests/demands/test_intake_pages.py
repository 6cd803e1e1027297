"""The pages by which demands come in: the pile of slips, the station's desk, a unit's own demand, the queue to review."""

from __future__ import annotations

import re
from typing import Any

import pytest

from alliances.models import LogEntry
from demands.models import Author, Demand
from demands.services import intake, tracking
from tests.cast import Cast
from tests.conftest import client_of
from tests.demands import loop
from tests.factories import demands as lists

WORDS = "化肥厂家属院5号楼前化粪池满溢一周，臭气熏人"


def slip(cast: Cast, key: str = "a" * 20, **fields: Any) -> dict[str, Any]:
    return {
        "form_key": key,
        "source": "opinion_box",
        "station": cast.station_place.pk,
        "raised_on": "2026-02-27",
        "urgency": "soon",
        "category": "环境/噪声",
        "content": "楼下烧烤摊夜里很吵",
        **fields,
    }


def selected(page: str, name: str) -> str:
    """The value that the page's select ``name`` shows."""
    options = re.search(rf'<select name="{name}".*?</select>', page, re.S)
    assert options, page[:500]
    found = re.search(r'<option value="([^"]*)" selected', options.group(0))
    return found.group(1) if found else ""


def value(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    return found.group(1) if found else ""


# --- the pile --------------------------------------------------------------------------------------------------------


def test_saved_slip_is_answered_with_its_code_and_the_next_form(cast: Cast) -> None:
    client = client_of(cast.staff)
    answer = client.post("/demands/new/", slip(cast))
    page = answer.content.decode()
    demand = Demand.objects.get()
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert (demand.source, demand.station, demand.urgency) == ("opinion_box", cast.station_place, "soon")
    assert (str(demand.raised_on), str(demand.category)) == ("2026-02-27", "环境/噪声")
    assert demand.number in page and "今天第 1 件" in page
    found = re.search(r'id="given-code">([-0-9A-Z]+)<', page)
    assert found and tracking.find(found.group(1)) == Author.objects.get()
    # The choices stay, the words are gone, the cursor stands in the content.
    assert selected(page, "source") == "opinion_box" and selected(page, "category") == "环境/噪声"
    assert selected(page, "station") == str(cast.station_place.pk)
    assert value(page, "raised_on") == "2026-02-27" and 'value="soon" ' in page
    content = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.S)
    assert content and content.group(1).strip() == "" and "autofocus" in content.group(0)
    assert value(page, "form_key") not in ("", "a" * 20)
    # Later the same day the page begins with the same choices, and says no code again.
    again = client.get("/demands/new/").content.decode()
    assert selected(again, "category") == "环境/噪声" and found.group(1) not in again


def test_same_slip_sent_again_is_one_demand_and_tells_the_same_code(cast: Cast) -> None:
    client = client_of(cast.staff)
    codes = {
        re.search(r'id="given-code">([-0-9A-Z]+)<', client.post("/demands/new/", slip(cast)).content.decode())
        for _ in range(2)
    }
    assert len({found.group(1) for found in codes if found}) == 1
    assert Demand.objects.count() == 1


def test_words_typed_over_an_earlier_slip_are_not_lost(cast: Cast) -> None:
    client = client_of(cast.staff)
    client.post("/demands/new/", slip(cast))
    answer = client.post("/demands/new/", slip(cast, content="想学手机挂号"))
    page = answer.content.decode()
    assert answer.status_code == 422 and "想学手机挂号" in page and "再点一次保存" in page
    assert Demand.objects.count() == 1
    assert (
        client.post("/demands/new/", slip(cast, value(page, "form_key"), content="想学手机挂号")).status_code
        == 200
    )
    assert Demand.objects.filter(content="想学手机挂号").count() == 1


def test_refused_slip_keeps_every_word(cast: Cast) -> None:
    sent = slip(cast, category="", content=WORDS, name="方小超", phone="1380000", raised_on="2027-01-01")
    answer = client_of(cast.staff).post("/demands/new/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422 and not Demand.objects.exists()
    for kept in (
        WORDS,
        "方小超",
        "1380000",
        "2027-01-01",
        'value="soon"',
        "请选择类别。",
        "不能晚于今天",
        "同意登记",
    ):
        assert kept in page, kept
    assert selected(page, "source") == "opinion_box"


def test_contact_needs_the_persons_yes(cast: Cast) -> None:
    client = client_of(cast.staff)
    sent = slip(cast, name="方小超", phone="138 0000 3449")
    assert client.post("/demands/new/", sent).status_code == 422
    assert client.post("/demands/new/", {**sent, "has_consented": "on"}).status_code == 200
    author = Author.objects.get()
    assert (author.name, author.phone) == ("方小超", "13800003449") and author.consented_at


def test_sensitive_follows_the_category_unless_ticked(cast: Cast) -> None:
    client = client_of(cast.staff)
    client.post("/demands/new/", slip(cast, category="民政帮扶/临时救助", content="家里困难"))
    client.post("/demands/new/", slip(cast, "b" * 20, content="邻里纠纷要调解", is_sensitive="on"))
    client.post("/demands/new/", slip(cast, "c" * 20, content="路灯坏了"))
    assert list(Demand.objects.order_by("pk").values_list("is_sensitive", flat=True)) == [True, True, False]


def test_lookalike_is_shown_before_saving_and_can_be_saved_all_the_same(cast: Cast) -> None:
    known, _ = loop.taken_in(cast, content=WORDS)
    client = client_of(cast.staff)
    sent = slip(cast, content="5号楼化粪池又满溢了，臭气很重", name="李二", has_consented="on")
    page = client.post("/demands/new/", sent).content.decode()
    assert Demand.objects.count() == 1
    assert (
        known.number in page
        and "仍然登记" in page
        and "5号楼化粪池又满溢了，臭气很重" in page
        and "李二" in page
    )
    client.post("/demands/new/", {**sent, "seen": value(page, "seen"), "into": ""})
    assert Demand.objects.count() == 2 and not Demand.objects.filter(state="merged").exists()


def test_lookalike_takes_the_slip_in_with_its_author(cast: Cast) -> None:
    known, _ = loop.taken_in(cast, content=WORDS)
    client = client_of(cast.staff)
    sent = slip(cast, content="5号楼化粪池又满溢了，臭气很重", name="李二", has_consented="on")
    sent |= {"seen": str(known.pk), "into": str(known.pk)}
    for _ in range(2):
        page = client.post("/demands/new/", sent).content.decode()
        assert f"并入{known.number}" in page
    merged = Demand.objects.exclude(pk=known.pk).get()
    assert (merged.state, merged.merged_into) == ("merged", known)
    assert Author.objects.get(demand=merged).name == "李二"
    found = re.search(r'id="given-code">([-0-9A-Z]+)<', page)
    assert found
    author = tracking.find(found.group(1))
    assert author and tracking.followed(author) == known


def test_station_takes_in_at_its_own_place_and_merges_nothing(cast: Cast) -> None:
    hidden = lists.demand(
        cast.alliance, state="submitted", content=WORDS, serial=900
    )  # another place's, not reviewed
    own, _ = loop.taken_in(cast, content="5号楼化粪池满溢，臭气熏人")
    client = client_of(cast.station)
    page = client.get("/demands/new/").content.decode()
    assert "全社区" not in page and selected(page, "source") == "station"
    sent = slip(cast, content="5号楼化粪池又满溢了，臭气很重", source="station")
    page = client.post("/demands/new/", sent).content.decode()
    assert own.number in page and hidden.number not in page and 'name="into"' not in page
    client.post("/demands/new/", {**sent, "seen": value(page, "seen"), "into": str(own.pk)})
    made = Demand.objects.order_by("pk").last()
    assert made and (made.state, made.station) == ("submitted", cast.station_place)
    for station in ("", cast.foreign_station_place.pk):
        answer = client.post("/demands/new/", slip(cast, "b" * 20, station=station))
        assert answer.status_code == 422
    assert Demand.objects.count() == 3


def test_categories_are_found_by_two_keys_and_new_ones_of_imports_are_offered(cast: Cast) -> None:
    lists.category("环境", "鸽子扰民")
    page = client_of(cast.staff).get("/demands/new/").content.decode()
    assert ">F1 噪声</option>" in page and '<optgroup label="F 环境">' in page and "F7 鸽子扰民" in page


# --- a unit's own ----------------------------------------------------------------------------------------------------


def test_unit_asks_for_itself_once(cast: Cast) -> None:
    client = client_of(cast.liaison)
    sent = {
        "category": "法律/法律咨询",
        "content": "想请人讲一次劳动合同",
        "urgency": "normal",
        "expected_on": "2026-03-20",
    }
    for _ in range(2):
        answer = client.post("/demands/ask/", sent)
    demand = Demand.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/demands/{demand.pk}/")
    assert (demand.member, demand.source, str(demand.expected_on)) == (
        loop.member(cast),
        "unit",
        "2026-03-20",
    )
    assert 'name="member"' not in client.get("/demands/ask/").content.decode()


def test_liaison_of_two_memberships_says_for_which(cast: Cast) -> None:
    client = client_of(cast.both_liaison)
    sent = {"category": "法律/法律咨询", "content": "借一间会议室", "urgency": "normal"}
    answer = client.post("/demands/ask/", sent)
    assert answer.status_code == 422 and "借一间会议室" in answer.content.decode()
    far = cast.foreign_members["县交警队"]
    assert client.post("/demands/ask/", {**sent, "member": cast.members["县图书馆"].pk}).status_code == 422
    assert client.post("/demands/ask/", {**sent, "member": far.pk}).status_code == 302
    assert Demand.objects.get().alliance == cast.foreign_alliance


# --- the queue -------------------------------------------------------------------------------------------------------


def test_queue_goes_from_one_demand_to_the_next(cast: Cast) -> None:
    first, second, third = (
        loop.taken_in(cast, content=c)[0] for c in ("路灯坏了", "想学手机挂号", "油烟太大")
    )
    client = client_of(cast.staff)
    page = client.get("/demands/review/").content.decode()
    assert first.number in page and "还有 3 件" in page and "路灯坏了" in page
    assert "方* 138****3449" not in page  # the words decide, not the person
    done = client.post(f"/demands/{first.pk}/open/", {"next": "/demands/review/"})
    assert done.headers["Location"] == "/demands/review/" and loop.state(first) == "open"
    page = client.get(f"/demands/review/?after={second.pk}").content.decode()
    assert third.number in page
    assert "后面没有了" in client.get(f"/demands/review/?after={third.pk}").content.decode()
    client.post(f"/demands/{third.pk}/decline/", {"next": "/demands/review/", "reason": "已转城管"})
    answer = client.post(f"/demands/{second.pk}/open/", {"next": "/demands/review/", "to": "offers"})
    assert answer.headers["Location"] == f"/demands/{second.pk}/offers/"
    assert "都受理完了" in client.get("/demands/review/").content.decode()
    second.refresh_from_db()
    assert second.hall_opened_at is None


def test_queue_suggests_what_a_demand_may_be_merged_into(cast: Cast) -> None:
    known = loop.opened(cast, content=WORDS)
    again, _ = loop.taken_in(cast, content="5号楼化粪池又满溢了，臭气很重")
    client = client_of(cast.staff)
    page = client.get("/demands/review/").content.decode()
    assert again.number in page and known.number in page
    sent = {"next": "/demands/review/", "number": known.number}
    assert client.post(f"/demands/{again.pk}/merge/", sent).headers["Location"] == "/demands/review/"
    assert loop.state(again) == "merged"


def test_refused_reason_in_the_queue_keeps_the_way_back(cast: Cast) -> None:
    demand, _ = loop.taken_in(cast)
    client = client_of(cast.staff)
    answer = client.post(f"/demands/{demand.pk}/decline/", {"next": "/demands/review/", "reason": "长" * 201})
    page = answer.content.decode()
    assert answer.status_code == 422 and "长" * 201 in page and 'value="/demands/review/"' in page
    bad = client.post(
        f"/demands/{demand.pk}/decline/", {"next": "https://evil.example/", "reason": "已转物业"}
    )
    assert bad.headers["Location"] == f"/demands/{demand.pk}/"


@pytest.mark.parametrize("junk", ["x", "-1", "9" * 30, "１２"])
def test_queue_takes_no_harm_from_a_spoilt_address(cast: Cast, junk: str) -> None:
    loop.taken_in(cast)
    assert client_of(cast.staff).get("/demands/review/", {"after": junk}).status_code == 200


def test_form_key_of_another_community_tells_nothing(cast: Cast) -> None:
    client_of(cast.staff).post("/demands/new/", slip(cast))
    answer = client_of(cast.foreign_secretary).post("/demands/new/", slip(cast, station=""))
    assert answer.status_code == 422 and "刷新页面" in answer.content.decode()
    assert "given-code" not in answer.content.decode()
    assert not LogEntry.objects.filter(
        alliance=cast.foreign_alliance, action="demands.demand.take_in"
    ).exists()
    assert intake.of_form(cast.foreign_alliance, "a" * 20) is None


def test_queue_is_one_tap_from_the_desks_line(cast: Cast) -> None:
    loop.taken_in(cast)
    client = client_of(cast.staff)
    assert "/demands/?state=submitted" in client.get("/").content.decode()
    assert "/demands/review/" in client.get("/demands/?state=submitted").content.decode()
    assert "/demands/review/" in client.get("/demands/new/").content.decode()
    assert "/demands/review/" not in client_of(cast.station).get("/demands/?state=submitted").content.decode()
