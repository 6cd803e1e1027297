"""Demands come in at the desk, at a door's QR, from units; the office decides about them; residents follow by code."""

from __future__ import annotations

import pytest

from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import LogEntry, Message
from demands.fields import keyed_hash
from demands.models import Author, Demand
from demands.services import claims, codes, dispatch, intake, privacy, review, tracking
from tests.cast import Cast
from tests.conftest import Frozen
from tests.demands import loop
from tests.factories import demands as lists


def test_typed_demand_has_number_review_date_author_and_log(cast: Cast) -> None:
    demand, code = loop.taken_in(cast)
    assert demand.number == "同心党建联需〔2026〕1号"
    assert (demand.state, str(demand.review_by)) == ("submitted", "2026-03-04")
    author = Author.objects.get(demand=demand)
    assert (author.name, author.phone) == ("方小超", "13800003449")
    assert author.phone_key == keyed_hash("13800003449")
    assert code not in author.tracking_hash and tracking.find(code) == author
    row = LogEntry.objects.get(action="demands.demand.take_in")
    assert row.after == "submitted" and "方小超" not in str(row.data)


def test_same_form_posted_fifty_times_is_one_demand_and_one_code(cast: Cast) -> None:
    answers = {
        (done.demand.pk, done.code)
        for done in (
            intake.take_in(cast.alliance, loop.asked(cast), form_key="a1", actor=cast.staff)
            for _ in range(50)
        )
    }
    assert len(answers) == 1
    other = intake.take_in(cast.alliance, loop.asked(cast), form_key="a2", actor=cast.staff)
    assert (other.demand.pk, other.code) not in answers


def test_code_is_read_as_people_write_it() -> None:
    code = codes.of_form("k")
    assert codes.normal(code) == codes.normal(code.lower().replace("-", " "))
    assert codes.normal("O0-Il") == "0011"
    assert len(codes.normal(code)) == 12 and set(codes.normal(code)) <= set(codes.ALPHABET)


def test_resident_orders_at_a_door_without_account(cast: Cast) -> None:
    point = intake.open_door(cast.station_place, cast.alliance, actor=cast.staff)
    assert intake.open_door(cast.station_place, cast.alliance, actor=cast.staff) == point
    done = intake.order(point, loop.asked(cast, name="", phone="", has_consented=False, source="visit"))
    assert (done.demand.station, done.demand.source) == (cast.station_place, "online")
    assert done.demand.created_by is None and LogEntry.objects.filter(actor=None).exists()
    with pytest.raises(OfficeError, match="同意"):
        intake.order(point, loop.asked(cast, has_consented=False))
    intake.close_door(point, actor=cast.staff)
    point.refresh_from_db()
    with pytest.raises(OfficeError, match="停用"):
        intake.order(point, loop.asked(cast))


def test_door_of_a_foreign_place_is_refused(cast: Cast) -> None:
    with pytest.raises(OfficeError):
        intake.open_door(cast.foreign_station_place, cast.alliance, actor=cast.staff)
    with pytest.raises(NotAllowed):
        intake.open_door(cast.station_place, cast.alliance, actor=cast.liaison)


def test_station_types_in_its_own_only(cast: Cast) -> None:
    assert intake.take_in(cast.alliance, loop.asked(cast), actor=cast.station).demand.pk
    with pytest.raises(NotAllowed):
        intake.take_in(cast.alliance, loop.asked(cast, station=None), actor=cast.station)
    with pytest.raises(NotAllowed):
        intake.take_in(cast.alliance, loop.asked(cast), actor=cast.liaison)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"content": "  "}, "需求内容"),
        ({"content": "长" * 1001}, "太长"),
        ({"urgency": "x"}, "紧急程度"),
        ({"source": "x"}, "来源"),
        ({"name": "张阿姨，3栋"}, "顿号"),
        ({"name": "张*"}, "星号"),
    ],
)
def test_incomplete_demand_is_refused_and_leaves_nothing(cast: Cast, fields: dict, words: str) -> None:
    with pytest.raises(OfficeError, match=words):
        loop.taken_in(cast, **fields)
    assert not Demand.objects.exists() and not Author.objects.exists()


