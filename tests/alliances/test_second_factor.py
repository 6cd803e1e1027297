"""Administrators and offices work only with a second factor, unless the deployment does not ask for one."""

import pytest
from allauth.mfa.models import Authenticator

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.mark.parametrize("who", ["county", "street", "administrator"])
def test_second_factor_missing_leads_to_set_up(who, request, client):
    client.force_login(request.getfixturevalue(who))
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer.url == "/accounts/2fa/"
    assert client.get("/accounts/2fa/").status_code == 200


def test_second_factor_set_up_opens_the_desk(county, client):
    Authenticator.objects.create(user=county, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client.force_login(county)
    assert client.get("/").status_code == 200


def test_second_factor_recovery_codes_alone_are_not_one(county, client):
    Authenticator.objects.create(user=county, type=Authenticator.Type.RECOVERY_CODES, data={})
    client.force_login(county)
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("who", ["secretary", "liaison"])
def test_second_factor_is_not_asked_of_others(who, request, client):
    client.force_login(request.getfixturevalue(who))
    assert client.get("/").status_code == 200
