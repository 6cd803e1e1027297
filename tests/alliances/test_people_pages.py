"""Posts and accounts on screen: who appoints, ends, invites, gives a new password, enables and disables whom."""

import re

import pytest

from alliances.enums import Role
from alliances.errors import OfficeError
from alliances.models import Appointment, Invitation, LogEntry, Person, User
from alliances.policies import may_manage_account
from alliances.services import accounts, appointments
from tests.factories import people


def contact_of(member):
    """The liaison of ``member``, who has no account."""
    return member.appointments.get(role=Role.LIAISON).person


# --- posts of the community --------------------------------------------------------------------------------------


def test_posts_secretary_appoints_staff_and_station_head(cast, client_for):
    client = client_for(cast.secretary)
    data = {"name": "新同志", "phone": "13900001111", "role": "staff", "place": str(cast.community.pk)}
    assert client.post("/posts/", data).status_code == 302
    post = Appointment.objects.get(person__name="新同志")
    assert (post.role, post.organisation) == ("staff", cast.community)
    wrong = {**data, "role": "station", "name": "站长"}
    assert "站点负责人任在小区服务站" in client.post("/posts/", wrong).content.decode()
    client.post("/posts/", {**wrong, "place": str(cast.station_place.pk)})
    assert Appointment.objects.filter(person__name="站长", organisation=cast.station_place).exists()


@pytest.mark.parametrize("role", ["secretary", "office", "administrator", "auditor", "liaison"])
def test_posts_secretary_cannot_give_posts_beyond_the_community(cast, client_for, role):
    data = {"name": "某人", "phone": "13900001111", "role": role, "place": str(cast.community.pk)}
    client_for(cast.secretary).post("/posts/", data)
    assert not Appointment.objects.filter(person__name="某人").exists()


def test_posts_elsewhere_cannot_be_given(cast, client_for):
    data = {
        "name": "某人",
        "phone": "13900001111",
        "role": "staff",
        "place": str(cast.foreign_community.pk),
    }
    client_for(cast.secretary).post("/posts/", data)
    assert not Appointment.objects.filter(person__name="某人").exists()


def test_posts_staff_look_but_do_not_appoint(cast, client_for):
    client = client_for(cast.staff)
    assert client.get("/posts/").status_code == 200
    assert client.post("/posts/", {}).status_code == 403
    assert client_for(cast.liaison).get("/posts/").status_code == 403


def test_post_is_ended_by_the_secretary_and_the_session_dies(cast, client_for):
    staff = client_for(cast.staff)
    assert staff.get("/").status_code == 200
    post = cast.staff.person.appointments.get()
    client_for(cast.secretary).post(f"/posts/{post.pk}/end/")
    assert staff.get("/").status_code == 302
    assert LogEntry.objects.filter(action="alliances.appointment.end", alliance=cast.alliance).exists()


@pytest.mark.parametrize(
    ("who", "whose", "status"),
    [
        ("secretary", "secretary", 403),
        ("secretary", "liaison", 403),
        ("staff", "president", 403),
        ("foreign_secretary", "staff", 404),
        ("street", "staff", 403),
        ("auditor", "staff", 404),
        ("liaison", "staff", 403),
    ],
)
def test_post_of_others_is_not_ended(cast, client_for, who, whose, status):
    post = getattr(cast, whose).person.appointments.get()
    assert client_for(getattr(cast, who)).post(f"/posts/{post.pk}/end/").status_code == status
    post.refresh_from_db()
    assert post.ends_on is None


# --- accounts ----------------------------------------------------------------------------------------------------


def test_accounts_administrator_finds_people_by_name_phone_and_state(cast, client_for):
    client = client_for(cast.administrator)
    assert "杨欣然" in client.get("/people/?q=杨欣").content.decode()
    assert "杨欣然" in client.get(f"/people/?q={cast.liaison.phone}").content.decode()
    html = client.get("/people/?account=none").content.decode()
    assert "县财政局联络员" in html
    assert "杨欣然" not in html
    User.objects.filter(pk=cast.liaison.pk).update(is_active=False)
    assert "杨欣然" in client.get("/people/?account=off").content.decode()


@pytest.mark.parametrize("who", ["secretary", "county", "auditor", "liaison"])
def test_accounts_are_for_administrators(cast, client_for, who):
    client = client_for(getattr(cast, who))
    assert client.get("/people/").status_code == 403
    assert client.get("/people/new/").status_code == 403


def test_administrator_appoints_an_office_and_never_the_same_auditor(cast, client_for):
    client = client_for(cast.administrator)
    data = {"name": "街道新人", "phone": "13900002222", "role": "office", "place": str(cast.street_place.pk)}
    assert client.post("/people/new/", data).status_code == 302
    assert Appointment.objects.filter(person__name="街道新人", role="office").exists()
    me = cast.administrator.person
    own = {"name": me.name, "phone": me.phone, "role": "auditor", "place": str(cast.county_place.pk)}
    html = client.post("/people/new/", own).content.decode()
    assert "系统管理员和审计员不能是同一个人" in html
    # nor under another name with the own telephone
    html = client.post("/people/new/", {**own, "name": "别名"}).content.decode()
    assert "系统管理员和审计员不能是同一个人" in html
    assert Appointment.objects.filter(role="auditor").count() == 1


def test_auditor_is_never_made_administrator(cast):
    with pytest.raises(OfficeError, match="不能是同一个人"):
        appointments.appoint(
            cast.auditor.person,
            Role.ADMINISTRATOR,
            organisation=cast.county_place,
            actor=cast.administrator,
        )


