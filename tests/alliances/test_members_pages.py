"""Member units on screen: roster, a unit's page, joining, correcting, handing over, agreements, leaving."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alliances import clock
from alliances.enums import Role
from alliances.models import Agreement, Appointment, LogEntry, Member, Message, Unit
from alliances.selectors import directory
from tests.factories import people

NEW = {"name": "县气象局", "sector": "government", "duty_mode": "solo"}


@pytest.fixture
def secretary(cast, client_for):
    return client_for(cast.secretary)


def test_roster_shows_units_posts_and_accounts_in_roster_order(cast, secretary):
    html = secretary.get("/members/").content.decode()
    assert html.index("县财政局") < html.index("县图书馆") < html.index("县司法局")
    assert "杨欣然" in html
    assert "已开通" in html
    assert "未开通" in html


def test_roster_filters_by_name_sector_and_missing_account(cast, secretary):
    assert "县图书馆" not in secretary.get("/members/?q=财政").content.decode()
    school = cast.members["县实验小学"].unit
    Unit.objects.filter(pk=school.pk).update(sector="school")
    html = secretary.get("/members/?sector=school").content.decode()
    assert "县实验小学" in html
    assert "县财政局" not in html
    html = secretary.get("/members/?account=none").content.decode()
    assert "县财政局" in html
    assert "县图书馆" not in html


def test_roster_total_is_a_fragment_of_its_own(cast, secretary):
    assert secretary.get("/members/?total=1").content.decode().strip() == "<span>共 14 条</span>"


def test_roster_pages_go_forth_and_back(cast, secretary):
    people.members(cast.alliance, {f"单位{number:03d}": "solo" for number in range(60)})
    first = secretary.get("/members/")
    assert first.context["page"].newer == ""
    second = secretary.get(f"/members/{first.context['page'].older}")
    names = [row["member"].unit.name for row in first.context["rows"] + second.context["rows"]]
    assert len(names) == len(set(names)) == 74
    assert names[-1] == "单位059"
    back = secretary.get(f"/members/{second.context['page'].newer}")
    assert [r["member"].pk for r in back.context["rows"]] == [r["member"].pk for r in first.context["rows"]]


def test_roster_costs_the_same_for_one_and_many(cast, secretary):
    secretary.get("/complaint/")
    with CaptureQueriesContext(connection) as one:
        secretary.get("/members/?q=图书馆")
    with CaptureQueriesContext(connection) as all_of_them:
        secretary.get("/members/")
    assert len(one) == len(all_of_them) <= 12


@pytest.mark.parametrize("who", ["administrator", "auditor"])
def test_roster_is_no_business_of_administrators(cast, client_for, who):
    assert client_for(getattr(cast, who)).get("/members/").status_code == 403


def test_member_page_shows_duties_wishes_and_agreements(cast, march, secretary):
    member = cast.members["县图书馆"]
    Agreement.objects.create(alliance=cast.alliance, member=member, kind="joint", signed_on=date(2025, 3, 1))
    html = secretary.get(f"/members/{member.pk}/").content.decode()
    assert "2026年3月" in html
    assert "集体（牵头）" in html
    assert march.number in html
    assert "共驻共建协议书" in html
    assert "不填视为服从安排" in html


def test_member_page_hides_slip_numbers_from_other_units(cast, march, client_for):
    member = cast.members["县图书馆"]
    assert march.number not in client_for(cast.other_liaison).get(f"/members/{member.pk}/").content.decode()
    assert march.number in client_for(cast.liaison).get(f"/members/{member.pk}/").content.decode()


def test_member_page_of_foreign_alliance_is_not_found(cast, client_for):
    member = cast.members["县图书馆"]
    for path in ("", "edit/", "liaison/", "agreement/", "leave/"):
        assert client_for(cast.foreign_secretary).get(f"/members/{member.pk}/{path}").status_code == 404


@pytest.mark.parametrize("who", ["liaison", "leader", "president", "station", "street"])
@pytest.mark.parametrize("path", ["edit/", "liaison/", "agreement/", "leave/"])
def test_member_is_changed_by_the_community_only(cast, client_for, who, path):
    client = client_for(getattr(cast, who))
    url = f"/members/{cast.members['县图书馆'].pk}/{path}"
    assert client.get(url).status_code == 403
    assert client.post(url, {}).status_code == 403


def test_new_member_joins_with_its_people(cast, secretary):
    answer = secretary.post(
        "/members/new/", {**NEW, "leader": "丁局长", "liaison": "田小雨", "phone": "139 0000 7777"}
    )
    member = Member.objects.get(unit__name="县气象局")
    assert answer["Location"] == f"/members/{member.pk}/"
    assert directory.holder(member, Role.LIAISON).person.phone == "13900007777"
    assert directory.holder(member, Role.LEADER).person.name == "丁局长"
    assert LogEntry.objects.filter(action="alliances.member.join", object_id=member.pk).count() == 1


@pytest.mark.parametrize("name", ["县图书馆 ", "县 图书馆", "县图书馆（总馆）"])
def test_new_member_with_a_near_name_is_asked_about_first(cast, client_for, name):
    client = client_for(cast.foreign_secretary)
    html = client.post("/members/new/", {**NEW, "name": name, "leader": "某某"}).content.decode()
    assert "是同一家吗" in html
    assert 'value="某某"' in html
    assert Unit.objects.filter(name__contains="图书馆").count() == 1
    unit = cast.members["县图书馆"].unit
    client.post("/members/new/", {**NEW, "name": name, "same": str(unit.pk)})
    assert Member.objects.filter(alliance=cast.foreign_alliance, unit=unit).count() == 1
    assert Unit.objects.filter(name__contains="图书馆").count() == 1


def test_new_member_may_be_another_unit_of_a_near_name(cast, client_for):
    client = client_for(cast.foreign_secretary)
    client.post("/members/new/", {**NEW, "name": "县图书馆（总馆）", "same": "new"})
    assert Member.objects.filter(alliance=cast.foreign_alliance, unit__name="县图书馆（总馆）").exists()


def test_new_member_twice_is_refused_with_every_typed_word(cast, secretary):
    unit = cast.members["县图书馆"].unit
    html = secretary.post(
        "/members/new/", {**NEW, "name": "县图书馆", "same": str(unit.pk), "party_branch": "馆支部"}
    ).content.decode()
    assert "已经是同心社区党建联盟的成员单位" in html
    assert 'value="馆支部"' in html


def test_new_member_refused_leaves_nothing_half_done(cast, secretary):
    before = (Unit.objects.count(), Member.objects.count(), Appointment.objects.count())
    html = secretary.post("/members/new/", {**NEW, "liaison": "", "phone": "12345"}).content.decode()
    assert "不是" in html
    assert (Unit.objects.count(), Member.objects.count(), Appointment.objects.count()) == before


def test_edit_member_changes_unit_membership_and_leader(cast, secretary):
    member = cast.members["县图书馆"]
    secretary.post(
        f"/members/{member.pk}/edit/",
        {
            "name": "县图书馆",
            "aliases": "县馆、图书馆",
            "sector": "institution",
            "duty_mode": "solo",
            "joined_on": "2024年5月1日",
            "party_branch": "馆支部",
            "party_members": "12",
            "leader": "新馆长",
        },
    )
    member = Member.objects.select_related("unit").get(pk=member.pk)
    assert (member.duty_mode, member.joined_on) == ("solo", date(2024, 5, 1))
    assert member.unit.aliases == ["县馆", "图书馆"]
    assert directory.holder(member, Role.LEADER).person.name == "新馆长"
    assert Appointment.objects.filter(person=cast.leader.person, ends_on=None).count() == 0


def test_edit_member_without_changes_writes_no_log(cast, secretary):
    member = cast.members["县图书馆"]
    form = secretary.get(f"/members/{member.pk}/edit/").context["form"]
    data = {key: value for key, value in form.initial.items() if value is not None}
    before = LogEntry.objects.count()
    secretary.post(f"/members/{member.pk}/edit/", data)
    assert LogEntry.objects.count() == before


def test_hand_over_moves_the_post_and_tells_the_successor_what_is_open(cast, march, secretary):
    member = cast.members["县图书馆"]
    page = secretary.get(f"/members/{member.pk}/liaison/").content.decode()
    assert f"签收{march.number}" in page
    secretary.post(f"/members/{member.pk}/liaison/", {"name": "钱新", "phone": "１３９００００８８８８"})
    post = directory.holder(member, Role.LIAISON)
    assert (post.person.name, post.person.phone) == ("钱新", "13900008888")
    told = Message.objects.get(recipient=post.person, kind="alliances.hand_over")
    assert march.number in told.body


def test_agreement_is_recorded_and_lapsed_ones_are_marked(cast, secretary):
    member = cast.members["县图书馆"]
    data = {"kind": "joint", "signed_on": "2025-01-05", "valid_until": "2026-01-05"}
    secretary.post(f"/members/{member.pk}/agreement/", data)
    assert Agreement.objects.get(member=member).valid_until == date(2026, 1, 5)
    assert "已到期" in secretary.get("/members/?q=图书馆").content.decode()
    html = secretary.post(f"/members/{member.pk}/agreement/", data).content.decode()
    assert "已经登记过" in html
    wrong = {**data, "valid_until": "2024-01-01"}
    assert "不能早于签订日期" in secretary.post(f"/members/{member.pk}/agreement/", wrong).content.decode()


def test_leave_ends_posts_and_keeps_history(cast, secretary, client_for):
    member = cast.members["县图书馆"]
    liaison = client_for(cast.liaison)
    assert liaison.get("/").status_code == 200
    secretary.post(f"/members/{member.pk}/leave/", {"on": clock.today().isoformat()})
    assert Member.objects.get(pk=member.pk).left_on == clock.today()
    assert ">县图书馆</a>" not in secretary.get("/members/").content.decode()
    assert ">县图书馆</a>" in secretary.get("/members/?left=1").content.decode()
    assert secretary.get(f"/members/{member.pk}/").status_code == 200
    assert liaison.get("/").status_code == 302  # the session died with the post


def test_leave_before_joining_is_refused(cast, secretary):
    member = cast.members["县图书馆"]
    early = (member.joined_on - timedelta(days=1)).isoformat()
    html = secretary.post(f"/members/{member.pk}/leave/", {"on": early}).content.decode()
    assert "不能早于加入日期" in html
    assert Member.objects.get(pk=member.pk).left_on is None
