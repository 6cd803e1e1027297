"""The public page behind a one-time link: looking changes nothing, one link makes one account."""

import pytest
from django.core.cache import cache
from django.test import Client

from alliances.models import Invitation, LogEntry, User
from alliances.services import accounts
from alliances.views import invitations

GOOD = {"password": "Tushuguan-2026", "again": "Tushuguan-2026"}


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()


@pytest.fixture
def person(cast):
    return cast.members["县财政局"].appointments.get().person


@pytest.fixture
def url(cast, person):
    return f"/invite/{accounts.invite(person, actor=cast.secretary)}/"


def test_invitation_opened_by_a_chat_program_changes_nothing(url, person):
    client = Client()
    for _ in range(5):
        assert client.get(url).status_code == 200
        assert client.head(url).status_code == 200
    assert not User.objects.filter(person=person).exists()
    assert Invitation.objects.get().used_at is None


def test_invitation_posted_opens_the_account_and_logs_in(url, person):
    client = Client()
    answer = client.post(url, {**GOOD, "email": "c@example.cn"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "已开通" in client.get("/").content.decode()
    user = User.objects.get(person=person)
    assert user.email == "c@example.cn"
    assert LogEntry.objects.filter(action="alliances.account.login", actor=user).count() == 1
    assert client.cookies["gongjian_session"]["max-age"] == ""


def test_invitation_may_be_remembered_on_the_own_device(url):
    client = Client()
    client.post(url, {**GOOD, "remember": "on"})
    assert client.cookies["gongjian_session"]["max-age"] == 30 * 24 * 3600


def test_invitation_works_once(url, person):
    Client().post(url, GOOD)
    again = Client().post(url, GOOD)
    assert again.status_code == 404
    assert "不能用了" in again.content.decode()
    assert User.objects.filter(person=person).count() == 1


@pytest.mark.parametrize(
    "data",
    [
        {"password": "short", "again": "short"},
        {"password": "1234567890123", "again": "1234567890123"},
        {"password": "Tushuguan-2026", "again": "Tushuguan-2027"},
        {"password": "", "again": ""},
        {**GOOD, "email": "not an address"},
    ],
)
def test_invitation_refuses_weak_or_wrong_input_and_stays_open(url, person, data):
    answer = Client().post(url, data)
    assert answer.status_code == 200
    assert "还没有开通" in answer.content.decode()
    assert not User.objects.filter(person=person).exists()
    assert Client().post(url, GOOD).status_code == 302


def test_invitation_shows_no_whole_phone_and_is_never_cached(url, person):
    answer = Client().get(url)
    assert person.phone not in answer.content.decode()
    assert f"{person.phone[:3]}****{person.phone[-4:]}" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_invitation_expires_and_a_new_one_replaces_the_old(cast, person, url, frozen):
    second = f"/invite/{accounts.invite(person, actor=cast.secretary)}/"
    assert Client().get(url).status_code == 404
    assert Client().get(second).status_code == 200
    frozen.forward(days=14, minutes=1)
    assert Client().get(second).status_code == 404


def test_invitation_of_an_unknown_token_is_a_friendly_404(cast):
    answer = Client().get("/invite/no-such-token/")
    assert answer.status_code == 404
    assert "重新发一个" in answer.content.decode()


def test_invitation_page_is_limited_per_address(cast, url):
    client = Client(REMOTE_ADDR="198.51.100.7")
    for _ in range(invitations.TRIES.most):
        assert client.get("/invite/guess/").status_code == 404
    assert client.get("/invite/guess/").status_code == 429
    assert client.get(url).status_code == 429
    assert Client(REMOTE_ADDR="198.51.100.8").get(url).status_code == 200


def test_invitation_limit_is_not_fooled_by_an_invented_header(cast):
    for number in range(invitations.TRIES.most):
        Client(REMOTE_ADDR="198.51.100.9", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}").get("/invite/guess/")
    assert Client(REMOTE_ADDR="198.51.100.9").get("/invite/guess/").status_code == 429


def test_invitation_is_logged_in_place_of_somebody_else(cast, url, client_for, person):
    client = client_for(cast.other_liaison)
    client.post(url, GOOD)
    assert client.session["_auth_user_id"] == str(User.objects.get(person=person).pk)
