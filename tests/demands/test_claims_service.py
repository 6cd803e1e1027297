"""Offers, claims, extensions, notes, acceptance and call-back: who may, what follows, who is told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import LogEntry, Message, ReminderLine
from alliances.services import digests, sweeps
from demands import desk
from demands.errors import AlreadyTaken
from demands.models import Acceptance, CallBack, Claim, Offer, ProgressNote
from demands.services import acceptance, callbacks, claims, dispatch, follow_up, intake, notes, review
from demands.services.callbacks import Answer
from demands.services.claims import Promise
from tests.cast import Cast
from tests.conftest import Frozen
from tests.demands import loop
from tests.factories import demands as lists
from tests.pictures import jpeg


def waiting(cast: Cast) -> tuple:
    """A demand kept out of the hall, offered to 县图书馆 and 县实验小学."""
    demand = review.open_(loop.taken_in(cast)[0], to_hall=False, actor=cast.staff)
    offers = dispatch.offer(
        demand, [loop.member(cast), loop.member(cast, "县实验小学")], note="请承接", actor=cast.staff
    )
    demand.refresh_from_db()
    return demand, *offers


# --- offers ---------------------------------------------------------------------------------------------------------


def test_offer_tells_the_liaison_once_and_keeps_an_open_one(cast: Cast) -> None:
    demand, first, _ = waiting(cast)
    assert str(first.reply_by) == "2026-03-05"
    assert dispatch.offer(demand, [first.member], actor=cast.staff) == [first]
    rows = Message.objects.filter(kind="demands.offer.new", recipient=cast.liaison.person)
    assert rows.count() == 1 and "方小超" not in rows.get().body
    with pytest.raises(NotAllowed):
        dispatch.offer(demand, [first.member], actor=cast.liaison)
    with pytest.raises(OfficeError, match="不是本联盟"):
        dispatch.offer(demand, [cast.foreign_members["县法院"]], actor=cast.staff)


def test_hall_stays_closed_while_an_offer_waits_and_opens_with_the_last_no(cast: Cast) -> None:
    demand, first, second = waiting(cast)
    with pytest.raises(OfficeError, match="派单"):
        claims.take(demand, loop.member(cast, "县文体广电局"), loop.PROMISE, actor=cast.second_liaison)
    dispatch.decline(first, "人手不足", actor=cast.liaison)
    demand.refresh_from_db()
    assert demand.hall_opened_at is None
    with pytest.raises(OfficeError, match="纸质或电话"):
        dispatch.decline(second, "人手不足", actor=cast.staff)
    dispatch.decline(second, "人手不足", via="phone", actor=cast.staff)
    demand.refresh_from_db()
    assert demand.hall_opened_at
    assert list(demand.offers.order_by("pk").values_list("answer_via", flat=True)) == ["screen", "phone"]


def test_taking_an_offer_is_claiming(cast: Cast) -> None:
    demand, first, second = waiting(cast)
    claim = loop.claimed(cast, demand)
    first.refresh_from_db()
    assert (first.state, first.claim, first.answered_on) == ("taken", claim, clock.today())
    assert loop.state(demand) == "claimed" and loop.state(second) == "offered"


def test_unanswered_offers_lapse_and_the_hall_opens(cast: Cast, frozen: Frozen) -> None:
    demand, first, second = waiting(cast)
    assert dispatch.sweep(frozen.to("2026-03-05T17:00")) == []
    assert len(dispatch.sweep(frozen.to("2026-03-06T00:10"))) == 2
    demand.refresh_from_db()
    assert {loop.state(first), loop.state(second)} == {"lapsed"} and demand.hall_opened_at
    assert dispatch.sweep(frozen.forward(hours=1)) == []


def test_demand_opened_for_offers_that_never_came_goes_to_the_hall(cast: Cast, frozen: Frozen) -> None:
    demand = review.open_(loop.taken_in(cast)[0], to_hall=False, actor=cast.staff)
    assert dispatch.sweep(frozen.forward(hours=2)) == []
    assert dispatch.sweep(frozen.forward(hours=25)) == [f"{demand.number}进入领办大厅"]


# --- claims ---------------------------------------------------------------------------------------------------------


def test_claim_has_the_deadline_of_its_urgency(cast: Cast) -> None:
    claim = loop.claimed(cast, loop.opened(cast, urgency="soon"))
    assert (claim.due_on, claim.first_due_on) == (date(2026, 3, 17), date(2026, 3, 17))
    demand = loop.opened(cast, urgency="urgent")
    late = Promise(measures="巡查", responsible="钱新民", due_on=date(2026, 3, 20))
    with pytest.raises(OfficeError, match="3月7日"):
        claims.take(demand, loop.member(cast), late, actor=cast.liaison)
    recorded = claims.take(demand, loop.member(cast), late, via="phone", actor=cast.staff)
    assert (recorded.due_on, recorded.via) == (late.due_on, "phone")


def test_one_leads_and_others_join(cast: Cast) -> None:
    demand = loop.opened(cast)
    with pytest.raises(OfficeError, match="牵头"):
        loop.joined(cast, demand)
    lead = loop.claimed(cast, demand)
    assert loop.claimed(cast, demand) == lead
    with pytest.raises(AlreadyTaken, match="县图书馆"):
        claims.take(demand, loop.member(cast, "县文体广电局"), loop.PROMISE, actor=cast.second_liaison)
    joint = loop.joined(cast, demand)
    loop.delivered(cast, lead)
    assert loop.state(demand) == "claimed"
    loop.delivered(cast, joint, actor=cast.second_liaison)
    assert loop.state(demand) == "served"
    loop.accepted(cast, lead)
    assert loop.state(demand) == "served"
    loop.accepted(cast, joint)
    assert loop.state(demand) == "closed"


def test_unit_claims_for_itself_only_and_from_a_shared_hall(cast: Cast) -> None:
    demand = loop.opened(cast)
    with pytest.raises(NotAllowed):
        claims.take(demand, loop.member(cast), loop.PROMISE, actor=cast.other_liaison)
    court = cast.foreign_members["县法院"]
    with pytest.raises(OfficeError, match="不是本联盟"):
        claims.take(demand, court, loop.PROMISE, actor=cast.foreign_liaison)
    review.share(demand, cast.county_place, actor=cast.secretary)
    claim = claims.take(demand, court, loop.PROMISE, actor=cast.foreign_liaison)
    assert (claim.alliance, claim.member.alliance) == (cast.alliance, cast.foreign_alliance)
    with pytest.raises(NotAllowed):
        acceptance.accept(
            loop.delivered(cast, claim, actor=cast.foreign_liaison), actor=cast.foreign_secretary
        )


def test_a_lead_that_came_after_the_page_was_read_is_passed_on_too(cast: Cast) -> None:
    demand = lists.demand(cast.alliance, cast.station_place, state="claimed")
    first = lists.claim(demand, cast.members["县图书馆"], state="taken")
    second = lists.claim(demand, cast.members["县实验小学"], state="taken", part="joint")
    third = lists.claim(demand, cast.members["县交警队"], state="taken", part="joint")
    rows = Claim.objects.select_related("demand__alliance__organisation", "member__unit")
    stale = rows.get(pk=second.pk)
    claims.hand_back(rows.get(pk=first.pk), "人手不够", actor=cast.liaison)
    claims.hand_back(stale, "人手不够", actor=cast.other_liaison)
    assert Claim.objects.standing().get(demand=demand, part="lead") == third


def test_handing_back_the_lead_passes_it_on_or_opens_the_demand(cast: Cast) -> None:
    demand = loop.opened(cast)
    lead, joint = loop.claimed(cast, demand), loop.joined(cast, demand)
    with pytest.raises(OfficeError, match="原因"):
        claims.hand_back(lead, "", actor=cast.liaison)
    claims.hand_back(lead, "设备损坏", actor=cast.liaison)
    joint.refresh_from_db()
    assert (joint.part, loop.state(demand)) == ("lead", "claimed")
    assert Message.objects.filter(
        kind="demands.claim.leads_now", recipient=cast.second_liaison.person
    ).exists()
    claims.hand_back(joint, "设备损坏", actor=cast.second_liaison)
    assert loop.state(demand) == "open"
    assert loop.claimed(cast, demand).pk not in (lead.pk, joint.pk)


def test_more_time_needs_a_reason_and_a_yes(cast: Cast) -> None:
    claim = loop.claimed(cast)
    until = claim.due_on + timedelta(days=10)
    with pytest.raises(OfficeError, match="原因"):
        claims.ask_extension(claim, until, " ", actor=cast.liaison)
    with pytest.raises(OfficeError, match="晚于"):
        claims.ask_extension(claim, claim.due_on, "等配件", actor=cast.liaison)
    first = claims.ask_extension(claim, until, "等配件", actor=cast.liaison)
    with pytest.raises(OfficeError, match="还没有答复"):
        claims.ask_extension(claim, until, "等配件", actor=cast.liaison)
    with pytest.raises(NotAllowed):
        claims.grant_extension(first, actor=cast.liaison)
    claims.refuse_extension(first, "请先借用备件", actor=cast.staff)
    claim.refresh_from_db()
    assert claim.due_on < until
    claims.grant_extension(
        claims.ask_extension(claim, until, "没有备件", actor=cast.liaison), actor=cast.staff
    )
    claim.refresh_from_db()
    assert claim.due_on == until and claim.first_due_on < until


def test_note_starts_the_claim_and_holds_two_hundred_characters(cast: Cast) -> None:
    claim = loop.claimed(cast)
    with pytest.raises(OfficeError, match="太长"):
        notes.add(claim, "进" * 201, actor=cast.liaison)
    note = notes.add(claim, "进" * 200, actor=cast.liaison)
    assert loop.state(claim) == "in_service" and ProgressNote.objects.count() == 1
    for _ in range(3):
        notes.add_photo(note, jpeg(), actor=cast.liaison)
    with pytest.raises(OfficeError, match="最多3张"):
        notes.add_photo(note, jpeg(), actor=cast.liaison)
    with pytest.raises(NotAllowed):
        notes.add(claim, "不是我的", actor=cast.other_liaison)
    with pytest.raises(OfficeError, match="纸质或电话"):
        notes.add(claim, "电话里说的", actor=cast.staff)


# --- acceptance -----------------------------------------------------------------------------------------------------


def test_station_returns_with_what_to_mend_then_accepts(cast: Cast) -> None:
    claim = loop.delivered(cast)
    with pytest.raises(NotAllowed):
        acceptance.accept(claim, actor=cast.liaison)
    with pytest.raises(OfficeError, match="整改"):
        acceptance.send_back(claim, " ", actor=cast.station)
    acceptance.send_back(claim, "夜里仍有声音", actor=cast.station)
    assert (loop.state(claim), loop.state(claim.demand)) == ("returned", "claimed")
    with pytest.raises(TooLate):
        acceptance.accept(claim, actor=cast.station)
    loop.delivered(cast, claim)
    row = acceptance.accept(claim, mended="已加装隔音", actor=cast.station)
    assert (row.visit, row.verdict, row.inspector_name) == (2, "mended", "马秀英")
    assert loop.state(claim.demand) == "closed"
    assert list(Acceptance.objects.order_by("visit").values_list("verdict", flat=True)) == [
        "failed",
        "mended",
    ]


def test_paper_acceptance_names_the_inspector(cast: Cast) -> None:
    claim = loop.delivered(cast)
    with pytest.raises(OfficeError, match="纸质或电话"):
        acceptance.accept(claim, actor=cast.staff)
    with pytest.raises(OfficeError, match="验收人"):
        acceptance.accept(claim, via="paper", actor=cast.staff)
    row = acceptance.accept(claim, inspector_name="马秀英", via="paper", actor=cast.staff)
    assert (row.via, row.inspector, row.recorded_by) == ("paper", None, cast.staff)


def test_community_accepts_what_belongs_to_no_station(cast: Cast) -> None:
    claim = loop.delivered(cast, loop.claimed(cast, loop.opened(cast, station=None)))
    with pytest.raises(NotAllowed):
        acceptance.accept(claim, actor=cast.station)
    assert acceptance.accept(claim, actor=cast.staff).via == "screen"


# --- call-back ------------------------------------------------------------------------------------------------------


def test_acceptance_asks_every_author_within_three_working_days(cast: Cast) -> None:
    demand = loop.opened(cast)
    second, _ = loop.taken_in(cast, name="李二", phone="13900001111")
    review.merge(second, demand, actor=cast.staff)
    loop.accepted(cast, loop.delivered(cast, loop.claimed(cast, demand)))
    rows = CallBack.objects.all()
    assert {str(row.due_on) for row in rows} == {"2026-03-05"} and rows.count() == 2
    assert {row.author.name for row in rows} == {"方小超", "李二"}


def test_anonymous_demand_is_looked_at_by_the_station(cast: Cast) -> None:
    demand = lists.demand(cast.alliance, cast.station_place, hall_opened_at=clock.now())
    loop.accepted(cast, loop.delivered(cast, loop.claimed(cast, demand)))
    (call_back,) = CallBack.objects.all()
    with pytest.raises(OfficeError, match="现场查看"):
        callbacks.answer(call_back, Answer("good"), actor=cast.station)
    callbacks.answer(call_back, Answer("good", method="on_site"), actor=cast.station)
    assert loop.state(call_back) == "answered"


def test_unsatisfied_answer_reopens_once_with_a_named_follow_up(cast: Cast) -> None:
    first = loop.asked_back(cast)
    claim = first.acceptance.claim
    with pytest.raises(OfficeError, match="跟进"):
        callbacks.answer(first, Answer("bad"), actor=cast.station)
    callbacks.answer(first, Answer("bad", follow_up="马秀英本周上门"), actor=cast.station)
    claim.refresh_from_db()
    assert (claim.state, loop.state(claim.demand), first.reopened_claim) == ("in_service", "claimed", True)
    assert claim.accepted_on is None and claim.reopened_at
    loop.accepted(cast, loop.delivered(cast, claim))
    second = CallBack.objects.select_related("acceptance__claim__demand").get(acceptance__visit=2)
    callbacks.answer(second, Answer("bad", follow_up="书记约谈"), actor=cast.station)
    assert (loop.state(claim), second.reopened_claim) == ("accepted", False)
    assert loop.state(claim.demand) == "closed"


def test_resident_answers_by_link_and_the_office_names_the_follow_up(cast: Cast) -> None:
    call_back = loop.asked_back(cast)
    code = callbacks.link(call_back, actor=cast.staff)
    found = callbacks.by_link(code.lower())
    assert found == call_back and callbacks.by_link("AAAA-AAAA-AAAA") is None
    callbacks.answer_by_link(found, "bad", "还是很吵")
    assert callbacks.by_link(code) is None
    assert any("没有写跟进" in line.title for line in desk.lines(cast.secretary, cast.alliance))
    callbacks.follow_up(found, "马秀英上门", actor=cast.station)
    with pytest.raises(TooLate):
        callbacks.answer_by_link(found, "good")
    found.refresh_from_db()
    assert (found.method, found.satisfaction, found.follow_up) == ("link", "bad", "马秀英上门")


def test_third_try_ends_as_unreachable_but_an_answer_still_counts(cast: Cast) -> None:
    call_back = loop.asked_back(cast)
    for _ in range(3):
        callbacks.miss(call_back, actor=cast.station)
    assert (loop.state(call_back), call_back.attempts) == ("unreachable", 3)
    callbacks.answer(call_back, Answer("fair"), actor=cast.station)
    assert loop.state(call_back) == "answered"


def test_call_back_by_others_is_refused(cast: Cast) -> None:
    call_back = loop.asked_back(cast)
    for user in (cast.liaison, cast.foreign_secretary, cast.president):
        with pytest.raises(NotAllowed):
            callbacks.answer(call_back, Answer("good"), actor=user)


# --- the clock ------------------------------------------------------------------------------------------------------


def lines_of(person, kind: str) -> list[str]:
    return list(ReminderLine.objects.filter(recipient=person, kind=kind).values_list("text", flat=True))


def test_late_review_is_nudged_and_told_the_secretary(cast: Cast, frozen: Frozen) -> None:
    demand, _ = loop.taken_in(cast)
    follow_up.reviews(frozen.to("2026-03-03T09:00"))
    assert lines_of(cast.staff.person, "demands.review.remind") == [f"请于3月4日前受理需求{demand.number}"]
    follow_up.reviews(frozen.to("2026-03-05T09:00"))
    follow_up.reviews(frozen.to("2026-03-05T10:00"))
    assert len(lines_of(cast.staff.person, "demands.review.nudge")) == 1
    follow_up.reviews(frozen.to("2026-03-09T09:00"))
    assert len(lines_of(cast.secretary.person, "demands.review.escalate")) == 1
    assert LogEntry.objects.filter(action="demands.review.nudge").count() == 1
    review.open_(demand, actor=cast.staff)
    assert not follow_up.review_still_due(demand.pk)


def test_claims_deadline_presses_the_unit_and_begins_anew_with_a_new_one(cast: Cast, frozen: Frozen) -> None:
    claim = loop.claimed(cast)  # due on Wednesday 1 April
    follow_up.claims(frozen.to("2026-03-31T09:00"))
    assert len(lines_of(cast.liaison.person, "demands.claim.remind")) == 1
    assert not lines_of(cast.staff.person, "demands.claim.remind")
    row = claims.ask_extension(claim, date(2026, 4, 20), "等配件", actor=cast.liaison)
    claims.grant_extension(row, actor=cast.staff)
    assert not lines_of(cast.liaison.person, "demands.claim.remind")
    follow_up.claims(frozen.to("2026-04-21T09:00"))
    follow_up.claims(frozen.to("2026-04-24T09:00"))
    assert len(lines_of(cast.liaison.person, "demands.claim.nudge")) == 1
    assert len(lines_of(cast.secretary.person, "demands.claim.escalate")) == 1


def test_imported_claims_press_nobody(cast: Cast, frozen: Frozen) -> None:
    demand = lists.demand(cast.alliance, cast.station_place, state="claimed")
    lists.claim(demand, loop.member(cast), state="in_service", imported_at=clock.now())
    follow_up.claims(frozen.to("2026-05-06T09:00"))
    assert not ReminderLine.objects.exists()


def test_everything_of_a_day_is_one_message_a_person(cast: Cast, frozen: Frozen) -> None:
    loop.delivered(cast, loop.claimed(cast))
    loop.accepted(cast, loop.delivered(cast, loop.claimed(cast)))
    now = frozen.to("2026-03-04T09:00")
    assert not [o.error for o in sweeps.run_all(now) if o.error]
    digests.send_due(now)
    rows = Message.objects.filter(kind=digests.KIND, recipient=cast.station.person)
    assert rows.count() == 1 and "请验收" in rows.get().body and "回访" in rows.get().body
    assert "方小超" not in "".join(Message.objects.values_list("body", flat=True))


def test_dead_scheduler_costs_nothing_but_time(cast: Cast, frozen: Frozen) -> None:
    demand, _, _ = waiting(cast)
    loop.taken_in(cast)
    assert not [o.error for o in sweeps.run_all(frozen.to("2026-03-30T09:00")) if o.error]
    demand.refresh_from_db()
    assert demand.hall_opened_at and not Offer.objects.filter(state="offered").exists()
    assert lines_of(cast.secretary.person, "demands.review.escalate")


# --- the desk -------------------------------------------------------------------------------------------------------


def test_desk_shows_each_their_own(cast: Cast) -> None:
    waiting(cast)
    loop.claimed(cast)
    loop.delivered(cast)
    loop.taken_in(cast)
    unit = [line.title for line in desk.lines(cast.liaison, cast.alliance)]
    assert unit == ["回复派单：环境/噪声", "办理：环境/噪声"]
    assert [line.title for line in desk.lines(cast.station, cast.alliance)] == ["验收：环境/噪声"]
    office = [line.title for line in desk.lines(cast.staff, cast.alliance)]
    assert "1 件需求待受理" in office and "1 件等站点验收" in office
    assert desk.lines(cast.foreign_secretary, cast.foreign_alliance) == []
    assert desk.hand_over_tasks(loop.member(cast))


def test_desk_makes_as_many_queries_for_many_rows_as_for_one(cast: Cast, django_assert_num_queries) -> None:
    for number in (1, 3):
        while Claim.objects.filter(state="taken").count() < number:
            waiting(cast)
            loop.claimed(cast)
            loop.delivered(cast)
        user = cast.fresh(cast.liaison)
        user.current_appointments  # noqa: B018 - loaded by every request
        with django_assert_num_queries(3):
            desk.lines(user, cast.alliance)
        staff = cast.fresh(cast.staff)
        staff.current_appointments  # noqa: B018
        with django_assert_num_queries(1):
            desk.lines(staff, cast.alliance)


def test_unit_asks_and_another_serves(cast: Cast) -> None:
    demand = review.open_(
        intake.ask_for_unit(loop.member(cast, "县实验小学"), loop.asked(cast), actor=cast.other_liaison),
        actor=cast.staff,
    )
    assert loop.claimed(cast, demand).demand == demand


def test_messages_hold_nobodys_words(cast: Cast) -> None:
    """Reasons are free text and may name a resident: they stay in the house, messages only say that they are there."""
    secret = "方小超家没人"
    claim = loop.claimed(cast)
    claims.refuse_extension(
        claims.ask_extension(claim, claim.due_on + timedelta(days=5), secret, actor=cast.liaison),
        secret,
        actor=cast.staff,
    )
    acceptance.send_back(loop.delivered(cast, claim), secret, actor=cast.station)
    claims.hand_back(claim, secret, actor=cast.liaison)
    texts = "".join(f"{m.subject}{m.body}" for m in Message.objects.all())
    assert Message.objects.count() >= 4 and "方小超" not in texts
    assert "方小超" not in "".join(str(row.data) for row in LogEntry.objects.all())


def test_no_telephone_no_telephone_call(cast: Cast) -> None:
    loop.accepted(cast, loop.delivered(cast, loop.claimed(cast, loop.opened(cast, name="", phone=""))))
    (call_back,) = CallBack.objects.all()
    with pytest.raises(OfficeError, match="没有留电话"):
        callbacks.answer(call_back, Answer("good"), actor=cast.station)
    callbacks.answer(call_back, Answer("good", method="on_site"), actor=cast.station)
