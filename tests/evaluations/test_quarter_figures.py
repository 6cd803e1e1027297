"""Every figure of the county's quarter, counted again in plain SQL (``quarter_sql``); what lies outside is left out."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alliances import clock
from alliances.calendars import Quarter
from alliances.models import Alliance
from bench.quarter import SEEN_AT
from evaluations import assessing
from evaluations.selectors import quarter
from evaluations.selectors.quarter import QuarterFacts
from tests.evaluations import quarter_sql
from tests.evaluations.quarter_county import county  # noqa: F401 - a fixture

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
COMMUNITIES = 8
FIRST = Quarter(2026, 1)
ENOUGH = 60


@pytest.fixture(scope="module")
def quarters(county: list[Alliance]) -> dict[int, QuarterFacts]:  # noqa: F811 - the fixture above
    with clock.at(SEEN_AT):
        return {alliance.pk: quarter.facts(alliance, FIRST) for alliance in county}


def each(quarters: dict[int, QuarterFacts]) -> Any:
    assert len(quarters) == COMMUNITIES
    return quarters.items()


def test_every_figure_of_every_community_equals_the_count_in_sql(quarters: dict[int, QuarterFacts]) -> None:
    for pk, found in each(quarters):
        expected = quarter_sql.expected(pk)
        own = [one for section in found.sections for one in section.figures]
        own += [one for table in found.tables.values() for one in table]
        counted = {one.key: (one.numerator, one.denominator) for one in own if one.kind != quarter.SCORE}
        assert counted == expected
        assert len(counted) >= ENOUGH
        assert len({one.key for one in found.figures()}) == len(found.figures())


def test_every_score_equals_the_sum_over_the_ballots(quarters: dict[int, QuarterFacts]) -> None:
    for pk, found in each(quarters):
        own = found.sections[-1].figures
        assert {one.key: one.value for one in own if one.kind == quarter.SCORE} == quarter_sql.scores(pk)


def test_every_members_figures_equal_the_count_in_sql(quarters: dict[int, QuarterFacts]) -> None:
    for pk, found in each(quarters):
        counted = {
            line.member: {
                name: (one.numerator, one.denominator)
                for name, one in line.figures.items()
                if one.kind != quarter.SCORE
            }
            for line in found.members
        }
        assert counted == quarter_sql.members(pk)


def test_the_quarter_has_something_of_everything(quarters: dict[int, QuarterFacts]) -> None:
    """Else equal counts would prove little: over the county no figure with rows behind it is nought everywhere."""
    sums: dict[str, int] = {}
    for _, found in each(quarters):
        for section in found.sections:
            for one in section.figures:
                if one.kind != quarter.SCORE:
                    sums[one.key] = sums.get(one.key, 0) + (one.numerator or 0)
    unused = {"meetings.resident_units", "meetings.liaisons", "activities.party_day", "activities.other"}
    assert {key for key, total in sums.items() if not total} == {*unused, "activities.joint_meeting"}


def test_rates_print_half_up_and_say_when_nothing_was_due(quarters: dict[int, QuarterFacts]) -> None:
    seen = 0
    for _, found in each(quarters):
        for one in found.figures():
            if one.kind != quarter.RATE:
                continue
            if not one.denominator:
                assert one.value.startswith("本季度无"), one.key
                continue
            exact = Decimal(100) * one.numerator / one.denominator
            assert one.value == f"{exact.quantize(Decimal('0.1'), rounding=ROUND_HALF_UP)}%", one.key
            seen += 1
    assert seen > ENOUGH


def test_the_members_facts_are_what_their_figures_say(quarters: dict[int, QuarterFacts]) -> None:
    running = 0
    for _, found in each(quarters):
        for line in found.members:
            facts, figures = line.facts, line.figures
            assert (facts.claims_on_time, facts.claims_due) == pair(figures["on_time"])
            assert (facts.satisfied, facts.answers) == pair(figures["satisfied"])
            assert (facts.meetings_attended, facts.meetings_invited) == pair(figures["attendance"])
            assert (facts.commitments_fulfilled, facts.commitments_due) == pair(figures["commitments"])
            scored = {
                Decimal(row.result["score"])
                for row in found.results
                if line.unit in row.chairs and row.subject == "chair" and row.state == "settled"
            }
            assert set(facts.chair_results) == scored
            running += facts.rounds_running
            assessing.assess(facts)
        assert found.member_facts == {line.member: line.facts for line in found.members}
    assert running == 4  # two communities have a round of March open, and March has two chairs


def pair(figure: quarter.Figure) -> tuple[int | None, int | None]:
    return figure.numerator, figure.denominator


def test_the_trend_ends_with_the_quarters_own_rates(quarters: dict[int, QuarterFacts]) -> None:
    for _, found in each(quarters):
        assert [(one.quarter.year, one.quarter.n) for one in found.trend] == [
            (2025, 2),
            (2025, 3),
            (2025, 4),
            (2026, 1),
        ]
        last = found.trend[-1]
        for name in ("response", "resolved", "satisfied"):
            share, figure = getattr(last, name), found.figure(f"rates.{name}")
            assert (share.part, share.whole) == pair(figure)
    assert any(one.trend[2].resolved.whole for one in quarters.values())  # 2025 is there too


def test_the_document_is_json_and_the_same_at_every_making(
    county: list[Alliance],  # noqa: F811 - the fixture above
    quarters: dict[int, QuarterFacts],
) -> None:
    alliance = county[0]
    first = json.dumps(quarters[alliance.pk].as_figures(), ensure_ascii=False, sort_keys=True)
    assert json.loads(first) == quarters[alliance.pk].as_figures()
    assert (
        json.dumps(quarter.facts(alliance, FIRST).as_figures(), ensure_ascii=False, sort_keys=True) == first
    )
    found = json.loads(first)
    assert (
        quarter.figure(found, "rates.resolved")["value"]
        == quarters[alliance.pk].figure("rates.resolved").value
    )
    with pytest.raises(KeyError):
        quarter.figure(found, "no.such.key")


def test_facts_ask_no_more_of_a_large_community_than_of_a_small_one(
    county: list[Alliance],  # noqa: F811 - the fixture above
) -> None:
    counts = set()
    for alliance in county:
        with CaptureQueriesContext(connection) as queries:
            quarter.facts(Alliance.objects.select_related("organisation__parent").get(pk=alliance.pk), FIRST)
        counts.add(len(queries) - 1)
    assert max(counts) <= 70
    assert max(counts) - min(counts) <= 2  # prefetches of nothing are not asked
