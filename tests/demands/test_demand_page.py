"""A demand's page: who reads which words, what happened in words, every deed, contacts."""

from __future__ import annotations

from typing import Any

import pytest

from alliances.models import LogEntry, User
from demands.models import Author, Demand
from demands.services import acceptance, callbacks, claims, dispatch, review
from demands.services.callbacks import Answer
from tests.cast import NOW, Cast
from tests.conftest import client_of
from tests.demands import loop
from tests.factories import demands as lists

SAID = "3号楼2单元三楼的下水道堵了"
FOR_OTHERS = "某小区住户下水道疏通"


def page(user: User, demand: Demand, status: int = 200) -> str:
    answer = client_of(user).get(f"/demands/{demand.pk}/")
    assert answer.status_code == status
    return answer.content.decode()


def post(user: User, demand: Demand, deed: str, **sent: Any) -> Any:
    return client_of(user).post(f"/demands/{demand.pk}/{deed}/", sent)


# --- who reads which words -------------------------------------------------------------------------------------------


def test_the_community_reads_what_was_said_and_others_the_words_for_them(cast: Cast) -> None:
    demand = loop.opened(cast, content=SAID)
    review.share(demand, cast.county_place, FOR_OTHERS, actor=cast.secretary)
    for part in ("secretary", "staff", "president", "station", "liaison", "other_liaison", "leader"):
        assert SAID in page(cast.users[part], demand), part
    for part in ("street", "county", "foreign_liaison"):
        text = page(cast.users[part], demand)
        assert FOR_OTHERS in text and SAID not in text, part


def test_foreign_unit_sees_it_only_while_it_is_shared(cast: Cast) -> None:
    demand = loop.opened(cast, content=SAID)
    page(cast.foreign_liaison, demand, 404)
    review.share(demand, cast.county_place, FOR_OTHERS, actor=cast.secretary)
    page(cast.foreign_liaison, demand)
    review.unshare(demand, actor=cast.secretary)
    page(cast.foreign_liaison, demand, 404)


def test_sensitive_need_without_words_for_others_says_nothing_outside(cast: Cast) -> None:
    demand = loop.opened(cast, content=SAID, is_sensitive=True)
    for part in ("street", "county"):
        text = page(cast.users[part], demand)
        assert SAID not in text and "不对外提供" in text


def test_nobody_but_office_and_station_reads_a_name_or_phone(cast: Cast) -> None:
    demand = loop.opened(cast, name="方小超", phone="13800003449")
    review.share(demand, cast.county_place, FOR_OTHERS, actor=cast.secretary)
    for part, user in cast.users.items():
        answer = client_of(user).get(f"/demands/{demand.pk}/")
        text = answer.content.decode()
        assert "方小超" not in text and "13800003449" not in text, part
        assert ("138****3449" in text) is (part in ("secretary", "staff", "station")), part
        if answer.status_code == 200:
            assert answer.headers["Cache-Control"] == "no-store"


def test_history_names_people_at_home_and_only_roles_outside(cast: Cast) -> None:
    demand = loop.opened(cast)
    client_of(cast.staff).post(f"/demands/authors/{Author.objects.get().pk}/reveal/", {"reason": "ask"})
    loop.claimed(cast, demand)
    name = cast.staff.person.name
    at_home, above = page(cast.staff, demand), page(cast.street, demand)
    assert "登记群众需求" in at_home and name in at_home
    assert "登记群众需求" in above and name not in above and "工作人员" in above
    assert "查看需求人联系方式（联系需求人了解情况）" in at_home
    for part in ("president", "station", "liaison", "street"):
        assert "查看需求人联系方式" not in page(cast.users[part], demand), part


def test_story_runs_from_order_to_call_back(cast: Cast) -> None:
    demand, _ = loop.taken_in(cast)
    assert "等社区受理" in page(cast.staff, demand)
    review.open_(demand, actor=cast.staff)
    assert "等单位认领" in page(cast.liaison, demand)
    claim = loop.claimed(cast, demand)
    assert "正在办理" in page(cast.liaison, demand)
    claims.deliver(claim, actor=cast.liaison)
    assert "等清风小区服务站验收" in page(cast.liaison, demand)
    visit = acceptance.accept(claim, actor=cast.station)
    assert "等回访" in page(cast.liaison, demand)
    call_back = visit.call_backs.get()
    callbacks.answer(call_back, Answer(satisfaction="good", method="phone"), actor=cast.staff)
    text = page(cast.staff, demand)
    for words in ("已回访", "验收合格", "认领需求：县图书馆", "安排回访：县图书馆"):
        assert words in text, words
    orders = [text.index(words) for words in ("登记群众需求", "认领需求：县图书馆", "安排回访：县图书馆")]
    assert orders == sorted(orders)


