"""What an attacker tried on the foundation's pages."""

from __future__ import annotations

import pytest

from alliances.enums import Role
from alliances.errors import OfficeError
from alliances.models import Appointment, User
from alliances.policies import may_manage_account
from alliances.services import accounts, appointments
from tests.cast import Cast


def test_listing_anothers_liaison_as_ones_own_does_not_open_the_account(cast: Cast, client_for) -> None:
    """吴志强 enters 县图书馆's liaison as a liaison of his own unit: her account stays with 同心社区."""
    victim = cast.liaison.person
    member = cast.foreign_members["县法院"]
    appointments.hand_over(member, name=victim.name, phone=victim.phone, actor=cast.foreign_secretary)
    assert Appointment.objects.current().filter(person=victim, member=member).exists()
    answer = client_for(cast.foreign_secretary).post(f"/people/{victim.pk}/password/")
    assert answer.status_code == 403
    assert not User.objects.get(pk=cast.liaison.pk).must_change_password
    assert may_manage_account(cast.fresh(cast.secretary), victim)


def test_an_ended_post_closes_the_invitation_that_came_with_it(cast: Cast, client_for) -> None:
    post = Appointment.objects.get(member=cast.members["县财政局"], role=Role.LIAISON)
    token = accounts.invite(post.person, actor=cast.secretary)
    appointments.end(post, actor=cast.secretary)
    assert client_for(None).get(f"/invite/{token}/").status_code == 404
    with pytest.raises(OfficeError, match="邀请链接"):
        accounts.accept(token, "tongxin-2026-x")
    assert not User.objects.filter(person=post.person).exists()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "9999-99-99"])
@pytest.mark.parametrize("end", ["since", "until"])
def test_log_of_an_impossible_day_is_no_server_error(cast: Cast, client_for, end: str, day: str) -> None:
    assert client_for(cast.auditor).get("/log/", {end: day}).status_code == 200


@pytest.mark.parametrize("month", ["9" * 5000 + "-1", "2026-" + "1" * 5000, "abc"])
def test_office_of_an_impossible_month_is_no_server_error(cast: Cast, client_for, month: str) -> None:
    assert client_for(cast.county).get("/office/", {"month": month}).status_code == 200


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-01", "9999-12-31"])
def test_correction_of_an_impossible_day_is_no_server_error(cast: Cast, client_for, day: str) -> None:
    client = client_for(cast.secretary)
    answer = client.post("/settings/days/", {"day": day, "is_working": "0", "reason": "放假"}, follow=True)
    assert answer.status_code == 200
    assert client.get("/settings/days/").status_code == 200


@pytest.mark.parametrize("who", ["secretary", "administrator"])
@pytest.mark.parametrize("number", [2**63, 10**30])
def test_a_number_beyond_the_database_does_not_exist(cast: Cast, client_for, who: str, number: int) -> None:
    client = client_for(getattr(cast, who))
    for path in (f"/people/{number}/", f"/members/{number}/", f"/inbox/{number}/", f"/slips/{number}/"):
        assert client.get(path).status_code == 404, path
    assert client.post(f"/people/{number}/invite/").status_code == 404


@pytest.mark.parametrize(
    "path", ["/members/?q=%00", "/office/?after=%00", "/people/?q=%00", "/year/01%00/2026/"]
)
def test_nul_in_an_address_is_refused_before_the_database(cast: Cast, client_for, path: str) -> None:
    assert client_for(cast.county).get(path).status_code in (400, 404)


def test_nul_in_a_chosen_code_does_not_exist(cast: Cast, client_for) -> None:
    assert client_for(cast.county).post("/choose/", {"alliance": "01\0"}).status_code == 404
