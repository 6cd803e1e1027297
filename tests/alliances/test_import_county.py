"""The county's four files end with exactly the counts of its books; importing them again changes nothing."""

from collections import Counter

import pytest

from alliances.enums import DutyMode, Level, Role, Sector
from alliances.models import Alliance, Appointment, LogEntry, Member, Organisation, Person, Unit
from rotation.models import Duty, DutyChair, Plan, PlanVersion, Wish
from tests.import_runs import COUNTY, FILES, everything, import_county, import_sheet

COMMUNITIES = {
    # name: (street, stations, members, wishes)
    "同心社区": ("城关街道", 7, 10, 10),
    "北关社区": ("城关街道", 6, 9, 8),
    "文苑社区": ("城关街道", 6, 9, 8),
    "燕兴社区": ("燕南街道", 6, 9, 9),
    "南湖社区": ("燕南街道", 7, 9, 9),
    "迎宾社区": ("燕南街道", 6, 9, 8),
    "和顺社区": ("经河街道", 5, 9, 9),
    "新城社区": ("经河街道", 6, 10, 9),
}
NO_WISH = {
    "同心社区": [],
    "北关社区": [2, 9],
    "文苑社区": [2, 9, 10, 12],
    "燕兴社区": [1, 11],
    "南湖社区": [1],
    "迎宾社区": [6, 11],
    "和顺社区": [],
    "新城社区": [2, 4, 9],
}
CONTESTED = """同心3 2 同心4 2 同心10 2 北关5 2 北关10 2 文苑5 2 文苑6 3 文苑7 2 燕兴2 2 燕兴3 3 燕兴5 2 燕兴8 2
燕兴9 2 南湖5 2 迎宾3 3 和顺5 2 和顺9 2 和顺11 2 新城3 2 新城12 2"""


@pytest.fixture
def county(db, frozen, tmp_path):
    frozen.to("2026-03-31T09:00")
    return import_county(tmp_path)


def test_all_rows_are_added_and_none_refused(county):
    assert {kind: run.counts for kind, run in county.items()} == {
        "organisations": (61, 0, 0, 0),
        "members": (74, 0, 0, 0),
        "plan": (96, 0, 0, 0),
        "wishes": (70, 0, 0, 0),
    }
    assert {run.code for run in county.values()} == {0}
    assert not any(run.report["questions"] for run in county.values())


def test_organisations_have_levels_codes_alliances_and_people_in_charge(county):
    assert Counter(Organisation.objects.values_list("level", flat=True)) == {
        Level.COUNTY: 1,
        Level.STREET: 3,
        Level.COMMUNITY: 8,
        Level.STATION: 49,
    }
    for name, (street, stations, members, _) in COMMUNITIES.items():
        community = Organisation.objects.select_related("parent").get(name=name)
        assert community.parent.name == street
        assert community.children.filter(level=Level.STATION).count() == stations
        assert community.alliance.code == community.code
        assert community.alliance.members.count() == members
    assert Organisation.objects.get(name="同心社区").code == "01-01-01"
    assert Organisation.objects.get(name="新城社区").code == "01-03-02"
    root = Organisation.objects.get(parent=None)
    assert (root.code, root.path, root.alliance.code) == ("01", "01/", "01")
    assert Alliance.objects.count() == 9
    held = Counter(
        Appointment.objects.filter(organisation__isnull=False).values_list("role", "organisation__level")
    )
    assert held == {
        (Role.OFFICE, Level.COUNTY): 1,
        (Role.OFFICE, Level.STREET): 3,
        (Role.SECRETARY, Level.COMMUNITY): 8,
        (Role.STATION, Level.STATION): 49,
    }
    secretary = Appointment.objects.get(organisation__name="同心社区").person
    assert (secretary.name, secretary.phone) == ("程莉", "13900009461")