def test_offers_to_other_units_are_not_in_a_units_history(cast: Cast) -> None:
    demand = review.open_(loop.taken_in(cast)[0], to_hall=False, actor=cast.staff)
    dispatch.offer(demand, [loop.member(cast, "县实验小学")], actor=cast.staff)
    assert "派单到单位：县实验小学" in page(cast.staff, demand)
    assert "派单到单位" not in page(cast.liaison, demand)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "declined", "reason": "已转物业"}, "已转物业"),
        ({"state": "unresolved", "reason": "请等大修", "unresolved_reason": "money"}, "所需资金暂无来源"),
        ({"state": "withdrawn"}, "已撤回"),
        ({"state": "claimed"}, "办理中"),
        ({"state": "closed", "raised_on": "2025-03-01"}, "2025年3月1日"),
    ],
)
def test_page_of_a_demand_that_was_imported_or_ended(cast: Cast, fields: dict[str, Any], words: str) -> None:
    demand = lists.demand(cast.alliance, **fields)
    assert words in page(cast.staff, demand)


def test_deeds_offered_are_those_that_can_be_done(cast: Cast) -> None:
    demand = loop.opened(cast)
    seen = {
        part: {deed for deed in DEEDS if f"/demands/{demand.pk}/{deed}/" in page(cast.users[part], demand)}
        for part in ("secretary", "staff", "president", "station", "liaison", "street")
    }
    staff = {"change", "merge", "decline", "give-up", "withdraw"}
    assert seen == {
        "secretary": staff | {"share", "hand-up"},
        "staff": staff,
        "president": set(),
        "station": set(),
        "liaison": set(),
        "street": {"share"},
    }


DEEDS = (
    "open",
    "decline",
    "merge",
    "change",
    "withdraw",
    "give-up",
    "take-up",
    "share",
    "unshare",
    "hand-up",
)


# --- deeds -----------------------------------------------------------------------------------------------------------


def test_demand_is_taken_up_from_its_page(cast: Cast) -> None:
    demand, _ = loop.taken_in(cast)
    assert f"/demands/{demand.pk}/open/" in page(cast.staff, demand)
    assert post(cast.staff, demand, "open").headers["Location"] == f"/demands/{demand.pk}/"
    demand.refresh_from_db()
    assert demand.state == "open" and demand.hall_opened_at


def test_declining_and_taking_up_again(cast: Cast) -> None:
    demand, _ = loop.taken_in(cast)
    assert post(cast.staff, demand, "decline", reason=" ").status_code == 422
    assert post(cast.staff, demand, "decline", reason="已转物业").status_code == 302
    assert "已转物业" in page(cast.station, demand)
    assert post(cast.staff, demand, "take-up").status_code == 302
    assert loop.state(demand) == "open"


@pytest.mark.parametrize("typed", ["号码", "需〔2026〕", "完整"])
def test_merging_by_number(cast: Cast, typed: str) -> None:
    known, again = loop.opened(cast), loop.taken_in(cast, content="想学手机挂号")[0]
    number = {"号码": str(known.serial), "需〔2026〕": f"{known.serial}号", "完整": known.number}[typed]
    assert post(cast.staff, again, "merge", number=number).status_code == 302
    again.refresh_from_db()
    assert again.merged_into == known
    assert known.number in page(cast.staff, again) and again.number in page(cast.staff, known)


def test_merging_refuses_strangers_itself_and_nothing(cast: Cast) -> None:
    demand, _ = loop.taken_in(cast)
    far = lists.demand(cast.foreign_alliance)
    for number, words in (
        (far.number, "没有找到"),
        (demand.number, "不能合并到自己"),
        ("", "请填要合并到的那一件的编号"),  # nothing alike to choose from
        ("999", "没有找到"),
    ):
        answer = post(cast.staff, demand, "merge", number=number)
        assert answer.status_code == 422 and words in answer.content.decode(), number
        assert number in answer.content.decode()
    assert loop.state(demand) == "submitted"


