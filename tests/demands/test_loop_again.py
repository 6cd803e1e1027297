"""What begins anew: a second delivery, a claim reopened by the resident, and what is left of the first time."""

from __future__ import annotations

from datetime import date

import pytest

from alliances.errors import OfficeError
from alliances.lifecycle import TooLate
from alliances.models import LogEntry, Message, ReminderLine
from alliances.services import digests
from demands import desk
from demands.integrity import call_backs as integrity
from demands.models import CallBack, Offer
from demands.services import acceptance, callbacks, claims, dispatch, follow_up, review, tracking
from demands.services.callbacks import Answer
from tests.cast import Cast
from tests.conftest import Frozen
from tests.demands import loop

BAD = Answer("bad", follow_up="马秀英本周上门")


def titles(user, alliance) -> list[str]:
    return [line.title for line in desk.lines(user, alliance)]


def test_a_second_delivery_is_announced_like_the_first(cast: Cast, frozen: Frozen) -> None:
    claim = loop.delivered(cast)
    now = frozen.to("2026-03-03T09:00")
    follow_up.visits(now)
    digests.send_due(now)
    acceptance.send_back(claim, "夜里仍有声音", actor=cast.station)
    frozen.to("2026-03-04T08:00")
    loop.delivered(cast, claim)
    now = frozen.to("2026-03-04T09:00")
    follow_up.visits(now)
    digests.send_due(now)
    rows = Message.objects.filter(kind=digests.KIND, recipient=cast.station.person)
    assert [("请验收" in row.subject + row.body) for row in rows] == [True, True]


def test_reopening_closes_what_others_were_still_to_be_asked(cast: Cast, frozen: Frozen) -> None:
    demand = loop.opened(cast)
    second, _ = loop.taken_in(cast, name="李二", phone="13900001111")
    review.merge(second, demand, actor=cast.staff)
    claim = loop.claimed(cast, demand)
    loop.accepted(cast, loop.delivered(cast, claim))
    first, other = CallBack.objects.select_related("acceptance__claim__demand", "author").order_by("pk")
    follow_up.call_backs(frozen.to("2026-03-06T09:00"))
    assert ReminderLine.objects.filter(kind="demands.call_back.nudge", object_id=other.pk).exists()
    callbacks.answer(first, BAD, actor=cast.station)
    assert not CallBack.objects.filter(pk=other.pk).exists()
    assert not ReminderLine.objects.filter(kind__startswith="demands.call_back", object_id=other.pk).exists()
    assert LogEntry.objects.filter(action="demands.call_back.drop", object_id=other.pk).count() == 1
    claim.refresh_from_db()
    loop.accepted(cast, loop.delivered(cast, claim))
    due = CallBack.objects.filter(state="due")
    assert sorted(row.author.name for row in due) == ["方小超", "李二"] and due.count() == 2
    assert integrity() == []


def test_two_who_delete_their_data_leave_one_look(cast: Cast) -> None:
    demand, code = loop.taken_in(cast)
    second, other = loop.taken_in(cast, name="李二", phone="13900001111")
    review.open_(demand, actor=cast.staff)
    review.merge(second, demand, actor=cast.staff)
    loop.accepted(cast, loop.delivered(cast, loop.claimed(cast, demand)))
    assert CallBack.objects.count() == 2
    for one in (code, other):
        author = tracking.find(one)
        assert author is not None
        tracking.delete_my_data(author)
    row = CallBack.objects.get()
    assert (row.author, row.state) == (None, "due")
    assert integrity() == []


def closed_by(cast: Cast) -> tuple:
    demand, code = loop.taken_in(cast)
    claim = loop.delivered(cast, loop.claimed(cast, review.open_(demand, actor=cast.staff)))
    loop.accepted(cast, claim)
    return claim, tracking.find(code)


def test_reopening_by_code_waits_for_a_named_follow_up(cast: Cast) -> None:
    _, author = closed_by(cast)
    tracking.reopen(author)
    told = Message.objects.filter(kind="demands.claim.reopened_by_resident")
    people = {row.recipient_id for row in told}
    assert {cast.secretary.person_id, cast.staff.person_id, cast.station.person_id} <= people
    assert "方小超" not in "".join(row.subject + row.body for row in told)
    assert "1 件不满意的回访没有写跟进" in titles(cast.secretary, cast.alliance)
    row = CallBack.objects.select_related("acceptance__claim__demand").get()
    assert (row.state, row.satisfaction, row.reopened_claim) == ("answered", "bad", True)
    callbacks.follow_up(row, "马秀英上门", actor=cast.station)
    assert "1 件不满意的回访没有写跟进" not in titles(cast.secretary, cast.alliance)
    assert integrity() == []