def test_last_administrator_stays(cast):
    post = cast.administrator.person.appointments.get()
    with pytest.raises(OfficeError, match="最后一位"):
        appointments.end(post, actor=cast.administrator)
    people.user("接任管理员", Role.ADMINISTRATOR, cast.county_place)
    appointments.end(post, actor=cast.administrator)
    post.refresh_from_db()
    assert post.ends_on is not None


def test_administrator_below_the_root_keeps_only_its_own_accounts(cast, client_for):
    local = people.user("街道管理员", Role.ADMINISTRATOR, cast.street_place)
    client = client_for(local)
    html = client.get("/people/").content.decode()
    assert "杨欣然" in html
    assert "姚书记员" not in html
    assert client.post(f"/people/{cast.county.person_id}/password/").status_code == 404
    # in both alliances, one of them beyond the street: seen, but not this administrator's to manage
    assert client.post(f"/people/{cast.both_liaison.person_id}/password/").status_code == 403


# --- invitations and passwords -----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["secretary", "staff", "administrator"])
def test_invite_shows_link_code_and_text_once(cast, client_for, who):
    person = contact_of(cast.members["县财政局"])
    answer = client_for(getattr(cast, who)).post(f"/people/{person.pk}/invite/")
    html = answer.content.decode()
    token = re.search(r"/invite/([\w-]+)/", html)[1]
    assert accounts.open_invitation(token).person == person
    assert "data:image/svg+xml" in html
    assert f"{person.name}同志" in html
    assert "no-store" in answer["Cache-Control"]
    assert Invitation.objects.get(person=person).token_hash != token


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("liaison", 403),
        ("leader", 403),
        ("president", 403),
        ("station", 403),
        ("street", 403),
        ("auditor", 404),
        ("foreign_secretary", 404),
        ("other_street", 404),
    ],
)
def test_invite_is_refused_to_everybody_else(cast, client_for, who, status):
    person = contact_of(cast.members["县财政局"])
    assert client_for(getattr(cast, who)).post(f"/people/{person.pk}/invite/").status_code == status
    assert not Invitation.objects.filter(person=person).exists()


def test_invite_needs_a_post(cast, client_for):
    person = contact_of(cast.members["县财政局"])
    assert client_for(cast.secretary).get(f"/people/{person.pk}/invite/").status_code == 405


def test_invite_cannot_take_over_an_office_listed_as_own_staff(cast, client_for):
    """A contact of the office without an account, whom a secretary appoints as staff, is still the office's."""
    person = people.contact("县里领导")
    people.appoint(person, Role.OFFICE, cast.county_place)
    appointments.appoint(person, Role.STAFF, organisation=cast.community, actor=cast.secretary)
    assert client_for(cast.secretary).post(f"/people/{person.pk}/invite/").status_code == 403
    assert may_manage_account(cast.fresh(cast.administrator), person)


def test_invite_reaches_the_liaison_of_two_alliances_but_not_anothers_secretary(cast):
    secretary = cast.fresh(cast.secretary)
    assert may_manage_account(secretary, cast.both_liaison.person)
    people.appoint(cast.foreign_secretary.person, Role.LIAISON, cast.members["县司法局"])
    assert not may_manage_account(secretary, cast.foreign_secretary.person)


def test_reset_password_is_temporary_shown_once_and_ends_sessions(cast, client_for):
    liaison = client_for(cast.liaison)
    assert liaison.get("/").status_code == 200
    answer = client_for(cast.staff).post(f"/people/{cast.liaison.person_id}/password/")
    password = re.search(r'id="new-password">([^<]+)<', answer.content.decode())[1]
    assert liaison.get("/").status_code == 302
    cast.liaison.refresh_from_db()
    assert cast.liaison.check_password(password)
    assert cast.liaison.must_change_password
    entry = LogEntry.objects.get(action="alliances.account.reset_password")
    assert password not in str(entry.data)


def test_reset_password_of_the_secretary_is_the_administrators(cast, client_for):
    assert client_for(cast.staff).post(f"/people/{cast.secretary.person_id}/password/").status_code == 403
    url = f"/people/{cast.secretary.person_id}/password/"
    assert client_for(cast.administrator).post(url).status_code == 200
    own = f"/people/{cast.administrator.person_id}/password/"
    assert client_for(cast.administrator).post(own).status_code == 403


def test_disable_ends_sessions_and_enable_opens_again(cast, client_for):
    liaison, administrator = client_for(cast.liaison), client_for(cast.administrator)
    assert liaison.get("/").status_code == 200
    administrator.post(f"/people/{cast.liaison.person_id}/disable/")
    assert liaison.get("/").status_code == 302
    assert not User.objects.get(pk=cast.liaison.pk).is_active
    administrator.post(f"/people/{cast.liaison.person_id}/enable/")
    assert User.objects.get(pk=cast.liaison.pk).is_active
    assert client_for(cast.secretary).post(f"/people/{cast.liaison.person_id}/disable/").status_code == 403
    assert administrator.post(f"/people/{cast.administrator.person_id}/disable/").status_code == 403


def test_account_page_of_a_contact_and_of_nobody(cast, client_for):
    administrator = client_for(cast.administrator)
    person = contact_of(cast.members["县财政局"])
    assert "还没有账号" in administrator.get(f"/people/{person.pk}/").content.decode()
    assert administrator.post(f"/people/{person.pk}/password/").status_code == 404
    nobody = Person.objects.order_by("-pk").first().pk + 1
    assert administrator.get(f"/people/{nobody}/").status_code == 404
    assert client_for(cast.secretary).get(f"/people/{cast.liaison.person_id}/").status_code == 200
