"""The organisation tree: codes, paths, and who stands under whom."""

from __future__ import annotations

import pytest

from alliances.errors import OfficeError
from alliances.models import LogEntry, Organisation
from alliances.selectors.settings import settings_for
from alliances.services import organisations
from tests.cast import Cast


def test_codes_are_the_parents_code_and_the_order(db: None) -> None:
    root = organisations.add("示范县", "county", None, actor=None)
    streets = [organisations.add(f"{n}街道", "street", root, actor=None) for n in "甲乙丙"]
    community = organisations.add("同心社区", "community", streets[2], actor=None)
    assert [o.code for o in (root, *streets, community)] == ["01", "01-01", "01-02", "01-03", "01-03-01"]
    assert community.path == "01/03/01/"
    assert community.paths_above == ["01/", "01/03/", "01/03/01/"]
    assert organisations.add("第二个县", "county", None, actor=None).code == "02"


def test_name_twice_under_one_parent_is_refused_and_leaves_nothing(cast: Cast) -> None:
    count, log = Organisation.objects.count(), LogEntry.objects.count()
    with pytest.raises(OfficeError, match="已经存在"):
        organisations.add("同心社区", "community", cast.street_place, actor=None)
    assert (Organisation.objects.count(), LogEntry.objects.count()) == (count, log)
    organisations.add("同心社区", "community", cast.other_street_place, actor=None)


def test_under_is_the_subtree_and_never_a_name_alike(cast: Cast) -> None:
    names = set(Organisation.objects.under(cast.street_place).values_list("name", flat=True))
    assert names == {"城关街道", "同心社区", "清风小区服务站"}


def test_the_hundredth_child_is_not_under_the_tenth(db: None) -> None:
    """Codes grow past two digits; the closing slash keeps 01/10/ and 01/100/ apart."""
    root = organisations.add("示范县", "county", None, actor=None)
    children = [organisations.add(f"街道{n}", "street", root, actor=None) for n in range(1, 101)]
    tenth, hundredth = children[9], children[99]
    assert (tenth.path, hundredth.path) == ("01/10/", "01/100/")
    assert not hundredth.is_under(tenth)
    assert list(Organisation.objects.under(tenth)) == [tenth]


def test_settings_come_from_the_nearest_above(cast: Cast) -> None:
    assert settings_for(cast.community).acknowledge_within == 2
    organisations.change_settings(
        cast.county_place, {"acknowledge_within": 3, "activity_by_day": 20}, actor=cast.county
    )
    organisations.change_settings(cast.community, {"acknowledge_within": 1}, actor=cast.secretary)
    here, away = settings_for(cast.community), settings_for(cast.foreign_community)
    assert (here.acknowledge_within, here.activity_by_day) == (1, 20)
    assert (away.acknowledge_within, away.activity_by_day) == (3, 20)
    organisations.change_settings(cast.community, {"acknowledge_within": None}, actor=cast.secretary)
    assert settings_for(cast.community).acknowledge_within == 3


def test_unknown_settings_are_ignored(cast: Cast) -> None:
    Organisation.objects.filter(pk=cast.community.pk).update(settings={"nonsense": 1, "collective_max": 4})
    assert settings_for(cast.community).collective_max == 4


def test_visible_organisations_per_role(cast: Cast) -> None:
    def sees(part: str) -> int:
        return Organisation.objects.visible_to(cast.users[part]).count()

    assert {part: sees(part) for part in cast.users} == {
        "secretary": 2,
        "staff": 2,
        "president": 2,
        "station": 2,
        "liaison": 2,
        "second_liaison": 2,
        "third_liaison": 2,
        "other_liaison": 2,
        "both_liaison": 4,
        "leader": 2,
        "street": 3,
        "other_street": 3,
        "county": 7,
        "administrator": 7,
        "auditor": 0,
        "foreign_secretary": 2,
        "foreign_liaison": 2,
    }