def test_reopening_after_a_good_answer_leaves_it_as_it_was_said(cast: Cast) -> None:
    _, author = closed_by(cast)
    row = CallBack.objects.select_related("acceptance__claim__demand").get()
    callbacks.answer(row, Answer("good"), actor=cast.station)
    tracking.reopen(author)
    row.refresh_from_db()
    assert (row.satisfaction, row.reopened_claim) == ("good", True)
    assert "1 件不满意的回访没有写跟进" in titles(cast.secretary, cast.alliance)
    callbacks.follow_up(row, "马秀英上门", actor=cast.station)
    assert "1 件不满意的回访没有写跟进" not in titles(cast.secretary, cast.alliance)


def test_a_second_delivery_is_not_before_the_visit_that_sent_it_back(cast: Cast, frozen: Frozen) -> None:
    claim = loop.delivered(cast)
    frozen.to("2026-03-05T09:00")
    acceptance.send_back(claim, "夜里仍有声音", actor=cast.station)
    with pytest.raises(OfficeError, match="上一次验收（3月5日）"):
        claims.deliver(claim, on=date(2026, 3, 4), actor=cast.liaison)
    claims.deliver(claim, on=date(2026, 3, 5), actor=cast.liaison)
    acceptance.accept(claim, on=date(2026, 3, 5), actor=cast.station)
    frozen.to("2026-03-09T09:00")
    row = CallBack.objects.select_related("acceptance__claim__demand").get()
    callbacks.answer(row, BAD, actor=cast.station)
    claim.refresh_from_db()
    with pytest.raises(OfficeError, match="重办的日期（3月9日）"):
        claims.deliver(claim, on=date(2026, 3, 8), actor=cast.liaison)
    claims.deliver(claim, actor=cast.liaison)
    with pytest.raises(OfficeError, match="不能早于"):
        acceptance.accept(claim, on=date(2026, 3, 4), actor=cast.station)


def offered(cast: Cast) -> tuple:
    demand = review.open_(loop.taken_in(cast)[0], to_hall=False, actor=cast.staff)
    (row,) = dispatch.offer(demand, [loop.member(cast)], actor=cast.staff)
    return demand, row


def test_offers_past_their_date_stay_unanswered_when_the_demand_ends(cast: Cast, frozen: Frozen) -> None:
    demand, row = offered(cast)  # until 5 March
    frozen.to("2026-03-06T09:00")
    with pytest.raises(TooLate, match="逾期"):
        dispatch.take_back(row, actor=cast.staff)
    review.give_up(demand, "money", "没有经费", actor=cast.staff)
    assert loop.state(row) == "lapsed"


def test_the_community_sees_offers_and_call_backs_that_wait(cast: Cast, frozen: Frozen) -> None:
    offered(cast)
    assert "1 件派单等单位回复" in titles(cast.secretary, cast.alliance)
    assert not any("派单过期" in title for title in titles(cast.secretary, cast.alliance))
    claim = loop.claimed(cast, loop.opened(cast, station=None))
    acceptance.accept(loop.delivered(cast, claim), actor=cast.staff)
    assert "1 件等社区回访" in titles(cast.secretary, cast.alliance)
    frozen.to("2026-03-06T09:00")
    assert "1 件派单过期没有回复" in titles(cast.secretary, cast.alliance)
    assert Offer.objects.get().state == "offered"


def test_pages_behind_the_new_lines_hold_as_many_rows(cast: Cast, frozen: Frozen, client_for) -> None:
    demand, _ = offered(cast)
    claim = loop.claimed(cast, loop.opened(cast, station=None))
    acceptance.accept(loop.delivered(cast, claim), actor=cast.staff)
    loop.accepted(cast)  # of a station: not the community's own
    review.hand_up(demand, "超出联盟能力", actor=cast.secretary)
    frozen.to("2026-03-06T09:00")
    urls = {line.title: line.url for line in desk.lines(cast.secretary, cast.alliance)}
    page = client_for(cast.secretary)
    body = page.get(urls["1 件等社区回访"]).content.decode()
    assert body.count('href="/demands/call-backs/') == 1 or claim.demand.number in body
    assert demand.number in page.get(urls["1 件派单过期没有回复"]).content.decode()
    (line,) = [line for line in desk.lines(cast.street, None) if "上报" in line.title]
    assert line.title == "1 件社区上报的需求" and "handed_up" in line.url
    shown = client_for(cast.street).get(line.url).content.decode()
    assert demand.number in shown and claim.demand.number not in shown
    assert "上报" not in "".join(titles(cast.foreign_secretary, cast.foreign_alliance))
    review.share(demand, cast.street_place, actor=cast.street)
    assert desk.lines(cast.street, None) == []


def test_a_foreign_units_people_are_not_filled_in(cast: Cast, client_for) -> None:
    demand = loop.opened(cast)
    review.share(demand, cast.county_place, actor=cast.secretary)
    foreign = cast.foreign_members["县法院"]
    person = cast.foreign_liaison.person
    page = client_for(cast.staff)
    shown = page.get(f"/demands/{demand.pk}/claim/?record=1&member={foreign.pk}").content.decode()
    assert person.name not in shown and (not person.phone or person.phone not in shown)
    own = page.get(f"/demands/{demand.pk}/claim/?record=1&member={loop.member(cast).pk}").content.decode()
    assert cast.liaison.person.name in own