def test_merging_into_a_suggested_one(cast: Cast) -> None:
    known, again = loop.opened(cast), loop.taken_in(cast)[0]
    assert known.number in client_of(cast.staff).get(f"/demands/{again.pk}/merge/").content.decode()
    assert post(cast.staff, again, "merge", into=known.pk).status_code == 302
    assert loop.state(again) == "merged"


def test_change_sets_right_and_logs_which_fields(cast: Cast) -> None:
    demand, _ = loop.taken_in(cast)
    sent = {
        "category": "环境/油烟",
        "content": "烧烤摊油烟大",
        "urgency": "urgent",
        "station": cast.station_place.pk,
        "expected_on": "2026-03-10",
    }
    assert post(cast.staff, demand, "change", **{**sent, "content": " "}).status_code == 422
    assert post(cast.staff, demand, "change", **sent).status_code == 302
    demand.refresh_from_db()
    assert (str(demand.category), demand.content, demand.urgency) == ("环境/油烟", "烧烤摊油烟大", "urgent")
    assert "修改群众需求：类别、内容、期望时限、紧急程度" in page(cast.staff, demand)


def test_unit_takes_back_its_own_demand_after_one_question(cast: Cast) -> None:
    demand = lists.demand(cast.alliance, state="submitted", member=loop.member(cast), source="unit")
    assert "撤回" in page(cast.liaison, demand)
    client = client_of(cast.liaison)
    assert "不能恢复" in client.get(f"/demands/{demand.pk}/withdraw/").content.decode()
    assert loop.state(demand) == "submitted"
    client.post(f"/demands/{demand.pk}/withdraw/")
    assert loop.state(demand) == "withdrawn"


def test_giving_up_takes_a_reason_of_the_list_and_a_sentence(cast: Cast) -> None:
    demand = loop.opened(cast)
    answer = post(cast.staff, demand, "give-up", sentence="维修资金还没有批下来")
    assert answer.status_code == 422 and "维修资金还没有批下来" in answer.content.decode()
    assert (
        post(cast.staff, demand, "give-up", why="money", sentence="维修资金还没有批下来").status_code == 302
    )
    assert "所需资金暂无来源" in page(cast.staff, demand)


def test_sharing_needs_words_for_what_is_sensitive_and_no_names(cast: Cast) -> None:
    demand = loop.opened(cast, content=SAID, is_sensitive=True)
    county = cast.county_place.pk
    assert post(cast.secretary, demand, "share", office=county).status_code == 422
    answer = post(cast.secretary, demand, "share", office=county, share_text="方小超家下水道")
    assert answer.status_code == 422 and "方小超家下水道" in answer.content.decode()
    assert "姓名或电话" in answer.content.decode()
    assert post(cast.secretary, demand, "share", office=county, share_text=FOR_OTHERS).status_code == 302
    demand.refresh_from_db()
    assert (demand.shared_to, demand.share_text) == (cast.county_place, FOR_OTHERS)
    assert post(cast.street, demand, "unshare").status_code == 302
    demand.refresh_from_db()
    assert demand.shared_to is None


def test_sharing_is_to_an_office_above_only(cast: Cast) -> None:
    demand = loop.opened(cast)
    for office in (cast.other_street_place.pk, cast.community.pk, 0, "x"):
        assert post(cast.secretary, demand, "share", office=office).status_code == 422
    form = client_of(cast.street).get(f"/demands/{demand.pk}/share/").content.decode()
    assert "城关街道大厅" in form and "示范县大厅" in form


def test_handing_up_tells_the_street_and_the_street_reads_why(cast: Cast) -> None:
    demand = loop.opened(cast)
    assert post(cast.staff, demand, "hand-up", note="超出能力").status_code == 403
    assert post(cast.secretary, demand, "hand-up", note="").status_code == 422
    assert post(cast.secretary, demand, "hand-up", note="需要城管执法").status_code == 302
    assert "需要城管执法" in page(cast.street, demand)
    assert "需要城管执法" not in page(cast.liaison, demand)


