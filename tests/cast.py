"""The cast: a small fictional county and the people who act in it, the same in every test.

    示范县 01 (county, auditor, administrator)
    ├── 城关街道 01-01 (street)
    │   └── 同心社区 01-01-01 (secretary, staff, president) with its alliance, 清风小区服务站 (station)
    └── 河东街道 01-02 (other_street)
        └── 清河社区 01-02-01 (foreign_secretary) with its alliance, 柳岸小区服务站

县图书馆 chairs March 2026 together with 县文体广电局 and 县人民医院; 县交警队 sits in both alliances.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime

from alliances import clock
from alliances.enums import DutyMode, Level, Role
from alliances.models import Alliance, Member, NumberSeries, Organisation, User
from rotation.models import Duty, Plan, Slip
from tests.factories import people
from tests.factories import rotation as tables

# Monday, the first working day of March 2026, half an hour after slips are due.
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=clock.ZONE)
HOSTILE = '<img src=x onerror=alert(1)>"商贸"公司'

SOLO, COLLECTIVE = DutyMode.SOLO, DutyMode.COLLECTIVE
UNITS = {
    "县财政局": SOLO,
    "县交警队": SOLO,
    "县图书馆": COLLECTIVE,
    "县文体广电局": COLLECTIVE,
    "县人民医院": COLLECTIVE,
    "县实验小学": SOLO,
    "县农商银行": SOLO,
    "县住建局": SOLO,
    "县供水公司": SOLO,
    "县供电公司": SOLO,
    "县邮政局": SOLO,
    "县司法局": SOLO,
    "县消防队": SOLO,
    HOSTILE: SOLO,
}
YEAR = {
    1: ["县财政局"],
    2: ["县交警队"],
    3: ["县图书馆", "县文体广电局", "县人民医院"],
    4: ["县实验小学"],
    5: ["县农商银行"],
    6: ["县住建局"],
    7: ["县供水公司"],
    8: ["县供电公司"],
    9: ["县邮政局"],
    10: ["县司法局"],
    11: ["县消防队"],
    12: [HOSTILE],
}


@dataclass
class Cast:
    """Everybody and everything the tests name. Users have an account with ``people.PASSWORD``."""

    county_place: Organisation
    street_place: Organisation
    other_street_place: Organisation
    community: Organisation
    foreign_community: Organisation
    station_place: Organisation
    foreign_station_place: Organisation
    alliance: Alliance
    foreign_alliance: Alliance
    members: dict[str, Member]
    foreign_members: dict[str, Member]
    plan: Plan
    foreign_plan: Plan
    duties: dict[int, Duty]
    foreign_duties: dict[int, Duty]
    # 同心社区
    secretary: User
    staff: User
    president: User
    station: User
    liaison: User  # 县图书馆, lead of March
    second_liaison: User  # 县文体广电局, on duty in March
    third_liaison: User  # 县人民医院, on duty in March
    other_liaison: User  # 县实验小学, on duty in April
    both_liaison: User  # 县交警队, in both alliances
    leader: User  # 县图书馆
    # above
    street: User
    other_street: User
    county: User
    administrator: User
    auditor: User
    # 清河社区
    foreign_secretary: User
    foreign_liaison: User  # 县法院, on duty there in March

    @property
    def outsider(self) -> User:
        """Somebody of another alliance."""
        return self.foreign_liaison

    @property
    def users(self) -> dict[str, User]:
        """Everybody with an account, by part."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, User)}

    def fresh(self, user: User) -> User:
        """The user as the next request would load them: without remembered appointments."""
        return User.objects.select_related("person").get(pk=user.pk)


