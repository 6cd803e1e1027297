"""The cast itself: what every other test relies on."""

import pytest
from django.db import DatabaseError

from alliances.models import Alliance, LogEntry, Organisation
from rotation.models import Plan, Slip
from tests.cast import Cast


def test_cast_stands_where_the_tests_expect_it(cast: Cast) -> None:
    assert cast.community.code == "01-01-01"
    assert cast.alliance.code == cast.community.code
    assert Alliance.objects.count() == 2
    assert Organisation.objects.count() == 7
    assert [c.member.unit.name for c in cast.duties[3].chairs.order_by("order")] == [
        "县图书馆",
        "县文体广电局",
        "县人民医院",
    ]
    assert Plan.objects.filter(state="passed").count() == 2
    assert Slip.objects.filter(state="acknowledged").count() == 2


def test_cast_sees_what_its_roles_see(cast: Cast) -> None:
    def sees(part: str) -> set[str]:
        return set(Alliance.objects.visible_to(cast.users[part]).values_list("code", flat=True))

    home, away = {"01-01-01"}, {"01-02-01"}
    for part in (
        "secretary",
        "staff",
        "president",
        "station",
        "liaison",
        "other_liaison",
        "leader",
        "street",
    ):
        assert sees(part) == home, part
    for part in ("other_street", "foreign_secretary", "foreign_liaison"):
        assert sees(part) == away, part
    assert sees("both_liaison") == sees("county") == home | away
    assert sees("administrator") == sees("auditor") == set()


def test_march_slip_is_numbered_after_the_past(march: Slip) -> None:
    assert march.number == "同心党建联提〔2026〕3号"
    assert march.receipts.count() == 3
    assert LogEntry.objects.filter(action="rotation.slip.issue").count() == 1


@pytest.mark.parametrize("turn", [1, 2])
def test_cast_is_rebuilt_after_a_transactional_test(turn: int, transactional_db: None, march: Slip) -> None:
    """The flush between the two goes past the log's triggers, and puts them back."""
    assert LogEntry.objects.filter(action="rotation.slip.issue").count() == 1
    with pytest.raises(DatabaseError):
        LogEntry.objects.all().delete()
