"""What an attacker tried on the rotation's pages."""

from __future__ import annotations

import pytest

from rotation.models import Wish
from tests.cast import Cast


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("secretary", True),
        ("street", True),
        ("liaison", True),
        ("leader", True),
        ("second_liaison", False),
        ("station", False),
    ],
)
def test_a_units_wishes_are_not_on_its_page_for_other_units(
    cast: Cast, client_for, who: str, seen: bool
) -> None:
    member = cast.members["县图书馆"]
    Wish.objects.create(
        alliance=cast.alliance,
        member=member,
        year=2026,
        excused_reason="馆长住院，人手不足",
        source="form",
        submitted_by=cast.liaison,
    )
    answer = client_for(getattr(cast, who)).get(f"/members/{member.pk}/")
    assert answer.status_code == 200
    assert ("馆长住院" in answer.content.decode()) is seen


@pytest.mark.parametrize("year", ["0000", "0001", "9999"])
@pytest.mark.parametrize("name", ["plan", "slip", "wishes", "swaps"])
def test_export_of_an_impossible_year_is_no_server_error(
    cast: Cast, client_for, name: str, year: str
) -> None:
    client = client_for(cast.secretary)
    assert client.get(f"/exports/{name}/", {"year": year, "month": "9999-12"}).status_code == 200
    answer = client.post(f"/exports/{name}/", {"year": year, "format": "xlsx", "month": "9999-12"})
    assert answer.status_code == 200


@pytest.mark.parametrize("month", ["9999-12", "2000-01", "0001-01", "9" * 5000 + "-1"])
@pytest.mark.parametrize("who", ["secretary", "county"])
def test_ledger_of_an_impossible_month_is_no_server_error(
    cast: Cast, client_for, who: str, month: str
) -> None:
    client = client_for(getattr(cast, who))
    assert client.get("/slips/", {"month": month, "state": "due"}).status_code == 200