def test_sensitive_follows_the_category_unless_said_otherwise(cast: Cast) -> None:
    poor = lists.category("民政帮扶", "临时救助", is_sensitive=True)
    assert loop.taken_in(cast, category=poor)[0].is_sensitive
    assert not loop.taken_in(cast, category=poor, is_sensitive=False)[0].is_sensitive


def test_unit_asks_for_itself_once_a_day(cast: Cast) -> None:
    first = intake.ask_for_unit(loop.member(cast), loop.asked(cast), actor=cast.liaison)
    assert intake.ask_for_unit(loop.member(cast), loop.asked(cast), actor=cast.liaison) == first
    assert (first.source, first.member) == ("unit", loop.member(cast))
    assert not Author.objects.filter(demand=first).exists()
    with pytest.raises(NotAllowed):
        intake.ask_for_unit(loop.member(cast), loop.asked(cast), actor=cast.other_liaison)


def test_similar_demands_are_suggested_in_the_own_alliance_only(cast: Cast) -> None:
    near, _ = loop.taken_in(cast, content="化肥厂家属院5号楼前化粪池满溢一周，臭气熏人")
    loop.taken_in(cast, content="想学手机挂号")
    lists.demand(cast.foreign_alliance, content="化肥厂家属院5号楼前化粪池满溢一周，臭气熏人")
    found = intake.similar(cast.alliance, "5号楼化粪池又满溢了，臭气很重")
    assert found == [near]
    assert intake.similar(cast.alliance, near.content, besides=near) == []


# --- review ---------------------------------------------------------------------------------------------------------


def test_declining_needs_a_reason_and_ends_the_offers(cast: Cast) -> None:
    demand = review.open_(loop.taken_in(cast)[0], to_hall=False, actor=cast.staff)
    dispatch.offer(demand, [loop.member(cast)], actor=cast.staff)
    with pytest.raises(OfficeError, match="原因"):
        review.decline(demand, " ", actor=cast.staff)
    review.decline(demand, "属于物业服务合同内事项，已转物业", actor=cast.staff)
    demand.refresh_from_db()
    assert (demand.state, demand.reason) == ("declined", "属于物业服务合同内事项，已转物业")
    assert not demand.offers.exists() and demand.ended_at
    review.take_up(demand, actor=cast.staff)
    demand.refresh_from_db()
    assert (demand.state, demand.reason, demand.ended_at) == ("open", "", None)


def test_merging_keeps_all_authors_and_their_codes(cast: Cast) -> None:
    target, _ = loop.taken_in(cast)
    second, code = loop.taken_in(cast, name="李二", phone="13900001111")
    third, third_code = loop.taken_in(cast, name="王三", phone="13900002222")
    review.merge(third, second, actor=cast.staff)
    review.merge(second, target, actor=cast.staff)
    third.refresh_from_db()
    assert third.merged_into == target
    assert Author.objects.count() == 3
    for one in (code, third_code):
        author = tracking.find(one)
        assert author is not None and tracking.followed(author) == target
    with pytest.raises(OfficeError):
        review.merge(target, target, actor=cast.staff)
    with pytest.raises(OfficeError, match="已合并"):
        review.merge(target, second, actor=cast.staff)


def test_merging_into_another_community_is_refused(cast: Cast) -> None:
    demand, _ = loop.taken_in(cast)
    with pytest.raises(OfficeError, match="本社区"):
        review.merge(demand, lists.demand(cast.foreign_alliance), actor=cast.staff)


