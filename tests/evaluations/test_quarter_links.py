"""Every figure of the county's quarter leads to a list with exactly its count (the secretary walks through all of them)."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from django.test import Client

from alliances.calendars import Quarter
from alliances.enums import Role
from alliances.models import Alliance, Appointment, Member, Organisation
from evaluations.selectors import quarter
from tests.conftest import client_of
from tests.evaluations.quarter_county import county  # noqa: F401 - a fixture
from tests.factories import people

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
FIRST = Quarter(2026, 1)
TOTAL = re.compile(r"(\d+)")


def total(client: Client, url: str) -> int:
    """What the list says it counts, as its page asks for it."""
    answer = client.get(f"{url}&{urlencode({'total': 1})}")
    assert answer.status_code == 200, url
    found = TOTAL.search(re.sub(r"<[^>]+>", " ", answer.content.decode()))
    assert found, url
    return int(found.group(1))


def instead_of_the_rosters(name: str, role: str, where: Organisation | Member) -> Client:
    """A browser of somebody in the post that the roster has given to a contact without an account."""
    place = {"member" if isinstance(where, Member) else "organisation": where}
    Appointment.objects.filter(role=role, **place).delete()
    return client_of(people.user(name, role, where))


def links(found: list[quarter.Figure]) -> dict[str, int]:
    """Address → the count it must show."""
    expected: dict[str, int] = {}
    for one in found:
        pairs = [(one.url, one.numerator)] if one.kind in (quarter.COUNT, quarter.RATE) else []
        if one.kind == quarter.RATE:
            pairs.append((one.whole_url, one.denominator))
        for url, number in pairs:
            if url and number is not None:
                assert expected.setdefault(url, number) == number, url
    return expected


def trend_links(facts: quarter.QuarterFacts) -> dict[str, int]:
    """The same of the rates of the quarters before."""
    shares = [
        point[name] for point in facts.as_figures()["trend"] for name in ("response", "resolved", "satisfied")
    ]
    return {one["url"]: one["part"] for one in shares} | {one["whole_url"]: one["whole"] for one in shares}


def unaddressed(found: list[quarter.Figure]) -> list[str]:
    """Keys of figures that count something and do not say where it can be looked at."""
    keys = []
    for one in found:
        counted, whole = one.numerator or 0, one.denominator or 0
        if counted and not one.url:
            keys.append(one.key)
        if one.kind == quarter.RATE and whole and not (one.url and one.whole_url):
            keys.append(one.key)
        if one.kind == quarter.SCORE and (whole or one.value[:1].isdigit()) and not one.url:
            keys.append(one.key)
    return keys


def test_no_figure_with_rows_behind_it_is_without_an_address(county: list[Alliance]) -> None:  # noqa: F811
    for alliance in county:
        facts = quarter.facts(alliance, FIRST)
        assert unaddressed(facts.figures()) == []
        assert unaddressed(list(facts.mean.values())) == []
        assert all(one.url for one in facts.months)
        assert all(one.url for one in facts.activities)
        assert all(one.url for one in facts.results)


def test_sheets_lead_to_the_rounds_whose_sheets_they_are(county: list[Alliance]) -> None:  # noqa: F811
    for alliance in county:
        found = {one.key: one.url for one in quarter.facts(alliance, FIRST).figures()}
        sheets = {url for key, url in found.items() if key.startswith("ballots.")}
        assert sheets == {found["rounds.settled"]}


def test_the_lists_of_steps_attendance_and_promises_are_among_those_walked(county: list[Alliance]) -> None:  # noqa: F811
    """Twin of the walk: without these addresses it would say nothing of them."""
    found = {url.partition("?")[0] for url in links(quarter.facts(county[0], FIRST).figures())}
    assert {"/duties/", "/feedback/", "/meetings/replies/", "/activities/units/", "/commitments/"} <= found


def test_every_link_opens_a_list_of_exactly_that_count(county: list[Alliance]) -> None:  # noqa: F811
    walked = 0
    for alliance in county:
        secretary = instead_of_the_rosters("走查书记", Role.SECRETARY, alliance.organisation)
        facts = quarter.facts(alliance, FIRST)
        expected = links(facts.figures()) | trend_links(facts)
        wrong = {
            url: (found, number)
            for url, number in expected.items()
            if (found := total(secretary, url)) != number
        }
        assert not wrong
        walked += len(expected)
        for url in sorted({one.url for one in facts.figures() if one.kind in (quarter.SUM, quarter.SCORE)}):
            assert not url or secretary.get(url).status_code == 200, url
        for found in facts.offered.values():
            for one in found:
                assert secretary.get(one.url).status_code == 200, one
    assert walked > 8 * 150


def test_an_office_follows_a_link_without_having_chosen_a_community(county: list[Alliance]) -> None:  # noqa: F811
    alliance = county[3]
    street = client_of(people.user("走查街道", Role.OFFICE, alliance.organisation.parent))
    facts = quarter.facts(alliance, FIRST)
    own = [one for section in facts.sections for one in section.figures]
    own += [facts.mean["attendance"], facts.mean["commitments"]]
    own += [line.figures[name] for line in facts.members for name in ("attendance", "commitments")]
    for url, number in links(own).items():
        assert total(street, url) == number, url


def test_a_liaison_follows_its_own_lines_links(county: list[Alliance]) -> None:  # noqa: F811
    alliance = county[0]
    facts = quarter.facts(alliance, FIRST)
    busiest = max(facts.members, key=lambda line: line.facts.claims_due)
    liaison = instead_of_the_rosters("走查联络员", Role.LIAISON, Member.objects.get(pk=busiest.member))
    for url, number in links(list(busiest.figures.values())).items():
        assert total(liaison, url) == number, url


def test_a_liaison_reads_no_other_units_rows_by_the_means_links(county: list[Alliance]) -> None:  # noqa: F811
    alliance = county[0]
    facts = quarter.facts(alliance, FIRST)
    mine, other = facts.members[0], facts.members[1]
    liaison = instead_of_the_rosters("走查邻居", Role.LIAISON, Member.objects.get(pk=mine.member))
    for name in ("attendance", "commitments"):
        own, theirs, mean = mine.figures[name], other.figures[name], facts.mean[name]
        assert total(liaison, own.whole_url) == own.denominator
        assert total(liaison, theirs.whole_url) == 0
        assert total(liaison, mean.whole_url) == own.denominator
