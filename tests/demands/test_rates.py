"""The three rates: cohorts by the denominator's date, every number with the rows behind it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict

from alliances import clock
from demands.models import Claim, Offer
from demands.selectors import lists, rates
from demands.selectors.lists import Question
from tests.cast import Cast
from tests.factories import demands as make

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)


def first_quarter(cast: Cast, **more: Any) -> rates.Rates:
    return rates.rates(alliances=[cast.alliance], since=FIRST, until=LAST, **more)


def offer(cast: Cast, reply_by: date, answered_on: date | None = None, state: str = "declined") -> Offer:
    return Offer.objects.create(
        demand=make.demand(cast.alliance),
        member=cast.members["县图书馆"],
        reply_by=reply_by,
        state=state if answered_on else "lapsed",
        answered_on=answered_on,
        answered_at=clock.now() if answered_on else None,
        decline_reason="没有人手",
    )


def claim(
    cast: Cast, due: date, delivered: date | None = None, accepted: date | None = None, **more: Any
) -> Claim:
    state = "accepted" if accepted else "delivered" if delivered else "in_service"
    fields = {
        "claimed_on": date(2025, 12, 1),
        "due_on": due,
        "delivered_on": delivered,
        "accepted_on": accepted,
        "state": state,
        **more,
    }
    member = fields.pop("member", cast.members["县图书馆"])
    return make.claim(make.demand(cast.alliance, cast.station_place), member, **fields)


def test_nothing_due_says_so_and_divides_by_nothing(cast: Cast) -> None:
    found = first_quarter(cast)
    assert [rate.words for rate in found] == [
        "本期无派单", "本期无到期项目", "本期无到期项目", "本期无回访", "本期无回访",
    ]  # fmt: skip
    assert {rate.percent for rate in found} == {None}


def test_response_counts_offers_due_in_the_period_and_answered_in_time(cast: Cast) -> None:
    offer(cast, date(2026, 1, 1), date(2026, 1, 1))  # on the last day is in time
    offer(cast, date(2026, 3, 31), date(2026, 3, 20))
    offer(cast, date(2026, 2, 2), date(2026, 2, 3))  # a day late
    offer(cast, date(2026, 2, 2))  # never
    offer(cast, date(2025, 12, 31), date(2025, 12, 30))  # another quarter's
    offer(cast, date(2026, 4, 1), date(2026, 3, 30))
    found = first_quarter(cast).response
    assert (found.part, found.whole, found.percent) == (2, 4, Decimal("50.0"))


def test_resolved_and_on_time_are_of_the_claims_due(cast: Cast) -> None:
    march = date(2026, 3, 10)
    claim(cast, march, delivered=march, accepted=date(2026, 3, 12))  # in time
    claim(cast, march, delivered=date(2026, 3, 11), accepted=date(2026, 3, 12))  # late, but resolved
    claim(cast, march, delivered=march, accepted=date(2026, 4, 1))  # accepted after the quarter
    claim(cast, march, delivered=march)  # waits for the station
    claim(cast, march)
    claim(cast, march, handed_back_at=clock.now(), hand_back_reason="调整")
    Claim.objects.filter(hand_back_reason="调整").update(state="handed_back")
    claim(cast, date(2026, 4, 1), delivered=march, accepted=march)  # due in the next quarter
    found = first_quarter(cast)
    assert (found.resolved.part, found.resolved.whole) == (2, 5)
    assert (found.on_time.part, found.on_time.whole) == (1, 5)
    assert found.resolved.words == "40.0%（2/5）"


def test_satisfied_counts_answers_of_the_period_and_leaves_out_who_does_not_know(cast: Cast) -> None:
    for number, (words, day) in enumerate(
        [("very_good", 1), ("good", 2), ("fair", 3), ("bad", 4), ("unknown", 5)]
    ):
        done = claim(cast, LAST, date(2026, 3, 1), date(2026, 3, 1))
        visit = make.acceptance(done, visited_on=date(2026, 3, 1))
        make.answer(visit, words, answered_on=date(2026, 3, day), opinion=str(number))
    late = make.acceptance(claim(cast, LAST, date(2026, 3, 1), date(2026, 3, 1)))
    make.answer(late, "bad", answered_on=date(2026, 4, 1))
    found = first_quarter(cast)
    assert (found.satisfied.words, found.strictly.words) == ("75.0%（3/4）", "50.0%（2/4）")


def test_percent_is_rounded_half_up(cast: Cast) -> None:
    one = rates.Rate("", 1, 16, "", {}, {}, "")
    assert one.percent == Decimal("6.3")  # 6.25


def test_members_rates_count_its_claims_wherever_served(cast: Cast) -> None:
    far = cast.foreign_members["县法院"]
    claim(cast, date(2026, 3, 10), date(2026, 3, 1), date(2026, 3, 2), member=far)
    claim(cast, date(2026, 3, 10))
    found = rates.rates(member=far.pk, since=FIRST, until=LAST).resolved
    assert (found.part, found.whole) == (1, 1)
    assert rates.rates(alliances=[cast.foreign_alliance], since=FIRST, until=LAST).resolved.whole == 0
    assert first_quarter(cast).resolved.whole == 2


@pytest.mark.parametrize("which", ["response", "resolved", "on_time", "satisfied", "strictly"])
def test_each_number_is_the_count_of_the_rows_its_link_asks_for(cast: Cast, which: str) -> None:
    march = date(2026, 3, 10)
    offer(cast, march, march)
    offer(cast, march)
    for words in ("good", "fair", "bad"):
        done = claim(cast, march, march, date(2026, 3, 12))
        make.answer(make.acceptance(done, visited_on=date(2026, 3, 12)), words)
    claim(cast, march)
    claim(cast, date(2026, 4, 10))
    rate = getattr(first_quarter(cast), which)
    rows = {"offers": lists.offers, "claims": lists.claims, "answers": lists.answers}[rate.page]
    asked = {}
    for name, params in (("part", rate.rows), ("whole", rate.all_rows)):
        query = QueryDict(mutable=True)
        query.update(params)
        asked[name] = rows(Question.read(query, [cast.alliance])).count()
    assert asked == {"part": rate.part, "whole": rate.whole}
    assert 0 < rate.part < rate.whole


def test_question_of_an_address_is_read_back_from_its_parameters(cast: Cast) -> None:
    params = {
        "place": cast.station_place.code, "state": "open", "since": "2026-01-01", "until": "2026-03-31", "by": "due",
        "group": "环境", "source": "visit", "urgency": "soon", "kind": "venue", "verdict": "passed", "method": "phone",
        "member": "7",
    }  # fmt: skip
    question = Question.read(params, [cast.alliance])
    assert question.params() == params
    assert Question.read(question.params(), [cast.alliance]) == question


@pytest.mark.parametrize(
    "params",
    [
        {"since": "31.3.2026"}, {"until": "2026-02-30"}, {"place": "\0"}, {"place": "99-99"}, {"member": "x1"},
        {"member": "9" * 40}, {"state": "lost"}, {"source": "rumour"}, {"alliance": "01-09"},
    ],
)  # fmt: skip
def test_question_that_makes_no_sense_is_not_asked(cast: Cast, params: dict[str, str]) -> None:
    make.demand(cast.alliance)
    assert lists.demands(Question.read(params, [cast.alliance])).count() == 1


def test_lists_are_narrowed_by_place(cast: Cast) -> None:
    here = make.demand(cast.alliance, cast.station_place)
    make.demand(cast.alliance)
    make.demand(cast.foreign_alliance, cast.foreign_station_place)
    every = [cast.alliance, cast.foreign_alliance]
    counts = {
        place.name: lists.demands(Question.read({"place": place.code}, every)).count()
        for place in (cast.county_place, cast.street_place, cast.community, cast.station_place)
    }
    assert counts == {"示范县": 3, "城关街道": 2, "同心社区": 2, "清风小区服务站": 1}
    assert Question.read({"place": cast.foreign_community.code}, [cast.alliance]).place is None
    assert lists.demands(Question.read({"place": cast.station_place.code}, every)).get() == here


def test_rates_take_three_queries(cast: Cast, django_assert_num_queries: Any) -> None:
    claim(cast, date(2026, 3, 10))
    with django_assert_num_queries(3):
        first_quarter(cast)
