"""The offices' table, choosing an alliance, the small things of the frame."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alliances.models import DemoClock, LogEntry
from alliances.services import demo_clock, organisations
from rotation.enums import PlanState
from rotation.models import Plan
from tests.factories import people


def test_office_table_shows_plan_chair_and_slip_with_links(cast, march, client_for):
    html = client_for(cast.street).get("/office/").content.decode()
    assert f'href="/year/{cast.alliance.code}/2026/"' in html
    assert "县图书馆、县文体广电局、县人民医院" in html
    assert f'href="/slips/{march.pk}/"' in html
    assert "待签收" in html


def test_office_table_of_a_draft_says_so_without_a_link(cast, client_for):
    Plan.objects.filter(pk=cast.plan.pk).update(state=PlanState.DRAFT)
    html = client_for(cast.street).get("/office/").content.decode()
    assert "正在编制" in html
    assert f'href="/year/{cast.alliance.code}/2026/"' not in html


def test_office_table_of_another_month(cast, client_for):
    html = client_for(cast.street).get("/office/?month=2026-05").content.decode()
    assert "2026年5月" in html
    assert "县农商银行" in html


@pytest.mark.parametrize("value", ["", "2026", "2026-13", "abc-1", "99999-1", "2026-0", "２０２６-1"])
def test_office_table_takes_a_wrong_month_for_this_one(cast, client_for, value):
    answer = client_for(cast.street).get("/office/", {"month": value})
    assert answer.status_code == 200
    assert "2026年3月" in answer.content.decode()


@pytest.mark.parametrize("who", ["secretary", "liaison", "administrator", "auditor", "station"])
def test_office_table_is_for_offices(cast, client_for, who):
    assert client_for(getattr(cast, who)).get("/office/").status_code == 403


def test_office_table_costs_the_same_for_more_communities(cast, client_for):
    client = client_for(cast.county)
    client.get("/complaint/")
    with CaptureQueriesContext(connection) as few:
        client.get("/office/")
    for number in range(6):
        place = people.place(f"新{number}社区", parent=cast.street_place)
        people.alliance(place)
    with CaptureQueriesContext(connection) as many:
        html = client.get("/office/").content.decode()
    assert html.count("还没有</span>") >= 6
    assert len(few) == len(many) <= 12


def test_office_table_goes_on_where_the_first_page_ends(cast, client_for):
    from alliances.selectors.overview import overview

    first = overview(cast.fresh(cast.county), 2026, 3, size=1)
    assert [row.alliance.pk for row in first.rows] == [cast.alliance.pk]
    rest = overview(cast.fresh(cast.county), 2026, 3, after=first.after, size=1)
    assert [row.alliance.pk for row in rest.rows] == [cast.foreign_alliance.pk]
    assert rest.after == ""


def test_choose_sets_the_alliance_for_the_following_pages(cast, client_for):
    client = client_for(cast.county)
    assert client.get("/members/").status_code == 302
    answer = client.post("/choose/", {"alliance": cast.foreign_alliance.code, "next": "/members/"})
    assert (answer.status_code, answer["Location"]) == (302, "/members/")
    assert "县法院" in client.get("/members/").content.decode()


def test_choose_foreign_alliance_is_not_found(cast, client_for):
    client = client_for(cast.secretary)
    assert client.post("/choose/", {"alliance": cast.foreign_alliance.code}).status_code == 404
    assert client.get("/choose/").status_code == 405


def test_choose_never_leads_off_the_site(cast, client_for):
    client = client_for(cast.secretary)
    answer = client.post("/choose/", {"alliance": cast.alliance.code, "next": "https://evil.example/"})
    assert answer["Location"] == "/"


def test_switcher_is_a_form_for_people_of_two_alliances(cast, client_for):
    html = client_for(cast.both_liaison).get("/").content.decode()
    assert f'name="alliance" value="{cast.foreign_alliance.code}"' in html


def test_big_type_is_a_cookie_of_the_device(cast, client_for):
    client = client_for(None)
    client.post("/big-type/", {"big": "1", "next": "/complaint/"})
    assert 'class="big-type"' in client.get("/complaint/").content.decode()
    client.post("/big-type/", {"big": "0"})
    assert 'class="big-type"' not in client.get("/complaint/").content.decode()


def test_complaint_names_people_to_the_alliance_only(cast, client_for):
    inside = client_for(cast.liaison).get("/complaint/").content.decode()
    assert cast.secretary.phone in inside
    assert "城关街道" in inside
    outside = client_for(None).get("/complaint/").content.decode()
    assert cast.secretary.phone not in outside
    assert cast.secretary.person.name not in outside


def test_demo_clock_does_not_exist_outside_the_demo(cast, client_for):
    assert client_for(cast.administrator).post("/demo/clock/", {"step": "workday"}).status_code == 404


def test_demo_clock_is_moved_by_the_administrator_and_logged(cast, client_for, settings):
    settings.DEMO = True
    demo_clock.start(cast.plan.passed_at)
    before = DemoClock.objects.get().office_at
    assert client_for(cast.secretary).post("/demo/clock/", {"step": "workday"}).status_code == 403
    client = client_for(cast.administrator)
    assert client.post("/demo/clock/", {"step": "workday"}).status_code == 302
    assert DemoClock.objects.get().office_at > before
    assert LogEntry.objects.filter(action="alliances.demo.advance", data__step="workday").count() == 1
    client.post("/demo/clock/", {"step": "backwards"})
    assert LogEntry.objects.filter(action="alliances.demo.advance").count() == 1


def test_admin_shows_the_installation_and_changes_nothing(cast, client_for):
    client = client_for(cast.administrator)
    assert client.get("/admin/alliances/organisation/").status_code == 200
    assert client.get("/admin/alliances/organisation/add/").status_code == 403
    assert client.get("/admin/mfa/authenticator/").status_code in (403, 404)
    assert client.get("/admin/axes/accessattempt/").status_code in (403, 404)
    page = client.get(f"/admin/alliances/organisation/{cast.community.pk}/change/").content.decode()
    assert 'name="_save"' not in page


@pytest.mark.parametrize("who", ["secretary", "county", "auditor", None])
def test_admin_is_closed_to_everybody_else(cast, client_for, who):
    answer = client_for(getattr(cast, who) if who else None).get("/admin/")
    assert answer.status_code in (302, 403)
    if answer.status_code == 302:
        assert "/admin/login/" in answer["Location"]
        login = client_for(None).get("/admin/login/")
        assert login.status_code == 302
        assert login["Location"].startswith("/accounts/login/")


def test_settings_of_the_county_reach_the_community(cast):
    from alliances.selectors.settings import settings_for

    organisations.change_settings(cast.county_place, {"acknowledge_within": 4}, actor=cast.county)
    assert settings_for(cast.community).acknowledge_within == 4