def build() -> Cast:
    """Write the cast into the database. January's and February's slips are long acknowledged."""
    with clock.at(NOW):
        places = _places()
        alliance = people.alliance(places["community"])
        foreign_alliance = people.alliance(places["foreign_community"])
        members = {m.unit.name: m for m in people.members(alliance, UNITS)}
        foreign = {
            m.unit.name: m for m in people.members(foreign_alliance, {"县法院": SOLO, "县交警队": SOLO})
        }
        plan = tables.plan(
            alliance, 2026, {month: [members[n] for n in names] for month, names in YEAR.items()}
        )
        foreign_plan = tables.plan(
            foreign_alliance, 2026, {m: [foreign["县法院" if m % 2 else "县交警队"]] for m in range(3, 13)}
        )
        _contacts(members, foreign)
        cast = Cast(
            **places,
            alliance=alliance,
            foreign_alliance=foreign_alliance,
            members=members,
            foreign_members=foreign,
            plan=plan,
            foreign_plan=foreign_plan,
            duties={duty.month: duty for duty in plan.duties.select_related("plan__alliance__organisation")},
            foreign_duties={
                d.month: d for d in foreign_plan.duties.select_related("plan__alliance__organisation")
            },
            **_people(places, members, foreign),
        )
        _past(cast)
    return cast


def _places() -> dict[str, Organisation]:
    county = people.place("示范县", Level.COUNTY)
    street = people.place("城关街道", Level.STREET, county)
    other_street = people.place("河东街道", Level.STREET, county)
    community = people.place("同心社区", Level.COMMUNITY, street)
    foreign_community = people.place("清河社区", Level.COMMUNITY, other_street)
    return {
        "county_place": county,
        "street_place": street,
        "other_street_place": other_street,
        "community": community,
        "foreign_community": foreign_community,
        "station_place": people.place("清风小区服务站", Level.STATION, community),
        "foreign_station_place": people.place("柳岸小区服务站", Level.STATION, foreign_community),
    }


def _contacts(members: dict[str, Member], foreign: dict[str, Member]) -> None:
    """Liaisons without an account, as a roster leaves them."""
    for name in ("县财政局", "县农商银行", "县住建局", HOSTILE):
        people.appoint(people.contact(f"{name[:8]}联络员"), Role.LIAISON, members[name])


def _people(
    places: dict[str, Organisation], members: dict[str, Member], foreign: dict[str, Member]
) -> dict[str, User]:
    home, away, county = places["community"], places["foreign_community"], places["county_place"]
    cast = {
        "secretary": people.user("程莉", Role.SECRETARY, home),
        "staff": people.user("周小雨", Role.STAFF, home),
        "president": people.user("高建国", Role.PRESIDENT, home),
        "station": people.user("马秀英", Role.STATION, places["station_place"]),
        "liaison": people.liaison(members["县图书馆"], "杨欣然"),
        "second_liaison": people.liaison(members["县文体广电局"], "何文"),
        "third_liaison": people.liaison(members["县人民医院"], "邓医生"),
        "other_liaison": people.liaison(members["县实验小学"], "陶老师"),
        "both_liaison": people.liaison(members["县交警队"], "孙警官"),
        "leader": people.user("温馆长", Role.LEADER, members["县图书馆"]),
        "street": people.user("城关街道党建办", Role.OFFICE, places["street_place"]),
        "other_street": people.user("河东街道党建办", Role.OFFICE, places["other_street_place"]),
        "county": people.user("县委组织部", Role.OFFICE, county),
        "administrator": people.user("管理员", Role.ADMINISTRATOR, county),
        "auditor": people.user("审计员", Role.AUDITOR, county),
        "foreign_secretary": people.user("吴志强", Role.SECRETARY, away),
        "foreign_liaison": people.liaison(foreign["县法院"], "姚书记员"),
    }
    people.appoint(cast["both_liaison"].person, Role.LIAISON, foreign["县交警队"])
    return cast


def _past(cast: Cast) -> list[Slip]:
    NumberSeries.objects.create(organisation=cast.community, kind="rotation.slip", year=2026, last=2)
    return [
        tables.signed_slip(cast.duties[1], 1, date(2026, 1, 4)),
        tables.signed_slip(cast.duties[2], 2, date(2026, 2, 2)),
    ]