def test_giving_up_needs_a_reason_of_the_list_and_nobody_at_work(cast: Cast) -> None:
    demand = loop.opened(cast)
    with pytest.raises(OfficeError, match="列表"):
        review.give_up(demand, "bored", "没办法", actor=cast.staff)
    claim = loop.claimed(cast, demand)
    with pytest.raises(OfficeError):
        review.give_up(demand, "no_unit", "三家单位均无法承接", actor=cast.staff)
    claims.hand_back(claim, "人手不足", actor=cast.liaison)
    review.give_up(demand, "no_unit", "三家单位均无法承接", actor=cast.staff)
    assert loop.state(demand) == "unresolved"


def test_correcting_writes_field_names_not_contents(cast: Cast) -> None:
    demand, _ = loop.taken_in(cast)
    review.change(demand, content="楼下烧烤摊夜里十二点还很吵", urgency="soon", actor=cast.staff)
    row = LogEntry.objects.get(action="demands.demand.change")
    assert row.data == {"fields": ["content", "urgency"]}
    review.change(demand, urgency="soon", actor=cast.staff)
    assert LogEntry.objects.filter(action="demands.demand.change").count() == 1


def test_sharing_goes_up_the_own_tree_in_words_that_name_nobody(cast: Cast) -> None:
    demand = loop.opened(cast, content="方小超家老人需要轮椅", is_sensitive=True)
    with pytest.raises(OfficeError, match="对外表述"):
        review.share(demand, cast.street_place, actor=cast.secretary)
    with pytest.raises(OfficeError, match="姓名或电话"):
        review.share(demand, cast.street_place, "方小超家需要轮椅", actor=cast.secretary)
    with pytest.raises(OfficeError, match="上级"):
        review.share(demand, cast.other_street_place, "需要轮椅", actor=cast.secretary)
    with pytest.raises(NotAllowed):
        review.share(demand, cast.street_place, "需要轮椅", actor=cast.staff)
    review.share(demand, cast.county_place, "一位老人需要轮椅", actor=cast.county)
    demand.refresh_from_db()
    assert demand.words_for_others == "一位老人需要轮椅"
    assert demand in Demand.objects.in_hall_of(cast.foreign_liaison)
    review.unshare(demand, actor=cast.secretary)
    assert not Demand.objects.in_hall_of(cast.foreign_liaison).exists()


def test_handing_up_tells_the_street(cast: Cast) -> None:
    demand = loop.opened(cast)
    with pytest.raises(NotAllowed):
        review.hand_up(demand, "超出联盟能力", actor=cast.staff)
    review.hand_up(demand, "超出联盟能力", actor=cast.secretary)
    assert Message.objects.filter(recipient=cast.street.person, kind="demands.demand.handed_up").count() == 1


# --- by code --------------------------------------------------------------------------------------------------------


def test_resident_withdraws_before_anybody_works_on_it(cast: Cast) -> None:
    demand, code = loop.taken_in(cast)
    author = tracking.find(code)
    assert author is not None
    tracking.withdraw(author)
    assert loop.state(demand) == "withdrawn"
    demand, code = loop.taken_in(cast)
    loop.claimed(cast, review.open_(demand, actor=cast.staff))
    author = tracking.find(code)
    assert author is not None
    with pytest.raises(OfficeError):
        tracking.withdraw(author)


def test_resident_reopens_a_closed_demand_once(cast: Cast) -> None:
    demand, code = loop.taken_in(cast)
    claim = loop.delivered(cast, loop.claimed(cast, review.open_(demand, actor=cast.staff)))
    author = tracking.find(code)
    assert author is not None
    with pytest.raises(OfficeError, match="还没有办结"):
        tracking.reopen(author)
    loop.accepted(cast, claim)
    tracking.reopen(author)
    assert (loop.state(demand), loop.state(claim)) == ("claimed", "in_service")
    claim.refresh_from_db()
    loop.accepted(cast, loop.delivered(cast, claim))
    with pytest.raises(OfficeError, match="一次"):
        tracking.reopen(author)