@pytest.mark.parametrize("deed", ["decline", "merge", "give-up", "change", "share", "hand-up", "withdraw"])
def test_deed_that_came_too_late_says_so(cast: Cast, deed: str) -> None:
    demand = lists.demand(cast.alliance, state="closed", ended_at=NOW)
    client = client_of(cast.secretary)
    assert client.get(f"/demands/{demand.pk}/{deed}/").status_code == 302
    assert "已办结" in page(cast.secretary, demand)
    sent = {
        "reason": "已转物业",
        "number": lists.demand(cast.alliance).number,
        "why": "money",
        "sentence": "没有资金",
        "office": cast.street_place.pk,
        "note": "超出能力",
        "category": "环境/噪声",
        "content": "楼下烧烤摊夜里很吵",
        "urgency": "normal",
    }
    answer = client.post(f"/demands/{demand.pk}/{deed}/", sent)
    assert answer.status_code in (302, 422)
    assert loop.state(demand) == "closed"
    if answer.status_code == 422:
        assert "已办结" in answer.content.decode()


# --- contacts --------------------------------------------------------------------------------------------------------


def test_contact_is_shown_once_after_a_reason_and_logged(cast: Cast) -> None:
    demand = loop.opened(cast)
    path = f"/demands/authors/{Author.objects.get(demand=demand).pk}/reveal/"
    client = client_of(cast.staff)
    for answer in (client.get(path), client.post(path), client.post(path, {"reason": "好奇"})):
        assert "13800003449" not in answer.content.decode()
    assert not LogEntry.objects.filter(action="demands.author.reveal").exists()
    answer = client.post(path, {"reason": "call_back"})
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert "方小超" in answer.content.decode() and "13800003449" in answer.content.decode()
    row = LogEntry.objects.get(action="demands.author.reveal")
    assert (row.actor, row.data["reason"]) == (cast.staff, "call_back")
    assert "13800003449" not in client.get(f"/demands/{demand.pk}/").content.decode()


def test_unit_reaches_the_contact_only_while_it_works(cast: Cast) -> None:
    demand = loop.opened(cast)
    path = f"/demands/authors/{Author.objects.get(demand=demand).pk}/reveal/"
    client = client_of(cast.liaison)
    assert client.post(path, {"reason": "serve"}).status_code == 404
    claim = loop.claimed(cast, demand)
    assert "138****3449" in client.get(f"/demands/{demand.pk}/").content.decode()
    assert "13800003449" in client.post(path, {"reason": "serve"}).content.decode()
    loop.accepted(cast, loop.delivered(cast, claim))
    assert client.post(path, {"reason": "serve"}).status_code == 404
    assert "138****3449" not in client.get(f"/demands/{demand.pk}/").content.decode()


def test_cleared_and_anonymous_authors_have_nothing_to_reveal(cast: Cast) -> None:
    demand = loop.opened(cast, name="", phone="", has_consented=False)
    text = page(cast.staff, demand)
    assert "匿名" in text and "/reveal/" not in text
    assert "每次查看都记下" not in text
    Author.objects.update(anonymised_at=NOW)
    assert "按规定清除" in page(cast.staff, demand)
    assert "每次查看都记下" in page(cast.staff, loop.opened(cast))


def test_contacts_of_what_was_merged_are_reached_from_the_standing_demand(cast: Cast) -> None:
    known = loop.opened(cast)
    again, _ = loop.taken_in(cast, name="李二", phone="13900001111")
    review.merge(again, known, actor=cast.staff)
    text = page(cast.staff, known)
    assert "139****1111" in text and again.number in text
    answer = client_of(cast.staff).post(
        f"/demands/authors/{Author.objects.get(demand=again).pk}/reveal/", {"reason": "ask"}
    )
    assert "13900001111" in answer.content.decode() and known.number in answer.content.decode()


def test_name_typed_into_the_words_is_masked_for_those_who_may_not_ask_for_it(cast: Cast) -> None:
    demand = loop.opened(cast, content="我是方小超，电话13800003449，楼道灯坏了")
    assert "我是方小超，电话13800003449" in page(cast.staff, demand)
    for part in ("president", "liaison", "leader", "street"):
        text = page(cast.users[part], demand)
        assert "方小超" not in text and "13800003449" not in text and "楼道灯坏了" in text, part
    loop.claimed(cast, demand)
    assert "我是方小超" in page(cast.liaison, demand)
    form = client_of(cast.street).get(f"/demands/{demand.pk}/share/").content.decode()
    assert "方小超" not in form and "楼道灯坏了" in form
