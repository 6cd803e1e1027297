"""The lock-out of django-axes behind allauth's login page: who is locked out, where, and who is not."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from alliances.models import Person, User

PHONE, PASSWORD = "13800004711", "a-long-enough-Passw0rd"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet_rate_limit(settings: Any) -> None:
    # allauth's own limit per minute would answer first; what is looked at here is the lock-out.
    settings.ACCOUNT_RATE_LIMITS = False


@pytest.fixture
def someone() -> User:
    user = User(phone=PHONE, person=Person.objects.create(name="赵敏", phone=PHONE))
    user.set_password(PASSWORD)
    user.save()
    return user


def log_in(phone: str, password: str, address: str = "10.0.0.1") -> Any:
    client = Client(REMOTE_ADDR=address)
    return client.post(reverse("account_login"), {"login": phone, "password": password})


def fail(times: int, address: str = "10.0.0.1") -> Any:
    for _ in range(times):
        answer = log_in(PHONE, "wrong", address)
    return answer


def test_login_with_phone_and_password_opens_the_desk(someone: User) -> None:
    answer = log_in(PHONE, PASSWORD)
    assert answer.status_code == 302
    assert "_auth_user_id" in answer.client.session


def test_too_many_wrong_passwords_lock_even_the_right_one_out(someone: User) -> None:
    assert fail(settings.AXES_FAILURE_LIMIT - 1).status_code == 200
    answer = fail(1)
    assert answer.status_code == 429
    assert any(template.name == "account/locked.html" for template in answer.templates)
    locked = log_in(PHONE, PASSWORD)
    assert locked.status_code == 429
    assert "_auth_user_id" not in locked.client.session


def test_lock_out_of_one_address_leaves_another_free(someone: User) -> None:
    """Else anybody could lock a colleague out from anywhere."""
    fail(settings.AXES_FAILURE_LIMIT)
    assert log_in(PHONE, PASSWORD, "10.0.0.2").status_code == 302


def test_login_in_time_starts_the_count_anew(someone: User) -> None:
    fail(settings.AXES_FAILURE_LIMIT - 1)
    assert log_in(PHONE, PASSWORD).status_code == 302
    assert fail(settings.AXES_FAILURE_LIMIT - 1).status_code == 200


def test_wrong_name_and_wrong_password_get_the_same_answer(someone: User) -> None:
    unknown, known = log_in("13900000000", "wrong"), log_in(PHONE, "wrong")
    assert unknown.status_code == known.status_code == 200
    errors = [answer.context["form"].non_field_errors() for answer in (unknown, known)]
    assert errors[0] == errors[1]


def test_sign_up_is_closed(client: Client) -> None:
    answer = client.get(reverse("account_signup"))
    assert any(template.name == "account/signup_closed.html" for template in answer.templates)
    client.post(reverse("account_signup"), {"username": PHONE, "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.filter(phone=PHONE).exists()