def test_resident_deletes_the_data_and_the_code_dies_with_it(cast: Cast) -> None:
    demand, code = loop.taken_in(cast)
    author = tracking.find(code)
    assert author is not None
    tracking.delete_my_data(author)
    assert (author.name, author.phone, author.tracking_hash) == ("", "", "") and author.anonymised_at
    assert tracking.find(code) is None and tracking.find("") is None
    assert Demand.objects.filter(pk=demand.pk).exists()


# --- contacts -------------------------------------------------------------------------------------------------------


def test_contact_is_revealed_with_a_logged_reason_and_to_a_unit_only_while_it_works(cast: Cast) -> None:
    demand = loop.opened(cast)
    author = Author.objects.get(demand=demand)
    with pytest.raises(OfficeError, match="原因"):
        privacy.reveal(author, "因为", actor=cast.staff)
    with pytest.raises(NotAllowed):
        privacy.reveal(author, "serve", actor=cast.liaison)
    claim = loop.claimed(cast, demand)
    assert privacy.reveal(author, "serve", actor=cast.liaison).phone == "13800003449"
    row = LogEntry.objects.get(action="demands.author.reveal")
    assert row.data == {"author": author.pk, "reason": "serve"} and row.actor == cast.liaison
    loop.accepted(cast, loop.delivered(cast, claim))
    with pytest.raises(NotAllowed):
        privacy.reveal(author, "serve", actor=cast.liaison)


def test_sensitive_contact_waits_for_the_secretary(cast: Cast) -> None:
    demand = loop.opened(cast, is_sensitive=True)
    author, claim = Author.objects.get(demand=demand), loop.claimed(cast, demand)
    with pytest.raises(NotAllowed):
        privacy.reveal(author, "serve", actor=cast.liaison)
    with pytest.raises(NotAllowed):
        privacy.release(claim, actor=cast.staff)
    privacy.release(claim, actor=cast.secretary)
    assert privacy.reveal(author, "serve", actor=cast.liaison).name == "方小超"
    claims.hand_back(claim, "人手不足", actor=cast.liaison)
    with pytest.raises(TooLate):
        privacy.release(claim, actor=cast.secretary)


def test_ninety_days_after_the_end_nobody_is_named(cast: Cast, frozen: Frozen) -> None:
    target = loop.opened(cast)
    merged, _ = loop.taken_in(cast, name="李二")
    review.merge(merged, target, actor=cast.staff)
    loop.accepted(cast, loop.delivered(cast, loop.claimed(cast, target)))
    going_on = loop.opened(cast, name="王三")
    privacy.anonymise_due(frozen.forward(days=89))
    assert not Author.objects.filter(name="").exists()
    assert privacy.anonymise_due(frozen.forward(days=2))
    assert {a.name for a in Author.objects.all()} == {"", "王三"}
    assert Author.objects.get(demand=merged).anonymised_at
    assert Author.objects.get(demand=going_on).name == "王三"
    assert privacy.anonymise_due(frozen.forward(days=1)) == []


def test_imported_demand_keeps_its_names_ninety_days_from_the_import(cast: Cast, frozen: Frozen) -> None:
    now = frozen.to("2026-03-02T09:00")
    old = lists.demand(
        cast.alliance,
        state="closed",
        ended_at=now.replace(year=2025),
        imported_at=now,
        raised_on="2025-02-01",
    )
    lists.author(old)
    assert privacy.anonymise_due(frozen.forward(days=80)) == []
    assert privacy.anonymise_due(frozen.forward(days=11))
    assert Author.objects.get(demand=old).name == ""


def test_form_of_another_community_tells_nothing(cast: Cast) -> None:
    intake.take_in(cast.alliance, loop.asked(cast), form_key="a1", actor=cast.staff)
    foreign = loop.asked(cast, station=None)
    with pytest.raises(OfficeError, match="已经提交过"):
        intake.take_in(cast.foreign_alliance, foreign, form_key="a1", actor=cast.foreign_secretary)
