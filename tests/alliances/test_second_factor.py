"""Administrators and offices work only with a second factor, unless the deployment does not ask for one."""

import pytest
from allauth.mfa.models import Authenticator

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.mark.parametrize("who", ["county", "street", "administrator"])
def test_second_factor_missing_leads_to_set_up(who, cast, client):
    client.force_login(getattr(cast, who))
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer.url == "/accounts/2fa/"
    assert client.get("/accounts/2fa/").status_code == 200


def test_second_factor_set_up_opens_the_desk(cast, client):
    Authenticator.objects.create(user=cast.county, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client.force_login(cast.county)
    assert client.get("/").status_code == 200


def test_second_factor_recovery_codes_alone_are_not_one(cast, client):
    Authenticator.objects.create(user=cast.county, type=Authenticator.Type.RECOVERY_CODES, data={})
    client.force_login(cast.county)
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("who", ["secretary", "liaison"])
def test_second_factor_is_not_asked_of_others(who, cast, client):
    client.force_login(getattr(cast, who))
    assert client.get("/").status_code == 200
