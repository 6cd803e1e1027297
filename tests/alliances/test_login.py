"""Logging in and out: in the log, remembered or not, idle limit, first password, lock-out."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from alliances import clock
from alliances.middleware import LAST_SEEN
from alliances.models import LogEntry
from alliances.services import accounts
from tests.factories.people import PASSWORD

COOKIE = "gongjian_session"


@pytest.fixture(autouse=True)
def _fresh_counters(db):
    cache.clear()


def login(user, password=PASSWORD, **data):
    client = Client()
    answer = client.post("/accounts/login/", {"login": user.phone, "password": password, **data})
    return client, answer


def entries(action, **filters):
    return LogEntry.objects.filter(action=f"alliances.account.{action}", **filters)


def test_login_by_phone_is_logged_with_the_person(cast):
    client, answer = login(cast.liaison)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    entry = entries("login").get()
    assert (entry.actor, entry.capacity, entry.object_id) == (cast.liaison, "liaison", cast.liaison.pk)
    client.post("/accounts/logout/")
    assert entries("logout").get().actor == cast.liaison


def test_login_failed_is_logged_without_what_was_typed(cast):
    login(cast.liaison, "wrong-password-1")
    entry = entries("login_failed").get()
    assert (entry.actor, entry.object_id, entry.data) == (None, cast.liaison.pk, {})
    Client().post("/accounts/login/", {"login": "my-secret-typed-here", "password": "x"})
    stranger = entries("login_failed").order_by("-pk").first()
    assert (stranger.object_id, stranger.data) == (None, {})


def test_login_of_a_disabled_account_is_refused(cast):
    accounts.set_active(cast.liaison, False, actor=cast.administrator)
    client, _ = login(cast.liaison)
    assert client.get("/").status_code == 302
    assert not entries("login").exists()


def test_login_remembered_on_the_own_device_only_when_asked(cast):
    client, answer = login(cast.liaison)
    assert client.cookies[COOKIE]["max-age"] == ""
    client, answer = login(cast.liaison, remember="on")
    assert client.cookies[COOKIE]["max-age"] == 30 * 24 * 3600
    assert answer.status_code == 302


@pytest.mark.parametrize("who", ["secretary", "staff", "street", "administrator", "auditor"])
def test_login_at_an_office_screen_ends_with_the_browser_whatever_was_ticked(cast, who):
    client, _ = login(getattr(cast, who), remember="on")
    client.get("/")
    assert client.cookies[COOKIE]["max-age"] == ""


def idle(client, minutes):
    session = client.session
    session[LAST_SEEN] = (clock.machine_time() - timedelta(minutes=minutes)).timestamp()
    session.save()


@pytest.mark.parametrize("who", ["secretary", "street", "administrator", "auditor"])
def test_idle_office_screen_is_logged_out_and_led_back(cast, client_for, who):
    client = client_for(getattr(cast, who))
    client.get("/")
    idle(client, 29)
    assert client.get("/inbox/").status_code == 200
    idle(client, 31)
    answer = client.get("/inbox/?unread=1")
    assert answer["Location"] == "/accounts/login/?next=%2Finbox%2F%3Funread%3D1&idle=1"
    assert entries("logout").get().data == {"idle": True}
    assert client.get("/inbox/").status_code == 302


def test_idle_limit_is_a_setting(cast, client_for, settings):
    settings.IDLE_TIMEOUT_MINUTES = 5
    client = client_for(cast.secretary)
    client.get("/")
    idle(client, 6)
    assert client.get("/").status_code == 302


def test_idle_liaison_keeps_the_own_device(cast, client_for):
    client = client_for(cast.liaison)
    client.get("/")
    idle(client, 60 * 24)
    assert client.get("/").status_code == 200


def test_first_password_must_be_changed_before_anything_else(cast):
    temporary = accounts.reset_password(cast.liaison, actor=cast.administrator)
    client, _ = login(cast.liaison, temporary)
    for path in ("/", "/members/", "/inbox/"):
        assert client.get(path)["Location"] == "/accounts/password/change/"
    new = "Xinmima-2026"
    client.post("/accounts/password/change/", {"oldpassword": temporary, "password1": new, "password2": new})
    cast.liaison.refresh_from_db()
    assert not cast.liaison.must_change_password
    again, _ = login(cast.liaison, new)
    assert again.get("/").status_code == 200


def test_lock_out_after_many_wrong_passwords_says_so(cast, settings):
    settings.AXES_FAILURE_LIMIT = 3
    settings.ACCOUNT_RATE_LIMITS = False
    for _ in range(3):
        _, answer = login(cast.liaison, "wrong-password-1")
    assert answer.status_code == 429
    assert "暂时不能登录" in answer.content.decode()
    _, answer = login(cast.liaison)
    assert answer.status_code == 429
    assert not entries("login").exists()


def test_sessions_die_with_a_password_change_elsewhere(cast):
    phone, _ = login(cast.liaison)
    desk, _ = login(cast.liaison)
    assert phone.get("/").status_code == 200
    new = "Xinmima-2026"
    desk.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert phone.get("/").status_code == 302


def test_anonymous_is_led_to_the_login_and_back(db):
    answer = Client().get("/members/")
    assert answer["Location"] == "/accounts/login/?next=/members/"