def test_units_are_counted_once_and_members_by_community(county):
    assert Counter(Unit.objects.values_list("sector", flat=True)) == {
        Sector.GOVERNMENT: 24,
        Sector.INSTITUTION: 6,
        Sector.SCHOOL: 3,
        Sector.STATE_ENTERPRISE: 2,
        Sector.MEDICAL: 3,
        Sector.SOCIAL_ORGANISATION: 32,
    }
    assert sum(Unit.objects.values_list("party_members", flat=True)) == 2461
    assert sum(Member.objects.values_list("unit__party_members", flat=True)) == 2906
    assert Counter(Member.objects.values_list("duty_mode", flat=True)) == {
        DutyMode.SOLO: 42,
        DutyMode.COLLECTIVE: 32,
    }
    branches = Counter(Unit.objects.values_list("party_branch", flat=True))
    assert [name for name, n in branches.items() if n > 1] == [
        "中共县文艺类社会组织联合支部委员会",
        "中共县体育类社会组织联合支部委员会",
    ]
    assert sorted(Member.objects.values_list("source_no", flat=True)) == list(range(1, 75))
    assert not Unit.objects.exclude(aliases=[]).exists()


def test_liaisons_belong_to_the_membership(county):
    rows = Appointment.objects.filter(role=Role.LIAISON, ends_on=None).values_list(
        "member__unit__name", "member__alliance__organisation__name", "person__name", "person__phone"
    )
    assert len(rows) == 74
    by_unit: dict[str, dict[str, tuple[str, str]]] = {}
    for unit, community, name, phone in rows:
        by_unit.setdefault(unit, {})[community] = (name, phone)
    double = {unit: set(places) for unit, places in by_unit.items() if len(places) > 1}
    assert double == {
        "县民政局": {"同心社区", "北关社区"},
        "县公安局": {"同心社区", "迎宾社区"},
        "县市场监督管理局": {"燕兴社区", "新城社区"},
        "县城市管理综合行政执法局": {"燕兴社区", "和顺社区"},
    }
    differing = {unit for unit in double if len(set(by_unit[unit].values())) > 1}
    assert differing == {"县公安局", "县城市管理综合行政执法局"}
    assert Appointment.objects.filter(role=Role.LEADER, ends_on=None).count() == 74
    assert all(phone for *_, phone in rows)


def test_the_past_year_is_closed_and_counts_as_it_should(county):
    assert Plan.objects.filter(year=2025, state="closed").count() == 8
    assert Duty.objects.count() == 96
    assert DutyChair.objects.count() == 131
    modes = Counter(Duty.objects.values_list("mode", "alliance__organisation__name"))
    assert modes == {(mode, name): n for name in COMMUNITIES for mode, n in (("solo", 8), ("collective", 4))}
    chaired = Counter(DutyChair.objects.values_list("member", flat=True))
    assert len(chaired) == 74
    assert max(chaired.values()) == 3
    mixed = Duty.objects.filter(mode=DutyMode.COLLECTIVE, chairs__member__duty_mode=DutyMode.SOLO).distinct()
    assert mixed.count() == 3
    assert PlanVersion.objects.filter(origin="import").count() == 8
    february = Duty.objects.get(alliance__organisation__name="同心社区", month=2)
    assert [chair.member.unit.name for chair in february.chairs.all()] == [
        "县书法家协会",
        "县家政服务行业协会",
    ]
    assert february.theme == "新春送福字、家政便民服务进小区"


def test_wishes_are_counted_as_the_books_do(county):
    wishes = list(Wish.objects.select_related("member__unit", "alliance__organisation"))
    assert len(wishes) == 70
    assert {wish.year for wish in wishes} == {2026}
    assert sum(len(wish.preferred) for wish in wishes) == 105
    assert sum(not wish.blackout for wish in wishes) == 28
    assert sum(not wish.preferred for wish in wishes) == 2
    for name, (*_, count) in COMMUNITIES.items():
        assert sum(wish.alliance.organisation.name == name for wish in wishes) == count
    silent = set(Member.objects.filter(wishes=None).values_list("unit__name", "alliance__organisation__name"))
    assert silent == {
        ("县戏曲爱好者协会", "北关社区"),
        ("县围棋协会", "文苑社区"),
        ("县道路运输协会", "迎宾社区"),
        ("县市场监督管理局", "新城社区"),
    }
    wanted = Counter((w.alliance.organisation.name, month) for w in wishes for month in w.preferred)
    contested = {(f"{name[:2]}社区", int(name[2:])): int(n) for name, n in _pairs(CONTESTED)}
    assert {place: n for place, n in wanted.items() if n > 1} == contested
    assert {name: [m for m in range(1, 13) if not wanted[name, m]] for name in COMMUNITIES} == NO_WISH


def _pairs(text: str) -> list[tuple[str, str]]:
    words = text.split()
    return list(zip(words[::2], words[1::2], strict=True))


def test_importing_again_changes_nothing(county, tmp_path):
    before = everything()
    again = import_county(tmp_path)
    assert {kind: run.counts for kind, run in again.items()} == {
        "organisations": (0, 0, 61, 0),
        "members": (0, 0, 74, 0),
        "plan": (0, 0, 96, 0),
        "wishes": (0, 0, 70, 0),
    }
    assert {run.code for run in again.values()} == {0}
    assert everything() == before


def test_a_dry_run_tells_the_same_and_writes_nothing(county, db, tmp_path):
    before = everything()
    dry = import_sheet("members", FILES["members"], tmp_path, "--dry-run")
    assert dry.counts == (0, 0, 74, 0)
    assert "预演" in dry.words
    assert everything() == before


def test_dry_run_of_an_empty_house_foretells_the_import(db, frozen, tmp_path):
    before = everything()
    foretold = import_sheet("organisations", FILES["organisations"], tmp_path, "--dry-run")
    assert everything() == before
    done = import_sheet("organisations", FILES["organisations"], tmp_path)
    assert {**foretold.report, "committed": True} == done.report


def test_each_import_leaves_one_log_row_with_its_counts(county):
    rows = LogEntry.objects.filter(action="alliances.import.commit").order_by("pk")
    assert [row.data for row in rows] == [
        {"kind": kind, "added": n, "changed": 0, "unchanged": 0, "refused": 0}
        for kind, n in (("organisations", 61), ("members", 74), ("plan", 96), ("wishes", 70))
    ]


def test_no_person_is_doubled_by_phone(county):
    known = Person.objects.exclude(phone="").values_list("name", "phone")
    assert len(known) == len(set(known))


def test_one_alliance_of_the_countys_roster(db, frozen, tmp_path):
    import_county(tmp_path, "organisations")
    before = everything()
    strict = import_sheet("members", FILES["members"], tmp_path, "--alliance", "01-01-01")
    assert strict.code == 1
    assert strict.counts == (10, 0, 0, 64)
    assert everything() == before
    assert strict.report["refused"][0] == {
        "sheet": "成员单位名册",
        "row": 14,
        "column": "所属社区",
        "value": "北关社区",
        "reason": "本次只导入同心社区，这里写的是“北关社区”",
    }
    skipping = import_sheet("members", FILES["members"], tmp_path, "--alliance", "01-01-01", "--skip-refused")
    assert skipping.code == 1
    assert skipping.report["committed"]
    assert Member.objects.count() == 10
    plan = import_sheet("plan", FILES["plan"], tmp_path, "--alliance", "01-01-01", "--skip-refused")
    assert plan.counts == (12, 0, 0, 7)
    assert {r["column"] for r in plan.report["refused"]} == {"工作表"}


def test_the_countys_folder_is_shipped():
    assert sorted(path.name for path in COUNTY.glob("*.xlsx")) == sorted(p.name for p in FILES.values())
